//===- EmitKernels.cpp - schedule.kernel to functions on flat buffers -----===//
//
// Walks the kernels in program order. A kernel whose region, layouts, tiling
// and packed operand types were seen before launches the function written
// then; weights are operands, so that repeated blocks of a network share their
// code. The framework writes the halo of the results (in the call whose range
// begins at 0), the emitter everything else.
//
//   %r = schedule.kernel "conv" (%x, %f)   ->   %w = rt.get_weights @weights_0
//                                               %r = rt.launch @kernel_0(%x,
//                                               %w)
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Control.h"
#include "dialects/edge/Integer.h"
#include "dialects/rt/Rt.h"
#include "dialects/schedule/Views.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/HalfArithmetic.h"
#include "passes/kernel/KernelEmitter.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/PackConstants.h"
#include "passes/kernel/Passes.h"
#include "passes/kernel/PlannedKernel.h"
#include "passes/kernel/RealRequantize.h"
#include <map>

namespace edgec {
#define GEN_PASS_DEF_EMITKERNELS
#include "passes/kernel/Passes.h.inc"
} // namespace edgec

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {

/// Far more than any machine's registers; bounds the code of one tile.
constexpr int64_t maxTileVectors = 256;

} // namespace

//===-- the function
//--------------------------------------------------------===//

namespace {
/// Writes what the halo of a result consists of.
class HaloWriter {
public:
  HaloWriter(KernelBuilder &k, unsigned result)
      : k(k), memory(k.kernel.getLayout(result)),
        layout(k.resultLayout(result)), buffer(k.resultBuffer(result)) {}

  void write() {
    // What lies behind a pixel's last channel is nobody's.
    if (memory && rank() > 1 &&
        llvm::any_of(llvm::seq(rank() - 1),
                     [&](size_t d) { return width(d) != size(d); }))
      k.ifEqual(k.begin, 0, [&] { fillAround(0, memory.getBase()); });
  }

private:
  size_t rank() const { return layout.shape.size(); }
  int64_t size(size_t d) const { return layout.shape[d]; }
  int64_t before(size_t d) const { return memory.getBefore(d); }
  int64_t behind(size_t d) const { return memory.getBehind(d, size(d)); }
  /// Of the tensor with its halo.
  int64_t width(size_t d) const { return before(d) + size(d) + behind(d); }
  int64_t first(size_t d) const { return memory.getOffsets()[d] - before(d); }

  /// What lies around the tensor in dimensions [d, rank - 1) of the array whose
  /// first element is `base`.
  void fillAround(size_t d, Index base) {
    if (d + 1 == rank())
      return;
    int64_t stride = layout.strides[d];
    Index at = base + first(d) * stride;
    fillBox(d, at, before(d));
    at = at + before(d) * stride;
    k.loop(0, size(d), 1,
           [&](Index i) { fillAround(d + 1, k.add(at, k.mul(i, stride))); });
    fillBox(d, at + size(d) * stride, behind(d));
  }

  /// `count` times the tensor and its halo in dimensions (d, rank).
  void fillBox(size_t d, Index at, int64_t count) {
    if (count == 0)
      return;
    int64_t stride = layout.strides[d];
    bool isWhole = llvm::all_of(llvm::seq(d + 1, rank()), [&](size_t inner) {
      return width(inner) == memory.getShape()[inner];
    });
    if (isWhole)
      return k.fill(buffer, at, count * stride, memory.getFill());
    k.loop(0, count, 1, [&](Index i) {
      Index inner = k.add(at, k.mul(i, stride));
      fillBox(d + 1, inner + first(d + 1) * layout.strides[d + 1],
              width(d + 1));
    });
  }

  KernelBuilder &k;
  schedule::MemoryAttr memory;
  Layout layout;
  Value buffer;
};
} // namespace

static void writeHalos(KernelBuilder &k) {
  for (unsigned result = 0; result < k.kernel.getNumResults(); ++result)
    HaloWriter(k, result).write();
}

static FailureOr<func::FuncOp> emitFunction(const PlannedKernel &planned,
                                            schedule::MachineAttr machine,
                                            ModuleOp module, StringRef name) {
  schedule::KernelOp kernel = planned.kernel();
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  SmallVector<Type> types;
  auto addBuffer = [&](int64_t elements, Type tensor) {
    types.push_back(MemRefType::get({elements}, storedType(elementOf(tensor))));
  };
  SmallVector<PlannedOperand> operands = planned.operands();
  for (auto [of, number, packing] : operands) {
    if (*packing)
      addBuffer((*packing)->type.getNumElements(), (*packing)->type);
    else
      addBuffer(getOperandLayout(of, number).allocated,
                of.getInputs()[number].getType());
  }
  for (OpResult result : kernel->getResults())
    addBuffer(getResultLayout(kernel, result.getResultNumber()).allocated,
              result.getType());
  for (RankedTensorType scratch : planned.scratch())
    addBuffer(scratch.getNumElements(), scratch);
  size_t buffers = types.size();
  types.append(2, builder.getIndexType());
  auto function =
      func::FuncOp::create(builder, kernel.getLoc(), name,
                           builder.getFunctionType(types, TypeRange()));
  function.setPrivate();
  // A result that may share an operand's buffer is not free of aliases.
  SmallVector<int64_t> shared = planned.inPlaceOperands();
  if (!shared.empty())
    shared.push_back(operands.size());
  for (size_t i = 0; i < buffers; ++i) {
    if (!llvm::is_contained(shared, i))
      function.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(),
                          builder.getUnitAttr());
  }
  function.addEntryBlock();

  auto arguments = function.getArguments();
  KernelBuffers of;
  of.operands.assign(arguments.begin(), arguments.begin() + operands.size());
  auto results = arguments.drop_front(operands.size());
  of.results.assign(results.begin(), results.begin() + kernel.getNumResults());
  auto scratch = arguments.take_front(buffers).drop_front(of.operands.size() +
                                                          of.results.size());
  if (!planned.isChain() && !scratch.empty())
    of.scratch = scratch.front();
  of.begin = arguments[buffers];
  of.end = arguments[buffers + 1];

  KernelBuilder k(kernel, planned.tiling(), machine, function, of);
  writeHalos(k);
  if (failed(planned.isChain()
                 ? emitRowChain(planned.chain, machine, function, of, scratch)
                 : planned.emitter()->emit(k)))
    return failure();
  k.b.setInsertionPointToEnd(&function.getBody().front());
  func::ReturnOp::create(k.b, kernel.getLoc());
  return function;
}

//===-- the launch
//----------------------------------------------------------===//

/// Of a kernel's anchor, or where it has none of what it begins with.
static bool computesInIntegers(schedule::KernelOp kernel) {
  Operation *anchor = kernel.getAnchor();
  Operation &op = anchor ? *anchor : kernel.getBody().front().front();
  return op.getNumResults() &&
         getElementTypeOrSelf(op.getResult(0).getType()).isInteger();
}

static int64_t sizeBytes(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  Type element = tensor.getElementType();
  int64_t bits = element.isIntOrFloat() ? element.getIntOrFloatBitWidth() : 8;
  return tensor.getNumElements() * llvm::divideCeil(bits, 8);
}

static FailureOr<rt::LaunchOp> emitLaunch(const PlannedKernel &planned,
                                          func::FuncOp function,
                                          PackConstants &constants) {
  schedule::KernelOp kernel = planned.kernel();
  OpBuilder builder(kernel);
  SmallVector<Value> operands;
  int64_t bytes = 0;
  for (auto [of, number, packing] : planned.operands()) {
    Value operand = of.getInputs()[number];
    bytes += sizeBytes(operand.getType());
    ElementsAttr constant = getConstantOperand(of, number);
    if (!constant) {
      operands.push_back(operand);
      continue;
    }
    FailureOr<rt::WeightsOp> weights =
        constants.get(operand.getLoc(), constant, *packing);
    if (failed(weights))
      return failure();
    operands.push_back(rt::GetWeightsOp::create(
        builder, operand.getLoc(), weights->getValue().getType(),
        FlatSymbolRefAttr::get(weights->getSymNameAttr())));
  }
  SmallVector<Attribute> layouts;
  for (unsigned result = 0; result < kernel.getNumResults(); ++result) {
    bytes += sizeBytes(kernel.getResult(result).getType());
    schedule::MemoryAttr memory = kernel.getLayout(result);
    layouts.push_back(memory ? memory
                             : schedule::denseMemory(kernel.getResult(result)));
  }
  SmallVector<Type> types(kernel.getResultTypes());
  // Scratch is a result that nobody reads: it dies where it is born.
  for (RankedTensorType scratch : planned.scratch()) {
    types.push_back(scratch);
    layouts.push_back(schedule::MemoryAttr::get(
        kernel.getContext(), scratch.getShape(), ArrayRef<int64_t>{0},
        /*fill=*/0));
  }
  return rt::LaunchOp::create(
      builder, kernel.getLoc(), types,
      FlatSymbolRefAttr::get(function.getSymNameAttr()), operands,
      builder.getI64IntegerAttr(planned.extent()),
      builder.getStringAttr(planned.name()),
      builder.getStringAttr(planned.layers()),
      builder.getI64IntegerAttr(planned.flops()),
      builder.getI64IntegerAttr(bytes), builder.getArrayAttr(layouts),
      builder.getDenseI64ArrayAttr(planned.inPlaceOperands()),
      builder.getI64IntegerAttr(planned.cycles()),
      builder.getDenseI64ArrayAttr({}),
      computesInIntegers(kernel) ? builder.getUnitAttr() : UnitAttr(),
      planned.splitsColumns() ? builder.getUnitAttr() : UnitAttr());
}

//===-- the pass
//------------------------------------------------------------===//

/// How large a tensor is that is handed over row by row. What the second-level
/// cache holds gains nothing by it where the third one is nearly as fast; where
/// it is several times slower, a tensor that fits alone has left it all the
/// same beside those that it is computed from and into.
static int64_t leastChainBytes(schedule::MachineAttr machine) {
  int64_t l2 = machine.getL2BytesPerCycle(), l3 = machine.getL3BytesPerCycle();
  bool isFarSlow = l3 > 0 && l2 > 3 * l3;
  return isFarSlow ? machine.getL2Bytes() / 4 : machine.getL2Bytes() * 3 / 2;
}

namespace {

struct EmitKernels : public edgec::impl::EmitKernelsBase<EmitKernels> {
  using EmitKernelsBase::EmitKernelsBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    schedule::MachineAttr machine = schedule::getMachine(module);
    if (!machine) {
      module.emitError("the module has no 'schedule.machine'; choose one "
                       "before the kernels are written");
      return signalPassFailure();
    }
    std::vector<PlannedKernel> kernels;
    if (failed(plan(module, machine, kernels)))
      return signalPassFailure();
    int64_t least = chainBytes < 0 ? leastChainBytes(machine) : chainBytes;
    if (chainBytes >= 0 || machine.getL2Bytes() > 0)
      numChains +=
          joinChains(kernels, machine, least, leastPanelBytes(machine));

    PackConstants constants(module);
    std::map<StructuralKey, func::FuncOp> functions;
    SmallVector<rt::LaunchOp> launches;
    for (const PlannedKernel &planned : kernels) {
      func::FuncOp &function = functions[planned.key()];
      if (function) {
        ++numShared;
      } else {
        FailureOr<func::FuncOp> emitted =
            emitFunction(planned, machine, module,
                         "kernel_" + std::to_string(functions.size() - 1));
        if (failed(emitted))
          return signalPassFailure();
        function = *emitted;
        ++numKernels;
      }
      FailureOr<rt::LaunchOp> launch = emitLaunch(planned, function, constants);
      if (failed(launch))
        return signalPassFailure();
      launches.push_back(*launch);
    }
    // Layouts are read off the producing kernels, so these go last.
    for (auto [planned, launch] : llvm::zip_equal(kernels, launches))
      planned.kernel()->replaceAllUsesWith(
          launch->getResults().take_front(planned.kernel().getNumResults()));
    for (const PlannedKernel &planned : llvm::reverse(kernels)) {
      eraseSlices(planned.chain);
      for (const RowStage &stage : llvm::reverse(planned.chain.stages))
        schedule::KernelOp(stage.original)->erase();
    }
    if (failed(placeControlOperands(module, constants)))
      return signalPassFailure();
    eraseUnusedConstants(module);
  }

private:
  /// How large a tensor is that is handed over a panel of channels at a time:
  /// what the first-level cache does not hold. Where all tensors are handed
  /// over, for the sake of memory, rows of all channels save more.
  int64_t leastPanelBytes(schedule::MachineAttr machine) const {
    if (panelBytes >= 0)
      return panelBytes;
    return chainBytes >= 0 ? std::numeric_limits<int64_t>::max()
                           : machine.getL1Bytes();
  }

  /// Finds the emitter of every kernel and reports all that have none.
  static LogicalResult plan(ModuleOp module, schedule::MachineAttr machine,
                            std::vector<PlannedKernel> &kernels) {
    bool complete = true;
    module.walk([&](schedule::KernelOp kernel) {
      const KernelEmitter *emitter = findKernelEmitter(kernel);
      if (!emitter) {
        complete = false;
        reportUnsupported(kernel);
        return;
      }
      if (!kernel.getTilingAttr())
        kernel.setTilingAttr(emitter->schedule(kernel, machine));
      schedule::TilingAttr tiling = kernel.getTilingAttr();
      if (tiling.getWinograd() && emitter != &winogradEmitter()) {
        complete = false;
        kernel.emitError("the kernel's tiling asks for Winograd's method with "
                         "tiles of ")
            << tiling.getWinograd()
            << ", which are 2 or 4 and suit only 3x3 convolutions of at least "
               "as many rows and columns, with constant filters of f32, or of "
               "bytes whose sums fit on machines without products of four, and "
               "without strides, dilations or groups; leave it out to have "
               "one chosen";
        return;
      }
      if (tiling.getStrassen() && emitter != &strassenEmitter()) {
        complete = false;
        kernel.emitError("the kernel's tiling asks for ")
            << tiling.getStrassen()
            << " levels of Strassen's method, which has one and suits only "
               "products of f32 by constant matrices of an even depth, without "
               "groups; leave it out to have one chosen";
        return;
      }
      int64_t most =
          std::max(machine.getFloatLanes(), vectorLanes(kernel, machine));
      if (!isUsable(tiling, most)) {
        complete = false;
        kernel.emitError("the kernel's tiling does not suit the machine: sizes "
                         "must be positive, lanes at most ")
            << most << " and a tile at most " << maxTileVectors
            << " vectors; leave it out to have one chosen";
        return;
      }
      useRealFactors(kernel, machine);
      kernels.emplace_back(kernel, emitter);
    });
    return success(complete);
  }

  /// A tiling may be written by hand.
  static bool isUsable(schedule::TilingAttr tiling, int64_t mostLanes) {
    auto inRange = [](int64_t size, int64_t most) {
      return size >= 1 && size <= most;
    };
    // Rows of a block, of which one is a register tile.
    bool countsBlocks = tiling.getWinograd() || tiling.getStrassen();
    return inRange(tiling.getLanes(), mostLanes) &&
           inRange(tiling.getRows(), countsBlocks ? 1 << 20 : maxTileVectors) &&
           inRange(tiling.getColumns(), maxTileVectors) &&
           inRange(tiling.getVectors(), maxTileVectors) &&
           inRange(tiling.getUnroll(), maxTileVectors) &&
           inRange((countsBlocks ? 1 : tiling.getRows()) * tiling.getColumns() *
                       tiling.getVectors(),
                   maxTileVectors) &&
           tiling.getPrefetch() >= 0;
  }

  static void reportUnsupported(schedule::KernelOp kernel) {
    Operation *anchor = kernel.getAnchor();
    for (Operation &op : kernel.getBody().front().without_terminator())
      if (!anchor && !isa<edge::ConstantOp>(op))
        anchor = &op;
    Operation *blamed = anchor ? anchor : kernel.getOperation();
    auto isEmittable = [](Type type) {
      return isEmittableElement(elementOf(type));
    };
    if (edge::getConvolution(blamed) &&
        llvm::all_of(blamed->getOperandTypes(), isEmittable) &&
        !hasConvolutionHalo(kernel)) {
      blamed->emitError("the input's buffer lacks the zeros that the pads ask "
                        "for; run edge-assign-layouts before");
      return;
    }
    InFlightDiagnostic error = blamed->emitError();
    error << "no kernel computes '" << blamed->getName() << "' on";
    for (Type type : blamed->getOperandTypes())
      error << " " << type;
    error << "; see docs/types.md";
  }

  /// Branches and loops read constants as they are.
  static LogicalResult placeControlOperands(ModuleOp module,
                                            PackConstants &constants) {
    WalkResult result = module.walk([&](Operation *op) {
      if (!edge::isControl(op))
        return WalkResult::advance();
      OpBuilder builder(op);
      for (OpOperand &operand : op->getOpOperands()) {
        auto constant = operand.get().getDefiningOp<edge::ConstantOp>();
        if (!constant)
          continue;
        auto weights =
            constants.get(constant.getLoc(), constant.getValue(), std::nullopt);
        if (failed(weights))
          return WalkResult::interrupt();
        // Of the operand's own type: truth values are stored as bytes.
        operand.set(rt::GetWeightsOp::create(
            builder, constant.getLoc(), operand.get().getType(),
            FlatSymbolRefAttr::get(weights->getSymNameAttr())));
      }
      return WalkResult::advance();
    });
    return failure(result.wasInterrupted());
  }

  static void eraseUnusedConstants(ModuleOp module) {
    module.walk([](edge::ConstantOp constant) {
      if (constant->use_empty())
        constant->erase();
    });
  }
};

} // namespace

//===- PlanMemory.cpp - launches to calls on static addresses -------------===//
//
// Applies a memory plan: func.func of rt.launch -> rt.program of rt.call. See
// Passes.td for an example.
//
//===----------------------------------------------------------------------===//
#include "passes/memory/MemoryPlan.h"
#include "passes/memory/Passes.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/MapVector.h"

namespace edgec {
#define GEN_PASS_DEF_PLANMEMORY
#include "passes/memory/Passes.h.inc"
} // namespace edgec

using namespace edgec;
using namespace mlir;

/// Bytes of a constant as it lies in the artifact.
static int64_t constantBytes(ElementsAttr value) {
  return llvm::divideCeil(value.getNumElements() *
                              value.getElementType().getIntOrFloatBitWidth(),
                          8);
}

namespace {

struct PlanMemory : edgec::impl::PlanMemoryBase<PlanMemory> {
  void runOnOperation() override {
    for (auto function :
         llvm::to_vector(getOperation().getOps<func::FuncOp>())) {
      if (function.isPublic() && !function.isExternal())
        if (failed(makeProgram(function)))
          return signalPassFailure();
    }
  }

private:
  LogicalResult makeProgram(func::FuncOp function) {
    FailureOr<MemoryPlan> plan = planMemory(function);
    if (failed(plan))
      return failure();
    auto weights = layOutWeights(*plan);
    if (failed(weights))
      return failure();
    for (const Buffer &buffer : plan->buffers)
      numInPlace += buffer.values.size() - 1;
    arenaBytes += plan->arenaBytes;
    weightsBytes += *weights;

    OpBuilder b(function);
    auto program = rt::ProgramOp::create(
        b, function.getLoc(), function.getSymNameAttr(),
        b.getI64IntegerAttr(plan->arenaBytes), b.getI64IntegerAttr(*weights),
        names(function, function.getArgumentTypes(), "input",
              [&](unsigned i) {
                return function.getArgAttrOfType<StringAttr>(i, "edge.name");
              }),
        types(b, function.getArgumentTypes()),
        names(function, function.getResultTypes(), "output",
              [&](unsigned i) {
                return function.getResultAttrOfType<StringAttr>(i, "edge.name");
              }),
        types(b, function.getResultTypes()),
        b.getDenseI64ArrayAttr(outputSizes(function)));
    b.createBlock(&program.getBody());
    for (rt::LaunchOp launch : plan->order)
      makeCall(b, launch, *plan);
    function.erase();
    return success();
  }

  /// The model's names, or input_0, input_1, ... where it has none.
  ArrayAttr names(func::FuncOp function, TypeRange types, StringRef otherwise,
                  llvm::function_ref<StringAttr(unsigned)> nameOf) {
    Builder b(function.getContext());
    SmallVector<Attribute> result;
    for (unsigned i = 0; i < types.size(); ++i) {
      StringAttr name = nameOf(i);
      result.push_back(name ? name
                            : b.getStringAttr(otherwise + "_" + Twine(i)));
    }
    return b.getArrayAttr(result);
  }

  /// Per result the one with its actual size and the dimension; nothing if
  /// every result is as large as its type says.
  static SmallVector<int64_t> outputSizes(func::FuncOp function) {
    SmallVector<int64_t> sizes;
    bool any = false;
    for (unsigned i = 0; i < function.getNumResults(); ++i) {
      for (StringRef name : {"edge.size_result", "edge.size_dimension"}) {
        auto number = function.getResultAttrOfType<IntegerAttr>(i, name);
        sizes.push_back(number ? number.getInt() : -1);
        any |= bool(number);
      }
    }
    if (!any)
      sizes.clear();
    return sizes;
  }

  ArrayAttr types(Builder &b, TypeRange types) {
    return b.getTypeArrayAttr(llvm::to_vector(types));
  }

  void makeCall(OpBuilder &b, rt::LaunchOp launch, const MemoryPlan &plan) {
    SmallVector<Attribute> addresses;
    for (Value operand : launch.getInputs())
      addresses.push_back(addressOf(operand, plan));
    for (Value result : launch->getResults())
      addresses.push_back(addressOf(result, plan));
    rt::CallOp::create(b, launch.getLoc(), launch.getKernelAttr(),
                       b.getArrayAttr(addresses), launch.getExtentAttr(),
                       launch.getKernelNameAttr(), launch.getLayersAttr(),
                       launch.getFlopsAttr(), launch.getBytesAttr(),
                       launch.getCyclesAttr());
  }

  rt::AddressAttr addressOf(Value value, const MemoryPlan &plan) {
    auto address = [&](rt::Space space, int64_t at) {
      return rt::AddressAttr::get(&getContext(), space, at);
    };
    value = viewedValue(value);
    if (auto argument = dyn_cast<BlockArgument>(value))
      return address(rt::Space::input, argument.getArgNumber());
    if (auto constant = value.getDefiningOp<rt::GetWeightsOp>())
      return address(rt::Space::weights,
                     weightsOffsets.lookup(constant.getWeights()));
    const Buffer &buffer = plan.buffers[plan.bufferOf.lookup(value)];
    if (buffer.output >= 0)
      return address(rt::Space::output, buffer.output);
    return address(rt::Space::arena, buffer.offset);
  }

  llvm::StringMap<int64_t> weightsOffsets;

  /// Gives the constants offsets in the order in which the calls first read
  /// them, so that they stream from memory; drops those that none reads.
  FailureOr<int64_t> layOutWeights(const MemoryPlan &plan) {
    SymbolTable symbols(getOperation());
    llvm::DenseMap<Attribute, int64_t> offsetOf;
    SmallVector<rt::WeightsOp> used;
    int64_t end = 0;
    for (rt::LaunchOp launch : plan.order) {
      for (Value operand : launch.getInputs()) {
        auto get = viewedValue(operand).getDefiningOp<rt::GetWeightsOp>();
        if (!get || weightsOffsets.count(get.getWeights()))
          continue;
        auto weights = symbols.lookup<rt::WeightsOp>(get.getWeights());
        if (!weights) {
          get.emitOpError("refers to no rt.weights: ") << get.getWeights();
          return failure();
        }
        int64_t size = constantBytes(weights.getValue());
        auto [entry, isNew] = offsetOf.try_emplace(weights.getValue(), end);
        weightsOffsets[get.getWeights()] = entry->second;
        if (!isNew)
          continue;
        weights.setOffset(end);
        used.push_back(weights);
        end = alignBuffer(end + size);
      }
    }
    DenseSet<Operation *> keep(used.begin(), used.end());
    for (auto weights : llvm::to_vector(getOperation().getOps<rt::WeightsOp>()))
      if (!keep.contains(weights))
        weights.erase();
    for (rt::WeightsOp weights : used)
      weights->moveBefore(getOperation().getBody(),
                          getOperation().getBody()->end());
    return end;
  }
};

} // namespace

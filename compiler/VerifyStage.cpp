//===- VerifyStage.cpp - the contracts between the stages -----------------===//
//
// The labels are those of the table in Passes.td. A broken contract is a fault
// of the compiler, so the messages are for people who work on it.
//
//===----------------------------------------------------------------------===//
#include "compiler/Passes.h"
#include "compiler/Pipeline.h"

#include "dialects/edge/Alternative.h"
#include "dialects/edge/Control.h"
#include "dialects/place/Place.h"
#include "dialects/rt/Jobs.h"
#include "dialects/schedule/Schedule.h"
#include "dialects/schedule/Views.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Verifier.h"

namespace edgec {
#define GEN_PASS_DEF_VERIFYSTAGE
#include "compiler/Passes.h.inc"
} // namespace edgec

using namespace edgec;
using namespace mlir;

namespace {
struct VerifyStage : edgec::impl::VerifyStageBase<VerifyStage> {
  using VerifyStageBase::VerifyStageBase;

  void runOnOperation() override {
    std::optional<Stage> parsed = parseStage(stage);
    if (!parsed) {
      getOperation().emitError("edge-verify-stage: there is no stage '")
          << stage << "'";
      return signalPassFailure();
    }
    // Whatever the contract is, operations keep their own.
    isBroken = failed(mlir::verify(getOperation()));
    if (!isBroken)
      check(*parsed);
    if (isBroken)
      return signalPassFailure();
    markAllAnalysesPreserved();
  }

private:
  bool isBroken = false;

  InFlightDiagnostic broken(Operation *op, const char *label) {
    isBroken = true;
    return op->emitError("after stage ") << stage << ": " << label << ": ";
  }

  void check(Stage stage) {
    switch (stage) {
    case Stage::Import:
      checkModel([](Operation &op) { return isEdge(op); }, "I2",
                 "an operator of the edge dialect");
      return;
    case Stage::Graph:
      checkModel([](Operation &op) { return isEdge(op); }, "I2",
                 "an operator of the edge dialect");
      getOperation().walk([&](edge::BatchNormOp op) {
        broken(op, "G1") << "batch_norm is still there";
      });
      return;
    case Stage::Quantize:
      checkModel([](Operation &op) { return isEdge(op); }, "I2",
                 "an operator of the edge dialect");
      getOperation().walk([&](Operation *op) {
        if (isa<edge::QuantizeOp, edge::DequantizeOp>(op))
          broken(op, "Q1") << "'" << op->getName() << "' is still there";
      });
      return;
    case Stage::Fuse:
      checkKernelled();
      return;
    case Stage::Place:
      checkKernelled(isRegion, "a kernel, a region, a branch, a loop, a "
                               "constant or a reshape");
      return;
    case Stage::Offload:
      checkKernelled(isJob, "a kernel, a job, a branch, a loop, a constant or "
                            "a reshape");
      return;
    case Stage::Schedule:
      checkKernelled(
          [](Operation &op) { return isJob(op) || schedule::isView(&op); },
          "a kernel, a job, a branch, a loop, a constant or a view");
      if (!schedule::getMachine(getOperation()))
        broken(getOperation(), "S1") << "the module has no schedule.machine";
      getOperation().walk([&](schedule::KernelOp kernel) {
        if (!kernel.getLayouts())
          broken(kernel, "S2") << "the kernel has no layouts";
      });
      checkViews();
      return;
    case Stage::Kernel:
      checkModel(
          [](Operation &op) {
            return isa<rt::LaunchOp>(op) || schedule::isView(&op) ||
                   isJob(op) || edge::isControl(&op) || isEmptyConstant(op);
          },
          "K1", "a launch, a job, a branch, a loop, a constant or a view");
      checkLaunches();
      return;
    case Stage::Memory:
      checkPrograms();
      return;
    case Stage::Code:
      for (Operation &op : *getOperation().getBody()) {
        if (!isa<LLVM::LLVMDialect>(op.getDialect()) && !isa<rt::WeightsOp>(op))
          broken(&op, "C1")
              << "'" << op.getName() << "' is not of the LLVM dialect";
      }
      return;
    }
  }

  /// An output without elements is nobody's work.
  static bool isEmptyConstant(Operation &op) {
    return isa<edge::ConstantOp>(op) &&
           cast<ShapedType>(op.getResult(0).getType()).getNumElements() == 0;
  }

  static bool isEdge(Operation &op) {
    return isa_and_nonnull<edge::EdgeDialect>(op.getDialect());
  }

  static bool isRegion(Operation &op) { return isa<place::RegionOp>(op); }
  static bool isJob(Operation &op) {
    return isa<rt::SubmitOp, rt::WaitOp, rt::GetWeightsOp>(op);
  }

  /// F1, with what else may stand there.
  void checkKernelled(
      llvm::function_ref<bool(Operation &)> isMore =
          [](Operation &) { return false; },
      const char *allowed = "a kernel, a branch, a loop, a constant or a "
                            "reshape") {
    checkModel(
        [&](Operation &op) {
          return isa<schedule::KernelOp, edge::ConstantOp, edge::ReshapeOp>(
                     op) ||
                 edge::isControl(&op) || isMore(op);
        },
        "F1", allowed);
  }

  /// S3: what a view shows lies somewhere in one buffer.
  void checkViews() {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      for (Operation &op : function.getOps()) {
        if (schedule::isView(&op) && failed(schedule::checkView(&op)))
          broken(&op, "S3") << "what it shows does not lie in one place";
      }
    }
  }

  /// I1, I3 and the operations that a stage allows in the model's body.
  void checkModel(llvm::function_ref<bool(Operation &)> isAllowed,
                  const char *label, const char *allowed) {
    unsigned publicFunctions = 0;
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (!function.isPublic())
        continue;
      publicFunctions += !edge::otherOf(function);
      if (function.isExternal() ||
          !llvm::hasSingleElement(function.getBody())) {
        broken(function, "I1") << "the model is not one block";
        continue;
      }
      checkNames(function);
      for (Operation &op : function.getBody().front().without_terminator()) {
        if (!isAllowed(op))
          broken(&op, label) << "'" << op.getName() << "' is not " << allowed;
        for (Type type : op.getResultTypes()) {
          auto tensor = dyn_cast<RankedTensorType>(type);
          if (!tensor || !tensor.hasStaticShape())
            broken(&op, "I2") << type << " is no static ranked tensor";
        }
      }
    }
    if (publicFunctions != 1)
      broken(getOperation(), "I1") << "there are " << publicFunctions
                                   << " public functions instead of one";
  }

  void checkNames(func::FuncOp function) {
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      if (!function.getArgAttrOfType<StringAttr>(i, "edge.name"))
        broken(function, "I3") << "argument " << i << " has no edge.name";
    for (unsigned i = 0; i < function.getNumResults(); ++i)
      if (!function.getResultAttrOfType<StringAttr>(i, "edge.name"))
        broken(function, "I3") << "result " << i << " has no edge.name";
  }

  /// True if `kernel` takes `buffers` flat memrefs, a range and `constants`
  /// more.
  static bool takesBuffers(func::FuncOp kernel, size_t buffers,
                           size_t constants) {
    if (!kernel || kernel.getNumArguments() != buffers + 2 + constants)
      return false;
    ArrayRef<Type> types = kernel.getArgumentTypes();
    auto isFlat = [](Type type) {
      auto buffer = dyn_cast<MemRefType>(type);
      return buffer && buffer.getRank() == 1 && buffer.hasStaticShape() &&
             buffer.getLayout().isIdentity();
    };
    return llvm::all_of(types.take_front(buffers), isFlat) &&
           llvm::all_of(types.drop_front(buffers),
                        [](Type type) { return type.isIndex(); });
  }

  void checkLaunches() {
    SymbolTable symbols(getOperation());
    getOperation().walk([&](rt::LaunchOp launch) {
      if (!takesBuffers(symbols.lookup<func::FuncOp>(launch.getKernel()),
                        launch->getNumOperands() + launch->getNumResults(),
                        launch.getConstants().size()))
        broken(launch, "K2") << "'" << launch.getKernel()
                             << "' does not take these buffers and a range";
    });
  }

  void checkPrograms() {
    size_t programs = 0;
    for (Operation &op : *getOperation().getBody()) {
      auto program = dyn_cast<rt::ProgramOp>(op);
      programs +=
          program && !program.getVariantOf() && !program.getAlternativeOf();
      if (auto function = dyn_cast<func::FuncOp>(op))
        if (function.isPublic())
          broken(function, "M1") << "a function outside of the program is left";
    }
    if (programs != 1)
      broken(getOperation(), "M1")
          << "there are " << programs << " programs instead of one";
    SymbolTable symbols(getOperation());
    getOperation().walk([&](Operation *op) {
      auto program = op->getParentOfType<rt::ProgramOp>();
      if (!program)
        return;
      op->getAttrDictionary().walk([&](rt::AddressAttr address) {
        if (!isWithin(address, program)) {
          broken(op, "M2") << address
                           << " is not a place in the program's regions";
        }
      });
      auto call = dyn_cast<rt::CallOp>(op);
      if (!call)
        return;
      if (!takesBuffers(symbols.lookup<func::FuncOp>(call.getKernel()),
                        call.getAddresses().size(), call.getConstants().size()))
        broken(call, "M3") << "'" << call.getKernel()
                           << "' does not take these buffers and a range";
    });
  }

  static bool isWithin(rt::AddressAttr address, rt::ProgramOp program) {
    int64_t value = address.getValue();
    auto isOffset = [&](int64_t bytes) {
      return value >= 0 && value < bytes && value % 64 == 0;
    };
    switch (address.getSpace()) {
    case rt::Space::arena:
      return isOffset(program.getArenaBytes());
    case rt::Space::weights:
      return isOffset(program.getWeightsBytes());
    case rt::Space::input:
      return value >= 0 && value < int64_t(program.getInputNames().size());
    case rt::Space::output:
      return value >= 0 && value < int64_t(program.getOutputNames().size());
    }
    return false;
  }
};
} // namespace

//===- EncodePrograms.cpp - accelerators' programs as bytes ---------------===//
//
//   %s, %t = rt.submit @npu_0 (%x)           npu.program @npu_0 {...}
//
// becomes
//
//   %p = rt.get_weights @npu_0_commands
//   %s, %t = rt.submit @npu_0 commands(%p) (%x)
//
// See Passes.td.
//
//===----------------------------------------------------------------------===//
#include "passes/place/ByteWeights.h"
#include "passes/place/Passes.h"

namespace edgec {
#define GEN_PASS_DEF_ENCODEPROGRAMS
#include "passes/place/Passes.h.inc"
} // namespace edgec

using namespace edgec;
using namespace mlir;

namespace {

class EncodePrograms : public edgec::impl::EncodeProgramsBase<EncodePrograms> {
public:
  EncodePrograms() = default;
  explicit EncodePrograms(place::Backends backends)
      : backends(std::move(backends)) {}

  void runOnOperation() override {
    SmallVector<rt::SubmitOp> submissions;
    getOperation().walk([&](rt::SubmitOp submit) {
      if (!submit.getCommands())
        submissions.push_back(submit);
    });
    bool isWhole = true;
    for (rt::SubmitOp submit : submissions)
      isWhole &= succeeded(encode(submit));
    if (!isWhole)
      signalPassFailure();
  }

private:
  place::Backends backends;

  LogicalResult encode(rt::SubmitOp submit) {
    Operation *program =
        SymbolTable::lookupSymbolIn(getOperation(), submit.getProgramAttr());
    if (!program || submit.getDevice() >= backends.size())
      return submit.emitOpError("has no program that this compiler can encode");
    FailureOr<std::vector<char>> bytes =
        backends[submit.getDevice()]->encode(program);
    if (failed(bytes))
      return failure();
    OpBuilder b(submit);
    Value commands =
        makeByteWeights(b, getOperation(), submit.getLoc(),
                        (submit.getProgram() + "_commands").str(), *bytes);
    submit.getCommandsMutable().assign(commands);
    program->erase();
    return success();
  }
};

} // namespace

std::unique_ptr<Pass> edgec::createEncodePrograms(place::Backends backends) {
  return std::make_unique<EncodePrograms>(std::move(backends));
}

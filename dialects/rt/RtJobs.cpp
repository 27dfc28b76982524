//===- RtJobs.cpp - verifiers of work for accelerators --------------------===//
//
// What one submission and its wait owe each other.
//
//===----------------------------------------------------------------------===//
#include "dialects/rt/Jobs.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace edgec::rt;

#define GET_OP_CLASSES
#include "dialects/rt/RtJobs.cpp.inc"

LogicalResult WaitOp::verify() {
  auto submit = getStarted().empty()
                    ? nullptr
                    : getStarted().front().getDefiningOp<SubmitOp>();
  if (!submit || !llvm::equal(getStarted(), submit.getOutputs()))
    return emitOpError("C1: waits for no outputs of one rt.submit");
  return success();
}

LogicalResult SubmitJobOp::verify() {
  if (getSizes().size() != getAddresses().size())
    return emitOpError("C1: needs one size per address");
  if (getOutputs() + 2 > getAddresses().size()) {
    return emitOpError("C2: has ")
           << getAddresses().size() << " buffers, too few for " << getOutputs()
           << " outputs";
  }
  return success();
}

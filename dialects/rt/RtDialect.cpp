//===- RtDialect.cpp - registration and verifiers ------------------------===//
//
// Registers the rt dialect and checks launches.
//
//===----------------------------------------------------------------------===//
#include "dialects/rt/Jobs.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace edgec::rt;

#include "dialects/rt/RtDialect.cpp.inc"
#include "dialects/rt/RtEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/rt/RtAttributes.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/rt/Rt.cpp.inc"

void RtDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/rt/RtAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/rt/Rt.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/rt/RtJobs.cpp.inc"
      >();
}

LogicalResult LaunchOp::verify() {
  if (getLayouts().size() != getNumResults())
    return emitOpError("C1: needs one layout per result");
  for (Attribute layout : getLayouts()) {
    if (!isa<schedule::MemoryAttr>(layout))
      return emitOpError("C1: layouts must be #schedule.memory, found ")
             << layout;
  }
  for (int64_t operand : getInPlace()) {
    if (operand < 0 || operand >= int64_t(getInputs().size()))
      return emitOpError("C2: in_place names operand ")
             << operand << " of " << getInputs().size();
  }
  return success();
}

LogicalResult CustomCallOp::verify() {
  if (getInputs().size() != getInputTypes().size() ||
      getOutputs().size() != getOutputTypes().size())
    return emitOpError("C1: needs one tensor type per buffer");
  return success();
}

LogicalResult SectionOp::verify() {
  int64_t number = 0;
  for (Operation &op : getCalls().front()) {
    auto call = dyn_cast<CallOp>(op);
    if (!call)
      return op.emitOpError("C1: stands in an rt.section, which holds calls");
    int64_t later = number++;
    for (int64_t earlier : call.getAfter()) {
      if (earlier < 0 || earlier >= later) {
        return call.emitOpError("C2: 'after' needs falling numbers of earlier "
                                "calls of the section, found ")
               << earlier;
      }
      later = earlier;
    }
  }
  return success();
}

LogicalResult ProgramOp::verify() {
  if (getVariantOf() == getSymName())
    return emitOpError("C2: is a variant of itself");
  if (getAlternativeOf().has_value() != getAlternative().has_value() ||
      getAlternativeOf() == getSymName() ||
      (getAlternativeOf() && getVariantOf()))
    return emitOpError("C3: is no alternative of another program");
  ArrayRef<int64_t> sizes = getOutputSizes();
  if (sizes.empty())
    return success();
  int64_t outputs = getOutputTypes().size();
  if (int64_t(sizes.size()) != 2 * outputs)
    return emitOpError("C1: output_sizes needs two numbers per output");
  for (int64_t i = 0; i < outputs; ++i) {
    auto type = dyn_cast<RankedTensorType>(
        cast<TypeAttr>(getOutputTypes()[i]).getValue());
    int64_t output = sizes[2 * i], dimension = sizes[2 * i + 1];
    if (output == -1 && dimension == -1)
      continue;
    if (output < 0 || output >= outputs || dimension < 0 || !type ||
        dimension >= type.getRank())
      return emitOpError("C1: output_sizes says output ")
             << output << " and dimension " << dimension << " of output " << i;
  }
  return success();
}

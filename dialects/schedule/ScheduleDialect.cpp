//===- ScheduleDialect.cpp - registration and verifiers ------------------===//
//
// Registers the schedule dialect and checks kernels and layouts.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "dialects/schedule/Schedule.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace edgec::schedule;

#include "dialects/schedule/ScheduleDialect.cpp.inc"
#include "dialects/schedule/ScheduleEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/schedule/ScheduleAttributes.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/schedule/Schedule.cpp.inc"

void ScheduleDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/schedule/ScheduleAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/schedule/Schedule.cpp.inc"
      >();
}

MachineAttr edgec::schedule::getMachine(Operation *op) {
  auto module = dyn_cast<ModuleOp>(op);
  if (!module)
    module = op->getParentOfType<ModuleOp>();
  return module ? module->getAttrOfType<MachineAttr>(machineAttrName) : nullptr;
}

LogicalResult MemoryAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 ArrayRef<int64_t> shape,
                                 ArrayRef<int64_t> offsets, int64_t) {
  if (shape.size() != offsets.size())
    return emitError() << "C1: shape and offsets differ in length";
  for (auto [size, offset] : llvm::zip_equal(shape, offsets)) {
    if (size < 1 || offset < 0 || offset >= size)
      return emitError() << "C2: offset " << offset
                         << " lies outside a dimension of size " << size;
  }
  return success();
}

Operation *KernelOp::getAnchor() {
  for (Operation &op : getBody().front().without_terminator())
    if (!op.hasTrait<edge::ElementwiseTrait>() && !isa<edge::ConstantOp>(op))
      return &op;
  return nullptr;
}

MemoryAttr KernelOp::getLayout(unsigned result) {
  return getLayouts() ? cast<MemoryAttr>((*getLayouts())[result]) : nullptr;
}

LogicalResult KernelOp::verify() {
  if (getInputs().getTypes() != getBody().front().getArgumentTypes())
    return emitOpError("C1: block arguments must match the operands");
  auto yield = cast<YieldOp>(getBody().front().getTerminator());
  if (yield.getValues().getTypes() != getOutputs().getTypes())
    return emitOpError("C2: yielded values must match the results");
  if (!getLayouts())
    return success();
  if (getLayouts()->size() != getNumResults())
    return emitOpError("C3: needs one layout per result");
  for (auto [index, result] : llvm::enumerate(getOutputs())) {
    MemoryAttr layout = getLayout(index);
    ArrayRef<int64_t> shape =
        cast<RankedTensorType>(result.getType()).getShape();
    bool fits = layout.getShape().size() == shape.size();
    for (size_t d = 0; fits && d < shape.size(); ++d)
      fits = layout.getOffsets()[d] + shape[d] <= layout.getShape()[d];
    if (!fits)
      return emitOpError("C3: layout ")
             << layout << " cannot hold " << result.getType();
  }
  return success();
}

//===- PlaceDialect.cpp - registration and verifiers ----------------------===//
//
// Registers the place dialect and checks regions.
//
//===----------------------------------------------------------------------===//
#include "dialects/place/Place.h"

#include "dialects/edge/Edge.h"
#include "dialects/schedule/Schedule.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace edgec::place;

#include "dialects/place/PlaceDialect.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/place/PlaceAttributes.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/place/Place.cpp.inc"

void PlaceDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/place/PlaceAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/place/Place.cpp.inc"
      >();
}

SmallVector<DeviceAttr> edgec::place::devicesOf(Operation *op) {
  auto module = dyn_cast<ModuleOp>(op);
  if (!module)
    module = op->getParentOfType<ModuleOp>();
  auto devices =
      module ? module->getAttrOfType<ArrayAttr>(devicesAttrName) : nullptr;
  if (!devices)
    return {};
  return llvm::to_vector(devices.getAsRange<DeviceAttr>());
}

LogicalResult RegionOp::verify() {
  Block &body = getBody().front();
  if (getInputs().getTypes() != body.getArgumentTypes())
    return emitOpError("C1: block arguments must match the operands");
  auto yield = cast<YieldOp>(body.getTerminator());
  if (yield.getValues().getTypes() != getOutputs().getTypes())
    return emitOpError("C2: yielded values must match the results");
  if (getDevice() >= devicesOf(*this).size())
    return emitOpError("C3: the module has no device ") << getDevice();
  for (Operation &op : body.without_terminator()) {
    if (!isa<schedule::KernelOp, edge::ReshapeOp, edge::ConstantOp>(op))
      return op.emitOpError("C4: cannot stand in a place.region");
  }
  return success();
}

//===- EdgeDialect.cpp - registration and verifiers ----------------------===//
//
// Registers the dialect, all families of operators, and holds the verifiers of
// the core operators that do not infer their result type. Inferred types are
// checked in EdgeInfer.cpp, folders lie in EdgeFold.cpp.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Blocks.h"
#include "dialects/edge/Control.h"
#include "dialects/edge/Custom.h"
#include "dialects/edge/Dynamic.h"
#include "dialects/edge/Edge.h"
#include "dialects/edge/Generic.h"
#include "dialects/edge/Indexing.h"
#include "dialects/edge/Integer.h"
#include "dialects/edge/Normalize.h"
#include "dialects/edge/Product.h"
#include "dialects/edge/Recurrent.h"
#include "dialects/edge/Selection.h"
#include "dialects/edge/Softmax.h"
#include "dialects/edge/Spatial.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace edgec::edge;

#include "dialects/edge/EdgeDialect.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/edge/Edge.cpp.inc"

void EdgeDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/edge/Edge.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/edge/EdgeBlocks.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/edge/EdgeControl.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/edge/EdgeCustom.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/edge/EdgeDynamic.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/edge/EdgeIndexing.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/edge/EdgeInteger.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/edge/EdgeNormalize.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/edge/EdgeProduct.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/edge/EdgeRecurrent.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/edge/EdgeSoftmax.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/edge/EdgeSpatial.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/edge/EdgeSelection.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/edge/EdgeGeneric.cpp.inc"
      >();
}

Operation *EdgeDialect::materializeConstant(OpBuilder &builder, Attribute value,
                                            Type type, Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getType() != type)
    return nullptr;
  return ConstantOp::create(builder, loc, type, elements);
}

static RankedTensorType tensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

LogicalResult ClampOp::verify() {
  if (!(getMin() <= getMax()))
    return emitOpError("C1: min ")
           << getMinAttr() << " must not be above max " << getMaxAttr();
  return success();
}

static LogicalResult verifySameShape(Operation *op) {
  if (tensorType(op->getOperand(0)).getShape() !=
      tensorType(op->getResult(0)).getShape())
    return op->emitOpError("C1: operand and result shapes differ");
  return success();
}

static bool isQuantized(Value value) {
  return isa<quant::QuantizedType>(tensorType(value).getElementType());
}

LogicalResult CastOp::verify() {
  if (failed(verifySameShape(*this)))
    return failure();
  if (isQuantized(getX()) || isQuantized(getResult()))
    return emitOpError("C2: quantized element types are not cast; use "
                       "edge.quantize or edge.dequantize");
  return success();
}

/// The type of the bits: of a quantized type, of the numbers that it stores.
static Type storedBits(Type element) {
  auto quantized = dyn_cast<quant::QuantizedType>(element);
  if (!quantized)
    return element;
  return IntegerType::get(
      element.getContext(), quantized.getStorageTypeIntegralWidth(),
      quantized.isSigned() ? IntegerType::Signless : IntegerType::Unsigned);
}

LogicalResult BitcastOp::verify() {
  if (failed(verifySameShape(*this)))
    return failure();
  Type from = tensorType(getX()).getElementType(),
       to = tensorType(getResult()).getElementType();
  Type fromBits = storedBits(from), toBits = storedBits(to);
  bool isStored = fromBits != from || toBits != to;
  if (isStored
          ? fromBits != toBits
          : fromBits.getIntOrFloatBitWidth() != toBits.getIntOrFloatBitWidth())
    return emitOpError("C2: ")
           << from << " and " << to << " have not the same number of bits";
  return success();
}

LogicalResult QuantizeOp::verify() {
  if (failed(verifySameShape(*this)))
    return failure();
  if (!isa<FloatType>(tensorType(getX()).getElementType()) ||
      !isQuantized(getResult()))
    return emitOpError("C2: needs a float operand and a quantized result");
  return success();
}

LogicalResult DequantizeOp::verify() {
  if (failed(verifySameShape(*this)))
    return failure();
  if (!isQuantized(getX()) ||
      !isa<FloatType>(tensorType(getResult()).getElementType()))
    return emitOpError("C2: needs a quantized operand and a float result");
  return success();
}

LogicalResult ReshapeOp::verify() {
  RankedTensorType from = tensorType(getX()), to = tensorType(getResult());
  if (from.getNumElements() != to.getNumElements()) {
    return emitOpError("C1: ")
           << from.getNumElements() << " elements cannot be viewed as "
           << to.getNumElements();
  }
  if (from.getElementType() != to.getElementType())
    return emitOpError("C2: element types differ: ")
           << from.getElementType() << " and " << to.getElementType();
  return success();
}

LogicalResult BroadcastOp::verify() {
  RankedTensorType from = tensorType(getX()), to = tensorType(getResult());
  auto shape = broadcastShapes(from.getShape(), to.getShape());
  if (failed(shape) || ArrayRef<int64_t>(*shape) != to.getShape())
    return emitOpError("C1: ") << from << " does not broadcast to " << to;
  if (from.getElementType() != to.getElementType())
    return emitOpError("C2: element types differ: ")
           << from.getElementType() << " and " << to.getElementType();
  return success();
}

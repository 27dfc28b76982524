//===- ConstantOperators.cpp - SHAPE, RANGE, FILL, CAST, DEQUANTIZE, ... --===//
//
// Operators whose result is known at import, and conversions, which are where
// the constants are.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/Operators.h"
#include "compiler/import/tflite/ShapeRules.h"
#include "compiler/import/tflite/SubgraphImport.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include <cmath>

using namespace edgec;
using namespace edgec::tflite;
using mlir::Value;
using schema::Builtin;

/// The element type that the file declares of the result, or null after an
/// error.
static mlir::Type declaredElement(OperatorImport &n) {
  schema::ElementType declared = n.declared(0).type();
  mlir::Type element = elementType(declared, n.builder.getContext());
  if (!element)
    n.error() << "results of type " << elementTypeName(declared)
              << " are not supported";
  return element;
}

static void importShape(OperatorImport &n) {
  mlir::Type element = declaredElement(n);
  if (element && element.isInteger())
    n.setIntegers(0, n.shape(0), element);
  else if (element)
    n.error() << "the result should be of an integer type, not " << element;
}

static void importRank(OperatorImport &n) {
  n.setIntegers(0, {n.rank(0)}, n.builder.getI32Type(), /*isScalar=*/true);
}

/// The operand under another name, constant or not.
static void passThrough(OperatorImport &n) {
  Binding binding;
  binding.type = n.type(0);
  binding.constant = n.constant(0);
  if (!binding.constant)
    binding.value = n.operand(0);
  n.set(0, binding);
}

static void importCast(OperatorImport &n) {
  mlir::Type element = declaredElement(n);
  if (!element)
    return;
  if (element == n.type(0).getElementType())
    return passThrough(n);
  Value x = n.operand(0);
  if (x) {
    n.set(0, edge::CastOp::create(
                 n.builder, n.loc,
                 mlir::RankedTensorType::get(n.shapeOf(x), element), x));
  }
}

/// Of float16 and quantized weights; of computed float16, a cast.
static void importDequantize(OperatorImport &n) {
  mlir::Type element = n.type(0).getElementType();
  if (mlir::isa<mlir::quant::QuantizedType>(element))
    return n.set(0, n.operand(0));
  if (element.isF32())
    return passThrough(n);
  if (!element.isF16() && !element.isBF16()) {
    n.error() << "an operand of type " << element
              << " has no scale; convert the model again";
    return;
  }
  if (mlir::ElementsAttr stored = n.constant(0)) {
    auto converted = n.subgraph.constants().toFloat(
        stored, n.type(0), n.subgraph.tensorName(n.op.outputs()->Get(0)),
        [&] { return n.error(); });
    if (mlir::succeeded(converted))
      n.set(0, *converted);
    return;
  }
  importCast(n);
}

static void importFill(OperatorImport &n) {
  auto shape = n.integers(0, "shape");
  if (!shape)
    return;
  Value x = n.operand(1);
  n.set(0, shape->empty() ? n.make<edge::CopyOp>({x}) : n.broadcast(x, *shape));
}

static void importZerosLike(OperatorImport &n) {
  mlir::Type element = n.type(0).getElementType();
  n.set(0, n.number(0, element, n.shape(0)));
}

static void importRange(OperatorImport &n) {
  constexpr double maxElements = 1 << 16;
  auto start = n.scalar(0, "start"), limit = n.scalar(1, "limit"),
       delta = n.scalar(2, "delta");
  mlir::Type element = n.type(0).getElementType();
  if (!start || !limit || !delta)
    return;
  double steps = std::max(std::ceil((*limit - *start) / *delta), 0.0);
  if (*delta == 0 || !(steps >= 1) || steps > maxElements) {
    n.error() << "the range from " << *start << " to " << *limit
              << " in steps of " << *delta
              << " should have 1 to 65536 elements";
    return;
  }
  evaluator::HostTensor result(
      mlir::RankedTensorType::get({int64_t(steps)}, element));
  for (int64_t i = 0; i < int64_t(steps); ++i) {
    double value = *start + double(i) * *delta;
    if (result.isFloat())
      result.reals[i] = value;
    else
      result.integers[i] = evaluator::wrapTo(element, int64_t(value));
  }
  n.set(0, SubgraphImport::toElements(result));
}

llvm::ArrayRef<Operator> tflite::constantOperators() {
  static constexpr Operator rows[] = {
      {Builtin::SHAPE, 1, 1, 1, importShape, types::any},
      {Builtin::RANK, 1, 1, 1, importRank, types::any},
      {Builtin::CAST, 7, 1, 1, importCast, types::any},
      {Builtin::DEQUANTIZE, 6, 1, 1, importDequantize, types::floats,
       "of weights: float16, or quantized"},
      {Builtin::DENSIFY, 1, 1, 1, passThrough, types::any},
      {Builtin::FILL, 4, 2, 2, importFill, types::any, "constant shape"},
      {Builtin::ZEROS_LIKE, 1, 1, 1, importZerosLike, types::any},
      {Builtin::RANGE, 2, 3, 3, importRange, types::numbers,
       "constant operands"},
  };
  return rows;
}

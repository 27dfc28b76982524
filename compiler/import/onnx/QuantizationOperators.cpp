//===- QuantizationOperators.cpp - between floats and stored integers -----===//
//
//   QuantizeLinear(x, scale, zero point)
//     =>  %q = edge.quantize %x        !quant.uniform with scale and zero point
//         %y = edge.bitcast %q         the integers themselves
//
// DequantizeLinear is the way back. DynamicQuantizeLinear finds scale and zero
// point in the run.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/IntegerArithmetic.h"
#include "compiler/import/onnx/Operators.h"
#include "compiler/import/onnx/Quantization.h"

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

/// The element type that an attribute asks for; null where it asks for none.
/// An error for types without kernels.
static mlir::Type wantedType(NodeImport &n, llvm::StringRef name) {
  int64_t number = n.integer(name, 0);
  if (number == 0)
    return nullptr;
  constexpr int64_t last = 64;
  auto type = DataType(number < 0 || number > last ? 0 : number);
  mlir::Type element = elementType(type, n.builder.getContext());
  if (!element)
    n.error() << "attribute '" << name << "' asks for " << dataTypeName(type)
              << ", which is not supported";
  return element;
}

/// The attributes of both conversions.
static QuantizationInputs readInputs(NodeImport &n) {
  QuantizationInputs inputs{1, 2, n.integer("axis", 1),
                            n.integer("block_size", 0)};
  if (inputs.block < 0)
    n.error() << "attribute 'block_size' is " << inputs.block
              << ", but should be at least 1, or 0 for none";
  return inputs;
}

static void importQuantizeLinear(NodeImport &n) {
  // Saturation is a question of 8-bit floats; the quotient is computed in
  // float32 at least, as 'precision' asks at most.
  n.ignore({"saturate", "precision"});
  QuantizationInputs inputs = readInputs(n);
  mlir::Type element = wantedType(n, "output_dtype");
  const Constant *zero = n.constant(2);
  if (zero && zero->packed != DataType::Undefined)
    n.error() << "quantizing to " << dataTypeName(zero->packed)
              << " is not supported; int8, uint8, int16 and uint16 are";
  if (n.hasInput(2)) {
    mlir::Type stored = n.type(2).getElementType();
    if (element && element != stored)
      n.error() << "the zero point (input 2) is of " << stored
                << ", but attribute 'output_dtype' asks for " << element;
    element = stored;
  }
  if (!element)
    element = n.builder.getIntegerType(8, /*isSigned=*/false);
  if (n.failed() || !checkStored(n, element, "the result"))
    return;
  auto q = readQuantization(n, inputs, n.shape(0), element);
  if (!q)
    return;
  n.set(0, quantize(n, n.cast(n.operand(0), n.builder.getF32Type()), *q));
}

static void importDequantizeLinear(NodeImport &n) {
  QuantizationInputs inputs = readInputs(n);
  mlir::Type element = n.type(0).getElementType();
  mlir::Type real = wantedType(n, "output_dtype");
  if (!real)
    real = n.type(1).getElementType();
  if (n.failed() ||
      (!element.isSignlessInteger(32) && !checkStored(n, element, "the input")))
    return;
  auto q = readQuantization(n, inputs, n.shape(0), element);
  if (!q)
    return;
  n.set(0, n.cast(dequantize(n, n.operand(0), *q), real));
}

/// The largest or least element, and 0.
template <typename ReduceOp, typename BoundOp>
static Value extreme(NodeImport &n, Value x) {
  auto axes = llvm::to_vector(llvm::seq<int64_t>(0, n.rank(0)));
  Value end =
      n.rank(0) == 0 ? x : n.make<ReduceOp>({x}, {n.attr("axes", axes)});
  return n.make<BoundOp>({end, n.splat(0.0F)});
}

/// Scale and zero point of uint8 numbers that reach from the least element to
/// the largest one.
static void importDynamicQuantizeLinear(NodeImport &n) {
  if (!n.type(0).getElementType().isF32()) {
    n.error() << "the input is of " << n.type(0).getElementType()
              << ", but should be of float32";
    return;
  }
  Value x = n.operand(0);
  Value high = extreme<edge::ReduceMaxOp, edge::MaxOp>(n, x),
        low = extreme<edge::ReduceMinOp, edge::MinOp>(n, x);
  Value span = n.make<edge::SubOp>({high, low});
  // All zeros have any scale.
  Value isFlat = n.make<edge::EqualOp>({span, n.splat(0.0F)});
  Value scale = n.make<edge::SelectOp>(
      {isFlat, n.splat(1.0F), n.make<edge::DivOp>({span, n.splat(255.0F)})});
  mlir::Type byte = n.builder.getIntegerType(8, /*isSigned=*/false);
  Value zero = edgec::requantize(
      n, n.make<edge::DivOp>({n.make<edge::NegOp>({low}), scale}), nullptr, 0,
      byte);
  Quantization q;
  q.element = byte;
  q.scale = scale;
  q.zeroPoint = n.cast(zero, n.builder.getF32Type());
  n.set(0, quantize(n, x, q));
  n.set(1, scale);
  n.set(2, zero);
}

static constexpr llvm::StringLiteral storedTypes =
    "int8, uint8, int16 and uint16 are stored, int4 and uint4 in weights; "
    "scales per tensor, axis or block";

llvm::ArrayRef<Operator> onnx::quantizationOperators() {
  static constexpr Operator rows[] = {
      {"QuantizeLinear",
       {10, 25},
       2,
       3,
       importQuantizeLinear,
       nullptr,
       types::numbers,
       storedTypes},
      {"DequantizeLinear",
       {10, 25},
       2,
       3,
       importDequantizeLinear,
       nullptr,
       types::integers,
       storedTypes},
      {"DynamicQuantizeLinear",
       {11, 11},
       1,
       1,
       importDynamicQuantizeLinear,
       nullptr,
       types::floats},
  };
  return rows;
}

llvm::ArrayRef<Operator> onnx::microsoftQuantizationOperators() {
  static constexpr Operator rows[] = {
      {"QuantizeLinear", 1, 2, 3, importQuantizeLinear, nullptr, types::numbers,
       storedTypes},
      {"DequantizeLinear", 1, 2, 3, importDequantizeLinear, nullptr,
       types::integers, storedTypes},
  };
  return rows;
}

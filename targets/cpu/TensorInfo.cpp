//===- TensorInfo.cpp - tensors as the artifact's ABI describes them ------===//
//
// Every field in the order of edge_tensor_info.
//
//===----------------------------------------------------------------------===//
#include "targets/cpu/TensorInfo.h"
#include "runtime/include/edge/model.h"

#include "mlir/Dialect/Quant/IR/QuantTypes.h"

using namespace edgec;
using namespace mlir;

using Fields = llvm::SmallVector<ConstantField>;

uint32_t edgec::dtypeOf(Type type) {
  if (auto quantized = dyn_cast<quant::QuantizedType>(type)) {
    switch (quantized.getStorageTypeIntegralWidth()) {
    case 4:
      return quantized.isSigned() ? EDGE_DTYPE_I4 : EDGE_DTYPE_U4;
    case 8:
      return quantized.isSigned() ? EDGE_DTYPE_I8 : EDGE_DTYPE_U8;
    case 16:
      return quantized.isSigned() ? EDGE_DTYPE_I16 : EDGE_DTYPE_U16;
    case 32:
      return quantized.isSigned() ? EDGE_DTYPE_I32 : EDGE_DTYPE_U32;
    default:
      return EDGE_DTYPE_INVALID;
    }
  }
  if (type.isF32())
    return EDGE_DTYPE_F32;
  if (type.isF64())
    return EDGE_DTYPE_F64;
  if (type.isF16())
    return EDGE_DTYPE_F16;
  if (type.isBF16())
    return EDGE_DTYPE_BF16;
  if (isa<Float8E4M3FNType>(type))
    return EDGE_DTYPE_F8E4M3;
  if (isa<Float8E5M2Type>(type))
    return EDGE_DTYPE_F8E5M2;
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return EDGE_DTYPE_INVALID;
  bool isUnsigned = integer.isUnsigned();
  switch (integer.getWidth()) {
  case 1:
    return EDGE_DTYPE_BOOL;
  case 4:
    return isUnsigned ? EDGE_DTYPE_U4 : EDGE_DTYPE_I4;
  case 8:
    return isUnsigned ? EDGE_DTYPE_U8 : EDGE_DTYPE_I8;
  case 16:
    return isUnsigned ? EDGE_DTYPE_U16 : EDGE_DTYPE_I16;
  case 32:
    return isUnsigned ? EDGE_DTYPE_U32 : EDGE_DTYPE_I32;
  case 64:
    return isUnsigned ? EDGE_DTYPE_U64 : EDGE_DTYPE_I64;
  default:
    return EDGE_DTYPE_INVALID;
  }
}

int64_t edgec::denseBytes(RankedTensorType type) {
  Type element = type.getElementType();
  if (auto quantized = dyn_cast<quant::QuantizedType>(element))
    element = quantized.getStorageType();
  int64_t bits = element.isInteger(1) ? 8 : element.getIntOrFloatBitWidth();
  return (type.getNumElements() * bits + 7) / 8;
}

/// quant_count, quant_axis, scales, zero_points.
static Fields quantization(ConstantGlobals &data, Type type) {
  llvm::SmallVector<double> scales;
  llvm::SmallVector<int64_t> zeroPoints;
  int64_t axis = -1;
  if (auto uniform = dyn_cast<quant::UniformQuantizedType>(type)) {
    scales.push_back(uniform.getScale());
    zeroPoints.push_back(uniform.getZeroPoint());
  } else if (auto perAxis =
                 dyn_cast<quant::UniformQuantizedPerAxisType>(type)) {
    llvm::append_range(scales, perAxis.getScales());
    llvm::append_range(zeroPoints, perAxis.getZeroPoints());
    if (scales.size() > 1)
      axis = perAxis.getQuantizedDimension();
  }
  Fields scaleFields, zeroFields;
  Type f32 = Float32Type::get(type.getContext());
  for (double scale : scales)
    scaleFields.push_back({f32, scale});
  for (int64_t zeroPoint : zeroPoints)
    zeroFields.push_back(data.i32(zeroPoint));
  return {data.i32(scales.size()), data.i32(axis), data.array(scaleFields),
          data.array(zeroFields)};
}

std::optional<Fields> edgec::tensorInfo(ConstantGlobals &data,
                                        llvm::StringRef name,
                                        RankedTensorType type,
                                        ActualSize size) {
  uint32_t dtype = dtypeOf(type.getElementType());
  if (dtype == EDGE_DTYPE_INVALID)
    return std::nullopt;
  Fields shape;
  for (int64_t size : type.getShape())
    shape.push_back(data.i64(size));
  Fields row = {data.string(name), data.i32(dtype), data.i32(type.getRank()),
                data.array(shape), data.i64(denseBytes(type))};
  llvm::append_range(row, quantization(data, type.getElementType()));
  row.push_back(data.i32(size.output));
  row.push_back(data.i32(size.dimension));
  return row;
}

//===- Numbers.cpp - constants we compute with at import ------------------===//
//
// The one place that knows how each element type lies in memory. Reads go
// through memcpy because tensor data in a protobuf file is not aligned.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Numbers.h"
#include "llvm/ADT/APFloat.h"
#include <cmath>
#include <cstring>

using namespace edgec::onnx;

namespace {
/// Calls `use` with a value of the C++ type behind an element type.
template <typename Use> bool withType(DataType type, Use use) {
  switch (type) {
  case DataType::Float:
    return use(float()), true;
  case DataType::Double:
    return use(double()), true;
  case DataType::Bool:
  case DataType::Uint8:
    return use(uint8_t()), true;
  case DataType::Int8:
    return use(int8_t()), true;
  case DataType::Uint16:
    return use(uint16_t()), true;
  case DataType::Int16:
    return use(int16_t()), true;
  case DataType::Uint32:
    return use(uint32_t()), true;
  case DataType::Int32:
    return use(int32_t()), true;
  case DataType::Uint64:
    return use(uint64_t()), true;
  case DataType::Int64:
    return use(int64_t()), true;
  default:
    return false;
  }
}
} // namespace

/// The format of a half-width float; null for other types.
static const llvm::fltSemantics *halfFormat(DataType type) {
  if (type == DataType::Float16)
    return &llvm::APFloat::IEEEhalf();
  return type == DataType::BFloat16 ? &llvm::APFloat::BFloat() : nullptr;
}

static double fromHalf(const llvm::fltSemantics &format, uint16_t bits) {
  return llvm::APFloat(format, llvm::APInt(16, bits)).convertToDouble();
}

/// Rounded to nearest even.
static uint16_t toHalf(const llvm::fltSemantics &format, double value) {
  llvm::APFloat half(value);
  bool losesInfo;
  half.convert(format, llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return static_cast<uint16_t>(half.bitcastToAPInt().getZExtValue());
}

std::optional<Numbers> Numbers::from(const Constant &constant) {
  std::optional<int64_t> count = countElements(constant.shape);
  if (!count || *count > maxNumbers)
    return std::nullopt;
  Numbers result;
  result.type = constant.type;
  result.shape = constant.shape;
  if (const llvm::fltSemantics *format = halfFormat(constant.type)) {
    for (int64_t i = 0; i < *count; ++i) {
      uint16_t bits;
      memcpy(&bits, constant.bytes.data() + i * sizeof bits, sizeof bits);
      result.reals.push_back(fromHalf(*format, bits));
    }
    return result;
  }
  bool known = withType(constant.type, [&](auto zero) {
    using T = decltype(zero);
    for (int64_t i = 0; i < *count; ++i) {
      T value;
      memcpy(&value, constant.bytes.data() + i * sizeof(T), sizeof(T));
      if constexpr (std::is_floating_point_v<T>)
        result.reals.push_back(static_cast<double>(value));
      else
        result.integers.push_back(static_cast<int64_t>(value));
    }
  });
  if (!known)
    return std::nullopt;
  return result;
}

Constant Numbers::toConstant() const {
  auto bytes = std::make_shared<std::string>();
  if (const llvm::fltSemantics *format = halfFormat(type)) {
    for (double real : reals) {
      uint16_t value = toHalf(*format, real);
      bytes->append(reinterpret_cast<const char *>(&value), sizeof value);
    }
  }
  withType(type, [&](auto zero) {
    using T = decltype(zero);
    for (size_t i = 0; i < size(); ++i) {
      T value;
      if constexpr (std::is_floating_point_v<T>)
        value = static_cast<T>(reals[i]);
      else
        value = static_cast<T>(integers[i]);
      bytes->append(reinterpret_cast<const char *>(&value), sizeof value);
    }
  });
  Constant result;
  result.type = type;
  result.shape = shape;
  result.bytes = *bytes;
  result.owner = bytes;
  return result;
}

/// 2^63 does not fit int64, so the comparison is with the double just above.
static int64_t truncate(double value) {
  constexpr double limit = 9223372036854775808.0;
  if (std::isnan(value))
    return 0;
  if (value >= limit)
    return INT64_MAX;
  if (value < -limit)
    return INT64_MIN;
  return static_cast<int64_t>(value);
}

Numbers Numbers::cast(DataType to) const {
  Numbers result;
  result.type = to;
  result.shape = shape;
  for (size_t i = 0; i < size(); ++i) {
    if (const llvm::fltSemantics *format = halfFormat(to)) {
      double value = isReal() ? reals[i] : double(integers[i]);
      result.reals.push_back(fromHalf(*format, toHalf(*format, value)));
    } else if (to == DataType::Float) {
      result.reals.push_back(
          static_cast<float>(isReal() ? reals[i] : double(integers[i])));
    } else if (to == DataType::Double) {
      result.reals.push_back(isReal() ? reals[i] : double(integers[i]));
    } else if (to == DataType::Bool) {
      result.integers.push_back(isReal() ? reals[i] != 0 : integers[i] != 0);
    } else {
      result.integers.push_back(isReal() ? truncate(reals[i]) : integers[i]);
    }
  }
  // Narrow integer types wrap on their way through the bytes.
  if (!result.isReal())
    if (std::optional<Numbers> wrapped = from(result.toConstant()))
      return *wrapped;
  return result;
}

Numbers Numbers::gather(llvm::ArrayRef<int64_t> positions,
                        llvm::ArrayRef<int64_t> newShape) const {
  Numbers result;
  result.type = type;
  result.shape.assign(newShape.begin(), newShape.end());
  for (int64_t position : positions) {
    if (isReal())
      result.reals.push_back(reals[position]);
    else
      result.integers.push_back(integers[position]);
  }
  return result;
}

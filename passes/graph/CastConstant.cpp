//===- CastConstant.cpp - constants of another element type --------------===//
//
// The compile-time form of edge.cast: float to integer truncates and saturates,
// integers wrap, floats round to nearest even. Half-width weights are many, so
// their values come from a table of all 65536.
//
//===----------------------------------------------------------------------===//
#include "passes/graph/ConstantData.h"
#include <cmath>

using namespace mlir;

namespace edgec {

static bool isConvertible(Type element) {
  return element.isF16() || element.isBF16() || element.isF32() ||
         element.isF64() || isa<IntegerType>(element);
}

static uint64_t readBits(const char *bytes, unsigned elementBytes) {
  uint64_t bits = 0;
  std::memcpy(&bits, bytes, elementBytes);
  return bits;
}

static double toReal(FloatType type, uint64_t bits) {
  APFloat value(type.getFloatSemantics(), APInt(type.getWidth(), bits));
  bool losesInfo;
  value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                &losesInfo);
  return value.convertToDouble();
}

static uint64_t fromReal(FloatType type, APFloat value) {
  bool losesInfo;
  value.convert(type.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                &losesInfo);
  return value.bitcastToAPInt().getZExtValue();
}

/// NaN becomes 0.
static uint64_t saturate(IntegerType type, double value) {
  llvm::APSInt result(type.getWidth(), type.isUnsigned());
  bool isExact;
  if (std::isnan(value))
    return 0;
  // APFloat saturates what does not fit.
  APFloat(value).convertToInteger(result, APFloat::rmTowardZero, &isExact);
  return result.getZExtValue();
}

namespace {
/// Converts one element at a time.
class Converter {
public:
  Converter(Type from, Type to)
      : real(dyn_cast<FloatType>(from)), to(to),
        isSigned(!from.isUnsignedInteger()),
        width(from.getIntOrFloatBitWidth()) {
    if (real && width == 16)
      for (uint32_t bits = 0; bits < (1u << 16); ++bits)
        table.push_back(convert(bits));
  }

  uint64_t operator()(uint64_t bits) const {
    return table.empty() ? convert(bits) : table[bits];
  }

private:
  uint64_t convert(uint64_t bits) const {
    if (real) {
      double value = toReal(real, bits);
      if (auto target = dyn_cast<FloatType>(to))
        return fromReal(target, APFloat(value));
      return saturate(cast<IntegerType>(to), value);
    }
    if (!isa<FloatType>(to))
      return isSigned ? uint64_t(llvm::SignExtend64(bits, width)) : bits;
    APFloat value(cast<FloatType>(to).getFloatSemantics());
    value.convertFromAPInt(APInt(width, bits), isSigned,
                           APFloat::rmNearestTiesToEven);
    return value.bitcastToAPInt().getZExtValue();
  }

  FloatType real;
  Type to;
  bool isSigned;
  unsigned width;
  std::vector<uint64_t> table;
};
} // namespace

ElementsAttr castConstant(const ConstantData &data, RankedTensorType type) {
  Type from = data.getType().getElementType(), to = type.getElementType();
  unsigned wide = getElementBytes(to), narrow = data.getElementBytes();
  if (!isConvertible(from) || !isConvertible(to) || wide == 0)
    return nullptr;
  Converter convert(from, to);
  auto write = [&](int64_t i, char *target) {
    uint64_t bits = convert(readBits(data.getBytes() + i * narrow, narrow));
    std::memcpy(target, &bits, wide);
  };
  if (data.isSplat()) {
    char element[8];
    write(0, element);
    return DenseElementsAttr::getFromRawBuffer(type, ArrayRef(element, wide));
  }
  return makeConstant(type, [&](MutableArrayRef<char> bytes) {
    for (int64_t i = 0; i < data.getNumElements(); ++i)
      write(i, bytes.data() + i * wide);
  });
}

} // namespace edgec

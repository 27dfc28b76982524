//===- HostTensor.cpp - from and to the model's element types ------------===//
//
// The only place where the evaluator knows how elements are stored. Floats of
// odd widths go through APFloat, which has every format that MLIR has.
//
//===----------------------------------------------------------------------===//
#include "targets/evaluator/HostTensor.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include <cstring>

using namespace mlir;
using namespace edgec::evaluator;

HostTensor::HostTensor(RankedTensorType type) : type(type) {
  if (isFloat())
    reals.resize(type.getNumElements());
  else
    integers.resize(type.getNumElements());
}

/// The integer type in which elements of `element` are stored.
static IntegerType storageType(Type element) {
  if (auto quantized = dyn_cast<quant::QuantizedType>(element)) {
    return IntegerType::get(
        element.getContext(), quantized.getStorageTypeIntegralWidth(),
        quantized.isSigned() ? IntegerType::Signed : IntegerType::Unsigned);
  }
  return cast<IntegerType>(element);
}

/// Signless integers are signed, except i1, whose values are 0 and 1.
static bool isUnsigned(IntegerType type) {
  return type.isUnsigned() || (type.isSignless() && type.getWidth() == 1);
}

IntegerRange edgec::evaluator::integerRange(Type element) {
  if (auto quantized = dyn_cast<quant::QuantizedType>(element))
    return {quantized.getStorageTypeMin(), quantized.getStorageTypeMax()};
  auto type = cast<IntegerType>(element);
  unsigned width = std::min(type.getWidth(), 64u);
  if (isUnsigned(type))
    return {0, width >= 63 ? INT64_MAX : (int64_t(1) << width) - 1};
  return {llvm::minIntN(width), llvm::maxIntN(width)};
}

int64_t edgec::evaluator::wrapTo(Type element, int64_t value) {
  IntegerType type = storageType(element);
  unsigned width = type.getWidth();
  if (width >= 64)
    return value;
  uint64_t low = uint64_t(value) & llvm::maskTrailingOnes<uint64_t>(width);
  return isUnsigned(type) ? int64_t(low) : llvm::SignExtend64(low, width);
}

double edgec::evaluator::roundTo(FloatType type, double value) {
  if (type.isF64())
    return value;
  if (type.isF32())
    return float(value);
  APFloat rounded(value);
  bool losesInfo;
  rounded.convert(type.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                  &losesInfo);
  return rounded.convertToDouble();
}

int64_t edgec::evaluator::elementBytes(Type element) {
  unsigned width = isa<FloatType>(element) ? element.getIntOrFloatBitWidth()
                                           : storageType(element).getWidth();
  return llvm::divideCeil(width, 8);
}

template <typename Stored, typename T>
static void readAs(ArrayRef<char> bytes, std::vector<T> &values) {
  for (size_t i = 0; i < values.size(); ++i) {
    Stored stored;
    std::memcpy(&stored, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    values[i] = T(stored);
  }
}

HostTensor edgec::evaluator::fromBytes(RankedTensorType type,
                                       ArrayRef<char> bytes) {
  HostTensor tensor(type);
  Type element = type.getElementType();
  int64_t width = elementBytes(element);
  assert(int64_t(bytes.size()) == width * tensor.size() && "wrong buffer size");
  if (element.isF32()) {
    readAs<float>(bytes, tensor.reals);
    return tensor;
  }
  if (element.isF64()) {
    readAs<double>(bytes, tensor.reals);
    return tensor;
  }
  for (int64_t i = 0; i < tensor.size(); ++i) {
    uint64_t bits = 0;
    std::memcpy(&bits, bytes.data() + i * width, width);
    if (auto real = dyn_cast<FloatType>(element)) {
      tensor.reals[i] =
          APFloat(real.getFloatSemantics(), APInt(real.getWidth(), bits,
                                                  /*isSigned=*/false,
                                                  /*implicitTrunc=*/true))
              .convertToDouble();
    } else {
      tensor.integers[i] = wrapTo(element, int64_t(bits));
    }
  }
  return tensor;
}

std::vector<char> edgec::evaluator::toBytes(const HostTensor &tensor) {
  int64_t width = elementBytes(tensor.elementType());
  std::vector<char> bytes(width * tensor.size());
  for (int64_t i = 0; i < tensor.size(); ++i) {
    uint64_t bits;
    if (tensor.elementType().isF32()) {
      float value = float(tensor.reals[i]);
      std::memcpy(bytes.data() + i * width, &value, width);
      continue;
    }
    if (auto real = dyn_cast<FloatType>(tensor.elementType())) {
      APFloat value(tensor.reals[i]);
      bool losesInfo;
      value.convert(real.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                    &losesInfo);
      bits = value.bitcastToAPInt().getZExtValue();
    } else {
      bits = uint64_t(tensor.integers[i]);
    }
    std::memcpy(bytes.data() + i * width, &bits, width);
  }
  return bytes;
}

FailureOr<HostTensor> edgec::evaluator::fromElements(ElementsAttr elements,
                                                     Location loc) {
  auto type = dyn_cast<RankedTensorType>(elements.getType());
  if (type && isa<IntegerType, FloatType, quant::QuantizedType>(
                  type.getElementType())) {
    if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements)) {
      AsmResourceBlob *blob = resource.getRawHandle().getBlob();
      int64_t bytes =
          elementBytes(type.getElementType()) * type.getNumElements();
      if (!blob || int64_t(blob->getData().size()) != bytes) {
        return emitError(loc) << "the resource of this constant has "
                              << (blob ? blob->getData().size() : 0)
                              << " bytes instead of " << bytes;
      }
      return fromBytes(type, blob->getData());
    }
    HostTensor tensor(type);
    if (tensor.isFloat()) {
      if (auto values = elements.tryGetValues<APFloat>()) {
        llvm::transform(
            *values, tensor.reals.begin(), [](const APFloat &value) {
              APFloat wide = value;
              bool losesInfo;
              wide.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                           &losesInfo);
              return wide.convertToDouble();
            });
        return tensor;
      }
    } else if (auto values = elements.tryGetValues<APInt>()) {
      llvm::transform(
          *values, tensor.integers.begin(), [&](const APInt &value) {
            return wrapTo(type.getElementType(),
                          int64_t(value.zextOrTrunc(64).getZExtValue()));
          });
      return tensor;
    }
  }
  return emitError(loc) << "the elements of a constant of type "
                        << elements.getType()
                        << " cannot be read; use dense or dense_resource";
}

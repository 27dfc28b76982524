//===- Tensors.cpp - types and constants of TFLite tensors ----------------===//
//
//   tensor [8], INT8, scale 0.5, zero point 3
//       => tensor<8x!quant.uniform<i8:f32, 0.5:3>> and its 8 bytes
// A hybrid model has such weights in operators on floats; they are converted
// once, here: 0.5 * (q - 3).
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/Tensors.h"
#include "compiler/import/Elements.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/APFloat.h"
#include <cstring>

using namespace edgec;
using namespace edgec::tflite;
using llvm::ArrayRef;
using llvm::StringRef;
using mlir::failure;
using schema::ElementType;

std::string tflite::elementTypeName(ElementType type) {
  static constexpr StringRef names[] = {
      "float32", "float16",    "int32",  "uint8",     "int64",
      "string",  "bool",       "int16",  "complex64", "int8",
      "float64", "complex128", "uint64", "resource",  "variant",
      "uint32",  "uint16",     "int4",   "bfloat16"};
  auto index = static_cast<size_t>(type);
  return index < std::size(names) ? names[index].str()
                                  : std::to_string(int(type));
}

mlir::Type tflite::elementType(ElementType type, mlir::MLIRContext *context) {
  mlir::Builder builder(context);
  switch (type) {
  case ElementType::FLOAT32:
    return builder.getF32Type();
  case ElementType::FLOAT16:
    return builder.getF16Type();
  case ElementType::BFLOAT16:
    return builder.getBF16Type();
  case ElementType::FLOAT64:
    return builder.getF64Type();
  case ElementType::BOOL:
    return builder.getI1Type();
  case ElementType::INT4:
    return builder.getIntegerType(4);
  case ElementType::INT8:
    return builder.getIntegerType(8);
  case ElementType::INT16:
    return builder.getIntegerType(16);
  case ElementType::INT32:
    return builder.getIntegerType(32);
  case ElementType::INT64:
    return builder.getIntegerType(64);
  case ElementType::UINT8:
    return builder.getIntegerType(8, /*isSigned=*/false);
  case ElementType::UINT16:
    return builder.getIntegerType(16, /*isSigned=*/false);
  case ElementType::UINT32:
    return builder.getIntegerType(32, /*isSigned=*/false);
  case ElementType::UINT64:
    return builder.getIntegerType(64, /*isSigned=*/false);
  default:
    return nullptr;
  }
}

/// Bytes per element in the file, after 4-bit integers were unpacked.
static unsigned storedBytes(mlir::Type element) {
  return (element.getIntOrFloatBitWidth() + 7) / 8;
}

bool tflite::isQuantized(const schema::Tensor &tensor) {
  const schema::Quantization *quantization = tensor.quantization();
  if (!quantization)
    return false;
  switch (tensor.type()) {
  case ElementType::INT4:
  case ElementType::INT8:
  case ElementType::UINT8:
  case ElementType::INT16:
  case ElementType::INT32:
  case ElementType::INT64:
    return count(quantization->scale()) != 0;
  default:
    return false;
  }
}

int32_t tflite::quantizedDimension(const schema::Tensor &tensor) {
  return count(tensor.shape()) == 1 ? 0 : tensor.quantization()->dimension();
}

//===-- quantized types
//----------------------------------------------------===//

/// The zero point of channel `index`; absent ones are 0.
static int64_t zeroPoint(const schema::Quantization &quantization,
                         unsigned index) {
  ArrayRef<int64_t> points = list(quantization.zero_point());
  if (points.size() == 1)
    return points[0];
  return index < points.size() ? points[index] : 0;
}

static mlir::Type quantizedType(const schema::Tensor &tensor,
                                mlir::Type storage, mlir::MLIRContext *context,
                                ErrorFunction error) {
  namespace quant = mlir::quant;
  context->getOrLoadDialect<quant::QuantDialect>();
  const schema::Quantization &quantization = *tensor.quantization();
  auto integer = mlir::cast<mlir::IntegerType>(storage);
  unsigned width = integer.getWidth();
  // Beyond 32 bits (the biases of 16-bit models) MLIR has no quantized types.
  if (width > 32)
    return storage;
  bool isSigned = !integer.isUnsigned();
  auto signless = mlir::IntegerType::get(context, width);
  unsigned flags = isSigned ? quant::QuantizationFlags::Signed : 0;
  int64_t low =
      quant::QuantizedType::getDefaultMinimumForInteger(isSigned, width);
  int64_t high =
      quant::QuantizedType::getDefaultMaximumForInteger(isSigned, width);
  auto expressed = mlir::Float32Type::get(context);
  ArrayRef<float> scales = list(quantization.scale());
  if (scales.size() == 1) {
    return quant::UniformQuantizedType::getChecked(
        error, flags, signless, expressed, double(scales[0]),
        zeroPoint(quantization, 0), low, high);
  }
  llvm::SmallVector<double> reals(scales.begin(), scales.end());
  llvm::SmallVector<int64_t> points;
  for (unsigned i = 0; i < scales.size(); ++i)
    points.push_back(zeroPoint(quantization, i));
  return quant::UniformQuantizedPerAxisType::getChecked(
      error, flags, signless, expressed, reals, points,
      quantizedDimension(tensor), low, high);
}

mlir::FailureOr<mlir::RankedTensorType>
tflite::tensorType(const schema::Tensor &tensor, mlir::MLIRContext *context,
                   ErrorFunction error) {
  mlir::Type element = elementType(tensor.type(), context);
  if (!element) {
    error() << "element type " << elementTypeName(tensor.type())
            << " is not supported";
    return failure();
  }
  if (isQuantized(tensor)) {
    element = quantizedType(tensor, element, context, error);
    if (!element)
      return failure();
  }
  ArrayRef<int32_t> shape = list(tensor.shape());
  return mlir::RankedTensorType::get(
      llvm::SmallVector<int64_t>(shape.begin(), shape.end()), element);
}

mlir::RankedTensorType tflite::storedType(mlir::RankedTensorType type) {
  auto quantized =
      mlir::dyn_cast<mlir::quant::QuantizedType>(type.getElementType());
  if (!quantized)
    return type;
  unsigned width = quantized.getStorageTypeIntegralWidth();
  auto sign = quantized.isSigned() ? mlir::IntegerType::Signless
                                   : mlir::IntegerType::Unsigned;
  return type.clone(mlir::IntegerType::get(type.getContext(), width, sign));
}

//===-- constants
//----------------------------------------------------------===//

/// Sparse weights are at most a few dozen times smaller than dense ones.
ConstantReader::ConstantReader(const Model &model)
    : model(model), remainingBytes(64 * model.file().bytes().size()) {}

std::shared_ptr<std::string> ConstantReader::allocate(uint64_t sizeBytes,
                                                      ErrorFunction error) {
  if (sizeBytes > remainingBytes) {
    error() << "its decoded weights and those before it are more than 64 times "
               "larger than the file, which is not supported";
    return nullptr;
  }
  remainingBytes -= sizeBytes;
  return std::make_shared<std::string>(sizeBytes, '\0');
}

/// Two elements to a byte, the first in the low half, to one byte each.
static void unpackNibbles(StringRef packed, llvm::MutableArrayRef<char> bytes) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    unsigned nibble = (uint8_t(packed[i / 2]) >> (i % 2 * 4)) & 15;
    bytes[i] = static_cast<char>(nibble >= 8 ? int(nibble) - 16 : int(nibble));
  }
}

mlir::FailureOr<mlir::ElementsAttr>
ConstantReader::read(const schema::Tensor &tensor, mlir::MLIRContext *context,
                     ErrorFunction error) {
  mlir::Type element = elementType(tensor.type(), context);
  ArrayRef<int32_t> sizes = list(tensor.shape());
  llvm::SmallVector<int64_t> shape(sizes.begin(), sizes.end());
  auto type = mlir::RankedTensorType::get(shape, element);
  StringRef bytes = model.data(tensor), name = text(tensor.name());
  auto elements = static_cast<uint64_t>(*countElements(shape));
  bool isNibbles = tensor.type() == ElementType::INT4;
  uint64_t sizeBytes = elements * storedBytes(element);
  if (tensor.sparsity()) {
    if (isNibbles) {
      error() << "sparse weights of type int4 are not supported";
      return failure();
    }
    auto dense = allocate(sizeBytes, error);
    if (!dense)
      return failure();
    auto fault = decodeSparse(tensor, bytes, storedBytes(element),
                              {dense->data(), dense->size()});
    if (fault) {
      error() << "its sparse weights are damaged: " << *fault
              << "; convert the model again";
      return failure();
    }
    return makeElements(type, *dense, dense, name);
  }
  uint64_t wanted = isNibbles ? (elements + 1) / 2 : sizeBytes;
  if (bytes.size() != wanted) {
    error() << "its " << elements << " elements of type "
            << elementTypeName(tensor.type()) << " need " << wanted
            << " bytes, but its buffer has " << bytes.size()
            << "; the model is damaged, convert or download it again";
    return failure();
  }
  if (!isNibbles)
    return makeElements(type, bytes, model.file().owner(), name);
  auto unpacked = allocate(sizeBytes, error);
  if (!unpacked)
    return failure();
  unpackNibbles(bytes, {unpacked->data(), unpacked->size()});
  return makeElements(type, *unpacked, unpacked, name);
}

llvm::ArrayRef<char> tflite::rawBytes(mlir::ElementsAttr elements) {
  if (auto resource =
          mlir::dyn_cast<mlir::DenseResourceElementsAttr>(elements)) {
    mlir::AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    return blob ? blob->getData() : ArrayRef<char>();
  }
  if (auto dense = mlir::dyn_cast<mlir::DenseElementsAttr>(elements))
    return dense.getRawData();
  return {};
}

//===-- conversion to float
//------------------------------------------------===//

namespace {
/// One element of an integer tensor; weights need not be aligned.
int64_t readInteger(const char *at, unsigned sizeBytes, bool isSigned) {
  uint64_t bits = 0;
  memcpy(&bits, at, sizeBytes);
  unsigned shift = 64 - 8 * sizeBytes;
  return isSigned ? int64_t(bits << shift) >> shift : int64_t(bits);
}

float fromHalf(const char *at, const llvm::fltSemantics &semantics) {
  uint16_t bits;
  memcpy(&bits, at, sizeof bits);
  llvm::APFloat value(semantics, llvm::APInt(16, bits));
  return value.convertToFloat();
}

/// scale * (q - zero point), the scale along one dimension or the same for all.
class Dequantization {
public:
  explicit Dequantization(mlir::RankedTensorType type) {
    namespace quant = mlir::quant;
    mlir::Type element = type.getElementType();
    isSigned = mlir::cast<quant::QuantizedType>(element).isSigned();
    if (auto whole = mlir::dyn_cast<quant::UniformQuantizedType>(element)) {
      scales = {whole.getScale()};
      zeroPoints = {whole.getZeroPoint()};
      return;
    }
    auto perAxis = mlir::cast<quant::UniformQuantizedPerAxisType>(element);
    llvm::append_range(scales, perAxis.getScales());
    llvm::append_range(zeroPoints, perAxis.getZeroPoints());
    for (int64_t size :
         type.getShape().drop_front(perAxis.getQuantizedDimension() + 1))
      inner *= size;
  }

  float operator()(int64_t stored, int64_t position) const {
    size_t channel = (position / inner) % scales.size();
    return static_cast<float>(scales[channel] *
                              double(stored - zeroPoints[channel]));
  }

  bool isSigned = true;

private:
  llvm::SmallVector<double> scales;
  llvm::SmallVector<int64_t> zeroPoints;
  /// Elements between two of one channel's neighbours.
  int64_t inner = 1;
};
} // namespace

mlir::FailureOr<mlir::ElementsAttr>
ConstantReader::toFloat(mlir::ElementsAttr stored, mlir::RankedTensorType type,
                        StringRef name, ErrorFunction error) {
  auto storedType = mlir::cast<mlir::RankedTensorType>(stored.getType());
  ArrayRef<char> bytes = rawBytes(stored);
  unsigned elementBytes = storedBytes(storedType.getElementType());
  int64_t elements = storedType.getNumElements();
  bool isSplat = mlir::isa<mlir::DenseElementsAttr>(stored) &&
                 mlir::cast<mlir::DenseElementsAttr>(stored).isSplat();
  auto converted = allocate(uint64_t(elements) * sizeof(float), error);
  if (!converted)
    return failure();
  auto at = [&](int64_t i) {
    return bytes.data() + (isSplat ? 0 : i * elementBytes);
  };
  auto store = [&](int64_t i, float value) {
    memcpy(converted->data() + i * sizeof value, &value, sizeof value);
  };
  auto half = mlir::dyn_cast<mlir::FloatType>(storedType.getElementType());
  if (half) {
    for (int64_t i = 0; i < elements; ++i)
      store(i, fromHalf(at(i), half.getFloatSemantics()));
  } else {
    Dequantization dequantization(type);
    for (int64_t i = 0; i < elements; ++i) {
      int64_t integer =
          readInteger(at(i), elementBytes, dequantization.isSigned);
      store(i, dequantization(integer, i));
    }
  }
  auto result = mlir::RankedTensorType::get(
      type.getShape(), mlir::Float32Type::get(type.getContext()));
  return makeElements(result, *converted, converted, name);
}

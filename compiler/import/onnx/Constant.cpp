//===- Constant.cpp - the elements of an ONNX tensor ----------------------===//
//
// raw_data and float_data lie in the file just as we need them and stay there.
// The other typed lists are varints and are decoded; they hold small things
// (shapes, axes), and their size is bounded by their bytes in the file.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Constant.h"
#include <cstring>

using namespace edgec;
using namespace edgec::onnx;
using llvm::StringRef;
using mlir::failure;

mlir::Type onnx::elementType(DataType type, mlir::MLIRContext *context) {
  mlir::Builder builder(context);
  switch (type) {
  case DataType::Float:
    return builder.getF32Type();
  case DataType::Double:
    return builder.getF64Type();
  case DataType::Float16:
    return builder.getF16Type();
  case DataType::BFloat16:
    return builder.getBF16Type();
  case DataType::Bool:
    return builder.getI1Type();
  case DataType::Int8:
  case DataType::Int16:
  case DataType::Int32:
  case DataType::Int64:
    return builder.getIntegerType(8 * dataTypeBytes(type));
  case DataType::Uint8:
  case DataType::Uint16:
  case DataType::Uint32:
  case DataType::Uint64:
    return builder.getIntegerType(8 * dataTypeBytes(type), /*isSigned=*/false);
  default:
    return nullptr;
  }
}

mlir::ElementsAttr onnx::makeElements(const Constant &constant,
                                      mlir::RankedTensorType type) {
  return edgec::makeElements(type, constant.bytes, constant.owner,
                             constant.name);
}

Constant onnx::emptyConstant(mlir::RankedTensorType type) {
  Constant result;
  result.shape.assign(type.getShape().begin(), type.getShape().end());
  // The numbers of the types end before 32.
  for (int64_t number = 1; number < 32; ++number) {
    if (elementType(DataType(number), type.getContext()) ==
        type.getElementType())
      result.type = DataType(number);
  }
  return result;
}

//===-- typed data
//---------------------------------------------------------===//

/// The pieces as one run of bytes: a view of a single piece, else a copy.
static void joinPieces(llvm::ArrayRef<StringRef> pieces, Constant &result) {
  if (pieces.size() == 1) {
    result.bytes = pieces.front();
    return;
  }
  auto copy = std::make_shared<std::string>();
  for (StringRef piece : pieces)
    *copy += piece;
  result.bytes = *copy;
  result.owner = copy;
}

/// Varints as little-endian integers of `elementBytes` each; at most `count`.
static bool decodeIntegers(llvm::ArrayRef<StringRef> pieces, int64_t count,
                           unsigned elementBytes, Constant &result) {
  auto decoded = std::make_shared<std::string>();
  int64_t found = 0;
  for (StringRef piece : pieces) {
    google::protobuf::io::CodedInputStream stream(
        reinterpret_cast<const uint8_t *>(piece.data()),
        static_cast<int>(piece.size()));
    for (; size_t(stream.CurrentPosition()) < piece.size(); ++found) {
      uint64_t value;
      if (found == count || !stream.ReadVarint64(&value))
        return false;
      decoded->append(reinterpret_cast<const char *>(&value), elementBytes);
    }
  }
  result.bytes = *decoded;
  result.owner = decoded;
  return found == count;
}

/// Bytes of `count` elements as the file has them.
static uint64_t storedBytes(DataType type, int64_t count) {
  if (type == DataType::Int4 || type == DataType::Uint4)
    return uint64_t(count + 1) / 2;
  return uint64_t(count) * dataTypeBytes(type);
}

/// Takes the tensor's elements from the model file itself; false if their
/// number is not `count`.
static bool loadInline(const Tensor &tensor, int64_t count, Constant &result) {
  unsigned elementBytes = dataTypeBytes(tensor.type);
  if (tensor.hasRawData) {
    result.bytes = tensor.rawData;
    return result.bytes.size() == storedBytes(tensor.type, count);
  }
  switch (tensor.type) {
  case DataType::Float:
  case DataType::Double:
    joinPieces(tensor.type == DataType::Float ? tensor.floats : tensor.doubles,
               result);
    return result.bytes.size() == uint64_t(count) * elementBytes;
  case DataType::Int64:
    return decodeIntegers(tensor.int64s, count, elementBytes, result);
  case DataType::Uint32:
  case DataType::Uint64:
    return decodeIntegers(tensor.uint64s, count, elementBytes, result);
  case DataType::Int4:
  case DataType::Uint4:
    return decodeIntegers(tensor.int32s, (count + 1) / 2, 1, result);
  default:
    return decodeIntegers(tensor.int32s, count, elementBytes, result);
  }
}

/// Takes pairs of 4-bit integers apart, the low half first.
static void unpack(Constant &constant, int64_t count) {
  bool isSigned = constant.type == DataType::Int4;
  auto bytes = std::make_shared<std::string>();
  bytes->reserve(size_t(count));
  for (int64_t i = 0; i < count; ++i) {
    int half = uint8_t(constant.bytes[size_t(i / 2)]) >> (i % 2 * 4) & 15;
    bytes->push_back(char(isSigned && half >= 8 ? half - 16 : half));
  }
  constant.packed = constant.type;
  constant.type = isSigned ? DataType::Int8 : DataType::Uint8;
  constant.bytes = *bytes;
  constant.owner = bytes;
}

mlir::FailureOr<Constant> TensorSource::load(const Tensor &tensor,
                                             ErrorFunction error) {
  Constant result;
  result.name = tensor.name.str();
  result.type = tensor.type;
  result.shape.assign(tensor.dimensions.begin(), tensor.dimensions.end());
  result.owner = model.owner();
  if (storedBytes(tensor.type, 1) == 0) {
    error() << "tensor '" << tensor.name << "' has element type "
            << dataTypeName(tensor.type)
            << ", which is not supported; export the model in float32";
    return failure();
  }
  std::optional<int64_t> count = countElements(result.shape);
  if (!count) {
    error() << "tensor '" << tensor.name << "' has the impossible shape ["
            << result.shape << "]";
    return failure();
  }
  uint64_t size = storedBytes(tensor.type, *count);
  if (tensor.isExternal) {
    if (failed(loadExternal(tensor, size, result, error)))
      return failure();
  } else if (!loadInline(tensor, *count, result)) {
    error() << "tensor '" << tensor.name << "' of shape "
            << shapeText(result.shape) << " and type "
            << dataTypeName(tensor.type) << " needs " << size
            << " bytes of data, the file holds another amount; it is damaged, "
               "export it again";
    return failure();
  }
  if (dataTypeBytes(tensor.type) == 0)
    unpack(result, *count);
  return result;
}

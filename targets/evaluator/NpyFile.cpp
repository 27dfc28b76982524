//===- NpyFile.cpp - tensors in NumPy's file format -----------------------===//
//
// The header of an .npy file is a Python dictionary in a fixed style; NumPy
// itself always writes the same one, so a search for its three keys reads it.
//
//===----------------------------------------------------------------------===//
#include "targets/evaluator/NpyFile.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileOutputBuffer.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace edgec::evaluator;
using llvm::createStringError;

static constexpr StringRef magic("\x93NUMPY\x01\x00", 8);

/// The dtype in which elements of `element` travel, for example "<f4".
std::string edgec::evaluator::npyDescriptor(Type element) {
  int64_t bytes = elementBytes(element);
  char kind = 'u';
  if (isa<FloatType>(element)) {
    if (element.isF16() || element.isF32() || element.isF64())
      kind = 'f';
  } else if (element.isInteger(1)) {
    return "|b1";
  } else if (integerRange(element).low < 0) {
    kind = 'i';
  }
  return std::string(bytes == 1 ? "|" : "<") + kind + std::to_string(bytes);
}

std::string edgec::evaluator::npyShapeText(ArrayRef<int64_t> shape) {
  std::string text = "(";
  for (auto [index, size] : llvm::enumerate(shape))
    text += (index ? ", " : "") + std::to_string(size);
  return text + (shape.size() == 1 ? ",)" : ")");
}

/// The numbers of "(1, 8, 8)"; nothing after a fault.
static std::optional<std::vector<int64_t>> parseShape(StringRef text) {
  std::vector<int64_t> shape;
  SmallVector<StringRef> words;
  text.split(words, ',');
  // A tuple of one element ends with a comma.
  if (words.back().trim().empty())
    words.pop_back();
  for (StringRef word : words) {
    int64_t size = 0;
    if (word.trim().getAsInteger(10, size) || size < 0)
      return std::nullopt;
    shape.push_back(size);
  }
  return shape;
}

/// What stands behind `key` in the header's dictionary.
static StringRef entry(StringRef header, StringRef key) {
  return header.split(("'" + key + "':").str()).second.ltrim();
}

llvm::Expected<NpyFile> edgec::evaluator::openNpy(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return createStringError(buffer.getError(), "'%s': %s", path.str().c_str(),
                             buffer.getError().message().c_str());
  auto fault = [&](const std::string &text) {
    return createStringError("'" + path + "': " + text);
  };
  NpyFile file;
  file.buffer = std::move(*buffer);
  StringRef bytes = file.buffer->getBuffer();
  if (!bytes.consume_front(magic) || bytes.size() < 2)
    return fault("not a version 1 .npy file");
  size_t headerSize = uint8_t(bytes[0]) + 256 * uint8_t(bytes[1]);
  StringRef header = bytes.substr(2, headerSize);
  StringRef data = bytes.substr(2 + headerSize);
  file.data = ArrayRef(data.data(), data.size());

  StringRef descriptor = entry(header, "descr");
  if (descriptor.consume_front("'"))
    file.descriptor = descriptor.split("'").first.str();
  if (StringRef(file.descriptor)
          .drop_while([](char c) { return !llvm::isDigit(c); })
          .getAsInteger(10, file.elementBytes) ||
      file.elementBytes < 1 || file.elementBytes > 16)
    return fault("element type '" + file.descriptor + "' is none of numbers");
  if (!entry(header, "fortran_order").starts_with("False"))
    return fault("must be in C order");
  StringRef shape = entry(header, "shape");
  auto sizes =
      shape.consume_front("(")
          ? parseShape(shape.take_until([](char c) { return c == ')'; }))
          : std::nullopt;
  if (!sizes)
    return fault("the header has no shape: " + header.str());
  file.shape = std::move(*sizes);
  int64_t elements = 1;
  for (int64_t size : file.shape) {
    if (llvm::MulOverflow(elements, size, elements))
      return fault("shape " + npyShapeText(file.shape) + " is too large");
  }
  int64_t dataBytes = 0;
  if (llvm::MulOverflow(elements, file.elementBytes, dataBytes) ||
      dataBytes != int64_t(data.size())) {
    return fault("has " + std::to_string(data.size()) +
                 " bytes of data, shape " + npyShapeText(file.shape) +
                 " needs another number");
  }
  return file;
}

llvm::Expected<HostTensor> edgec::evaluator::readNpy(StringRef path,
                                                     RankedTensorType type) {
  llvm::Expected<NpyFile> file = openNpy(path);
  if (!file)
    return file.takeError();
  std::string wanted = npyDescriptor(type.getElementType());
  if (file->descriptor != wanted) {
    return createStringError("'" + path + "': element type is '" +
                             file->descriptor + "', must be '" + wanted + "'");
  }
  if (type.getShape() != ArrayRef<int64_t>(file->shape)) {
    return createStringError("'" + path + "': must have the shape " +
                             npyShapeText(type.getShape()) + ", it has " +
                             npyShapeText(file->shape));
  }
  return fromBytes(type, file->data);
}

llvm::Error edgec::evaluator::writeNpy(StringRef path,
                                       const HostTensor &tensor) {
  std::string header =
      "{'descr': '" + npyDescriptor(tensor.elementType()) +
      "', 'fortran_order': False, 'shape': " + npyShapeText(tensor.shape()) +
      ", }";
  // The data begins at a multiple of 64 bytes.
  size_t begin = llvm::alignTo(magic.size() + 2 + header.size() + 1, 64);
  header.resize(begin - magic.size() - 2 - 1, ' ');
  header += '\n';
  std::vector<char> data = toBytes(tensor);

  auto file = llvm::FileOutputBuffer::create(path, begin + data.size());
  if (!file)
    return file.takeError();
  uint8_t *out = (*file)->getBufferStart();
  out = std::copy(magic.begin(), magic.end(), out);
  *out++ = uint8_t(header.size());
  *out++ = uint8_t(header.size() >> 8);
  out = std::copy(header.begin(), header.end(), out);
  std::copy(data.begin(), data.end(), out);
  return (*file)->commit();
}

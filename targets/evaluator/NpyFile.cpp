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
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace edgec::evaluator;
using llvm::createStringError;

static constexpr StringRef magic("\x93NUMPY\x01\x00", 8);

/// The dtype in which elements of `element` travel, for example "<f4".
static std::string descriptor(Type element) {
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

static std::string shapeText(ArrayRef<int64_t> shape) {
  std::string text = "(";
  for (auto [index, size] : llvm::enumerate(shape))
    text += (index ? ", " : "") + std::to_string(size);
  return text + (shape.size() == 1 ? ",)" : ")");
}

llvm::Expected<HostTensor> edgec::evaluator::readNpy(StringRef path,
                                                     RankedTensorType type) {
  auto file = llvm::MemoryBuffer::getFile(path);
  if (!file)
    return createStringError(file.getError(), "'%s': %s", path.str().c_str(),
                             file.getError().message().c_str());
  auto fault = [&](const std::string &text) {
    return createStringError("'" + path + "': " + text);
  };
  StringRef bytes = (*file)->getBuffer();
  if (!bytes.consume_front(magic) || bytes.size() < 2)
    return fault("not a version 1 .npy file");
  size_t headerSize = uint8_t(bytes[0]) + 256 * uint8_t(bytes[1]);
  StringRef header = bytes.substr(2, headerSize);
  StringRef data = bytes.substr(2 + headerSize);

  std::string wanted = descriptor(type.getElementType());
  StringRef found = header.split("'descr': '").second.split("'").first;
  if (found != wanted)
    return fault("element type is '" + found.str() + "', must be '" + wanted +
                 "'");
  if (!header.contains("'fortran_order': False"))
    return fault("must be in C order");
  std::string shape = shapeText(type.getShape());
  if (!header.contains("'shape': " + shape))
    return fault("must have the shape " + shape + ", its header is " +
                 header.str());
  if (int64_t(data.size()) !=
      elementBytes(type.getElementType()) * type.getNumElements())
    return fault("has " + std::to_string(data.size()) +
                 " bytes of data, shape " + shape + " needs another number");
  return fromBytes(type, ArrayRef(data.data(), data.size()));
}

llvm::Error edgec::evaluator::writeNpy(StringRef path,
                                       const HostTensor &tensor) {
  std::string header =
      "{'descr': '" + descriptor(tensor.elementType()) +
      "', 'fortran_order': False, 'shape': " + shapeText(tensor.shape()) +
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

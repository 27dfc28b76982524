//===- Elements.cpp - shapes and constants of a model file ----------------===//
//
// Small constants become dense attributes, which passes read most easily; large
// ones stay where they lie in the mapped file.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/Elements.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace edgec;
using llvm::StringRef;

std::optional<int64_t> edgec::countElements(llvm::ArrayRef<int64_t> shape) {
  constexpr int64_t limit = int64_t(1) << 40;
  int64_t count = 1;
  bool empty = false;
  for (int64_t size : shape) {
    if (size < 0 || size > limit)
      return std::nullopt;
    empty |= size == 0;
    if (size != 0 && count > limit / size)
      return std::nullopt;
    count *= size == 0 ? 1 : size;
  }
  return empty ? 0 : count;
}

std::string edgec::shapeText(llvm::ArrayRef<int64_t> shape) {
  if (shape.empty())
    return "scalar";
  return llvm::join(
      llvm::map_range(shape, [](int64_t d) { return std::to_string(d); }), "x");
}

mlir::ElementsAttr edgec::makeElements(mlir::RankedTensorType type,
                                       StringRef bytes,
                                       std::shared_ptr<const void> owner,
                                       StringRef name) {
  constexpr size_t smallBytes = 1024;
  constexpr uint64_t lineBytes = 64;
  llvm::ArrayRef<char> data(bytes.data(), bytes.size());
  if (data.size() < smallBytes && !type.getElementType().isInteger(1))
    return mlir::DenseElementsAttr::getFromRawBuffer(type, data);
  // The blob states its true alignment, which in a model file is often 1.
  uint64_t address = reinterpret_cast<uintptr_t>(data.data());
  size_t alignment = llvm::MinAlign(address, lineBytes);
  mlir::AsmResourceBlob blob(
      data, alignment,
      [owner = std::move(owner)](void *, size_t, size_t) mutable {
        owner.reset();
      },
      /*dataIsMutable=*/false);
  return mlir::DenseResourceElementsAttr::get(
      type, name.empty() ? "constant" : name, std::move(blob));
}

//===- PackConstants.cpp - constants in the kernels' order ----------------===//
//
// Packed weights are resources (plain bytes that MLIR neither hashes nor
// prints), written once; a constant that needs no packing keeps its attribute,
// which may still point into the mapped model file.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/PackConstants.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "passes/kernel/ElementTypes.h"
#include <cstring>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// The bytes of a constant of floats or integers; `storage` holds them when the
/// attribute does not have them in a row, aligned for their elements.
static FailureOr<ArrayRef<char>> readBytes(ElementsAttr value,
                                           std::vector<uint64_t> &storage) {
  Type element = value.getElementType();
  if (!element.isIntOrFloat() || element.getIntOrFloatBitWidth() % 8)
    return failure();
  size_t width = element.getIntOrFloatBitWidth() / 8,
         size = value.getNumElements() * width;
  auto allocate = [&] {
    storage.resize(llvm::divideCeil(size, sizeof(uint64_t)));
    return reinterpret_cast<char *>(storage.data());
  };
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob || blob->getData().size() != size)
      return failure();
    // A mapped file need not be aligned.
    if (reinterpret_cast<uintptr_t>(blob->getData().data()) % width == 0)
      return blob->getData();
    char *copy = allocate();
    std::memcpy(copy, blob->getData().data(), size);
    return ArrayRef<char>(copy, size);
  }
  auto dense = dyn_cast<DenseElementsAttr>(value);
  if (!dense)
    return failure();
  ArrayRef<char> raw = dense.getRawData();
  char *copy = allocate();
  for (size_t at = 0; at < size; at += raw.size())
    std::memcpy(copy + at, raw.data(), raw.size());
  return ArrayRef<char>(copy, size);
}

/// Later stages want bytes in a row, which neither a splat nor the bits of i1
/// are; other constants stay as they are.
static ElementsAttr storeInRow(ElementsAttr value, StringRef name) {
  auto type = cast<RankedTensorType>(value.getType());
  bool isTruth = type.getElementType().isInteger(1);
  Type stored =
      isTruth ? storedType(type.getElementType()) : type.getElementType();
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    return isTruth ? DenseResourceElementsAttr::get(type.clone(stored),
                                                    resource.getRawHandle())
                   : value;
  }
  auto dense = dyn_cast<DenseElementsAttr>(value);
  bool isSplat = dense && dense.isSplat() && dense.getNumElements() > 1;
  if (!dense || !(isTruth || isSplat) || !type.getElementType().isIntOrFloat())
    return value;
  size_t count = type.getNumElements();
  if (isTruth) {
    AsmResourceBlob blob = HeapAsmResourceBlob::allocate(count, 64);
    llvm::copy(dense.getValues<bool>(), blob.getMutableData().begin());
    return DenseResourceElementsAttr::get(type.clone(stored), name,
                                          std::move(blob));
  }
  ArrayRef<char> one = dense.getRawData();
  AsmResourceBlob blob = HeapAsmResourceBlob::allocate(count * one.size(), 64);
  for (size_t i = 0; i < count; ++i)
    llvm::copy(one, blob.getMutableData().begin() + i * one.size());
  return DenseResourceElementsAttr::get(type, name, std::move(blob));
}

FailureOr<rt::WeightsOp>
PackConstants::get(Location loc, ElementsAttr value,
                   const std::optional<Packing> &packing) {
  rt::WeightsOp &weights = known[value][packing ? packing->key : ""];
  if (weights)
    return weights;
  std::string name = "weights_" + std::to_string(count++);
  if (packing) {
    std::vector<uint64_t> storage;
    FailureOr<ArrayRef<char>> source = readBytes(value, storage);
    if (failed(source)) {
      return emitError(loc)
             << "the elements of a constant of type " << value.getType()
             << " cannot be read; weights must be dense data";
    }
    size_t size = packing->type.getNumElements() *
                  (packing->type.getElementTypeBitWidth() / 8);
    AsmResourceBlob blob = HeapAsmResourceBlob::allocate(size, 64);
    MutableArrayRef<char> packed = blob.getMutableData();
    std::fill(packed.begin(), packed.end(), 0);
    packing->write(*source, packed);
    value =
        DenseResourceElementsAttr::get(packing->type, name, std::move(blob));
  } else {
    value = storeInRow(value, name);
  }
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  weights = rt::WeightsOp::create(builder, loc, name, value, IntegerAttr());
  return weights;
}

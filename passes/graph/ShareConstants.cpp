//===- ShareConstants.cpp - one attribute for equal bytes ----------------===//
//
// The variants of a model (edge.variant_of) are imported and folded each by
// itself, so each has its own copy of the weights. Here those of equal type and
// bytes become one attribute, so that they are packed and stored once.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "dialects/edge/Variant.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "passes/graph/Passes.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;

namespace edgec {
#define GEN_PASS_DEF_SHARECONSTANTS
#include "passes/graph/Passes.h.inc"

static ArrayRef<char> bytesOf(DenseResourceElementsAttr value) {
  AsmResourceBlob *blob = value.getRawHandle().getBlob();
  return blob ? blob->getData() : ArrayRef<char>();
}

namespace {
struct ShareConstants : public edgec::impl::ShareConstantsBase<ShareConstants> {
  void runOnOperation() override {
    bool hasVariants = false;
    for (auto function : getOperation().getOps<func::FuncOp>())
      hasVariants |= bool(edge::variantOf(function));
    if (!hasVariants)
      return markAllAnalysesPreserved();
    getOperation().walk([&](edge::ConstantOp constant) {
      auto value = dyn_cast<DenseResourceElementsAttr>(constant.getValue());
      if (!value)
        return;
      DenseResourceElementsAttr shared = firstEqual(value);
      numShared += shared != value;
      constant.setValueAttr(shared);
    });
  }

private:
  DenseMap<DenseResourceElementsAttr, DenseResourceElementsAttr> known;
  /// By hash; equal hashes are told apart by their bytes.
  llvm::DenseMap<std::pair<Type, uint64_t>,
                 SmallVector<DenseResourceElementsAttr, 1>>
      found;

  DenseResourceElementsAttr firstEqual(DenseResourceElementsAttr value) {
    DenseResourceElementsAttr &first = known[value];
    if (first)
      return first;
    ArrayRef<char> bytes = bytesOf(value);
    uint64_t hash = llvm::xxh3_64bits(ArrayRef(
        reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()));
    auto &candidates = found[{value.getType(), hash}];
    for (DenseResourceElementsAttr candidate : candidates)
      if (bytesOf(candidate) == bytes)
        return first = candidate;
    candidates.push_back(value);
    return first = value;
  }
};
} // namespace
} // namespace edgec

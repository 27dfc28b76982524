//===- ConstantData.h - reading and making tensor constants ----*- C++ -*-===//
//
// Constants of a model are large and mostly lie in the mapped model file, at
// any alignment. These functions read them in place and write results exactly
// once: below 1 KB into a DenseElementsAttr, above it into a resource blob
// (DenseElementsAttr is uniqued by content, which would hash every weight).
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_GRAPH_CONSTANTDATA_H
#define EDGEC_PASSES_GRAPH_CONSTANTDATA_H

#include "dialects/edge/Edge.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include <cstring>

namespace edgec {

/// The elements of a constant, in row-major order, wherever they lie.
class ConstantData {
public:
  /// None when the value is not a constant, its bytes are absent, or its
  /// elements do not fill whole bytes.
  static std::optional<ConstantData> get(mlir::Value value);
  static std::optional<ConstantData> get(mlir::ElementsAttr attribute);

  mlir::RankedTensorType getType() const { return type; }
  int64_t getNumElements() const { return type.getNumElements(); }
  unsigned getElementBytes() const { return elementBytes; }
  bool isFloat32() const { return type.getElementType().isF32(); }
  /// All elements are the one that is stored.
  bool isSplat() const { return splat; }
  const char *getBytes() const { return bytes; }

  /// Needs isFloat32().
  float getFloat(int64_t index) const {
    float value;
    std::memcpy(&value, bytes + (splat ? 0 : index * sizeof(float)),
                sizeof(float));
    return value;
  }
  /// The one value of all elements, if they are float and stored as a splat.
  std::optional<float> getSplatFloat() const {
    if (!isFloat32() || !splat)
      return std::nullopt;
    return getFloat(0);
  }

private:
  mlir::RankedTensorType type;
  const char *bytes = nullptr;
  unsigned elementBytes = 0;
  bool splat = false;
};

/// Bytes of one element, or 0 when it does not fill whole bytes.
unsigned getElementBytes(mlir::Type elementType);

/// A constant whose elements `fill` writes (all of them).
mlir::ElementsAttr
makeConstant(mlir::RankedTensorType type,
             llvm::function_ref<void(llvm::MutableArrayRef<char>)> fill);
mlir::ElementsAttr
makeFloatConstant(mlir::RankedTensorType type,
                  llvm::function_ref<void(llvm::MutableArrayRef<float>)> fill);

/// The same elements under another shape; shares the bytes.
mlir::ElementsAttr reshapeConstant(mlir::ElementsAttr attribute,
                                   llvm::ArrayRef<int64_t> shape);

/// The constant with its dimensions permuted as edge.transpose does; null when
/// its elements cannot be read. Copies at most once, and not at all when only
/// dimensions of size 1 move.
mlir::ElementsAttr transposeConstant(mlir::ElementsAttr attribute,
                                     llvm::ArrayRef<int64_t> permutation);

/// The constant's elements converted as edge.cast does; null when one of the
/// types is not float or integer of whole bytes.
mlir::ElementsAttr castConstant(const ConstantData &data,
                                mlir::RankedTensorType type);

/// One side of a strided copy; strides in elements.
struct StridedBytes {
  llvm::SmallVector<int64_t> strides;
  int64_t offset = 0;
};

/// Copies a box of `sizes` elements of `elementBytes` (1, 2, 4 or 8) bytes,
/// blocked so that both sides use their cache lines.
void copyStrided(llvm::ArrayRef<int64_t> sizes, unsigned elementBytes,
                 const char *source, const StridedBytes &from, char *target,
                 const StridedBytes &to);

/// Row-major strides of a shape, in elements.
llvm::SmallVector<int64_t> denseStrides(llvm::ArrayRef<int64_t> shape);

/// True when the permutation moves only dimensions of size 1, so that the
/// elements stay in order.
bool keepsElementOrder(llvm::ArrayRef<int64_t> permutation,
                       llvm::ArrayRef<int64_t> shape);

} // namespace edgec

#endif // EDGEC_PASSES_GRAPH_CONSTANTDATA_H

//===- ConstantData.cpp - reading and making tensor constants ------------===//
//
// See ConstantData.h. The strided copy is the one place that moves weights; a
// fully connected layer of a large network has hundreds of megabytes, so it
// works in blocks that fit the first-level cache.
//
//===----------------------------------------------------------------------===//
#include "passes/graph/ConstantData.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinDialect.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;

namespace edgec {

/// Constants of at least this size become resources.
static constexpr int64_t resourceBytes = 1024;
/// Large enough for every vector load of the targets.
static constexpr size_t blobAlignment = 64;

unsigned getElementBytes(Type elementType) {
  unsigned bits = 0;
  if (auto quantized = dyn_cast<quant::QuantizedType>(elementType))
    bits = quantized.getStorageTypeIntegralWidth();
  else if (elementType.isIntOrFloat())
    bits = elementType.getIntOrFloatBitWidth();
  return bits == 8 || bits == 16 || bits == 32 || bits == 64 ? bits / 8 : 0;
}

std::optional<ConstantData> ConstantData::get(Value value) {
  auto constant = value.getDefiningOp<edge::ConstantOp>();
  return constant ? get(constant.getValue()) : std::nullopt;
}

std::optional<ConstantData> ConstantData::get(ElementsAttr attribute) {
  ConstantData data;
  data.type = dyn_cast<RankedTensorType>(attribute.getType());
  if (!data.type)
    return std::nullopt;
  data.elementBytes = edgec::getElementBytes(data.type.getElementType());
  if (data.elementBytes == 0)
    return std::nullopt;
  ArrayRef<char> raw;
  if (auto dense = dyn_cast<DenseElementsAttr>(attribute)) {
    data.splat = dense.isSplat();
    raw = dense.getRawData();
  } else if (auto resource = dyn_cast<DenseResourceElementsAttr>(attribute)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob)
      return std::nullopt;
    raw = blob->getData();
  }
  int64_t stored = data.splat ? 1 : data.type.getNumElements();
  if (int64_t(raw.size()) != stored * int64_t(data.elementBytes))
    return std::nullopt;
  data.bytes = raw.data();
  return data;
}

/// All elements equal the first, bit for bit.
static bool isUniform(ArrayRef<char> bytes, unsigned elementBytes) {
  return std::memcmp(bytes.data(), bytes.data() + elementBytes,
                     bytes.size() - elementBytes) == 0;
}

ElementsAttr makeConstant(RankedTensorType type,
                          function_ref<void(MutableArrayRef<char>)> fill) {
  unsigned elementBytes = getElementBytes(type.getElementType());
  assert(elementBytes && "callers read a ConstantData of this type before");
  int64_t size = type.getNumElements() * elementBytes;
  bool canBeDense = type.getElementType().isIntOrFloat();
  if (size < resourceBytes && canBeDense) {
    SmallVector<char, 0> bytes(size);
    fill(bytes);
    ArrayRef<char> stored = bytes;
    if (isUniform(bytes, elementBytes))
      stored = stored.take_front(elementBytes);
    return DenseElementsAttr::getFromRawBuffer(type, stored);
  }
  AsmResourceBlob blob = HeapAsmResourceBlob::allocate(size, blobAlignment);
  fill(blob.getMutableData());
  if (canBeDense && isUniform(blob.getData(), elementBytes))
    return DenseElementsAttr::getFromRawBuffer(
        type, blob.getData().take_front(elementBytes));
  return DenseResourceElementsAttr::get(type, "folded", std::move(blob));
}

ElementsAttr
makeFloatConstant(RankedTensorType type,
                  function_ref<void(MutableArrayRef<float>)> fill) {
  return makeConstant(type, [&](MutableArrayRef<char> bytes) {
    fill({reinterpret_cast<float *>(bytes.data()),
          size_t(type.getNumElements())});
  });
}

ElementsAttr reshapeConstant(ElementsAttr attribute, ArrayRef<int64_t> shape) {
  auto type = cast<RankedTensorType>(attribute.getType()).clone(shape);
  if (auto dense = dyn_cast<DenseElementsAttr>(attribute))
    return dense.reshape(type);
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attribute))
    return DenseResourceElementsAttr::get(type, resource.getRawHandle());
  return nullptr;
}

SmallVector<int64_t> denseStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (size_t d = shape.size(); d-- > 1;)
    strides[d - 1] = strides[d] * shape[d];
  return strides;
}

bool keepsElementOrder(ArrayRef<int64_t> permutation, ArrayRef<int64_t> shape) {
  int64_t last = -1;
  for (int64_t source : permutation) {
    if (shape[source] == 1)
      continue;
    if (source < last)
      return false;
    last = source;
  }
  return true;
}

ElementsAttr transposeConstant(ElementsAttr attribute,
                               ArrayRef<int64_t> permutation) {
  auto data = ConstantData::get(attribute);
  if (!data)
    return nullptr;
  ArrayRef<int64_t> shape = data->getType().getShape();
  SmallVector<int64_t> strides = denseStrides(shape), sizes;
  StridedBytes from;
  for (int64_t source : permutation) {
    sizes.push_back(shape[source]);
    from.strides.push_back(strides[source]);
  }
  if (data->isSplat() || keepsElementOrder(permutation, shape))
    return reshapeConstant(attribute, sizes);
  return makeConstant(
      data->getType().clone(sizes), [&](MutableArrayRef<char> bytes) {
        copyStrided(sizes, data->getElementBytes(), data->getBytes(), from,
                    bytes.data(), {denseStrides(sizes), 0});
      });
}

//===----------------------------------------------------------------------===//
// The strided copy
//===----------------------------------------------------------------------===//

namespace {
/// One dimension of the box: its size and its stride on both sides, in bytes.
struct CopyLoop {
  int64_t size, from, to;
};
} // namespace

/// Copies outer x inner elements in square blocks; a block's lines of both
/// sides (2 * 32 * 64 bytes) fit every first-level cache.
template <typename Element>
static void copyPlane(const CopyLoop &outer, const CopyLoop &inner,
                      const char *source, char *target) {
  constexpr int64_t block = 32;
  for (int64_t i0 = 0; i0 < outer.size; i0 += block) {
    for (int64_t j0 = 0; j0 < inner.size; j0 += block) {
      for (int64_t i = i0, iEnd = std::min(i0 + block, outer.size); i < iEnd;
           ++i) {
        for (int64_t j = j0, jEnd = std::min(j0 + block, inner.size); j < jEnd;
             ++j) {
          std::memcpy(target + i * outer.to + j * inner.to,
                      source + i * outer.from + j * inner.from,
                      sizeof(Element));
        }
      }
    }
  }
}

template <typename Element>
static void copyLoops(ArrayRef<CopyLoop> loops, const char *source,
                      char *target) {
  if (loops.size() == 2)
    return copyPlane<Element>(loops[0], loops[1], source, target);
  const CopyLoop &loop = loops.front();
  for (int64_t i = 0; i < loop.size; ++i)
    copyLoops<Element>(loops.drop_front(), source + i * loop.from,
                       target + i * loop.to);
}

/// Copies runs of `runBytes` contiguous bytes.
static void copyRuns(ArrayRef<CopyLoop> loops, int64_t runBytes,
                     const char *source, char *target) {
  if (loops.empty()) {
    std::memcpy(target, source, runBytes);
    return;
  }
  const CopyLoop &loop = loops.front();
  for (int64_t i = 0; i < loop.size; ++i)
    copyRuns(loops.drop_front(), runBytes, source + i * loop.from,
             target + i * loop.to);
}

/// The box's loops, outermost first, without those of size 1 and with
/// neighbours joined where both sides walk on without a gap.
static SmallVector<CopyLoop> joinLoops(ArrayRef<int64_t> sizes,
                                       int64_t elementBytes,
                                       const StridedBytes &from,
                                       const StridedBytes &to) {
  SmallVector<CopyLoop> loops;
  for (auto [size, source, target] :
       llvm::zip_equal(sizes, from.strides, to.strides)) {
    CopyLoop loop{size, source * elementBytes, target * elementBytes};
    if (size == 1)
      continue;
    if (!loops.empty() && loops.back().from == loop.from * size &&
        loops.back().to == loop.to * size)
      loops.back() = {loops.back().size * size, loop.from, loop.to};
    else
      loops.push_back(loop);
  }
  return loops;
}

void copyStrided(ArrayRef<int64_t> sizes, unsigned elementBytes,
                 const char *source, const StridedBytes &from, char *target,
                 const StridedBytes &to) {
  source += from.offset * int64_t(elementBytes);
  target += to.offset * int64_t(elementBytes);
  SmallVector<CopyLoop> loops = joinLoops(sizes, elementBytes, from, to);
  int64_t step = elementBytes;
  if (loops.empty())
    return copyRuns({}, step, source, target);
  if (loops.back().from == step && loops.back().to == step)
    return copyRuns(ArrayRef(loops).drop_back(), loops.back().size * step,
                    source, target);
  // The plane of the two dimensions that are contiguous on one side each.
  auto *contiguous = std::min_element(
      loops.begin(), loops.end(), [](const CopyLoop &a, const CopyLoop &b) {
        return std::abs(a.from) < std::abs(b.from);
      });
  if (contiguous + 1 != loops.end())
    std::rotate(contiguous, contiguous + 1, loops.end() - 1);
  if (loops.size() == 1)
    loops.insert(loops.begin(), CopyLoop{1, 0, 0});
  switch (elementBytes) {
  case 1:
    return copyLoops<uint8_t>(loops, source, target);
  case 2:
    return copyLoops<uint16_t>(loops, source, target);
  case 4:
    return copyLoops<uint32_t>(loops, source, target);
  default:
    return copyLoops<uint64_t>(loops, source, target);
  }
}

} // namespace edgec

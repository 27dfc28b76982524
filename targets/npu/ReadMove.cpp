//===- ReadMove.cpp - moving operators as boxes ---------------------------===//
//
// Strides are those of dense tensors, permuted, scaled or 0 as the operator
// says. Loops that continue each other on both sides become one.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/Moves.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::npu;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

namespace {
struct Loop {
  int64_t size, from, to;
};
} // namespace

/// The box of loops, outermost first; nothing if they are more than four.
static std::optional<Box> boxOf(unsigned read, ArrayRef<Loop> loops,
                                int64_t fromOffset, int64_t toOffset) {
  SmallVector<Loop> merged;
  for (const Loop &loop : loops) {
    if (loop.size == 1)
      continue;
    if (!merged.empty() && merged.back().from == loop.size * loop.from &&
        merged.back().to == loop.size * loop.to)
      merged.back() = {merged.back().size * loop.size, loop.from, loop.to};
    else
      merged.push_back(loop);
  }
  Box box;
  if (merged.size() > box.sizes.size())
    return std::nullopt;
  box.read = read;
  box.fromOffset = fromOffset;
  box.toOffset = toOffset;
  size_t first = box.sizes.size() - merged.size();
  for (auto [index, loop] : llvm::enumerate(merged)) {
    box.sizes[first + index] = loop.size;
    box.from[first + index] = loop.from;
    box.to[first + index] = loop.to;
  }
  // Without a loop, or with a broadcast innermost, one element is a run.
  if (merged.empty())
    box.from[3] = box.to[3] = 1;
  return box;
}

/// One box over `sizes`.
static std::optional<std::vector<Box>>
single(ArrayRef<int64_t> sizes, ArrayRef<int64_t> from, ArrayRef<int64_t> to,
       int64_t fromOffset = 0, int64_t toOffset = 0) {
  SmallVector<Loop> loops;
  for (size_t d = 0; d < sizes.size(); ++d)
    loops.push_back({sizes[d], from[d], to[d]});
  std::optional<Box> box = boxOf(0, loops, fromOffset, toOffset);
  if (!box)
    return std::nullopt;
  return std::vector<Box>{*box};
}

static std::optional<std::vector<Box>> readConcat(edge::ConcatOp op) {
  ArrayRef<int64_t> out = shapeOf(op->getResult(0));
  auto to = denseStrides(out);
  auto axis = size_t(op.getAxis());
  int64_t position = 0;
  std::vector<Box> boxes;
  for (auto [read, operand] : llvm::enumerate(op->getOperands())) {
    ArrayRef<int64_t> shape = shapeOf(operand);
    auto from = denseStrides(shape);
    SmallVector<Loop> loops;
    for (size_t d = 0; d < shape.size(); ++d)
      loops.push_back({shape[d], from[d], to[d]});
    std::optional<Box> box =
        boxOf(unsigned(read), loops, 0, position * to[axis]);
    if (!box)
      return std::nullopt;
    boxes.push_back(*box);
    position += shape[axis];
  }
  return boxes;
}

/// Loops over a tensor that is resampled along `axis`: those of `along` stand
/// for that dimension.
static std::optional<Box> resampled(edge::ResampleOp op, ArrayRef<Loop> along,
                                    int64_t fromElement, int64_t toElement) {
  ArrayRef<int64_t> in = shapeOf(op.getX()), out = shapeOf(op.getResult());
  auto from = denseStrides(in), to = denseStrides(out);
  auto axis = size_t(op.getAxis());
  SmallVector<Loop> loops;
  for (size_t d = 0; d < in.size(); ++d) {
    if (d != axis) {
      loops.push_back({in[d], from[d], to[d]});
      continue;
    }
    for (Loop loop : along)
      loops.push_back({loop.size, loop.from * from[axis], loop.to * to[axis]});
  }
  return boxOf(0, loops, fromElement * from[axis], toElement * to[axis]);
}

std::optional<std::vector<Box>>
edgec::npu::readResample(edge::ResampleOp op, const ConstantData &table) {
  constexpr size_t mostBoxes = 32;
  if (!table.isFloat32() || table.getType().getShape()[1] != 1)
    return std::nullopt;
  int64_t count = table.getType().getShape()[0];
  int64_t size = shapeOf(op.getX())[size_t(op.getAxis())];
  auto sourceOf = [&](int64_t element) {
    double first = std::floor(double(table.getFloat(element)));
    return int64_t(std::clamp(first, 0.0, double(size - 1)));
  };
  // Each element so many times.
  int64_t times = count / size;
  bool isRepeated = times * size == count;
  for (int64_t o = 0; isRepeated && o < count; ++o)
    isRepeated = sourceOf(o) == o / times;
  std::vector<Box> boxes;
  auto add = [&](ArrayRef<Loop> along, int64_t fromElement, int64_t toElement) {
    std::optional<Box> box = resampled(op, along, fromElement, toElement);
    if (box)
      boxes.push_back(*box);
    return box.has_value();
  };
  if (isRepeated) {
    if (!add({{size, 1, times}, {times, 0, 1}}, 0, 0))
      return std::nullopt;
    return boxes;
  }
  // Runs of equal steps.
  for (int64_t o = 0; o < count;) {
    int64_t end = o + 1;
    int64_t step = end < count ? sourceOf(end) - sourceOf(o) : 0;
    while (end < count && sourceOf(end) - sourceOf(end - 1) == step)
      ++end;
    if (boxes.size() == mostBoxes || !add({{end - o, step, 1}}, sourceOf(o), o))
      return std::nullopt;
    o = end;
  }
  return boxes;
}

std::optional<std::vector<Box>> edgec::npu::readMove(Operation &op) {
  using Result = std::optional<std::vector<Box>>;
  if (op.getNumResults() != 1 || op.getNumOperands() == 0)
    return std::nullopt;
  ArrayRef<int64_t> in = shapeOf(op.getOperand(0)),
                    out = shapeOf(op.getResult(0));
  auto from = denseStrides(in), to = denseStrides(out);
  size_t rank = out.size();
  return llvm::TypeSwitch<Operation *, Result>(&op)
      .Case([](edge::ConcatOp op) { return readConcat(op); })
      .Case([&](edge::SliceOp op) {
        int64_t offset = 0;
        for (size_t d = 0; d < rank; ++d) {
          offset += op.getOffsets()[d] * from[d];
          from[d] *= op.getStrides()[d];
        }
        return single(out, from, to, offset);
      })
      .Case([&](edge::PadOp op) {
        int64_t offset = 0;
        for (size_t d = 0; d < rank; ++d)
          offset += op.getLow()[d] * to[d];
        return single(in, from, to, 0, offset);
      })
      .Case([&](edge::TransposeOp op) {
        SmallVector<int64_t> permuted(rank);
        for (size_t d = 0; d < rank; ++d)
          permuted[d] = from[op.getPermutation()[d]];
        return single(out, permuted, to);
      })
      .Case([&](edge::BroadcastOp op) {
        SmallVector<int64_t> repeated(rank, 0);
        for (size_t d = 0; d < in.size(); ++d) {
          if (in[d] > 1)
            repeated[rank - in.size() + d] = from[d];
        }
        return single(out, repeated, to);
      })
      .Default(Result());
}

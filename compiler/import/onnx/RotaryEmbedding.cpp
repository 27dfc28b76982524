//===- RotaryEmbedding.cpp - rotating pairs of channels by position -------===//
//
// Pairs (a, b) of each head become
//   (a cos - b sin, a sin + b cos)
// with the cosines and sines of the position's row in two tables. A pair is an
// element of the first half and one of the second, or two neighbours.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Attention.h"
#include "compiler/import/onnx/Fused.h"
#include "compiler/import/onnx/Rotary.h"
#include "dialects/edge/Indexing.h"

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

static llvm::ArrayRef<int64_t> shapeOf(Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType()).getShape();
}

/// Every second element of the last dimension, from `first` on.
static Value everySecond(NodeImport &n, Value x, int64_t first) {
  llvm::SmallVector<int64_t> sizes(shapeOf(x)), offsets(sizes.size(), 0),
      strides(sizes.size(), 1);
  offsets.back() = first;
  sizes.back() /= 2;
  strides.back() = sizes.back() > 1 ? 2 : 1;
  return n.make<edge::SliceOp>({x}, {n.attr("offsets", offsets),
                                     n.attr("sizes", sizes),
                                     n.attr("strides", strides)});
}

/// Two tensors as one whose last dimension takes them in turn.
static Value interleave(NodeImport &n, Value a, Value b) {
  if (!a || !b)
    return nullptr;
  llvm::SmallVector<int64_t> shape(shapeOf(a));
  int64_t axis = static_cast<int64_t>(shape.size());
  shape.push_back(1);
  Value pairs = n.make<edge::ConcatOp>(
      {n.reshape(a, shape), n.reshape(b, shape)}, {n.attr("axis", axis)});
  shape.pop_back();
  shape.back() *= 2;
  return n.reshape(pairs, shape);
}

Value onnx::rotate(NodeImport &n, Value x, Value cosines, Value sines,
                   bool interleaved) {
  if (!x || !cosines || !sines)
    return nullptr;
  int64_t axis = static_cast<int64_t>(shapeOf(x).size()) - 1;
  int64_t size = shapeOf(x).back(), turned = 2 * shapeOf(cosines).back();
  Value rest;
  if (turned < size) {
    rest = sliceAlong(n, x, axis, turned, size - turned);
    x = sliceAlong(n, x, axis, 0, turned);
  }
  Value a = interleaved ? everySecond(n, x, 0)
                        : sliceAlong(n, x, axis, 0, turned / 2);
  Value b = interleaved ? everySecond(n, x, 1)
                        : sliceAlong(n, x, axis, turned / 2, turned / 2);
  Value real = n.make<edge::SubOp>(
      {n.make<edge::MulOp>({a, cosines}), n.make<edge::MulOp>({b, sines})});
  Value imaginary = n.make<edge::AddOp>(
      {n.make<edge::MulOp>({a, sines}), n.make<edge::MulOp>({b, cosines})});
  llvm::SmallVector<Value> parts = {real, imaginary};
  if (interleaved)
    parts = {interleave(n, real, imaginary)};
  if (rest)
    parts.push_back(rest);
  return parts.size() == 1
             ? parts.front()
             : n.make<edge::ConcatOp>(parts, {n.attr("axis", axis)});
}

/// A table's rows for the positions, [B or 1, L, half], as a factor of
/// [B, L, heads, half] or, with `headsFirst`, of [B, heads, L, half].
static Value asFactor(NodeImport &n, Value rows, bool headsFirst) {
  if (!rows)
    return nullptr;
  auto shape = shapeOf(rows);
  return headsFirst ? n.reshape(rows, {shape[0], 1, shape[1], shape[2]})
                    : n.reshape(rows, {shape[0], shape[1], 1, shape[2]});
}

Value onnx::embedRotary(NodeImport &n, const RotaryInputs &inputs) {
  Value x = n.operand(0);
  int64_t rank = n.rank(0);
  if ((rank != 3 && rank != 4) || !inputs.cosines || !inputs.sines) {
    if (!n.failed())
      n.error() << "an input of shape " << shapeText(n.shape(0))
                << " should have 3 or 4 dimensions";
    return nullptr;
  }
  bool headsFirst = rank == 4;
  int64_t batch = n.shape(0)[0], length = n.shape(0)[headsFirst ? 2 : 1];
  int64_t size = n.shape(0)[rank - 1];
  if (!headsFirst) {
    if (inputs.heads < 1 || size % inputs.heads != 0) {
      n.error() << "an input of shape " << shapeText(n.shape(0))
                << " does not split into num_heads=" << inputs.heads
                << " heads";
      return nullptr;
    }
    size /= inputs.heads;
    x = n.reshape(x, {batch, length, inputs.heads, size});
  }
  int64_t turned = inputs.turned == 0 ? size : inputs.turned;
  for (Value rows : {inputs.cosines, inputs.sines}) {
    auto shape = shapeOf(rows);
    bool fits = shape.size() == 3 && (shape[0] == batch || shape[0] == 1) &&
                shape[1] == length && 2 * shape[2] == turned && turned <= size;
    if (!fits) {
      n.error() << "cosines or sines of shape " << shapeText(shape)
                << " should be " << batch << "x" << length << "x" << turned
                << "/2, for the " << size << " elements of a head";
      return nullptr;
    }
  }
  Value result =
      rotate(n, x, asFactor(n, inputs.cosines, headsFirst),
             asFactor(n, inputs.sines, headsFirst), inputs.interleaved);
  return n.reshape(result, n.shape(0));
}

Value onnx::rowsAt(NodeImport &n, unsigned table, Value places) {
  return n.make<edge::GatherOp>({n.operand(table), places},
                                {n.attr("axis", int64_t(0))});
}

/// Inputs: x, cosines, sines, position ids.
void onnx::importRotaryEmbedding(NodeImport &n) {
  RotaryInputs inputs;
  inputs.interleaved = n.flag("interleaved", false);
  inputs.turned = n.integer("rotary_embedding_dim", 0);
  inputs.heads = n.integer("num_heads", 0);
  inputs.cosines = n.operand(1);
  inputs.sines = n.operand(2);
  if (n.hasInput(3)) {
    inputs.cosines = rowsAt(n, 1, n.operand(3));
    inputs.sines = rowsAt(n, 2, n.operand(3));
  }
  n.set(0, embedRotary(n, inputs));
}

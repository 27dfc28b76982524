//===- MicrosoftAttention.cpp - attention of com.microsoft ----------------===//
//
// After ONNX Runtime's ContribOperators.md. Attention multiplies the input with
// the weights of query, key and value itself; MultiHeadAttention takes the
// three. Masked scores get a finite number added, so no row is without a score.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Attention.h"
#include "compiler/import/onnx/Fused.h"
#include "compiler/import/onnx/Normalization.h"
#include "compiler/import/onnx/Operators.h"
#include "compiler/import/onnx/Rotary.h"
#include <cmath>

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

static llvm::ArrayRef<int64_t> shapeOf(Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType()).getShape();
}

/// Whether each key is to be seen, i1 of [B, 1, 1 or L, T]: from lengths [B] or
/// from a mask [B, T] or [B, L, T] of 0 and 1.
static Value readKeyMask(NodeImport &n, unsigned index, int64_t batch,
                         int64_t queries, int64_t keys) {
  llvm::ArrayRef<int64_t> shape = n.shape(index);
  Value mask = n.operand(index);
  if (!mask)
    return nullptr;
  if (shape == llvm::ArrayRef<int64_t>{batch}) {
    Value lengths = n.cast(mask, n.builder.getI32Type());
    return n.make<edge::LessOp>(
        {positions(n, {1, keys}), n.reshape(lengths, {batch, 1, 1, 1})});
  }
  if (shape == llvm::ArrayRef<int64_t>{batch, keys})
    mask = n.reshape(mask, {batch, 1, 1, keys});
  else if (shape == llvm::ArrayRef<int64_t>{batch, queries, keys})
    mask = n.reshape(mask, {batch, 1, queries, keys});
  else {
    n.error() << "a mask of shape " << shapeText(shape)
              << " is not supported; it should be " << batch << ", " << batch
              << "x" << keys << " or " << batch << "x" << queries << "x"
              << keys;
    return nullptr;
  }
  return n.cast(mask, n.builder.getI1Type());
}

namespace {
/// Which inputs of the node are the mask and the bias of the scores.
struct BiasInputs {
  unsigned mask, bias;
};
} // namespace

/// Mask, causality and bias of the scores, added; null if there are none.
static Value readBias(NodeImport &n, const AttentionInputs &inputs,
                      BiasInputs from, int64_t past) {
  int64_t batch = shapeOf(inputs.query)[0], queries = shapeOf(inputs.query)[2],
          keys = shapeOf(inputs.key)[2];
  double masked = n.real("mask_filter_value", -10000.0F);
  Value bias;
  auto add = [&](Value term) {
    bias = bias && term ? n.make<edge::AddOp>({bias, term}) : term;
  };
  if (n.hasInput(from.mask))
    add(biasOf(n, readKeyMask(n, from.mask, batch, queries, keys), inputs.query,
               masked));
  Band band{queries, keys, past};
  if (n.flag("unidirectional", false))
    band.right = 0;
  if (Value allowed = allowedIn(n, band))
    add(biasOf(n, allowed, inputs.query, masked));
  if (n.hasInput(from.bias))
    add(n.operand(from.bias));
  return bias;
}

/// Scales, attends and joins the heads into output 0.
static void attend(NodeImport &n, AttentionInputs &inputs, BiasInputs from,
                   int64_t past) {
  if (n.failed() || !checkAttention(n, inputs))
    return;
  inputs.bias = readBias(n, inputs, from, past);
  inputs.scale = n.real("scale", 0);
  if (inputs.scale == 0)
    inputs.scale =
        static_cast<float>(1 / std::sqrt(double(shapeOf(inputs.query)[3])));
  AttentionResults made = makeAttention(n, inputs);
  n.set(0, narrow(n, joinHeads(n, made.output), 0));
}

static bool refuseInputs(NodeImport &n, llvm::ArrayRef<unsigned> indices) {
  for (unsigned index : indices) {
    if (!n.hasInput(index))
      continue;
    n.error() << "input " << index << " ('" << n.node.inputs[index]
              << "') is not supported; export the model without a cache that "
                 "is shared between past and present";
    return true;
  }
  return false;
}

/// The sizes of query, key and value that the weights make.
static std::optional<llvm::SmallVector<int64_t>>
readHiddenSizes(NodeImport &n, int64_t total, int64_t heads) {
  auto sizes = n.list("qkv_hidden_sizes")
                   .value_or(llvm::SmallVector<int64_t>(3, total / 3));
  bool fits =
      sizes.size() == 3 &&
      std::accumulate(sizes.begin(), sizes.end(), int64_t(0)) == total &&
      llvm::all_of(sizes, [&](int64_t size) {
        return size > 0 && heads > 0 && size % heads == 0;
      });
  if (fits)
    return sizes;
  n.error() << "weights for " << total
            << " channels do not split into query, key and value of " << heads
            << " heads";
  return std::nullopt;
}

/// The part `which` (0 keys, 1 values) of a past [2, B, N, P, D] before `now`.
static Value withPast(NodeImport &n, Value now, unsigned past, int64_t which) {
  if (!n.hasInput(past) || n.type(past).getNumElements() == 0)
    return now;
  Value part = sliceAlong(n, n.operand(past), 0, which, 1);
  if (!part)
    return nullptr;
  part = n.reshape(part, shapeOf(part).drop_front());
  return n.make<edge::ConcatOp>({part, now}, {n.attr("axis", int64_t(2))});
}

/// Inputs: x, weights, bias, mask, past, bias of the scores, past length.
static void importAttention(NodeImport &n) {
  if (refuseInputs(n, {6}))
    return;
  if (n.flag("do_rotary", false) ||
      n.flag("past_present_share_buffer", false)) {
    n.error() << "do_rotary and past_present_share_buffer are not supported";
    return;
  }
  int64_t heads = n.integer("num_heads", 0);
  if (n.rank(0) != 3 || n.rank(1) != 2) {
    n.error() << "an input of shape " << shapeText(n.shape(0))
              << " and weights of " << shapeText(n.shape(1))
              << " should be [batch, sequence, channels] and a matrix";
    return;
  }
  auto sizes = readHiddenSizes(n, n.shape(1)[1], heads);
  Value all = n.make<edge::MatMulOp>({n.operand(0), n.operand(1)});
  if (n.hasInput(2))
    all = n.make<edge::AddOp>({all, n.operand(2)});
  if (!sizes || !all)
    return;
  Value parts[3];
  int64_t offset = 0;
  for (auto [part, size] : llvm::zip_equal(parts, *sizes)) {
    part = splitHeads(n, sliceAlong(n, all, 2, offset, size), heads);
    offset += size;
  }
  if (n.hasInput(4) && (n.rank(4) != 5 || n.shape(4)[0] != 2)) {
    n.error() << "a past of shape " << shapeText(n.shape(4))
              << " should be [2, batch, heads, length, size]";
    return;
  }
  AttentionInputs inputs;
  inputs.query = parts[0];
  inputs.key = withPast(n, parts[1], 4, 0);
  inputs.value = withPast(n, parts[2], 4, 1);
  if (n.usesOutput(1) && inputs.key && inputs.value) {
    auto stacked = [&](Value part) {
      llvm::SmallVector<int64_t> shape = {1};
      llvm::append_range(shape, shapeOf(part));
      return n.reshape(part, shape);
    };
    n.set(1,
          n.make<edge::ConcatOp>({stacked(inputs.key), stacked(inputs.value)},
                                 {n.attr("axis", int64_t(0))}));
  }
  attend(n, inputs, {3, 5}, n.hasInput(4) ? n.shape(4)[3] : 0);
}

/// The slice of input 3 (bias) that is for one of the three tensors.
static Value addBias(NodeImport &n, Value value, int64_t &offset) {
  if (!n.hasInput(3) || !value)
    return value;
  int64_t size = shapeOf(value).back();
  if (n.rank(3) != 1 || offset + size > n.shape(3)[0]) {
    n.error() << "a bias of shape " << shapeText(n.shape(3))
              << " should have one number per channel of query, key and value";
    return nullptr;
  }
  Value part = sliceAlong(n, n.operand(3), 0, offset, size);
  offset += size;
  return n.make<edge::AddOp>({value, part});
}

/// Inputs: query, key, value, bias, mask, bias of the scores, past key, past
/// value; key and value may have their heads apart already.
static void importMultiHeadAttention(NodeImport &n) {
  if (refuseInputs(n, {8, 9}))
    return;
  int64_t heads = n.integer("num_heads", 0);
  if (!n.hasInput(1) || !n.hasInput(2) || n.rank(0) != 3 ||
      (n.rank(1) != 3 && n.rank(1) != 4) || n.rank(2) != n.rank(1)) {
    n.error() << "query, key and value packed into one tensor are not "
                 "supported; they should be [batch, sequence, channels] each";
    return;
  }
  AttentionInputs inputs;
  int64_t offset = 0;
  inputs.query = splitHeads(n, addBias(n, n.operand(0), offset), heads);
  if (n.rank(1) == 4) {
    inputs.key = n.operand(1);
    inputs.value = n.operand(2);
  } else {
    inputs.key = splitHeads(n, addBias(n, n.operand(1), offset), heads);
    inputs.value = splitHeads(n, addBias(n, n.operand(2), offset), heads);
  }
  int64_t past = 0;
  if (n.hasInput(6) && n.hasInput(7) && n.rank(6) == 4) {
    mlir::NamedAttribute axis = n.attr("axis", int64_t(2));
    past = n.shape(6)[2];
    inputs.key = n.make<edge::ConcatOp>({n.operand(6), inputs.key}, {axis});
    inputs.value = n.make<edge::ConcatOp>({n.operand(7), inputs.value}, {axis});
  }
  n.set(1, inputs.key);
  n.set(2, inputs.value);
  attend(n, inputs, {4, 5}, past);
}

/// Inputs: x, positions, cosines, sines. One position is that of the first
/// element of each sequence.
static void importMicrosoftRotaryEmbedding(NodeImport &n) {
  if (n.flag("is_packed_batching", false)) {
    n.error() << "is_packed_batching is not supported";
    return;
  }
  n.ignore({"scale"});
  RotaryInputs inputs;
  inputs.interleaved = n.flag("interleaved", false);
  inputs.turned = n.integer("rotary_embedding_dim", 0);
  inputs.heads = n.integer("num_heads", 0);
  if (n.rank(0) < 3 || n.rank(2) != 2 || n.rank(3) != 2) {
    n.error() << "an input of shape " << shapeText(n.shape(0))
              << " with tables of shapes " << shapeText(n.shape(2)) << " and "
              << shapeText(n.shape(3)) << " is not possible";
    return;
  }
  if (inputs.heads == 0 && n.shape(2)[1] > 0)
    inputs.heads = n.shape(0).back() / (2 * n.shape(2)[1]);
  int64_t length = n.shape(0)[n.rank(0) - 2];
  Value places = n.cast(n.operand(1), n.builder.getI32Type());
  if (n.type(1).getNumElements() == 1 && length != 1) {
    places = n.make<edge::AddOp>(
        {positions(n, {1, length}), n.reshape(places, {1, 1})});
  } else if (n.rank(1) == 1) {
    places = n.reshape(places, {1, n.shape(1)[0]});
  }
  inputs.cosines = rowsAt(n, 2, places);
  inputs.sines = rowsAt(n, 3, places);
  n.set(0, embedRotary(n, inputs));
}

llvm::ArrayRef<Operator> onnx::microsoftAttentionOperators() {
  static constexpr Operator rows[] = {
      {"Attention", 1, 2, 7, importAttention, nullptr, types::floats,
       "masks of lengths, [B, T] and [B, L, T]; no shared cache, no rotation"},
      {"MultiHeadAttention", 1, 1, 10, importMultiHeadAttention, nullptr,
       types::floats,
       "not packed; masks of lengths, [B, T] and [B, L, T]; no shared cache"},
      {"RotaryEmbedding", 1, 4, 4, importMicrosoftRotaryEmbedding, nullptr,
       types::floats, "no packed batches"},
  };
  return rows;
}

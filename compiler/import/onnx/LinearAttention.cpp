//===- LinearAttention.cpp - attention with a state instead of a past -----===//
//
// After the specification of LinearAttention 27, for each step t of a sequence:
//   S  = S * e^decay                     if gated
//   v' = beta * (v - S' k)               if by the delta rule
//   S  = S + k v'
//   o  = scale * S' q
// The steps are written out one after the other: exporters use the operator to
// decode, a step or a few at a time.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/LinearAttention.h"
#include "compiler/import/onnx/Attention.h"
#include "compiler/import/onnx/Fused.h"
#include "compiler/import/onnx/Normalization.h"
#include <cmath>

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

namespace {
enum Input : unsigned { Query, Key, Val, Past, Decay, Beta };

/// [B, heads, T, size] each, in float32 at least; decay and beta may be null.
struct Sequences {
  Value query, key, value, decay, beta;
  int64_t batch, length, queryHeads, heads, keySize, valueSize;
};
} // namespace

/// One step of [B, heads, T, size]: [B, heads, 1, size].
static Value stepOf(NodeImport &n, Value sequence, int64_t step) {
  return sliceAlong(n, sequence, 2, step, 1);
}

static Value swapLast(NodeImport &n, Value x) {
  return n.transpose(x, {0, 1, 3, 2});
}

/// [B, T, heads * size] or [B, T, 1 * size] as [B, heads, T, size].
static Value readGate(NodeImport &n, unsigned index, const Sequences &s,
                      llvm::ArrayRef<int64_t> widths, int64_t heads) {
  if (!n.hasInput(index))
    return nullptr;
  if (n.rank(index) != 3 || n.shape(index)[0] != s.batch ||
      n.shape(index)[1] != s.length ||
      !llvm::is_contained(widths, n.shape(index)[2])) {
    n.error() << "input " << index << " of shape " << shapeText(n.shape(index))
              << " does not fit a batch of " << s.batch << ", " << s.length
              << " steps and " << heads << " heads";
    return nullptr;
  }
  int64_t parts = n.shape(index)[2] == 1 ? 1 : heads;
  return splitHeads(n, widen(n, n.operand(index)), parts);
}

/// Reads and checks everything but the state; false after an error.
static bool readSequences(NodeImport &n, Sequences &s) {
  llvm::StringRef rule = n.string("update_rule", "gated_delta");
  bool gated = rule == "gated" || rule == "gated_delta";
  bool delta = rule == "delta" || rule == "gated_delta";
  if (!gated && !delta && rule != "linear") {
    n.error() << "update_rule '" << rule
              << "' should be linear, gated, delta or gated_delta";
    return false;
  }
  if (gated != n.hasInput(Decay) || delta != n.hasInput(Beta)) {
    n.error() << "update_rule '" << rule << "' takes " << (gated ? "a" : "no")
              << " decay and " << (delta ? "a" : "no") << " beta";
    return false;
  }
  s.queryHeads = n.integer("q_num_heads", 0);
  s.heads = n.integer("kv_num_heads", 0);
  if (s.queryHeads < 1 || s.heads < 1 || s.queryHeads % s.heads != 0) {
    n.error() << "q_num_heads=" << s.queryHeads
              << " should be a multiple of kv_num_heads=" << s.heads;
    return false;
  }
  s.query = splitHeads(n, widen(n, n.operand(Query)), s.queryHeads);
  s.key = splitHeads(n, widen(n, n.operand(Key)), s.heads);
  s.value = splitHeads(n, widen(n, n.operand(Val)), s.heads);
  if (!s.query || !s.key || !s.value)
    return false;
  s.batch = n.shape(Query)[0];
  s.length = n.shape(Query)[1];
  s.keySize = n.shape(Query)[2] / s.queryHeads;
  s.valueSize = n.shape(Val)[2] / s.heads;
  auto agrees = [&](unsigned index) {
    return n.shape(index)[0] == s.batch && n.shape(index)[1] == s.length;
  };
  if (!agrees(Key) || !agrees(Val) || n.shape(Key)[2] != s.heads * s.keySize) {
    n.error() << "query, key and value of shapes " << shapeText(n.shape(Query))
              << ", " << shapeText(n.shape(Key)) << " and "
              << shapeText(n.shape(Val)) << " do not fit together";
    return false;
  }
  s.decay = readGate(n, Decay, s, {s.heads, s.heads * s.keySize}, s.heads);
  s.beta = readGate(n, Beta, s, {s.heads, 1}, s.heads);
  return !n.failed();
}

/// The state [B, heads, keySize, valueSize] before the first step.
static Value firstState(NodeImport &n, const Sequences &s) {
  llvm::SmallVector<int64_t> shape = {s.batch, s.heads, s.keySize, s.valueSize};
  if (!n.hasInput(Past))
    return n.broadcast(n.scalarLike(s.query, 0), shape);
  if (n.shape(Past) == llvm::ArrayRef<int64_t>(shape))
    return widen(n, n.operand(Past));
  n.error() << "past_state of shape " << shapeText(n.shape(Past))
            << " should have the shape " << shapeText(shape);
  return nullptr;
}

static Value advance(NodeImport &n, const Sequences &s, Value state,
                     int64_t step) {
  Value key = stepOf(n, s.key, step), value = stepOf(n, s.value, step);
  if (s.decay) {
    // [B, heads, 1, keySize or 1]: one factor per row of the state.
    Value decay = n.make<edge::ExpOp>({stepOf(n, s.decay, step)});
    state = n.make<edge::MulOp>({state, swapLast(n, decay)});
  }
  if (s.beta) {
    Value known = n.make<edge::MatMulOp>({key, state});
    Value error = n.make<edge::SubOp>({value, known});
    value = n.make<edge::MulOp>({stepOf(n, s.beta, step), error});
  }
  Value outer = n.make<edge::MulOp>({swapLast(n, key), value});
  return n.make<edge::AddOp>({state, outer});
}

/// [B, queryHeads, 1, valueSize]; the query heads of a group are rows of one
/// product.
static Value readState(NodeImport &n, const Sequences &s, Value state,
                       Value query) {
  Value grouped =
      n.reshape(query, {s.batch, s.heads, s.queryHeads / s.heads, s.keySize});
  Value output = n.make<edge::MatMulOp>({grouped, state});
  return n.reshape(output, {s.batch, s.queryHeads, 1, s.valueSize});
}

void onnx::importLinearAttention(NodeImport &n) {
  n.ignore({"chunk_size"});
  Sequences s;
  if (!readSequences(n, s))
    return;
  if (s.length > maxLinearAttentionSteps) {
    n.error() << "sequences of " << s.length << " steps are too long, at most "
              << maxLinearAttentionSteps
              << " are written out; export the model to decode in pieces, with "
                 "past_state";
    return;
  }
  float scale = n.real("scale", 0);
  if (scale == 0)
    scale = static_cast<float>(1 / std::sqrt(double(s.keySize)));
  Value query = n.make<edge::MulOp>({s.query, n.scalarLike(s.query, scale)});
  Value state = firstState(n, s);
  llvm::SmallVector<Value> outputs;
  for (int64_t step = 0; step < s.length && state; ++step) {
    state = advance(n, s, state, step);
    outputs.push_back(readState(n, s, state, stepOf(n, query, step)));
  }
  if (n.failed() || outputs.empty())
    return;
  Value output =
      outputs.size() == 1
          ? outputs.front()
          : n.make<edge::ConcatOp>(outputs, {n.attr("axis", int64_t(2))});
  n.set(0, narrow(n, joinHeads(n, output), Query));
  n.set(1, narrow(n, state, n.hasInput(Past) ? Past : Query));
}

/// A depthwise convolution along a sequence whose first elements see the last
/// ones of the sequence before: inputs x [B, C, L], w [C, 1, k], bias [C], past
/// [B, C, k - 1].
void onnx::importCausalConvWithState(NodeImport &n) {
  bool fits = n.rank(0) == 3 && n.rank(1) == 3 &&
              n.shape(1)[0] == n.shape(0)[1] && n.shape(1)[1] == 1;
  llvm::StringRef activation = n.string("activation", "none");
  if (!fits) {
    n.error() << "an input of shape " << shapeText(n.shape(0))
              << " and a filter of " << shapeText(n.shape(1))
              << " should be [batch, channels, length] and [channels, 1, size]";
    return;
  }
  int64_t batch = n.shape(0)[0], channels = n.shape(0)[1],
          past = n.shape(1)[2] - 1;
  Value x = n.operand(0);
  if (past > 0) {
    Value before = n.hasInput(3) ? n.operand(3)
                                 : n.broadcast(n.scalarLike(x, 0),
                                               {batch, channels, past});
    x = n.make<edge::ConcatOp>({before, x}, {n.attr("axis", int64_t(2))});
  }
  if (!x)
    return;
  int64_t length = n.shape(0)[2] + past;
  Value image = n.transpose(x, {0, 2, 1});
  image = n.reshape(image, {batch, 1, length, channels});
  llvm::SmallVector<Value> operands = {
      image, n.reshape(n.operand(1), {channels, 1, past + 1, 1})};
  if (n.hasInput(2))
    operands.push_back(n.operand(2));
  Value y = n.make<edge::Conv2DOp>(operands, {n.attr("groups", channels)});
  if (activation == "silu" || activation == "swish")
    y = n.make<edge::SiluOp>({y});
  else if (activation != "none")
    n.error() << "activation '" << activation
              << "' should be none, silu or swish";
  y = n.reshape(y, {batch, n.shape(0)[2], channels});
  n.set(0, n.transpose(y, {0, 2, 1}));
  if (past > 0)
    n.set(1, sliceAlong(n, x, 2, length - past, past));
  else if (n.usesOutput(1))
    n.error() << "a filter of size 1 keeps no state; drop the output "
                 "present_state";
}

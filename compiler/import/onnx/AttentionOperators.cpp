//===- AttentionOperators.cpp - Attention and FlexAttention ---------------===//
//
// After the specification of Attention 23 and 24 and of FlexAttention in
// ai.onnx.preview. Masks that depend on positions alone are computed from two
// short lists of positions, in the kernel that adds them.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Attention.h"
#include "compiler/import/onnx/LinearAttention.h"
#include "compiler/import/onnx/Normalization.h"
#include "compiler/import/onnx/Operators.h"
#include "compiler/import/onnx/Rotary.h"
#include "compiler/import/onnx/Subgraphs.h"
#include <cmath>
#include <limits>

using namespace edgec;
using namespace edgec::onnx;
using llvm::ArrayRef;
using mlir::Value;

static constexpr double minusInfinity =
    -std::numeric_limits<double>::infinity();

static ArrayRef<int64_t> shapeOf(Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType()).getShape();
}

/// The tensors of an Attention node: Q, K, V, attn_mask, past_key, past_value,
/// nonpad_kv_seqlen.
namespace {
enum Input : unsigned { Q, K, V, Mask, PastKey, PastValue, Lengths };
} // namespace

/// [B, heads, length, size] from that or [B, length, heads * size].
static Value readHeads(NodeImport &n, unsigned index,
                       llvm::StringRef headsName) {
  Value value = n.operand(index);
  int64_t heads = n.integer(headsName, 0);
  if (n.rank(index) == 4)
    return value;
  if (!n.hasAttribute(headsName)) {
    n.error() << "attribute '" << headsName << "' is missing for an input of "
              << n.rank(index) << " dimensions";
    return nullptr;
  }
  return splitHeads(n, value, heads);
}

/// The element type that softmax_precision names; null for none.
static mlir::Type readPrecision(NodeImport &n) {
  if (!n.hasAttribute("softmax_precision"))
    return nullptr;
  auto type = static_cast<DataType>(n.integer("softmax_precision", 1));
  mlir::Type element = elementType(type, n.builder.getContext());
  if (mlir::isa_and_nonnull<mlir::FloatType>(element))
    return element;
  n.error() << "softmax_precision is " << dataTypeName(type)
            << ", but should be a float type";
  return nullptr;
}

/// The keys of the past before those of the run; null if there is no past.
static Value withPast(NodeImport &n, Value value, unsigned past) {
  if (!n.hasInput(past))
    return value;
  // An empty past, as of a first step, adds nothing.
  if (n.type(past).getNumElements() == 0)
    return value;
  return n.make<edge::ConcatOp>({n.operand(past), value},
                                {n.attr("axis", int64_t(2))});
}

/// attn_mask as a bias; shorter rows than there are keys mask the others.
static Value readMask(NodeImport &n, Value like, int64_t keys) {
  if (!n.hasInput(Mask))
    return nullptr;
  Value mask = n.operand(Mask);
  if (!mask)
    return nullptr;
  if (n.type(Mask).getElementType().isInteger(1))
    mask = biasOf(n, mask, like, minusInfinity);
  int64_t rank = n.rank(Mask);
  if (!mask || rank == 0 || n.shape(Mask).back() >= keys ||
      n.shape(Mask).back() == 1)
    return mask;
  llvm::SmallVector<int64_t> low(rank, 0), high(rank, 0);
  high.back() = keys - n.shape(Mask).back();
  return n.make<edge::PadOp>(
      {mask}, {n.attr("low", low), n.attr("high", high),
               n.attr("value", static_cast<float>(minusInfinity))});
}

static Value sumOf(NodeImport &n, Value a, Value b) {
  if (!a || !b)
    return a ? a : b;
  return n.make<edge::AddOp>({a, b});
}

/// nonpad_kv_seqlen as int32 of shape [B, 1, 1, 1]; null if not given.
static Value readLengths(NodeImport &n) {
  if (!n.hasInput(Lengths))
    return nullptr;
  if (n.rank(Lengths) != 1) {
    n.error() << "nonpad_kv_seqlen of shape " << shapeText(n.shape(Lengths))
              << " should have one number for each of the batch";
    return nullptr;
  }
  Value lengths = n.cast(n.operand(Lengths), n.builder.getI32Type());
  return n.reshape(lengths, {n.shape(Lengths)[0], 1, 1, 1});
}

/// Everything that is added to the scores, or null.
static Value readBias(NodeImport &n, const AttentionInputs &inputs) {
  int64_t queries = shapeOf(inputs.query)[2], keys = shapeOf(inputs.key)[2];
  Value bias = readMask(n, inputs.query, keys);
  Value lengths = readLengths(n);
  Band band{queries, keys};
  if (n.flag("is_causal", false))
    band.right = 0;
  if (n.hasInput(PastKey) && n.rank(PastKey) == 4)
    band.offset = n.shape(PastKey)[2];
  else if (lengths)
    band.offsets = n.make<edge::SubOp>(
        {lengths, n.scalarLike(lengths, static_cast<double>(queries))});
  if (Value allowed = allowedIn(n, band))
    bias = sumOf(n, bias, biasOf(n, allowed, inputs.query, minusInfinity));
  if (lengths && !n.failed()) {
    Value allowed = n.make<edge::LessOp>({positions(n, {1, keys}), lengths});
    bias = sumOf(n, bias, biasOf(n, allowed, inputs.query, minusInfinity));
  }
  return bias;
}

static void importAttention(NodeImport &n) {
  int64_t rank = n.rank(Q);
  if ((rank != 3 && rank != 4) || n.rank(K) != rank || n.rank(V) != rank) {
    n.error() << "Q, K and V of shapes " << shapeText(n.shape(Q)) << ", "
              << shapeText(n.shape(K)) << " and " << shapeText(n.shape(V))
              << " should all have 3 or 4 dimensions";
    return;
  }
  AttentionInputs inputs;
  inputs.query = readHeads(n, Q, "q_num_heads");
  inputs.key = withPast(n, readHeads(n, K, "kv_num_heads"), PastKey);
  inputs.value = withPast(n, readHeads(n, V, "kv_num_heads"), PastValue);
  if (n.failed() || !checkAttention(n, inputs))
    return;
  inputs.bias = readBias(n, inputs);
  inputs.mayBlockRows = n.hasInput(Mask) || n.hasInput(Lengths);
  double size = static_cast<double>(shapeOf(inputs.query)[3]);
  inputs.scale = n.real("scale", static_cast<float>(1 / std::sqrt(size)));
  inputs.softcap = n.real("softcap", 0);
  inputs.precision = readPrecision(n);
  int64_t mode = n.integer("qk_matmul_output_mode", 0);
  if (mode < 0 || mode > 3) {
    n.error() << "qk_matmul_output_mode is " << mode
              << ", but should be 0 to 3";
    return;
  }
  if (n.failed())
    return;
  AttentionResults made = makeAttention(n, inputs);
  Value output = narrow(n, made.output, Q);
  n.set(0, rank == 3 ? joinHeads(n, output) : output);
  n.set(1, inputs.key);
  n.set(2, inputs.value);
  const Value modes[] = {made.scores, made.capped, made.biased,
                         made.probabilities};
  n.set(3, narrow(n, modes[mode], Q));
}

/// The graph in attribute `name`, applied to one tensor; without it the tensor.
static Value applyGraph(NodeImport &n, llvm::StringRef name, Value value) {
  if (!value || !n.hasAttribute(name))
    return value;
  const Graph *graph = n.graph(name);
  if (!graph)
    return nullptr;
  if (graph->inputs.size() != 1 || graph->outputs.size() != 1) {
    n.error() << "the graph '" << name
              << "' should have one input and one output";
    return nullptr;
  }
  Binding argument;
  argument.type = mlir::cast<mlir::RankedTensorType>(value.getType());
  argument.value = value;
  auto results = n.subgraphs->inlineGraph(*graph, argument);
  if (mlir::failed(results)) {
    n.fail();
    return nullptr;
  }
  Value result = results->front().value;
  if (result && result.getType() == value.getType())
    return result;
  n.error() << "the graph '" << name << "' should compute a tensor of shape "
            << shapeText(shapeOf(value)) << " from one";
  return nullptr;
}

static void importFlexAttention(NodeImport &n) {
  AttentionInputs inputs;
  inputs.query = n.operand(Q);
  inputs.key = n.operand(K);
  inputs.value = n.operand(V);
  if (n.failed() || !checkAttention(n, inputs))
    return;
  double size = static_cast<double>(n.shape(Q)[3]);
  inputs.scale = n.real("scale", static_cast<float>(1 / std::sqrt(size)));
  mlir::Type precision = readPrecision(n);
  Value scores = makeScores(n, inputs);
  scores = precision ? n.cast(scores, precision) : widen(n, scores);
  scores = applyGraph(n, "score_mod", scores);
  Value shares =
      n.make<edge::SoftmaxOp>({scores}, {n.attr("axis", int64_t(3))});
  shares = applyGraph(n, "prob_mod", shares);
  n.set(0, narrow(n, weighValues(n, shares, inputs.value), V));
}

llvm::ArrayRef<Operator> onnx::attentionOperators() {
  static constexpr Operator rows[] = {
      {"Attention", {23, 24}, 3, 7, importAttention, nullptr, types::floats},
      {"RotaryEmbedding",
       {23, 23},
       3,
       4,
       importRotaryEmbedding,
       nullptr,
       types::floats},
      {"LinearAttention",
       {27, 27},
       3,
       6,
       importLinearAttention,
       nullptr,
       types::floats,
       "sequences of up to 256 steps"},
      {"CausalConvWithState",
       {27, 27},
       2,
       4,
       importCausalConvWithState,
       nullptr,
       types::floats},
  };
  return rows;
}

llvm::ArrayRef<Operator> onnx::previewOperators() {
  static constexpr Operator rows[] = {
      {"FlexAttention", 1, 3, 3, importFlexAttention, nullptr, types::floats},
  };
  return rows;
}

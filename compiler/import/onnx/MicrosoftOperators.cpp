//===- MicrosoftOperators.cpp - fused operators of com.microsoft ----------===//
//
// What ONNX Runtime's optimizer and exporters write in place of several
// standard operators. After ONNX Runtime's ContribOperators.md; each becomes
// the operators that it stands for, and our own fusion decides what is fused.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/BlockedWeights.h"
#include "compiler/import/onnx/Fused.h"
#include "compiler/import/onnx/Normalization.h"
#include "compiler/import/onnx/Operators.h"
#include "dialects/edge/Indexing.h"

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

//===-- activations
//---------------------------------------------------------===//

static Value gelu(NodeImport &n, Value x, llvm::StringRef approximate) {
  return n.make<edge::GeluOp>({x}, {n.attr("approximate", approximate)});
}

static void importGelu(NodeImport &n) {
  n.set(0, gelu(n, n.operand(0), "none"));
}

static void importBiasGelu(NodeImport &n) {
  Value sum = n.make<edge::AddOp>({n.operand(0), n.operand(1)});
  n.set(0, gelu(n, sum, "none"));
}

static void importFastGelu(NodeImport &n) {
  Value x = n.operand(0);
  if (n.hasInput(1))
    x = n.make<edge::AddOp>({x, n.operand(1)});
  n.set(0, gelu(n, x, "tanh"));
}

/// x * sigmoid(alpha * x)
static void importQuickGelu(NodeImport &n) {
  Value x = n.operand(0);
  Value alpha = n.scalarLike(x, n.real("alpha", 1.702F));
  Value gate = n.make<edge::SigmoidOp>({n.make<edge::MulOp>({x, alpha})});
  n.set(0, n.make<edge::MulOp>({x, gate}));
}

/// The first half of (x + bias) times gelu of the second.
static void importBiasSplitGelu(NodeImport &n) {
  int64_t rank = n.rank(0), width = rank ? n.shape(0).back() : 0;
  if (width % 2 != 0 || width == 0) {
    n.error() << "the last dimension of the shape " << shapeText(n.shape(0))
              << " does not split into halves";
    return;
  }
  Value sum = n.make<edge::AddOp>({n.operand(0), n.operand(1)});
  if (!sum)
    return;
  Value left = sliceAlong(n, sum, rank - 1, 0, width / 2);
  Value right = sliceAlong(n, sum, rank - 1, width / 2, width / 2);
  n.set(0, n.make<edge::MulOp>({left, gelu(n, right, "none")}));
}

/// x + bias + skip
static void importBiasAdd(NodeImport &n) {
  Value sum = n.make<edge::AddOp>({n.operand(0), n.operand(1)});
  n.set(0, n.make<edge::AddOp>({sum, n.operand(2)}));
}

//===-- layer norms
//---------------------------------------------------------===//

static int64_t lastAxis(NodeImport &n) {
  if (n.rank(0) == 0)
    n.error() << "a scalar has no dimension to normalize";
  return n.rank(0) - 1;
}

/// input + skip (+ bias), in float32 at least. The skip may lack the batch.
static Value skipSum(NodeImport &n, unsigned bias) {
  Value sum =
      n.make<edge::AddOp>({widen(n, n.operand(0)), widen(n, n.operand(1))});
  if (n.hasInput(bias))
    sum = n.make<edge::AddOp>({sum, widen(n, n.operand(bias))});
  return sum;
}

/// Outputs: the norm, mean, 1 / deviation, the sum that is normalized.
static void importSkipLayerNormalization(NodeImport &n) {
  Value sum = skipSum(n, 4);
  Normalized made = normalize(n, sum, {lastAxis(n)}, n.real("epsilon", 1e-12F));
  Value y = n.make<edge::MulOp>({made.result, widen(n, n.operand(2))});
  if (n.hasInput(3))
    y = n.make<edge::AddOp>({y, widen(n, n.operand(3))});
  n.set(0, narrow(n, y, 0));
  n.set(1, made.mean);
  n.set(2, made.inverseDeviation);
  n.set(3, narrow(n, sum, 0));
}

/// The same without a mean; output 1 stays unused.
static void importSkipSimplifiedLayerNormalization(NodeImport &n) {
  if (n.usesOutput(1)) {
    n.error() << "the output of the mean is not defined for this norm";
    return;
  }
  Value sum = skipSum(n, 3), inverse;
  Value y = normalizeRootMeanSquare(n, sum, {lastAxis(n)},
                                    n.real("epsilon", 1e-12F), &inverse);
  y = n.make<edge::MulOp>({y, widen(n, n.operand(2))});
  n.set(0, narrow(n, y, 0));
  n.set(2, inverse);
  n.set(3, narrow(n, sum, 0));
}

void onnx::importSimplifiedLayerNormalization(NodeImport &n) {
  n.ignore({"stash_type"});
  int64_t axis = n.normalizeAxis(n.integer("axis", -1), n.rank(0));
  auto axes = llvm::to_vector(llvm::seq<int64_t>(axis, n.rank(0)));
  Value inverse;
  Value y = normalizeRootMeanSquare(n, widen(n, n.operand(0)), axes,
                                    n.real("epsilon", 1e-5F), &inverse);
  y = n.make<edge::MulOp>({y, widen(n, n.operand(1))});
  n.set(0, narrow(n, y, 0));
  n.set(1, inverse);
}

/// Rows of a table of embeddings, one per id.
static Value embed(NodeImport &n, unsigned table, Value ids) {
  if (n.rank(table) != 2) {
    n.error() << "input " << table << " of shape " << shapeText(n.shape(table))
              << " should be a matrix of embeddings";
    return nullptr;
  }
  return widen(n, n.make<edge::GatherOp>({n.operand(table), ids},
                                         {n.attr("axis", int64_t(0))}));
}

/// Inputs: ids, segment ids, the tables of words, positions and segments,
/// gamma, beta, mask, position ids.
static void importEmbedLayerNormalization(NodeImport &n) {
  n.ignore({"mask_index_type"});
  if (n.rank(0) != 2 || n.rank(3) != 2) {
    n.error() << "ids of shape " << shapeText(n.shape(0))
              << " and positions of " << shapeText(n.shape(3))
              << " should both be matrices";
    return;
  }
  if (n.usesOutput(1)) {
    n.error() << "the output of the mask index is not supported; give the mask "
                 "itself to the attention that uses it";
    return;
  }
  int64_t length = n.shape(0)[1];
  Value sum = embed(n, 2, n.operand(0));
  Value positions;
  if (n.hasInput(8)) {
    positions = embed(n, 3, n.operand(8));
  } else if (length > n.shape(3)[0]) {
    n.error() << length << " ids are more than the " << n.shape(3)[0]
              << " positions that have embeddings";
    return;
  } else {
    positions = widen(n, sliceAlong(n, n.operand(3), 0, 0, length));
  }
  sum = n.make<edge::AddOp>({sum, positions});
  if (n.hasInput(1) && n.hasInput(4))
    sum = n.make<edge::AddOp>({sum, embed(n, 4, n.operand(1))});
  if (!sum)
    return;
  Value y = normalize(n, sum, {2}, n.real("epsilon", 1e-12F)).result;
  y = n.make<edge::MulOp>({y, widen(n, n.operand(5))});
  y = n.make<edge::AddOp>({y, widen(n, n.operand(6))});
  n.set(0, narrow(n, y, 2));
  n.set(2, narrow(n, sum, 2));
}

llvm::ArrayRef<Operator> onnx::microsoftOperators() {
  static constexpr Operator rows[] = {
      {"Gelu", 1, 1, 1, importGelu, nullptr, types::floats},
      {"BiasGelu", 1, 2, 2, importBiasGelu, nullptr, types::floats},
      {"FastGelu", 1, 1, 2, importFastGelu, nullptr, types::floats},
      {"QuickGelu", 1, 1, 1, importQuickGelu, nullptr, types::floats},
      {"BiasSplitGelu", 1, 2, 2, importBiasSplitGelu, nullptr, types::floats},
      {"BiasAdd", 1, 3, 3, importBiasAdd, nullptr, types::floats},
      {"SkipLayerNormalization", 1, 3, 5, importSkipLayerNormalization, nullptr,
       types::floats},
      {"SimplifiedLayerNormalization", 1, 2, 2,
       importSimplifiedLayerNormalization, nullptr, types::floats},
      {"SkipSimplifiedLayerNormalization", 1, 3, 4,
       importSkipSimplifiedLayerNormalization, nullptr, types::floats},
      {"EmbedLayerNormalization", 1, 7, 9, importEmbedLayerNormalization,
       nullptr, types::integers, "no mask index"},
      {"MatMulNBits", 1, 3, 6, importMatMulNBits, nullptr, types::floats,
       "matrices of 4 and 8 bits, integers as zero points, no order of "
       "columns"},
      {"FusedConv", 1, 2, 4, importFusedConv, nullptr, types::floats},
      {"FusedGemm", 1, 2, 3, importFusedGemm, nullptr, types::floats},
      {"FusedMatMul", 1, 2, 2, importFusedMatMul, nullptr, types::floats},
  };
  return rows;
}

//===- NormalizationOperators.cpp - layer, group, RMS, ... norms ----------===//
//
// Norms that compute their statistics, from ordinary operators:
//   d = x - mean(x);  y = d / sqrt(mean(d * d) + epsilon) * scale + bias
// Halves are computed in float32, which fusion keeps in registers.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Fused.h"
#include "compiler/import/onnx/Normalization.h"
#include "compiler/import/onnx/Operators.h"
#include "mlir/IR/TypeUtilities.h"

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

static auto meansOver(NodeImport &n, llvm::ArrayRef<int64_t> axes) {
  return std::array{n.attr("axes", axes), n.attr("keep_dims", true)};
}

static llvm::SmallVector<int64_t> axesFrom(int64_t first, int64_t rank) {
  return llvm::to_vector(llvm::seq<int64_t>(first, rank));
}

Value onnx::widen(NodeImport &n, Value value) {
  if (!value)
    return nullptr;
  mlir::Type type = mlir::getElementTypeOrSelf(value.getType());
  return type.getIntOrFloatBitWidth() < 32
             ? n.cast(value, n.builder.getF32Type())
             : value;
}

Value onnx::narrow(NodeImport &n, Value value, unsigned index) {
  return n.cast(value, n.type(index).getElementType());
}

Normalized onnx::normalize(NodeImport &n, Value x, llvm::ArrayRef<int64_t> axes,
                           float epsilon) {
  Normalized made;
  made.mean = n.make<edge::ReduceMeanOp>({x}, meansOver(n, axes));
  Value centered = n.make<edge::SubOp>({x, made.mean});
  Value squares = n.make<edge::MulOp>({centered, centered});
  Value variance = n.make<edge::ReduceMeanOp>({squares}, meansOver(n, axes));
  Value positive =
      n.make<edge::AddOp>({variance, n.scalarLike(variance, epsilon)});
  made.inverseDeviation = n.make<edge::RsqrtOp>({positive});
  made.result = n.make<edge::MulOp>({centered, made.inverseDeviation});
  return made;
}

Value onnx::normalizeRootMeanSquare(NodeImport &n, Value x,
                                    llvm::ArrayRef<int64_t> axes, float epsilon,
                                    Value *inverse) {
  Value squares = n.make<edge::MulOp>({x, x});
  Value mean = n.make<edge::ReduceMeanOp>({squares}, meansOver(n, axes));
  Value positive = n.make<edge::AddOp>({mean, n.scalarLike(mean, epsilon)});
  Value factor = n.make<edge::RsqrtOp>({positive});
  if (inverse)
    *inverse = factor;
  return n.make<edge::MulOp>({x, factor});
}

/// stash_type says in which type the statistics are computed: float32 (1), or
/// none narrower than the input's.
static void ignoreStashType(NodeImport &n) { n.ignore({"stash_type"}); }

static void importLayerNormalization(NodeImport &n) {
  ignoreStashType(n);
  int64_t axis = n.normalizeAxis(n.integer("axis", -1), n.rank(0));
  Normalized made =
      normalize(n, widen(n, n.operand(0)), axesFrom(axis, n.rank(0)),
                n.real("epsilon", 1e-5F));
  Value y = n.make<edge::MulOp>({made.result, widen(n, n.operand(1))});
  if (n.hasInput(2))
    y = n.make<edge::AddOp>({y, widen(n, n.operand(2))});
  n.set(0, narrow(n, y, 0));
  n.set(1, made.mean);
  n.set(2, made.inverseDeviation);
}

/// The norm itself in float32, the scaling in the input's type.
static void importRmsNormalization(NodeImport &n) {
  ignoreStashType(n);
  int64_t axis = n.normalizeAxis(n.integer("axis", -1), n.rank(0));
  Value y = normalizeRootMeanSquare(n, widen(n, n.operand(0)),
                                    axesFrom(axis, n.rank(0)),
                                    n.real("epsilon", 1e-5F));
  n.set(0, n.make<edge::MulOp>({narrow(n, y, 0), n.operand(1)}));
}

/// [C] as a shape that broadcasts along the channels of [N, C, spatial...].
static Value perChannel(NodeImport &n, unsigned index) {
  llvm::SmallVector<int64_t> shape(n.rank(0) - 1, 1);
  shape.front() = n.shape(index)[0];
  return widen(n, n.reshape(n.operand(index), shape));
}

static void importInstanceNormalization(NodeImport &n) {
  int64_t rank = n.rank(0);
  if (rank < 3 || n.rank(1) != 1 || n.rank(2) != 1) {
    n.error() << "an input of shape " << shapeText(n.shape(0))
              << " with scale and bias of shapes " << shapeText(n.shape(1))
              << " and " << shapeText(n.shape(2))
              << " should be [N, C, spatial...], [C] and [C]";
    return;
  }
  Value y = normalize(n, widen(n, n.operand(0)), axesFrom(2, rank),
                      n.real("epsilon", 1e-5F))
                .result;
  y = n.make<edge::MulOp>({y, perChannel(n, 1)});
  n.set(0, narrow(n, n.make<edge::AddOp>({y, perChannel(n, 2)}), 0));
}

/// [groups] in version 18, [C] since 21; as a factor of [N, groups, C/groups,
/// elements].
static Value groupParameter(NodeImport &n, unsigned index, int64_t groups) {
  int64_t channels = n.shape(0)[1];
  int64_t wanted = n.opset < 21 ? groups : channels;
  if (n.rank(index) != 1 || n.shape(index)[0] != wanted) {
    n.error() << "input " << index << " of shape " << shapeText(n.shape(index))
              << " should have the shape " << wanted;
    return nullptr;
  }
  return widen(n, n.reshape(n.operand(index), {groups, wanted / groups, 1}));
}

static void importGroupNormalization(NodeImport &n) {
  ignoreStashType(n);
  int64_t groups = n.integer("num_groups", 0);
  if (n.rank(0) < 2 || groups < 1 || n.shape(0)[1] % groups != 0) {
    n.error() << "the channels of an input of shape " << shapeText(n.shape(0))
              << " do not divide into num_groups=" << groups;
    return;
  }
  int64_t inGroup = n.shape(0)[1] / groups;
  auto elements = countElements(n.shape(0).drop_front(2));
  Value x = n.reshape(n.operand(0),
                      {n.shape(0)[0], groups, inGroup, elements.value_or(0)});
  Value y = normalize(n, widen(n, x), {2, 3}, n.real("epsilon", 1e-5F)).result;
  y = n.make<edge::MulOp>({y, groupParameter(n, 1, groups)});
  y = n.make<edge::AddOp>({y, groupParameter(n, 2, groups)});
  n.set(0, n.reshape(narrow(n, y, 0), n.shape(0)));
}

/// (x - mean) / (deviation + 1e-9), as the function in the specification.
static void importMeanVarianceNormalization(NodeImport &n) {
  auto axes = n.normalizeAxes(
      n.list("axes").value_or(llvm::SmallVector<int64_t>{0, 2, 3}), n.rank(0));
  Value x = widen(n, n.operand(0));
  Value mean = n.make<edge::ReduceMeanOp>({x}, meansOver(n, axes));
  Value centered = n.make<edge::SubOp>({x, mean});
  Value squares = n.make<edge::MulOp>({centered, centered});
  Value variance = n.make<edge::ReduceMeanOp>({squares}, meansOver(n, axes));
  Value deviation = n.make<edge::SqrtOp>({variance});
  Value positive =
      n.make<edge::AddOp>({deviation, n.scalarLike(deviation, 1e-9)});
  n.set(0, narrow(n, n.make<edge::DivOp>({centered, positive}), 0));
}

/// x divided by its 1- or 2-norm along an axis; where that is 0 so is x, and
/// the result.
static void importLpNormalization(NodeImport &n) {
  int64_t axis = n.normalizeAxis(n.integer("axis", -1), n.rank(0));
  int64_t p = n.integer("p", 2);
  if (p != 1 && p != 2) {
    n.error() << "p is " << p << ", but should be 1 or 2";
    return;
  }
  Value x = widen(n, n.operand(0));
  Value magnitude =
      p == 1 ? n.make<edge::AbsOp>({x}) : n.make<edge::MulOp>({x, x});
  Value norm = n.make<edge::ReduceSumOp>({magnitude}, meansOver(n, {axis}));
  if (p == 2)
    norm = n.make<edge::SqrtOp>({norm});
  // The smallest normal float32: a norm below it divides like it.
  Value positive = n.make<edge::MaxOp>({norm, n.scalarLike(norm, 0x1p-126)});
  n.set(0, narrow(n, n.make<edge::DivOp>({x, positive}), 0));
}

/// x / (bias + alpha * m)^beta, m the mean of the squares of `size` channels
/// around x: an average pool along the channels, with zeros beyond the first
/// and last.
static void importLrn(NodeImport &n) {
  int64_t size = n.integer("size", 0);
  if (n.rank(0) < 2 || size < 1 || size > INT32_MAX) {
    n.error() << "size=" << size << " over the channels of an input of shape "
              << shapeText(n.shape(0)) << " is not possible";
    return;
  }
  auto elements = countElements(n.shape(0).drop_front(2));
  Value x = widen(n, n.operand(0));
  Value squares = n.make<edge::MulOp>({x, x});
  squares = n.reshape(squares,
                      {n.shape(0)[0], n.shape(0)[1], 1, elements.value_or(0)});
  // No channel has more neighbours than there are channels on either side.
  int64_t most = n.shape(0)[1] - 1;
  int64_t before = std::min((size - 1) / 2, most),
          after = std::min(size / 2, most);
  int64_t reached = before + after + 1;
  llvm::SmallVector<int64_t> window = {reached, 1},
                             pads = {before, 0, after, 0};
  Value mean = n.make<edge::AvgPool2DOp>(
      {squares}, {n.attr("window", window), n.attr("pads", pads),
                  n.attr("count_include_pad", true)});
  mean = n.reshape(mean, n.shape(0));
  double alpha = n.real("alpha", 1e-4F) * double(reached) / double(size);
  Value scaled = n.make<edge::MulOp>({mean, n.scalarLike(mean, alpha)});
  Value base =
      n.make<edge::AddOp>({scaled, n.scalarLike(mean, n.real("bias", 1))});
  Value power =
      n.make<edge::PowOp>({base, n.scalarLike(mean, -n.real("beta", 0.75F))});
  n.set(0, narrow(n, n.make<edge::MulOp>({x, power}), 0));
}

llvm::ArrayRef<Operator> onnx::normalizationOperators() {
  static constexpr Operator rows[] = {
      {"InstanceNormalization",
       {1, 22},
       3,
       3,
       importInstanceNormalization,
       nullptr,
       types::floats},
      {"LayerNormalization",
       {17, 17},
       2,
       3,
       importLayerNormalization,
       nullptr,
       types::floats,
       "statistics are computed in float32"},
      {"RMSNormalization",
       {23, 23},
       2,
       2,
       importRmsNormalization,
       nullptr,
       types::floats,
       "computed in float32"},
      {"GroupNormalization",
       {18, 21},
       3,
       3,
       importGroupNormalization,
       nullptr,
       types::floats,
       "scale and bias per group before 21, per channel since"},
      {"MeanVarianceNormalization",
       {9, 13},
       1,
       1,
       importMeanVarianceNormalization,
       nullptr,
       types::floats},
      {"LpNormalization",
       {1, 22},
       1,
       1,
       importLpNormalization,
       nullptr,
       types::floats,
       "p is 1 or 2"},
      {"SimplifiedLayerNormalization", 1, 2, 2,
       importSimplifiedLayerNormalization, nullptr, types::floats,
       "not in the standard, but written in its domain by ONNX Runtime"},
      {"LRN", {1, 13}, 1, 1, importLrn, nullptr, types::floats},
  };
  return rows;
}

//===- NormalizationOperators.cpp - softmax, l2 and local response --------===//
#include "compiler/import/tflite/Operators.h"

using namespace edgec;
using namespace edgec::tflite;
using mlir::Value;
using schema::Builtin;

/// [1] for a scalar, whose only dimension the others take for granted.
static Value withDimension(OperatorImport &n) {
  Value x = n.operand(0);
  return n.rank(0) == 0 ? n.reshape(x, {1}) : x;
}

static void importSoftmax(OperatorImport &n) {
  float beta =
      n.hasOptions<schema::SoftmaxOptions>()
          ? n.finite(n.options<schema::SoftmaxOptions>().beta(), "beta")
          : 1.0F;
  Value x = withDimension(n);
  if (beta != 1.0F)
    x = n.make<edge::MulOp>({x, n.splat(beta)});
  int64_t axis = std::max<int64_t>(n.rank(0), 1) - 1;
  Value result = n.make<edge::SoftmaxOp>({x}, {n.attr("axis", axis)});
  n.set(0, n.reshape(result, n.shape(0)));
}

static void importLogSoftmax(OperatorImport &n) {
  Value x = withDimension(n);
  int64_t axis = std::max<int64_t>(n.rank(0), 1) - 1;
  mlir::NamedAttribute along[] = {n.attr("axes", llvm::ArrayRef<int64_t>(axis)),
                                  n.attr("keep_dims", true)};
  Value shifted =
      n.make<edge::SubOp>({x, n.make<edge::ReduceMaxOp>({x}, along)});
  Value powers = n.make<edge::ExpOp>({shifted});
  Value logarithm =
      n.make<edge::LogOp>({n.make<edge::ReduceSumOp>({powers}, along)});
  n.set(0, n.reshape(n.make<edge::SubOp>({shifted, logarithm}), n.shape(0)));
}

/// x / max(|x|, 1e-6), |x| the Euclidean length along the last dimension.
static void importL2Normalization(OperatorImport &n) {
  Value x = withDimension(n);
  int64_t axis = std::max<int64_t>(n.rank(0), 1) - 1;
  Value squares = n.make<edge::MulOp>({x, x});
  Value sum = n.make<edge::ReduceSumOp>(
      {squares}, {n.attr("axes", llvm::ArrayRef<int64_t>(axis)),
                  n.attr("keep_dims", true)});
  Value length =
      n.make<edge::MaxOp>({n.make<edge::SqrtOp>({sum}), n.splat(1e-6F)});
  Value result = n.make<edge::DivOp>({x, length});
  n.set(0, n.activate(n.reshape(result, n.shape(0)),
                      n.options<schema::L2NormOptions>().activation()));
}

/// x * (bias + alpha * s)^-beta, s the sum of squares over the channels within
/// the radius. The sum is an average pool along the channels times its window.
static void importLocalResponse(OperatorImport &n) {
  const auto &options = n.options<schema::LocalResponseNormalizationOptions>();
  if (n.rank(0) != 4 || options.radius() < 0) {
    n.error() << "an input of shape " << shapeText(n.shape(0)) << " and radius "
              << options.radius()
              << " should have 4 dimensions and no negative radius";
    return;
  }
  llvm::ArrayRef<int64_t> shape = n.shape(0);
  int64_t channels = shape[3];
  int64_t radius = std::min<int64_t>(options.radius(), channels);
  Value x = n.operand(0);
  Value squares = n.make<edge::MulOp>({x, x});
  squares = n.reshape(squares, {shape[0], shape[1] * shape[2], channels, 1});
  Value mean = n.make<edge::AvgPool2DOp>(
      {squares}, {n.attr("window", llvm::ArrayRef<int64_t>{1, 2 * radius + 1}),
                  n.attr("pads", llvm::ArrayRef<int64_t>{0, radius, 0, radius}),
                  n.attr("count_include_pad", true)});
  mean = n.reshape(mean, shape);
  float factor =
      n.finite(options.alpha(), "alpha") * static_cast<float>(2 * radius + 1);
  Value sum = n.make<edge::AddOp>({n.make<edge::MulOp>({mean, n.splat(factor)}),
                                   n.splat(n.finite(options.bias(), "bias"))});
  Value scale =
      n.make<edge::PowOp>({sum, n.splat(-n.finite(options.beta(), "beta"))});
  n.set(0, n.make<edge::MulOp>({x, scale}));
}

llvm::ArrayRef<Operator> tflite::normalizationOperators() {
  static constexpr Operator rows[] = {
      {Builtin::SOFTMAX, 3, 1, 1, importSoftmax},
      {Builtin::LOG_SOFTMAX, 2, 1, 1, importLogSoftmax},
      {Builtin::L2_NORMALIZATION, 2, 1, 1, importL2Normalization},
      {Builtin::LOCAL_RESPONSE_NORMALIZATION, 1, 1, 1, importLocalResponse},
  };
  return rows;
}

//===- Attention.cpp - softmax(Q K' + bias) V, of many heads --------------===//
//
//   scores = (Q * scale) K'      [B, K, G * L, T] for G query heads per key
//   head P      = softmax(softcap(scores) + bias) output = P V
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Attention.h"
#include "compiler/import/onnx/Normalization.h"
#include <limits>

using namespace edgec;
using namespace edgec::onnx;
using llvm::ArrayRef;
using mlir::Value;

static ArrayRef<int64_t> shapeOf(Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType()).getShape();
}

Value onnx::splitHeads(NodeImport &n, Value value, int64_t heads) {
  if (!value)
    return nullptr;
  ArrayRef<int64_t> shape = shapeOf(value);
  if (shape.size() != 3 || heads < 1 || shape[2] % heads != 0) {
    n.error() << "a tensor of shape " << shapeText(shape)
              << " does not split into " << heads
              << " heads; it should be [batch, sequence, heads * size]";
    return nullptr;
  }
  Value split = n.reshape(value, {shape[0], shape[1], heads, shape[2] / heads});
  return n.transpose(split, {0, 2, 1, 3});
}

Value onnx::joinHeads(NodeImport &n, Value value) {
  value = n.transpose(value, {0, 2, 1, 3});
  if (!value)
    return nullptr;
  ArrayRef<int64_t> shape = shapeOf(value);
  return n.reshape(value, {shape[0], shape[1], shape[2] * shape[3]});
}

bool onnx::checkAttention(NodeImport &n, const AttentionInputs &inputs) {
  if (!inputs.query || !inputs.key || !inputs.value)
    return false;
  ArrayRef<int64_t> q = shapeOf(inputs.query), k = shapeOf(inputs.key),
                    v = shapeOf(inputs.value);
  bool fits = q.size() == 4 && k.size() == 4 && v.size() == 4 && q[0] == k[0] &&
              q[0] == v[0] && k[1] == v[1] && k[1] != 0 && q[1] % k[1] == 0 &&
              k[2] == v[2] && q[3] == k[3];
  if (fits)
    return true;
  n.error() << "a query of shape " << shapeText(q) << ", a key of "
            << shapeText(k) << " and a value of " << shapeText(v)
            << " should be [batch, heads, length, size], of one batch, with "
               "the heads of the query a multiple of the others'";
  return false;
}

/// [B, H, L, D] as [B, K, H / K * L, D]: a view.
static Value groupHeads(NodeImport &n, Value value, int64_t groups) {
  if (!value)
    return nullptr;
  ArrayRef<int64_t> s = shapeOf(value);
  return n.reshape(value, {s[0], groups, s[1] / groups * s[2], s[3]});
}

Value onnx::makeScores(NodeImport &n, const AttentionInputs &inputs) {
  ArrayRef<int64_t> q = shapeOf(inputs.query), k = shapeOf(inputs.key);
  Value query = n.make<edge::MulOp>(
      {inputs.query, n.scalarLike(inputs.query, inputs.scale)});
  Value scores = n.make<edge::MatMulOp>(
      {groupHeads(n, query, k[1]), n.transpose(inputs.key, {0, 1, 3, 2})});
  return n.reshape(scores, {q[0], q[1], q[2], k[2]});
}

Value onnx::weighValues(NodeImport &n, Value probabilities, Value value) {
  if (!probabilities || !value)
    return nullptr;
  ArrayRef<int64_t> p = shapeOf(probabilities), v = shapeOf(value);
  value = n.cast(value, mlir::getElementTypeOrSelf(probabilities.getType()));
  Value product =
      n.make<edge::MatMulOp>({groupHeads(n, probabilities, v[1]), value});
  return n.reshape(product, {p[0], p[1], p[2], v[3]});
}

/// A softmax that gives 0 where the score is -infinity, even in a row that has
/// no other score, where e^(x - max) would not be a number.
static Value maskedSoftmax(NodeImport &n, Value x) {
  Value lowest = n.scalarLike(x, -std::numeric_limits<float>::max());
  Value finite = n.make<edge::MaxOp>({x, lowest});
  Value shares =
      n.make<edge::SoftmaxOp>({finite}, {n.attr("axis", int64_t(3))});
  Value masked = n.make<edge::LessOp>({x, lowest});
  return n.make<edge::SelectOp>({masked, n.scalarLike(x, 0), shares});
}

AttentionResults onnx::makeAttention(NodeImport &n,
                                     const AttentionInputs &inputs) {
  AttentionResults made;
  if (!checkAttention(n, inputs))
    return made;
  made.scores = made.capped = makeScores(n, inputs);
  if (inputs.softcap != 0 && made.scores) {
    Value cap = n.scalarLike(made.scores, inputs.softcap);
    Value ratio = n.make<edge::DivOp>({made.scores, cap});
    made.capped = n.make<edge::MulOp>({n.make<edge::TanhOp>({ratio}), cap});
  }
  made.biased = made.capped;
  if (inputs.bias && made.capped) {
    Value bias =
        n.cast(inputs.bias, mlir::getElementTypeOrSelf(made.capped.getType()));
    made.biased = n.make<edge::AddOp>({made.capped, bias});
    if (made.biased && shapeOf(made.biased) != shapeOf(made.capped)) {
      n.error() << "a mask or bias of shape " << shapeText(shapeOf(bias))
                << " does not broadcast to scores of shape "
                << shapeText(shapeOf(made.capped));
      return made;
    }
  }
  Value x = made.biased;
  if (inputs.precision)
    x = n.cast(x, inputs.precision);
  if (!x)
    return made;
  made.probabilities =
      inputs.mayBlockRows
          ? maskedSoftmax(n, x)
          : n.make<edge::SoftmaxOp>({x}, {n.attr("axis", int64_t(3))});
  made.output = weighValues(n, made.probabilities, inputs.value);
  return made;
}

Value onnx::biasOf(NodeImport &n, Value allowed, Value like, double masked) {
  return n.make<edge::SelectOp>(
      {allowed, n.scalarLike(like, 0), n.scalarLike(like, masked)});
}

Value onnx::positions(NodeImport &n, ArrayRef<int64_t> shape) {
  auto type = mlir::RankedTensorType::get(shape, n.builder.getI32Type());
  if (type.getNumElements() > maxPositions) {
    n.error() << "a sequence of " << type.getNumElements()
              << " is too long for a mask by position, which may have "
              << maxPositions;
    return nullptr;
  }
  std::vector<int32_t> numbers(type.getNumElements());
  std::iota(numbers.begin(), numbers.end(), 0);
  return edge::ConstantOp::create(
      n.builder, n.loc, type,
      mlir::DenseElementsAttr::get(type, ArrayRef<int32_t>(numbers)));
}

Value onnx::allowedIn(NodeImport &n, const Band &band) {
  if (!band.left && !band.right)
    return nullptr;
  Value query = positions(n, {band.queries, 1}),
        key = positions(n, {1, band.keys});
  if (!query || !key)
    return nullptr;
  Value offset = band.offsets
                     ? band.offsets
                     : n.scalarLike(query, static_cast<double>(band.offset));
  Value place = n.make<edge::AddOp>({query, offset});
  auto shifted = [&](int64_t by) {
    return by == 0 ? place
                   : n.make<edge::AddOp>(
                         {place, n.scalarLike(place, static_cast<double>(by))});
  };
  Value allowed;
  if (band.right)
    allowed = n.make<edge::LessEqualOp>({key, shifted(*band.right)});
  if (band.left) {
    Value after = n.make<edge::LessEqualOp>({shifted(-*band.left), key});
    allowed = allowed ? n.make<edge::AndOp>({allowed, after}) : after;
  }
  return allowed;
}

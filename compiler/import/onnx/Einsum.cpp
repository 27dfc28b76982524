//===- Einsum.cpp - sums of products by index letters ---------------------===//
//
// Operands are multiplied two by two, each pair as a batched matrix product of
//   [kept by both, kept from the left, summed] and
//   [kept by both, summed, kept from the right]
// or, when nothing is summed over, as an elementwise product. A letter that an
// operand has twice is its diagonal: a slice whose step is one row and one
// element.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Einsum.h"
#include <map>

using namespace edgec;
using namespace edgec::onnx;
using llvm::ArrayRef;
using mlir::Value;

namespace {
/// A tensor whose dimensions have labels, each once.
struct Factor {
  Value value;
  Labels labels;
};

class EinsumImport {
public:
  EinsumImport(NodeImport &n, Equation equation)
      : n(n), equation(std::move(equation)) {}
  void run();

private:
  bool measure();
  Factor readOperand(unsigned index);
  Factor takeDiagonal(Factor factor, unsigned first, unsigned second);
  Factor arrange(const Factor &factor, ArrayRef<int> order);
  Factor sumOut(const Factor &factor, ArrayRef<int> needed);
  Factor multiply(Factor lhs, Factor rhs, ArrayRef<int> needed);
  int64_t extent(ArrayRef<int> labels) const;
  llvm::SmallVector<int64_t> shapeOf(ArrayRef<int> labels) const;

  NodeImport &n;
  Equation equation;
  std::map<int, int64_t> sizes;
};
} // namespace

/// The size of each label; one of 1 repeats to that of the others.
bool EinsumImport::measure() {
  for (auto [index, labels] : llvm::enumerate(equation.operands)) {
    for (auto [label, size] : llvm::zip_equal(labels, n.shape(index))) {
      int64_t &known = sizes.try_emplace(label, size).first->second;
      if (known == 1)
        known = size;
      if (size != known && size != 1) {
        n.error() << "an index of the equation has the sizes " << known
                  << " and " << size;
        return false;
      }
    }
  }
  return true;
}

llvm::SmallVector<int64_t> EinsumImport::shapeOf(ArrayRef<int> labels) const {
  return llvm::map_to_vector(labels,
                             [&](int label) { return sizes.at(label); });
}

/// The product of the sizes, which the operands' own sizes bound.
int64_t EinsumImport::extent(ArrayRef<int> labels) const {
  int64_t product = 1;
  for (int label : labels)
    product *= sizes.at(label);
  return product;
}

/// With the dimensions in the order of `order`, a permutation of its labels.
Factor EinsumImport::arrange(const Factor &factor, ArrayRef<int> order) {
  if (ArrayRef<int>(factor.labels) == order)
    return factor;
  auto permutation = llvm::map_to_vector(order, [&](int label) -> int64_t {
    return llvm::find(factor.labels, label) - factor.labels.begin();
  });
  return {n.transpose(factor.value, permutation), Labels(order)};
}

/// Two dimensions of one size become one: [rest, d, d] is [rest, d * d], of
/// which every (d + 1)-th element is on the diagonal.
Factor EinsumImport::takeDiagonal(Factor factor, unsigned first,
                                  unsigned second) {
  auto type = mlir::cast<mlir::RankedTensorType>(factor.value.getType());
  int64_t rank = type.getRank(), size = type.getDimSize(first);
  llvm::SmallVector<int64_t> permutation, shape;
  Labels labels;
  for (int64_t d = 0; d < rank; ++d) {
    if (d == first || d == second)
      continue;
    permutation.push_back(d);
    shape.push_back(type.getDimSize(d));
    labels.push_back(factor.labels[d]);
  }
  permutation.append({int64_t(first), int64_t(second)});
  labels.push_back(factor.labels[first]);
  shape.push_back(size * size);
  Value flat = n.reshape(n.transpose(factor.value, permutation), shape);
  llvm::SmallVector<int64_t> offsets(shape.size(), 0), strides(shape.size(), 1);
  shape.back() = size;
  strides.back() = size > 1 ? size + 1 : 1;
  return {n.make<edge::SliceOp>({flat}, {n.attr("offsets", offsets),
                                         n.attr("sizes", shape),
                                         n.attr("strides", strides)}),
          labels};
}

/// The operand with each label once and in full size.
Factor EinsumImport::readOperand(unsigned index) {
  Factor factor = {n.operand(index), {}};
  llvm::SmallVector<int64_t> shape;
  // A dimension that repeats vanishes: the others have the label too.
  for (auto [label, size] :
       llvm::zip_equal(equation.operands[index], n.shape(index))) {
    if (size == sizes.at(label)) {
      factor.labels.push_back(label);
      shape.push_back(size);
    }
  }
  factor.value = n.reshape(factor.value, shape);
  for (unsigned second = 1; second < factor.labels.size() && factor.value;) {
    ArrayRef<int> before = ArrayRef(factor.labels).take_front(second);
    const auto *twin = llvm::find(before, factor.labels[second]);
    if (twin == before.end()) {
      ++second;
      continue;
    }
    factor = takeDiagonal(factor, twin - before.begin(), second);
    second = 1;
  }
  return factor;
}

/// Sums over the labels that nobody else needs.
Factor EinsumImport::sumOut(const Factor &factor, ArrayRef<int> needed) {
  llvm::SmallVector<int64_t> axes;
  Labels kept;
  for (auto [d, label] : llvm::enumerate(factor.labels)) {
    if (llvm::is_contained(needed, label))
      kept.push_back(label);
    else
      axes.push_back(d);
  }
  if (axes.empty())
    return factor;
  return {n.make<edge::ReduceSumOp>({factor.value}, {n.attr("axes", axes)}),
          kept};
}

Factor EinsumImport::multiply(Factor lhs, Factor rhs, ArrayRef<int> needed) {
  Labels both, summed, onlyLeft, onlyRight;
  for (int label : lhs.labels) {
    bool shared = llvm::is_contained(rhs.labels, label);
    bool kept = llvm::is_contained(needed, label);
    (!shared ? onlyLeft : kept ? both : summed).push_back(label);
  }
  for (int label : rhs.labels)
    if (!llvm::is_contained(lhs.labels, label))
      onlyRight.push_back(label);
  auto join = [](std::initializer_list<ArrayRef<int>> parts) {
    Labels result;
    for (ArrayRef<int> part : parts)
      llvm::append_range(result, part);
    return result;
  };
  Labels result = join({both, onlyLeft, onlyRight});
  lhs = arrange(lhs, join({both, onlyLeft, summed}));
  rhs = arrange(rhs, join({both, summed, onlyRight}));
  int64_t batch = extent(both), rows = extent(onlyLeft),
          columns = extent(onlyRight), depth = extent(summed);
  Value product;
  if (summed.empty()) {
    product = n.make<edge::MulOp>({n.reshape(lhs.value, {batch, rows, 1}),
                                   n.reshape(rhs.value, {batch, 1, columns})});
  } else {
    product =
        n.make<edge::MatMulOp>({n.reshape(lhs.value, {batch, rows, depth}),
                                n.reshape(rhs.value, {batch, depth, columns})});
  }
  return {n.reshape(product, shapeOf(result)), result};
}

void EinsumImport::run() {
  if (!measure())
    return;
  Factor product = readOperand(0);
  for (unsigned i = 0; i < n.inputCount() && product.value; ++i) {
    // What the result and the operands that are still to come have.
    Labels needed = equation.result;
    for (unsigned later = i + 1; later < n.inputCount(); ++later)
      llvm::append_range(needed, equation.operands[later]);
    if (i > 0) {
      Factor next = readOperand(i);
      if (!next.value)
        return;
      Labels others = needed;
      llvm::append_range(others, product.labels);
      next = sumOut(next, others);
      product = multiply(product, next, needed);
    }
    product = sumOut(product, needed);
  }
  if (product.value)
    n.set(0, arrange(product, equation.result).value);
}

void onnx::importEinsum(NodeImport &n) {
  llvm::SmallVector<int64_t> ranks;
  for (unsigned i = 0; i < n.inputCount(); ++i) {
    if (!n.hasInput(i)) {
      n.error() << "input " << i << " is missing";
      return;
    }
    ranks.push_back(n.rank(i));
  }
  auto equation = parseEquation(n, n.string("equation", ""), ranks);
  if (equation)
    EinsumImport(n, std::move(*equation)).run();
}

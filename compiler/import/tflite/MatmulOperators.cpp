//===- MatmulOperators.cpp - FULLY_CONNECTED and BATCH_MATMUL -------------===//
#include "compiler/import/tflite/Operators.h"

using namespace edgec;
using namespace edgec::tflite;
using mlir::Value;
using schema::Builtin;

/// Without keep_num_dims the input is seen as a matrix of rows as long as the
/// filter's.
static void importFullyConnected(OperatorImport &n) {
  const auto &options = n.options<schema::FullyConnectedOptions>();
  if (options.weights_format() != 0) {
    n.error() << "shuffled weights are not supported; convert the model with "
                 "weights in the default format";
    return;
  }
  if (n.rank(1) != 2 || n.shape(1)[1] < 1) {
    n.error() << "the filter of shape " << shapeText(n.shape(1))
              << " should have 2 dimensions";
    return;
  }
  int64_t depth = n.shape(1)[1], elements = n.type(0).getNumElements();
  Value x = n.operand(0);
  if (!options.keep_num_dims() && n.rank(0) != 2) {
    if (elements % depth != 0) {
      n.error() << "an input of shape " << shapeText(n.shape(0))
                << " does not divide into rows of " << depth;
      return;
    }
    x = n.reshape(x, {elements / depth, depth});
  }
  llvm::SmallVector<Value, 3> operands = {x, n.operand(1)};
  if (n.hasInput(2)) {
    Value bias = n.operand(2);
    operands.push_back(n.reshape(bias, {n.type(2).getNumElements()}));
  }
  Value result = n.make<edge::FullyConnectedOp>(operands);
  n.set(0, n.activate(result, options.activation()));
}

/// Swaps the last two dimensions.
static Value adjoint(OperatorImport &n, unsigned index) {
  int64_t rank = n.rank(index);
  if (rank < 2) {
    n.error() << "input " << index << " should have at least 2 dimensions";
    return nullptr;
  }
  auto permutation = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  std::swap(permutation[rank - 1], permutation[rank - 2]);
  return n.transpose(n.operand(index), permutation);
}

static void importBatchMatMul(OperatorImport &n) {
  const auto &options = n.options<schema::BatchMatMulOptions>();
  Value lhs = options.adj_x() ? adjoint(n, 0) : n.operand(0);
  Value rhs = options.adj_y() ? adjoint(n, 1) : n.operand(1);
  n.set(0, n.make<edge::MatMulOp>({lhs, rhs}));
}

llvm::ArrayRef<Operator> tflite::matmulOperators() {
  static constexpr Operator rows[] = {
      {Builtin::FULLY_CONNECTED, 13, 2, 3, importFullyConnected, types::floats,
       "weights in the default format"},
      {Builtin::BATCH_MATMUL, 4, 2, 2, importBatchMatMul},
  };
  return rows;
}

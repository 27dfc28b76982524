//===- LogicOperators.cpp - comparing, choosing, working on bits ----------===//
//
//   GREATER (a, b)          =>   edge.less %b, %a
//   SELECT_V2 (c, a, b)     =>   edge.select
//   REDUCE_ANY (x)          =>   edge.reduce_max
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/Operators.h"
#include "compiler/import/tflite/ShapeRules.h"
#include "compiler/import/tflite/SubgraphImport.h"

using namespace edgec;
using namespace edgec::tflite;
using llvm::ArrayRef;
using mlir::Value;
using schema::Builtin;

template <typename OpT> static void importBinary(OperatorImport &n) {
  n.set(0, n.make<OpT>({n.operand(0), n.operand(1)}));
}

/// The comparison with its sides exchanged.
template <typename OpT> static void importReversed(OperatorImport &n) {
  Value lhs = n.operand(0), rhs = n.operand(1);
  n.set(0, n.make<OpT>({rhs, lhs}));
}

static void importNotEqual(OperatorImport &n) {
  Value equal = n.make<edge::EqualOp>({n.operand(0), n.operand(1)});
  n.set(0, n.make<edge::NotOp>({equal}));
}

/// Logical operators work on bool only.
static bool areBool(OperatorImport &n) {
  for (unsigned i = 0; i < n.inputCount(); ++i) {
    if (n.type(i).getElementType().isInteger(1))
      continue;
    n.error() << "input " << i << " should be bool, not "
              << n.type(i).getElementType();
    return false;
  }
  return true;
}

template <typename OpT> static void importLogical(OperatorImport &n) {
  if (areBool(n))
    importBinary<OpT>(n);
}

static void importLogicalNot(OperatorImport &n) {
  if (areBool(n))
    n.set(0, n.make<edge::NotOp>({n.operand(0)}));
}

/// In the first version a condition of one dimension chooses whole rows.
static void importSelect(OperatorImport &n) {
  Value condition = n.operand(0);
  if (n.kind.code == Builtin::SELECT && n.rank(0) == 1 && n.rank(1) > 1) {
    Shape rows(n.rank(1), 1);
    rows[0] = n.type(0).getNumElements();
    condition = n.reshape(condition, rows);
  }
  n.set(0, n.make<edge::SelectOp>({condition, n.operand(1), n.operand(2)}));
}

/// The result has the declared type; where elements differ in width, the last
/// dimension of the narrower side counts the parts.
static void importBitcast(OperatorImport &n) {
  mlir::Type element =
      elementType(n.declared(0).type(), n.builder.getContext());
  mlir::Type from = n.type(0).getElementType();
  if (!element ||
      element.getIntOrFloatBitWidth() != from.getIntOrFloatBitWidth()) {
    n.error() << "from " << from << " to "
              << elementTypeName(n.declared(0).type())
              << " is not supported, only types of one width are";
    return;
  }
  if (element == from)
    return void(n.set(0, n.make<edge::CopyOp>({n.operand(0)})));
  if (Value x = n.operand(0)) {
    n.set(0, edge::BitcastOp::create(
                 n.builder, n.loc,
                 mlir::RankedTensorType::get(n.shapeOf(x), element), x));
  }
}

//===-- diagonals and buckets
//----------------------------------------------===//

/// [rows, columns], true on the diagonal.
static Value diagonalMask(OperatorImport &n, int64_t rows, int64_t columns) {
  constexpr int64_t maxElements = 1 << 24;
  if (rows < 1 || columns < 1 || rows > maxElements / columns) {
    n.error() << "matrices of shape " << rows << "x" << columns
              << " are not supported";
    return nullptr;
  }
  auto type =
      mlir::RankedTensorType::get({rows, columns}, n.builder.getI1Type());
  evaluator::HostTensor mask(type);
  for (int64_t i = 0; i < std::min(rows, columns); ++i)
    mask.integers[i * columns + i] = 1;
  return edge::ConstantOp::create(n.builder, n.loc, type,
                                  SubgraphImport::toElements(mask));
}

/// [..., N] to [..., N, N] with zeros beside the diagonal.
static void importMatrixDiag(OperatorImport &n) {
  if (n.rank(0) < 1)
    return void(n.error() << "the input should have a dimension");
  int64_t size = n.shape(0).back();
  Shape shape(n.shape(0));
  shape.push_back(1);
  Value x = n.reshape(n.operand(0), shape);
  Value zero = n.number(0, n.type(0).getElementType());
  n.set(0, n.make<edge::SelectOp>({diagonalMask(n, size, size), x, zero}));
}

/// Replaces the diagonal of [..., M, N] by [..., min(M, N)].
static void importMatrixSetDiag(OperatorImport &n) {
  int64_t rank = n.rank(0);
  if (rank < 2 || n.rank(1) != rank - 1) {
    return void(n.error() << "a matrix of shape " << shapeText(n.shape(0))
                          << " has no diagonal of shape "
                          << shapeText(n.shape(1)));
  }
  int64_t rows = n.shape(0)[rank - 2], columns = n.shape(0)[rank - 1];
  if (n.shape(1).back() != std::min(rows, columns))
    return void(n.error() << "the diagonal should have "
                          << std::min(rows, columns) << " elements");
  // Along the longer side the diagonal ends early; what stands there is masked.
  Shape shape(n.shape(1));
  shape.insert(rows <= columns ? shape.end() : shape.end() - 1, 1);
  Value diagonal = n.reshape(n.operand(1), shape);
  n.set(0, n.make<edge::SelectOp>(
               {diagonalMask(n, rows, columns), diagonal, n.operand(0)}));
}

/// How many boundaries, in ascending order, are not above each element.
static void importBucketize(OperatorImport &n) {
  ArrayRef<float> boundaries =
      list(n.options<schema::BucketizeOptions>().boundaries());
  mlir::Type element = n.type(0).getElementType();
  if (boundaries.empty() || !element.isF32()) {
    n.error() << boundaries.size() << " boundaries for elements of type "
              << element << " are not supported; float32 and one are the least";
    return;
  }
  auto type =
      mlir::RankedTensorType::get({int64_t(boundaries.size())}, element);
  Value bounds = edge::ConstantOp::create(
      n.builder, n.loc, type, mlir::DenseElementsAttr::get(type, boundaries));
  Shape shape(n.shape(0));
  shape.push_back(1);
  Value x = n.reshape(n.operand(0), shape);
  Value below =
      n.cast(n.make<edge::LessEqualOp>({bounds, x}), n.builder.getI32Type());
  n.set(0, n.make<edge::ReduceSumOp>(
               {below}, {n.attr("axes", ArrayRef<int64_t>(n.rank(0)))}));
}

llvm::ArrayRef<Operator> tflite::logicOperators() {
  static constexpr Operator rows[] = {
      {Builtin::LESS, 3, 2, 2, importBinary<edge::LessOp>, types::any},
      {Builtin::LESS_EQUAL, 2, 2, 2, importBinary<edge::LessEqualOp>,
       types::any},
      {Builtin::GREATER, 2, 2, 2, importReversed<edge::LessOp>, types::any},
      {Builtin::GREATER_EQUAL, 3, 2, 2, importReversed<edge::LessEqualOp>,
       types::any},
      {Builtin::EQUAL, 4, 2, 2, importBinary<edge::EqualOp>, types::any},
      {Builtin::NOT_EQUAL, 3, 2, 2, importNotEqual, types::any},
      {Builtin::LOGICAL_AND, 1, 2, 2, importLogical<edge::AndOp>, types::bools},
      {Builtin::LOGICAL_OR, 1, 2, 2, importLogical<edge::OrOp>, types::bools},
      {Builtin::LOGICAL_NOT, 1, 1, 1, importLogicalNot, types::bools},
      {Builtin::BITWISE_XOR, 1, 2, 2, importBinary<edge::XorOp>,
       types::integers},
      {Builtin::RIGHT_SHIFT, 1, 2, 2, importBinary<edge::ShiftRightOp>,
       types::integers},
      {Builtin::BITCAST, 1, 1, 1, importBitcast, types::numbers,
       "types of one width"},
      {Builtin::SELECT, 4, 3, 3, importSelect, types::any},
      {Builtin::SELECT_V2, 2, 3, 3, importSelect, types::any},
      {Builtin::MATRIX_DIAG, 1, 1, 1, importMatrixDiag, types::numbers},
      {Builtin::MATRIX_SET_DIAG, 1, 2, 2, importMatrixSetDiag, types::numbers},
      {Builtin::BUCKETIZE, 1, 1, 1, importBucketize, "float32"},
  };
  return rows;
}

//===- OldForms.cpp - what operators looked like in old opsets ------------===//
//
// Forms that several operators share and that later opsets dropped.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Operators.h"

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

/// Before opset 7, with broadcast=1, the right operand's shape is a run of the
/// left one's dimensions that begins at `axis`; by default the last ones.
static Value placeOperand(NodeImport &n, Value value, unsigned index,
                          int64_t axis) {
  int64_t room = n.rank(0) - n.rank(index);
  if (axis < 0 || axis > room) {
    n.error() << "an operand of shape " << shapeText(n.shape(index))
              << " at axis " << axis << " does not fit into the shape "
              << shapeText(n.shape(0));
    return nullptr;
  }
  llvm::SmallVector<int64_t> shape(n.shape(index));
  shape.append(room - axis, 1);
  return n.reshape(value, shape);
}

std::array<Value, 2> onnx::binaryOperands(NodeImport &n) {
  Value lhs = n.operand(0), rhs = n.operand(1);
  if (n.opset >= 7 || !rhs)
    return {lhs, rhs};
  bool broadcasts = n.flag("broadcast", false);
  int64_t room = n.rank(0) - n.rank(1);
  int64_t axis = n.integer("axis", room);
  if (!broadcasts) {
    if (n.shape(0) != n.shape(1)) {
      n.error() << "the operands have shapes " << shapeText(n.shape(0))
                << " and " << shapeText(n.shape(1))
                << ", which need attribute 'broadcast' before opset 7";
    }
    return {lhs, rhs};
  }
  if (axis < 0)
    axis += n.rank(0);
  if (n.type(1).getNumElements() == 1)
    return {lhs, n.reshape(rhs, {})};
  return {lhs, placeOperand(n, rhs, 1, axis)};
}

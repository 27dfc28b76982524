//===- OpMaker.h - makes the edge ops of one node of a model ----*- C++ -*-===//
//
// What the importers of all front doors build with. They are written without
// error paths: a fault is reported at the node, `make` passes a null operand on
// as a null result, and the node fails as a whole at its end.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_OPMAKER_H
#define EDGEC_COMPILER_IMPORT_OPMAKER_H

#include "compiler/import/Elements.h"
#include "dialects/edge/Edge.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Diagnostics.h"

namespace edgec {

class OpMaker {
public:
  /// `operatorName` begins every diagnostic.
  OpMaker(mlir::OpBuilder &builder, mlir::Location loc,
          llvm::StringRef operatorName)
      : builder(builder), loc(loc), operatorName(operatorName) {}

  mlir::OpBuilder &builder;
  const mlir::Location loc;

  /// A diagnostic at the node that begins with its operator's name.
  mlir::InFlightDiagnostic error();
  bool failed() const { return hasFailed; }
  /// Lets the node fail; what is wrong has been reported.
  void fail() { hasFailed = true; }

  /// Brings -rank .. rank-1 to 0 .. rank-1; an error outside.
  int64_t normalizeAxis(int64_t axis, int64_t rank);
  /// The same for a list, sorted; duplicates are an error.
  llvm::SmallVector<int64_t> normalizeAxes(llvm::ArrayRef<int64_t> axes,
                                           int64_t rank);

  /// An op whose result type follows from its operands and attributes.
  template <typename OpT>
  mlir::Value make(llvm::ArrayRef<mlir::Value> operands,
                   llvm::ArrayRef<mlir::NamedAttribute> attributes = {}) {
    return makeInferred(OpT::getOperationName(), operands, attributes);
  }
  /// The same for an op of `count` results; all null after an error.
  template <typename OpT>
  llvm::SmallVector<mlir::Value>
  makeAll(unsigned count, llvm::ArrayRef<mlir::Value> operands,
          llvm::ArrayRef<mlir::NamedAttribute> attributes = {}) {
    mlir::Value first =
        makeInferred(OpT::getOperationName(), operands, attributes);
    if (!first)
      return llvm::SmallVector<mlir::Value>(count);
    return llvm::to_vector_of<mlir::Value>(first.getDefiningOp()->getResults());
  }
  mlir::Value reshape(mlir::Value value, llvm::ArrayRef<int64_t> shape);
  mlir::Value broadcast(mlir::Value value, llvm::ArrayRef<int64_t> shape);
  mlir::Value transpose(mlir::Value value, llvm::ArrayRef<int64_t> permutation);
  /// The value in another element type.
  mlir::Value cast(mlir::Value value, mlir::Type element);
  /// A scalar constant of the element type of `like`; null if that is null.
  mlir::Value scalarLike(mlir::Value like, double element);
  /// A float32 constant of one repeated element.
  mlir::Value splat(float element, llvm::ArrayRef<int64_t> shape = {});
  /// A float32 constant of these elements, row-major.
  mlir::Value constantOf(llvm::ArrayRef<float> elements,
                         llvm::ArrayRef<int64_t> shape);
  mlir::NamedAttribute attr(llvm::StringRef name, llvm::ArrayRef<int64_t> list);
  mlir::NamedAttribute attr(llvm::StringRef name, int64_t value);
  mlir::NamedAttribute attr(llvm::StringRef name, float value);
  mlir::NamedAttribute attr(llvm::StringRef name, bool value);
  mlir::NamedAttribute attr(llvm::StringRef name, llvm::StringRef value);

protected:
  bool hasFailed = false;

private:
  mlir::Value makeInferred(llvm::StringRef opName,
                           llvm::ArrayRef<mlir::Value> operands,
                           llvm::ArrayRef<mlir::NamedAttribute> attributes);
  mlir::Value makeOfNothing(mlir::OperationName name,
                            llvm::ArrayRef<mlir::Value> operands);
  bool checkSize(llvm::ArrayRef<int64_t> shape);

  std::string operatorName;
};

} // namespace edgec

#endif // EDGEC_COMPILER_IMPORT_OPMAKER_H

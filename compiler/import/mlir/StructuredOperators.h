//===- StructuredOperators.h - linalg and what comes with it ----*- C++ -*-===//
//
// How operations of linalg, tensor, arith and math become edge operators: one
// row per operation, in the files of their families. Scalars that stand between
// tensors (the element that tensor.extract reads) are tensors without
// dimensions in the graph; indices are 64-bit integers there.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_MLIR_STRUCTUREDOPERATORS_H
#define EDGEC_COMPILER_IMPORT_MLIR_STRUCTUREDOPERATORS_H

#include "compiler/import/OpMaker.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/DenseMap.h"

namespace edgec::structured {

/// The tensors that hold the function's scalars.
using Scalars = llvm::DenseMap<mlir::Value, mlir::Value>;

/// One operation on its way to edge.
class Conversion : public OpMaker {
public:
  Conversion(mlir::OpBuilder &builder, mlir::Operation *op, Scalars &scalars)
      : OpMaker(builder, op->getLoc(), op->getName().getStringRef()), op(op),
        scalars(scalars) {}

  mlir::Operation *const op;

  /// The value as a tensor: a scalar's has no dimensions.
  mlir::Value tensorOf(mlir::Value value);
  /// The tensor that stands for a value of this type.
  mlir::RankedTensorType typeOf(mlir::Type type);
  /// Every element the one that the type has for `value`.
  mlir::Value splatOf(mlir::RankedTensorType type, double value);
  /// The constant that every element has, if it is a float.
  static std::optional<double> splatValue(mlir::Value tensor);

private:
  Scalars &scalars;
};

/// What replaces the operation's results; empty after an error.
using Converted = llvm::SmallVector<mlir::Value>;

struct StructuredOperator {
  llvm::StringLiteral name;
  Converted (*convert)(Conversion &);
  /// for docs/operators.md; may be empty
  llvm::StringLiteral notes = "";
};

llvm::ArrayRef<StructuredOperator> tensorOperators();

/// Operations that are the same on every element: arith and math, on tensors
/// or between scalars.
Converted convertElementwise(Conversion &conversion);
/// Every operation of linalg that has loops.
Converted convertLoops(Conversion &conversion);

//===-- the ways of a linalg operation, in the order in which they are tried
//-------------===//
// A null result says that the operation is something else.

mlir::Value convertContraction(Conversion &c, mlir::linalg::LinalgOp op);
mlir::Value convertConvolution(Conversion &c, mlir::linalg::LinalgOp op);
mlir::Value convertPooling(Conversion &c, mlir::linalg::LinalgOp op);
mlir::Value convertReduction(Conversion &c, mlir::linalg::LinalgOp op);
mlir::Value convertParallel(Conversion &c, mlir::linalg::LinalgOp op);
/// edge.generic, for all others; an error when that cannot say it either.
Converted convertGeneric(Conversion &c, mlir::linalg::LinalgOp op);

//===-- what they share
//-----------------------------------------------------===//

/// An elementwise edge operator for a scalar one; null when there is none, or
/// for these types.
mlir::Value makeElementwise(OpMaker &make, mlir::Operation *scalar,
                            llvm::ArrayRef<mlir::Value> operands);
/// Whether makeElementwise has something for the operation.
bool isElementwise(mlir::Operation *scalar);

using Loops = llvm::SmallVector<unsigned>;

/// The loop that each result of the map names; none where one is not a plain
/// index or named twice.
std::optional<Loops> plainLoops(mlir::AffineMap map);

/// Brings a tensor whose dimensions run over `loops` to one dimension per
/// group, in the groups' order, each the product of its loops.
mlir::Value gatherLoops(OpMaker &make, mlir::Value tensor,
                        llvm::ArrayRef<unsigned> loops,
                        llvm::ArrayRef<Loops> groups);
/// The reverse: from one dimension per group to one per loop, in the order of
/// `loops`. `sizes` are those of all loops.
mlir::Value scatterLoops(OpMaker &make, mlir::Value tensor,
                         llvm::ArrayRef<Loops> groups,
                         llvm::ArrayRef<unsigned> loops,
                         llvm::ArrayRef<int64_t> sizes);

/// What a reduction does with an element and the result so far.
struct Combiner {
  /// arith.addf, ...
  llvm::StringRef name;
  /// the region's value that is combined with the result so far
  mlir::Value element;
};
/// Of an operation with one result whose region ends in a combination.
std::optional<Combiner> findCombiner(mlir::linalg::LinalgOp op);

/// Whether the region adds the product of the two inputs' elements.
bool isSumOfProducts(mlir::linalg::LinalgOp op);
/// All operands are tensors of float32.
bool isFloat32(mlir::Operation *op);

/// combine(init, value), of the operation's result type; just the value where
/// the init changes nothing.
mlir::Value addInit(Conversion &c, mlir::linalg::LinalgOp op,
                    llvm::StringRef combiner, mlir::Value value);

} // namespace edgec::structured

#endif // EDGEC_COMPILER_IMPORT_MLIR_STRUCTUREDOPERATORS_H

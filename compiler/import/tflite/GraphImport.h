//===- GraphImport.h - the graph of a TFLite model --------------*- C++ -*-===//
//
// Builds the function of edge ops from a model that was read: checks first (all
// unsupported operators, the signature, the shapes), then
// the operators in the order of the file, then the outputs and the state.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_TFLITE_GRAPHIMPORT_H
#define EDGEC_COMPILER_IMPORT_TFLITE_GRAPHIMPORT_H

#include "compiler/import/Import.h"
#include "compiler/import/tflite/SubgraphImport.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace edgec::tflite {

/// The main graph and those that it calls, in the order found.
std::vector<unsigned> reachableGraphs(const Model &model, unsigned main);

class GraphImport {
public:
  GraphImport(const Model &model, llvm::StringRef path,
              const ImportOptions &options, mlir::MLIRContext &context);

  mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> run();

  /// The present value of a variable. The first use makes it state: one more
  /// input of the model, and an output of the same name with its last value.
  /// `declared` says what the numbers of a quantized one stand for. Null after
  /// an error: inside of branches and loops there is no state, and a
  /// variable has one type.
  mlir::Value readState(llvm::StringRef name, mlir::RankedTensorType declared,
                        ErrorFunction error);
  /// Of a variable that was read.
  void writeState(llvm::StringRef name, mlir::Value value);
  /// The type of a variable that was read or written before, or null.
  mlir::RankedTensorType stateType(llvm::StringRef name) const;

  /// A private function of the module with the given body, which gets the
  /// values of its arguments and gives those of its results; null after an
  /// error.
  mlir::func::FuncOp makeFunction(
      llvm::StringRef purpose, mlir::Location loc, mlir::TypeRange arguments,
      llvm::function_ref<
          mlir::FailureOr<llvm::SmallVector<mlir::Value>>(mlir::ValueRange)>
          body);
  /// Imports a graph in place; the operands are those of an operator of another
  /// graph. Fails with a diagnostic.
  mlir::FailureOr<llvm::SmallVector<mlir::Value>>
  inlineGraph(int64_t index, mlir::ValueRange operands, ErrorFunction error);

  /// The user's C function that computes an operator; empty if there is none.
  llvm::StringRef customFunction(const OperatorKind &kind) const;
  /// What the user brings along; may be null.
  const ImportExtensions *extensions() const {
    return options.extensions.get();
  }

  /// How quantized results are rounded.
  Requantize requantize() const { return options.requantize; }

  /// Counts an operator; false when there are too many.
  bool countOperator() { return ++importedOperators <= maxOperators; }
  /// Whether so many elements may still be computed at import.
  bool mayEvaluate(int64_t elements);

  const Model &model;
  mlir::MLIRContext &context;
  mlir::OpBuilder builder;
  ConstantReader constants;
  /// The user's -shape options change the shapes that the file declares.
  const bool shapesAreDeclared;

private:
  struct Port {
    std::string name;
    unsigned tensorIndex;
  };
  struct State {
    std::string name;
    mlir::BlockArgument input;
    mlir::Value value;
    /// What its numbers stand for, if they are quantized.
    mlir::RankedTensorType declared;
  };

  // GraphChecks.cpp: what can be said before any op is made.
  mlir::LogicalResult checkOperators();
  mlir::LogicalResult checkQuantization();
  /// ScaleChecks.cpp
  mlir::LogicalResult checkScales();
  mlir::LogicalResult chooseSignature();
  mlir::LogicalResult resolveInputs();
  mlir::FailureOr<mlir::RankedTensorType> inputType(const Port &port);

  // GraphImport.cpp: the function.
  mlir::LogicalResult finish(llvm::ArrayRef<Binding> results);
  void setPortTypes();
  State *findState(llvm::StringRef name);

  mlir::Location nameLocation(llvm::StringRef name);
  mlir::InFlightDiagnostic fileError();

  const ImportOptions &options;
  mlir::Location fileLoc;
  unsigned mainGraph = 0;
  std::vector<Port> inputs, outputs;
  /// as in the file: quantized inputs have quant types
  std::vector<mlir::RankedTensorType> inputTypes;
  std::vector<State> states;
  unsigned importedOperators = 0;
  /// Graphs, and functions of branches and loops, that are being imported.
  unsigned graphDepth = 0, functionDepth = 0;
  int64_t evaluatedElements = 0;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp function;

  static constexpr unsigned maxOperators = 100'000, maxDepth = 16;
};

} // namespace edgec::tflite

#endif // EDGEC_COMPILER_IMPORT_TFLITE_GRAPHIMPORT_H

//===- EvaluateText.h - evaluates IR given as text -------------*- C++ -*-===//
//
// A test of an operator is a few lines of IR whose inputs are constants, and
// the numbers that the operator's specification promises.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_EVALUATOR_EVALUATETEXT_H
#define EDGEC_TEST_EVALUATOR_EVALUATETEXT_H

#include "dialects/edge/Edge.h"
#include "dialects/schedule/Schedule.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "targets/evaluator/Evaluator.h"
#include "gmock/gmock.h"

namespace edgec::evaluator {

class EvaluateText : public testing::Test {
protected:
  EvaluateText() {
    context.loadDialect<edge::EdgeDialect, schedule::ScheduleDialect,
                        mlir::func::FuncDialect, mlir::quant::QuantDialect>();
    context.getDiagEngine().registerHandler([&](mlir::Diagnostic &diagnostic) {
      diagnostics += diagnostic.str() + "\n";
    });
  }

  /// Evaluates a function without arguments of one result, given by its body
  /// and result type; the value is called %r.
  HostTensor evaluateBody(llvm::StringRef body, llvm::StringRef type) {
    std::string text = ("func.func @f() -> " + type + " {\n" + body +
                        "\nreturn %r : " + type + "\n}")
                           .str();
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    if (!module) {
      ADD_FAILURE() << text << "\n" << diagnostics;
      return {};
    }
    auto results = evaluate(*module, {});
    return mlir::failed(results) ? HostTensor() : std::move(results->front());
  }
  std::vector<double> reals(llvm::StringRef body, llvm::StringRef type) {
    return evaluateBody(body, type).reals;
  }
  std::vector<int64_t> integers(llvm::StringRef body, llvm::StringRef type) {
    return evaluateBody(body, type).integers;
  }

  mlir::MLIRContext context;
  std::string diagnostics;
};

/// Every element within 1e-9 of the expected one, which only the rounding of
/// double arithmetic needs.
inline auto near(std::vector<double> expected) {
  return testing::Pointwise(testing::DoubleNear(1e-9), expected);
}

} // namespace edgec::evaluator

#endif // EDGEC_TEST_EVALUATOR_EVALUATETEXT_H

//===- ApplyPatterns.h - greedy rewriting that counts ----------*- C++ -*-===//
//
// The passes of this stage report how often their patterns applied; the
// rewriter's listener sees exactly that.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_GRAPH_APPLYPATTERNS_H
#define EDGEC_PASSES_GRAPH_APPLYPATTERNS_H

#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace edgec {

/// Applies the patterns until none matches; the number of matches, or failure
/// when they do not come to an end.
inline mlir::FailureOr<int64_t>
applyPatternsAndCount(mlir::Operation *op, mlir::RewritePatternSet patterns) {
  struct Counter : mlir::RewriterBase::Listener {
    int64_t matches = 0;
    void notifyPatternEnd(const mlir::Pattern &,
                          llvm::LogicalResult status) override {
      matches += succeeded(status);
    }
  } counter;
  mlir::GreedyRewriteConfig config;
  config.setListener(&counter);
  if (failed(applyPatternsGreedily(op, std::move(patterns), config)))
    return llvm::failure();
  return counter.matches;
}

} // namespace edgec

#endif // EDGEC_PASSES_GRAPH_APPLYPATTERNS_H

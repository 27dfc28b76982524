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

/// Applies the patterns until none matches and returns the number of matches.
/// Every step leaves a graph of the same meaning, so patterns that would chase
/// each other for ever are stopped, not an error.
inline int64_t applyPatternsAndCount(mlir::Operation *op,
                                     mlir::RewritePatternSet patterns) {
  struct Counter : mlir::RewriterBase::Listener {
    int64_t matches = 0;
    void notifyPatternEnd(const mlir::Pattern &,
                          llvm::LogicalResult status) override {
      matches += succeeded(status);
    }
  } counter;
  int64_t operators = 0;
  op->walk([&](mlir::Operation *) { ++operators; });
  mlir::GreedyRewriteConfig config;
  config.setListener(&counter);
  config.setMaxNumRewrites(100 * operators);
  (void)applyPatternsGreedily(op, std::move(patterns), config);
  return counter.matches;
}

} // namespace edgec

#endif // EDGEC_PASSES_GRAPH_APPLYPATTERNS_H

//===- RandomGraph.h - graphs that nobody would write ----------*- C++ -*-===//
//
// Every value is a tensor<1x4x4x4xf32>, so that any operator can follow any
// other, in any layout; the numbers stay small.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_GRAPH_RANDOMGRAPH_H
#define EDGEC_TEST_GRAPH_RANDOMGRAPH_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OwningOpRef.h"
#include <random>

namespace edgec::test {

/// A module with one function of `size` steps, two arguments and up to three
/// results; the same for the same seed.
mlir::OwningOpRef<mlir::ModuleOp> makeRandomGraph(mlir::MLIRContext &context,
                                                  unsigned seed, int size);

} // namespace edgec::test

#endif // EDGEC_TEST_GRAPH_RANDOMGRAPH_H

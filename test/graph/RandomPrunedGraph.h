//===- RandomPrunedGraph.h - networks of floats with zeros -----*- C++ -*-===//
#ifndef EDGEC_TEST_GRAPH_RANDOMPRUNEDGRAPH_H
#define EDGEC_TEST_GRAPH_RANDOMPRUNEDGRAPH_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OwningOpRef.h"

namespace edgec::test {

/// A module with one function of `size` layers on tensor<1x4x4xCxf32>: dense
/// and depthwise convolutions with activations, additions, gates of a mean,
/// pools and fully connected layers, at the end one that reads all pixels in a
/// row. Many filters and many columns of filters are zero. The same for the
/// same seed.
mlir::OwningOpRef<mlir::ModuleOp>
makeRandomPrunedGraph(mlir::MLIRContext &context, unsigned seed, int size);

} // namespace edgec::test

#endif // EDGEC_TEST_GRAPH_RANDOMPRUNEDGRAPH_H

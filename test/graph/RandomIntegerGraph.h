//===- RandomIntegerGraph.h - quantized networks with zeros ----*- C++ -*-===//
#ifndef EDGEC_TEST_GRAPH_RANDOMINTEGERGRAPH_H
#define EDGEC_TEST_GRAPH_RANDOMINTEGERGRAPH_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OwningOpRef.h"

namespace edgec::test {

/// A module with one function of `size` layers on tensor<1x4x4xCxi8>: dense and
/// depthwise convolutions, additions of two values, tables and pools, each with
/// its requantization. Many filters and many columns of filters are zero, many
/// bounds cut off much. The same for the same seed.
mlir::OwningOpRef<mlir::ModuleOp>
makeRandomIntegerGraph(mlir::MLIRContext &context, unsigned seed, int size);

} // namespace edgec::test

#endif // EDGEC_TEST_GRAPH_RANDOMINTEGERGRAPH_H

//===- Graph.h - the layers of a region and their tensors ------*- C++ -*-===//
//
// A region as layers in program order over numbered tensors. Reshapes vanish:
// they are other views of the same bytes. Says for every tensor where it comes
// from, who reads it, and where it must be stored.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_NPU_GRAPH_H
#define EDGEC_TARGETS_NPU_GRAPH_H

#include "dialects/place/Place.h"
#include "targets/npu/Layer.h"
#include "llvm/ADT/MapVector.h"

namespace edgec::npu {

struct Tensor {
  int64_t bytes = 0;
  /// The layer that makes it; -1: an input or a constant.
  int producer = -1;
  llvm::SmallVector<int, 4> consumers;
  /// Where it can be loaded from; -1: nowhere (yet).
  int64_t buffer = -1, offset = 0;
  /// The output buffers that it fills.
  llvm::SmallVector<int64_t, 1> outputs;
  std::optional<ConstantData> constant;
};

struct Graph {
  std::vector<Layer> layers;
  std::vector<Tensor> tensors;
  /// Per layer: the tensors of its reads, and that of its result.
  std::vector<llvm::SmallVector<int, 3>> reads;
  std::vector<int> results;
  std::vector<int64_t> bufferSizes;
  int64_t outputCount = 0;

  /// Whether a layer behind `last` reads the tensor, or it leaves the region.
  bool livesBehind(int tensor, int last) const;
};

/// The region's kernels and reshapes in order; the values that it is given and
/// those that it must give. A diagnostic at a kernel that is not supported.
mlir::FailureOr<Graph> readGraph(llvm::ArrayRef<mlir::Operation *> operations,
                                 llvm::ArrayRef<mlir::Value> inputs,
                                 llvm::ArrayRef<mlir::Value> outputs,
                                 const NpuMachine &machine);

/// What `operations` read from outside (constants apart), and which of their
/// results are used outside.
void findBoundary(llvm::ArrayRef<mlir::Operation *> operations,
                  llvm::SmallVectorImpl<mlir::Value> &inputs,
                  llvm::SmallVectorImpl<mlir::Value> &outputs);

} // namespace edgec::npu

#endif // EDGEC_TARGETS_NPU_GRAPH_H

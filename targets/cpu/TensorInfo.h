//===- TensorInfo.h - tensors as the artifact's ABI describes them -*- C++
//-*-===//
//
// One edge_tensor_info of runtime/include/edge/model.h as a row of constants.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_CPU_TENSORINFO_H
#define EDGEC_TARGETS_CPU_TENSORINFO_H

#include "mlir/IR/BuiltinTypes.h"
#include "targets/cpu/ConstantGlobals.h"
#include <optional>

namespace edgec {

/// The ABI's number for an element type; EDGE_DTYPE_INVALID if it has none.
uint32_t dtypeOf(mlir::Type element);

/// Bytes of a dense buffer: 4-bit elements lie two to a byte, booleans one.
int64_t denseBytes(mlir::RankedTensorType type);

/// Where a run leaves the actual size of a dimension: in which output; -1: the
/// shape says it.
struct ActualSize {
  int64_t output = -1, dimension = -1;
};

/// The fields of an edge_tensor_info; none if the ABI has no such element type.
std::optional<llvm::SmallVector<ConstantField>>
tensorInfo(ConstantGlobals &data, llvm::StringRef name,
           mlir::RankedTensorType type, ActualSize size = {});

} // namespace edgec

#endif // EDGEC_TARGETS_CPU_TENSORINFO_H

//===- HostCost.h - what kernels cost on the processor ---------*- C++ -*-===//
//
// Times come from the cost model that chooses tiles, asked on a copy of the
// module; energy from figures by class of core, as machine descriptions have
// none.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_PLACE_HOSTCOST_H
#define EDGEC_PASSES_PLACE_HOSTCOST_H

#include "passes/place/Backend.h"
#include "passes/place/PlacementGraph.h"

namespace edgec::place {

struct HostFigures {
  double clockHertz = 0;
  /// Of one core at work, its caches included.
  double nanojoulesPerCycle = 0;
  /// Of memory outside of the chip.
  double nanojoulesPerByte = 0;
};

HostFigures hostFigures(schedule::MachineAttr machine);

/// Multiplications and additions of a kernel, wherever it runs.
int64_t kernelOperations(schedule::KernelOp kernel);
/// Bytes of the kernel's operands and results, each once.
int64_t kernelTensorBytes(schedule::KernelOp kernel);

/// What each node costs on one core of the module's machine. Fails with a
/// diagnostic.
mlir::FailureOr<std::vector<Cost>> hostCosts(mlir::func::FuncOp function,
                                             const PlacementGraph &graph);

} // namespace edgec::place

#endif // EDGEC_PASSES_PLACE_HOSTCOST_H

//===- Strassen.h - which products use Strassen's method -------*- C++ -*-===//
#ifndef EDGEC_PASSES_KERNEL_STRASSEN_H
#define EDGEC_PASSES_KERNEL_STRASSEN_H

#include "passes/kernel/KernelEmitter.h"

namespace edgec::kernel {

/// The kernel computed by Strassen's method.
struct StrassenMethod {
  schedule::TilingAttr tiling;
  /// size of the combined and packed weights
  int64_t weightBytes;
};

/// The method in the blocks that the cost model likes best; nothing where it
/// does not suit. Panels of `panelVectors`, if that is not 0.
std::optional<StrassenMethod> getStrassenMethod(schedule::KernelOp kernel,
                                                schedule::MachineAttr machine,
                                                int64_t panelVectors = 0);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_STRASSEN_H

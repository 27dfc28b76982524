//===- Winograd.h - which convolutions use Winograd's method ---*- C++ -*-===//
#ifndef EDGEC_PASSES_KERNEL_WINOGRAD_H
#define EDGEC_PASSES_KERNEL_WINOGRAD_H

#include "passes/kernel/KernelEmitter.h"

namespace edgec::kernel {

/// The kernel computed by Winograd's method.
struct WinogradMethod {
  schedule::TilingAttr tiling;
  /// size of the transformed and packed filter
  int64_t filterBytes;
};

/// The method with tiles of `outputs` x `outputs` results (2 or 4), in the
/// blocks that the cost model likes best; nothing where it does not suit.
/// Filters come transformed, or as they are and are transformed in the run.
/// Panels of `panelVectors`, if that is not 0.
std::optional<WinogradMethod>
getWinogradMethod(schedule::KernelOp kernel, schedule::MachineAttr machine,
                  int64_t outputs, bool filtersInRun, int64_t panelVectors = 0);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_WINOGRAD_H

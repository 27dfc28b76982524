//===- Winograd.h - which convolutions use Winograd's method ---*- C++ -*-===//
#ifndef EDGEC_PASSES_KERNEL_WINOGRAD_H
#define EDGEC_PASSES_KERNEL_WINOGRAD_H

#include "passes/kernel/KernelEmitter.h"
#include "passes/schedule/WinogradChoice.h"

namespace edgec::kernel {

/// The kernel's tiling: `direct`, or one with Winograd's method. Panels of
/// `panelVectors`, if that is not 0.
schedule::TilingAttr chooseWinograd(schedule::KernelOp kernel,
                                    schedule::MachineAttr machine,
                                    schedule::TilingAttr direct,
                                    schedule::WinogradChoice choice,
                                    int64_t panelVectors = 0);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_WINOGRAD_H

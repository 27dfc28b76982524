//===- ContractionUnit.h - which instruction multiplies bytes --*- C++ -*-===//
#ifndef EDGEC_PASSES_KERNEL_CONTRACTIONUNIT_H
#define EDGEC_PASSES_KERNEL_CONTRACTIONUNIT_H

#include "passes/kernel/ContractionShape.h"

namespace edgec::kernel {

/// The machine's best for a product of bytes with a packed filter, if it has
/// one; `shape` is the kernel's without it.
std::optional<DotUnit> chooseByteUnit(schedule::KernelOp kernel,
                                      const ContractionShape &shape,
                                      schedule::MachineAttr machine);

/// Whether the machine multiplies vectors of bytes to 16 bits and adds 16 bits
/// to 32, and two products fit 16.
bool canAddBytePairs(schedule::KernelOp kernel, const ContractionShape &shape,
                     schedule::MachineAttr machine);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_CONTRACTIONUNIT_H

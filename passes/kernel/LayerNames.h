//===- LayerNames.h - which nodes of the model a kernel computes -*- C++ -*-==//
#ifndef EDGEC_PASSES_KERNEL_LAYERNAMES_H
#define EDGEC_PASSES_KERNEL_LAYERNAMES_H

#include "dialects/schedule/Schedule.h"
#include <string>

namespace edgec::kernel {

/// The names of the model's nodes that became the kernel's operators, joined by
/// ';', as the artifact tells them.
std::string layerNames(schedule::KernelOp kernel);

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_LAYERNAMES_H

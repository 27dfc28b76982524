//===- Normalize.h - the kernel of edge.normalize --------------*- C++ -*-===//
#ifndef EDGEC_PASSES_KERNEL_NORMALIZE_H
#define EDGEC_PASSES_KERNEL_NORMALIZE_H

#include "passes/kernel/KernelEmitter.h"

namespace edgec::kernel {

const KernelEmitter &normalizeEmitter();
const KernelEmitter &layerNormEmitter();

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_NORMALIZE_H

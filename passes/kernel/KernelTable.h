//===- KernelTable.h - the emitters there are ------------------*- C++ -*-===//
//
// One accessor per emitter; KernelTable.cpp lists them in the order in which
// they are asked.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_KERNEL_KERNELTABLE_H
#define EDGEC_PASSES_KERNEL_KERNELTABLE_H

#include "passes/kernel/KernelEmitter.h"

namespace edgec::kernel {

const KernelEmitter &depthwiseEmitter();
const KernelEmitter &contractionEmitter();
const KernelEmitter &winogradEmitter();
const KernelEmitter &strassenEmitter();
const KernelEmitter &matrixEmitter();
const KernelEmitter &elementwiseEmitter();
const KernelEmitter &reduceEmitter();
const KernelEmitter &softmaxEmitter();
const KernelEmitter &windowEmitter();
const KernelEmitter &transposeEmitter();
const KernelEmitter &moveEmitter();
const KernelEmitter &recurrentEmitter();
const KernelEmitter &gatherEmitter();
const KernelEmitter &scatterElementsEmitter();
const KernelEmitter &scatterNdEmitter();
const KernelEmitter &oneHotEmitter();
const KernelEmitter &triluEmitter();
const KernelEmitter &argExtremeEmitter();
const KernelEmitter &topKEmitter();
const KernelEmitter &cumulateEmitter();
const KernelEmitter &nonZeroEmitter();
const KernelEmitter &compressEmitter();
const KernelEmitter &uniqueEmitter();
const KernelEmitter &nonMaxSuppressionEmitter();
const KernelEmitter &detEmitter();
const KernelEmitter &genericEmitter();
const KernelEmitter &customEmitter();
const KernelEmitter &resampleEmitter();
const KernelEmitter &resizeTableEmitter();
const KernelEmitter &sampleEmitter();
const KernelEmitter &roiAlignEmitter();
const KernelEmitter &argMaxPoolEmitter();
const KernelEmitter &dynamicEmitter();
const KernelEmitter &integerSoftmaxEmitter();
const KernelEmitter &lookupEmitter();
const KernelEmitter &lookupSoftmaxEmitter();

} // namespace edgec::kernel

#endif // EDGEC_PASSES_KERNEL_KERNELTABLE_H

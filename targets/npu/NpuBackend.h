//===- NpuBackend.h - our NPU as a backend ---------------------*- C++ -*-===//
//
// Enters the NPU into the registry of backends: three built-in machines, and
// any other that a JSON file describes.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_NPU_NPUBACKEND_H
#define EDGEC_TARGETS_NPU_NPUBACKEND_H

#include "passes/place/Backend.h"

namespace edgec::npu {

/// The kind "npu".
place::BackendKind npuBackend();

} // namespace edgec::npu

#endif // EDGEC_TARGETS_NPU_NPUBACKEND_H

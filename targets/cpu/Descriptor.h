//===- Descriptor.h - a model's description of itself ----------*- C++ -*-===//
//
// Builds the edge_model of runtime/include/edge/model.h, the struct that an
// artifact's one exported function returns, from an rt.program.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_CPU_DESCRIPTOR_H
#define EDGEC_TARGETS_CPU_DESCRIPTOR_H

#include "dialects/rt/Rt.h"
#include "dialects/schedule/Schedule.h"
#include "llvm/ADT/ArrayRef.h"
#include <string>

namespace edgec {

/// What the descriptor holds besides the program's own attributes.
struct DescriptorOptions {
  schedule::MachineAttr machine;
  /// Extensions that a loader must find; see requiredExtensions().
  std::vector<std::string> extensions;
  std::string buildId;
};

/// A program, the symbol of its entry function and that of its weights.
struct ProgramWithEntry {
  rt::ProgramOp program;
  std::string entry, weights;
};

/// Adds the descriptors of a model and of its variants and alternatives, which
/// follow it in `family`, and the function `edge_model_NAME` to the programs'
/// module. Fails with a diagnostic on a type the ABI does not have.
mlir::LogicalResult buildDescriptor(llvm::ArrayRef<ProgramWithEntry> family,
                                    const DescriptorOptions &options);

} // namespace edgec

#endif // EDGEC_TARGETS_CPU_DESCRIPTOR_H

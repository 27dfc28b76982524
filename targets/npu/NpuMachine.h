//===- NpuMachine.h - what the compiler knows of one NPU -------*- C++ -*-===//
//
// A configuration of our NPU: array, memories, bandwidths, energies. It comes
// from a JSON file with "kind": "npu" in targets/machines, which the build
// embeds, or from a user's own file of the same schema. The fields are the
// machine parameters of targets/npu/spec/commands.json, which gives each its
// unit, range and meaning; docs/npu.md explains them.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_NPU_NPUMACHINE_H
#define EDGEC_TARGETS_NPU_NPUMACHINE_H

#include "npu_constants.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <array>
#include <cstdint>
#include <string>

namespace edgec {

/// One NPU. Field names equal the JSON keys: macRows, macColumns, sramBytes ...
struct NpuMachine {
  std::string name;
  std::string description;
#define EDGEC_NPU_PARAMETER(name, ...) int64_t name = 0;
  NPU_PARAMETERS(EDGEC_NPU_PARAMETER)
#undef EDGEC_NPU_PARAMETER

  /// All parameters in the specification's order, as edge_device_info carries
  /// them to the runtime.
  std::array<uint64_t, NPU_PARAMETERS_COUNT> parameters() const;

  /// Bytes of one SRAM bank.
  int64_t bankBytes() const { return sramBytes / sramBanks; }
};

/// Reads one file. The error lists every problem of the file, one per line,
/// each with `fileName` and the JSON path of the offending value. A "base"
/// names an embedded machine to take missing fields from.
llvm::Expected<NpuMachine> parseNpuMachine(llvm::StringRef json,
                                           llvm::StringRef fileName);

/// The embedded machines, from the smallest array to the largest. Lives as long
/// as the program.
llvm::ArrayRef<NpuMachine> listNpuMachines();

/// The embedded machine called `name`, or nullptr; "npu" is npu-256.
const NpuMachine *findNpuMachine(llvm::StringRef name);

} // namespace edgec

#endif // EDGEC_TARGETS_NPU_NPUMACHINE_H

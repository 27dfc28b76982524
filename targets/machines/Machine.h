//===- Machine.h - what the compiler knows of one processor ---------------===//
//
// A machine is a processor core and its memory as far as code generation needs
// to know them: what LLVM calls it, its vector unit, its caches, its clock.
// Machines come from the JSON files beside this header, which are embedded in
// the compiler, from a user's own file of the same schema (README.md), or from
// the processor that the compiler runs on. To the passes a machine is the
// attribute #schedule.machine; this struct is where that attribute comes from.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_MACHINES_MACHINE_H
#define EDGEC_TARGETS_MACHINES_MACHINE_H

#include "dialects/schedule/Schedule.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>
#include <vector>

namespace edgec {

/// One processor. Field names equal the JSON keys; README.md gives each its
/// unit and range.
struct Machine {
  std::string name;
  std::string description;
  std::string triple;
  std::string cpu;
  std::vector<std::string> features;

  int64_t vectorBits = 0;
  int64_t vectorRegisters = 0;
  int64_t registerGroup = 1;
  bool fma = false;
  bool maskedLanes = false;
  bool scalarOperand = false;
  double fmaPerCycle = 0;
  int64_t fmaLatencyCycles = 0;
  double loadsPerCycle = 0;
  double storesPerCycle = 0;
  bool inOrder = false;

  int64_t cacheLineBytes = 0;
  int64_t l1Bytes = 0;
  int64_t l2Bytes = 0;
  int64_t l3Bytes = 0;
  double l2BytesPerCycle = 0;
  double l3BytesPerCycle = 0;
  int64_t memoryMegabytesPerSecond = 0;

  int64_t cores = 0;
  int64_t clockMegahertz = 0;

  /// The features as LLVM takes them: "+avx2,+fma".
  std::string featureString() const;
};

/// What the command line says about the machine.
struct MachineRequest {
  /// "host", "x86_64", "aarch64", "riscv64" or an LLVM triple.
  std::string target = "host";
  /// "native", the name of an embedded machine, or an LLVM processor name.
  std::string cpu;
  /// "+feature,-feature", as LLVM's -mattr.
  std::string features;
  /// A machine file; it replaces target and cpu, which must then agree with it.
  std::string file;
};

/// A machine file that was built into the compiler.
struct EmbeddedMachine {
  llvm::StringLiteral name;
  llvm::StringLiteral json;
};

/// All embedded machine files, sorted by name.
llvm::ArrayRef<EmbeddedMachine> embeddedMachines();

/// The embedded machine called `name`, or nullptr.
const EmbeddedMachine *findEmbeddedMachine(llvm::StringRef name);

/// Reads one machine file. The error lists every problem of the file, one per
/// line, each with `fileName` and the JSON path of the offending value.
llvm::Expected<Machine> parseMachine(llvm::StringRef json,
                                     llvm::StringRef fileName);

/// The machine that a command line asks for. The error says what is wrong and
/// which names exist or come near.
llvm::Expected<Machine> resolveMachine(const MachineRequest &request);

/// The processor this process runs on: LLVM's name and features for it, cache
/// sizes from the operating system, the rest from the nearest embedded machine.
Machine hostMachine();

/// The name of the machine that an x86 processor is timed as, which LLVM calls
/// `cpu` by its features: a hypervisor may hide what tells generations apart,
/// but not how large the third-level cache is.
llvm::StringRef timedAs(llvm::StringRef cpu, int64_t l3Bytes);

/// Names that -target accepts besides LLVM triples, each with what it means.
std::vector<std::pair<std::string, std::string>> listTargets();

/// Sets vectorBits, vectorRegisters, registerGroup, fma, maskedLanes and
/// scalarOperand to what the instruction set of (triple, cpu, features) offers.
/// Fails if LLVM does not know the triple, the processor or a feature.
llvm::Error deriveVectorUnit(Machine &machine);

/// Checks that the machine's processor and features exist in LLVM and offer the
/// vector unit the machine claims.
llvm::Error checkAgainstInstructionSet(const Machine &machine,
                                       llvm::StringRef fileName);

/// The extensions among the machine's features that code may rely on, by LLVM's
/// names without "+", sorted: what a loader has to find on the processor.
/// Tuning flags and system extensions are left out. Those of matrix units are
/// among them, which an artifact only needs where its kernels use them.
llvm::Expected<std::vector<std::string>>
requiredExtensions(llvm::StringRef triple, llvm::StringRef cpu,
                   llvm::StringRef features);

/// The machine as the passes see it. Registers that are used in groups become
/// wide registers, fewer and slower in proportion.
schedule::MachineAttr machineAttribute(mlir::MLIRContext *context,
                                       const Machine &machine);

/// Registers LLVM's code generators once; every function above calls it.
void initializeTargets();

} // namespace edgec

#endif // EDGEC_TARGETS_MACHINES_MACHINE_H

//===- ResolveMachine.cpp - from -target, -mcpu, -mattr to a machine ------===//
//
// -target names an architecture, -mcpu a processor of it. Both an embedded
// machine and any processor that LLVM knows are accepted for -mcpu: the latter
// takes its vector unit from LLVM and its timings from the architecture's
// generic machine. A machine file stands for all of them at once.
//
//===----------------------------------------------------------------------===//
#include "targets/machines/Machine.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace edgec;
using llvm::StringRef;
using llvm::Triple;

namespace {
struct TargetName {
  StringRef name;
  StringRef machine;
  const char *meaning;
};
} // namespace

/// The baseline of an architecture is the least that its 64-bit Linux
/// processors have in common, so that the default runs wherever it is loaded.
static const TargetName targetNames[] = {
    {"x86_64", "x86-64-v2", "64-bit x86 with SSE4.2, unless -mcpu says more"},
    {"aarch64", "aarch64", "64-bit Arm with Advanced SIMD"},
    {"riscv64", "rv64gc", "64-bit RISC-V; -mcpu=rv64gcv adds vectors"},
};

std::vector<std::pair<std::string, std::string>> edgec::listTargets() {
  std::vector<std::pair<std::string, std::string>> result;
  result.emplace_back("host", hostMachine().description);
  for (const TargetName &target : targetNames)
    result.emplace_back(target.name.str(), target.meaning);
  return result;
}

static llvm::Expected<Machine> embedded(StringRef name) {
  const EmbeddedMachine *machine = findEmbeddedMachine(name);
  return parseMachine(machine->json, machine->name);
}

/// The generic machine of a triple's architecture.
static llvm::Expected<Machine> genericMachine(const Triple &triple) {
  for (const TargetName &target : targetNames)
    if (Triple(target.name).getArch() == triple.getArch())
      return embedded(target.machine);
  return llvm::createStringError(
      "no machine description for target '" + triple.str() +
      "', give one with -machine=FILE.json (targets/machines/README.md has the "
      "schema)");
}

/// Adds -mattr to a machine; the vector unit follows.
static llvm::Expected<Machine> withFeatures(Machine machine,
                                            StringRef features) {
  if (features.empty())
    return machine;
  llvm::SmallVector<StringRef> parts;
  features.split(parts, ',', -1, /*KeepEmpty=*/false);
  for (StringRef part : parts) {
    part = part.trim();
    bool isSigned = part.starts_with("+") || part.starts_with("-");
    machine.features.push_back((isSigned ? "" : "+") + part.str());
  }
  if (llvm::Error error = deriveVectorUnit(machine))
    return std::move(error);
  return machine;
}

static llvm::Expected<Machine> machineFromFile(const MachineRequest &request) {
  auto buffer = llvm::MemoryBuffer::getFile(request.file, /*IsText=*/true);
  if (!buffer)
    return llvm::createStringError("cannot read machine file '" + request.file +
                                   "': " + buffer.getError().message());
  llvm::Expected<Machine> machine =
      parseMachine((*buffer)->getBuffer(), request.file);
  if (!machine)
    return machine;
  if (llvm::Error error = checkAgainstInstructionSet(*machine, request.file))
    return std::move(error);
  if (request.target != "host" && !request.target.empty() &&
      Triple(request.target).getArch() != Triple(machine->triple).getArch()) {
    return llvm::createStringError(
        "machine file '" + request.file + "' describes '" + machine->triple +
        "', but -target is '" + request.target + "'; leave -target out");
  }
  if (!request.cpu.empty() && request.cpu != machine->cpu) {
    return llvm::createStringError(
        "machine file '" + request.file + "' describes cpu '" + machine->cpu +
        "', but -mcpu is '" + request.cpu + "'; leave -mcpu out");
  }
  return machine;
}

/// True if the triple's architecture is the one this process runs on.
static bool isHostArchitecture(const Triple &triple) {
  return triple.getArch() == Triple(llvm::sys::getProcessTriple()).getArch();
}

llvm::Expected<Machine> edgec::resolveMachine(const MachineRequest &request) {
  if (!request.file.empty()) {
    llvm::Expected<Machine> machine = machineFromFile(request);
    if (!machine)
      return machine;
    return withFeatures(std::move(*machine), request.features);
  }

  bool isHost = request.target.empty() || request.target == "host";
  if (isHost && (request.cpu.empty() || request.cpu == "native"))
    return withFeatures(hostMachine(), request.features);

  Triple triple(isHost ? hostMachine().triple
                       : Triple::normalize(request.target));
  if (triple.getArch() == Triple::UnknownArch) {
    return llvm::createStringError(
        "unknown target '" + request.target +
        "', expected host, x86_64, aarch64, riscv64 or an LLVM triple such as "
        "aarch64-unknown-linux-gnu");
  }
  if (request.cpu == "native") {
    if (!isHostArchitecture(triple)) {
      return llvm::createStringError(
          "-mcpu=native means this processor, which is not '" + request.target +
          "'; name the processor of the board");
    }
    return withFeatures(hostMachine(), request.features);
  }

  llvm::Expected<Machine> generic = genericMachine(triple);
  if (!generic)
    return generic;
  // A bare architecture means the generic machine's own hosted triple.
  bool isBareName = isHost || request.target.find('-') == std::string::npos;
  std::string fullTriple = isBareName ? generic->triple : triple.str();

  if (const EmbeddedMachine *named = findEmbeddedMachine(request.cpu)) {
    llvm::Expected<Machine> machine = parseMachine(named->json, named->name);
    if (!machine)
      return machine;
    Triple::ArchType arch = Triple(machine->triple).getArch();
    if (arch != triple.getArch()) {
      return llvm::createStringError(
          "unknown cpu '" + request.cpu + "' for " +
          Triple::getArchTypeName(triple.getArch()).str() +
          "; it is a processor of " + Triple::getArchTypeName(arch).str() +
          ": add -target=" + Triple::getArchTypeName(arch).str());
    }
    machine->triple = fullTriple;
    return withFeatures(std::move(*machine), request.features);
  }

  Machine machine = std::move(*generic);
  machine.triple = fullTriple;
  if (!request.cpu.empty()) {
    machine.description = request.cpu + ", timed as " + machine.name;
    machine.name = request.cpu;
    machine.cpu = request.cpu;
    machine.features.clear();
    if (llvm::Error error = deriveVectorUnit(machine))
      return std::move(error);
  }
  return withFeatures(std::move(machine), request.features);
}

//===- InstructionSet.cpp - what LLVM knows about a processor -------------===//
//
// A processor's name and features decide its vector unit, and LLVM is the
// authority on that. The vector fields of a machine that is chosen by
// -mcpu=ANY are derived here; those of a machine file are checked against it,
// because a file that claims more than the instruction set offers would make
// kernels that LLVM has to split and spill.
//
//===----------------------------------------------------------------------===//
#include "targets/machines/Machine.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Triple.h"
#include <memory>
#include <mutex>

using namespace edgec;
using llvm::StringRef;
using llvm::Triple;
using llvm::Twine;

void edgec::initializeTargets() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeAllTargetInfos();
    llvm::InitializeAllTargets();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllAsmPrinters();
    llvm::InitializeAllAsmParsers();
  });
}

/// The name among `candidates` that comes nearest to `name`, or "".
template <class Table>
static std::string nearestName(StringRef name, const Table &candidates) {
  std::string nearest;
  unsigned best = std::max<unsigned>(2, name.size() / 3) + 1;
  for (const auto &candidate : candidates) {
    StringRef key = candidate.Key;
    unsigned distance = name.edit_distance_insensitive(key, true, best);
    if (distance < best) {
      best = distance;
      nearest = key.str();
    }
  }
  return nearest;
}

static std::string didYouMean(const std::string &nearest) {
  return nearest.empty() ? "; edgec -list-machines shows what there is"
                         : "; did you mean '" + nearest + "'?";
}

/// Every architecture that knows the processor, to say where it belongs.
static std::string architecturesWith(StringRef cpu) {
  for (const char *triple :
       {"x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu",
        "riscv64-unknown-linux-gnu"}) {
    std::string error;
    Triple parsed(triple);
    const llvm::Target *target =
        llvm::TargetRegistry::lookupTarget(parsed, error);
    if (!target)
      continue;
    std::unique_ptr<llvm::MCSubtargetInfo> info(
        target->createMCSubtargetInfo(parsed, "", ""));
    if (info && info->isCPUStringValid(cpu))
      return Triple::getArchTypeName(parsed.getArch()).str();
  }
  return "";
}

/// LLVM's view of the machine's processor, or an error with all that is wrong.
static llvm::Expected<std::unique_ptr<llvm::MCSubtargetInfo>>
createSubtarget(const Machine &machine) {
  initializeTargets();
  std::string error;
  Triple triple(machine.triple);
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target) {
    return llvm::createStringError(
        "unknown target '" + machine.triple +
        "', expected host, x86_64, aarch64, riscv64 or an LLVM triple such as "
        "aarch64-unknown-linux-gnu");
  }
  std::unique_ptr<llvm::MCSubtargetInfo> info(
      target->createMCSubtargetInfo(triple, "", ""));
  if (!info)
    return llvm::createStringError("LLVM has no code generator for target '" +
                                   machine.triple + "'");
  std::vector<std::string> problems;
  std::string arch = triple.getArchName().str();
  if (!machine.cpu.empty() && !info->isCPUStringValid(machine.cpu)) {
    std::string home = architecturesWith(machine.cpu);
    std::string remedy =
        home.empty()
            ? didYouMean(
                  nearestName(machine.cpu, info->getAllProcessorDescriptions()))
            : "; it is a processor of " + home + ": add -target=" + home;
    problems.push_back("unknown cpu '" + machine.cpu + "' for " + arch +
                       remedy);
  }
  for (const std::string &feature : machine.features) {
    StringRef name = StringRef(feature).drop_front();
    bool known =
        llvm::any_of(info->getAllProcessorFeatures(),
                     [&](const auto &entry) { return name == entry.Key; });
    if (!known) {
      problems.push_back(
          "unknown feature '" + name.str() + "' for " + arch +
          didYouMean(nearestName(name, info->getAllProcessorFeatures())));
    }
  }
  if (!problems.empty())
    return llvm::createStringError(llvm::join(problems, "\n"));
  info.reset(target->createMCSubtargetInfo(triple, machine.cpu,
                                           machine.featureString()));
  return info;
}

namespace {
/// The part of a machine that the instruction set decides.
struct VectorUnit {
  int64_t bits, registers, group;
  bool fma, masked, scalarOperand;
};
} // namespace

static VectorUnit vectorUnitOf(const Triple &triple,
                               const llvm::MCSubtargetInfo &info) {
  auto has = [&](const char *feature) { return info.checkFeatures(feature); };
  switch (triple.getArch()) {
  case Triple::x86_64:
  case Triple::x86: {
    if (has("+avx512f") && has("+avx512vl") && has("+avx512dq"))
      return {512, 32, 1, true, true, true};
    int64_t registers = triple.isArch64Bit() ? 16 : 8;
    return {has("+avx") ? 256 : 128, registers, 1, has("+fma"), false, false};
  }
  case Triple::aarch64:
    return {has("+neon") ? 128 : 32, 32, 1, true, false, true};
  case Triple::riscv64:
  case Triple::riscv32: {
    if (!has("+v"))
      return {32, 32, 1, has("+f"), false, true};
    int64_t bits = 128;
    for (auto [feature, size] :
         {std::pair{"+zvl256b", 256}, std::pair{"+zvl512b", 512},
          std::pair{"+zvl1024b", 1024}})
      if (has(feature))
        bits = size;
    return {bits, 32, 4, true, true, true};
  }
  case Triple::arm:
  case Triple::thumb:
    return {has("+neon") ? 128 : 32, 16, 1, has("+vfp4"), false, true};
  default:
    return {32, 16, 1, false, false, true};
  }
}

llvm::Error edgec::deriveVectorUnit(Machine &machine) {
  auto info = createSubtarget(machine);
  if (!info)
    return info.takeError();
  VectorUnit unit = vectorUnitOf(Triple(machine.triple), **info);
  machine.vectorBits = unit.bits;
  machine.vectorRegisters = unit.registers;
  machine.registerGroup = unit.group;
  machine.fma = unit.fma;
  machine.maskedLanes = unit.masked;
  machine.scalarOperand = unit.scalarOperand;
  return llvm::Error::success();
}

llvm::Error edgec::checkAgainstInstructionSet(const Machine &machine,
                                              StringRef fileName) {
  auto prefixed = [&](const Twine &message) {
    return llvm::createStringError((fileName + ": " + message).str());
  };
  auto info = createSubtarget(machine);
  if (!info)
    return prefixed(llvm::toString(info.takeError()));
  VectorUnit unit = vectorUnitOf(Triple(machine.triple), **info);
  std::vector<std::string> problems;
  auto tooMuch = [&](StringRef field, const Twine &claimed,
                     const Twine &offered) {
    problems.push_back((fileName + ": /" + field + ": " + claimed +
                        ", but cpu '" + machine.cpu + "' with features '" +
                        machine.featureString() + "' offers " + offered +
                        "; name the cpu or add the feature that has it")
                           .str());
  };
  if (machine.vectorBits > unit.bits)
    tooMuch("vectorBits", Twine(machine.vectorBits), Twine(unit.bits));
  if (machine.vectorRegisters > unit.registers)
    tooMuch("vectorRegisters", Twine(machine.vectorRegisters),
            Twine(unit.registers));
  if (machine.registerGroup > unit.group)
    tooMuch("registerGroup", Twine(machine.registerGroup), Twine(unit.group));
  if (machine.fma && !unit.fma)
    tooMuch("fma", "true", "no fused multiply-add");
  if (machine.maskedLanes && !unit.masked)
    tooMuch("maskedLanes", "true", "no masked loads and stores");
  if (problems.empty())
    return llvm::Error::success();
  return llvm::createStringError(llvm::join(problems, "\n"));
}

/// Extensions whose instructions LLVM forms by itself, for each architecture.
/// Baselines (SSE2, the integer core) need no check. AMX is here too, which
/// only kernels choose: targets/cpu/UsedExtensions.h.
static llvm::ArrayRef<StringRef> checkedExtensions(Triple::ArchType arch) {
  static const StringRef x86[] = {
      "sse3",         "ssse3",       "sse4.1",       "sse4.2",
      "popcnt",       "avx",         "avx2",         "fma",
      "fma4",         "xop",         "f16c",         "bmi",
      "bmi2",         "lzcnt",       "movbe",        "avx512f",
      "avx512bw",     "avx512cd",    "avx512dq",     "avx512vl",
      "avx512vnni",   "avx512bf16",  "avx512fp16",   "avx512vbmi",
      "avx512ifma",   "avx512vbmi2", "avx512bitalg", "avx512vpopcntdq",
      "avxvnni",      "avxvnniint8", "avxvnniint16", "avxifma",
      "avxneconvert", "gfni",        "amx-tile",     "amx-int8",
      "amx-bf16"};
  static const StringRef arm[] = {"neon",  "fullfp16", "dotprod",   "i8mm",
                                  "bf16",  "fp16fml",  "complxnum", "fptoint",
                                  "flagm", "altnzcv",  "sve",       "sve2",
                                  "lse",   "rdm",      "crc",       "mops"};
  // LLVM's name until it is ratified.
  static const StringRef zvqdotq = "experimental-zvqdotq";
  static const StringRef riscv[] = {
      "m",       "a",       "f",       "d",        "c",    "v",
      "zba",     "zbb",     "zbs",     "zfa",      "zfh",  "zfhmin",
      "zcb",     "zicond",  "zvbb",    "zvkb",     "zvfh", "zvfhmin",
      "zvl128b", "zvl256b", "zvl512b", "zvl1024b", zvqdotq};
  switch (arch) {
  case Triple::x86_64:
    return x86;
  case Triple::aarch64:
    return arm;
  case Triple::riscv64:
  case Triple::riscv32:
    return riscv;
  default:
    return {};
  }
}

llvm::Expected<std::vector<std::string>>
edgec::requiredExtensions(StringRef triple, StringRef cpu, StringRef features) {
  Machine machine;
  machine.triple = triple.str();
  machine.cpu = cpu.str();
  llvm::SmallVector<StringRef> parts;
  features.split(parts, ',', -1, /*KeepEmpty=*/false);
  for (StringRef part : parts)
    machine.features.push_back(part.str());
  auto info = createSubtarget(machine);
  if (!info)
    return info.takeError();
  std::vector<std::string> result;
  for (StringRef name : checkedExtensions(Triple(triple).getArch()))
    if ((*info)->checkFeatures(("+" + name).str()))
      result.push_back(name.str());
  llvm::sort(result);
  return result;
}

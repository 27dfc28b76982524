//===- MachineAttribute.cpp - a machine as the passes see it --------------===//
//
// #schedule.machine holds whole numbers (rates in hundredths) and speaks of
// registers as kernels use them: an RVV core that groups four registers of 128
// bits is a core with eight registers of 512 bits that take four cycles each.
//
//===----------------------------------------------------------------------===//
#include "targets/machines/Machine.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>
#include <optional>

using namespace edgec;

static int64_t hundredths(double rate) {
  return rate > 0 ? std::max<int64_t>(1, std::llround(rate * 100)) : 0;
}

/// What the last mention of a feature says; nothing if there is none.
static std::optional<bool> lastMention(llvm::StringRef features,
                                       llvm::StringRef name) {
  std::optional<bool> last;
  for (llvm::StringRef feature : llvm::split(features, ','))
    if (feature.drop_front() == name)
      last = feature.front() == '+';
  return last;
}

/// The machine's features, and what LLVM makes of them for those that kernels
/// ask for, because it does not choose their instructions by itself: which ones
/// the processor brings, and which ones go with another that is taken away.
static std::string featuresOf(const Machine &machine) {
  std::string text = machine.featureString();
  auto known = requiredExtensions(machine.triple, machine.cpu, text);
  if (!known) {
    llvm::consumeError(known.takeError());
    return text;
  }
  for (llvm::StringRef name :
       {"avx2", "avx512bw", "avx512vl", "avx512vbmi", "avx512vnni", "avxvnni",
        "avx512bf16", "avx512fp16", "amx-tile", "amx-int8", "amx-bf16",
        "dotprod", "i8mm", "bf16", "fullfp16", "zvfh",
        "experimental-zvqdotq"}) {
    bool isThere = llvm::is_contained(*known, name);
    if (lastMention(text, name).value_or(false) != isThere)
      text += (text.empty() ? "" : ",") + ((isThere ? "+" : "-") + name).str();
  }
  return text;
}

schedule::MachineAttr edgec::machineAttribute(mlir::MLIRContext *context,
                                              const Machine &machine) {
  context->getOrLoadDialect<schedule::ScheduleDialect>();
  int64_t group = machine.registerGroup;
  double memoryBytesPerCycle =
      static_cast<double>(machine.memoryMegabytesPerSecond) /
      static_cast<double>(machine.clockMegahertz);
  return schedule::MachineAttr::get(
      context, machine.name, machine.triple, machine.cpu, featuresOf(machine),
      machine.vectorBits * group, machine.vectorRegisters / group, machine.fma,
      machine.maskedLanes, machine.scalarOperand,
      hundredths(machine.fmaPerCycle / group),
      hundredths(machine.loadsPerCycle / group), machine.fmaLatencyCycles,
      machine.inOrder, machine.l1Bytes, machine.l2Bytes, machine.l3Bytes,
      hundredths(machine.l2BytesPerCycle), hundredths(memoryBytesPerCycle),
      machine.cores, machine.clockMegahertz,
      hundredths(machine.l3BytesPerCycle));
}

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
#include <cmath>

using namespace edgec;

static int64_t hundredths(double rate) {
  return rate > 0 ? std::max<int64_t>(1, std::llround(rate * 100)) : 0;
}

/// The machine's features and those that its processor brings and kernels ask
/// for: instructions that LLVM does not choose by itself.
static std::string featuresOf(const Machine &machine) {
  std::string text = machine.featureString();
  auto known = requiredExtensions(machine.triple, machine.cpu, text);
  if (!known) {
    llvm::consumeError(known.takeError());
    return text;
  }
  llvm::SmallVector<llvm::StringRef> listed;
  llvm::StringRef(text).split(listed, ',');
  for (llvm::StringRef name :
       {"avx2", "avx512bw", "avx512vnni", "avxvnni", "avx512bf16", "avx512fp16",
        "amx-tile", "amx-int8", "amx-bf16", "dotprod", "fullfp16"}) {
    std::string feature = "+" + name.str();
    if (llvm::is_contained(*known, name) &&
        !llvm::is_contained(listed, llvm::StringRef(feature)))
      text += (text.empty() ? "" : ",") + feature;
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
      machine.cores, machine.clockMegahertz);
}

//===- MachineAttribute.cpp - a machine as the passes see it --------------===//
//
// #schedule.machine holds whole numbers (rates in hundredths) and speaks of
// registers as kernels use them: an RVV core that groups four registers of 128
// bits is a core with eight registers of 512 bits that take four cycles each.
//
//===----------------------------------------------------------------------===//
#include "targets/machines/Machine.h"

#include "mlir/IR/MLIRContext.h"
#include <cmath>

using namespace edgec;

static int64_t hundredths(double rate) {
  return rate > 0 ? std::max<int64_t>(1, std::llround(rate * 100)) : 0;
}

schedule::MachineAttr edgec::machineAttribute(mlir::MLIRContext *context,
                                              const Machine &machine) {
  context->getOrLoadDialect<schedule::ScheduleDialect>();
  int64_t group = machine.registerGroup;
  double memoryBytesPerCycle =
      static_cast<double>(machine.memoryMegabytesPerSecond) /
      static_cast<double>(machine.clockMegahertz);
  return schedule::MachineAttr::get(
      context, machine.name, machine.triple, machine.cpu,
      machine.featureString(), machine.vectorBits * group,
      machine.vectorRegisters / group, machine.fma, machine.maskedLanes,
      machine.scalarOperand, hundredths(machine.fmaPerCycle / group),
      hundredths(machine.loadsPerCycle / group), machine.fmaLatencyCycles,
      machine.inOrder, machine.l1Bytes, machine.l2Bytes, machine.l3Bytes,
      hundredths(machine.l2BytesPerCycle), hundredths(memoryBytesPerCycle),
      machine.cores, machine.clockMegahertz);
}

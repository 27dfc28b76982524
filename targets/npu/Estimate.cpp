//===- Estimate.cpp - how long commands take ------------------------------===//
//
// One pass over the commands: since every wait is satisfied by signals in front
// of it, all times that a command depends on are known when it is reached.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/Estimate.h"

#include "targets/npu/Timeline.h"

using namespace edgec;
using namespace edgec::npu;

static int64_t programPasses(const Command &command,
                             const NpuMachine &machine) {
  return command.program ? command.program->passes(machine.vectorStages) : 1;
}

int64_t edgec::npu::busyCycles(const Command &command,
                               const NpuMachine &machine) {
  switch (command.opcode) {
  case Opcode::load:
  case Opcode::store:
    return ceilDiv(command.rows * command.rowBytes, machine.dmaBytesPerCycle) +
           command.rows * machine.dmaRowCycles;
  case Opcode::mac:
    return machine.macStartCycles +
           std::max(
               command.output.height * command.output.width *
                   command.weightSteps,
               ceilDiv(command.decodedBytes, machine.decoderBytesPerCycle));
  case Opcode::pool:
    return machine.vectorStartCycles +
           command.output.height * command.output.width *
               ceilDiv(command.output.channels, machine.vectorLanes) *
               std::max(command.window.kernelY * command.window.kernelX,
                        programPasses(command, machine));
  case Opcode::vector:
    return machine.vectorStartCycles +
           command.extents[0] * command.extents[1] * command.extents[2] *
               ceilDiv(command.extents[3], machine.vectorLanes) *
               programPasses(command, machine);
  case Opcode::wait:
  case Opcode::signal:
    return 0;
  }
  return 0;
}

/// Energy of what a command does, without the idle part.
static double femtojoules(const Command &command, const NpuMachine &machine) {
  auto elements = double(command.output.height * command.output.width *
                         command.output.channels);
  double program = command.program ? double(command.program->length()) : 0;
  switch (command.opcode) {
  case Opcode::load:
  case Opcode::store: {
    auto bytes = double(command.rows * command.rowBytes);
    return bytes * double(machine.femtojoulesPerDramByte +
                          machine.femtojoulesPerSramByte);
  }
  case Opcode::mac: {
    double macs = elements / double(command.output.channels) *
                  double(command.decodedBytes);
    return macs * double(machine.femtojoulesPerMac) +
           elements * program * double(machine.femtojoulesPerVectorOp) +
           (elements * double(bytesOf(command.output.element)) +
            double(command.weightsBytes + command.input.height *
                                              command.input.width *
                                              command.input.channels)) *
               double(machine.femtojoulesPerSramByte);
  }
  case Opcode::pool:
    return elements * ((program + double(command.window.kernelY *
                                         command.window.kernelX)) *
                           double(machine.femtojoulesPerVectorOp) +
                       2 * double(machine.femtojoulesPerSramByte));
  case Opcode::vector: {
    double count = 1;
    for (int64_t extent : command.extents)
      count *= double(extent);
    return count * (program * double(machine.femtojoulesPerVectorOp) +
                    double(1 + command.inputs.size()) *
                        double(machine.femtojoulesPerSramByte));
  }
  case Opcode::wait:
  case Opcode::signal:
    return 0;
  }
  return 0;
}

Estimate edgec::npu::estimate(llvm::ArrayRef<Command> commands,
                              const NpuMachine &machine,
                              std::vector<Interval> *intervals) {
  Estimate result;
  Timeline timeline(machine, commands.data(), intervals);
  for (const Command &command : commands) {
    timeline.dispatch(command);
    result.femtojoules += femtojoules(command, machine);
    if (command.opcode == Opcode::wait || command.opcode == Opcode::signal)
      continue;
    result.busy[size_t(command.unit)] += busyCycles(command, machine);
    int64_t bytes = command.rows * command.rowBytes;
    if (command.opcode == Opcode::load)
      result.loadedBytes += bytes;
    if (command.opcode == Opcode::store)
      result.storedBytes += bytes;
  }
  result.cycles = timeline.finish();
  double seconds =
      double(result.cycles) / (1e3 * double(machine.clockKilohertz));
  result.femtojoules += seconds * double(machine.idleMicrowatts) * 1e9;
  return result;
}

//===- OrderDispatch.cpp - the order in which commands are handed out -----===//
//
// Merges the sequences of the four units by running the machine's clockwork: at
// each moment, the next command of a unit whose queue has room.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/Synchronize.h"

#include "targets/npu/Timeline.h"

using namespace edgec;
using namespace edgec::npu;

namespace {
/// The commands of one unit, as indices, and how many are dispatched.
struct Sequence {
  std::vector<size_t> commands;
  size_t next = 0;

  bool isDone() const { return next == commands.size(); }
};
} // namespace

std::vector<Command> edgec::npu::orderDispatch(std::vector<Command> commands,
                                               const NpuMachine &machine) {
  std::array<Sequence, 4> sequences;
  for (size_t i = 0; i < commands.size(); ++i)
    sequences[size_t(commands[i].unit)].commands.push_back(i);
  std::array<int64_t, 4> signalled = {};
  Timeline timeline(machine);
  std::vector<size_t> order;
  order.reserve(commands.size());

  auto isReady = [&](const Sequence &sequence) {
    if (sequence.isDone())
      return false;
    const Command &command = commands[sequence.commands[sequence.next]];
    return command.opcode != Opcode::wait ||
           signalled[command.semaphore] >= command.value;
  };
  // Loads first, then what comes first in the list.
  auto choose = [&](bool needsRoom) -> Sequence * {
    Sequence *best = nullptr;
    for (size_t unit = 0; unit < sequences.size(); ++unit) {
      Sequence &sequence = sequences[unit];
      if (!isReady(sequence) || (needsRoom && !timeline.hasRoom(Unit(unit))))
        continue;
      if (Unit(unit) == Unit::load)
        return &sequence;
      if (!best ||
          sequence.commands[sequence.next] < best->commands[best->next])
        best = &sequence;
    }
    return best;
  };
  while (order.size() < commands.size()) {
    timeline.catchUp();
    Sequence *sequence = choose(/*needsRoom=*/true);
    if (!sequence && timeline.passTime())
      continue;
    // Nothing moves any more without another command.
    if (!sequence)
      sequence = choose(/*needsRoom=*/false);
    size_t index = sequence->commands[sequence->next++];
    if (commands[index].opcode == Opcode::signal)
      ++signalled[commands[index].semaphore];
    timeline.dispatch(commands[index]);
    order.push_back(index);
  }
  std::vector<Command> result;
  result.reserve(commands.size());
  for (size_t index : order)
    result.push_back(std::move(commands[index]));
  return result;
}

//===- EmitCascade.cpp - the commands of a cascade ------------------------===//
//
// Stripe by stripe: load the rows that come from memory, compute every layer's
// rows in order, store those that leave. Synchronize.cpp lets the units run
// ahead of this order.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/Cascade.h"

using namespace edgec;
using namespace edgec::npu;

/// What is at work while commands are listed.
struct Cascade::Emission {
  Emitter &emitter;
  Constants &constants;
  const Cascade &cascade;
  Areas areas;
  /// Per layer, in stripes: where its pack lies; -1: not loaded yet.
  std::vector<int64_t> packs;
  /// The next free byte of the weights' area.
  int64_t next = 0;

  void emitStripe(int64_t stripe);
  void computeLayer(int layer, int64_t stripe);
  void loadRows(const Buffer &buffer, int64_t stripe);
  int64_t placePack(const Pack &pack);
  /// The buffer, as a layer sees it.
  Patch patchOf(const Buffer &buffer, const View &view) const {
    return rowsPatch(view, areas.rows.first + buffer.offset, buffer.ringRows);
  }
};

/// Areas whose first bytes are multiples of banks: those with the least in
/// common with `previous`, weights counting more since they can be loaded long
/// before.
static Areas chooseAreas(int64_t rows, int64_t weights, const Areas &previous,
                         const NpuMachine &machine) {
  int64_t bank = machine.bankBytes();
  Areas best;
  int64_t least = -1;
  for (int64_t rowBank = 0; rowBank * bank + rows <= machine.sramBytes;
       ++rowBank) {
    Area rowArea = {rowBank * bank, rowBank * bank + rows};
    for (int64_t weightBank = 0;
         weightBank * bank + weights <= machine.sramBytes; ++weightBank) {
      Area weightArea = {weightBank * bank, weightBank * bank + weights};
      Area rowBanks = {rowArea.first, roundUp(rowArea.last, bank)};
      Area weightBanks = {weightArea.first, roundUp(weightArea.last, bank)};
      if (rowBanks.overlap(weightBanks))
        continue;
      int64_t common = 2 * (weightArea.overlap(previous.rows) +
                            weightArea.overlap(previous.weights)) +
                       rowArea.overlap(previous.rows) +
                       rowArea.overlap(previous.weights);
      if (least >= 0 && common >= least)
        continue;
      least = common;
      best = {rowArea, weightArea};
    }
  }
  return best;
}

int64_t Cascade::Emission::placePack(const Pack &pack) {
  if (next + pack.bytes > areas.weights.last)
    next = areas.weights.first;
  int64_t address = next;
  next += pack.bytes;
  emitter.loadPack(pack, address);
  return address;
}

void Cascade::Emission::loadRows(const Buffer &buffer, int64_t stripe) {
  int64_t before = stripe ? buffer.rows[stripe - 1] : 0;
  if (buffer.rows[stripe] > before)
    emitter.load(buffer.tensor, 0, buffer.view, patchOf(buffer, buffer.view),
                 before, buffer.rows[stripe]);
}

void Cascade::Emission::computeLayer(int layer, int64_t stripe) {
  const Layer &at = cascade.layerAt(layer);
  auto [before, after] = cascade.rowsOf(layer, stripe);
  if (after == before)
    return;
  emitter.current = layer;
  llvm::SmallVector<Patch, 3> reads;
  for (auto [read, tensor] : llvm::enumerate(cascade.graph.reads[layer])) {
    const Buffer &buffer = cascade.bufferOf(tensor);
    reads.push_back(patchOf(buffer, at.reads[read].view));
  }
  Patch out = patchOf(cascade.bufferOf(cascade.graph.results[layer]), at.out);
  Region region = {before, after - before, 0, at.out.width};
  int64_t step = cascade.packOutputs[layer - cascade.first];
  for (int64_t output = 0; output < at.out.channels; output += step) {
    Part part = wholeOf(at);
    part.firstOutput = output;
    part.lastOutput = std::min(at.out.channels, output + step);
    const Pack &pack = constants.pack(layer, at, part);
    int64_t address = 0;
    if (cascade.stripes == 1) {
      address = placePack(pack);
    } else {
      int64_t &known = packs[layer - cascade.first];
      if (known < 0)
        known = placePack(pack);
      address = known;
    }
    emitter.compute(layer, region, out, reads, {&pack, address, part});
  }
}

void Cascade::Emission::emitStripe(int64_t stripe) {
  for (int layer = cascade.first; layer <= cascade.last; ++layer) {
    emitter.current = layer;
    for (const Buffer &buffer : cascade.buffers) {
      if (buffer.producer < 0 && buffer.readers.front().first == layer)
        loadRows(buffer, stripe);
    }
    computeLayer(layer, stripe);
    const Buffer &result = cascade.bufferOf(cascade.graph.results[layer]);
    auto [before, after] = cascade.rowsOf(layer, stripe);
    if (result.stored && after > before)
      emitter.store(result.tensor, 0, result.view, patchOf(result, result.view),
                    before, after);
  }
}

Areas Cascade::emit(Emitter &emitter, Constants &constants,
                    const Areas &previous) const {
  // Packs of parts are aligned one by one, and so take a little more together.
  int64_t weights =
      std::min(weightBytes + 4096,
               machine.sramBytes - roundUp(rowBytes, machine.bankBytes()));
  Emission emission{emitter, constants, *this,
                    chooseAreas(rowBytes, weights, previous, machine),
                    std::vector<int64_t>(last - first + 1, -1)};
  emission.next = emission.areas.weights.first;
  for (int64_t stripe = 0; stripe < stripes; ++stripe)
    emission.emitStripe(stripe);
  return emission.areas;
}

//===- Tiles.cpp - one layer by tiles -------------------------------------===//
//
// Tries tile sizes in halves from the whole layer on and takes the fastest that
// fits. Whatever is loaded more than once has two places in SRAM, so that one
// is filled while the other is used. Weights lie at the end of the SRAM and
// everything else at its beginning, with no bank in common.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/Tiles.h"

#include "targets/npu/Estimate.h"

using namespace edgec;
using namespace edgec::npu;

namespace {
/// Places of one kind in SRAM, used in turn.
struct Slots {
  int64_t address = 0, bytes = 0, count = 1, next = 0;

  int64_t take() { return address + next++ % count * bytes; }
  int64_t total() const { return bytes * count; }
};

/// A tiling of a layer with what follows from it.
class TilePlan {
public:
  TilePlan(const Layer &layer, const Tiling &tiling, const NpuMachine &machine);

  bool fits() const;
  double cycles() const;
  int64_t bytes() const;

  /// Input channels of reads[0] that a part reads.
  std::pair<int64_t, int64_t> inputChannels(const Part &part) const;
  Patch inputPatch(unsigned read, const Region &region, const Part &part) const;

  const Layer &layer;
  Tiling tiling;
  const NpuMachine &machine;
  int64_t tiles, chunks, splits;
  Slots packs, outputs, sums;
  llvm::SmallVector<Slots, 3> inputs;
};
} // namespace

static Part partOf(const Layer &layer, const Tiling &tiling, int64_t chunk,
                   int64_t split) {
  Part whole = wholeOf(layer);
  return {chunk * tiling.outputs,
          std::min(whole.lastOutput, (chunk + 1) * tiling.outputs),
          split * tiling.inputs,
          std::min(whole.lastInput, (split + 1) * tiling.inputs)};
}

std::pair<int64_t, int64_t> TilePlan::inputChannels(const Part &part) const {
  if (layer.kind != Layer::Kind::mac)
    return {part.firstOutput, part.lastOutput};
  int64_t channels = layer.in().channels;
  if (layer.depthwise) {
    int64_t multiplier = layer.out.channels / channels;
    return {part.firstOutput / multiplier, part.lastOutput / multiplier};
  }
  if (layer.groups == 1)
    return {part.firstInput, part.lastInput};
  int64_t outputs = layer.out.channels / layer.groups;
  int64_t perGroup = channels / layer.groups;
  return {part.firstOutput / outputs * perGroup,
          part.lastOutput / outputs * perGroup};
}

/// The patch of an operand that `region` needs, at address 0.
Patch TilePlan::inputPatch(unsigned read, const Region &region,
                           const Part &part) const {
  const View &view = layer.reads[read].view;
  auto [firstRow, lastRow] =
      layer.rowsNeeded(read, region.y, region.y + region.rows);
  auto [firstPixel, lastPixel] =
      layer.pixelsNeeded(read, region.x, region.x + region.width);
  auto [firstChannel, lastChannel] =
      read == 0 ? inputChannels(part)
                : std::pair(part.firstOutput, part.lastOutput);
  if (view.channels == 1) {
    firstChannel = 0;
    lastChannel = 1;
  }
  Patch patch;
  patch.y = firstRow;
  patch.rows = lastRow - firstRow;
  patch.x = firstPixel;
  patch.width = lastPixel - firstPixel;
  patch.channel = firstChannel;
  patch.channels = lastChannel - firstChannel;
  patch.element = view.element;
  patch.pixelStride = patch.channels * bytesOf(view.element);
  patch.rowStride = rowStrideOf(patch.width, patch.pixelStride);
  return patch;
}

static Patch outputPatch(const View &view, const Region &region,
                         int64_t firstChannel, int64_t lastChannel) {
  Patch patch;
  patch.y = region.y;
  patch.rows = region.rows;
  patch.x = region.x;
  patch.width = region.width;
  patch.channel = firstChannel;
  patch.channels = lastChannel - firstChannel;
  patch.element = view.element;
  patch.pixelStride = patch.channels * bytesOf(view.element);
  patch.rowStride = rowStrideOf(patch.width, patch.pixelStride);
  return patch;
}

/// How much of an input of `size` a window over `outputs` positions spans.
static int64_t spanOf(int64_t outputs, int64_t stride, int64_t kernel,
                      int64_t dilation, int64_t size) {
  return std::min(size, (outputs - 1) * stride + (kernel - 1) * dilation + 1);
}

/// The most SRAM that a patch for any tile takes.
static int64_t largestPatch(const TilePlan &plan, unsigned read) {
  const Layer &layer = plan.layer;
  const Tiling &tiling = plan.tiling;
  const View &view = layer.reads[read].view;
  Part part = tiling.inputStationary && plan.splits == 1
                  ? wholeOf(layer)
                  : partOf(layer, tiling, 0, 0);
  Patch patch = plan.inputPatch(read, {0, 1, 0, 1}, part);
  bool hasWindow = layer.kind != Layer::Kind::elementwise && read == 0;
  const Window plain, &window = hasWindow ? layer.window : plain;
  int64_t rows = spanOf(tiling.rows, window.strideY, window.kernelY,
                        window.dilationY, view.height);
  int64_t width = spanOf(tiling.width, window.strideX, window.kernelX,
                         window.dilationX, view.width);
  return rows * rowStrideOf(width, patch.pixelStride);
}

TilePlan::TilePlan(const Layer &layer, const Tiling &tiling,
                   const NpuMachine &machine)
    : layer(layer), tiling(tiling), machine(machine) {
  Part whole = wholeOf(layer);
  tiles = layer.images * ceilDiv(layer.out.height, tiling.rows) *
          ceilDiv(layer.out.width, tiling.width);
  chunks = ceilDiv(whole.lastOutput, tiling.outputs);
  splits = ceilDiv(whole.lastInput, tiling.inputs);
  bool several = tiles * chunks * splits > 1;

  // The last part carries the parameters.
  for (int64_t split : {int64_t(0), splits - 1})
    packs.bytes = std::max(
        packs.bytes,
        densePackBytes(layer, partOf(layer, tiling, 0, split), machine));
  packs.count = chunks * splits > 1 ? 2 : 1;
  for (unsigned read = 0; read < layer.reads.size(); ++read) {
    Slots slots;
    slots.bytes = largestPatch(*this, read);
    slots.count = several ? 2 : 1;
    inputs.push_back(slots);
  }
  int64_t channels = tiling.inputStationary ? whole.lastOutput : tiling.outputs;
  outputs.bytes =
      tiling.rows *
      rowStrideOf(tiling.width, channels * bytesOf(layer.out.element));
  outputs.count = several ? 2 : 1;
  if (splits > 1)
    sums.bytes = tiling.rows * rowStrideOf(tiling.width, tiling.outputs * 4);

  int64_t next = 0;
  for (Slots &slots : inputs) {
    slots.address = next;
    next += slots.total();
  }
  outputs.address = next;
  sums.address = next + outputs.total();
  packs.address = (machine.sramBytes - packs.total()) / NPU_LIMIT_LINE_BYTES *
                  NPU_LIMIT_LINE_BYTES;
}

bool TilePlan::fits() const {
  int64_t end = sums.address + sums.total();
  // No bank in common with the weights.
  return packs.address >= 0 &&
         roundUp(end, machine.bankBytes()) <=
             packs.address / machine.bankBytes() * machine.bankBytes();
}

/// Bytes to and from memory.
int64_t TilePlan::bytes() const {
  int64_t packBytes = densePackBytes(layer, wholeOf(layer), machine);
  int64_t inputBytes = 0;
  // Halos are loaded again with each tile.
  int64_t perChunk = 0;
  for (unsigned read = 0; read < layer.reads.size(); ++read)
    perChunk += inputs[read].bytes * splits;
  bool channelwise = layer.kind != Layer::Kind::mac || layer.depthwise;
  inputBytes = perChunk * tiles;
  if (!tiling.inputStationary && (tiles > 1 || splits > 1 || channelwise))
    inputBytes *= chunks;
  else if (splits > 1)
    inputBytes *= chunks;
  bool reloads = tiling.inputStationary ? chunks * splits > 1 : splits > 1;
  return packBytes * (reloads ? tiles : 1) + inputBytes +
         layer.images * layer.out.bytes();
}

double TilePlan::cycles() const {
  double pixels = double(layer.images * layer.out.height * layer.out.width);
  double perPixel = 0;
  int64_t passes = layer.program->passes(machine.vectorStages);
  int64_t channels = layer.out.channels;
  if (layer.kind == Layer::Kind::mac) {
    int64_t groups = layer.depthwise ? 1 : layer.groups;
    int64_t blocks = groups * ceilDiv(channels / groups, machine.macColumns);
    perPixel = double(blocks) *
               double(std::max(splits * ceilDiv(ceilDiv(layer.taps(), splits),
                                                machine.macRows),
                               passes));
  } else {
    int64_t taps = layer.window.kernelY * layer.window.kernelX;
    perPixel =
        double(ceilDiv(channels, machine.vectorLanes) * std::max(taps, passes));
  }
  double commands = double(tiles * chunks * splits);
  double work = pixels * perPixel + commands * double(machine.macStartCycles);
  if (layer.kind == Layer::Kind::mac)
    work = std::max(work,
                    double(tiles) *
                        double(densePackBytes(layer, wholeOf(layer), machine)) /
                        double(machine.decoderBytesPerCycle));
  double dma = double(bytes()) / double(machine.dmaBytesPerCycle);
  double rows = double(tiling.rows) * commands * double(machine.dmaRowCycles);
  if (!tiling.inputStationary && chunks > 1)
    rows *= double(tiling.width);
  dma += rows;
  // What must be there before the first tile and stored behind the last one.
  double edges =
      (double(packs.bytes + outputs.bytes) + double(inputs.front().bytes)) /
      double(machine.dmaBytesPerCycle);
  return std::max(work, dma) + edges + 2 * double(machine.dmaLatencyCycles);
}

/// `size`, and its halves rounded up to multiples of `unit`, down to `least`.
static std::vector<int64_t> halves(int64_t size, int64_t unit, int64_t least) {
  std::vector<int64_t> sizes = {size};
  while (sizes.back() > least) {
    int64_t half =
        std::min(roundUp(ceilDiv(sizes.back(), 2), unit), sizes.back() - 1);
    half = std::max(half / unit * unit, least);
    if (half >= sizes.back())
      break;
    sizes.push_back(half);
  }
  return sizes;
}

/// Output channels come in multiples of this.
static int64_t outputUnit(const Layer &layer, const NpuMachine &machine) {
  if (layer.kind != Layer::Kind::mac)
    return machine.vectorLanes;
  if (layer.depthwise)
    return machine.macColumns * (layer.out.channels / layer.in().channels);
  return layer.groups > 1 ? layer.out.channels / layer.groups
                          : machine.macColumns;
}

std::optional<Tiling> edgec::npu::chooseTiling(const Layer &layer,
                                               const NpuMachine &machine) {
  Part whole = wholeOf(layer);
  std::optional<Tiling> best;
  int64_t unit = std::min(outputUnit(layer, machine), whole.lastOutput);
  bool splittable = layer.kind == Layer::Kind::mac && layer.groups == 1 &&
                    whole.lastInput > 1;
  std::vector<int64_t> inputSizes = {whole.lastInput};
  if (splittable)
    inputSizes = halves(whole.lastInput, 1, 1);
  auto consider = [&](const Tiling &tiling) {
    TilePlan plan(layer, tiling, machine);
    if (!plan.fits())
      return;
    double cycles = plan.cycles();
    if (best && best->cycles <= cycles)
      return;
    best = tiling;
    best->cycles = cycles;
    best->bytes = plan.bytes();
  };
  for (int64_t inputs : inputSizes) {
    // Splitting K costs a pass over sums: only if nothing else fits.
    if (best)
      break;
    for (int64_t outputs : halves(whole.lastOutput, unit, unit)) {
      for (int64_t width : halves(layer.out.width, 1, 1)) {
        for (int64_t rows : halves(layer.out.height, 1, 1)) {
          bool isWhole = rows == layer.out.height && width == layer.out.width;
          if (width < layer.out.width && rows > 1 && !isWhole &&
              rows > width * 4)
            continue;
          consider({rows, width, outputs, inputs, false});
          if (layer.kind == Layer::Kind::mac && !layer.depthwise)
            consider({rows, width, outputs, inputs, true});
        }
      }
    }
  }
  return best;
}

//===-- Emission ----------------------------------------------------------===//

namespace {
class TileWriter {
public:
  TileWriter(Emitter &emitter, const Graph &graph, int index,
             const Tiling &tiling, const NpuMachine &machine,
             Constants &constants)
      : emitter(emitter), graph(graph), index(index),
        layer(graph.layers[index]), constants(constants),
        plan(layer, tiling, machine) {}

  void write();

private:
  struct Tile {
    int64_t image;
    Region region;
  };
  std::vector<Tile> tiles() const;
  Patch load(unsigned read, const Tile &tile, const Part &part);
  void loadOperands(const Tile &tile, const Part &part);
  int64_t loadPack(const Part &part);
  void computeChunk(const Tile &tile, int64_t chunk, const Patch &out);
  void writeWeightStationary();
  void writeInputStationary();
  Part part(int64_t chunk, int64_t split) const {
    return partOf(layer, plan.tiling, chunk, split);
  }

  Emitter &emitter;
  const Graph &graph;
  int index;
  const Layer &layer;
  Constants &constants;
  TilePlan plan;
  llvm::SmallVector<Patch, 3> reads;
  /// Where the pack of the current chunk lies, if K is not split.
  int64_t packAddress = 0;
};
} // namespace

std::vector<TileWriter::Tile> TileWriter::tiles() const {
  std::vector<Tile> all;
  const Tiling &tiling = plan.tiling;
  for (int64_t image = 0; image < layer.images; ++image) {
    for (int64_t y = 0; y < layer.out.height; y += tiling.rows) {
      for (int64_t x = 0; x < layer.out.width; x += tiling.width)
        all.push_back({image,
                       {y, std::min(tiling.rows, layer.out.height - y), x,
                        std::min(tiling.width, layer.out.width - x)}});
    }
  }
  return all;
}

Patch TileWriter::load(unsigned read, const Tile &tile, const Part &part) {
  Patch patch = plan.inputPatch(read, tile.region, part);
  patch.address = plan.inputs[read].take();
  emitter.load(graph.reads[index][read], tile.image, layer.reads[read].view,
               patch, patch.y, patch.y + patch.rows);
  return patch;
}

void TileWriter::loadOperands(const Tile &tile, const Part &part) {
  reads.resize(layer.reads.size());
  for (unsigned read = 0; read < layer.reads.size(); ++read)
    reads[read] = load(read, tile, part);
}

int64_t TileWriter::loadPack(const Part &part) {
  const Pack &pack = constants.pack(index, layer, part);
  int64_t address = plan.packs.take();
  emitter.loadPack(pack, address);
  return address;
}

/// One chunk of output channels of a tile, whose operands are loaded unless K
/// is split.
void TileWriter::computeChunk(const Tile &tile, int64_t chunk,
                              const Patch &out) {
  if (plan.splits == 1) {
    Part whole = part(chunk, 0);
    Work work{&constants.pack(index, layer, whole), packAddress, whole};
    emitter.compute(index, tile.region, out, reads, work);
    return;
  }
  Patch sums = outputPatch(layer.out, tile.region, part(chunk, 0).firstOutput,
                           part(chunk, 0).lastOutput);
  sums.element = Element::i32;
  sums.pixelStride = sums.channels * 4;
  sums.rowStride = rowStrideOf(sums.width, sums.pixelStride);
  sums.address = plan.sums.take();
  for (int64_t split = 0; split < plan.splits; ++split) {
    Part piece = part(chunk, split);
    bool isLast = split + 1 == plan.splits;
    int64_t address = loadPack(piece);
    reads.assign(1, load(0, tile, piece));
    for (unsigned read = 1; isLast && read < layer.reads.size(); ++read)
      reads.push_back(load(read, tile, piece));
    Work work{&constants.pack(index, layer, piece), address, piece,
              split > 0 ? &sums : nullptr, !isLast};
    emitter.compute(index, tile.region, isLast ? out : sums, reads, work);
  }
}

void TileWriter::writeWeightStationary() {
  bool once = plan.tiles == 1 && layer.kind == Layer::Kind::mac &&
              !layer.depthwise && layer.groups == 1;
  for (int64_t chunk = 0; chunk < plan.chunks; ++chunk) {
    if (plan.splits == 1)
      packAddress = loadPack(part(chunk, 0));
    for (const Tile &tile : tiles()) {
      Part first = part(chunk, 0);
      if (plan.splits == 1 && once && chunk > 0) {
        // The input is still there; the other operands are those of the chunk.
        for (unsigned read = 1; read < layer.reads.size(); ++read)
          reads[read] = load(read, tile, first);
      } else if (plan.splits == 1) {
        loadOperands(tile, first);
      }
      Patch out = outputPatch(layer.out, tile.region, first.firstOutput,
                              first.lastOutput);
      out.address = plan.outputs.take();
      computeChunk(tile, chunk, out);
      emitter.store(graph.results[index], tile.image, layer.out, out, out.y,
                    out.y + out.rows);
    }
  }
}

void TileWriter::writeInputStationary() {
  if (plan.chunks == 1 && plan.splits == 1)
    packAddress = loadPack(part(0, 0));
  for (const Tile &tile : tiles()) {
    if (plan.splits == 1)
      loadOperands(tile, wholeOf(layer));
    Patch out = outputPatch(layer.out, tile.region, 0, layer.out.channels);
    out.address = plan.outputs.take();
    for (int64_t chunk = 0; chunk < plan.chunks; ++chunk) {
      if (plan.splits == 1 && plan.chunks > 1)
        packAddress = loadPack(part(chunk, 0));
      computeChunk(tile, chunk, out);
    }
    emitter.store(graph.results[index], tile.image, layer.out, out, out.y,
                  out.y + out.rows);
  }
}

void TileWriter::write() {
  if (plan.tiling.inputStationary)
    writeInputStationary();
  else
    writeWeightStationary();
}

void edgec::npu::emitTiles(Emitter &emitter, const Graph &graph, int index,
                           const Tiling &tiling, const NpuMachine &machine,
                           Constants &constants) {
  TileWriter(emitter, graph, index, tiling, machine, constants).write();
}

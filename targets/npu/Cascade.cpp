//===- Cascade.cpp - several layers by stripes ----------------------------===//
//
// Plans which rows every layer has computed after each stripe, from the last
// layers backwards, and how many rows each ring must hold for that.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/Cascade.h"

#include "targets/npu/Estimate.h"

using namespace edgec;
using namespace edgec::npu;

Cascade::Cascade(const Graph &graph, const NpuMachine &machine, int first,
                 int last, int64_t stripes)
    : graph(graph), machine(machine), first(first), last(last),
      stripes(stripes) {
  if (!collect())
    return;
  planRows();
  sizeRings();
  valid = (stripes > 1 || placeWhole()) && choosePacks();
  if (valid)
    predict();
}

Cascade::Buffer *Cascade::findBuffer(int tensor) {
  for (Buffer &buffer : buffers) {
    if (buffer.tensor == tensor)
      return &buffer;
  }
  return nullptr;
}

const Cascade::Buffer &Cascade::bufferOf(int tensor) const {
  return *const_cast<Cascade *>(this)->findBuffer(tensor);
}

/// Rows of the same bytes; pixels and channels are each layer's own view.
static bool haveSameRows(const View &a, const View &b) {
  return a.height == b.height && a.rowBytes() == b.rowBytes() &&
         a.element == b.element;
}

/// The tensors, if all layers see them as the same rows.
bool Cascade::collect() {
  for (int layer = first; layer <= last; ++layer) {
    const Layer &at = layerAt(layer);
    if (at.images != 1 || at.kind == Layer::Kind::move)
      return false;
    for (auto [read, tensor] : llvm::enumerate(graph.reads[layer])) {
      const View &view = at.reads[read].view;
      Buffer *buffer = findBuffer(tensor);
      if (buffer && !haveSameRows(buffer->view, view))
        return false;
      if (!buffer) {
        buffers.emplace_back();
        buffer = &buffers.back();
        buffer->view = view;
        buffer->tensor = tensor;
      }
      buffer->readers.push_back({layer, unsigned(read)});
    }
    buffers.emplace_back();
    buffers.back().view = at.out;
    buffers.back().tensor = graph.results[layer];
    buffers.back().producer = layer;
    buffers.back().stored = graph.livesBehind(graph.results[layer], last);
  }
  return true;
}

//===-- Rows --------------------------------------------------------------===//

std::pair<int64_t, int64_t> Cascade::rowsOf(int layer, int64_t stripe) const {
  const Buffer &buffer = bufferOf(graph.results[layer]);
  return {stripe ? buffer.rows[stripe - 1] : 0, buffer.rows[stripe]};
}

/// From the last layer to the first: results that nobody in the cascade reads
/// advance evenly, all others as their readers need them.
void Cascade::planRows() {
  for (Buffer &buffer : buffers)
    buffer.rows.assign(stripes, 0);
  for (int64_t stripe = 0; stripe < stripes; ++stripe) {
    bool isLast = stripe + 1 == stripes;
    auto plan = [&](Buffer &buffer) {
      int64_t height = buffer.view.height;
      int64_t rows = stripe ? buffer.rows[stripe - 1] : 0;
      if (buffer.readers.empty())
        rows = ceilDiv(height * (stripe + 1), stripes);
      for (auto [layer, read] : buffer.readers) {
        auto [before, after] = rowsOf(layer, stripe);
        if (after > before)
          rows = std::max(
              rows, layerAt(layer).rowsNeeded(read, before, after).second);
      }
      if (isLast && buffer.stored)
        rows = height;
      buffer.rows[stripe] = rows;
    };
    for (int layer = last; layer >= first; --layer)
      plan(*findBuffer(graph.results[layer]));
    for (Buffer &buffer : buffers) {
      if (buffer.producer < 0)
        plan(buffer);
    }
  }
}

/// The lowest row that is still read in `stripe` or later.
int64_t Cascade::lowestRow(const Buffer &buffer, int64_t stripe) const {
  int64_t before = stripe ? buffer.rows[stripe - 1] : 0;
  int64_t lowest = buffer.rows[stripe];
  if (buffer.stored)
    lowest = std::min(lowest, before);
  for (auto [layer, read] : buffer.readers) {
    const Buffer &result = bufferOf(graph.results[layer]);
    int64_t done = stripe ? result.rows[stripe - 1] : 0;
    if (done < result.rows.back())
      lowest = std::min(lowest,
                        layerAt(layer).rowsNeeded(read, done, done + 1).first);
  }
  return lowest;
}

static Unit unitOf(const Layer &layer) {
  return layer.kind == Layer::Kind::mac ? Unit::mac : Unit::vector;
}

/// Whether one unit writes the rows and another one reads them.
bool Cascade::changesUnit(const Buffer &buffer) const {
  if (buffer.producer < 0 || buffer.stored)
    return true;
  Unit unit = unitOf(layerAt(buffer.producer));
  return llvm::any_of(buffer.readers, [&](auto reader) {
    return unitOf(layerAt(reader.first)) != unit;
  });
}

/// As many rows as are alive at once; between units, those of the next stripe
/// as well, so that the writer need not wait for the reader.
void Cascade::sizeRings() {
  for (Buffer &buffer : buffers) {
    int64_t most = 1;
    bool ahead = changesUnit(buffer);
    for (int64_t stripe = 0; stripe < stripes; ++stripe) {
      int64_t top =
          buffer.rows[std::min(stripes - 1, stripe + (ahead ? 1 : 0))];
      most = std::max(most, top - lowestRow(buffer, stripe));
    }
    // Whole stripes, so that few of them wrap around.
    int64_t step = buffer.rows[stripes / 2] -
                   (stripes > 1 ? buffer.rows[stripes / 2 - 1] : 0);
    if (step > 1)
      most = roundUp(most, step);
    buffer.ringRows = std::min(most, buffer.view.height);
  }
}

//===-- SRAM --------------------------------------------------------------===//

/// Gives whole tensors places for as long as they live: large ones first, each
/// at the lowest address that is free meanwhile.
bool Cascade::placeWhole() {
  std::vector<Buffer *> order;
  order.reserve(buffers.size());
  auto lifeOf = [&](const Buffer &buffer) {
    int begin = buffer.producer, end = buffer.producer;
    for (auto [layer, read] : buffer.readers) {
      begin = begin < 0 ? layer : std::min(begin, layer);
      end = std::max(end, layer);
    }
    return std::pair(begin, end);
  };
  for (Buffer &buffer : buffers)
    order.push_back(&buffer);
  llvm::sort(order, [](const Buffer *a, const Buffer *b) {
    return std::pair(-a->bytes(), a->tensor) <
           std::pair(-b->bytes(), b->tensor);
  });
  std::vector<Buffer *> placed;
  for (Buffer *buffer : order) {
    auto [begin, end] = lifeOf(*buffer);
    std::vector<Area> taken;
    for (const Buffer *other : placed) {
      auto [otherBegin, otherEnd] = lifeOf(*other);
      if (begin <= otherEnd && otherBegin <= end)
        taken.push_back({other->offset, other->offset + other->bytes()});
    }
    llvm::sort(taken,
               [](const Area &a, const Area &b) { return a.first < b.first; });
    int64_t at = 0;
    for (const Area &area : taken) {
      if (at + buffer->bytes() <= area.first)
        break;
      at = std::max(at, area.last);
    }
    buffer->offset = at;
    rowBytes = std::max(rowBytes, at + buffer->bytes());
    placed.push_back(buffer);
  }
  return rowBytes <= machine.sramBytes;
}

/// Output channels that a pack may be cut at.
int64_t Cascade::packUnit(const Layer &layer) const {
  if (layer.kind != Layer::Kind::mac)
    return layer.out.channels;
  if (layer.depthwise)
    return machine.macColumns * (layer.out.channels / layer.in().channels);
  return layer.groups > 1 ? layer.out.channels / layer.groups
                          : machine.macColumns;
}

/// In stripes all packs stay in SRAM. Beside whole tensors they stream: pieces
/// of a third of what is left, so that two can be on their way.
bool Cascade::choosePacks() {
  int64_t banks = machine.bankBytes();
  if (stripes > 1) {
    for (Buffer &buffer : buffers) {
      buffer.offset = rowBytes;
      rowBytes += buffer.bytes();
    }
  }
  int64_t left = machine.sramBytes - roundUp(rowBytes, banks);
  for (int layer = first; layer <= last; ++layer) {
    const Layer &at = layerAt(layer);
    int64_t whole = densePackBytes(at, wholeOf(at), machine);
    int64_t outputs = at.out.channels;
    if (stripes == 1 && whole > left / 3) {
      int64_t unit = packUnit(at);
      outputs = std::max(unit, outputs * (left / 3) /
                                   std::max<int64_t>(1, whole) / unit * unit);
      Part part = wholeOf(at);
      part.lastOutput = std::min(outputs, at.out.channels);
      if (densePackBytes(at, part, machine) > left / 2)
        return false;
    }
    packOutputs.push_back(outputs);
    weightBytes += whole;
  }
  if (stripes > 1)
    return roundUp(weightBytes, banks) <= left;
  return true;
}

//===-- Prediction --------------------------------------------------------===//

double Cascade::transferCycles(double bytes, int64_t transfers) const {
  return std::max(bytes / double(machine.dmaBytesPerCycle),
                  double(transfers * machine.dmaLatencyCycles));
}

void Cascade::predict() {
  for (int layer = first; layer <= last; ++layer) {
    const Layer &at = layerAt(layer);
    const Buffer &result = bufferOf(graph.results[layer]);
    auto pixels = double(result.rows.back() * at.out.width);
    int64_t passes = at.program->passes(machine.vectorStages);
    int64_t chunks = ceilDiv(at.out.channels, packOutputs[layer - first]);
    auto commands = double(stripes * chunks);
    loadCycles += transferCycles(
        double(densePackBytes(at, wholeOf(at), machine)), chunks);
    if (at.kind == Layer::Kind::mac) {
      int64_t groups = at.depthwise ? 1 : at.groups;
      int64_t blocks =
          groups * ceilDiv(at.out.channels / groups, machine.macColumns);
      double steps = double(
          std::max(ceilDiv(at.taps(), machine.macRows), passes) * blocks);
      auto decoded = double(blocks * machine.macColumns * at.taps()) /
                     double(machine.decoderBytesPerCycle);
      macCycles += std::max(pixels * steps, decoded * double(stripes)) +
                   commands * double(machine.macStartCycles);
    } else {
      int64_t taps = at.window.kernelY * at.window.kernelX;
      vectorCycles +=
          pixels * double(ceilDiv(at.out.channels, machine.vectorLanes) *
                          std::max(taps, passes)) +
          commands * double(machine.vectorStartCycles);
    }
  }
  loadedBytes = weightBytes;
  firstLoadBytes =
      stripes > 1 ? double(densePackBytes(layerAt(first),
                                          wholeOf(layerAt(first)), machine))
                  : 0;
  for (const Buffer &buffer : buffers) {
    int64_t bytes = buffer.rows.back() * buffer.view.rowBytes();
    if (buffer.producer < 0) {
      loadedBytes += bytes;
      firstLoadBytes += double(buffer.rows[0] * buffer.view.rowBytes());
      transferRows += double(buffer.rows.back());
      loadCycles +=
          transferCycles(double(bytes), std::min(stripes, buffer.rows.back()));
    }
    if (buffer.stored) {
      storeCycles +=
          transferCycles(double(bytes), std::min(stripes, buffer.rows.back()));
      storedBytes += bytes;
      transferRows += double(buffer.rows.back());
      firstLoadBytes += double(
          (buffer.rows.back() - (stripes > 1 ? buffer.rows[stripes - 2] : 0)) *
          buffer.view.rowBytes());
    }
  }
}

double Cascade::cycles() const {
  double dma = double(memoryBytes()) / double(machine.dmaBytesPerCycle) +
               transferRows * double(machine.dmaRowCycles);
  return std::max({macCycles, vectorCycles, dma, loadCycles, storeCycles}) +
         firstLoadBytes / double(machine.dmaBytesPerCycle) +
         double(machine.dmaLatencyCycles);
}

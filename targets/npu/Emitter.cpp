//===- Emitter.cpp - lists the commands of a schedule ---------------------===//
//
// Transfers and tiles as commands: cuts what wraps around a ring, and turns
// coordinates of a tensor into addresses.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/Emitter.h"

using namespace edgec;
using namespace edgec::npu;

int64_t edgec::npu::rowStrideOf(int64_t width, int64_t pixelBytes) {
  return roundUp(width * pixelBytes, NPU_LIMIT_LINE_BYTES);
}

Patch edgec::npu::rowsPatch(const View &view, int64_t address,
                            int64_t ringRows) {
  Patch patch;
  patch.address = address;
  patch.rows = view.height;
  patch.width = view.width;
  patch.channels = view.channels;
  patch.pixelStride = view.pixelBytes();
  patch.rowStride = rowStrideOf(view.width, view.pixelBytes());
  patch.ringRows = ringRows < view.height ? ringRows : 0;
  patch.element = view.element;
  return patch;
}

//===-- Transfers ---------------------------------------------------------===//

void Emitter::loadPack(const Pack &pack, int64_t address) {
  if (pack.bytes == 0)
    return;
  Command command(Opcode::load, Unit::load, current);
  command.offset = pack.offset;
  command.address = address;
  command.rowBytes = pack.bytes;
  commands.push_back(std::move(command));
}

/// A patch has all of a row, some of its pixels, or some channels of pixels.
void Emitter::transfer(Opcode opcode, int64_t buffer, int64_t offset,
                       const View &view, const Patch &patch, int64_t first,
                       int64_t last) {
  int64_t size = bytesOf(view.element);
  bool wholeRows = patch.width == view.width && patch.channels == view.channels;
  bool wholePixels = patch.channels == view.channels;
  Unit unit = opcode == Opcode::load ? Unit::load : Unit::store;
  for (int64_t row = first; row < last;) {
    // Up to where the ring wraps; channels of pixels need one command per row.
    int64_t end = last;
    if (patch.ringRows)
      end = std::min(last, row + patch.ringRows - patch.slotOf(row));
    if (!wholePixels)
      end = row + 1;
    Command command(opcode, unit, current);
    command.buffer = buffer;
    command.offset = offset + row * view.rowBytes() +
                     patch.x * view.pixelBytes() + patch.channel * size;
    command.address = patch.addressOf(row, patch.x, patch.channel);
    if (!wholePixels) {
      command.rowBytes = patch.channels * size;
      command.rows = patch.width;
      command.bufferStride = view.pixelBytes();
      command.sramStride = patch.pixelStride;
    } else {
      command.rowBytes = patch.width * view.pixelBytes();
      command.rows = end - row;
      command.bufferStride = view.rowBytes();
      command.sramStride = patch.rowStride;
      if (wholeRows && patch.rowStride == view.rowBytes()) {
        command.rowBytes *= command.rows;
        command.rows = 1;
      }
    }
    if (command.rows == 1)
      command.bufferStride = command.sramStride = command.rowBytes;
    commands.push_back(std::move(command));
    row = end;
  }
}

void Emitter::load(int tensor, int64_t image, const View &view,
                   const Patch &patch, int64_t first, int64_t last) {
  const Tensor &from = graph.tensors[tensor];
  transfer(Opcode::load, from.buffer, from.offset + image * view.bytes(), view,
           patch, first, last);
}

void Emitter::store(int tensor, int64_t image, const View &view,
                    const Patch &patch, int64_t first, int64_t last) {
  const Tensor &to = graph.tensors[tensor];
  int64_t offset = image * view.bytes();
  for (int64_t buffer : to.outputs)
    transfer(Opcode::store, buffer, offset, view, patch, first, last);
  if (to.buffer == 1)
    transfer(Opcode::store, 1, to.offset + offset, view, patch, first, last);
}

//===-- Tiles -------------------------------------------------------------===//

Command Emitter::base(Opcode opcode, Unit unit, const Layer &layer,
                      const Work &work) {
  Command command(opcode, unit, current);
  if (work.raw)
    return command;
  command.program = layer.program;
  command.parametersAddress = work.packAddress + work.pack->parameters;
  command.parametersStride = work.pack->parametersStride;
  command.tableAddress = work.packAddress + work.pack->table;
  return command;
}

/// Rows of the patch as the input of a window; rings stay rings.
static Tile inputTile(const Patch &patch, int64_t firstChannel,
                      int64_t channels) {
  Tile tile;
  tile.address =
      patch.address + (firstChannel - patch.channel) * bytesOf(patch.element);
  tile.element = patch.element;
  tile.height = patch.rows;
  tile.width = patch.width;
  tile.channels = channels;
  tile.rowStride = patch.rowStride;
  tile.pixelStride = patch.pixelStride;
  tile.ringRows = patch.ringRows;
  tile.ringFirst = patch.ringRows ? patch.y % patch.ringRows : 0;
  return tile;
}

static Tile outputTile(const Region &region, const Patch &patch, int64_t first,
                       int64_t last) {
  Tile tile;
  tile.address = patch.addressOf(region.y, region.x, first);
  tile.element = patch.element;
  tile.height = region.rows;
  tile.width = region.width;
  tile.channels = last - first;
  tile.rowStride = patch.rowStride;
  tile.pixelStride = patch.pixelStride;
  return tile;
}

/// The window of `region` in coordinates of the patch.
static Window windowOf(const Layer &layer, const Region &region,
                       const Patch &patch) {
  Window window = layer.window;
  window.y0 += region.y * window.strideY - patch.y;
  window.x0 += region.x * window.strideX - patch.x;
  return window;
}

static Operand pixels(const Patch &patch, const Region &region,
                      int64_t channel) {
  Operand operand;
  operand.address = patch.addressOf(region.y, region.x, channel);
  operand.element = patch.element;
  operand.strides = {patch.rowStride, patch.pixelStride, 0, 0};
  return operand;
}

void Emitter::addMac(const Layer &layer, const Region &region, const Patch &out,
                     llvm::ArrayRef<Patch> reads, const Work &work,
                     int64_t group) {
  Command command = base(Opcode::mac, Unit::mac, layer, work);
  const CodedWeights &weights = work.pack->weights[group];
  const Part &part = work.part;
  int64_t groups = int64_t(work.pack->weights.size());
  int64_t outputs = (part.lastOutput - part.firstOutput) / groups;
  int64_t first = part.firstOutput + group * outputs, last = first + outputs;

  int64_t inputs = part.lastInput - part.firstInput;
  int64_t firstInput = part.firstInput;
  if (layer.depthwise) {
    int64_t multiplier = layer.out.channels / layer.in().channels;
    firstInput = first / multiplier;
    inputs = outputs / multiplier;
  } else if (layer.groups > 1) {
    firstInput += first / outputs * (layer.in().channels / layer.groups);
  }
  command.input = inputTile(reads[0], firstInput, inputs);
  command.window = windowOf(layer, region, reads[0]);
  command.depthwise = layer.depthwise;
  command.raw = work.raw;
  command.output = outputTile(region, out, first, last);
  command.weightsAddress = work.packAddress + weights.offset;
  command.weightsBytes = weights.bytes;
  command.encoding = weights.encoding;
  command.weightsElement = elementOf(layer.filter->getType().getElementType());
  command.weightsZero = layer.filterZero;
  int64_t passes = work.raw ? 1 : layer.program->passes(machine.vectorStages);
  for (int64_t steps : weights.steps)
    command.weightSteps += std::max(steps, passes);
  command.decodedBytes = weights.decodedBytes;
  command.parametersAddress += 4 * (first - part.firstOutput);
  if (work.accumulator)
    command.accumulator = pixels(*work.accumulator, region, first);
  if (reads.size() > 1 && !work.raw)
    command.residual = pixels(reads[1], region, first);
  commands.push_back(std::move(command));
}

void Emitter::addPool(const Layer &layer, const Region &region,
                      const Patch &out, llvm::ArrayRef<Patch> reads,
                      const Work &work) {
  Command command = base(Opcode::pool, Unit::vector, layer, work);
  const Part &part = work.part;
  command.input =
      inputTile(reads[0], part.firstOutput, part.lastOutput - part.firstOutput);
  command.window = windowOf(layer, region, reads[0]);
  command.output = outputTile(region, out, part.firstOutput, part.lastOutput);
  command.pool = layer.pool;
  commands.push_back(std::move(command));
}

void Emitter::addVector(const Layer &layer, const Region &region,
                        const Patch &out, llvm::ArrayRef<Patch> reads,
                        const Work &work) {
  Command command = base(Opcode::vector, Unit::vector, layer, work);
  const Part &part = work.part;
  command.extents = {1, region.rows, region.width,
                     part.lastOutput - part.firstOutput};
  auto operandOf = [&](const View &view, const Patch &patch) {
    Operand operand;
    bool channels = view.channels > 1;
    operand.address = patch.addressOf(view.height > 1 ? region.y : 0,
                                      view.width > 1 ? region.x : 0,
                                      channels ? part.firstOutput : 0);
    operand.element = patch.element;
    operand.strides = {0, view.height > 1 ? patch.rowStride : 0,
                       view.width > 1 ? patch.pixelStride : 0,
                       channels ? bytesOf(patch.element) : 0};
    return operand;
  };
  for (auto [read, patch] : llvm::zip_equal(layer.reads, reads))
    command.inputs.push_back(operandOf(read.view, patch));
  command.result.address = out.addressOf(region.y, region.x, part.firstOutput);
  command.result.element = out.element;
  command.result.strides = {0, out.rowStride, out.pixelStride,
                            bytesOf(out.element)};
  commands.push_back(std::move(command));
}

/// The rows [first, last) of the patch; those that do not wrap are no ring.
static Patch narrow(Patch patch, int64_t first, int64_t last) {
  if (!patch.ringRows || patch.slotOf(first) + last - first <= patch.ringRows) {
    patch.address += patch.slotOf(first) * patch.rowStride;
    patch.ringRows = 0;
  }
  patch.y = first;
  patch.rows = last - first;
  return patch;
}

void Emitter::computeRows(int index, const Region &region, const Patch &out,
                          llvm::ArrayRef<Patch> all, const Work &work) {
  const Layer &layer = graph.layers[index];
  // A tile is as high as its window needs it, so that nobody waits for more.
  llvm::SmallVector<Patch, 3> reads(all);
  if (layer.kind != Layer::Kind::elementwise) {
    auto [first, last] = layer.rowsNeeded(0, region.y, region.y + region.rows);
    reads[0] = narrow(reads[0], first, last);
  }
  switch (layer.kind) {
  case Layer::Kind::mac:
    for (int64_t group = 0; group < int64_t(work.pack->weights.size()); ++group)
      addMac(layer, region, out, reads, work, group);
    return;
  case Layer::Kind::pool:
    return addPool(layer, region, out, reads, work);
  case Layer::Kind::elementwise:
    return addVector(layer, region, out, reads, work);
  case Layer::Kind::move:
    return;
  }
}

void Emitter::compute(int index, const Region &region, const Patch &out,
                      llvm::ArrayRef<Patch> reads, const Work &work) {
  const Layer &layer = graph.layers[index];
  // Only a window's input may wrap around; cut where others do.
  for (int64_t row = region.y, last = region.y + region.rows; row < last;) {
    int64_t end = last;
    auto cut = [&](const Patch &patch) {
      if (patch.ringRows)
        end = std::min(end, row + patch.ringRows - patch.slotOf(row));
    };
    cut(out);
    for (size_t i = layer.kind == Layer::Kind::elementwise ? 0 : 1;
         i < reads.size(); ++i) {
      if (layer.reads[i].view.height > 1)
        cut(reads[i]);
    }
    computeRows(index, {row, end - row, region.x, region.width}, out, reads,
                work);
    row = end;
  }
}

//===- Accesses.cpp - what memory a command touches -----------------------===//
//
// Follows the fields of each command. The rows of a window are those between
// its first and its last tap, up to twice in a ring.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/Accesses.h"

using namespace edgec::npu;

static void add(llvm::SmallVectorImpl<Span> &spans, int64_t first, int64_t last,
                bool isWrite) {
  if (last > first)
    spans.push_back({-1, first, last, isWrite});
}

/// Rows [first, last) in slots, channels of pixels in a row.
static void addRows(llvm::SmallVectorImpl<Span> &spans, const Tile &tile,
                    int64_t first, int64_t last, bool isWrite) {
  int64_t rowBytes = (tile.width - 1) * tile.pixelStride +
                     tile.channels * bytesOf(tile.element);
  add(spans, tile.address + first * tile.rowStride,
      tile.address + (last - 1) * tile.rowStride + rowBytes, isWrite);
}

static void addInput(llvm::SmallVectorImpl<Span> &spans,
                     const Command &command) {
  const Tile &tile = command.input;
  const Window &window = command.window;
  int64_t first = std::clamp<int64_t>(window.y0, 0, tile.height - 1);
  int64_t last = window.y0 + (command.output.height - 1) * window.strideY +
                 (window.kernelY - 1) * window.dilationY + 1;
  last = std::clamp<int64_t>(last, first + 1, tile.height);
  if (!tile.ringRows)
    return addRows(spans, tile, first, last, /*isWrite=*/false);
  int64_t slot = (tile.ringFirst + first) % tile.ringRows;
  int64_t end = slot + last - first;
  addRows(spans, tile, slot, std::min(end, tile.ringRows), /*isWrite=*/false);
  if (end > tile.ringRows)
    addRows(spans, tile, 0, end - tile.ringRows, /*isWrite=*/false);
}

/// Rows and pixels of an operand that has the output's channels.
static void addPixels(llvm::SmallVectorImpl<Span> &spans,
                      const Operand &operand, const Tile &output) {
  if (operand.element == Element::none)
    return;
  add(spans, operand.address,
      operand.address + (output.height - 1) * operand.strides[0] +
          (output.width - 1) * operand.strides[1] +
          output.channels * bytesOf(operand.element),
      /*isWrite=*/false);
}

static void addLoops(llvm::SmallVectorImpl<Span> &spans, const Operand &operand,
                     const std::array<int64_t, 4> &extents, bool isWrite) {
  int64_t first = operand.address, last = first + bytesOf(operand.element);
  for (auto [stride, extent] : llvm::zip(operand.strides, extents))
    (stride < 0 ? first : last) += stride * (extent - 1);
  add(spans, first, last, isWrite);
}

static void addProgram(llvm::SmallVectorImpl<Span> &spans,
                       const Command &command, int64_t channels) {
  if (!command.program)
    return;
  auto count = int64_t(command.program->parameters.size());
  if (count)
    add(spans, command.parametersAddress,
        command.parametersAddress +
            4 * ((count - 1) * command.parametersStride + channels),
        /*isWrite=*/false);
  add(spans, command.tableAddress,
      command.tableAddress + int64_t(command.program->table.size()),
      /*isWrite=*/false);
}

void edgec::npu::findAccesses(const Command &command,
                              llvm::SmallVectorImpl<Span> &spans) {
  switch (command.opcode) {
  case Opcode::load:
  case Opcode::store: {
    bool isLoad = command.opcode == Opcode::load;
    int64_t rows = command.rows - 1;
    add(spans, command.address,
        command.address + rows * command.sramStride + command.rowBytes, isLoad);
    spans.push_back(
        {command.buffer, command.offset,
         command.offset + rows * command.bufferStride + command.rowBytes,
         !isLoad});
    return;
  }
  case Opcode::mac:
    add(spans, command.weightsAddress,
        command.weightsAddress + command.weightsBytes, /*isWrite=*/false);
    addPixels(spans, command.residual, command.output);
    addPixels(spans, command.accumulator, command.output);
    [[fallthrough]];
  case Opcode::pool:
    addInput(spans, command);
    addProgram(spans, command, command.output.channels);
    addRows(spans, command.output, 0, command.output.height, /*isWrite=*/true);
    return;
  case Opcode::vector:
    for (const Operand &input : command.inputs)
      addLoops(spans, input, command.extents, /*isWrite=*/false);
    addProgram(spans, command, command.extents[3]);
    addLoops(spans, command.result, command.extents, /*isWrite=*/true);
    return;
  case Opcode::wait:
  case Opcode::signal:
    return;
  }
}

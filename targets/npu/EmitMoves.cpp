//===- EmitMoves.cpp - the commands of moves ------------------------------===//
//
// Half of the SRAM holds what is read, the other half what is written, each
// half two parts in turn.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/Moves.h"

using namespace edgec;
using namespace edgec::npu;

namespace {
class MoveWriter {
public:
  MoveWriter(Emitter &emitter, const Graph &graph, int index,
             const NpuMachine &machine)
      : emitter(emitter), graph(graph), index(index),
        layer(graph.layers[index]), size(bytesOf(layer.out.element)),
        part(machine.sramBytes / 4 / NPU_LIMIT_LINE_BYTES *
             NPU_LIMIT_LINE_BYTES) {}

  void write();

private:
  void fill();
  void writeBox(const Box &box);
  void copyRows(const Box &box, int64_t from, int64_t to);
  void gather(const Box &box);
  /// Elements from the first to the last that the box reads.
  static int64_t span(const Box &box);
  int64_t elements(const Box &box) const {
    return box.sizes[0] * box.sizes[1] * box.sizes[2] * box.sizes[3];
  }
  void load(unsigned read, int64_t offset, int64_t address, int64_t rowBytes,
            int64_t rows, int64_t stride);
  void store(int64_t offset, int64_t address, int64_t rowBytes, int64_t rows,
             int64_t stride, int64_t sramStride);
  int64_t nextPart() { return turn++ % 2 * part; }

  Emitter &emitter;
  const Graph &graph;
  int index;
  const Layer &layer;
  int64_t size, part, turn = 0;
};
} // namespace

void MoveWriter::load(unsigned read, int64_t offset, int64_t address,
                      int64_t rowBytes, int64_t rows, int64_t stride) {
  const Tensor &from = graph.tensors[graph.reads[index][read]];
  Command command(Opcode::load, Unit::load, index);
  command.buffer = from.buffer;
  command.offset = from.offset + offset;
  command.address = address;
  command.rowBytes = rowBytes;
  command.rows = rows;
  command.bufferStride = rows > 1 ? stride : rowBytes;
  command.sramStride = rowBytes;
  emitter.commands.push_back(std::move(command));
}

void MoveWriter::store(int64_t offset, int64_t address, int64_t rowBytes,
                       int64_t rows, int64_t stride, int64_t sramStride) {
  const Tensor &to = graph.tensors[graph.results[index]];
  auto add = [&](int64_t buffer, int64_t first) {
    Command command(Opcode::store, Unit::store, index);
    command.buffer = buffer;
    command.offset = first + offset;
    command.address = address;
    command.rowBytes = rowBytes;
    command.rows = rows;
    command.bufferStride = rows > 1 ? stride : rowBytes;
    command.sramStride = sramStride;
    emitter.commands.push_back(std::move(command));
  };
  for (int64_t buffer : to.outputs)
    add(buffer, 0);
  if (to.buffer == 1)
    add(1, to.offset);
}

/// What a pad surrounds its box with: one part of the constant, stored as often
/// as it takes.
void MoveWriter::fill() {
  int64_t count = layer.out.bytes() / size;
  int64_t run = std::min(count, part / size);
  auto program = std::make_shared<MicroProgram>();
  Micro constant{MicroOp::constant, 0};
  constant.value = int32_t(*layer.fill);
  program->code.push_back(constant);
  Command command(Opcode::vector, Unit::vector, index);
  command.extents = {1, 1, 1, run};
  command.program = std::move(program);
  command.result.address = 2 * part;
  command.result.element = layer.out.element;
  command.result.strides = {0, 0, 0, size};
  emitter.commands.push_back(std::move(command));
  int64_t rows = count / run, rest = count % run;
  store(0, 2 * part, run * size, rows, run * size, 0);
  if (rest)
    store(rows * run * size, 2 * part, rest * size, 1, 0, 0);
}

/// Rows of elements that lie together on both sides, loop 2 by transfers.
void MoveWriter::copyRows(const Box &box, int64_t from, int64_t to) {
  int64_t run = std::min(box.sizes[3], part / size);
  for (int64_t first = 0; first < box.sizes[3]; first += run) {
    int64_t rowBytes = std::min(run, box.sizes[3] - first) * size;
    int64_t most = box.from[2] < 0 ? 1 : part / rowBytes;
    for (int64_t row = 0; row < box.sizes[2]; row += most) {
      int64_t rows = std::min(most, box.sizes[2] - row);
      int64_t address = nextPart();
      load(box.read, (from + first + row * box.from[2]) * size, address,
           rowBytes, rows, box.from[2] * size);
      store((to + first + row * box.to[2]) * size, address, rowBytes, rows,
            box.to[2] * size, rowBytes);
    }
  }
}

int64_t MoveWriter::span(const Box &box) {
  int64_t span = 1;
  for (auto [extent, stride] : llvm::zip(box.sizes, box.from))
    span += (extent - 1) * std::abs(stride);
  return span;
}

/// Everything from the first to the last element that the box reads comes to
/// SRAM; the vector unit picks and orders, and rows go out.
void MoveWriter::gather(const Box &box) {
  int64_t lowest = box.fromOffset, origin = 0;
  for (auto [extent, stride] : llvm::zip(box.sizes, box.from)) {
    if (stride < 0) {
      lowest += (extent - 1) * stride;
      origin -= (extent - 1) * stride;
    }
  }
  int64_t source = nextPart(), target = source + 2 * part;
  load(box.read, lowest * size, source, span(box) * size, 1, 0);
  Command command(Opcode::vector, Unit::vector, index);
  command.extents = box.sizes;
  Operand operand;
  operand.address = source + origin * size;
  operand.element = layer.out.element;
  command.result.address = target;
  command.result.element = layer.out.element;
  int64_t stride = size;
  for (size_t loop = 4; loop-- > 0;) {
    operand.strides[loop] = box.from[loop] * size;
    command.result.strides[loop] = stride;
    stride *= box.sizes[loop];
  }
  command.inputs.push_back(operand);
  command.program = std::make_shared<MicroProgram>();
  emitter.commands.push_back(std::move(command));
  // Innermost elements are rows where they lie together in the result.
  bool together = box.to[3] == 1;
  int64_t rowBytes = (together ? box.sizes[3] : 1) * size;
  int64_t rows = together ? box.sizes[2] : box.sizes[3];
  int64_t rowStride = (together ? box.to[2] : box.to[3]) * size;
  for (int64_t i = 0; i < box.sizes[0]; ++i) {
    for (int64_t j = 0; j < box.sizes[1]; ++j) {
      for (int64_t k = 0; k < (together ? 1 : box.sizes[2]); ++k) {
        int64_t row =
            ((i * box.sizes[1] + j) * box.sizes[2] + k) * box.sizes[3] * size;
        store((box.toOffset + i * box.to[0] + j * box.to[1] + k * box.to[2]) *
                  size,
              target + row, rowBytes, rows, rowStride, rowBytes);
      }
    }
  }
}

void MoveWriter::writeBox(const Box &box) {
  if (box.from[3] == 1 && box.to[3] == 1) {
    for (int64_t i = 0; i < box.sizes[0]; ++i) {
      for (int64_t j = 0; j < box.sizes[1]; ++j)
        copyRows(box, box.fromOffset + i * box.from[0] + j * box.from[1],
                 box.toOffset + i * box.to[0] + j * box.to[1]);
    }
    return;
  }
  if (span(box) * size <= part && elements(box) * size <= part)
    return gather(box);
  // Halve the loop that spans the most.
  size_t longest = 0;
  int64_t most = -1;
  for (size_t loop = 0; loop < 4; ++loop) {
    int64_t extent =
        (box.sizes[loop] - 1) * std::max<int64_t>(1, std::abs(box.from[loop]));
    if (extent > most) {
      most = extent;
      longest = loop;
    }
  }
  Box first = box, second = box;
  first.sizes[longest] = box.sizes[longest] / 2;
  second.sizes[longest] -= first.sizes[longest];
  second.fromOffset += first.sizes[longest] * box.from[longest];
  second.toOffset += first.sizes[longest] * box.to[longest];
  writeBox(first);
  writeBox(second);
}

void MoveWriter::write() {
  if (layer.fill)
    fill();
  for (const Box &box : layer.boxes)
    writeBox(box);
}

void edgec::npu::emitMove(Emitter &emitter, const Graph &graph, int index,
                          const NpuMachine &machine) {
  MoveWriter(emitter, graph, index, machine).write();
}

std::pair<double, int64_t> edgec::npu::costOfMove(const Layer &layer,
                                                  const NpuMachine &machine) {
  int64_t size = bytesOf(layer.out.element), bytes = 0, rows = 0;
  if (layer.fill)
    bytes += layer.out.bytes();
  for (const Box &box : layer.boxes) {
    int64_t count = box.sizes[0] * box.sizes[1] * box.sizes[2] * box.sizes[3];
    bytes += 2 * count * size;
    rows += (box.to[3] == 1 ? count / box.sizes[3] : count) +
            (box.from[3] == 1 ? count / box.sizes[3] : 0);
  }
  double cycles = double(bytes) / double(machine.dmaBytesPerCycle) +
                  double(rows * machine.dmaRowCycles) +
                  2 * double(machine.dmaLatencyCycles);
  return {cycles, bytes};
}

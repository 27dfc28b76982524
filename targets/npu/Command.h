//===- Command.h - commands before they are operations ---------*- C++ -*-===//
//
// The fields of one command of the NPU as the lowering works on them: it lists
// tens of thousands while it compares schedules, which uniqued attributes would
// make slow. WriteProgram.cpp turns the final list into npu operations.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_NPU_COMMAND_H
#define EDGEC_TARGETS_NPU_COMMAND_H

#include "dialects/npu/Npu.h"
#include "llvm/ADT/SmallVector.h"
#include <array>
#include <memory>
#include <vector>

namespace edgec::npu {

inline int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }
inline int64_t roundUp(int64_t a, int64_t b) { return ceilDiv(a, b) * b; }

struct Micro {
  MicroOp op;
  uint8_t dst = 0, a = 0, b = 0, c = 0;
  int32_t value = 0;
};

/// What the output pipeline does; shared by all tiles of a layer.
struct MicroProgram {
  std::vector<Micro> code;
  unsigned result = 0;
  /// Per parameter, a number for every channel.
  std::vector<std::vector<int32_t>> parameters;
  /// As bytes of 256 entries; empty without one.
  std::vector<char> table;
  Element tableElement = Element::none;

  /// Operations that take a stage: all but constants.
  int64_t length() const;
  int64_t passes(int64_t stages) const {
    return std::max<int64_t>(1, ceilDiv(length(), stages));
  }
};

/// The fields of #npu.tile.
struct Tile {
  int64_t address = 0;
  Element element = Element::none;
  int64_t height = 0, width = 0, channels = 0, rowStride = 0, pixelStride = 0;
  int64_t ringRows = 0, ringFirst = 0;
};

/// The fields of #npu.window.
struct Window {
  int64_t y0 = 0, x0 = 0, kernelY = 1, kernelX = 1, strideY = 1, strideX = 1,
          dilationY = 1, dilationX = 1, pad = 0, zero = 0;
};

/// The fields of #npu.operand.
struct Operand {
  int64_t address = 0;
  Element element = Element::none;
  std::array<int64_t, 4> strides = {};
};

enum class Opcode : uint8_t { load, store, mac, pool, vector, wait, signal };

struct Command {
  Command(Opcode opcode, Unit unit, int32_t layer)
      : opcode(opcode), unit(unit), layer(layer) {}

  Opcode opcode;
  Unit unit;
  /// Which layer of the region it works for, for reports; -1: none.
  int32_t layer;

  // load, store
  int64_t buffer = 0, offset = 0, address = 0, rowBytes = 0, rows = 1,
          bufferStride = 0, sramStride = 0;

  // mac, pool
  Tile input, output;
  Window window;
  bool depthwise = false, raw = false;
  Pool pool = Pool::max;
  int64_t weightsAddress = 0, weightsBytes = 0;
  Encoding encoding = Encoding::dense;
  Element weightsElement = Element::none;
  int64_t weightsZero = 0;
  /// K steps of all column blocks that are not skipped, and the bytes that the
  /// decoder gives out.
  int64_t weightSteps = 0, decodedBytes = 0;
  /// mac: strides of rows and pixels in [0] and [1]; element none: absent.
  Operand residual, accumulator;

  // vector
  std::array<int64_t, 4> extents = {1, 1, 1, 1};
  llvm::SmallVector<Operand, 3> inputs;
  Operand result;

  // mac, pool, vector
  std::shared_ptr<const MicroProgram> program;
  int64_t parametersAddress = 0, parametersStride = 0, tableAddress = 0;

  // wait, signal
  int64_t semaphore = 0, value = 0;
};

} // namespace edgec::npu

#endif // EDGEC_TARGETS_NPU_COMMAND_H

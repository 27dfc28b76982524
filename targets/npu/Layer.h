//===- Layer.h - a kernel as the machine sees it ---------------*- C++ -*-===//
//
// What the lowering knows of one kernel: an input, a window over it, weights,
// further operands, and the program of the output pipeline. ReadKernel.cpp
// makes it of a schedule.kernel, or says why the machine cannot compute that.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_NPU_LAYER_H
#define EDGEC_TARGETS_NPU_LAYER_H

#include "dialects/schedule/Schedule.h"
#include "targets/npu/NpuMachine.h"
#include "targets/npu/ProgramBuilder.h"

namespace edgec::npu {

/// A dense tensor as rows of pixels of channels.
struct View {
  int64_t height = 1, width = 1, channels = 1;
  Element element = Element::none;

  int64_t pixelBytes() const { return channels * bytesOf(element); }
  int64_t rowBytes() const { return width * pixelBytes(); }
  int64_t bytes() const { return height * rowBytes(); }
};

/// A tensor that a layer reads, in the layer's own order of registers. What has
/// one row, pixel or channel where the output has more is repeated.
struct Read {
  /// At the level of the kernels: an argument, a kernel's result, a constant.
  mlir::Value value;
  View view;
};

/// Four loops that copy elements, outermost first; offsets and strides count
/// elements.
struct Box {
  unsigned read = 0;
  std::array<int64_t, 4> sizes = {1, 1, 1, 1}, from = {}, to = {};
  int64_t fromOffset = 0, toOffset = 0;
};

struct Layer {
  /// mac and pool have a window over reads[0] and one image at a time;
  /// elementwise layers have none; moves copy boxes.
  enum class Kind : uint8_t { mac, pool, elementwise, move };

  mlir::Operation *kernel = nullptr;
  std::string name;
  Kind kind = Kind::elementwise;
  /// Images of a batch, each `in` and `out` large.
  int64_t images = 1;
  llvm::SmallVector<Read, 3> reads;
  mlir::Value result;
  View out;
  /// y0 and x0 are minus the pads at the top and left.
  Window window;
  Pool pool = Pool::max;
  bool depthwise = false;
  int64_t groups = 1;
  /// [output channels, kernel y, kernel x, channels of a group].
  std::optional<ConstantData> filter;
  int64_t filterZero = 0;
  std::shared_ptr<const MicroProgram> program;
  /// Of moves; what no box writes is `fill`.
  std::vector<Box> boxes;
  std::optional<int64_t> fill;

  const View &in() const { return reads.front().view; }
  int64_t macs() const;
  /// Numbers that one output sums up (mac).
  int64_t taps() const;
  /// Rows [first, last) of reads[index] that output rows [first, last) need.
  std::pair<int64_t, int64_t> rowsNeeded(unsigned index, int64_t first,
                                         int64_t last) const;
  /// The same for pixels.
  std::pair<int64_t, int64_t> pixelsNeeded(unsigned index, int64_t first,
                                           int64_t last) const;
  /// Bytes of parameters and table in SRAM, and where the table begins.
  int64_t parameterBytes() const;
  int64_t tableOffset() const;
};

/// The kernel as a layer; nothing, and the reason in the user's words, if the
/// machine cannot compute it.
std::optional<Layer> readKernel(schedule::KernelOp kernel,
                                const NpuMachine &machine, std::string &reason);

} // namespace edgec::npu

#endif // EDGEC_TARGETS_NPU_LAYER_H

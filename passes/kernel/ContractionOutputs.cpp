//===- ContractionOutputs.cpp - outputs on their way while a tile computes ===//
//
// A tile ends with adding to its sums what lies elsewhere, and storing them. If
// these lines are beyond the second-level cache, each step of the reduction
// fetches one:
//
//   for step in reduction:
//     sums += lhs[step] * rhs[step]
//     fetch line (step * lines / steps) of what is added, and of the result
//
// All of them at once would fill the buffers in which the first-level cache
// waits for lines, and hold up the tile's own loads: that gained nothing.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/ContractionWriter.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

void ContractionWriter::findFarOutputs() {
  int64_t near = k.machine.getL2Bytes();
  if (!near)
    return;
  auto bytes = [](Value buffer, const Layout &layout) {
    return layout.allocated *
           storedType(elementOf(buffer.getType())).getIntOrFloatBitWidth() / 8;
  };
  Layout result = k.resultLayout();
  std::pair<Value, Layout> written = {k.resultBuffer(), result};
  SmallVector<std::pair<Value, Layout>> added;
  int64_t set = bytes(written.first, result);
  for (auto [number, input] : llvm::enumerate(k.kernel.getInputs())) {
    Layout layout = k.operandLayout(number);
    if (number == shape.rhs)
      continue;
    set += bytes(input, layout);
    if (number != shape.lhs && layout.shape == result.shape)
      added.push_back({k.operandBuffer(number), layout});
  }
  if (set <= near * 3 / 4)
    return;
  farAdded = added;
  // Before a window of rows, which stays in the cache, panels are outside; so
  // they are where a panel's lines stay until the next one.
  if (tiling.getPanelsInside())
    farResult.push_back(written);
}

int64_t ContractionWriter::linesPerOutput(const Panel &panel) const {
  return llvm::divideCeil(int64_t(panel.vectors()) * panels.lanes,
                          lineElements(k.elementIn(k.resultBuffer())));
}

/// Whether there are lines enough for it to matter: in a long reduction the
/// instructions cost more than they gain (measured on Granite Rapids).
bool ContractionWriter::fetchesOutputs(const Panel &panel,
                                       const OutputTile &tile) const {
  constexpr int64_t mostStepsPerLine = 8;
  int64_t lines = int64_t(farAdded.size() + farResult.size()) *
                  linesPerOutput(panel) * tile.rows * tile.columns;
  return shape.kernelHeight * shape.kernelWidth * shape.stepsPerRun() <=
         lines * mostStepsPerLine;
}

/// The share of the step `at`.
void ContractionWriter::fetchOutputs(const Steps &steps, Index at) {
  const OutputTile &tile = *steps.fetched;
  int64_t perOutput = linesPerOutput(steps.panel);
  int64_t lines = tile.rows * tile.columns * perOutput;
  int64_t count = shape.kernelHeight * shape.kernelWidth * shape.stepsPerRun();
  Index line = k.div(k.mul(k.add(steps.before, at), lines), count);
  Index output = k.div(line, perOutput);
  Index row = tile.rows > 1 ? k.div(output, tile.columns) : 0;
  Index column = tile.rows > 1 ? k.rem(output, tile.columns) : output;
  Index channel = k.mul(k.rem(line, perOutput),
                        lineElements(k.elementIn(k.resultBuffer())));
  SmallVector<Index> position =
      shape.position(batchIndex, k.add(tile.h, row), k.add(tile.w, column),
                     k.add(steps.panel.channel, channel));
  for (const auto &[buffer, layout] : farAdded)
    k.prefetch(buffer, k.address(layout, position), 3);
  for (const auto &[buffer, layout] : farResult)
    k.prefetch(buffer, k.address(layout, position), 3, /*forWriting=*/true);
}

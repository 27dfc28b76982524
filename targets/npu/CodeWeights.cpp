//===- CodeWeights.cpp - how weights are written --------------------------===//
//
// Zero runs pay for pruned filters of any pattern, block sparse for those that
// lost whole blocks, which then take no time either.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/CodeWeights.h"

#include "llvm/ADT/STLExtras.h"

using namespace edgec;
using namespace edgec::npu;

std::vector<char> edgec::npu::codeZeroRuns(llvm::ArrayRef<char> dense,
                                           char zero) {
  std::vector<char> coded;
  coded.reserve(dense.size());
  for (size_t i = 0; i < dense.size();) {
    coded.push_back(dense[i]);
    if (dense[i++] != zero)
      continue;
    size_t more = 0;
    while (more < 255 && i < dense.size() && dense[i] == zero) {
      ++more;
      ++i;
    }
    coded.push_back(char(more));
  }
  return coded;
}

std::vector<char> edgec::npu::codeBlockSparse(const DenseWeights &dense,
                                              char zero,
                                              const NpuMachine &machine,
                                              std::vector<int64_t> &steps,
                                              int64_t &decoded) {
  int64_t rows = machine.macRows, columns = machine.macColumns;
  int64_t stepCount = (dense.taps + rows - 1) / rows;
  int64_t bits = dense.blocks * stepCount;
  std::vector<char> coded((bits + 31) / 32 * 4, 0);
  steps.assign(dense.blocks, 0);
  decoded = 0;
  for (int64_t bit = 0; bit < bits; ++bit) {
    int64_t block = bit / stepCount, first = bit % stepCount * rows;
    int64_t count = std::min(rows, dense.taps - first) * columns;
    llvm::ArrayRef<char> tile =
        llvm::ArrayRef(dense.bytes)
            .slice((block * dense.taps + first) * columns, count);
    if (llvm::all_of(tile, [&](char byte) { return byte == zero; }))
      continue;
    coded[bit / 8] |= char(1 << (bit % 8));
    coded.insert(coded.end(), tile.begin(), tile.end());
    ++steps[block];
    decoded += count;
  }
  return coded;
}

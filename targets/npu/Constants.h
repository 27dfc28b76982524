//===- Constants.h - weights as the machine reads them ---------*- C++ -*-===//
//
// Packs filters, parameters and tables into the job's buffer of constants. A
// pack is what one command or a whole layer needs of them: coded weights for
// some output channels (and, if K is split, some input channels), then their
// parameters and table, loaded by one transfer. The coding is chosen per pack:
// dense, zero runs or block sparse, whichever is the smallest.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_NPU_CONSTANTS_H
#define EDGEC_TARGETS_NPU_CONSTANTS_H

#include "targets/npu/Layer.h"
#include <map>

namespace edgec::npu {

/// Output channels [firstOutput, lastOutput) of a layer, and input channels
/// [firstInput, lastInput) of a split K.
struct Part {
  int64_t firstOutput = 0, lastOutput = 0, firstInput = 0, lastInput = 0;

  bool operator<(const Part &other) const {
    return std::tie(firstOutput, lastOutput, firstInput, lastInput) <
           std::tie(other.firstOutput, other.lastOutput, other.firstInput,
                    other.lastInput);
  }
};

/// Coded weights of one group of a convolution.
struct CodedWeights {
  int64_t offset = 0, bytes = 0;
  Encoding encoding = Encoding::dense;
  /// Per block of columns, the K steps that are present.
  std::vector<int64_t> steps;
  int64_t decodedBytes = 0;
};

struct Pack {
  /// In the buffer of constants, and its size in SRAM.
  int64_t offset = 0, bytes = 0;
  /// Offsets in the pack. One entry per group of the convolution.
  std::vector<CodedWeights> weights;
  int64_t parameters = 0, parametersStride = 0, table = 0;
};

/// The whole layer as one part.
Part wholeOf(const Layer &layer);

/// The size of a pack with dense weights, without making it.
int64_t densePackBytes(const Layer &layer, const Part &part,
                       const NpuMachine &machine);

class Constants {
public:
  /// With `sizesOnly`, for predictions: packs that are surely dense are not
  /// made, and the buffer is not either.
  explicit Constants(const NpuMachine &machine, bool sizesOnly = false)
      : machine(machine), sizesOnly(sizesOnly) {}

  /// The pack for a part of layer number `index`; made once.
  const Pack &pack(int index, const Layer &layer, const Part &part);
  /// Appends a constant tensor; its offset.
  int64_t append(const ConstantData &data);

  std::vector<char> take() { return std::move(bytes); }
  int64_t size() const { return int64_t(bytes.size()); }

private:
  void align();

  void codeGroups(const Layer &layer, const Part &part, Pack &pack);

  const NpuMachine &machine;
  bool sizesOnly;
  std::vector<char> bytes;
  std::map<std::pair<int, Part>, Pack> packs;
};

} // namespace edgec::npu

#endif // EDGEC_TARGETS_NPU_CONSTANTS_H

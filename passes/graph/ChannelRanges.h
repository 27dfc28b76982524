//===- ChannelRanges.h - bounds of each channel of a value -----*- C++ -*-===//
//
// Interval arithmetic over the graph, channel by channel (the last dimension),
// for integers and f32. A channel whose bounds are equal is constant, whatever
// the model's inputs are. Bounds of floats hold for every order in which a
// kernel may add up; a float that is not known to be a finite number has none.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_GRAPH_CHANNELRANGES_H
#define EDGEC_PASSES_GRAPH_CHANNELRANGES_H

#include "passes/graph/ConstantData.h"
#include "llvm/ADT/DenseMap.h"
#include <cmath>
#include <vector>

namespace edgec {

/// All numbers from low to high. Integers are those of 32 bits, which a double
/// holds; infinite ends: any float, or NaN.
struct ChannelRange {
  double low, high;
  bool isConstant() const { return low == high; }
  bool isFinite() const { return std::isfinite(low) && std::isfinite(high); }
};

class ChannelRanges {
public:
  /// With `assumeFinite` no run has a float that is infinite or NaN.
  explicit ChannelRanges(bool assumeFinite) : assumeFinite(assumeFinite) {}

  /// One per channel of a value that has bounds (see hasRanges()). Computed
  /// once per value: start anew when operators have changed.
  const std::vector<ChannelRange> &of(mlir::Value value);

  /// The bounds of the value's type.
  ChannelRange ofType(mlir::Value value) const;

private:
  bool assumeFinite;
  llvm::DenseMap<mlir::Value, std::vector<ChannelRange>> known;
};

/// Whether the value's elements are integers of 8 to 32 bits or f32.
bool hasRanges(mlir::Value value);

/// The number of channels: the size of the last dimension.
int64_t channelCount(mlir::Value value);

/// A constant's elements as numbers, where they lie: integers of 8 to 32 bits
/// or f32.
class ConstantNumbers {
public:
  /// Nothing for what is no constant, or has other elements.
  static std::optional<ConstantNumbers> get(mlir::Value constant);
  int64_t size() const { return data.getNumElements(); }
  double operator[](int64_t i) const;

private:
  explicit ConstantNumbers(ConstantData data);

  ConstantData data;
  /// above an integer's bits in a word of 32
  unsigned unusedBits = 0;
  bool isFloat, isUnsigned = false;
};

/// A constant that does not change from position to position as one number per
/// channel of a value of `channels`; nothing if it is none.
std::optional<std::vector<double>> perChannelNumbers(mlir::Value constant,
                                                     int64_t channels);

} // namespace edgec

#endif // EDGEC_PASSES_GRAPH_CHANNELRANGES_H

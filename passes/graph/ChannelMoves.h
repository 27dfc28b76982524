//===- ChannelMoves.h - where moved channels come from ---------*- C++ -*-===//
//
// Concatenations and slices of channels, transposes and reshapes that cut the
// channels into groups only move channels. Through all of them, each channel of
// a value is one of a source: a tensor that something else computes, channels
// last.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_GRAPH_CHANNELMOVES_H
#define EDGEC_PASSES_GRAPH_CHANNELMOVES_H

#include "mlir/IR/Value.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"
#include <memory>
#include <optional>
#include <vector>

namespace edgec {

struct SourceChannel {
  mlir::Value source;
  int64_t channel;
};

/// A dimension of a moved value: 0, 1, 2 are the batch, rows and columns of its
/// sources, and `channels` one of those that the channels are cut into.
struct MovedDimension {
  static constexpr int channels = -1;
  int64_t size;
  int kind;
  bool operator==(const MovedDimension &other) const {
    return size == other.size && kind == other.kind;
  }
};

struct MovedChannels {
  llvm::SmallVector<MovedDimension> dimensions;
  /// In row-major order of the channel dimensions.
  std::vector<SourceChannel> channels;
  /// Channel dimensions have changed places on the way.
  bool isShuffled = false;

  /// Batch, rows, columns and one dimension of channels, in any order.
  bool isImage() const;
};

class ChannelTracer {
public:
  /// Nothing for a value that is not moved images.
  const MovedChannels *trace(mlir::Value value);
  /// Whether the operator is looked through.
  bool isMove(mlir::Operation *op);

private:
  std::optional<MovedChannels> traceMove(mlir::Operation *op);

  /// Null: looked at, and nothing.
  llvm::DenseMap<mlir::Value, std::unique_ptr<MovedChannels>> known;
};

} // namespace edgec

#endif // EDGEC_PASSES_GRAPH_CHANNELMOVES_H

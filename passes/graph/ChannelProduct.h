//===- ChannelProduct.h - layers as sums over channels ---------*- C++ -*-===//
//
// Convolutions of integers and of floats and fully connected layers all add up
// products of input channels with constant factors. Who drops channels sees
// them as one thing: an input, a filter [outputs, taps ..., inputs], and a
// bias.
//
// A fully connected layer that reads a reshape of an image, all its pixels in
// one row, is one with a tap per pixel: its input is the image.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_GRAPH_CHANNELPRODUCT_H
#define EDGEC_PASSES_GRAPH_CHANNELPRODUCT_H

#include "mlir/IR/Builders.h"
#include "passes/graph/ChannelRanges.h"
#include "llvm/ADT/BitVector.h"

namespace edgec {

class ChannelProduct {
public:
  /// Nothing for other operators, and for those whose filter or bias are no
  /// constant numbers.
  static std::optional<ChannelProduct> get(mlir::Operation *op);

  mlir::Operation *getOperation() const { return op; }
  mlir::Value getInput() const { return input; }
  mlir::Value getResult() const { return op->getResult(0); }
  mlir::Value getFilter() const { return op->getOperand(1); }
  /// Null without one.
  mlir::Value getBias() const;

  /// Each output has one input, that of its number.
  bool isDepthwise() const { return depthwise; }
  int64_t getGroups() const { return groups; }
  /// At the border some products are those of the pad value.
  bool isPadded() const { return padded; }
  double getPadValue() const { return padValue; }
  /// What is taken from the input, and from the filter's elements.
  double getInputZero() const { return inputZero; }
  double getFilterZero() const { return filterZero; }
  /// The sums are floats, rounded in some order.
  bool isFloat() const;

  int64_t outputs() const { return channelCount(getResult()); }
  /// Input channels that each output has a factor for.
  int64_t inputs() const { return channelCount(input) / groups; }
  int64_t taps() const;
  /// The filter's numbers, output by output, tap by tap, input by input.
  ConstantNumbers factors() const { return *ConstantNumbers::get(getFilter()); }
  /// The input channels that some factor multiplies that is not zero.
  llvm::BitVector readInputs() const;

  /// Drops the factors of all input channels but those.
  void keepInputs(llvm::ArrayRef<int64_t> kept);
  /// Drops the filters of all outputs but those, and the inputs of a depthwise
  /// convolution with them.
  void keepOutputs(llvm::ArrayRef<int64_t> kept);
  /// Of a filter's type.
  void setFilter(mlir::ElementsAttr elements);
  /// One number per output.
  void setBias(mlir::ElementsAttr elements);

private:
  explicit ChannelProduct(mlir::Operation *op) : op(op) {}

  mlir::Operation *op;
  mlir::Value input;
  int64_t groups = 1;
  bool depthwise = false, padded = false;
  double padValue = 0, inputZero = 0, filterZero = 0;
};

/// The image whose pixels `value` has in one row, if all who read that are
/// products of its channels; else null.
mlir::Value flattenedImage(mlir::Value value);

} // namespace edgec

#endif // EDGEC_PASSES_GRAPH_CHANNELPRODUCT_H

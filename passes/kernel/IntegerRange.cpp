//===- IntegerRange.cpp - bounds of a kernel's integers -------------------===//
//
// Each operator's bounds from those of its operands; where a result may wrap,
// what its type can hold.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/IntegerRange.h"
#include "dialects/edge/Integer.h"
#include "mlir/IR/AsmState.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/KernelEmitter.h"
#include "passes/kernel/RealRequantize.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cstring>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

IntegerRange kernel::rangeOfElement(Type element) {
  unsigned width = std::min(element.getIntOrFloatBitWidth(), 32u);
  int64_t count = int64_t(1) << width;
  if (isUnsignedElement(element))
    return {0, count - 1};
  return {-count / 2, count / 2 - 1};
}

//===-- constants --------------------------------------------------------===//

static std::optional<SmallVector<int32_t>> numbersOf(ElementsAttr value) {
  constexpr int64_t most = 1 << 16;
  if (!value.getElementType().isSignlessInteger(32) ||
      value.getNumElements() > most)
    return std::nullopt;
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    size_t count = value.getNumElements();
    if (!blob || blob->getData().size() != count * sizeof(int32_t))
      return std::nullopt;
    SmallVector<int32_t> numbers(count);
    std::memcpy(numbers.data(), blob->getData().data(), blob->getData().size());
    return numbers;
  }
  auto dense = dyn_cast<DenseElementsAttr>(value);
  if (!dense || value.getNumElements() == 0)
    return std::nullopt;
  if (dense.isSplat())
    return SmallVector<int32_t>{dense.getSplatValue<int32_t>()};
  return SmallVector<int32_t>(dense.getValues<int32_t>());
}

ArrayRef<char> kernel::bytesOf(ElementsAttr value) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    return blob ? blob->getData() : ArrayRef<char>();
  }
  auto dense = dyn_cast<DenseElementsAttr>(value);
  return dense ? dense.getRawData() : ArrayRef<char>();
}

IntegerRange kernel::rangeOfBytes(ElementsAttr value, int64_t zeroPoint) {
  IntegerRange all = rangeOfElement(value.getElementType());
  ArrayRef<char> bytes = bytesOf(value);
  IntegerRange range = bytes.empty() ? all : IntegerRange{all.high, all.low};
  for (char byte : bytes) {
    int64_t number = all.low < 0 ? int64_t(int8_t(byte)) : uint8_t(byte);
    range = {std::min(range.low, number), std::max(range.high, number)};
  }
  return {range.low - zeroPoint, range.high - zeroPoint};
}

std::optional<SmallVector<int32_t>> kernel::knownNumbers(Value value) {
  ElementsAttr elements;
  if (auto constant = value.getDefiningOp<edge::ConstantOp>()) {
    elements = constant.getValue();
  } else if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto kernel =
        dyn_cast<schedule::KernelOp>(argument.getOwner()->getParentOp());
    if (kernel)
      elements = getConstantOperand(kernel, argument.getArgNumber());
  }
  return elements ? numbersOf(elements) : std::nullopt;
}

//===-- operators --------------------------------------------------------===//

/// How far operands are followed: a value may be read many times over.
static constexpr int maxDepth = 12;

static IntegerRange rangeAt(Value value, int depth);

/// The products of the ends.
static IntegerRange multiply(IntegerRange a, IntegerRange b) {
  auto [low, high] = std::minmax(
      {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high});
  return {low, high};
}

static IntegerRange rangeOfSums(edge::IntegerConv2DOp conv, int depth) {
  auto centered = [](Value x, int64_t zeroPoint) -> IntegerRange {
    IntegerRange range = rangeOfElement(elementOf(x.getType()));
    return {range.low - zeroPoint, range.high - zeroPoint};
  };
  auto filter = conv.getFilter().getType();
  int64_t products = filter.getNumElements() / filter.getDimSize(0);
  IntegerRange one =
      multiply(centered(conv.getInput(), int64_t(conv.getInputZeroPoint())),
               centered(conv.getFilter(), int64_t(conv.getFilterZeroPoint())));
  IntegerRange bias =
      conv.getBias() ? rangeAt(conv.getBias(), depth) : IntegerRange{0, 0};
  return {std::min<int64_t>(one.low, 0) * products + bias.low,
          std::max<int64_t>(one.high, 0) * products + bias.high};
}

static IntegerRange rangeOfRescaled(edge::RescaleOp op, IntegerRange all,
                                    int depth) {
  // The operands are the bits of floats.
  if (op->hasAttr(realFormAttrName))
    return all;
  auto multipliers = knownNumbers(op.getMultiplier()),
       shifts = knownNumbers(op.getShift());
  if (!multipliers || !shifts)
    return all;
  int64_t most = 0, shift = 31;
  for (int32_t multiplier : *multipliers)
    most = std::max(most, std::abs(int64_t(multiplier)));
  for (int32_t each : *shifts)
    shift = std::min<int64_t>(shift, each & 31);
  int64_t product = rangeAt(op.getX(), depth).magnitude() * most;
  int64_t magnitude = (product >> (31 + shift)) + 1;
  return {-magnitude, magnitude};
}

/// Before wrapping to the result's type, whose range is `all`.
static IntegerRange unwrapped(Operation *op, IntegerRange all, int depth) {
  auto operand = [&](unsigned i) { return rangeAt(op->getOperand(i), depth); };
  auto isInteger = [](Value value) {
    Type element = elementOf(value.getType());
    return element.isInteger() && element.getIntOrFloatBitWidth() <= 32;
  };
  if (!llvm::all_of(op->getOperands(), isInteger))
    return all;
  return llvm::TypeSwitch<Operation *, IntegerRange>(op)
      .Case([&](edge::CastOp) { return operand(0); })
      .Case([&](edge::AddOp) -> IntegerRange {
        IntegerRange a = operand(0), b = operand(1);
        return {a.low + b.low, a.high + b.high};
      })
      .Case([&](edge::SubOp) -> IntegerRange {
        IntegerRange a = operand(0), b = operand(1);
        return {a.low - b.high, a.high - b.low};
      })
      .Case([&](edge::MulOp) { return multiply(operand(0), operand(1)); })
      .Case([&](edge::MaxOp) -> IntegerRange {
        IntegerRange a = operand(0), b = operand(1);
        return {std::max(a.low, b.low), std::max(a.high, b.high)};
      })
      .Case([&](edge::MinOp) -> IntegerRange {
        IntegerRange a = operand(0), b = operand(1);
        return {std::min(a.low, b.low), std::min(a.high, b.high)};
      })
      .Case([&](edge::ShiftLeftOp) -> IntegerRange {
        IntegerRange count = operand(1);
        if (count.low < 0 || count.high > 31)
          return all;
        return multiply(operand(0),
                        {int64_t(1) << count.low, int64_t(1) << count.high});
      })
      .Case([&](edge::ShiftRightOp) -> IntegerRange {
        IntegerRange x = operand(0), count = operand(1);
        if (count.low < 0 || count.high > 31)
          return all;
        return {std::min(x.low >> count.low, x.low >> count.high),
                std::max(x.high >> count.low, x.high >> count.high)};
      })
      .Case([&](edge::RescaleOp op) { return rangeOfRescaled(op, all, depth); })
      .Case(
          [&](edge::IntegerConv2DOp conv) { return rangeOfSums(conv, depth); })
      .Default(all);
}

static IntegerRange rangeAt(Value value, int depth) {
  IntegerRange all = rangeOfElement(elementOf(value.getType()));
  IntegerRange range = all;
  if (auto numbers = knownNumbers(value)) {
    auto [low, high] = std::minmax_element(numbers->begin(), numbers->end());
    range = {*low, *high};
  } else if (Operation *op = value.getDefiningOp(); op && depth < maxDepth) {
    range = unwrapped(op, all, depth + 1);
  }
  return all.contains(range) ? range : all;
}

IntegerRange kernel::rangeOf(Value value) { return rangeAt(value, 0); }

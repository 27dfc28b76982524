//===- ReciprocalScale.cpp - a product instead of a quotient --------------===//
//
// A quantization divides by its scale, which costs as much as ten products. A
// product with the reciprocal rounds otherwise now and then; but where the
// operand is a sum or product of one or two 8-bit numbers, there are at most
// 65536 values, and all of them are tried out here.
//
//===----------------------------------------------------------------------===//
#include "passes/graph/ConstantData.h"
#include "passes/graph/QuantizedSums.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace edgec;

namespace {
/// The value of an f32 operator for each combination of its 8-bit numbers.
class Tabulation {
public:
  /// All values of `real`; empty when they are not few, or not computed alike
  /// on all machines.
  ArrayRef<float> run(Value real);

private:
  bool collect(Value value, unsigned depth);
  std::vector<float> compute(Operation *op);

  static constexpr unsigned mostDepth = 8;
  llvm::SmallMapVector<Value, Stored, 2> leaves;
  /// In the order in which they are computed.
  SmallVector<Operation *> operators;
  DenseMap<Value, std::vector<float>> values;
  size_t count = 1;
};
} // namespace

static bool isByte(Type element) {
  return element.isSignlessInteger(8) || element.isUnsignedInteger(8);
}

/// False when `value` is computed by something else than exact float32
/// operators on 8-bit numbers.
bool Tabulation::collect(Value value, unsigned depth) {
  if (values.contains(value))
    return true;
  if (auto stored = wholeBehind(value)) {
    if (!isByte(elementOf(stored->integers)))
      return false;
    leaves.insert({stored->integers, *stored});
    values[value] = {};
    return leaves.size() <= 2;
  }
  if (auto data = ConstantData::get(value)) {
    auto number = data->getSplatFloat();
    if (!number)
      return false;
    values[value] = {*number};
    return true;
  }
  Operation *op = value.getDefiningOp();
  if (!isa_and_nonnull<edge::AddOp, edge::SubOp, edge::MulOp, edge::ReluOp,
                       edge::ClampOp>(op) ||
      depth == mostDepth)
    return false;
  for (Value operand : op->getOperands())
    if (!collect(operand, depth + 1))
      return false;
  values[value] = {};
  operators.push_back(op);
  return true;
}

std::vector<float> Tabulation::compute(Operation *op) {
  std::vector<float> result(count);
  const std::vector<float> &lhs = values[op->getOperand(0)],
                           &rhs = values[op->getOperands().back()];
  auto fill = [&](auto function) {
    for (size_t i = 0; i < count; ++i)
      result[i] =
          function(lhs[lhs.size() == 1 ? 0 : i], rhs[rhs.size() == 1 ? 0 : i]);
  };
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](edge::AddOp) { fill([](float x, float y) { return x + y; }); })
      .Case([&](edge::SubOp) { fill([](float x, float y) { return x - y; }); })
      .Case([&](edge::MulOp) { fill([](float x, float y) { return x * y; }); })
      .Case([&](edge::ReluOp) {
        fill([](float x, float) { return std::max(x, 0.0F); });
      })
      .Case([&](edge::ClampOp clamp) {
        float low = clamp.getMin().convertToFloat(),
              high = clamp.getMax().convertToFloat();
        fill([=](float x, float) { return std::min(std::max(x, low), high); });
      });
  return result;
}

ArrayRef<float> Tabulation::run(Value real) {
  if (!collect(real, 0) || leaves.empty())
    return {};
  count = leaves.size() == 1 ? 256 : 65536;
  for (auto &[value, list] : values) {
    auto stored = wholeBehind(value);
    if (!stored)
      continue;
    bool isFirst = stored->integers == leaves.front().first;
    Scales scales = *getScales(stored->element);
    int64_t least = elementOf(stored->integers).isUnsignedInteger() ? 0 : -128;
    list.resize(count);
    for (size_t i = 0; i < count; ++i) {
      auto number = least + int64_t(isFirst ? i % 256 : i / 256);
      list[i] = float(number - scales.zeroPoint()) * scales.scale();
    }
  }
  for (Operation *op : operators)
    values[op->getResult(0)] = compute(op);
  return values[real];
}

/// Whether both ways give the same stored number for each value.
static bool agree(const Reader &reader, ArrayRef<float> values,
                  float reciprocal) {
  float scale = reader.scales.scale();
  auto low = float(reader.low - reader.scales.zeroPoint()),
       high = float(reader.high - reader.scales.zeroPoint());
  auto round = [&](float x) {
    return std::nearbyint(std::min(std::max(x, low), high));
  };
  return llvm::all_of(values, [&](float value) {
    return round(value / scale) == round(value * reciprocal);
  });
}

std::optional<float> edgec::findReciprocal(const Reader &reader) {
  float scale = reader.scales.scale(), reciprocal = 1.0F / scale;
  int exponent;
  // Powers of two are exact for all numbers.
  if (std::frexp(scale, &exponent) == 0.5F && std::isnormal(reciprocal))
    return reciprocal;
  bool isFree =
      reader.quantize && reader.quantize->hasAttr(byReciprocalAttrName);
  if (isFree && std::isnormal(reciprocal))
    return reciprocal;
  Tabulation tabulation;
  ArrayRef<float> values = tabulation.run(reader.real);
  if (values.empty() || !std::isnormal(reciprocal))
    return std::nullopt;
  float infinity = std::numeric_limits<float>::infinity();
  for (float candidate : {reciprocal, std::nextafter(reciprocal, infinity),
                          std::nextafter(reciprocal, 0.0F)})
    if (agree(reader, values, candidate))
      return candidate;
  return std::nullopt;
}

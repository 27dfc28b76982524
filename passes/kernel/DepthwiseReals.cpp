//===- DepthwiseReals.cpp - depthwise sums of bytes as floats -------------===//
//
// Where the machine has no instruction that adds up products of bytes, a lane
// of i32 takes a multiplication and an addition per tap, one of float32 only a
// multiply-add. Sums below 2^24 are exact there. Bytes become floats where they
// are loaded; the filter is stored as floats, less its zero point. Two vectors
// of channels are finished together, which halves what narrowing them takes.
//
//   sum[c] = fma(float(x[c]), w[tap][c], sum[c])
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/Depthwise.h"
#include "passes/kernel/Narrowing.h"
#include "passes/kernel/RealRequantize.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Whether float32 holds all that is added up.
static bool isExact(schedule::KernelOp kernel, const DepthwiseShape &s) {
  constexpr int64_t most = 1 << 24;
  ArrayRef<char> filter = bytesOf(getConstantOperand(kernel, s.filter));
  if (filter.empty())
    return false;
  int64_t start = 0;
  if (s.bias) {
    auto bias = knownNumbers(kernel.getBody().front().getArgument(*s.bias));
    if (!bias)
      return false;
    for (int64_t number : *bias)
      start = std::max(start, std::abs(number));
  }
  IntegerRange input = rangeOfElement(s.inputElement);
  int64_t factor =
      IntegerRange{input.low - s.inputZeroPoint, input.high - s.inputZeroPoint}
          .magnitude();
  for (int64_t c = 0; c < s.channels; ++c) {
    int64_t sum = start;
    for (int64_t tap = 0; tap < s.taps(); ++tap)
      sum += factor * std::abs(weightAt(s, filter, c, tap));
    if (sum > most)
      return false;
  }
  return true;
}

void kernel::chooseReals(schedule::KernelOp kernel,
                         schedule::MachineAttr machine, DepthwiseShape &s) {
  bool isFused = llvm::Triple(machine.getTriple()).isX86() &&
                 machine.getHasFma() && machine.getFloatLanes() > 1 &&
                 vectorLanes(kernel, machine) == machine.getFloatLanes();
  if (!isFused || !isExact(kernel, s))
    return;
  s.isReal = true;
  s.sum = Float32Type::get(kernel.getContext());
}

/// Whether everything that reads the sums takes floats.
static bool readsReals(schedule::KernelOp kernel) {
  return llvm::all_of(
      kernel.getAnchor()->getResult(0).getUsers(), [](Operation *user) {
        return isa<edge::RequantizeOp>(user) || user->hasAttr(realFormAttrName);
      });
}

//===-- sums -------------------------------------------------------------===//

Value DepthwiseWriter::asReal(Value bytes) const {
  VectorType type = cast<VectorType>(bytes.getType()).clone(k.b.getF32Type());
  Value real =
      isUnsignedElement(shape.inputElement)
          ? arith::UIToFPOp::create(k.b, k.loc, type, bytes).getResult()
          : arith::SIToFPOp::create(k.b, k.loc, type, bytes).getResult();
  if (shape.inputZeroPoint == 0)
    return real;
  Value zero = arith::ConstantOp::create(
      k.b, k.loc,
      SplatElementsAttr::get(
          type, Attribute(k.b.getF32FloatAttr(float(shape.inputZeroPoint)))));
  return arith::SubFOp::create(k.b, k.loc, real, zero);
}

/// The filter has room behind the last channel.
Value DepthwiseWriter::loadRealTap(Index c, int64_t tap, int64_t lanes) {
  return vector::LoadOp::create(
      k.b, k.loc, k.vectorType(lanes, k.b.getF32Type()),
      k.operandBuffer(shape.filter),
      ValueRange{k.value(c + tap * shape.realChannels())});
}

SmallVector<Value> DepthwiseWriter::realTaps(Index input, Index c,
                                             int64_t lanes, int64_t rows,
                                             int64_t columns) {
  int64_t most = k.lanes();
  SmallVector<SmallVector<Value>> parts(rows * columns);
  for (int64_t first = 0; first < lanes; first += most) {
    int64_t some = std::min(most, lanes - first);
    Value begin = start(c + first, some);
    SmallVector<Value> sums =
        unrolledTaps(input + first, c + first, some, rows, columns,
                     SmallVector<Value>(rows * columns, begin));
    for (auto [output, sum] : llvm::enumerate(sums))
      parts[output].push_back(sum);
  }
  SmallVector<Value> sums;
  bool staysReal = readsReals(k.kernel);
  for (ArrayRef<Value> vectors : parts) {
    Value sum = joinVectors(k.b, k.loc, vectors);
    VectorType words = cast<VectorType>(sum.getType()).clone(k.b.getI32Type());
    sums.push_back(staysReal ? sum
                             : arith::FPToSIOp::create(k.b, k.loc, words, sum));
  }
  return sums;
}

//===-- packing ----------------------------------------------------------===//

Packing kernel::packReals(const DepthwiseShape &shape) {
  int64_t channels = shape.realChannels();
  auto type = RankedTensorType::get({channels * shape.taps()}, shape.sum);
  std::string key = ("depthwise reals " + Twine(shape.taps()) + " of " +
                     Twine(channels) + " zero " + Twine(shape.filterZeroPoint))
                        .str();
  auto write = [shape, channels](ArrayRef<char> source,
                                 MutableArrayRef<char> packed) {
    auto *out = reinterpret_cast<float *>(packed.data());
    for (int64_t c = 0; c < shape.channels; ++c)
      for (int64_t tap = 0; tap < shape.taps(); ++tap)
        out[tap * channels + c] = float(weightAt(shape, source, c, tap));
  };
  return Packing{type, std::move(key), write};
}

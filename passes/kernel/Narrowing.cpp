//===- Narrowing.cpp - sums become bytes ----------------------------------===//
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/IntegerRange.h"
#include "passes/kernel/KernelEmitter.h"
#include "passes/kernel/NarrowingTarget.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cfloat>
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

static bool isByte(Type element) { return element.isInteger(8); }

int64_t kernel::epilogueLanes(schedule::KernelOp kernel,
                              schedule::MachineAttr machine) {
  int64_t lanes = vectorLanes(kernel, machine);
  int64_t most = 4 * lanes;
  bool isBytes = lanes == machine.getFloatLanes() &&
                 (armNarrows(machine, most) || x86Narrows(machine, most)) &&
                 isByte(elementOf(kernel.getResult(0).getType()));
  return isBytes ? most : lanes;
}

//===-- vectors ----------------------------------------------------------===//

Value kernel::callIntrinsic(OpBuilder &b, Location loc, StringRef name,
                            Type type, ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(b, loc, type, b.getStringAttr(name),
                                       operands)
      .getResult(0);
}

static int64_t lanesOf(Value vector) {
  return cast<VectorType>(vector.getType()).getDimSize(0);
}

Value kernel::partOf(OpBuilder &b, Location loc, Value vector, int64_t first,
                     int64_t count) {
  if (first == 0 && lanesOf(vector) == count)
    return vector;
  SmallVector<int64_t> lanes;
  for (int64_t lane = first; lane < first + count; ++lane)
    lanes.push_back(lane < lanesOf(vector) ? lane
                                           : vector::ShuffleOp::kPoisonIndex);
  return vector::ShuffleOp::create(b, loc, vector, vector, lanes);
}

Value kernel::joinVectors(OpBuilder &b, Location loc, ArrayRef<Value> vectors) {
  SmallVector<Value> parts(vectors);
  for (; parts.size() > 1; parts.resize(parts.size() / 2)) {
    auto lanes =
        llvm::to_vector(llvm::seq<int64_t>(0, 2 * lanesOf(parts.front())));
    for (size_t i = 0; i < parts.size() / 2; ++i)
      parts[i] = vector::ShuffleOp::create(b, loc, parts[2 * i],
                                           parts[2 * i + 1], lanes);
  }
  return parts.front();
}

Value kernel::emitSplat(OpBuilder &b, Location loc, VectorType type,
                        int64_t number) {
  auto element = cast<IntegerType>(type.getElementType());
  llvm::APInt bits(element.getWidth(), uint64_t(number), /*isSigned=*/true,
                   /*implicitTrunc=*/true);
  return arith::ConstantOp::create(
      b, loc,
      SplatElementsAttr::get(type, Attribute(IntegerAttr::get(element, bits))));
}

bool kernel::narrowsToBytes(schedule::MachineAttr machine, int64_t lanes,
                            const Narrowing &narrowing) {
  if (!isByte(narrowing.element) ||
      !(armNarrows(machine, lanes) || x86Narrows(machine, lanes)))
    return false;
  IntegerRange all = rangeOfElement(narrowing.element);
  return narrowing.low <= narrowing.high &&
         all.contains({narrowing.low, narrowing.high}) &&
         all.contains({narrowing.zeroPoint, narrowing.zeroPoint});
}

Value kernel::emitBytes(OpBuilder &b, Location loc,
                        schedule::MachineAttr machine, Value words,
                        const Narrowing &narrowing) {
  return armNarrows(machine, lanesOf(words))
             ? emitArmBytes(b, loc, words, narrowing)
             : emitX86Bytes(b, loc, machine, words, narrowing);
}

Value kernel::emitByteBounds(OpBuilder &b, Location loc, Value bytes,
                             const Narrowing &narrowing) {
  bool isUnsigned = isUnsignedElement(narrowing.element);
  IntegerRange all = rangeOfElement(narrowing.element);
  auto type = cast<VectorType>(bytes.getType());
  if (narrowing.low > all.low) {
    Value low = emitSplat(b, loc, type, narrowing.low);
    bytes = isUnsigned ? arith::MaxUIOp::create(b, loc, bytes, low).getResult()
                       : arith::MaxSIOp::create(b, loc, bytes, low).getResult();
  }
  if (narrowing.high < all.high) {
    Value high = emitSplat(b, loc, type, narrowing.high);
    bytes = isUnsigned
                ? arith::MinUIOp::create(b, loc, bytes, high).getResult()
                : arith::MinSIOp::create(b, loc, bytes, high).getResult();
  }
  return bytes;
}

//===-- floats -----------------------------------------------------------===//

/// The largest magnitude in a constant of f32; infinite for a NaN, too.
static double magnitudeOfConstant(ElementsAttr value) {
  constexpr double unknown = HUGE_VAL;
  if (!value || !value.getElementType().isF32())
    return unknown;
  ArrayRef<char> bytes = bytesOf(value);
  if (bytes.empty() || bytes.size() % sizeof(float))
    return unknown;
  double most = 0;
  for (size_t at = 0; at < bytes.size(); at += sizeof(float)) {
    float number;
    std::memcpy(&number, bytes.data() + at, sizeof number);
    if (!std::isfinite(number))
      return unknown;
    most = std::max(most, double(std::abs(number)));
  }
  return most;
}

/// How large a finite number of a kernel's region can be; infinite where that
/// is not known. Not more than a few operators deep.
static double magnitudeOf(Value value, int depth = 0) {
  constexpr double unknown = HUGE_VAL;
  constexpr int maxDepth = 8;
  Type element = elementOf(value.getType());
  if (element.isInteger()) {
    return element.getIntOrFloatBitWidth() <= 32
               ? double(rangeOf(value).magnitude())
               : unknown;
  }
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto kernel =
        dyn_cast<schedule::KernelOp>(argument.getOwner()->getParentOp());
    return kernel ? magnitudeOfConstant(
                        getConstantOperand(kernel, argument.getArgNumber()))
                  : unknown;
  }
  Operation *op = value.getDefiningOp();
  if (!op || depth > maxDepth)
    return unknown;
  auto operand = [&](unsigned i) {
    return magnitudeOf(op->getOperand(i), depth + 1);
  };
  double most = llvm::TypeSwitch<Operation *, double>(op)
                    .Case([](edge::ConstantOp constant) {
                      return magnitudeOfConstant(constant.getValue());
                    })
                    .Case([&](edge::CastOp) { return operand(0); })
                    .Case([&](edge::MulOp) { return operand(0) * operand(1); })
                    .Case<edge::AddOp, edge::SubOp>(
                        [&](Operation *) { return operand(0) + operand(1); })
                    .Case<edge::MaxOp, edge::MinOp>([&](Operation *) {
                      return std::max(operand(0), operand(1));
                    })
                    .Default(unknown);
  // Rounding aside: far from where it could overflow. NaN is 0 * infinity.
  return most < double(FLT_MAX) / 2 ? most : unknown;
}

RequantizedRange RequantizedRange::of(edge::RequantizeOp op) {
  double most = magnitudeOf(op.getX());
  if (op.getFactor())
    most *= magnitudeOf(op.getFactor());
  return {most < double(FLT_MAX) / 2, most < 0x1p30};
}

/// min(x, bound); a NaN stays.
static Value atMost(OpBuilder &b, Location loc, Value x, float number) {
  auto type = cast<VectorType>(x.getType());
  Value bound = arith::ConstantOp::create(
      b, loc,
      SplatElementsAttr::get(type, Attribute(b.getF32FloatAttr(number))));
  Value isLess =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, bound, x);
  return arith::SelectOp::create(b, loc, isLess, bound, x);
}

/// max(x, bound); the bound where x is a NaN.
static Value atLeast(OpBuilder &b, Location loc, Value x, float number) {
  auto type = cast<VectorType>(x.getType());
  Value bound = arith::ConstantOp::create(
      b, loc,
      SplatElementsAttr::get(type, Attribute(b.getF32FloatAttr(number))));
  return arith::MaxNumFOp::create(b, loc, x, bound);
}

/// x times the factor, if there is one.
static Value scaledReals(OpBuilder &b, Location loc, ArrayRef<Value> operands) {
  Value x = operands[0];
  VectorType reals = cast<VectorType>(x.getType()).clone(b.getF32Type());
  if (x.getType() != reals)
    x = arith::SIToFPOp::create(b, loc, reals, x);
  return operands.size() > 1 ? arith::MulFOp::create(b, loc, x, operands[1])
                             : x;
}

/// Whole numbers, the zero point not yet added; INT32_MIN of a NaN.
static Value emitX86Rounded(OpBuilder &b, schedule::MachineAttr machine,
                            edge::RequantizeOp op, Value x) {
  if (!RequantizedRange::of(op).fitsWords) {
    x = atMost(b, op.getLoc(), x,
               float(int64_t(op.getHigh()) - int64_t(op.getZeroPoint())));
  }
  return emitX86Words(b, op.getLoc(), machine, x);
}

Value kernel::emitRequantizedReals(OpBuilder &b, schedule::MachineAttr machine,
                                   edge::RequantizeOp op,
                                   ArrayRef<Value> operands) {
  constexpr int64_t most = 1 << 16;
  Location loc = op.getLoc();
  auto type = dyn_cast<VectorType>(operands[0].getType());
  auto zeroPoint = int64_t(op.getZeroPoint()), low = int64_t(op.getLow()),
       high = int64_t(op.getHigh());
  if (!type || !x86RoundsReals(machine, type.getDimSize(0)) || low < -most ||
      high > most || std::abs(zeroPoint) > most)
    return nullptr;
  Value words = emitX86Rounded(b, machine, op, scaledReals(b, loc, operands));
  auto whole = cast<VectorType>(words.getType());
  auto number = [&](int64_t value) { return emitSplat(b, loc, whole, value); };
  // Bounds first: INT32_MIN has no room for a zero point.
  words = arith::MaxSIOp::create(b, loc, words, number(low - zeroPoint));
  words = arith::MinSIOp::create(b, loc, words, number(high - zeroPoint));
  if (zeroPoint)
    words = arith::AddIOp::create(b, loc, words, number(zeroPoint));
  return arith::SIToFPOp::create(b, loc, whole.clone(b.getF32Type()), words);
}

Value kernel::emitNarrowRequantize(OpBuilder &b, schedule::MachineAttr machine,
                                   edge::RequantizeOp op,
                                   ArrayRef<Value> operands) {
  Location loc = op.getLoc();
  Value x = operands[0];
  Narrowing narrowing{int64_t(op.getZeroPoint()), int64_t(op.getLow()),
                      int64_t(op.getHigh()),
                      elementOf(op.getResult().getType())};
  auto type = dyn_cast<VectorType>(x.getType());
  if (!type || !narrowsToBytes(machine, type.getDimSize(0), narrowing))
    return nullptr;
  x = scaledReals(b, loc, operands);
  if (armNarrows(machine, type.getDimSize(0))) {
    // Conversions saturate, but make 0 of a NaN.
    if (!RequantizedRange::of(op).excludesNaN)
      x = atLeast(b, loc, x, float(narrowing.low - narrowing.zeroPoint));
    return emitBytes(b, loc, machine, emitArmWords(b, loc, "fcvtns", "f32", x),
                     narrowing);
  }
  return emitBytes(b, loc, machine, emitX86Rounded(b, machine, op, x),
                   narrowing);
}

//===- ArmNarrowing.cpp - sums become bytes on AArch64 --------------------===//
//
// Of four vectors of sums:
//
//   scvtf, fmul factor, fcvtns       each: to nearest, halves to even
//   sqxtn, sqxtn2                    pairs of them become i16
//   sqadd                            the zero point
//   sqxtn, sqxtn2 (sqxtun)           bytes
//   smax, smin                       where bounds are tighter than the type's
//
// Saturation in between changes nothing: numbers beyond i16 are beyond the
// bounds of bytes as well, with a zero point of a byte added or without.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/ArmNarrowing.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/IntegerRange.h"
#include "passes/kernel/KernelEmitter.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/TargetParser/Triple.h"
#include <cfloat>
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

static bool isArm(schedule::MachineAttr machine) {
  return machine && llvm::Triple(machine.getTriple()).isAArch64() &&
         machine.getVectorBits() == 128;
}

static bool isByte(Type element) { return element.isInteger(8); }

int64_t kernel::epilogueLanes(schedule::KernelOp kernel,
                              schedule::MachineAttr machine) {
  int64_t lanes = vectorLanes(kernel, machine);
  bool isBytes = isArm(machine) && lanes == machine.getFloatLanes() &&
                 isByte(elementOf(kernel.getResult(0).getType()));
  return isBytes ? 4 * lanes : lanes;
}

//===-- vectors ----------------------------------------------------------===//

static Value call(OpBuilder &b, Location loc, StringRef name, Type type,
                  ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(b, loc, type, b.getStringAttr(name),
                                       operands)
      .getResult(0);
}

static int64_t lanesOf(Value vector) {
  return cast<VectorType>(vector.getType()).getDimSize(0);
}

/// Lanes [first, first + count) of a vector; those that it has not are of any
/// value.
static Value part(OpBuilder &b, Location loc, Value vector, int64_t first,
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

static Value splat(OpBuilder &b, Location loc, VectorType type,
                   int64_t number) {
  auto element = cast<IntegerType>(type.getElementType());
  llvm::APInt bits(element.getWidth(), uint64_t(number), /*isSigned=*/true,
                   /*implicitTrunc=*/true);
  return arith::ConstantOp::create(
      b, loc,
      SplatElementsAttr::get(type, Attribute(IntegerAttr::get(element, bits))));
}

Value kernel::emitArmWords(OpBuilder &b, Location loc, StringRef name,
                           StringRef suffix, ArrayRef<Value> operands) {
  int64_t lanes = lanesOf(operands.front());
  int64_t width = std::min<int64_t>(lanes, 4);
  auto type = VectorType::get(width, b.getI32Type());
  std::string whole =
      ("llvm.aarch64.neon." + name + ".v" + Twine(width) + "i32").str();
  if (!suffix.empty())
    whole += (".v" + Twine(width) + suffix).str();
  SmallVector<Value> parts;
  for (int64_t first = 0; first < lanes; first += width) {
    SmallVector<Value> own;
    for (Value operand : operands)
      own.push_back(part(b, loc, operand, first, width));
    parts.push_back(call(b, loc, whole, type, own));
  }
  return joinVectors(b, loc, parts);
}

bool kernel::narrowsToBytes(schedule::MachineAttr machine, int64_t lanes,
                            const Narrowing &narrowing) {
  if (!isArm(machine) || !isByte(narrowing.element) ||
      !llvm::is_contained({4, 8, 16}, lanes))
    return false;
  IntegerRange all = rangeOfElement(narrowing.element);
  return narrowing.low <= narrowing.high &&
         all.contains({narrowing.low, narrowing.high}) &&
         all.contains({narrowing.zeroPoint, narrowing.zeroPoint});
}

Value kernel::emitBytes(OpBuilder &b, Location loc, Value words,
                        const Narrowing &narrowing) {
  int64_t lanes = lanesOf(words);
  bool isUnsigned = isUnsignedElement(narrowing.element);
  SmallVector<Value> halves;
  auto halfType = VectorType::get(4, b.getI16Type());
  for (int64_t first = 0; first < lanes; first += 4) {
    Value four = part(b, loc, words, first, 4);
    halves.push_back(
        call(b, loc, "llvm.aarch64.neon.sqxtn.v4i16", halfType, four));
  }
  // -128, as behind a ReLU: unsigned bytes less 128, for which both halves of
  // the result take one instruction.
  bool isMoved = !isUnsigned && narrowing.zeroPoint == -128;
  // Four lanes are half of a register: the rest is anything.
  auto register16 = VectorType::get(8, b.getI16Type());
  SmallVector<Value> bytes;
  for (size_t i = 0; i < halves.size(); i += 2) {
    Value both = halves.size() > 1
                     ? joinVectors(b, loc, {halves[i], halves[i + 1]})
                     : part(b, loc, halves[i], 0, 8);
    if (narrowing.zeroPoint && !isMoved)
      both = call(b, loc, "llvm.sadd.sat.v8i16", register16,
                  {both, splat(b, loc, register16, narrowing.zeroPoint)});
    bytes.push_back(call(b, loc,
                         isUnsigned || isMoved ? "llvm.aarch64.neon.sqxtun.v8i8"
                                               : "llvm.aarch64.neon.sqxtn.v8i8",
                         VectorType::get(8, b.getI8Type()), both));
  }
  Value result = joinVectors(b, loc, bytes);
  IntegerRange all = rangeOfElement(narrowing.element);
  auto type = cast<VectorType>(result.getType());
  auto bound = [&](int64_t number) { return splat(b, loc, type, number); };
  if (isMoved)
    result = arith::XOrIOp::create(b, loc, result, bound(-128));
  if (narrowing.low > all.low) {
    Value low = bound(narrowing.low);
    result = isUnsigned
                 ? arith::MaxUIOp::create(b, loc, result, low).getResult()
                 : arith::MaxSIOp::create(b, loc, result, low).getResult();
  }
  if (narrowing.high < all.high) {
    Value high = bound(narrowing.high);
    result = isUnsigned
                 ? arith::MinUIOp::create(b, loc, result, high).getResult()
                 : arith::MinSIOp::create(b, loc, result, high).getResult();
  }
  return part(b, loc, result, 0, lanes);
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

bool kernel::excludesNaN(edge::RequantizeOp op) {
  double most = magnitudeOf(op.getX());
  if (op.getFactor())
    most *= magnitudeOf(op.getFactor());
  return most < double(FLT_MAX) / 2;
}

Value kernel::emitArmRequantize(OpBuilder &b, schedule::MachineAttr machine,
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
  VectorType reals = type.clone(b.getF32Type());
  if (type != reals)
    x = arith::SIToFPOp::create(b, loc, reals, x);
  if (operands.size() > 1)
    x = arith::MulFOp::create(b, loc, x, operands[1]);
  if (!excludesNaN(op)) {
    // What fmaxnm makes of a NaN; the conversion would give 0.
    auto low = float(narrowing.low - narrowing.zeroPoint);
    Value bound = arith::ConstantOp::create(
        b, loc,
        SplatElementsAttr::get(reals, Attribute(b.getF32FloatAttr(low))));
    x = arith::MaxNumFOp::create(b, loc, x, bound);
  }
  Value words = emitArmWords(b, loc, "fcvtns", "f32", x);
  return emitBytes(b, loc, words, narrowing);
}

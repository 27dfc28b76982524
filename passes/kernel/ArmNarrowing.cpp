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
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/NarrowingTarget.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

bool kernel::armNarrows(schedule::MachineAttr machine, int64_t lanes) {
  return machine && llvm::Triple(machine.getTriple()).isAArch64() &&
         machine.getVectorBits() == 128 &&
         llvm::is_contained({4, 8, 16}, lanes);
}

static int64_t lanesOf(Value vector) {
  return cast<VectorType>(vector.getType()).getDimSize(0);
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
      own.push_back(partOf(b, loc, operand, first, width));
    parts.push_back(callIntrinsic(b, loc, whole, type, own));
  }
  return joinVectors(b, loc, parts);
}

Value kernel::emitArmBytes(OpBuilder &b, Location loc, Value words,
                           const Narrowing &narrowing) {
  int64_t lanes = lanesOf(words);
  bool isUnsigned = isUnsignedElement(narrowing.element);
  SmallVector<Value> halves;
  auto halfType = VectorType::get(4, b.getI16Type());
  for (int64_t first = 0; first < lanes; first += 4) {
    Value four = partOf(b, loc, words, first, 4);
    halves.push_back(
        callIntrinsic(b, loc, "llvm.aarch64.neon.sqxtn.v4i16", halfType, four));
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
                     : partOf(b, loc, halves[i], 0, 8);
    if (narrowing.zeroPoint && !isMoved) {
      both = callIntrinsic(
          b, loc, "llvm.sadd.sat.v8i16", register16,
          {both, emitSplat(b, loc, register16, narrowing.zeroPoint)});
    }
    bytes.push_back(callIntrinsic(b, loc,
                                  isUnsigned || isMoved
                                      ? "llvm.aarch64.neon.sqxtun.v8i8"
                                      : "llvm.aarch64.neon.sqxtn.v8i8",
                                  VectorType::get(8, b.getI8Type()), both));
  }
  Value result = joinVectors(b, loc, bytes);
  if (isMoved) {
    result = arith::XOrIOp::create(
        b, loc, result,
        emitSplat(b, loc, cast<VectorType>(result.getType()), -128));
  }
  result = emitByteBounds(b, loc, result, narrowing);
  return partOf(b, loc, result, 0, lanes);
}

//===- X86Narrowing.cpp - sums become bytes on x86 ------------------------===//
//
// Of four vectors of sums of 16 lanes:
//
//   vcvtdq2ps, vmulps factor, vcvtps2dq   each: to nearest, halves to even
//   vpackssdw                             pairs of them become i16
//   vpaddsw                               the zero point
//   vpacksswb (vpackuswb)                 bytes
//   vpermd                                in order: packs work within 128 bits
//   vpmaxsb, vpminsb                      where bounds are tighter than the
//   type's
//
// Of two vectors the second pack takes one register twice. One vector alone is
// narrowed by vpmovsdb.
//
//===----------------------------------------------------------------------===//
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/NarrowingTarget.h"
#include "passes/schedule/MachineFeatures.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Words in a register, and its parts of 128 bits, within which packs work.
static constexpr int64_t registerWords = 16, registerParts = 4;

bool kernel::x86Narrows(schedule::MachineAttr machine, int64_t lanes) {
  return machine && llvm::Triple(machine.getTriple()).isX86() &&
         machine.getVectorBits() == 512 &&
         schedule::hasFeature(machine, "avx512bw") &&
         llvm::is_contained({2 * registerWords, 4 * registerWords}, lanes);
}

bool kernel::x86RoundsReals(schedule::MachineAttr machine, int64_t lanes) {
  return machine && llvm::Triple(machine.getTriple()).isX86() &&
         machine.getVectorBits() == 512 && lanes % registerWords == 0 &&
         llvm::isPowerOf2_64(uint64_t(lanes));
}

Value kernel::emitX86Words(OpBuilder &b, Location loc, Value reals) {
  int64_t lanes = cast<VectorType>(reals.getType()).getDimSize(0);
  auto type = VectorType::get(registerWords, b.getI32Type());
  Value zero = emitSplat(b, loc, type, 0);
  Value all = arith::ConstantOp::create(b, loc, b.getI16IntegerAttr(-1));
  // 4: as the processor is set, which is to nearest even.
  Value rounding = arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(4));
  SmallVector<Value> words;
  for (int64_t first = 0; first < lanes; first += registerWords) {
    Value part = partOf(b, loc, reals, first, registerWords);
    words.push_back(callIntrinsic(b, loc, "llvm.x86.avx512.mask.cvtps2dq.512",
                                  type, {part, zero, all, rounding}));
  }
  return joinVectors(b, loc, words);
}

/// The registers' words of 4 bytes, part by part: `count` vectors lie side by
/// side in each.
static Value inOrder(OpBuilder &b, Location loc, Value bytes, int64_t count) {
  auto words = VectorType::get(registerWords, b.getI32Type());
  Value packed = vector::BitCastOp::create(b, loc, words, bytes);
  SmallVector<int64_t> order;
  for (int64_t vector = 0; vector < count; ++vector)
    for (int64_t part = 0; part < registerParts; ++part)
      order.push_back(part * registerParts + vector);
  Value sorted = vector::ShuffleOp::create(b, loc, packed, packed, order);
  auto type = VectorType::get(count * registerWords, b.getI8Type());
  return vector::BitCastOp::create(b, loc, type, sorted);
}

Value kernel::emitX86Bytes(OpBuilder &b, Location loc, Value words,
                           const Narrowing &narrowing) {
  int64_t count =
      cast<VectorType>(words.getType()).getDimSize(0) / registerWords;
  auto halfType = VectorType::get(2 * registerWords, b.getI16Type());
  auto part = [&](int64_t i) {
    return partOf(b, loc, words, i * registerWords, registerWords);
  };
  SmallVector<Value> halves;
  for (int64_t i = 0; i < count; i += 2) {
    Value pair = callIntrinsic(b, loc, "llvm.x86.avx512.packssdw.512", halfType,
                               {part(i), part(i + 1)});
    if (narrowing.zeroPoint) {
      pair = callIntrinsic(
          b, loc, "llvm.sadd.sat.v32i16", halfType,
          {pair, emitSplat(b, loc, halfType, narrowing.zeroPoint)});
    }
    halves.push_back(pair);
  }
  bool isUnsigned = isUnsignedElement(narrowing.element);
  Value bytes = callIntrinsic(b, loc,
                              isUnsigned ? "llvm.x86.avx512.packuswb.512"
                                         : "llvm.x86.avx512.packsswb.512",
                              VectorType::get(4 * registerWords, b.getI8Type()),
                              {halves.front(), halves.back()});
  return emitByteBounds(b, loc, inOrder(b, loc, bytes, count), narrowing);
}

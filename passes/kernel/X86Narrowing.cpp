//===- X86Narrowing.cpp - sums become bytes on x86 ------------------------===//
//
// Of four vectors of sums, of 16 lanes with AVX-512, 8 with AVX2, 4 with SSE:
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
// narrowed by vpmovsdb, or where there is none by shuffles.
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

/// Words in a part of 128 bits, within which packs work.
static constexpr int64_t partWords = 4;

/// Those of a register; 0 where there are no such packs.
static int64_t registerWords(schedule::MachineAttr machine) {
  if (!machine || !llvm::Triple(machine.getTriple()).isX86())
    return 0;
  int64_t bits = machine.getVectorBits();
  bool hasPacks = bits == 512 ? schedule::hasFeature(machine, "avx512bw")
                  : bits == 256
                      ? schedule::hasFeature(machine, "avx2")
                      : bits == 128 && schedule::hasFeature(machine, "sse4.1");
  return hasPacks ? bits / 32 : 0;
}

bool kernel::x86Narrows(schedule::MachineAttr machine, int64_t lanes) {
  int64_t words = registerWords(machine);
  return words && llvm::is_contained({2 * words, 4 * words}, lanes);
}

bool kernel::x86RoundsReals(schedule::MachineAttr machine, int64_t lanes) {
  int64_t words = registerWords(machine);
  return words && lanes % words == 0 && llvm::isPowerOf2_64(uint64_t(lanes));
}

/// Of a whole register.
static Value roundRegister(OpBuilder &b, Location loc, Value reals) {
  int64_t words = cast<VectorType>(reals.getType()).getDimSize(0);
  auto type = VectorType::get(words, b.getI32Type());
  if (words < 4 * partWords) {
    return callIntrinsic(b, loc,
                         words == partWords ? "llvm.x86.sse2.cvtps2dq"
                                            : "llvm.x86.avx.cvt.ps2dq.256",
                         type, {reals});
  }
  Value zero = emitSplat(b, loc, type, 0);
  Value all = arith::ConstantOp::create(b, loc, b.getI16IntegerAttr(-1));
  // 4: as the processor is set, which is to nearest even.
  Value rounding = arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(4));
  return callIntrinsic(b, loc, "llvm.x86.avx512.mask.cvtps2dq.512", type,
                       {reals, zero, all, rounding});
}

Value kernel::emitX86Words(OpBuilder &b, Location loc,
                           schedule::MachineAttr machine, Value reals) {
  int64_t lanes = cast<VectorType>(reals.getType()).getDimSize(0);
  // What is left of a vector fills one of 128 bits at least.
  int64_t size = std::clamp<int64_t>(int64_t(llvm::bit_floor(uint64_t(lanes))),
                                     partWords, machine.getVectorBits() / 32);
  SmallVector<Value> words;
  for (int64_t first = 0; first < lanes; first += size)
    words.push_back(roundRegister(b, loc, partOf(b, loc, reals, first, size)));
  words.resize(llvm::PowerOf2Ceil(words.size()), words.back());
  return partOf(b, loc, joinVectors(b, loc, words), 0, lanes);
}

/// The registers' words of 4 bytes, part by part: `count` vectors lie side by
/// side in each.
static Value inOrder(OpBuilder &b, Location loc, Value bytes, int64_t count) {
  int64_t size = cast<VectorType>(bytes.getType()).getDimSize(0) / 4;
  auto words = VectorType::get(size, b.getI32Type());
  Value packed = vector::BitCastOp::create(b, loc, words, bytes);
  SmallVector<int64_t> order;
  for (int64_t vector = 0; vector < count; ++vector)
    for (int64_t part = 0; part < size / partWords; ++part)
      order.push_back(part * partWords + vector);
  Value sorted = vector::ShuffleOp::create(b, loc, packed, packed, order);
  auto type = VectorType::get(count * size, b.getI8Type());
  return vector::BitCastOp::create(b, loc, type, sorted);
}

/// llvm.x86.avx2.NAME for registers of any size.
static Value pack(OpBuilder &b, Location loc, StringRef name, Type type,
                  Value low, Value high) {
  auto bits = cast<VectorType>(type).getDimSize(0) *
              cast<VectorType>(type).getElementTypeBitWidth();
  StringRef set = bits == 512 ? "avx512" : bits == 256 ? "avx2" : "sse2";
  StringRef size = bits == 512 ? ".512" : bits == 256 ? "" : ".128";
  return callIntrinsic(b, loc, ("llvm.x86." + set + "." + name + size).str(),
                       type, {low, high});
}

Value kernel::emitX86Bytes(OpBuilder &b, Location loc,
                           schedule::MachineAttr machine, Value words,
                           const Narrowing &narrowing) {
  int64_t size = registerWords(machine);
  int64_t count = cast<VectorType>(words.getType()).getDimSize(0) / size;
  auto halfType = VectorType::get(2 * size, b.getI16Type());
  auto part = [&](int64_t i) { return partOf(b, loc, words, i * size, size); };
  SmallVector<Value> halves;
  for (int64_t i = 0; i < count; i += 2) {
    Value pair = pack(b, loc, "packssdw", halfType, part(i), part(i + 1));
    if (narrowing.zeroPoint) {
      pair = callIntrinsic(
          b, loc, "llvm.sadd.sat.v" + std::to_string(2 * size) + "i16",
          halfType, {pair, emitSplat(b, loc, halfType, narrowing.zeroPoint)});
    }
    halves.push_back(pair);
  }
  bool isUnsigned = isUnsignedElement(narrowing.element);
  Value bytes = pack(b, loc, isUnsigned ? "packuswb" : "packsswb",
                     VectorType::get(4 * size, b.getI8Type()), halves.front(),
                     halves.back());
  return emitByteBounds(b, loc, inOrder(b, loc, bytes, count), narrowing);
}

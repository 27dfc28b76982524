//===- DotProduct.cpp - instructions that add up products -----------------===//
//
//   x86       vpdpbusd     u8 x s8 (AVX512-VNNI, AVX-VNNI)
//             vpmaddwd     s16 x s16, two at a time (SSE2, AVX2, AVX512-BW);
//                          exact, as vpmaddubsw is not
//   AArch64   sdot         s8 x s8 (dotprod)
//             usdot        u8 x s8 (i8mm)
//             smmla, usmmla
//                          two rows of eight by two channels (i8mm): s8 x s8,
//                          u8 x s8
//             smull, smlal2, sadalp
//                          s8 x s8 elsewhere: two products of bytes fit i16
//                          unless both are -128 * -128
//
//   RISC-V    vqdot, vqdotsu
//                          s8 x s8, u8 x s8 (Zvqdotq), which LLVM makes of what
//                          they mean
//
//   x86       vdpbf16ps    bf16 (AVX512-BF16), rounded after each product
//   AArch64   bfdot        bf16 (FEAT_BF16), rounded to odd
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/DotProduct.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/schedule/MachineFeatures.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

std::optional<DotUnit> kernel::findDotUnit(schedule::MachineAttr machine,
                                           const DotElements &elements) {
  auto has = [&](StringRef name) {
    return schedule::hasFeature(machine, name);
  };
  llvm::Triple triple(machine.getTriple());
  int64_t bits = machine.getVectorBits();
  if (elements.lhs.isBF16()) {
    if (triple.isX86() && has("avx512bf16") && (bits == 512 || has("avx512vl")))
      return DotUnit{DotUnit::dpbf16, elements, bits / 32};
    if (triple.isAArch64() && bits == 128 && has("bf16"))
      return DotUnit{DotUnit::bfdot, elements, bits / 32};
    return std::nullopt;
  }
  bool isPlain = IntegerRange{-128, 127}.contains(elements.rhs);
  if (triple.isX86()) {
    // Vectors of 512 bits come with the shorter ones.
    bool wide = bits == 512;
    bool hasVnni = (has("avx512vnni") && (wide || has("avx512vl"))) ||
                   (has("avxvnni") && !wide);
    if (hasVnni && isPlain)
      return DotUnit{DotUnit::vnni, elements, bits / 32};
    bool hasPairs = wide          ? has("avx512bw")
                    : bits == 256 ? has("avx2")
                                  : bits == 128 && triple.isArch64Bit();
    if (hasPairs)
      return DotUnit{DotUnit::pairs, elements, bits / 32, /*rhsMovedBy=*/0,
                     /*storesBytes=*/isPlain};
  }
  if (triple.isRISCV64() && isPlain && has("experimental-zvqdotq"))
    return DotUnit{DotUnit::vqdot, elements, bits / 32};
  if (!triple.isAArch64() || bits != 128 || !isPlain)
    return std::nullopt;
  if (has("dotprod")) {
    DotUnit unit{DotUnit::sdot, elements, bits / 32};
    unit.mixesSigns = has("i8mm");
    return unit;
  }
  if (elements.rhs.low > -128)
    return DotUnit{DotUnit::smlal, elements, bits / 32};
  return std::nullopt;
}

std::optional<DotUnit> kernel::findRowPairUnit(schedule::MachineAttr machine,
                                               const DotUnit &unit) {
  if (unit.kind != DotUnit::sdot || !schedule::hasFeature(machine, "i8mm"))
    return std::nullopt;
  DotUnit paired = unit;
  paired.kind = DotUnit::mmla;
  return paired;
}

int64_t DotUnit::movedBy() const {
  bool isUnsigned = isUnsignedElement(elements.lhs);
  if (kind == pairs || kind == vqdot || isFloat() || mixesSigns ||
      isUnsigned == (kind == vnni))
    return 0;
  return isUnsigned ? -128 : 128;
}

Type DotUnit::element() const {
  if (isFloat())
    return elements.lhs;
  return IntegerType::get(elements.lhs.getContext(), isWide() ? 16 : 8);
}

Type DotUnit::storedElement() const {
  if (isFloat())
    return storedType(elements.lhs);
  return storesBytes ? IntegerType::get(elements.lhs.getContext(), 8)
                     : element();
}

int64_t DotUnit::place(int64_t n, int64_t t) const {
  if (kind != smlal)
    return n * perLane() + t;
  // The first two bytes of four lanes, then their others.
  return n / 4 * 16 + t / 2 * 8 + n % 4 * 2 + t % 2;
}

/// Of four lanes.
static Value multiplyByteVectors(OpBuilder &b, Location loc, Value sums,
                                 Value lhs, Value rhs) {
  auto words = VectorType::get(8, b.getI16Type());
  auto call = [&](StringRef name, Type type, ValueRange operands) -> Value {
    return LLVM::CallIntrinsicOp::create(b, loc, type, b.getStringAttr(name),
                                         operands)
        .getResult(0);
  };
  auto product = [&](int64_t left, int64_t right) {
    Value x = vector::ExtractStridedSliceOp::create(b, loc, lhs, left, 8, 1),
          w = vector::ExtractStridedSliceOp::create(b, loc, rhs, right, 8, 1);
    return call("llvm.aarch64.neon.smull.v8i16", words, {w, x});
  };
  Value both = arith::AddIOp::create(b, loc, product(0, 0), product(24, 8));
  return arith::AddIOp::create(
      b, loc, sums,
      call("llvm.aarch64.neon.saddlp.v4i32.v8i16", sums.getType(), both));
}

/// Four bytes that are the same in every lane, as a number; null if they are
/// not.
static Value sameWord(Value bytes) {
  auto cast = bytes.getDefiningOp<vector::BitCastOp>();
  auto broadcast =
      cast ? cast.getSource().getDefiningOp<vector::BroadcastOp>() : nullptr;
  bool isWord = broadcast && broadcast.getSource().getType().isInteger(32);
  return isWord ? broadcast.getSource() : nullptr;
}

/// With a scalar, by its instruction's name: LLVM has it for vectors of any
/// length, which ours begin (VLEN is at least 128).
static Value addScaledQuads(OpBuilder &b, Location loc, Value sums, Value word,
                            bool isLhsUnsigned, Value rhs) {
  auto type = cast<VectorType>(sums.getType());
  int64_t lanes = type.getDimSize(0);
  auto whole = [&](Value part, int64_t count) -> Value {
    auto element = getElementTypeOrSelf(part.getType());
    auto scalable = VectorType::get(count, element, /*scalableDims=*/true);
    Value none = LLVM::PoisonOp::create(b, loc, scalable);
    return vector::ScalableInsertOp::create(b, loc, part, none, 0);
  };
  auto constant = [&](int64_t value) -> Value {
    return LLVM::ConstantOp::create(b, loc, b.getI64IntegerAttr(value));
  };
  int64_t count = std::max<int64_t>(lanes / 2, 1);
  Value all = whole(sums, count);
  Value scalar = arith::ExtSIOp::create(b, loc, b.getI64Type(), word);
  std::string name =
      (Twine("llvm.riscv.") + (isLhsUnsigned ? "vqdotsu" : "vqdot") + ".nxv" +
       Twine(count) + "i32.nxv" + Twine(count * dotBytes) + "i8.i64.i64")
          .str();
  constexpr int64_t anyTail = 3;
  Value result = LLVM::CallIntrinsicOp::create(
                     b, loc, all.getType(), b.getStringAttr(name),
                     ValueRange{all, whole(rhs, count * dotBytes), scalar,
                                constant(lanes), constant(anyTail)})
                     .getResult(0);
  return vector::ScalableExtractOp::create(b, loc, type, result, 0);
}

/// The products as i32 and a sum of each four: LLVM knows it as one
/// instruction.
static Value addQuads(OpBuilder &b, Location loc, Value sums, Value lhs,
                      bool isLhsUnsigned, Value rhs) {
  if (Value word = sameWord(lhs))
    return addScaledQuads(b, loc, sums, word, isLhsUnsigned, rhs);
  int64_t lanes = cast<VectorType>(sums.getType()).getDimSize(0);
  auto wide = VectorType::get(lanes * dotBytes, b.getI32Type());
  Value left = isLhsUnsigned
                   ? arith::ExtUIOp::create(b, loc, wide, lhs).getResult()
                   : arith::ExtSIOp::create(b, loc, wide, lhs).getResult();
  Value right = arith::ExtSIOp::create(b, loc, wide, rhs);
  Value products = arith::MulIOp::create(b, loc, left, right);
  std::string name = ("llvm.vector.partial.reduce.add.v" + Twine(lanes) +
                      "i32.v" + Twine(lanes * dotBytes) + "i32")
                         .str();
  return LLVM::CallIntrinsicOp::create(b, loc, sums.getType(),
                                       b.getStringAttr(name),
                                       ValueRange{sums, products})
      .getResult(0);
}

Value DotUnit::emit(OpBuilder &b, Location loc, Value sums, Value lhs,
                    Value rhs) const {
  auto type = cast<VectorType>(sums.getType());
  int64_t bits = 32 * type.getDimSize(0);
  auto call = [&](const std::string &name, ValueRange operands) -> Value {
    return LLVM::CallIntrinsicOp::create(b, loc, type, b.getStringAttr(name),
                                         operands)
        .getResult(0);
  };
  switch (kind) {
  case vnni:
    return call("llvm.x86.avx512.vpdpbusd." + std::to_string(bits),
                {sums, lhs, rhs});
  case sdot:
    // LLVM swaps the operands of a mixed product where lhs is a lane.
    if (isUnsignedElement(elements.lhs) && mixesSigns)
      return call("llvm.aarch64.neon.usdot.v4i32.v16i8", {sums, lhs, rhs});
    // Four bytes in every lane are the last operand's, which may be a lane of
    // a vector.
    return call("llvm.aarch64.neon.sdot.v4i32.v16i8", {sums, rhs, lhs});
  case mmla:
    return call(isUnsignedElement(elements.lhs)
                    ? "llvm.aarch64.neon.usmmla.v4i32.v16i8"
                    : "llvm.aarch64.neon.smmla.v4i32.v16i8",
                {sums, lhs, rhs});
  case smlal:
    return multiplyByteVectors(b, loc, sums, lhs, rhs);
  case vqdot:
    return addQuads(b, loc, sums, lhs, isUnsignedElement(elements.lhs), rhs);
  case dpbf16:
    // The last operand may be one number of memory for all lanes.
    return call("llvm.x86.avx512bf16.dpbf16ps." + std::to_string(bits),
                {sums, rhs, lhs});
  case bfdot:
    return call("llvm.aarch64.neon.bfdot.v4f32.v8bf16", {sums, rhs, lhs});
  case pairs: {
    std::string name = bits == 512   ? "llvm.x86.avx512.pmaddw.d.512"
                       : bits == 256 ? "llvm.x86.avx2.pmadd.wd"
                                     : "llvm.x86.sse2.pmadd.wd";
    return arith::AddIOp::create(b, loc, sums, call(name, {lhs, rhs}));
  }
  }
  return sums;
}

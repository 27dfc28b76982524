//===- DotProduct.cpp - instructions that add up products -----------------===//
//
//   x86       vpdpbusd     u8 x s8 (AVX512-VNNI, AVX-VNNI)
//             vpmaddwd     s16 x s16, two at a time (SSE2, AVX2, AVX512-BW);
//                          exact, as vpmaddubsw is not
//   AArch64   sdot         s8 x s8 (dotprod)
//             smull, smlal2, sadalp
//                          s8 x s8 elsewhere: two products of bytes fit i16
//                          unless both are -128 * -128
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
  if (!triple.isAArch64() || bits != 128 || !isPlain)
    return std::nullopt;
  if (has("dotprod"))
    return DotUnit{DotUnit::sdot, elements, bits / 32};
  if (elements.rhs.low > -128)
    return DotUnit{DotUnit::smlal, elements, bits / 32};
  return std::nullopt;
}

int64_t DotUnit::movedBy() const {
  bool isUnsigned = isUnsignedElement(elements.lhs);
  if (kind == pairs || isFloat() || isUnsigned == (kind == vnni))
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
    // Four bytes in every lane are the last operand's, which may be a lane of
    // a vector.
    return call("llvm.aarch64.neon.sdot.v4i32.v16i8", {sums, rhs, lhs});
  case smlal:
    return multiplyByteVectors(b, loc, sums, lhs, rhs);
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

//===- DotProduct.cpp - instructions that add up products of bytes --------===//
//
//   x86       vpdpbusd     u8 x s8 (AVX512-VNNI, AVX-VNNI)
//             vpmaddwd     s16 x s16, two at a time (AVX2, AVX512-BW); exact,
//                          as vpmaddubsw is not
//   AArch64   sdot         s8 x s8 (dotprod)
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/DotProduct.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/ElementTypes.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

std::optional<DotUnit> kernel::findDotUnit(schedule::MachineAttr machine,
                                           const DotElements &elements) {
  llvm::SmallVector<StringRef> features;
  machine.getFeatures().split(features, ',');
  auto has = [&](StringRef name) { return llvm::is_contained(features, name); };
  llvm::Triple triple(machine.getTriple());
  int64_t bits = machine.getVectorBits();
  bool isPlain = !isUnsignedElement(elements.rhs) && elements.rhsZeroPoint == 0;
  if (triple.isX86()) {
    // Vectors of 512 bits come with the shorter ones.
    bool wide = bits == 512;
    bool hasVnni = (has("+avx512vnni") && (wide || has("+avx512vl"))) ||
                   (has("+avxvnni") && !wide);
    if (hasVnni && isPlain)
      return DotUnit{DotUnit::vnni, elements, bits / 32};
    if (wide ? has("+avx512bw") : bits == 256 && has("+avx2"))
      return DotUnit{DotUnit::pairs, elements, bits / 64};
  }
  if (triple.isAArch64() && has("+dotprod") && bits == 128 && isPlain)
    return DotUnit{DotUnit::sdot, elements, bits / 32};
  return std::nullopt;
}

int64_t DotUnit::movedBy() const {
  bool isUnsigned = isUnsignedElement(elements.lhs);
  if (kind == pairs || isUnsigned == (kind == vnni))
    return 0;
  return isUnsigned ? -128 : 128;
}

/// The bytes as i16, less a zero point.
static Value extend(OpBuilder &b, Location loc, Value bytes, Type element,
                    int64_t zeroPoint) {
  auto type = cast<VectorType>(bytes.getType()).clone(b.getI16Type());
  Value wide = isUnsignedElement(element)
                   ? arith::ExtUIOp::create(b, loc, type, bytes).getResult()
                   : arith::ExtSIOp::create(b, loc, type, bytes).getResult();
  if (zeroPoint == 0)
    return wide;
  auto number = SplatElementsAttr::get(
      type, Attribute(b.getI16IntegerAttr(int16_t(zeroPoint))));
  Value zero = arith::ConstantOp::create(b, loc, number);
  return arith::SubIOp::create(b, loc, wide, zero);
}

Value DotUnit::begin(OpBuilder &b, Location loc, Value start) const {
  if (kind != pairs)
    return start;
  auto type = cast<VectorType>(start.getType());
  Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
  int64_t count = type.getDimSize(0);
  SmallVector<int64_t> order;
  for (int64_t lane = 0; lane < count; ++lane)
    order.append({lane, count});
  return vector::ShuffleOp::create(b, loc, start, zero, order);
}

Value DotUnit::end(OpBuilder &b, Location loc, Value sums) const {
  if (kind != pairs)
    return sums;
  int64_t count = cast<VectorType>(sums.getType()).getDimSize(0) / 2;
  SmallVector<int64_t> even, odd;
  for (int64_t lane = 0; lane < count; ++lane) {
    even.push_back(2 * lane);
    odd.push_back(2 * lane + 1);
  }
  Value first = vector::ShuffleOp::create(b, loc, sums, sums, even),
        second = vector::ShuffleOp::create(b, loc, sums, sums, odd);
  return arith::AddIOp::create(b, loc, first, second);
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
    return call("llvm.aarch64.neon.sdot.v4i32.v16i8", {sums, lhs, rhs});
  case pairs: {
    std::string name = bits == 512   ? "llvm.x86.avx512.pmaddw.d.512"
                       : bits == 256 ? "llvm.x86.avx2.pmadd.wd"
                                     : "llvm.x86.sse2.pmadd.wd";
    Value products =
        call(name, {extend(b, loc, lhs, elements.lhs, 0),
                    extend(b, loc, rhs, elements.rhs, elements.rhsZeroPoint)});
    return arith::AddIOp::create(b, loc, sums, products);
  }
  }
  return sums;
}

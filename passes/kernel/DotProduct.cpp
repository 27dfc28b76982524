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
  bool isPlain = IntegerRange{-128, 127}.contains(elements.rhs);
  if (triple.isX86()) {
    // Vectors of 512 bits come with the shorter ones.
    bool wide = bits == 512;
    bool hasVnni = (has("+avx512vnni") && (wide || has("+avx512vl"))) ||
                   (has("+avxvnni") && !wide);
    if (hasVnni && isPlain)
      return DotUnit{DotUnit::vnni, elements, bits / 32};
    if (wide ? has("+avx512bw") : bits == 256 && has("+avx2"))
      return DotUnit{DotUnit::pairs, elements, bits / 32};
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

Type DotUnit::element() const {
  return IntegerType::get(elements.lhs.getContext(), isWide() ? 16 : 8);
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
  case pairs: {
    std::string name = bits == 512   ? "llvm.x86.avx512.pmaddw.d.512"
                       : bits == 256 ? "llvm.x86.avx2.pmadd.wd"
                                     : "llvm.x86.sse2.pmadd.wd";
    return arith::AddIOp::create(b, loc, sums, call(name, {lhs, rhs}));
  }
  }
  return sums;
}

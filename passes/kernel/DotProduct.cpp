//===- DotProduct.cpp - instructions that add up products of bytes --------===//
//
//   x86       vpdpbusd     u8 x s8 (AVX512-VNNI, AVX-VNNI)
//   AArch64   sdot         s8 x s8 (dotprod)
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/DotProduct.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

std::optional<DotUnit> kernel::findDotUnit(schedule::MachineAttr machine) {
  llvm::SmallVector<StringRef> features;
  machine.getFeatures().split(features, ',');
  auto has = [&](StringRef name) { return llvm::is_contained(features, name); };
  llvm::Triple triple(machine.getTriple());
  if (triple.isX86()) {
    // Vectors of 512 bits come with the shorter ones.
    bool wide = machine.getVectorBits() == 512;
    if (has("+avx512vnni") && (wide || has("+avx512vl")))
      return DotUnit{DotUnit::vnni};
    if (has("+avxvnni") && !wide)
      return DotUnit{DotUnit::vnni};
  }
  if (triple.isAArch64() && has("+dotprod") && machine.getVectorBits() == 128)
    return DotUnit{DotUnit::sdot};
  return std::nullopt;
}

Value DotUnit::emit(OpBuilder &b, Location loc, Value sums, Value lhs,
                    Value rhs) const {
  auto type = cast<VectorType>(sums.getType());
  int64_t bits = 32 * type.getDimSize(0);
  std::string name = kind == sdot
                         ? "llvm.aarch64.neon.sdot.v4i32.v16i8"
                         : "llvm.x86.avx512.vpdpbusd." + std::to_string(bits);
  return LLVM::CallIntrinsicOp::create(b, loc, type, b.getStringAttr(name),
                                       ValueRange{sums, lhs, rhs})
      .getResult(0);
}

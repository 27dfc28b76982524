//===- Lookup.cpp - functions of 8-bit numbers by their tables -----------===//
//
// A table of 256 bytes fits the vector registers of some processors, which
// permute them by a vector of indices:
//
//   AVX512-VBMI  four registers of 64 entries: two permutations of two of them
//                by seven bits of the number, one of which its last bit chooses
//   AArch64      sixteen registers: four lookups in four of them, each of which
//                leaves what the others found where the number is not its own
//
// Elsewhere, and for other entries, one element at a time: the table stays in
// the first-level cache.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Integer.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/Epilogue.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/SingleOperator.h"
#include "passes/schedule/MachineFeatures.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

/// Elements whose loads are written before their stores.
static constexpr int64_t unroll = 8;

namespace {

/// A table of bytes in vector registers.
class RegisterTable {
public:
  /// Elements that are looked up at once; 0: the machine cannot.
  static int64_t lanes(schedule::MachineAttr machine);

  /// Loads the table, of which the entry `first` is that of the byte 0.
  RegisterTable(KernelBuilder &k, Value buffer, int64_t offset, int64_t first);

  Value find(Value bytes) const;

private:
  Value call(StringRef name, ArrayRef<Value> operands) const {
    return LLVM::CallIntrinsicOp::create(k.b, k.loc, operands.back().getType(),
                                         k.b.getStringAttr(name), operands)
        .getResult(0);
  }
  Value splat(int64_t number) const {
    auto type = cast<VectorType>(parts.front().getType());
    return arith::ConstantOp::create(
        k.b, k.loc,
        SplatElementsAttr::get(
            type, Attribute(k.b.getI8IntegerAttr(int8_t(number)))));
  }

  KernelBuilder &k;
  SmallVector<Value> parts;
};

class LookupEmitter : public SingleOperatorEmitter<edge::LookupOp> {
public:
  StringRef name() const override { return "lookup"; }
  bool takesParts(schedule::KernelOp) const override { return true; }
  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr) const override {
    return SplitLoops(space(kernel).outer()).extent();
  }
  LogicalResult emit(KernelBuilder &k) const override;

private:
  static IterationSpace space(schedule::KernelOp kernel) {
    Layout result = getResultLayout(kernel, 0);
    return IterationSpace::get(result.shape,
                               {getOperandLayout(kernel, 0), result});
  }
};

} // namespace

//===-- tables in registers ----------------------------------------------===//

int64_t RegisterTable::lanes(schedule::MachineAttr machine) {
  llvm::Triple triple(machine.getTriple());
  if (triple.isAArch64())
    return 16;
  // With narrower vectors preferred, its registers are as wide.
  return triple.isX86() && schedule::hasFeature(machine, "avx512vbmi") ? 64 : 0;
}

RegisterTable::RegisterTable(KernelBuilder &k, Value buffer, int64_t offset,
                             int64_t first)
    : k(k) {
  int64_t width = lanes(k.machine);
  for (int64_t part = 0; part < 256; part += width)
    parts.push_back(
        k.load(buffer, offset + (first + part) % 256, width, Form::stored));
}

Value RegisterTable::find(Value bytes) const {
  if (parts.size() == 4) {
    StringRef permute = "llvm.x86.avx512.vpermi2var.qi.512";
    Value low = call(permute, {parts[0], bytes, parts[1]}),
          high = call(permute, {parts[2], bytes, parts[3]});
    Value isHigh = arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::slt,
                                         bytes, splat(0));
    return arith::SelectOp::create(k.b, k.loc, isHigh, high, low);
  }
  Value found;
  for (int64_t part = 0; part < 4; ++part) {
    SmallVector<Value> operands;
    if (found)
      operands.push_back(found);
    operands.append(parts.begin() + 4 * part, parts.begin() + 4 * part + 4);
    Value index = bytes;
    if (part > 0)
      index = arith::SubIOp::create(k.b, k.loc, bytes, splat(64 * part));
    operands.push_back(index);
    found = call(found ? "llvm.aarch64.neon.tbx4.v16i8"
                       : "llvm.aarch64.neon.tbl4.v16i8",
                 operands);
  }
  return found;
}

//===-- loops ------------------------------------------------------------===//

LogicalResult LookupEmitter::emit(KernelBuilder &k) const {
  auto op = cast<edge::LookupOp>(k.kernel.getAnchor());
  IterationSpace space = LookupEmitter::space(k.kernel);
  Layout source = k.layoutOf(op.getX()), result = k.resultLayout(),
         table = k.layoutOf(op.getTable());
  bool isUnsigned = isUnsignedElement(elementOf(op.getX().getType()));
  int64_t zero = table.offset + (isUnsigned ? 0 : 128);
  int64_t from = innerStride(source), to = innerStride(result);
  auto entryAt = [&](Index at) {
    Value x = k.loadScalar(k.bufferOf(op.getX()), at);
    Type index = k.b.getIndexType();
    Value number =
        isUnsigned
            ? arith::IndexCastUIOp::create(k.b, k.loc, index, x).getResult()
            : arith::IndexCastOp::create(k.b, k.loc, index, x).getResult();
    Index entry(
        arith::AddIOp::create(k.b, k.loc, number, k.constantIndex(zero)));
    return k.loadScalar(k.bufferOf(op.getTable()), entry, Form::stored);
  };
  auto oneByOne = [&](Index in, Index out, Index lo, Index hi) {
    k.tiles(lo, hi, unroll, [&](Index i, int64_t count) {
      SmallVector<Value> entries;
      for (int64_t j = 0; j < count; ++j)
        entries.push_back(entryAt(k.add(in, k.mul(i + j, from))));
      for (int64_t j = 0; j < count; ++j)
        k.storeScalar(entries[j], k.resultBuffer(),
                      k.add(out, k.mul(i + j, to)));
    });
  };
  bool isByte = elementOf(op.getTable().getType()).getIntOrFloatBitWidth() == 8;
  int64_t lanes = isByte && from == 1 && to == 1 && space.inner() > unroll
                      ? RegisterTable::lanes(k.machine)
                      : 0;
  std::optional<RegisterTable> registers;
  if (lanes)
    registers.emplace(k, k.bufferOf(op.getTable()), table.offset,
                      isUnsigned ? 0 : 128);
  SplitLoops(space.outer()).emit(k, [&](ArrayRef<Index> outer) {
    SmallVector<Index> first(outer);
    first.push_back(0);
    SmallVector<Index> position = space.position(first);
    Index in = k.address(source, position), out = k.address(result, position);
    if (!lanes)
      return oneByOne(in, out, 0, space.inner());
    int64_t whole = space.inner() / lanes * lanes;
    k.loop(0, whole, lanes, [&](Index i) {
      Value bytes =
          k.load(k.bufferOf(op.getX()), k.add(in, i), lanes, Form::stored);
      k.store(registers->find(bytes), k.resultBuffer(), k.add(out, i), lanes);
    });
    oneByOne(in, out, whole, space.inner());
  });
  return success();
}

const KernelEmitter &kernel::lookupEmitter() {
  static const LookupEmitter emitter;
  return emitter;
}

//===- LaneProducts.cpp - multiply-adds by lane ---------------------------===//
//
//   elements[i] = lhs[i][0..3]                       one load per output
//   for u: for v: for i: sums[i][v] += lane u of elements[i] * weight[u][v]
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/LaneProducts.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/HalfArithmetic.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

SmallVector<Value> kernel::multiplyByLanes(
    KernelBuilder &k, ArrayRef<Value> elements, int64_t vectors,
    function_ref<Value(int64_t, int64_t)> weight, ArrayRef<Value> sums) {
  int64_t steps = cast<VectorType>(elements.front().getType()).getDimSize(0);
  SmallVector<Value> results(sums);
  results.resize(elements.size() * vectors);
  for (int64_t u = 0; u < steps; ++u) {
    for (int64_t v = 0; v < vectors; ++v) {
      Value row = weight(u, v);
      for (auto [output, element] : llvm::enumerate(elements)) {
        Value &sum = results[output * vectors + v];
        Value lane = vector::ExtractOp::create(k.b, k.loc, element, u);
        Value broadcast = vector::BroadcastOp::create(
            k.b, k.loc, cast<VectorType>(row.getType()), lane);
        sum = sum ? k.fma(broadcast, row, sum)
                  : arith::MulFOp::create(k.b, k.loc, broadcast, row);
      }
    }
  }
  return results;
}

SmallVector<Value> kernel::addSums(KernelBuilder &k, ArrayRef<Value> sums,
                                   ArrayRef<Value> parts) {
  SmallVector<Value> results;
  results.reserve(sums.size());
  for (auto [sum, part] : llvm::zip_equal(sums, parts)) {
    Value addend = sum.getType() == part.getType() ? part : toFloat32(k, part);
    results.push_back(arith::AddFOp::create(k.b, k.loc, sum, addend));
  }
  return results;
}

//===-- weights in fours -------------------------------------------------===//

static Value toInteger(KernelBuilder &k, Value index) {
  return arith::IndexCastOp::create(k.b, k.loc, k.b.getI64Type(), index);
}

static Value advance(KernelBuilder &k, Type element, Value pointer,
                     Value elements) {
  return LLVM::GEPOp::create(k.b, k.loc, pointer.getType(), element, pointer,
                             ValueRange{elements});
}

/// The same pointer or number, of which LLVM knows only what it depends on. No
/// instruction.
static Value hide(KernelBuilder &k, Value hidden, Value dependence = {}) {
  SmallVector<Value> operands = {hidden};
  if (dependence)
    operands.push_back(dependence);
  return LLVM::InlineAsmOp::create(
             k.b, k.loc, hidden.getType(), operands, /*asm_string=*/"",
             /*constraints=*/dependence ? "=r,0,r" : "=r,0",
             /*has_side_effects=*/false, /*is_align_stack=*/false,
             LLVM::tailcallkind::TailCallKind::None,
             /*asm_dialect=*/LLVM::AsmDialectAttr(),
             /*operand_attrs=*/ArrayAttr())
      .getResult(0);
}

Index kernel::hideFromLoops(KernelBuilder &k, Index index, Index tile) {
  Value number =
      hide(k, toInteger(k, k.value(index)), toInteger(k, k.value(tile)));
  return arith::IndexCastOp::create(k.b, k.loc, k.b.getIndexType(), number)
      .getResult();
}

WeightStream::WeightStream(KernelBuilder &k, Type element, Value buffer,
                           Index first, Index tile)
    : k(&k), element(element) {
  auto type = LLVM::LLVMPointerType::get(k.b.getContext());
  Value address =
      memref::ExtractAlignedPointerAsIndexOp::create(k.b, k.loc, buffer);
  Value base =
      LLVM::IntToPtrOp::create(k.b, k.loc, type, toInteger(k, address));
  pointer = advance(k, element, base, toInteger(k, k.place(buffer, first)));
  // See hideFromLoops().
  pointer = hide(k, pointer, toInteger(k, k.value(tile)));
}

Value WeightStream::next() {
  if (loaded.empty())
    loadGroup();
  return loaded.pop_back_val();
}

void WeightStream::skip(int64_t vectors) {
  assert(loaded.empty() && "vectors of one load go together");
  int64_t lanes = 128 / element.getIntOrFloatBitWidth();
  Value distance = LLVM::ConstantOp::create(k->b, k->loc, k->b.getI64Type(),
                                            vectors * lanes);
  pointer = hide(*k, advance(*k, element, pointer, distance));
}

void WeightStream::loadGroup() {
  OpBuilder &b = k->b;
  Location loc = k->loc;
  constexpr int64_t count = 4;
  int64_t lanes = 128 / element.getIntOrFloatBitWidth();
  auto structure = LLVM::LLVMStructType::getLiteral(
      b.getContext(),
      SmallVector<Type>(count, VectorType::get(lanes, element)));
  const char *name = element.isF16() ? "llvm.aarch64.neon.ld1x4.v8f16.p0"
                     : element.isInteger(8)
                         ? "llvm.aarch64.neon.ld1x4.v16i8.p0"
                         : "llvm.aarch64.neon.ld1x4.v4f32.p0";
  Value group =
      LLVM::CallIntrinsicOp::create(b, loc, structure, b.getStringAttr(name),
                                    ValueRange{pointer})
          .getResult(0);
  for (int64_t i = count; i-- > 0;)
    loaded.push_back(
        LLVM::ExtractValueOp::create(b, loc, group, ArrayRef<int64_t>{i}));
  // LLVM would count all pointers from the first, which takes an addition for
  // each.
  Value behind =
      advance(*k, element, pointer,
              LLVM::ConstantOp::create(b, loc, b.getI64Type(), count * lanes));
  pointer = hide(*k, behind);
}

SmallVector<Value> kernel::loopOverSteps(KernelBuilder &k, int64_t length,
                                         int64_t unroll, ArrayRef<Value> sums,
                                         std::optional<WeightStream> weights,
                                         StepsWriter steps) {
  int64_t whole = length / unroll * unroll, first = 0;
  SmallVector<Value> result(sums);
  if (sums.empty()) {
    result = steps(0, unroll, {}, weights);
    first = unroll;
  }
  if (weights)
    result.push_back(weights->position());
  // Constant bounds: a guard before the loop would be a place to which LLVM
  // sinks the products, away from their loads.
  result = k.loop(first, whole, unroll, result,
                  [&](Index at, ArrayRef<Value> carried) {
                    std::optional<WeightStream> inner;
                    if (weights) {
                      inner.emplace(k, weights->type(), carried.back());
                      carried = carried.drop_back();
                    }
                    SmallVector<Value> next = steps(at, unroll, carried, inner);
                    if (inner)
                      next.push_back(inner->position());
                    return next;
                  });
  if (weights)
    weights.emplace(k, weights->type(), result.pop_back_val());
  return steps(whole, length - whole, result, weights);
}

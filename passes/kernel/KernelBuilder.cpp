//===- KernelBuilder.cpp - the vocabulary of kernel emitters --------------===//
//
// Constants go to the function's entry, once each; everything else is written
// at the insertion point. Index arithmetic carries nsw and nuw so that LLVM
// may widen, reorder and fold it into addressing modes.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/KernelBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/HalfArithmetic.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

//===-- buffers
//-------------------------------------------------------------===//

/// Of the anchor alone, where there is one: a cast behind a convolution does
/// not make that narrower.
int64_t kernel::vectorLanes(schedule::KernelOp kernel,
                            schedule::MachineAttr machine) {
  if (computesHalves(kernel, machine))
    return machine.getVectorBits() / 16;
  auto isWide = [](Type type) {
    Type element = computedType(elementOf(type));
    return element.getIntOrFloatBitWidth() == 64;
  };
  auto computesWide = [&](Operation *op) {
    return llvm::any_of(op->getOperandTypes(), isWide) ||
           llvm::any_of(op->getResultTypes(), isWide);
  };
  Operation *anchor = kernel.getAnchor();
  bool wide =
      anchor ? computesWide(anchor)
             : llvm::any_of(kernel.getBody().front(),
                            [&](Operation &op) { return computesWide(&op); });
  int64_t lanes = machine.getFloatLanes();
  return wide ? std::max<int64_t>(lanes / 2, 1) : lanes;
}

KernelBuilder::KernelBuilder(schedule::KernelOp kernel,
                             schedule::TilingAttr tiling,
                             schedule::MachineAttr machine,
                             func::FuncOp function, KernelBuffers buffers)
    : kernel(kernel), tiling(tiling), machine(machine),
      b(function.getContext()), loc(kernel.getLoc()), begin(buffers.begin),
      end(buffers.end), function(function), buffers(std::move(buffers)),
      kernelLanes(vectorLanes(kernel, machine)) {
  b.setInsertionPointToEnd(&function.getBody().front());
}

Value KernelBuilder::operandBuffer(unsigned operand) {
  return buffers.operands[operand];
}

Value KernelBuilder::bufferOf(Value blockArgument) {
  return operandBuffer(cast<BlockArgument>(blockArgument).getArgNumber());
}

Value KernelBuilder::resultBuffer(unsigned result) {
  return buffers.results[result];
}

Value KernelBuilder::scratchBuffer() { return buffers.scratch; }

Layout KernelBuilder::operandLayout(unsigned operand) {
  return getOperandLayout(kernel, operand);
}

Layout KernelBuilder::layoutOf(Value blockArgument) {
  return operandLayout(cast<BlockArgument>(blockArgument).getArgNumber());
}

Layout KernelBuilder::resultLayout(unsigned result) {
  return getResultLayout(kernel, result);
}

Type KernelBuilder::elementIn(Value buffer) {
  auto operand = llvm::find(buffers.operands, buffer);
  if (operand != buffers.operands.end())
    return elementOf(
        kernel.getInputs()[operand - buffers.operands.begin()].getType());
  auto result = llvm::find(buffers.results, buffer);
  if (result != buffers.results.end())
    return elementOf(
        kernel.getResult(result - buffers.results.begin()).getType());
  // Scratch is of elements that are the same in memory and registers.
  return elementOf(buffer.getType());
}

//===-- index arithmetic
//----------------------------------------------------===//

static constexpr auto noWrap =
    arith::IntegerOverflowFlags::nsw | arith::IntegerOverflowFlags::nuw;

Value KernelBuilder::atEntry(function_ref<Value(OpBuilder &)> make) {
  OpBuilder entry = OpBuilder::atBlockBegin(&function.getBody().front());
  return make(entry);
}

Value KernelBuilder::constantIndex(int64_t value) {
  Value &known = indexConstants[value];
  if (!known) {
    known = atEntry([&](OpBuilder &entry) -> Value {
      return arith::ConstantIndexOp::create(entry, loc, value);
    });
  }
  return known;
}

Value KernelBuilder::value(Index index) {
  if (!index.dynamic)
    return constantIndex(index.constant);
  if (index.constant == 0)
    return index.dynamic;
  // A negative constant (a halo's or an earlier tap's) wraps as unsigned.
  auto flags = index.constant < 0 ? arith::IntegerOverflowFlags::nsw : noWrap;
  return arith::AddIOp::create(b, loc, index.dynamic,
                               constantIndex(index.constant), flags);
}

Index KernelBuilder::add(Index lhs, Index rhs) {
  int64_t constant = lhs.constant + rhs.constant;
  if (!lhs.dynamic || !rhs.dynamic)
    return Index(lhs.dynamic ? lhs.dynamic : rhs.dynamic, constant);
  Value sum = arith::AddIOp::create(b, loc, lhs.dynamic, rhs.dynamic, noWrap);
  return Index(sum, constant);
}

Index KernelBuilder::mul(Index lhs, int64_t factor) {
  if (!lhs.dynamic || factor == 0)
    return Index(lhs.constant * factor);
  if (factor == 1)
    return lhs;
  Value product =
      arith::MulIOp::create(b, loc, lhs.dynamic, constantIndex(factor), noWrap);
  return Index(product, lhs.constant * factor);
}

Index KernelBuilder::mul(Index lhs, Index rhs) {
  if (!rhs.dynamic)
    return mul(lhs, rhs.constant);
  if (!lhs.dynamic)
    return mul(rhs, lhs.constant);
  return Index(
      Value(arith::MulIOp::create(b, loc, value(lhs), value(rhs), noWrap)));
}

Index KernelBuilder::div(Index lhs, int64_t divisor) {
  if (divisor == 1)
    return lhs;
  if (!lhs.dynamic)
    return Index(lhs.constant / divisor);
  return Index(Value(
      arith::DivUIOp::create(b, loc, value(lhs), constantIndex(divisor))));
}

Index KernelBuilder::rem(Index lhs, int64_t divisor) {
  if (divisor == 1)
    return Index(0);
  if (!lhs.dynamic)
    return Index(lhs.constant % divisor);
  return Index(Value(
      arith::RemUIOp::create(b, loc, value(lhs), constantIndex(divisor))));
}

Index KernelBuilder::minimum(Index lhs, Index rhs) {
  if (!lhs.dynamic && !rhs.dynamic)
    return Index(std::min(lhs.constant, rhs.constant));
  return Index(Value(arith::MinSIOp::create(b, loc, value(lhs), value(rhs))));
}

Index KernelBuilder::maximum(Index lhs, Index rhs) {
  if (!lhs.dynamic && !rhs.dynamic)
    return Index(std::max(lhs.constant, rhs.constant));
  return Index(Value(arith::MaxSIOp::create(b, loc, value(lhs), value(rhs))));
}

Value KernelBuilder::place(Value buffer, Index index) {
  Value elements = shifts.lookup(buffer);
  if (!elements)
    return value(index);
  // Next to the dynamic part, which neighbouring addresses share.
  Value dynamic = index.dynamic ? index.dynamic : constantIndex(0);
  Value sum = arith::AddIOp::create(b, loc, dynamic, elements);
  if (index.constant == 0)
    return sum;
  return arith::AddIOp::create(b, loc, sum, constantIndex(index.constant));
}

Index KernelBuilder::address(const Layout &layout, ArrayRef<Index> position) {
  Index address(layout.offset);
  for (auto [stride, index] : llvm::zip_equal(layout.strides, position))
    address = add(address, mul(index, stride));
  return address;
}

//===-- control flow
//--------------------------------------------------------===//

void KernelBuilder::loop(Index lo, Index hi, int64_t step,
                         function_ref<void(Index)> body) {
  loop(lo, hi, step, ValueRange(),
       [&](Index iv, ArrayRef<Value>) -> SmallVector<Value> {
         body(iv);
         return {};
       });
}

SmallVector<Value> KernelBuilder::loop(
    Index lo, Index hi, int64_t step, ValueRange inits,
    function_ref<SmallVector<Value>(Index, ArrayRef<Value>)> body) {
  if (lo.isConstant() && hi.isConstant()) {
    if (lo.constant >= hi.constant)
      return SmallVector<Value>(inits);
    if (lo.constant + step >= hi.constant)
      return body(lo, SmallVector<Value>(inits));
  }
  auto loop = scf::ForOp::create(b, loc, value(lo), value(hi),
                                 constantIndex(step), inits);
  OpBuilder::InsertionGuard guard(b);
  if (inits.empty())
    b.setInsertionPoint(loop.getBody()->getTerminator());
  else
    b.setInsertionPointToEnd(loop.getBody());
  SmallVector<Value> carried(loop.getRegionIterArgs());
  SmallVector<Value> next = body(Index(loop.getInductionVar()), carried);
  if (!inits.empty())
    scf::YieldOp::create(b, loc, next);
  return SmallVector<Value>(loop.getResults());
}

void KernelBuilder::tiles(int64_t lo, int64_t hi, int64_t step,
                          function_ref<void(Index, int64_t)> body) {
  int64_t whole = lo + (hi - lo) / step * step;
  loop(Index(lo), Index(whole), step, [&](Index iv) { body(iv, step); });
  if (whole < hi)
    body(Index(whole), hi - whole);
}

void KernelBuilder::tiles(Index lo, Index hi, int64_t step,
                          function_ref<void(Index, int64_t)> body) {
  if (lo.isConstant() && hi.isConstant())
    return tiles(lo.constant, hi.constant, step, body);
  if (step == 1)
    return loop(lo, hi, 1, [&](Index iv) { body(iv, 1); });
  Value low = value(lo), high = value(hi);
  Value length = arith::SubIOp::create(b, loc, high, low, noWrap);
  Index whole = add(Index(low), mul(div(Index(length), step), step));
  loop(Index(low), whole, step, [&](Index iv) { body(iv, step); });
  loop(whole, Index(high), 1, [&](Index iv) { body(iv, 1); });
}

static void emitIf(KernelBuilder &k, arith::CmpIPredicate predicate, Index lhs,
                   Index rhs, function_ref<void()> body) {
  Value condition =
      arith::CmpIOp::create(k.b, k.loc, predicate, k.value(lhs), k.value(rhs));
  auto branch = scf::IfOp::create(k.b, k.loc, condition);
  OpBuilder::InsertionGuard guard(k.b);
  k.b.setInsertionPoint(branch.thenBlock()->getTerminator());
  body();
}

void KernelBuilder::ifEqual(Index lhs, Index rhs, function_ref<void()> body) {
  emitIf(*this, arith::CmpIPredicate::eq, lhs, rhs, body);
}

void KernelBuilder::ifLess(Index lhs, Index rhs, function_ref<void()> body) {
  emitIf(*this, arith::CmpIPredicate::slt, lhs, rhs, body);
}

//===-- vectors
//-------------------------------------------------------------===//

int64_t KernelBuilder::width(int64_t lanes) const {
  // A vector of bytes has four times as many as one of float.
  assert(lanes >= 1 &&
         lanes <= std::max(this->lanes(), machine.getVectorBits() / 8) &&
         "wider than the machine");
  return machine.getHasMaskedLanes() ? llvm::PowerOf2Ceil(lanes) : lanes;
}

VectorType KernelBuilder::vectorType(int64_t lanes, Type element) {
  return VectorType::get(width(lanes), element ? element : b.getF32Type());
}

Value KernelBuilder::prefixMask(int64_t lanes) {
  Value &known = masks[lanes];
  if (!known) {
    known = atEntry([&](OpBuilder &entry) -> Value {
      auto type = VectorType::get(width(lanes), entry.getI1Type());
      return vector::ConstantMaskOp::create(entry, loc, type,
                                            ArrayRef<int64_t>{lanes});
    });
  }
  return known;
}

static Type elementTypeOf(Value buffer) {
  return cast<MemRefType>(buffer.getType()).getElementType();
}

Value KernelBuilder::load(Value buffer, Index index, int64_t lanes, Form form) {
  VectorType type = vectorType(lanes, elementTypeOf(buffer));
  Value stored;
  if (width(lanes) == lanes) {
    stored = vector::LoadOp::create(b, loc, type, buffer,
                                    ValueRange{place(buffer, index)});
  } else {
    Value zero = atEntry([&](OpBuilder &entry) -> Value {
      return arith::ConstantOp::create(entry, loc, entry.getZeroAttr(type));
    });
    stored = vector::MaskedLoadOp::create(b, loc, type, buffer,
                                          ValueRange{place(buffer, index)},
                                          prefixMask(lanes), zero);
  }
  return form == Form::stored ? stored
                              : emitWiden(*this, stored, elementIn(buffer));
}

void KernelBuilder::store(Value vector, Value buffer, Index index,
                          int64_t lanes) {
  vector = emitNarrow(*this, vector, elementIn(buffer));
  if (width(lanes) == lanes) {
    vector::StoreOp::create(b, loc, vector, buffer,
                            ValueRange{place(buffer, index)});
  } else {
    vector::MaskedStoreOp::create(b, loc, buffer,
                                  ValueRange{place(buffer, index)},
                                  prefixMask(lanes), vector);
  }
}

Value KernelBuilder::loadScalar(Value buffer, Index index, Form form) {
  Value stored =
      memref::LoadOp::create(b, loc, buffer, ValueRange{place(buffer, index)});
  return form == Form::stored ? stored
                              : emitWiden(*this, stored, elementIn(buffer));
}

void KernelBuilder::storeScalar(Value scalar, Value buffer, Index index) {
  memref::StoreOp::create(b, loc, emitNarrow(*this, scalar, elementIn(buffer)),
                          buffer, ValueRange{place(buffer, index)});
}

Value KernelBuilder::loadSplat(Value buffer, Index index, int64_t lanes,
                               Form form) {
  return splat(loadScalar(buffer, index, form), lanes);
}

Value KernelBuilder::splat(Value scalar, int64_t lanes) {
  return vector::BroadcastOp::create(
      b, loc, vectorType(lanes, scalar.getType()), scalar);
}

Value KernelBuilder::splat(float value, int64_t lanes) {
  return splat(b.getF32FloatAttr(value), lanes);
}

Value KernelBuilder::splat(TypedAttr number, int64_t lanes) {
  Value &known = splats[{number, width(lanes)}];
  if (!known) {
    known = atEntry([&](OpBuilder &entry) -> Value {
      VectorType type = vectorType(lanes, number.getType());
      return arith::ConstantOp::create(
          entry, loc, SplatElementsAttr::get(type, Attribute(number)));
    });
  }
  return known;
}

Value KernelBuilder::fma(Value lhs, Value rhs, Value addend) {
  if (getElementTypeOrSelf(lhs.getType()).isInteger()) {
    Value product = arith::MulIOp::create(b, loc, lhs, rhs);
    return arith::AddIOp::create(b, loc, product, addend);
  }
  if (machine.getHasFma())
    return vector::FMAOp::create(b, loc, lhs, rhs, addend);
  Value product = arith::MulFOp::create(b, loc, lhs, rhs);
  return arith::AddFOp::create(b, loc, product, addend);
}

void KernelBuilder::prefetch(Value buffer, Index index, unsigned locality,
                             bool forWriting) {
  memref::PrefetchOp::create(b, loc, buffer, ValueRange{place(buffer, index)},
                             forWriting, locality,
                             /*isDataCache=*/true);
}

void KernelBuilder::fill(Value buffer, Index index, int64_t count,
                         int64_t value) {
  int64_t step = lanes();
  auto storeValues = [&](Index at, int64_t size) {
    Value values = atEntry([&](OpBuilder &entry) -> Value {
      VectorType type = vectorType(size, elementTypeOf(buffer));
      if (!isa<IntegerType>(type.getElementType()))
        return arith::ConstantOp::create(entry, loc, entry.getZeroAttr(type));
      llvm::APInt number(type.getElementTypeBitWidth(), uint64_t(value),
                         /*isSigned=*/false, /*implicitTrunc=*/true);
      return arith::ConstantOp::create(entry, loc,
                                       DenseElementsAttr::get(type, number));
    });
    store(values, buffer, add(index, at), size);
  };
  int64_t whole = count / step * step;
  if (whole <= 8 * step) {
    for (int64_t at = 0; at < whole; at += step)
      storeValues(at, step);
  } else {
    loop(0, whole, step, [&](Index at) { storeValues(at, step); });
  }
  if (whole < count)
    storeValues(whole, count - whole);
}

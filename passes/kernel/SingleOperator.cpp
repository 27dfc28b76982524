//===- SingleOperator.cpp - kernels of one operator without epilogue ------===//
//
// Index arithmetic that may go below zero is written without the promises of
// KernelBuilder's own.
//
//===----------------------------------------------------------------------===//
#include "passes/kernel/SingleOperator.h"
#include "dialects/edge/Edge.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/Epilogue.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

bool kernel::isSingleOperator(schedule::KernelOp kernel) {
  auto isEmittable = [](Value value) {
    return isEmittableElement(elementOf(value.getType()));
  };
  Operation *anchor = kernel.getAnchor();
  return anchor && countEpilogueOperators(kernel) == 0 &&
         llvm::all_of(anchor->getOperands(),
                      [&](Value operand) {
                        return isa<BlockArgument>(operand) &&
                               isEmittable(operand);
                      }) &&
         llvm::all_of(anchor->getResults(), isEmittable);
}

//===-- indices known at run time ----------------------------------------===//

Value kernel::loadIndex(KernelBuilder &k, Value buffer, Index address) {
  Value integer = k.loadScalar(buffer, address);
  if (isUnsignedElement(k.elementIn(buffer)))
    return arith::IndexCastUIOp::create(k.b, k.loc, k.b.getIndexType(),
                                        integer);
  return arith::IndexCastOp::create(k.b, k.loc, k.b.getIndexType(), integer);
}

void kernel::storeIndex(KernelBuilder &k, Value index, Value buffer,
                        Index address) {
  Type integer = computedType(k.elementIn(buffer));
  k.storeScalar(arith::IndexCastOp::create(k.b, k.loc, integer, index), buffer,
                address);
}

Value kernel::addIndex(KernelBuilder &k, Value lhs, Value rhs) {
  return arith::AddIOp::create(k.b, k.loc, lhs, rhs);
}

Value kernel::mirrorIndex(KernelBuilder &k, int64_t size, Index index) {
  return arith::SubIOp::create(k.b, k.loc, k.constantIndex(size - 1),
                               k.value(index));
}

Value kernel::clampIndex(KernelBuilder &k, Value index, int64_t low,
                         int64_t high) {
  Value raised =
      arith::MaxSIOp::create(k.b, k.loc, index, k.constantIndex(low));
  return arith::MinSIOp::create(k.b, k.loc, raised, k.constantIndex(high));
}

Value kernel::countFromEnd(KernelBuilder &k, Value index, int64_t size) {
  Value negative = arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::slt,
                                         index, k.constantIndex(0));
  Value counted = addIndex(k, index, k.constantIndex(size));
  return arith::SelectOp::create(k.b, k.loc, negative, counted, index);
}

Index kernel::resolveIndex(KernelBuilder &k, Value index, int64_t size) {
  return Index(clampIndex(k, countFromEnd(k, index, size), 0, size - 1));
}

Value kernel::isInside(KernelBuilder &k, Value index, int64_t size) {
  return arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::ult, index,
                               k.constantIndex(size));
}

void kernel::ifTrue(KernelBuilder &k, Value condition,
                    function_ref<void()> body) {
  auto branch = scf::IfOp::create(k.b, k.loc, condition);
  OpBuilder::InsertionGuard guard(k.b);
  k.b.setInsertionPoint(branch.thenBlock()->getTerminator());
  body();
}

Value kernel::choose(KernelBuilder &k, Value condition,
                     function_ref<Value()> yes, Value otherwise) {
  auto branch = scf::IfOp::create(k.b, k.loc, otherwise.getType(), condition,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(k.b);
  k.b.setInsertionPointToEnd(branch.thenBlock());
  scf::YieldOp::create(k.b, k.loc, yes());
  k.b.setInsertionPointToEnd(branch.elseBlock());
  scf::YieldOp::create(k.b, k.loc, otherwise);
  return branch.getResult(0);
}

Value kernel::isNotZero(KernelBuilder &k, Value scalar) {
  Type type = scalar.getType();
  Value zero = scalarConstant(k, k.b.getZeroAttr(type));
  if (isa<FloatType>(type))
    return arith::CmpFOp::create(k.b, k.loc, arith::CmpFPredicate::UNE, scalar,
                                 zero);
  return arith::CmpIOp::create(k.b, k.loc, arith::CmpIPredicate::ne, scalar,
                               zero);
}

Value kernel::countUp(KernelBuilder &k, Value count, Value condition) {
  Value next = addIndex(k, count, k.constantIndex(1));
  return arith::SelectOp::create(k.b, k.loc, condition, next, count);
}

//===-- boxes ------------------------------------------------------------===//

Layout kernel::innerDimensions(const Layout &layout, size_t first) {
  Layout inner;
  inner.shape = llvm::to_vector(ArrayRef(layout.shape).drop_front(first));
  inner.strides = llvm::to_vector(ArrayRef(layout.strides).drop_front(first));
  inner.allocated = layout.allocated;
  return inner;
}

static void forRemaining(KernelBuilder &k, ArrayRef<int64_t> sizes,
                         SmallVector<Index> &indices,
                         function_ref<void(ArrayRef<Index>)> body) {
  if (sizes.empty())
    return body(indices);
  k.loop(0, sizes.front(), 1, [&](Index i) {
    indices.push_back(i);
    forRemaining(k, sizes.drop_front(), indices, body);
    indices.pop_back();
  });
}

void kernel::forPositions(KernelBuilder &k, ArrayRef<int64_t> sizes,
                          function_ref<void(ArrayRef<Index>)> body) {
  SmallVector<Index> indices;
  forRemaining(k, sizes, indices, body);
}

static Index addressIn(KernelBuilder &k, const Place &place,
                       ArrayRef<Index> position) {
  return k.add(place.at, k.address(place.layout, position));
}

/// Runs over the places, which have one shape, in vectors along the last
/// dimension: body gets the elements' addresses, one per place. The last place
/// is written.
static void
forVectorsIn(KernelBuilder &k, ArrayRef<Place> places,
             function_ref<void(ArrayRef<Index>, int64_t lanes)> body) {
  SmallVector<Layout> layouts;
  for (const Place &place : places)
    layouts.push_back(place.layout);
  IterationSpace space = IterationSpace::get(layouts[0].shape, layouts);
  if (innerStride(layouts.back()) != 1)
    space.endInScalars();
  forPositions(k, space.outer(), [&](ArrayRef<Index> outer) {
    forVectors(k, space.inner(), 2, [&](Index at, ArrayRef<int64_t> widths) {
      for (auto [v, lanes] : llvm::enumerate(widths)) {
        SmallVector<Index> indices(outer), addresses;
        indices.push_back(at + int64_t(v) * k.lanes());
        SmallVector<Index> position = space.position(indices);
        for (const Place &place : places)
          addresses.push_back(addressIn(k, place, position));
        body(addresses, lanes);
      }
    });
  });
}

void kernel::copyBox(KernelBuilder &k, const Place &from, const Place &to) {
  int64_t stride = innerStride(from.layout);
  forVectorsIn(k, {from, to}, [&](ArrayRef<Index> at, int64_t lanes) {
    Value vector =
        loadStrided(k, from.buffer, at[0], stride, lanes, Form::stored);
    k.store(vector, to.buffer, at[1], lanes);
  });
}

void kernel::fillBox(KernelBuilder &k, Value scalar, const Place &to) {
  forVectorsIn(k, {to}, [&](ArrayRef<Index> at, int64_t lanes) {
    k.store(k.splat(scalar, lanes), to.buffer, at[0], lanes);
  });
}

void kernel::combineBox(KernelBuilder &k, Reduction reduction,
                        const Place &from, const Place &to) {
  int64_t stride = innerStride(from.layout);
  forVectorsIn(k, {from, to}, [&](ArrayRef<Index> at, int64_t lanes) {
    Value update = loadStrided(k, from.buffer, at[0], stride, lanes);
    Value old = k.load(to.buffer, at[1], lanes);
    k.store(reduction.combine(k, old, update), to.buffer, at[1], lanes);
  });
}

Value kernel::scalarConstant(KernelBuilder &k, TypedAttr number) {
  return arith::ConstantOp::create(k.b, k.loc, number);
}

Slices::Slices(KernelBuilder &k, Value buffer, const Layout &layout,
               size_t axis)
    : k(k), buffer(buffer), layout(layout), stride(layout.strides[axis]) {
  this->layout.shape[axis] = 1;
  this->layout.offset = 0;
  begin = layout.offset;
}

Place Slices::at(Index i) const {
  return {buffer, layout, k.mul(i, stride) + begin};
}

void Slices::zeroFrom(Index first, int64_t size) const {
  Type stored = storedType(k.elementIn(buffer));
  Value zero = scalarConstant(k, k.b.getZeroAttr(stored));
  k.loop(first, size, 1, [&](Index i) { fillBox(k, zero, at(i)); });
}

//===- Unique.cpp - the different slices along one dimension -------------===//
//
// Three steps, by one thread: the slices' indices are sorted, equal ones by
// index; each run of equal slices is a group, known by its first member; the
// groups are numbered, in this order or in that of their first members.
//
//   x = [2, 1, 1, 3]   order = [1, 2, 0, 3]   firsts = [1, 0, 3]
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Selection.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "passes/kernel/ElementTypes.h"
#include "passes/kernel/Heap.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/SingleOperator.h"
#include "passes/kernel/TotalOrder.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {
class UniqueEmitter : public SingleOperatorEmitter<edge::UniqueOp> {
public:
  StringRef name() const override { return "unique"; }
  int64_t extent(schedule::KernelOp, schedule::TilingAttr) const override {
    return 1;
  }
  /// Three lists of indices: order, firsts, numbers.
  RankedTensorType scratch(schedule::KernelOp kernel,
                           schedule::TilingAttr) const override {
    auto op = cast<edge::UniqueOp>(kernel.getAnchor());
    auto first = cast<RankedTensorType>(op.getFirst().getType());
    return RankedTensorType::get({3 * first.getDimSize(0)},
                                 IntegerType::get(kernel.getContext(), 64));
  }
  LogicalResult emit(KernelBuilder &k) const override;
};

/// A list of indices in memory.
struct IndexList {
  KernelBuilder &k;
  Value buffer;
  Index begin;
  int64_t stride = 1;

  Value load(Index i) const { return loadIndex(k, buffer, at(i)); }
  void store(Value index, Index i) const {
    storeIndex(k, index, buffer, at(i));
  }
  void zeroFrom(Index first, int64_t size) const {
    k.loop(first, size, 1, [&](Index i) { store(k.constantIndex(0), i); });
  }

private:
  Index at(Index i) const { return k.add(begin, k.mul(i, stride)); }
};

/// Results in the order of the operator.
enum Result : unsigned { values, first, inverse, counts, count };

class UniqueWriter {
public:
  explicit UniqueWriter(KernelBuilder &k);
  void write();

private:
  IndexList resultList(unsigned result) {
    Layout layout = k.resultLayout(result);
    return {k, k.resultBuffer(result), layout.offset, layout.strides[0]};
  }
  IndexList scratchList(int64_t number) {
    return {k, k.scratchBuffer(), Index(number * size)};
  }
  /// Whether slice a is before slice b, and whether they are equal.
  std::pair<Value, Value> compare(Value a, Value b);
  void sortSlices();
  Value findGroups();
  void numberByFirst();
  void writeGroup(Index number, Value firstMember);

  KernelBuilder &k;
  edge::UniqueOp op;
  Layout source;
  size_t axis;
  int64_t size;
  TotalOrder elements;
  /// slices in order; the first member of each group; the number of each group
  IndexList order, firsts, numbers;
};
} // namespace

UniqueWriter::UniqueWriter(KernelBuilder &k)
    : k(k), op(cast<edge::UniqueOp>(k.kernel.getAnchor())),
      source(k.layoutOf(op.getX())), axis(op.getAxis()),
      size(source.shape[axis]),
      elements{elementOf(op.getX().getType()), /*descending=*/false},
      order(scratchList(0)), firsts(scratchList(1)), numbers(scratchList(2)) {}

std::pair<Value, Value> UniqueWriter::compare(Value a, Value b) {
  SmallVector<int64_t> shape(source.shape);
  shape[axis] = 1;
  int64_t count = Layout::dense(shape).allocated;
  Value no = scalarConstant(k, k.b.getBoolAttr(false)),
        yes = scalarConstant(k, k.b.getBoolAttr(true));
  SmallVector<Value> found = k.loop(
      0, count, 1, ValueRange{no, yes},
      [&](Index flat, ArrayRef<Value> known) -> SmallVector<Value> {
        auto [before, equal] = std::pair(known[0], known[1]);
        SmallVector<Index> at = unflatten(k, flat, shape);
        auto load = [&](Value slice) {
          at[axis] = Index(slice);
          return k.loadScalar(k.bufferOf(op.getX()), k.address(source, at));
        };
        Value x = load(a), y = load(b);
        Value isBefore =
            arith::AndIOp::create(k.b, k.loc, equal, elements.before(k, x, y));
        return {
            arith::OrIOp::create(k.b, k.loc, before, isBefore),
            arith::AndIOp::create(k.b, k.loc, equal, elements.equal(k, x, y))};
      });
  return {found[0], found[1]};
}

void UniqueWriter::sortSlices() {
  k.loop(0, size, 1, [&](Index i) { order.store(k.value(i), i); });
  Heap heap{k, [&](Index i) -> HeapItem { return {order.load(i)}; },
            [&](const HeapItem &item, Index i) { order.store(item[0], i); },
            [&](const HeapItem &a, const HeapItem &b) -> Value {
              auto [before, equal] = compare(a[0], b[0]);
              Value lower = arith::CmpIOp::create(
                  k.b, k.loc, arith::CmpIPredicate::slt, a[0], b[0]);
              Value tie = arith::AndIOp::create(k.b, k.loc, equal, lower);
              return arith::OrIOp::create(k.b, k.loc, before, tie);
            },
            size};
  heap.build(size);
  heap.sort(size);
}

/// Leaves the groups' first members in `firsts`, and in `inverse` each slice's
/// group; returns how many there are.
Value UniqueWriter::findGroups() {
  IndexList groupOf = resultList(inverse);
  Value begin = order.load(0), zero = k.constantIndex(0);
  firsts.store(begin, 0);
  groupOf.store(zero, Index(begin));
  Value last =
      k.loop(1, size, 1, ValueRange{zero},
             [&](Index i, ArrayRef<Value> group) -> SmallVector<Value> {
               Value slice = order.load(i);
               Value same = compare(order.load(i + -1), slice).second;
               Value next = arith::SelectOp::create(
                   k.b, k.loc, same, group[0],
                   addIndex(k, group[0], k.constantIndex(1)));
               // Members come in the order of their indices.
               Value firstMember = arith::SelectOp::create(
                   k.b, k.loc, same, firsts.load(Index(group[0])), slice);
               firsts.store(firstMember, Index(next));
               groupOf.store(next, Index(slice));
               return {next};
             })[0];
  return addIndex(k, last, k.constantIndex(1));
}

/// Copies the group's slice and notes its first member.
void UniqueWriter::writeGroup(Index number, Value firstMember) {
  Slices from(k, k.bufferOf(op.getX()), source, axis),
      to(k, k.resultBuffer(values), k.resultLayout(values), axis);
  copyBox(k, from.at(Index(firstMember)), to.at(number));
  resultList(first).store(firstMember, number);
}

/// Walks over the slices: whoever is the first of its group gets the next
/// number.
void UniqueWriter::numberByFirst() {
  IndexList groupOf = resultList(inverse);
  k.loop(0, size, 1, ValueRange{k.constantIndex(0)},
         [&](Index i, ArrayRef<Value> next) -> SmallVector<Value> {
           Value group = groupOf.load(i);
           Value firstMember = firsts.load(Index(group));
           Value isFirst = arith::CmpIOp::create(
               k.b, k.loc, arith::CmpIPredicate::eq, firstMember, k.value(i));
           ifTrue(k, isFirst, [&] {
             numbers.store(next[0], Index(group));
             writeGroup(Index(next[0]), firstMember);
           });
           groupOf.store(numbers.load(Index(group)), i);
           return {countUp(k, next[0], isFirst)};
         });
}

void UniqueWriter::write() {
  sortSlices();
  Value found = findGroups();
  if (op.getSorted()) {
    k.loop(0, Index(found), 1,
           [&](Index group) { writeGroup(group, firsts.load(group)); });
  } else {
    numberByFirst();
  }
  IndexList countOf = resultList(counts);
  countOf.zeroFrom(0, size);
  k.loop(0, size, 1, [&](Index i) {
    Index number(resultList(inverse).load(i));
    countOf.store(addIndex(k, countOf.load(number), k.constantIndex(1)),
                  number);
  });
  resultList(first).zeroFrom(Index(found), size);
  Slices(k, k.resultBuffer(values), k.resultLayout(values), axis)
      .zeroFrom(Index(found), size);
  storeIndex(k, found, k.resultBuffer(count), k.resultLayout(count).offset);
}

LogicalResult UniqueEmitter::emit(KernelBuilder &k) const {
  UniqueWriter(k).write();
  return success();
}

const KernelEmitter &kernel::uniqueEmitter() {
  static const UniqueEmitter emitter;
  return emitter;
}

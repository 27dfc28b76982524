//===- Generic.cpp - loops over a scalar computation ----------------------===//
//
// The loops that write results are outside, vectors run along the one whose
// results lie side by side, and the loops that reduce are inside, with the
// elements so far in registers. An input that moves with the vectors' loop is
// loaded as a vector, one that does not in every lane, any other lane by lane.
//
//   (m, n) -> sum over k of f(a[m, k], b[k, n]):
//     for m, for n in groups of vectors: acc = init
//       for k: acc = f(splat a[m, k], b[k, n..]) for each vector of the group
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Generic.h"
#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "passes/kernel/Epilogue.h"
#include "passes/kernel/IterationSpace.h"
#include "passes/kernel/KernelTable.h"
#include "passes/kernel/ScalarRegion.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {

/// constant + sum of coefficients[i] * loop i
struct LinearForm {
  int64_t constant = 0;
  SmallVector<int64_t> coefficients;
};

/// The loops of a generic operator in the order in which its kernel runs them.
struct LoopOrder {
  /// those that write results, outermost first, and the last of them, along
  /// which vectors run
  SmallVector<unsigned> outer;
  std::optional<unsigned> vector;
  SmallVector<unsigned> reductions;

  explicit LoopOrder(edge::GenericOp op);
  GroupedLoops grouped(edge::GenericOp op, int64_t lanes) const;
};

class GenericEmitter : public StreamingEmitter {
public:
  StringRef name() const override { return "generic"; }
  bool matches(schedule::KernelOp kernel) const override;
  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr tiling) const override;
  int64_t flops(schedule::KernelOp kernel) const override;
  LogicalResult emit(KernelBuilder &k) const override;
};

/// Writes one kernel.
class GenericWriter {
public:
  explicit GenericWriter(KernelBuilder &k)
      : k(k), op(cast<edge::GenericOp>(k.kernel.getAnchor())), order(op),
        loops(op.getSizes().size(), Index(0)) {}

  void write();

private:
  using Vectors = SmallVector<Value>;

  int64_t fullLanes() const { return k.tiling.getLanes(); }

  void writeGroup(ArrayRef<int64_t> widths);
  Value initialState(unsigned result, int64_t lanes);
  Vectors reduce(size_t depth, Index start, ArrayRef<int64_t> widths,
                 const Vectors &state);
  Vectors runRegion(int64_t lanes, ArrayRef<Value> state);
  Value argumentValue(BlockArgument argument, int64_t lanes,
                      ArrayRef<Value> state);
  Value indexVector(unsigned loop, int64_t lanes);
  Value extract(Operation *inner, ArrayRef<Value> indices, int64_t lanes);
  Value loadAt(Value buffer, const Layout &layout, AffineMap map,
               int64_t lanes);
  void storeAt(Value vector, unsigned result, int64_t lanes);
  Index address(const LinearForm &form);
  Index addressByMap(const Layout &layout, AffineMap map, int64_t lane);
  Value assemble(int64_t lanes, function_ref<Value(int64_t)> makeLane);

  KernelBuilder &k;
  edge::GenericOp op;
  LoopOrder order;
  /// where each loop is
  SmallVector<Index> loops;
};

} // namespace

//===-- addresses
//-----------------------------------------------------------===//

static bool addLinear(AffineExpr expr, int64_t factor, LinearForm &form) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
    form.constant += factor * constant.getValue();
    return true;
  }
  if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
    form.coefficients[dim.getPosition()] += factor;
    return true;
  }
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return false;
  if (expr.getKind() == AffineExprKind::Add)
    return addLinear(binary.getLHS(), factor, form) &&
           addLinear(binary.getRHS(), factor, form);
  auto scale = dyn_cast<AffineConstantExpr>(binary.getRHS());
  return expr.getKind() == AffineExprKind::Mul && scale &&
         addLinear(binary.getLHS(), factor * scale.getValue(), form);
}

/// Where the map's element lies in the buffer; none when that is not linear in
/// the loops. The verifier has bounded all numbers by the tensor's size.
static std::optional<LinearForm> linearAddress(const Layout &layout,
                                               AffineMap map) {
  LinearForm form{layout.offset, SmallVector<int64_t>(map.getNumDims(), 0)};
  for (auto [stride, expr] : llvm::zip_equal(layout.strides, map.getResults()))
    if (!addLinear(expr, stride, form))
      return std::nullopt;
  return form;
}

/// Index arithmetic may not wrap, so what counts backwards is subtracted last.
Index GenericWriter::address(const LinearForm &form) {
  Index forwards(form.constant), backwards(0);
  for (auto [coefficient, loop] : llvm::zip_equal(form.coefficients, loops)) {
    if (coefficient > 0)
      forwards = k.add(forwards, k.mul(loop, coefficient));
    if (coefficient < 0)
      backwards = k.add(backwards, k.mul(loop, -coefficient));
  }
  if (backwards.isConstant())
    return forwards + -backwards.constant;
  return Index(Value(arith::SubIOp::create(k.b, k.loc, k.value(forwards),
                                           k.value(backwards))));
}

/// The general case, for one lane of the vectors' loop.
Index GenericWriter::addressByMap(const Layout &layout, AffineMap map,
                                  int64_t lane) {
  SmallVector<Value> dims;
  for (auto [loop, index] : llvm::enumerate(loops))
    dims.push_back(k.value(order.vector == loop ? index + lane : index));
  Index address(layout.offset);
  for (auto [stride, expr] :
       llvm::zip_equal(layout.strides, map.getResults())) {
    Value index = affine::expandAffineExpr(k.b, k.loc, expr, dims, {});
    address = k.add(address, k.mul(Index(index), stride));
  }
  return address;
}

/// A vector from its elements.
Value GenericWriter::assemble(int64_t lanes,
                              function_ref<Value(int64_t)> makeLane) {
  Value vector = k.splat(makeLane(0), lanes);
  for (int64_t lane = 1; lane < lanes; ++lane)
    vector = vector::InsertOp::create(k.b, k.loc, makeLane(lane), vector, lane);
  return vector;
}

Value GenericWriter::loadAt(Value buffer, const Layout &layout, AffineMap map,
                            int64_t lanes) {
  if (std::optional<LinearForm> form = linearAddress(layout, map)) {
    int64_t stride = order.vector ? form->coefficients[*order.vector] : 0;
    return loadStrided(k, buffer, address(*form), stride, lanes);
  }
  return assemble(lanes, [&](int64_t lane) {
    return k.loadScalar(buffer, addressByMap(layout, map, lane));
  });
}

void GenericWriter::storeAt(Value vector, unsigned result, int64_t lanes) {
  LinearForm form =
      *linearAddress(k.resultLayout(result), op.getResultMap(result));
  int64_t stride = order.vector ? form.coefficients[*order.vector] : 1;
  Value buffer = k.resultBuffer(result);
  Index at = address(form);
  if (stride == 1 || lanes == 1)
    return k.store(vector, buffer, at, lanes);
  for (int64_t lane = 0; lane < lanes; ++lane) {
    Value scalar = vector::ExtractOp::create(k.b, k.loc, vector, lane);
    k.storeScalar(scalar, buffer, at + lane * stride);
  }
}

//===-- the region
//----------------------------------------------------------===//

Value GenericWriter::indexVector(unsigned loop, int64_t lanes) {
  Value start = k.splat(k.value(loops[loop]), lanes);
  if (order.vector != loop)
    return start;
  auto type = cast<VectorType>(start.getType());
  SmallVector<Attribute> steps;
  for (int64_t lane = 0; lane < type.getNumElements(); ++lane)
    steps.push_back(k.b.getIndexAttr(lane));
  Value step = arith::ConstantOp::create(k.b, k.loc,
                                         DenseElementsAttr::get(type, steps));
  return arith::AddIOp::create(k.b, k.loc, start, step);
}

/// What a block argument stands for: an index, an element, the state so far.
Value GenericWriter::argumentValue(BlockArgument argument, int64_t lanes,
                                   ArrayRef<Value> state) {
  unsigned number = argument.getArgNumber();
  if (number < loops.size())
    return indexVector(number, lanes);
  number -= loops.size();
  if (number >= op.getInputs().size())
    return state[number - op.getInputs().size()];
  Value tensor = op.getInputs()[number];
  return loadAt(k.bufferOf(tensor), k.layoutOf(tensor), op.getInputMap(number),
                lanes);
}

/// Indices are brought into the tensor before anything is read.
Value GenericWriter::extract(Operation *inner, ArrayRef<Value> indices,
                             int64_t lanes) {
  auto argument = cast<BlockArgument>(inner->getOperand(0));
  Value tensor =
      op.getInputs()[argument.getArgNumber() - unsigned(loops.size())];
  Layout layout = k.layoutOf(tensor);
  VectorType type = k.vectorType(lanes, k.b.getIndexType());
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(
        k.b, k.loc, DenseElementsAttr::get(type, k.b.getIndexAttr(value)));
  };
  Value at = constant(layout.offset);
  for (auto [index, size, stride] :
       llvm::zip_equal(indices, layout.shape, layout.strides)) {
    Value inside = arith::MaxSIOp::create(k.b, k.loc, index, constant(0));
    inside = arith::MinSIOp::create(k.b, k.loc, inside, constant(size - 1));
    Value distance =
        arith::MulIOp::create(k.b, k.loc, inside, constant(stride));
    at = arith::AddIOp::create(k.b, k.loc, at, distance);
  }
  return assemble(lanes, [&](int64_t lane) {
    Value address = vector::ExtractOp::create(k.b, k.loc, at, lane);
    return k.loadScalar(k.bufferOf(tensor), Index(address));
  });
}

GenericWriter::Vectors GenericWriter::runRegion(int64_t lanes,
                                                ArrayRef<Value> state) {
  DenseMap<Value, Value> known;
  auto valueOf = [&](Value value) {
    Value &vector = known[value];
    if (!vector)
      vector = argumentValue(cast<BlockArgument>(value), lanes, state);
    return vector;
  };
  Block &body = op.getBody().front();
  for (Operation &inner : body.without_terminator()) {
    bool isExtract = inner.getName().getStringRef() == "tensor.extract";
    SmallVector<Value> operands;
    for (Value operand : inner.getOperands().drop_front(isExtract ? 1 : 0))
      operands.push_back(valueOf(operand));
    known[inner.getResult(0)] = isExtract
                                    ? extract(&inner, operands, lanes)
                                    : emitScalar(k, &inner, operands, lanes);
  }
  Vectors results;
  for (Value value : body.getTerminator()->getOperands())
    results.push_back(valueOf(value));
  return results;
}

//===-- the loops
//-----------------------------------------------------------===//

/// Vectors run along the last dimension of the first result that has more than
/// one element; loops of one iteration are left out.
LoopOrder::LoopOrder(edge::GenericOp op) {
  for (AffineExpr expr : op.getResultMap(0).getResults()) {
    unsigned loop = cast<AffineDimExpr>(expr).getPosition();
    if (op.getSizes()[loop] == 1)
      continue;
    if (vector)
      outer.push_back(*vector);
    vector = loop;
  }
  for (unsigned loop : op.getReductionLoops())
    if (op.getSizes()[loop] != 1)
      reductions.push_back(loop);
}

/// A reduction waits for its additions, so several run side by side.
GroupedLoops LoopOrder::grouped(edge::GenericOp op, int64_t lanes) const {
  SmallVector<int64_t> sizes;
  for (unsigned loop : outer)
    sizes.push_back(op.getSizes()[loop]);
  return GroupedLoops(sizes, vector ? op.getSizes()[*vector] : 1,
                      reductions.empty() ? 2 : 4, lanes);
}

/// The reduction loops from `depth` on; the state is that of each vector of the
/// group, all results of the first one first.
GenericWriter::Vectors GenericWriter::reduce(size_t depth, Index start,
                                             ArrayRef<int64_t> widths,
                                             const Vectors &state) {
  if (depth < order.reductions.size()) {
    unsigned loop = order.reductions[depth];
    return k.loop(0, op.getSizes()[loop], 1, state,
                  [&](Index i, ArrayRef<Value> carried) -> Vectors {
                    loops[loop] = i;
                    return reduce(depth + 1, start, widths, Vectors(carried));
                  });
  }
  Vectors next;
  size_t perVector = op.getNumResults();
  for (auto [v, lanes] : llvm::enumerate(widths)) {
    if (order.vector)
      loops[*order.vector] = start + int64_t(v) * fullLanes();
    llvm::append_range(next, runRegion(lanes, ArrayRef(state).slice(
                                                  v * perVector, perVector)));
  }
  return next;
}

/// Without inits nobody reads the state, but loops carry it.
Value GenericWriter::initialState(unsigned result, int64_t lanes) {
  if (op.getInits().empty()) {
    Type element =
        cast<RankedTensorType>(op.getResult(result).getType()).getElementType();
    return arith::ConstantOp::create(
        k.b, k.loc, k.b.getZeroAttr(k.vectorType(lanes, element)));
  }
  Value init = op.getInits()[result];
  return loadAt(k.bufferOf(init), k.layoutOf(init), op.getResultMap(result),
                lanes);
}

void GenericWriter::writeGroup(ArrayRef<int64_t> widths) {
  Index start = order.vector ? loops[*order.vector] : Index(0);
  auto moveTo = [&](size_t v) {
    if (order.vector)
      loops[*order.vector] = start + int64_t(v) * fullLanes();
  };
  Vectors state;
  for (auto [v, lanes] : llvm::enumerate(widths)) {
    moveTo(v);
    for (unsigned result = 0; result < op.getNumResults(); ++result)
      state.push_back(initialState(result, lanes));
  }
  Vectors results = reduce(0, start, widths, state);
  for (auto [v, lanes] : llvm::enumerate(widths)) {
    moveTo(v);
    ArrayRef<Value> own =
        ArrayRef(results).slice(v * op.getNumResults(), op.getNumResults());
    if (op.getNumResults() > 1) {
      for (auto [index, vector] : llvm::enumerate(own))
        storeAt(vector, index, lanes);
      continue;
    }
    SmallVector<Index> position;
    for (AffineExpr expr : op.getResultMap(0).getResults())
      position.push_back(loops[cast<AffineDimExpr>(expr).getPosition()]);
    storeAt(emitEpilogue(k, own.front(), position, lanes), 0, lanes);
  }
}

void GenericWriter::write() {
  order.grouped(op, fullLanes())
      .emit(k,
            [&](ArrayRef<Index> outer, Index start, ArrayRef<int64_t> widths) {
              for (auto [loop, index] : llvm::zip_equal(order.outer, outer))
                loops[loop] = index;
              if (order.vector)
                loops[*order.vector] = start;
              writeGroup(widths);
            });
}

//===-- the emitter
//---------------------------------------------------------===//

bool GenericEmitter::matches(schedule::KernelOp kernel) const {
  auto op = dyn_cast_or_null<edge::GenericOp>(kernel.getAnchor());
  if (!op)
    return false;
  // The region's operations are on the tensors' elements themselves, so these
  // must be what registers hold.
  auto isEmittableTensor = [](Type type) {
    Type element = elementOf(type);
    return isEmittableElement(element) && computedType(element) == element;
  };
  return llvm::all_of(op->getOperandTypes(), isEmittableTensor) &&
         llvm::all_of(op->getResultTypes(), isEmittableTensor) &&
         llvm::all_of(
             op.getBody().front().without_terminator(), [](Operation &inner) {
               return inner.getName().getStringRef() == "tensor.extract" ||
                      isEmittableScalar(&inner);
             });
}

int64_t GenericEmitter::extent(schedule::KernelOp kernel,
                               schedule::TilingAttr tiling) const {
  auto op = cast<edge::GenericOp>(kernel.getAnchor());
  return LoopOrder(op).grouped(op, tiling.getLanes()).extent();
}

/// One per operation of the region and point of the loops.
int64_t GenericEmitter::flops(schedule::KernelOp kernel) const {
  auto op = cast<edge::GenericOp>(kernel.getAnchor());
  int64_t count =
      std::distance(op.getBody().front().begin(), op.getBody().front().end());
  for (int64_t size : op.getSizes())
    if (llvm::MulOverflow(count, size, count))
      return INT64_MAX;
  return count;
}

LogicalResult GenericEmitter::emit(KernelBuilder &k) const {
  GenericWriter(k).write();
  return success();
}

const KernelEmitter &kernel::genericEmitter() {
  static const GenericEmitter emitter;
  return emitter;
}

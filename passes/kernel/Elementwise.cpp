//===- Elementwise.cpp - kernels without an anchor -----------------------===//
//
// A loop over the result's elements that loads each operand where the element's
// position lies in it, computes the region, and stores. Where no operand
// broadcasts and nothing has a halo this is one loop over all elements, which
// threads split in blocks; otherwise they split the outer dimensions.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "passes/kernel/Epilogue.h"
#include "passes/kernel/IterationSpace.h"
#include "passes/kernel/KernelTable.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {

/// Elements of a flat range that one step of the kernel's range covers; a
/// multiple of every unrolled vector.
constexpr int64_t blockElements = 4096;

/// An operand as the loops see it.
struct Stream {
  BlockArgument argument;
  Layout layout;
};

class ElementwiseEmitter : public StreamingEmitter {
public:
  StringRef name() const override { return "elementwise"; }

  bool matches(schedule::KernelOp kernel) const override {
    return !kernel.getAnchor();
  }
  bool takesParts(schedule::KernelOp) const override { return true; }

  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr) const override {
    IterationSpace space = IterationSpace::get(kernel);
    if (space.rank() == 1)
      return llvm::divideCeil(space.inner(), blockElements);
    return SplitLoops(space.outer()).extent();
  }

  SmallVector<int64_t>
  inPlaceOperands(schedule::KernelOp kernel) const override;
  LogicalResult emit(KernelBuilder &k) const override;
};

/// Writes one kernel.
class ElementwiseWriter {
public:
  explicit ElementwiseWriter(KernelBuilder &k)
      : k(k), space(IterationSpace::get(k.kernel)), result(k.resultLayout()) {
    for (BlockArgument argument : epilogueOperands(k.kernel))
      streams.push_back(
          {argument, k.layoutOf(argument).broadcastTo(result.shape)});
  }

  void write();

private:
  void writeFlat();
  /// Neighbouring vectors from `at` on in the row that `outer` names.
  void writeVectors(ArrayRef<Index> outer, Index at, ArrayRef<int64_t> widths);
  /// Vectors per step: as many as their intermediate values leave registers.
  int64_t unroll() const {
    int64_t registers = k.machine.getVectorRegisters();
    int64_t perVector = isExpensiveEpilogue(k.kernel) ? 16 : 4;
    return std::clamp<int64_t>(registers / perVector, 1, 4);
  }

  KernelBuilder &k;
  IterationSpace space;
  Layout result;
  SmallVector<Stream> streams;
};

} // namespace

void ElementwiseWriter::write() {
  if (space.rank() == 1)
    return writeFlat();
  SplitLoops(space.outer()).emit(k, [&](ArrayRef<Index> outer) {
    forVectors(k, space.inner(), unroll(),
               [&](Index at, ArrayRef<int64_t> widths) {
                 writeVectors(outer, at, widths);
               });
  });
}

/// Whole steps in [begin, end) * blockElements; what remains behind the last
/// one is the last block's.
void ElementwiseWriter::writeFlat() {
  int64_t size = space.inner(), step = unroll() * k.lanes();
  int64_t whole = size / step * step;
  SmallVector<int64_t> widths(unroll(), k.lanes());
  if (whole) {
    Index end = k.minimum(k.mul(Index(k.end), blockElements), whole);
    k.loop(k.mul(Index(k.begin), blockElements), end, step,
           [&](Index at) { writeVectors({}, at, widths); });
  }
  widths.assign((size - whole) / k.lanes(), k.lanes());
  if (int64_t rest = size % k.lanes())
    widths.push_back(rest);
  if (widths.empty())
    return;
  k.ifEqual(Index(k.end), llvm::divideCeil(size, blockElements),
            [&] { writeVectors({}, whole, widths); });
}

void ElementwiseWriter::writeVectors(ArrayRef<Index> outer, Index at,
                                     ArrayRef<int64_t> widths) {
  // All loads before the first store: the buffers may be one.
  SmallVector<KnownVectors> known(widths.size());
  SmallVector<SmallVector<Index>> positions;
  for (auto [v, lanes] : llvm::enumerate(widths)) {
    SmallVector<Index> indices(outer);
    indices.push_back(at + int64_t(v) * k.lanes());
    positions.push_back(space.position(indices));
    for (Stream &stream : streams) {
      known[v][stream.argument] =
          loadBroadcast(k, k.bufferOf(stream.argument), stream.layout,
                        positions.back(), lanes);
    }
  }
  SmallVector<Value> results;
  for (auto [v, lanes] : llvm::enumerate(widths))
    results.push_back(emitRegion(k, known[v], lanes));
  for (auto [v, lanes] : llvm::enumerate(widths))
    k.store(results[v], k.resultBuffer(), k.address(result, positions[v]),
            lanes);
}

LogicalResult ElementwiseEmitter::emit(KernelBuilder &k) const {
  ElementwiseWriter(k).write();
  return success();
}

/// Operands of the result's layout and element type: each vector is loaded in
/// full before it is stored.
SmallVector<int64_t>
ElementwiseEmitter::inPlaceOperands(schedule::KernelOp kernel) const {
  SmallVector<int64_t> operands;
  auto type = cast<RankedTensorType>(kernel.getResult(0).getType());
  Layout result = getResultLayout(kernel, 0);
  for (auto [index, operand] : llvm::enumerate(kernel.getInputs())) {
    Layout layout = getOperandLayout(kernel, index);
    if (operand.getType() == type && layout.strides == result.strides &&
        layout.offset == result.offset && layout.allocated == result.allocated)
      operands.push_back(index);
  }
  return operands;
}

const KernelEmitter &kernel::elementwiseEmitter() {
  static const ElementwiseEmitter emitter;
  return emitter;
}

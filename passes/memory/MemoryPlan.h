//===- MemoryPlan.h - where every tensor of a model lies -------*- C++ -*-===//
//
// The plan of a function of steps (rt.launch, edge.if, edge.loop): the order in
// which they run, how long each buffer lives, and its place in the arena. What
// a branch or body needs is planned first; the step that runs it has a buffer
// of that size, its workspace. Making a plan changes no IR; edge-plan-memory
// applies it and edge-print-memory-plan shows it.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_MEMORY_MEMORYPLAN_H
#define EDGEC_PASSES_MEMORY_MEMORYPLAN_H

#include "dialects/edge/Control.h"
#include "dialects/rt/Rt.h"
#include "dialects/schedule/Schedule.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

namespace edgec {

/// Alignment of every buffer in the arena and of every constant in the
/// weights: a cache line, and the widest vector.
inline constexpr int64_t bufferAlignment = 64;

inline int64_t alignBuffer(int64_t bytes) {
  return (bytes + bufferAlignment - 1) / bufferAlignment * bufferAlignment;
}

/// Memory that holds one step's result, or several: some that take it over in
/// place one after the other, or some that lie beside each other in it. Or a
/// workspace (without values). `first` and `last` are steps of the plan's
/// order.
struct Buffer {
  int64_t sizeBytes = 0;
  int64_t first = 0;
  int64_t last = 0;
  int64_t offset = 0;
  /// The model's output that is written here directly; -1: in the arena.
  int64_t output = -1;
  /// The values are parts of what an edge.concat joins.
  bool isJoined = false;
  llvm::SmallVector<mlir::OpResult, 1> values;
};

/// Which results lie in one buffer because an edge.concat joins them.
class JoinedResults {
public:
  explicit JoinedResults(mlir::Block &block);

  /// The same value for all that lie in one buffer: `written` itself, where
  /// nothing joins it.
  mlir::Value leader(mlir::Value written) const;
  bool isJoined(mlir::Value written) const { return parent.contains(written); }

private:
  llvm::DenseMap<mlir::Value, mlir::Value> parent;
};

struct MemoryPlan {
  /// The launches, branches and loops in the order in which they run.
  std::vector<mlir::Operation *> order;
  std::vector<Buffer> buffers;
  llvm::DenseMap<mlir::Value, size_t> bufferOf;
  /// Of a branch or loop: the buffer that is its workspace, and the plans of
  /// the functions that it runs, in the order of edge::calledFunctions.
  llvm::DenseMap<mlir::Operation *, size_t> workspaceOf;
  llvm::DenseMap<mlir::Operation *,
                 llvm::SmallVector<std::shared_ptr<const MemoryPlan>, 2>>
      called;
  int64_t arenaBytes = 0;
  /// The most bytes that are alive at one step: no plan of this order can need
  /// less.
  int64_t liveBytes = 0;
  /// What the model's own order would have needed.
  int64_t modelOrderBytes = 0;

  /// A table of the steps with the buffers that they write.
  void print(llvm::raw_ostream &stream) const;
};

/// What is written into the buffer that `value` views: slices and reshapes are
/// looked through, and of a concatenation it is the first part.
mlir::Value viewedValue(mlir::Value value);

/// The steps that write what `value` shows, each once.
void collectWriters(mlir::Value value,
                    llvm::SmallVectorImpl<mlir::Operation *> &writers);

/// Where `value` lies in its buffer; null: it is dense.
schedule::MemoryAttr memoryOf(mlir::Value value);

/// Plans the memory of `function`. Fails with a diagnostic if an operation has
/// no place in it, or a result of the function cannot be written directly.
mlir::FailureOr<MemoryPlan> planMemory(mlir::func::FuncOp function);

/// Bytes of the buffer of a step's result, its halo included.
int64_t bufferBytes(mlir::OpResult result);
/// Bytes of a dense tensor.
int64_t tensorBytes(mlir::Type type);

/// Offsets in the workspace of a loop.
struct LoopWorkspace {
  LoopWorkspace(edge::LoopOp loop, int64_t bodyArenaBytes);

  int64_t counter, goesOn;
  /// Per sliced operand the row that the body reads; per result of the body
  /// (but goes_on) where it writes.
  llvm::SmallVector<int64_t> rows, results;
  int64_t arena, sizeBytes;
};

/// Gives each buffer that is not an output its offset; returns the arena's
/// size. Deterministic. Exposed for its tests.
int64_t assignOffsets(std::vector<Buffer> &buffers);

/// An order of `launches` (already in a valid order) that needs less memory at
/// its peak, found by a beam search, or the same order.
std::vector<rt::LaunchOp> orderForPeak(llvm::ArrayRef<rt::LaunchOp> launches);

} // namespace edgec

#endif // EDGEC_PASSES_MEMORY_MEMORYPLAN_H

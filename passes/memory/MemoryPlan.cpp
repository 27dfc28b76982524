//===- MemoryPlan.cpp - where every tensor of a model lies ----------------===//
//
// Lifetimes from the order of the launches, in-place chains merged into one
// buffer, results of the model written where the caller wants them.
//
//===----------------------------------------------------------------------===//
#include "passes/memory/MemoryPlan.h"

#include "dialects/edge/Edge.h"
#include "dialects/rt/Jobs.h"
#include "dialects/schedule/Views.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/Format.h"

using namespace edgec;
using namespace mlir;

Value edgec::viewedValue(Value value) {
  while (Operation *writer = value.getDefiningOp()) {
    if (schedule::isView(writer)) {
      value = writer->getOperand(0);
    } else if (auto wait = dyn_cast<rt::WaitOp>(writer)) {
      value = wait.getStarted()[cast<OpResult>(value).getResultNumber()];
    } else {
      break;
    }
  }
  return value;
}

void edgec::collectWriters(Value value, SmallVectorImpl<Operation *> &writers) {
  Operation *writer = value.getDefiningOp();
  if (!schedule::isView(writer)) {
    writer = viewedValue(value).getDefiningOp();
    if (writer && !llvm::is_contained(writers, writer))
      writers.push_back(writer);
    return;
  }
  for (Value operand : writer->getOperands())
    collectWriters(operand, writers);
}

/// Where a launch's result lies in its buffer; null: it is dense.
static schedule::MemoryAttr layoutOf(OpResult result) {
  auto launch = dyn_cast<rt::LaunchOp>(result.getOwner());
  return launch ? cast<schedule::MemoryAttr>(
                      launch.getLayouts()[result.getResultNumber()])
                : nullptr;
}

schedule::MemoryAttr edgec::memoryOf(Value value) {
  return schedule::getMemory(value, layoutOf);
}

JoinedResults::JoinedResults(Block &block) {
  for (auto concat : block.getOps<edge::ConcatOp>()) {
    Value first = viewedValue(concat.getInputs().front());
    for (Value input : concat.getInputs()) {
      Value one = leader(first), other = leader(viewedValue(input));
      parent[other] = one;
    }
  }
}

Value JoinedResults::leader(Value written) const {
  for (auto above = parent.find(written); above != parent.end();
       above = parent.find(written)) {
    if (above->second == written)
      break;
    written = above->second;
  }
  return written;
}

static int64_t elementBytes(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  Type element = tensor.getElementType();
  if (auto quantized = dyn_cast<quant::QuantizedType>(element))
    element = quantized.getStorageType();
  return llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
}

int64_t edgec::tensorBytes(Type type) {
  return cast<RankedTensorType>(type).getNumElements() * elementBytes(type);
}

/// Elements of the buffer that holds the value.
static int64_t bufferElements(Value value) {
  if (schedule::MemoryAttr memory = memoryOf(value))
    return memory.getBufferElements();
  return cast<RankedTensorType>(value.getType()).getNumElements();
}

int64_t edgec::bufferBytes(OpResult result) {
  return bufferElements(result) * elementBytes(result.getType());
}

/// True if the value fills its buffer, without halo.
static bool isDense(Value value) {
  return bufferElements(value) ==
         cast<RankedTensorType>(value.getType()).getNumElements();
}

/// True if a launch result may lie where `operand` lies, element by element.
static bool sameLayout(Value operand, OpResult result) {
  if (operand.getType() == result.getType() &&
      memoryOf(operand) == layoutOf(result))
    return true;
  auto from = cast<RankedTensorType>(operand.getType());
  auto to = cast<RankedTensorType>(result.getType());
  return isDense(operand) && isDense(result) &&
         from.getNumElements() == to.getNumElements() &&
         from.getElementType() == to.getElementType();
}

LoopWorkspace::LoopWorkspace(edge::LoopOp loop, int64_t bodyArenaBytes) {
  int64_t end = 0;
  auto place = [&](int64_t bytes) {
    int64_t offset = end;
    end = alignBuffer(end + bytes);
    return offset;
  };
  counter = place(sizeof(int64_t));
  goesOn = place(1);
  int64_t trips = std::max<int64_t>(loop.getTrips().value_or(1), 1);
  for (Value sliced : loop.getSliced())
    rows.push_back(place(tensorBytes(sliced.getType()) / trips));
  for (auto [index, result] : llvm::enumerate(loop.getResults())) {
    bool isState = index < loop.stateCount();
    results.push_back(
        place(tensorBytes(result.getType()) / (isState ? 1 : trips)));
  }
  arena = end;
  sizeBytes = end + bodyArenaBytes;
}

namespace {

/// Makes the plan of one function for one order of its launches.
class Planner {
public:
  using Outputs = llvm::DenseMap<Value, int64_t>;
  using Called = decltype(MemoryPlan::called);

  Planner(llvm::ArrayRef<Operation *> order, const Outputs &outputs,
          const JoinedResults &joined, const Called &called)
      : outputs(outputs), joined(joined) {
    plan.order.assign(order.begin(), order.end());
    plan.called = called;
  }

  MemoryPlan run() {
    findLastUses();
    for (auto [index, op] : llvm::enumerate(plan.order)) {
      auto step = static_cast<int64_t>(index);
      addResults(op, step);
      if (edge::isControl(op))
        addWorkspace(op, step);
    }
    countLiveBytes();
    plan.arenaBytes = assignOffsets(plan.buffers);
    return std::move(plan);
  }

private:
  const Outputs &outputs;
  const JoinedResults &joined;
  /// The last step that reads or writes each buffer, by its leader.
  llvm::DenseMap<Value, int64_t> lastUse;
  llvm::DenseMap<Value, size_t> joinedBuffers;
  MemoryPlan plan;

  void findLastUses() {
    for (auto [step, op] : llvm::enumerate(plan.order)) {
      for (Value operand : op->getOperands())
        lastUse[joined.leader(viewedValue(operand))] =
            static_cast<int64_t>(step);
      for (Value result : op->getResults())
        lastUse[joined.leader(viewedValue(result))] =
            static_cast<int64_t>(step);
    }
  }

  void addWorkspace(Operation *op, int64_t step) {
    Buffer buffer;
    for (const auto &called : plan.called[op])
      buffer.sizeBytes = std::max(buffer.sizeBytes, called->arenaBytes);
    if (auto loop = dyn_cast<edge::LoopOp>(op))
      buffer.sizeBytes = LoopWorkspace(loop, buffer.sizeBytes).sizeBytes;
    buffer.first = buffer.last = step;
    plan.workspaceOf[op] = plan.buffers.size();
    plan.buffers.push_back(std::move(buffer));
  }

  void addResults(Operation *op, int64_t step) {
    // Its results are those of the submission.
    if (isa<rt::WaitOp>(op))
      return;
    for (OpResult result : op->getResults()) {
      if (joined.isJoined(result)) {
        addJoined(result, step);
        continue;
      }
      Buffer *taken =
          outputs.contains(result) ? nullptr : bufferToTakeOver(result, step);
      if (taken) {
        taken->last = lastUse.at(result);
        taken->values.push_back(result);
        plan.bufferOf[result] = taken - plan.buffers.data();
        continue;
      }
      addBuffer(result, result, step);
    }
  }

  /// The first step that writes a part of the buffer begins its life.
  void addJoined(OpResult result, int64_t step) {
    Value leader = joined.leader(result);
    auto [found, isNew] =
        joinedBuffers.try_emplace(leader, plan.buffers.size());
    if (isNew) {
      addBuffer(result, leader, step);
      plan.buffers.back().isJoined = true;
      return;
    }
    plan.buffers[found->second].values.push_back(result);
    plan.bufferOf[result] = found->second;
  }

  void addBuffer(OpResult result, Value leader, int64_t step) {
    Buffer buffer;
    buffer.sizeBytes = bufferBytes(result);
    buffer.first = step;
    buffer.last = lastUse.at(leader);
    if (auto output = outputs.find(leader); output != outputs.end())
      buffer.output = output->second;
    buffer.values.push_back(result);
    plan.bufferOf[result] = plan.buffers.size();
    plan.buffers.push_back(std::move(buffer));
  }

  /// The buffer of an operand that dies in this step and that the kernel can
  /// overwrite with its first result.
  Buffer *bufferToTakeOver(OpResult result, int64_t step) {
    auto launch = dyn_cast<rt::LaunchOp>(result.getOwner());
    if (!launch || result.getResultNumber() != 0)
      return nullptr;
    for (int64_t index : launch.getInPlace()) {
      Value input = launch.getInputs()[index];
      auto operand = dyn_cast<OpResult>(viewedValue(input));
      auto found = plan.bufferOf.find(operand);
      if (!operand || found == plan.bufferOf.end())
        continue;
      Buffer &buffer = plan.buffers[found->second];
      // An operand that is read twice by this launch would be read after it
      // was written.
      auto reads = llvm::count_if(launch.getInputs(), [&](Value other) {
        return joined.leader(viewedValue(other)) == joined.leader(operand);
      });
      if (buffer.output < 0 && buffer.last == step && reads == 1 &&
          sameLayout(input, result))
        return &buffer;
    }
    return nullptr;
  }

  void countLiveBytes() {
    std::vector<int64_t> live(plan.order.size(), 0);
    for (const Buffer &buffer : plan.buffers) {
      if (buffer.output < 0)
        for (int64_t step = buffer.first; step <= buffer.last; ++step)
          live[step] += alignBuffer(buffer.sizeBytes);
    }
    for (int64_t bytes : live)
      plan.liveBytes = std::max(plan.liveBytes, bytes);
  }
};

} // namespace

/// A result without elements needs no memory.
static bool isEmptyConstant(Operation &op) {
  return isa<edge::ConstantOp>(op) &&
         cast<RankedTensorType>(op.getResult(0).getType()).getNumElements() ==
             0;
}

/// Checks what the planner relies on and collects the steps and outputs.
static LogicalResult collect(func::FuncOp function, const JoinedResults &joined,
                             std::vector<Operation *> &steps,
                             llvm::DenseMap<Value, int64_t> &outputs) {
  bool complete = true;
  for (Operation &op : function.getBody().front()) {
    if (isa<rt::LaunchOp, rt::SubmitOp, rt::WaitOp>(op) ||
        edge::isControl(&op)) {
      steps.push_back(&op);
    } else if (!isa<rt::GetWeightsOp, func::ReturnOp>(op) &&
               !schedule::isView(&op) && !isEmptyConstant(op)) {
      op.emitError("is not part of a kernel, so it has no place in memory");
      complete = false;
    }
  }
  auto terminator = cast<func::ReturnOp>(function.getBody().front().back());
  for (auto [index, operand] : llvm::enumerate(terminator.getOperands())) {
    if (cast<RankedTensorType>(operand.getType()).getNumElements() == 0)
      continue;
    auto result = dyn_cast<OpResult>(viewedValue(operand));
    bool isWritten = result && llvm::is_contained(steps, result.getOwner()) &&
                     isDense(operand);
    if (!isWritten ||
        !outputs.try_emplace(joined.leader(result), index).second) {
      terminator.emitError("output ")
          << index
          << " is not written by a kernel of its own; run "
             "edge-assign-layouts, which inserts a copy";
      complete = false;
    }
  }
  return success(complete);
}

namespace {
/// Plans functions, each once, those that it runs before it.
class FunctionPlanner {
public:
  FailureOr<std::shared_ptr<const MemoryPlan>> plan(func::FuncOp function) {
    if (auto known = plans.lookup(function))
      return known;
    FailureOr<MemoryPlan> made = make(function);
    if (failed(made))
      return failure();
    return plans[function] =
               std::make_shared<const MemoryPlan>(std::move(*made));
  }

  FailureOr<MemoryPlan> make(func::FuncOp function) {
    std::vector<Operation *> steps;
    Planner::Outputs outputs;
    if (!llvm::hasSingleElement(function.getBody())) {
      function.emitError("expected a body of one block");
      return failure();
    }
    JoinedResults joined(function.getBody().front());
    if (failed(collect(function, joined, steps, outputs)))
      return failure();
    Planner::Called called;
    std::vector<rt::LaunchOp> launches;
    for (Operation *step : steps) {
      if (auto launch = dyn_cast<rt::LaunchOp>(step)) {
        launches.push_back(launch);
        continue;
      }
      if (!edge::isControl(step))
        continue;
      if (depth == maxDepth) {
        step->emitError("branches and loops are nested more than ")
            << maxDepth << " deep";
        return failure();
      }
      ++depth;
      auto leave = llvm::scope_exit([&] { --depth; });
      for (func::FuncOp callee : edge::calledFunctions(step)) {
        auto inner = plan(callee);
        if (failed(inner))
          return failure();
        called[step].push_back(*inner);
      }
    }
    MemoryPlan result = Planner(steps, outputs, joined, called).run();
    result.modelOrderBytes = result.arenaBytes;
    // The search knows nothing of workspaces, and would undo the order in which
    // processors work at the same time.
    if (launches.size() != steps.size())
      return result;
    // The model's order stays unless another one really saves memory: its
    // launches tend to find their operands in the cache.
    std::vector<rt::LaunchOp> better = orderForPeak(launches);
    steps.assign(better.begin(), better.end());
    MemoryPlan reordered = Planner(steps, outputs, joined, called).run();
    if (reordered.arenaBytes < result.arenaBytes) {
      reordered.modelOrderBytes = result.arenaBytes;
      return reordered;
    }
    return result;
  }

private:
  static constexpr unsigned maxDepth = 64;
  unsigned depth = 0;
  llvm::DenseMap<Operation *, std::shared_ptr<const MemoryPlan>> plans;
};
} // namespace

FailureOr<MemoryPlan> edgec::planMemory(func::FuncOp function) {
  return FunctionPlanner().make(function);
}

void MemoryPlan::print(llvm::raw_ostream &stream) const {
  stream << "memory plan: arena " << arenaBytes << " bytes, alive at once "
         << liveBytes << ", in the model's order " << modelOrderBytes << "\n";
  stream << "step     offset      bytes  last  kernel\n";
  for (size_t step = 0; step < order.size(); ++step) {
    auto launch = dyn_cast<rt::LaunchOp>(order[step]);
    StringRef name =
        launch ? launch.getKernelName() : order[step]->getName().stripDialect();
    if (isa<rt::WaitOp>(order[step]))
      continue;
    for (OpResult result : order[step]->getResults()) {
      const Buffer &buffer = buffers[bufferOf.lookup(result)];
      stream << llvm::format("%4d ", static_cast<int>(step));
      if (buffer.output >= 0) {
        stream << llvm::format("  output %-2d",
                               static_cast<int>(buffer.output));
      } else {
        stream << llvm::format("%10lld", static_cast<long long>(buffer.offset));
      }
      stream << llvm::format(" %10lld  %4d  ",
                             static_cast<long long>(buffer.sizeBytes),
                             static_cast<int>(buffer.last))
             << name;
      if (buffer.isJoined)
        stream << " (beside others)";
      else if (buffer.values.front() != result)
        stream << " (in place)";
      stream << "\n";
    }
  }
}

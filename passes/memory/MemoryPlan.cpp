//===- MemoryPlan.cpp - where every tensor of a model lies ----------------===//
//
// Lifetimes from the order of the launches, in-place chains merged into one
// buffer, results of the model written where the caller wants them.
//
//===----------------------------------------------------------------------===//
#include "passes/memory/MemoryPlan.h"

#include "dialects/edge/Edge.h"

#include "llvm/Support/Format.h"

using namespace edgec;
using namespace mlir;

Value edgec::viewedValue(Value value) {
  while (auto reshape = value.getDefiningOp<edge::ReshapeOp>())
    value = reshape->getOperand(0);
  return value;
}

static schedule::MemoryAttr layoutOf(rt::LaunchOp launch, unsigned result) {
  return cast<schedule::MemoryAttr>(launch.getLayouts()[result]);
}

static int64_t elementBytes(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  Type element = tensor.getElementType();
  if (auto quantized = dyn_cast<quant::QuantizedType>(element))
    element = quantized.getStorageType();
  return llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
}

int64_t edgec::bufferBytes(rt::LaunchOp launch, unsigned result) {
  int64_t elements = 1;
  for (int64_t size : layoutOf(launch, result).getShape())
    elements *= size;
  return elements * elementBytes(launch.getResult(result).getType());
}

/// True if the result fills its buffer, without halo.
static bool isDense(OpResult result) {
  auto launch = cast<rt::LaunchOp>(result.getOwner());
  return layoutOf(launch, result.getResultNumber()).getShape() ==
         cast<RankedTensorType>(result.getType()).getShape();
}

/// True if a launch result may lie where `operand` lies, element by element.
static bool sameLayout(OpResult operand, OpResult result) {
  if (operand.getType() == result.getType() &&
      layoutOf(cast<rt::LaunchOp>(operand.getOwner()),
               operand.getResultNumber()) ==
          layoutOf(cast<rt::LaunchOp>(result.getOwner()),
                   result.getResultNumber()))
    return true;
  auto from = cast<RankedTensorType>(operand.getType());
  auto to = cast<RankedTensorType>(result.getType());
  return isDense(operand) && isDense(result) &&
         from.getNumElements() == to.getNumElements() &&
         from.getElementType() == to.getElementType();
}

namespace {

/// Makes the plan of one function for one order of its launches.
class Planner {
public:
  Planner(llvm::ArrayRef<rt::LaunchOp> order,
          const llvm::DenseMap<Value, int64_t> &outputs)
      : outputs(outputs) {
    plan.order.assign(order.begin(), order.end());
  }

  MemoryPlan run() {
    findLastUses();
    for (auto [step, launch] : llvm::enumerate(plan.order))
      addResults(launch, static_cast<int64_t>(step));
    countLiveBytes();
    plan.arenaBytes = assignOffsets(plan.buffers);
    return std::move(plan);
  }

private:
  const llvm::DenseMap<Value, int64_t> &outputs;
  llvm::DenseMap<Value, int64_t> lastUse;
  MemoryPlan plan;

  void findLastUses() {
    for (auto [step, launch] : llvm::enumerate(plan.order))
      for (Value operand : launch.getInputs())
        lastUse[viewedValue(operand)] = static_cast<int64_t>(step);
  }

  void addResults(rt::LaunchOp launch, int64_t step) {
    for (OpResult result : launch->getResults()) {
      auto used = lastUse.find(result);
      int64_t last = used == lastUse.end() ? step : used->second;
      auto output = outputs.find(result);
      if (output == outputs.end()) {
        if (Buffer *taken = bufferToTakeOver(launch, result, step)) {
          taken->last = last;
          taken->values.push_back(result);
          plan.bufferOf[result] = taken - plan.buffers.data();
          continue;
        }
      }
      Buffer buffer;
      buffer.sizeBytes = bufferBytes(launch, result.getResultNumber());
      buffer.first = step;
      buffer.last = last;
      if (output != outputs.end())
        buffer.output = output->second;
      buffer.values.push_back(result);
      plan.bufferOf[result] = plan.buffers.size();
      plan.buffers.push_back(std::move(buffer));
    }
  }

  /// The buffer of an operand that dies in this step and that the kernel can
  /// overwrite with its first result.
  Buffer *bufferToTakeOver(rt::LaunchOp launch, OpResult result, int64_t step) {
    if (result.getResultNumber() != 0)
      return nullptr;
    for (int64_t index : launch.getInPlace()) {
      auto operand = dyn_cast<OpResult>(viewedValue(launch.getInputs()[index]));
      auto found = plan.bufferOf.find(operand);
      if (!operand || found == plan.bufferOf.end())
        continue;
      Buffer &buffer = plan.buffers[found->second];
      // An operand that is read twice by this launch would be read after it
      // was written.
      auto reads = llvm::count_if(launch.getInputs(), [&](Value other) {
        return viewedValue(other) == operand;
      });
      if (buffer.output < 0 && buffer.last == step && reads == 1 &&
          sameLayout(operand, result))
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

/// Checks what the planner relies on and collects the launches and outputs.
static LogicalResult collect(func::FuncOp function,
                             std::vector<rt::LaunchOp> &launches,
                             llvm::DenseMap<Value, int64_t> &outputs) {
  bool complete = true;
  for (Operation &op : function.getBody().front()) {
    if (auto launch = dyn_cast<rt::LaunchOp>(op)) {
      launches.push_back(launch);
    } else if (!isa<edge::ReshapeOp, rt::GetWeightsOp, func::ReturnOp>(op)) {
      op.emitError("is not part of a kernel, so it has no place in memory");
      complete = false;
    }
  }
  auto terminator = cast<func::ReturnOp>(function.getBody().front().back());
  for (auto [index, operand] : llvm::enumerate(terminator.getOperands())) {
    auto result = dyn_cast<OpResult>(viewedValue(operand));
    bool isWritten =
        result && isa<rt::LaunchOp>(result.getOwner()) && isDense(result);
    if (!isWritten || !outputs.try_emplace(result, index).second) {
      terminator.emitError("output ")
          << index
          << " is not written by a kernel of its own; run "
             "edge-assign-layouts, which inserts a copy";
      complete = false;
    }
  }
  return success(complete);
}

FailureOr<MemoryPlan> edgec::planMemory(func::FuncOp function) {
  std::vector<rt::LaunchOp> launches;
  llvm::DenseMap<Value, int64_t> outputs;
  if (!llvm::hasSingleElement(function.getBody())) {
    function.emitError("expected a body of one block");
    return failure();
  }
  if (failed(collect(function, launches, outputs)))
    return failure();
  MemoryPlan plan = Planner(launches, outputs).run();
  plan.modelOrderBytes = plan.arenaBytes;
  // The model's order stays unless another one really saves memory: its
  // launches tend to find their operands in the cache.
  MemoryPlan reordered = Planner(orderForPeak(launches), outputs).run();
  if (reordered.arenaBytes < plan.arenaBytes) {
    reordered.modelOrderBytes = plan.arenaBytes;
    return reordered;
  }
  return plan;
}

void MemoryPlan::print(llvm::raw_ostream &stream) const {
  stream << "memory plan: arena " << arenaBytes << " bytes, alive at once "
         << liveBytes << ", in the model's order " << modelOrderBytes << "\n";
  stream << "step     offset      bytes  last  kernel\n";
  for (size_t step = 0; step < order.size(); ++step) {
    rt::LaunchOp launch = order[step];
    for (OpResult result : launch->getResults()) {
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
             << launch.getKernelName();
      if (buffer.values.front() != result)
        stream << " (in place)";
      stream << "\n";
    }
  }
}

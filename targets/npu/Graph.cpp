//===- Graph.cpp - the layers of a region and their tensors ---------------===//
//
// Numbers the tensors of a region in the order in which they appear, and
// connects the layers with them.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/Graph.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::npu;

/// The value whose bytes `value` has: through the reshapes of the region.
static Value rootOf(Value value, const llvm::SetVector<Operation *> &inside) {
  while (auto reshape = value.getDefiningOp<edge::ReshapeOp>()) {
    if (!inside.contains(reshape))
      break;
    value = reshape->getOperand(0);
  }
  return value;
}

bool Graph::livesBehind(int tensor, int last) const {
  return !tensors[tensor].outputs.empty() ||
         llvm::any_of(tensors[tensor].consumers,
                      [&](int consumer) { return consumer > last; });
}

static int64_t bytesOfValue(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return type.getNumElements() * bytesOf(elementOf(type.getElementType()));
}

namespace {
class GraphReader {
public:
  GraphReader(ArrayRef<Operation *> operations, const NpuMachine &machine)
      : machine(machine) {
    inside.insert(operations.begin(), operations.end());
  }

  LogicalResult read(ArrayRef<Value> inputs, ArrayRef<Value> outputs);
  Graph take() { return std::move(graph); }

private:
  int tensorOf(Value value);
  LogicalResult addLayer(schedule::KernelOp kernel);

  const NpuMachine &machine;
  llvm::SetVector<Operation *> inside;
  llvm::DenseMap<Value, int> known;
  Graph graph;
};
} // namespace

int GraphReader::tensorOf(Value value) {
  value = rootOf(value, inside);
  auto [at, isNew] = known.try_emplace(value, int(graph.tensors.size()));
  if (isNew) {
    Tensor tensor;
    tensor.bytes = bytesOfValue(value);
    tensor.constant = ConstantData::get(value);
    graph.tensors.push_back(std::move(tensor));
  }
  return at->second;
}

LogicalResult GraphReader::addLayer(schedule::KernelOp kernel) {
  std::string reason;
  std::optional<Layer> layer = readKernel(kernel, machine, reason);
  if (!layer)
    return kernel.emitError("cannot run on ") << machine.name << ": " << reason;
  int index = int(graph.layers.size());
  llvm::SmallVector<int, 3> reads;
  for (const Read &read : layer->reads) {
    reads.push_back(tensorOf(read.value));
    graph.tensors[reads.back()].consumers.push_back(index);
  }
  int result = tensorOf(layer->result);
  graph.tensors[result].producer = index;
  graph.reads.push_back(std::move(reads));
  graph.results.push_back(result);
  graph.layers.push_back(std::move(*layer));
  return success();
}

LogicalResult GraphReader::read(ArrayRef<Value> inputs,
                                ArrayRef<Value> outputs) {
  graph.bufferSizes = {0, 0};
  graph.outputCount = int64_t(outputs.size());
  for (Value input : inputs) {
    int tensor = tensorOf(input);
    if (graph.tensors[tensor].buffer < 0)
      graph.tensors[tensor].buffer = int64_t(graph.bufferSizes.size());
    graph.bufferSizes.push_back(bytesOfValue(input));
  }
  LogicalResult result = success();
  for (Operation *op : inside) {
    if (auto kernel = dyn_cast<schedule::KernelOp>(op))
      result = success(succeeded(addLayer(kernel)) && succeeded(result));
  }
  for (Value output : outputs) {
    graph.tensors[tensorOf(output)].outputs.push_back(
        int64_t(graph.bufferSizes.size()));
    graph.bufferSizes.push_back(bytesOfValue(output));
  }
  return result;
}

FailureOr<Graph> edgec::npu::readGraph(ArrayRef<Operation *> operations,
                                       ArrayRef<Value> inputs,
                                       ArrayRef<Value> outputs,
                                       const NpuMachine &machine) {
  GraphReader reader(operations, machine);
  if (failed(reader.read(inputs, outputs)))
    return failure();
  return reader.take();
}

void edgec::npu::findBoundary(ArrayRef<Operation *> operations,
                              SmallVectorImpl<Value> &inputs,
                              SmallVectorImpl<Value> &outputs) {
  llvm::SetVector<Operation *> inside(operations.begin(), operations.end());
  llvm::SetVector<Value> read;
  for (Operation *op : operations) {
    for (Value operand : op->getOperands()) {
      Operation *producer = operand.getDefiningOp();
      if (!inside.contains(producer) &&
          !isa_and_nonnull<edge::ConstantOp>(producer))
        read.insert(operand);
    }
    for (Value result : op->getResults()) {
      if (!isa<edge::ConstantOp>(op) &&
          llvm::any_of(result.getUsers(),
                       [&](Operation *user) { return !inside.contains(user); }))
        outputs.push_back(result);
    }
  }
  inputs.append(read.begin(), read.end());
}

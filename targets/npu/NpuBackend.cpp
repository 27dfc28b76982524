//===- NpuBackend.cpp - our NPU as a backend ------------------------------===//
//
// Answers the questions of placement and lowering with the parts of this
// folder.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/NpuBackend.h"

#include "dialects/edge/NodeName.h"
#include "targets/npu/DescribeSchedule.h"
#include "targets/npu/Encode.h"
#include "targets/npu/Lowering.h"
#include "targets/npu/WriteProgram.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::npu;
using namespace edgec::place;

namespace {
class NpuBackend : public Backend {
public:
  explicit NpuBackend(NpuMachine machine) : machine(std::move(machine)) {}

  StringRef kind() const override { return "npu"; }
  StringRef name() const override { return machine.name; }
  DeviceFigures figures() const override;
  std::vector<uint64_t> parameters() const override {
    auto all = machine.parameters();
    return {all.begin(), all.end()};
  }
  uint32_t formatVersion() const override { return NPU_FORMAT_VERSION; }
  bool supports(schedule::KernelOp kernel, std::string &reason) const override;
  Cost cost(ArrayRef<Operation *> region) const override;
  FailureOr<DeviceProgram> lower(RegionOp region,
                                 StringRef symbol) const override;
  FailureOr<std::vector<char>> encode(Operation *program) const override;

private:
  Cost costOf(const Estimate &estimate) const;

  NpuMachine machine;
};
} // namespace

DeviceFigures NpuBackend::figures() const {
  double hertz = 1e3 * double(machine.clockKilohertz);
  DeviceFigures figures;
  figures.clockHertz = hertz;
  figures.macsPerSecond =
      hertz * double(machine.macRows) * double(machine.macColumns);
  figures.memoryBytesPerSecond = hertz * double(machine.dmaBytesPerCycle);
  figures.localBytes = machine.sramBytes;
  figures.launchNanoseconds = double(machine.launchNanoseconds);
  figures.idleWatts = 1e-6 * double(machine.idleMicrowatts);
  return figures;
}

bool NpuBackend::supports(schedule::KernelOp kernel,
                          std::string &reason) const {
  std::optional<Layer> layer = readKernel(kernel, machine, reason);
  if (!layer)
    return false;
  if (fits(*layer, machine))
    return true;
  reason = "not even one tile of it fits the device's SRAM of " +
           std::to_string(machine.sramBytes / 1024) + " KB";
  return false;
}

Cost NpuBackend::costOf(const Estimate &estimate) const {
  Cost cost;
  cost.nanoseconds =
      double(estimate.cycles) * 1e6 / double(machine.clockKilohertz);
  cost.nanojoules = estimate.femtojoules * 1e-6;
  cost.memoryBytes = double(estimate.loadedBytes + estimate.storedBytes);
  return cost;
}

Cost NpuBackend::cost(ArrayRef<Operation *> region) const {
  if (region.empty())
    return {};
  // A question that has no answer is no error of the model.
  ScopedDiagnosticHandler quiet(region.front()->getContext(),
                                [](Diagnostic &) { return success(); });
  SmallVector<Value> inputs, outputs;
  findBoundary(region, inputs, outputs);
  FailureOr<Graph> graph = readGraph(region, inputs, outputs, machine);
  if (failed(graph))
    return {};
  FailureOr<Lowered> lowered =
      lowerGraph(*graph, machine, {}, /*predictOnly=*/true);
  return failed(lowered) ? Cost() : costOf(lowered->predicted);
}

/// What the model calls the layers of a region.
static std::vector<std::string> layerNames(const Graph &graph) {
  std::vector<std::string> names;
  names.reserve(graph.layers.size());
  for (const Layer &layer : graph.layers) {
    auto nodes = edge::nodeNames(layer.kernel->getLoc());
    names.push_back(nodes.empty() ? "layer " + std::to_string(names.size())
                                  : llvm::join(nodes, ";"));
  }
  return names;
}

FailureOr<DeviceProgram> NpuBackend::lower(RegionOp region,
                                           StringRef symbol) const {
  Block &body = region.getBody().front();
  SmallVector<Operation *> operations;
  for (Operation &op : body.without_terminator()) {
    if (!isa<edge::ConstantOp>(op))
      operations.push_back(&op);
  }
  SmallVector<Value> inputs(body.getArguments());
  SmallVector<Value> outputs(body.getTerminator()->getOperands());
  FailureOr<Graph> graph = readGraph(operations, inputs, outputs, machine);
  if (failed(graph))
    return failure();
  FailureOr<Lowered> lowered = lowerGraph(*graph, machine);
  if (failed(lowered))
    return failure();
  graph->bufferSizes[0] = int64_t(lowered->constants.size());
  graph->bufferSizes[1] = lowered->scratchBytes;
  SmallVector<Location> layers;
  for (const Layer &layer : graph->layers)
    layers.push_back(layer.kernel->getLoc());
  auto module = region->getParentOfType<ModuleOp>();
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  writeProgram(builder, region.getLoc(), symbol, machine, graph->bufferSizes,
               graph->outputCount, lowered->commands, layers);

  DeviceProgram program;
  program.constants = std::move(lowered->constants);
  program.scratchBytes = lowered->scratchBytes;
  program.predicted = costOf(lowered->predicted);
  program.macs = lowered->macs;
  describeSchedule(lowered->commands, machine, layerNames(*graph), program);
  return std::move(program);
}

FailureOr<std::vector<char>> NpuBackend::encode(Operation *program) const {
  return npu::encode(cast<npu::ProgramOp>(program));
}

/// Each unit signals a semaphore of its own.
static constexpr int64_t semaphoresNeeded = 4;

static llvm::Expected<std::unique_ptr<Backend>> create(StringRef name,
                                                       StringRef file) {
  NpuMachine machine;
  if (!file.empty()) {
    llvm::Expected<NpuMachine> parsed = parseNpuMachine(file, name);
    if (!parsed)
      return parsed.takeError();
    machine = std::move(*parsed);
  } else if (const NpuMachine *known = findNpuMachine(name)) {
    machine = *known;
  } else {
    return llvm::createStringError("there is no machine '" + name.str() + "'");
  }
  if (machine.semaphores < semaphoresNeeded) {
    return llvm::createStringError(
        name.str() + ": semaphores is " + std::to_string(machine.semaphores) +
        ", and the compiler needs at least " +
        std::to_string(semaphoresNeeded) + ": one for each unit");
  }
  return std::make_unique<NpuBackend>(std::move(machine));
}

BackendKind edgec::npu::npuBackend() {
  BackendKind kind;
  kind.kind = "npu";
  kind.summary = "our NPU: a MAC array, a vector unit and on-chip SRAM";
  for (const NpuMachine &machine : listNpuMachines())
    kind.devices.push_back(machine.name);
  kind.create = create;
  kind.registerDialects = [](DialectRegistry &registry) {
    registry.insert<NpuDialect>();
  };
  return kind;
}

//===- npu-layers.cpp - the cost model beside the simulator ---------------===//
//
//   npu-layers MODEL [-machine=npu-256] [-save=PREFIX]
//
// Compiles each layer of a model that the NPU supports as a job of its own and
// runs the job on the simulator, with its race check: the cycles that placement
// counts with, beside those of the simulated hardware, and the ratios of cycles
// and of energies. Then the same for all that the NPU supports, as few jobs as
// there are with the rest between them.
// The last column is the time over the roofline: the larger one of
// multiplications over the array's peak and bytes over the memory's bandwidth.
// -save writes the command streams of the latter to PREFIX0.bin, ...
//
// Exit code 1 if fewer than nine layers of ten are predicted to within 10 %, or
// a job does not run.
//
//===----------------------------------------------------------------------===//
#include "compiler/Compiler.h"
#include "dialects/edge/Edge.h"
#include "dialects/edge/NodeName.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/IRMapping.h"
#include "passes/place/Backend.h"
#include "runtime/devices/npu/npu_simulator.h"
#include "targets/npu/Graph.h"
#include "targets/npu/NpuBackend.h"
#include "targets/npu/NpuMachine.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"

using namespace edgec;
using namespace mlir;
namespace cl = llvm::cl;

namespace {

/// What the simulator says of a job.
struct Simulation {
  edge_npu_statistics statistics = {};
  std::string error;
};

struct Comparison {
  std::string name;
  double predictedCycles = 0, predictedFemtojoules = 0;
  int64_t macs = 0;
  Simulation simulation;

  uint64_t cycles() const { return simulation.statistics.cycles; }
  bool isNear() const {
    return std::abs(predictedCycles - double(cycles())) <=
           0.1 * double(cycles());
  }
};

class LayerBench {
public:
  LayerBench(const NpuMachine &machine, const place::Backend &backend)
      : machine(machine), backend(backend) {}

  void compareFunction(func::FuncOp function);

  std::vector<Comparison> layers, jobs;
  /// Streams of the jobs.
  std::vector<std::vector<char>> streams;

private:
  std::vector<char> lastStream;
  size_t firstOfRun = 0;

  Comparison compare(ArrayRef<Operation *> operations);
  place::RegionOp makeRegion(ModuleOp scratch,
                             ArrayRef<Operation *> operations);
  Simulation simulate(place::RegionOp region,
                      const place::DeviceProgram &program, Operation *commands);

  const NpuMachine &machine;
  const place::Backend &backend;
};

int64_t bytesOf(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return tensor.getNumElements() * tensor.getElementTypeBitWidth() / 8;
}

} // namespace

/// Lowers, encodes and runs the operations as one job.
Comparison LayerBench::compare(ArrayRef<Operation *> operations) {
  auto module = operations.front()->getParentOfType<ModuleOp>();
  OwningOpRef<ModuleOp> scratch = ModuleOp::create(module.getLoc());
  scratch->getOperation()->setAttrs(module->getAttrDictionary());
  place::RegionOp region = makeRegion(*scratch, operations);
  Comparison result;
  FailureOr<place::DeviceProgram> program = backend.lower(region, "job");
  if (failed(program)) {
    result.simulation.error = "not lowered";
    return result;
  }
  place::Cost cost = backend.cost(operations);
  result.predictedCycles =
      cost.nanoseconds * double(machine.clockKilohertz) * 1e-6;
  result.predictedFemtojoules = cost.nanojoules * 1e6;
  result.macs = program->macs;
  result.simulation = simulate(region, *program, scratch->lookupSymbol("job"));
  return result;
}

Simulation LayerBench::simulate(place::RegionOp region,
                                const place::DeviceProgram &program,
                                Operation *commands) {
  Simulation result;
  FailureOr<std::vector<char>> bytes = backend.encode(commands);
  if (failed(bytes)) {
    result.error = "not encoded";
    return result;
  }
  lastStream = *bytes;
  std::vector<std::vector<char>> memory = {
      program.constants, std::vector<char>(size_t(program.scratchBytes))};
  for (Type type : region.getInputs().getTypes())
    memory.emplace_back(size_t(bytesOf(type)));
  size_t firstOutput = memory.size();
  for (Type type : region.getResultTypes())
    memory.emplace_back(size_t(bytesOf(type)));
  std::vector<edge_npu_buffer> buffers;
  buffers.reserve(memory.size());
  for (auto [index, data] : llvm::enumerate(memory)) {
    uint32_t access = index == 1             ? EDGE_NPU_READ | EDGE_NPU_WRITE
                      : index >= firstOutput ? EDGE_NPU_WRITE
                                             : EDGE_NPU_READ;
    buffers.push_back({data.data(), data.size(), access, 0});
  }
  auto parameters = machine.parameters();
  edge_npu_options options = {};
  options.check_races = 1;
  edge_npu_simulator *npu = nullptr;
  edge_npu_error error = {};
  if (edge_npu_create(parameters.data(), uint32_t(parameters.size()), &options,
                      &npu, &error) ||
      edge_npu_run(npu, bytes->data(), bytes->size(), buffers.data(),
                   uint32_t(buffers.size()), nullptr, &result.statistics,
                   &error))
    result.error = llvm::formatv("command {0} {1}: {2}", error.command,
                                 error.rule, error.text);
  edge_npu_destroy(npu);
  return result;
}

/// A function in `scratch` that computes copies of the operations on the
/// device.
place::RegionOp LayerBench::makeRegion(ModuleOp scratch,
                                       ArrayRef<Operation *> operations) {
  SmallVector<Value> inputs, outputs;
  npu::findBoundary(operations, inputs, outputs);
  Location loc = operations.front()->getLoc();
  OpBuilder builder(scratch.getBodyRegion());
  SmallVector<Type> types(ValueRange(inputs).getTypes());
  SmallVector<Type> results(ValueRange(outputs).getTypes());
  auto function = func::FuncOp::create(builder, loc, "layers",
                                       builder.getFunctionType(types, results));
  Block *body = function.addEntryBlock();
  builder.setInsertionPointToEnd(body);
  auto region = place::RegionOp::create(builder, loc, results, 0,
                                        ValueRange(body->getArguments()));
  func::ReturnOp::create(builder, loc, region.getResults());
  Block *inside = builder.createBlock(&region.getBody(), {}, types,
                                      SmallVector<Location>(types.size(), loc));
  IRMapping mapping;
  mapping.map(inputs, inside->getArguments());
  for (Operation *op : operations) {
    for (Value operand : op->getOperands())
      if (!mapping.contains(operand))
        builder.clone(*operand.getDefiningOp(), mapping);
    builder.clone(*op, mapping);
  }
  SmallVector<Value> yielded;
  for (Value output : outputs)
    yielded.push_back(mapping.lookup(output));
  place::YieldOp::create(builder, loc, yielded);
  return region;
}

void LayerBench::compareFunction(func::FuncOp function) {
  SmallVector<Operation *> run;
  auto endRun = [&] {
    if (llvm::any_of(run, llvm::IsaPred<schedule::KernelOp>)) {
      jobs.push_back(compare(run));
      streams.push_back(lastStream);
      jobs.back().name =
          llvm::formatv("all from '{0}' on", layers[firstOfRun].name);
    }
    run.clear();
    firstOfRun = layers.size();
  };
  for (Operation &op : function.getBody().front()) {
    std::string reason;
    auto kernel = dyn_cast<schedule::KernelOp>(op);
    if (kernel && backend.supports(kernel, reason)) {
      layers.push_back(compare({&op}));
      layers.back().name = llvm::join(edge::nodeNames(kernel.getLoc()), ", ");
      run.push_back(&op);
    } else if (isa<edge::ReshapeOp>(op)) {
      run.push_back(&op);
    } else if (!isa<edge::ConstantOp>(op)) {
      endRun();
    }
  }
  endRun();
}

/// Cycles that the machine needs at best.
static double rooflineCycles(const NpuMachine &machine,
                             const Comparison &comparison) {
  const edge_npu_statistics &statistics = comparison.simulation.statistics;
  return std::max(
      double(comparison.macs) / double(machine.macRows * machine.macColumns),
      double(statistics.dram_read_bytes + statistics.dram_written_bytes) /
          double(machine.dmaBytesPerCycle));
}

static void print(const NpuMachine &machine, const Comparison &comparison) {
  if (!comparison.simulation.error.empty()) {
    llvm::outs() << llvm::formatv("{0,-40} {1}\n", comparison.name,
                                  comparison.simulation.error);
    return;
  }
  const edge_npu_statistics &statistics = comparison.simulation.statistics;
  double cycles = double(statistics.cycles);
  llvm::outs() << llvm::formatv(
      "{0,-40} {1,12} {2,12} {3,12:F0} {4,6:F3} {5,7:F3} {6,10} "
      "{7,7:F2}\n",
      llvm::StringRef(comparison.name).take_back(40), comparison.macs,
      statistics.cycles, comparison.predictedCycles,
      comparison.predictedCycles / cycles,
      comparison.predictedFemtojoules /
          double(edge_npu_femtojoules(&statistics)),
      (statistics.dram_read_bytes + statistics.dram_written_bytes) / 1024,
      cycles / rooflineCycles(machine, comparison));
}

/// Prints the tables; whether they are as they should be.
static bool report(const NpuMachine &machine, const LayerBench &bench) {
  llvm::outs() << llvm::formatv(
      "{0,-40} {1,12} {2,12} {3,12} {4,6} {5,7} {6,10} {7,7}\n", machine.name,
      "MACs", "simulated", "predicted", "ratio", "energy", "DRAM KB", "x roof");
  size_t near = 0;
  bool ran = true;
  for (const Comparison &layer : bench.layers) {
    print(machine, layer);
    near += layer.isNear();
    ran &= layer.simulation.error.empty();
  }
  llvm::outs() << near << " of " << bench.layers.size()
               << " layers are predicted to within 10 %\n";
  for (const Comparison &job : bench.jobs) {
    print(machine, job);
    ran &= job.simulation.error.empty();
  }
  return ran && near * 10 >= bench.layers.size() * 9;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cl::opt<std::string> model{cl::Positional, cl::Required, cl::desc("MODEL")};
  cl::opt<std::string> machineName{"machine", cl::init("npu-256"),
                                   cl::desc("the NPU")};
  cl::opt<std::string> save{"save", cl::desc("write the streams of the jobs")};
  cl::ParseCommandLineOptions(argc, argv);
  const NpuMachine *machine = findNpuMachine(machineName);
  if (!machine) {
    llvm::errs() << "there is no machine '" << machineName << "'\n";
    return 2;
  }
  auto backend = npu::npuBackend().create(machineName, "");
  if (!backend) {
    llvm::errs() << llvm::toString(backend.takeError()) << "\n";
    return 2;
  }
  LayerBench bench(*machine, **backend);
  CompileOptions options;
  options.accelerators = {machineName};
  options.emit = Emit::MLIR;
  options.stopAfter = Stage::Fuse;
  options.afterStage = [&](Stage stage, ModuleOp module) {
    if (stage == Stage::Fuse)
      module.walk([&](func::FuncOp function) {
        if (!function.isExternal())
          bench.compareFunction(function);
      });
    return success();
  };
  llvm::Expected<Artifact> artifact = compile({model}, options);
  if (!artifact) {
    llvm::errs() << llvm::toString(artifact.takeError()) << "\n";
    return 1;
  }
  for (size_t i = 0; i < bench.streams.size() && !save.empty(); ++i) {
    std::error_code error;
    llvm::raw_fd_ostream os(save + std::to_string(i) + ".bin", error);
    os.write(bench.streams[i].data(), bench.streams[i].size());
  }
  return report(*machine, bench) ? 0 : 1;
}

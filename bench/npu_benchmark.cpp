//===- npu_benchmark.cpp - models on the simulated NPU --------------------===//
//
// Compiles quantized models up to their kernels, lowers every run of kernels
// that the NPU can compute as one region, and runs the command streams on the
// simulator. Prints cycles beside the roofline and the cost model's prediction,
// for the model or for each layer by itself:
//
//   npu-benchmark -machine=npu-256 -layers MODEL.tflite
//
// The times do not depend on the data, so the inputs are zeros.
//
//===----------------------------------------------------------------------===//
#include "compiler/Compiler.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "npu_simulator.h"
#include "targets/npu/Encode.h"
#include "targets/npu/Lowering.h"
#include "targets/npu/WriteProgram.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormattedStream.h"
#include "llvm/Support/Path.h"

using namespace edgec;
using namespace edgec::npu;
using namespace mlir;

namespace {
/// What the command line says.
struct Options {
  /// The compiler resets LLVM's options when it generates code for calibration,
  /// so they are copied before.
  std::vector<std::string> models;
  std::string machine, calibration, trace;
  bool layers = false, groups = false, layerByLayer = false;
};

/// What a region took, and what it needs at least.
struct Figures {
  int64_t predicted = 0, simulated = 0, macs = 0, bytes = 0, leastBytes = 0,
          macBusy = 0, loadBusy = 0, storeBusy = 0, vectorBusy = 0;

  Figures &operator+=(const Figures &other) {
    predicted += other.predicted;
    simulated += other.simulated;
    macs += other.macs;
    bytes += other.bytes;
    leastBytes += other.leastBytes;
    macBusy += other.macBusy;
    loadBusy += other.loadBusy;
    storeBusy += other.storeBusy;
    vectorBusy += other.vectorBusy;
    return *this;
  }
};

class Benchmark {
public:
  Benchmark(const NpuMachine &machine, const Options &options)
      : machine(machine), options(options) {
    auto parameters = machine.parameters();
    edge_npu_error error;
    if (edge_npu_create(parameters.data(), parameters.size(), nullptr,
                        &simulator, &error) != EDGE_NPU_OK)
      llvm::errs() << error.text << "\n";
  }
  ~Benchmark() { edge_npu_destroy(simulator); }

  bool run(llvm::StringRef path);

private:
  std::optional<Figures> runRegion(ArrayRef<Operation *> region, bool print);
  void print(llvm::StringRef name, const Figures &figures) const;

  const NpuMachine &machine;
  const Options &options;
  edge_npu_simulator *simulator = nullptr;
};
} // namespace

/// The bytes that any schedule moves: inputs, constants, outputs.
static int64_t leastBytes(const Graph &graph, const NpuMachine &machine) {
  int64_t bytes = 0;
  for (int64_t size : graph.bufferSizes)
    bytes += size;
  for (const Layer &layer : graph.layers)
    bytes += densePackBytes(layer, wholeOf(layer), machine);
  return bytes;
}

std::optional<Figures> Benchmark::runRegion(ArrayRef<Operation *> region,
                                            bool print) {
  SmallVector<Value> inputs, outputs;
  findBoundary(region, inputs, outputs);
  FailureOr<Graph> graph = readGraph(region, inputs, outputs, machine);
  if (failed(graph))
    return std::nullopt;
  Figures figures;
  figures.leastBytes = leastBytes(*graph, machine);
  PlanOptions plan;
  plan.layerByLayer = options.layerByLayer;
  FailureOr<Lowered> lowered = lowerGraph(*graph, machine, plan);
  if (failed(lowered))
    return std::nullopt;
  graph->bufferSizes[0] = int64_t(lowered->constants.size());
  graph->bufferSizes[1] = lowered->scratchBytes;
  OwningOpRef<ModuleOp> module =
      ModuleOp::create(UnknownLoc::get(region.front()->getContext()));
  OpBuilder builder = OpBuilder::atBlockEnd(module->getBody());
  SmallVector<Location> locations;
  for (const Layer &layer : graph->layers)
    locations.push_back(layer.kernel->getLoc());
  auto program =
      writeProgram(builder, module->getLoc(), "p", machine, graph->bufferSizes,
                   graph->outputCount, lowered->commands, locations);
  FailureOr<std::vector<char>> bytes = encode(program);
  if (failed(bytes))
    return std::nullopt;

  std::vector<std::vector<char>> memory = {std::move(lowered->constants)};
  std::vector<edge_npu_buffer> buffers;
  size_t count = graph->bufferSizes.size();
  for (size_t i = 1; i < count; ++i)
    memory.emplace_back(graph->bufferSizes[i]);
  for (size_t i = 0; i < count; ++i) {
    uint32_t access = i == 1 ? EDGE_NPU_READ | EDGE_NPU_WRITE : EDGE_NPU_READ;
    if (i >= count - size_t(graph->outputCount))
      access = EDGE_NPU_WRITE;
    buffers.push_back({memory[i].data(), memory[i].size(), access, 0});
  }
  edge_npu_statistics statistics = {};
  edge_npu_error error = {};
  edge_npu_trace perfetto = {};
  edge_npu_observer observer = {&perfetto, nullptr, edge_npu_trace_record};
  bool traced = print && !options.trace.empty();
  if (traced)
    edge_npu_trace_begin(&perfetto, fopen(options.trace.c_str(), "w"),
                         simulator);
  int32_t status = edge_npu_run(
      simulator, bytes->data(), bytes->size(), buffers.data(), uint32_t(count),
      traced ? &observer : nullptr, &statistics, &error);
  if (traced) {
    edge_npu_trace_end(&perfetto);
    fclose(perfetto.file);
  }
  if (status != EDGE_NPU_OK) {
    llvm::errs() << error.text << "\n";
    return std::nullopt;
  }
  figures.predicted = lowered->predicted.cycles;
  figures.simulated = int64_t(statistics.cycles);
  figures.macs = lowered->macs;
  figures.bytes =
      int64_t(statistics.dram_read_bytes + statistics.dram_written_bytes);
  figures.loadBusy = int64_t(statistics.units[0].busy_cycles);
  figures.storeBusy = int64_t(statistics.units[1].busy_cycles);
  figures.macBusy = int64_t(statistics.units[2].busy_cycles);
  figures.vectorBusy = int64_t(statistics.units[3].busy_cycles);
  if (print && options.groups) {
    for (const Group &group : lowered->groups)
      llvm::outs() << "    layers " << group.first << "-" << group.last
                   << (group.stripes
                           ? " in " + std::to_string(group.stripes) + " stripes"
                           : " by tiles of " +
                                 std::to_string(group.tiling.rows) + "x" +
                                 std::to_string(group.tiling.width) + "x" +
                                 std::to_string(group.tiling.outputs))
                   << ", " << int64_t(group.cycles) << " cycles\n";
  }
  return figures;
}

void Benchmark::print(llvm::StringRef name, const Figures &figures) const {
  double peak = double(machine.macRows * machine.macColumns);
  auto macs = double(figures.macs);
  auto bandwidth = double(machine.dmaBytesPerCycle);
  double bound = std::max(macs / peak, double(figures.bytes) / bandwidth);
  double floor = std::max(macs / peak, double(figures.leastBytes) / bandwidth);
  auto cycles = double(figures.simulated);
  llvm::outs() << llvm::left_justify(name.take_back(34), 34)
               << llvm::format(
                      " %10lld %10lld %7.1f%% %6.1f%% %6.2f %6.2f %8.2f  "
                      "%3.0f %3.0f %3.0f %3.0f\n",
                      (long long)figures.predicted,
                      (long long)figures.simulated,
                      100 * (double(figures.predicted) / cycles - 1),
                      100 * macs / peak / cycles, cycles / bound,
                      cycles / floor, double(figures.bytes) / 1e6,
                      100 * double(figures.macBusy) / cycles,
                      100 * double(figures.vectorBusy) / cycles,
                      100 * double(figures.loadBusy) / cycles,
                      100 * double(figures.storeBusy) / cycles);
}

bool Benchmark::run(llvm::StringRef path) {
  CompileOptions request;
  request.emit = Emit::MLIR;
  request.stopAfter = Stage::Fuse;
  if (!options.calibration.empty()) {
    request.quantize.emplace();
    request.quantize->calibrationPath = options.calibration;
  }
  llvm::Expected<Artifact> artifact = compile({path.str()}, request);
  if (!artifact) {
    llvm::errs() << llvm::toString(artifact.takeError()) << "\n";
    return false;
  }
  Figures whole;
  int64_t layers = 0, near = 0;
  for (auto function : artifact->module().getOps<func::FuncOp>()) {
    if (!function.isPublic())
      continue;
    std::vector<SmallVector<Operation *>> regions(1);
    for (Operation &op : function.getBody().front()) {
      std::string reason;
      auto kernel = dyn_cast<schedule::KernelOp>(op);
      if (kernel && !readKernel(kernel, machine, reason)) {
        llvm::outs() << "  not on the NPU: " << kernel.getKernelName() << ": "
                     << reason << "\n";
        regions.emplace_back();
      } else if (kernel || isa<edge::ReshapeOp>(op)) {
        regions.back().push_back(&op);
      }
    }
    for (auto &region : regions) {
      bool hasKernel = llvm::any_of(
          region, [](Operation *op) { return isa<schedule::KernelOp>(op); });
      if (!hasKernel)
        continue;
      if (std::optional<Figures> figures = runRegion(region, true))
        whole += *figures;
      if (!options.layers)
        continue;
      for (Operation *op : region) {
        if (!isa<schedule::KernelOp>(op))
          continue;
        std::optional<Figures> figures = runRegion({op}, false);
        if (!figures)
          continue;
        print(cast<schedule::KernelOp>(op).getKernelName(), *figures);
        ++layers;
        near += std::abs(figures->predicted - figures->simulated) * 10 <=
                figures->simulated;
      }
    }
  }
  print(llvm::sys::path::stem(path), whole);
  if (options.layers)
    llvm::outs() << "  predicted within 10 %: " << near << " of " << layers
                 << " layers\n";
  return true;
}

static Options parse(int argc, char **argv) {
  namespace cl = llvm::cl;
  static cl::list<std::string> models(cl::Positional, cl::OneOrMore,
                                      cl::desc("MODEL..."));
  static cl::opt<std::string> machine("machine", cl::init("npu-256"),
                                      cl::desc("the NPU (default: npu-256)"));
  static cl::opt<bool> layers("layers",
                              cl::desc("each layer by itself as well"));
  static cl::opt<bool> groups("groups",
                              cl::desc("print the groups of each region"));
  static cl::opt<bool> layerByLayer(
      "layer-by-layer", cl::desc("no cascades: each layer through memory"));
  static cl::opt<std::string> calibration(
      "calibrate",
      cl::desc("quantize the model with the samples of this folder"));
  static cl::opt<std::string> trace("trace",
                                    cl::desc("write the times for Perfetto"));
  cl::ParseCommandLineOptions(argc, argv, "models on the simulated NPU\n");
  Options options;
  options.models.assign(models.begin(), models.end());
  options.machine = machine;
  options.calibration = calibration;
  options.trace = trace;
  options.layers = layers;
  options.groups = groups;
  options.layerByLayer = layerByLayer;
  return options;
}

int main(int argc, char **argv) {
  Options options = parse(argc, argv);
  const NpuMachine *machine = findNpuMachine(options.machine);
  if (!machine) {
    llvm::errs() << "no machine '" << options.machine << "'\n";
    return 1;
  }
  llvm::outs() << "cycles predicted and simulated, error of the prediction, "
                  "use of the array; times the roofline of the bytes that were "
                  "moved and of the least; MB moved; busy units in %: mac, "
                  "vector, load, store\n";
  Benchmark benchmark(*machine, options);
  bool ok = true;
  for (const std::string &path : options.models)
    ok &= benchmark.run(path);
  return ok ? 0 : 1;
}

//===- CollectReport.cpp - listens to a compilation -----------------------===//
//
// See CollectReport.h. The memory plan is made once more, of a copy, as the
// memory stage makes it: afterwards nobody knows which buffer was whose.
//
//===----------------------------------------------------------------------===//
#include "compiler/report/CollectReport.h"

#include "dialects/edge/Alternative.h"
#include "dialects/edge/Variant.h"
#include "dialects/rt/Jobs.h"
#include "mlir/Pass/PassManager.h"
#include "passes/kernel/DotProduct.h"
#include "passes/memory/MemoryPlan.h"
#include "passes/place/HostCost.h"
#include "passes/place/Passes.h"

using namespace edgec;
using namespace mlir;

/// The model itself among its variants and alternatives, or null.
static func::FuncOp mainFunction(ModuleOp module) {
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function.isPublic() && !function.isExternal() &&
        !edge::otherOf(function))
      return function;
  }
  return nullptr;
}

//===----------------------------------------------------------------------===//
// Processors
//===----------------------------------------------------------------------===//

/// A multiplication and an addition are two operations.
static constexpr double perMac = 2;

static ReportProcessor describeHost(schedule::MachineAttr machine) {
  ReportProcessor host;
  host.machine = machine.getName().str();
  host.clockHertz = place::hostFigures(machine).clockHertz;
  double vectors = double(machine.getFmaPerCycle()) / 100;
  host.floatOperationsPerSecond =
      perMac * vectors * double(machine.getFloatLanes()) * host.clockHertz;
  host.integerOperationsPerSecond = host.floatOperationsPerSecond;
  Builder builder(machine.getContext());
  kernel::DotElements bytes{builder.getI8Type(), {-128, 127}};
  if (auto unit = kernel::findDotUnit(machine, bytes)) {
    auto paired = kernel::findRowPairUnit(machine, *unit);
    host.integerOperationsPerSecond *= double(paired.value_or(*unit).perLane());
  }
  host.memoryBytesPerSecond =
      double(machine.getMemoryBytesPerCycle()) / 100 * host.clockHertz;
  host.localBytes = std::max(
      {machine.getL1Bytes(), machine.getL2Bytes(), machine.getL3Bytes()});
  return host;
}

static ReportProcessor describeDevice(const place::DeviceFigures &figures,
                                      place::DeviceAttr device) {
  ReportProcessor processor;
  processor.machine = device.getName().str();
  processor.clockHertz = figures.clockHertz;
  processor.integerOperationsPerSecond = perMac * figures.macsPerSecond;
  processor.memoryBytesPerSecond = figures.memoryBytesPerSecond;
  processor.localBytes = figures.localBytes;
  return processor;
}

static void addWork(Report &report) {
  for (const place::PlacedWork &work : report.placement.timeline) {
    ReportProcessor &processor = report.processors[work.processor];
    processor.busyNanoseconds += work.cost.nanoseconds;
    processor.nanojoules += work.cost.nanojoules;
    processor.memoryBytes += work.cost.memoryBytes;
    processor.submissions += work.region ? 1 : 0;
    for (unsigned kernel : work.kernels) {
      ++processor.kernels;
      processor.operations += report.placement.kernels[kernel].operations;
    }
  }
}

static void describeProcessors(Report &report, ModuleOp module) {
  report.processors.push_back(describeHost(schedule::getMachine(module)));
  for (auto [figures, device] :
       llvm::zip(report.placement.devices, place::devicesOf(module)))
    report.processors.push_back(describeDevice(figures, device));
  for (auto [processor, name] :
       llvm::zip(report.processors, report.placement.processors))
    processor.name = name;
  addWork(report);
}

//===----------------------------------------------------------------------===//
// The program and its memory
//===----------------------------------------------------------------------===//

static ReportStep describeStep(Operation *op, double nanosecondsPerCycle) {
  ReportStep step;
  if (auto launch = dyn_cast<rt::LaunchOp>(op)) {
    step.name = launch.getKernelName().str();
    step.layers = launch.getLayers().str();
    step.nanoseconds =
        double(int64_t(launch.getCycles())) * nanosecondsPerCycle;
    step.operations = int64_t(launch.getFlops());
    step.bytes = int64_t(launch.getBytes());
  } else if (auto submit = dyn_cast<rt::SubmitOp>(op)) {
    step.name = submit.getName().str();
    step.layers = submit.getLayers().str();
    step.processor = unsigned(submit.getDevice()) + 1;
    step.nanoseconds = double(int64_t(submit.getNanoseconds()));
    step.operations = int64_t(perMac) * int64_t(submit.getMacs());
  } else if (auto wait = dyn_cast<rt::WaitOp>(op)) {
    step.name = "wait for " + wait.getSubmit().getName().str();
    step.processor = unsigned(wait.getSubmit().getDevice()) + 1;
    step.isWait = true;
  } else {
    step.name = op->getName().stripDialect().str();
  }
  return step;
}

static void describePlan(Report &report, const MemoryPlan &plan,
                         double nanosecondsPerCycle) {
  DenseMap<Operation *, unsigned> stepOf;
  for (Operation *op : plan.order) {
    stepOf[op] = unsigned(report.steps.size());
    report.steps.push_back(describeStep(op, nanosecondsPerCycle));
    auto submit = dyn_cast<rt::SubmitOp>(op);
    if (!submit)
      continue;
    const ReportStep &step = report.steps.back();
    ReportJob job;
    job.name = step.name;
    job.layers = step.layers;
    job.processor = step.processor;
    job.nanoseconds = step.nanoseconds;
    job.nanojoules = double(int64_t(submit.getNanojoules()));
    job.macs = int64_t(submit.getMacs());
    job.scratchBytes = tensorBytes(submit.getScratch().getType());
    report.jobs.push_back(std::move(job));
  }
  report.memory.arenaBytes = plan.arenaBytes;
  report.memory.liveBytes = plan.liveBytes;
  for (const Buffer &buffer : plan.buffers) {
    if (buffer.output >= 0 || buffer.sizeBytes == 0)
      continue;
    ReportBuffer described;
    described.offsetBytes = buffer.offset;
    described.sizeBytes = buffer.sizeBytes;
    described.firstStep = unsigned(buffer.first);
    described.lastStep = unsigned(buffer.last);
    described.name = "workspace";
    auto writer = buffer.values.empty()
                      ? stepOf.end()
                      : stepOf.find(buffer.values.front().getOwner());
    if (writer != stepOf.end()) {
      const ReportStep &step = report.steps[writer->second];
      described.name = step.layers.empty() ? step.name : step.layers;
      described.processor = step.processor;
    }
    report.memory.buffers.push_back(std::move(described));
  }
}

static LogicalResult describeProgram(Report &report, ModuleOp module) {
  OwningOpRef<ModuleOp> copy = module.clone();
  PassManager passes(module.getContext());
  passes.nest<func::FuncOp>().addPass(createOverlapJobs());
  if (failed(passes.run(*copy)))
    return failure();
  func::FuncOp function = mainFunction(*copy);
  FailureOr<MemoryPlan> plan = planMemory(function);
  if (failed(plan))
    return failure();
  describePlan(report, *plan, 1e9 / report.processors.front().clockHertz);
  return success();
}

/// What the submitted programs do inside, as their backends say.
static void describeJobs(
    Report &report,
    const std::map<std::string, place::DeviceProgram, std::less<>> &programs) {
  for (ReportJob &job : report.jobs) {
    auto found = programs.find(job.name);
    if (found == programs.end())
      continue;
    for (const place::ScheduledWork &work : found->second.schedule) {
      job.commands.push_back({work.unit, work.unit, work.layer,
                              work.beginNanoseconds, work.endNanoseconds,
                              work.memoryBytes, work.macs});
    }
    for (const place::LocalBuffer &buffer : found->second.localBuffers) {
      job.localBuffers.push_back({buffer.name, buffer.offsetBytes,
                                  buffer.sizeBytes, buffer.beginNanoseconds,
                                  buffer.endNanoseconds});
    }
  }
}

LogicalResult ReportCollector::look(Stage stage, ModuleOp module) {
  if (stage == Stage::Import)
    *this = ReportCollector();
  bool isEmpty = collected.placement.processors.empty();
  if (stage == Stage::Place && !isEmpty)
    describeProcessors(collected, module);
  if (stage == Stage::Kernel && !isEmpty) {
    if (failed(describeProgram(collected, module)))
      return failure();
    describeJobs(collected, programs);
  }
  if (stage == Stage::Memory) {
    for (auto program : module.getOps<rt::ProgramOp>()) {
      if (program.getVariantOf() || program.getAlternativeOf())
        continue;
      collected.model = program.getSymName().str();
      collected.memory.weightsBytes = int64_t(program.getWeightsBytes());
    }
  }
  return success();
}

void ReportCollector::listen(CompileOptions &options) {
  options.stages.onProgram = [this, others = options.stages.onProgram](
                                 llvm::StringRef symbol,
                                 const place::DeviceProgram &program) {
    place::DeviceProgram &kept = programs[symbol.str()];
    kept.schedule = program.schedule;
    kept.localBuffers = program.localBuffers;
    if (others)
      others(symbol, program);
  };
  options.stages.onPlacement = [this, others = options.stages.onPlacement](
                                   const place::Placement &placement) {
    // The model's own; alternatives come behind it.
    if (collected.placement.processors.empty())
      collected.placement = placement;
    if (others)
      others(placement);
  };
  options.afterStage = [this, others = options.afterStage](Stage stage,
                                                           ModuleOp module) {
    if (failed(look(stage, module)))
      return failure();
    return others ? others(stage, module) : success();
  };
}

//===- HostCost.cpp - what kernels cost on the processor ------------------===//
//
// See HostCost.h. The copy shares the constants, and gets layouts and tilings
// as the schedule stage would assign them if everything ran on the processor.
//
//===----------------------------------------------------------------------===//
#include "passes/place/HostCost.h"

#include "dialects/edge/Control.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Pass/PassManager.h"
#include "passes/kernel/KernelEmitter.h"
#include "passes/schedule/CostModel.h"
#include "passes/schedule/Passes.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::place;

/// Energy of a core by what it is, in nanojoules per busy cycle. The orders of
/// magnitude are those of published measurements of whole cores: 0.1 to 0.2 W
/// per GHz for small cores in order (Cortex-A53 and A55 in phones), 0.3 to 0.5
/// W per GHz for large ones (Cortex-A72 and A76), and 1.5 to 2.5 W per GHz for
/// those of PCs and servers, which have vectors of 256 bits and more.
static double coreNanojoules(schedule::MachineAttr machine) {
  if (machine.getInOrder())
    return 0.15;
  return machine.getVectorBits() >= 256 ? 2.0 : 0.4;
}

HostFigures edgec::place::hostFigures(schedule::MachineAttr machine) {
  // A clock that nobody stated is 1 GHz.
  constexpr int64_t unknownClockMHz = 1000;
  int64_t clockMHz =
      machine.getClockMHz() > 0 ? machine.getClockMHz() : unknownClockMHz;
  // LPDDR4: about 4 pJ per bit in the chip and as much on the wires.
  constexpr double lpddrNanojoulesPerByte = 0.06;
  return {1e6 * double(clockMHz), coreNanojoules(machine),
          lpddrNanojoulesPerByte};
}

static int64_t storedBytes(Type type) {
  auto shaped = cast<ShapedType>(type);
  return shaped.hasStaticShape()
             ? (shaped.getNumElements() * shaped.getElementTypeBitWidth() + 7) /
                   8
             : 0;
}

int64_t edgec::place::kernelTensorBytes(schedule::KernelOp kernel) {
  int64_t bytes = 0;
  llvm::SmallPtrSet<Value, 8> seen;
  for (Value value : kernel.getInputs())
    bytes += seen.insert(value).second ? storedBytes(value.getType()) : 0;
  for (Type type : kernel->getResultTypes())
    bytes += storedBytes(type);
  return bytes;
}

/// At least one.
static int64_t resultElements(schedule::KernelOp kernel) {
  int64_t elements = 1;
  for (Type type : kernel->getResultTypes())
    elements = std::max(elements, cast<ShapedType>(type).getNumElements());
  return elements;
}

int64_t edgec::place::kernelOperations(schedule::KernelOp kernel) {
  const kernel::KernelEmitter *emitter = kernel::findKernelEmitter(kernel);
  return emitter ? emitter->flops(kernel) : resultElements(kernel);
}

/// Of a kernel that was given a tiling.
static double kernelCycles(schedule::KernelOp kernel,
                           schedule::MachineAttr machine) {
  if (schedule::TilingAttr tiling = kernel.getTilingAttr();
      tiling && tiling.getCycles() > 0)
    return double(tiling.getCycles());
  int64_t elements = resultElements(kernel);
  int64_t operators = kernelOperations(kernel) / elements;
  return schedule::elementwiseCycles(elements, std::max<int64_t>(operators, 1),
                                     kernelTensorBytes(kernel), machine);
}

/// Of a branch the longer side; of a loop one round, as nobody knows how many.
static double controlCycles(Operation *op, schedule::MachineAttr machine) {
  double longest = 0;
  for (func::FuncOp function : edge::calledFunctions(op)) {
    double sum = 0;
    function.walk([&](Operation *inside) {
      if (auto kernel = dyn_cast<schedule::KernelOp>(inside))
        sum += kernelCycles(kernel, machine);
      else if (edge::isControl(inside))
        sum += controlCycles(inside, machine);
    });
    longest = std::max(longest, sum);
  }
  return longest;
}

/// Bytes that come from or go to memory outside of the chip: tensors larger
/// than half of the last cache, and weights where they all are.
static double outsideBytes(schedule::KernelOp kernel, int64_t weightBytes,
                           schedule::MachineAttr machine) {
  int64_t cacheBytes = std::max(
      {machine.getL1Bytes(), machine.getL2Bytes(), machine.getL3Bytes()});
  double bytes = 0;
  for (Value value : kernel.getInputs()) {
    bool isWeight = bool(value.getDefiningOp<edge::ConstantOp>());
    int64_t size = storedBytes(value.getType());
    if ((isWeight ? weightBytes : size) > cacheBytes / 2)
      bytes += double(size);
  }
  for (Type type : kernel->getResultTypes())
    if (storedBytes(type) > cacheBytes / 2)
      bytes += double(storedBytes(type));
  return bytes;
}

static LogicalResult assignTilings(ModuleOp module) {
  PassManager passes(module.getContext());
  passes.enableVerifier(false);
  passes.nest<func::FuncOp>().addPass(createAssignLayouts());
  passes.addPass(createChooseTiles());
  return passes.run(module);
}

FailureOr<std::vector<Cost>>
edgec::place::hostCosts(func::FuncOp function, const PlacementGraph &graph) {
  auto module = function->getParentOfType<ModuleOp>();
  schedule::MachineAttr machine = schedule::getMachine(module);
  if (!machine)
    return module.emitError("the module has no 'schedule.machine'; choose one "
                            "before kernels are placed");
  IRMapping mapping;
  OwningOpRef<ModuleOp> copy = cast<ModuleOp>(module->clone(mapping));
  int64_t weightBytes = 0;
  DenseSet<Attribute> known;
  function.walk([&](edge::ConstantOp constant) {
    if (known.insert(constant.getValueAttr()).second)
      weightBytes += storedBytes(constant.getType());
  });
  // The copies' originals: what the passes add belongs to whoever reads it.
  DenseMap<Operation *, unsigned> nodeOf;
  for (unsigned node = 0; node < graph.size(); ++node)
    nodeOf[mapping.lookup(graph.operation(node))] = node;
  if (failed(assignTilings(*copy)))
    return failure();

  std::vector<double> cycles(graph.size(), 0);
  auto copied = cast<func::FuncOp>(mapping.lookup(function.getOperation()));
  for (Operation &op : copied.getBody().front()) {
    auto kernel = dyn_cast<schedule::KernelOp>(op);
    if (auto node = nodeOf.find(&op); node != nodeOf.end()) {
      cycles[node->second] +=
          kernel ? kernelCycles(kernel, machine) : controlCycles(&op, machine);
      continue;
    }
    if (!kernel)
      continue;
    for (Operation *reader : kernel->getUsers()) {
      if (auto node = nodeOf.find(reader); node != nodeOf.end()) {
        cycles[node->second] += kernelCycles(kernel, machine);
        break;
      }
    }
  }
  HostFigures figures = hostFigures(machine);
  std::vector<Cost> costs(graph.size());
  for (unsigned node = 0; node < graph.size(); ++node) {
    Cost &cost = costs[node];
    cost.nanoseconds = cycles[node] / figures.clockHertz * 1e9;
    if (schedule::KernelOp kernel = graph.kernel(node))
      cost.memoryBytes = outsideBytes(kernel, weightBytes, machine);
    cost.nanojoules = cycles[node] * figures.nanojoulesPerCycle +
                      cost.memoryBytes * figures.nanojoulesPerByte;
  }
  return costs;
}

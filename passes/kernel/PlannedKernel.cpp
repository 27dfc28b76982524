//===- PlannedKernel.cpp - a kernel on its way to a launch ----------------===//
#include "passes/kernel/PlannedKernel.h"
#include "dialects/edge/Integer.h"
#include "passes/kernel/HalfArithmetic.h"
#include "passes/kernel/LayerNames.h"
#include "passes/kernel/Narrowing.h"
#include "passes/kernel/Requantize.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

PlannedKernel::PlannedKernel(schedule::KernelOp kernel,
                             const KernelEmitter *emitter)
    : chain(singleStage(kernel, emitter)), packings(1) {
  for (unsigned i = 0; i < kernel.getInputs().size(); ++i) {
    packings.front().push_back(
        getConstantOperand(kernel, i)
            ? emitter->packing(kernel, kernel.getTilingAttr(), i)
            : std::nullopt);
  }
}

SmallVector<PlannedOperand> PlannedKernel::operands() const {
  SmallVector<PlannedOperand> operands;
  for (auto [number, stage] : llvm::enumerate(chain.stages)) {
    for (auto [operand, packing] : llvm::enumerate(packings[number])) {
      if (number > 0 && chain.links[number - 1].operand == operand)
        continue;
      operands.push_back({stage.original, unsigned(operand), &packing});
    }
  }
  return operands;
}

SmallVector<RankedTensorType> PlannedKernel::scratch() const {
  SmallVector<RankedTensorType> types;
  for (const RowLink &link : chain.links)
    types.push_back(chain.scratch(link));
  if (!isChain())
    if (RankedTensorType type = emitter()->scratch(kernel(), tiling()))
      types.push_back(type);
  return types;
}

SmallVector<int64_t> PlannedKernel::inPlaceOperands() const {
  return isChain() ? SmallVector<int64_t>()
                   : emitter()->inPlaceOperands(kernel());
}

int64_t PlannedKernel::extent() const {
  return isChain() ? chain.parts : emitter()->extent(kernel(), tiling());
}

bool PlannedKernel::splitsColumns() const {
  return !isChain() && tiling() &&
         tiling().getSplit() == schedule::Split::columns;
}

static std::string joined(const RowChain &chain, char separator,
                          function_ref<std::string(schedule::KernelOp)> word) {
  std::string text;
  for (const RowStage &stage : chain.stages) {
    if (!text.empty())
      text += separator;
    text += word(stage.original);
  }
  return text;
}

std::string PlannedKernel::name() const {
  return joined(chain, '_', [](schedule::KernelOp kernel) {
    return kernel.getKernelName().str();
  });
}

std::string PlannedKernel::layers() const {
  return joined(chain, ';', layerNames);
}

int64_t PlannedKernel::flops() const {
  int64_t sum = 0;
  for (const RowStage &stage : chain.stages)
    sum += stage.emitter->flops(stage.original);
  return sum;
}

int64_t PlannedKernel::cycles() const {
  int64_t sum = 0;
  for (const RowStage &stage : chain.stages)
    sum += stage.tiling().getCycles();
  return sum * chain.slices();
}

//===-- equal kernels -----------------------------------------------------===//

static uintptr_t address(Type type) {
  return reinterpret_cast<uintptr_t>(type.getAsOpaquePointer());
}

static uintptr_t address(Attribute attribute) {
  return reinterpret_cast<uintptr_t>(attribute.getAsOpaquePointer());
}

static void addLayout(StructuralKey &key, const Layout &layout) {
  key.push_back(layout.shape.size());
  key.insert(key.end(), layout.shape.begin(), layout.shape.end());
  key.insert(key.end(), layout.strides.begin(), layout.strides.end());
  key.push_back(layout.offset);
  key.push_back(layout.allocated);
}

/// The operators of a block, those in their regions included.
static void addOperators(StructuralKey &key, Block &body,
                         DenseMap<Value, unsigned> &numbers) {
  auto addValue = [&](Value value) {
    numbers[value] = numbers.size();
    key.push_back(address(value.getType()));
  };
  for (Operation &op : body) {
    key.push_back(
        reinterpret_cast<uintptr_t>(op.getName().getAsOpaquePointer()));
    key.push_back(address(op.getAttrDictionary()));
    key.push_back(op.getNumOperands());
    for (Value operand : op.getOperands())
      key.push_back(numbers[operand]);
    for (Value result : op.getResults())
      addValue(result);
    for (Region &region : op.getRegions()) {
      for (Block &block : region) {
        for (BlockArgument argument : block.getArguments())
          addValue(argument);
        addOperators(key, block, numbers);
      }
    }
  }
}

static void addKernel(StructuralKey &key, const RowStage &stage,
                      ArrayRef<std::optional<Packing>> packings) {
  schedule::KernelOp kernel = stage.kernel;
  key.push_back(reinterpret_cast<uintptr_t>(stage.emitter));
  key.push_back(address(kernel.getTilingAttr()));
  DenseMap<Value, unsigned> numbers;
  Block &body = kernel.getBody().front();
  for (auto [index, argument] : llvm::enumerate(body.getArguments())) {
    numbers[argument] = numbers.size();
    key.push_back(address(argument.getType()));
    const std::optional<Packing> &packing = packings[index];
    key.push_back(packing ? address(packing->type) : 0);
    // How it is packed may be more than its size says.
    StringRef order = packing ? StringRef(packing->key) : StringRef();
    key.push_back(order.size());
    key.insert(key.end(), order.begin(), order.end());
    addLayout(key, getOperandLayout(kernel, index));
    // Slices of what.
    key.push_back(address(
        schedule::KernelOp(stage.original).getInputs()[index].getType()));
  }
  addOperators(key, body, numbers);
  key.push_back(
      computesHalves(stage.original, schedule::getMachine(stage.original)));
  for (auto rescale : body.getOps<edge::RescaleOp>())
    key.push_back(uintptr_t(requantizationForm(rescale)));
  for (auto requantize : body.getOps<edge::RequantizeOp>()) {
    auto range = RequantizedRange::of(requantize);
    key.push_back(uintptr_t(range.excludesNaN) | uintptr_t(range.fitsWords)
                                                     << 1);
  }
  for (unsigned result = 0; result < kernel.getNumResults(); ++result) {
    addLayout(key, getResultLayout(kernel, result));
    // The halo, which the strides do not show.
    key.push_back(address(kernel.getLayout(result)));
  }
}

StructuralKey PlannedKernel::key() const {
  StructuralKey key{chain.stages.size()};
  for (auto [stage, of] : llvm::zip_equal(chain.stages, packings))
    addKernel(key, stage, of);
  key.push_back(chain.batch.size());
  key.insert(key.end(), chain.batch.begin(), chain.batch.end());
  return key;
}

//===-- chains ------------------------------------------------------------===//

/// What an iteration of a chain may read again: weights that stay in the
/// second-level cache beside the windows.
static int64_t mostRepeatedBytes(schedule::MachineAttr machine) {
  return machine.getL2Bytes() / 4;
}

int64_t kernel::joinChains(std::vector<PlannedKernel> &kernels,
                           schedule::MachineAttr machine, int64_t leastBytes,
                           int64_t leastPanelBytes) {
  DenseMap<Operation *, size_t> numbers;
  for (auto [number, planned] : llvm::enumerate(kernels))
    numbers[planned.kernel()] = number;
  llvm::SmallBitVector joined(kernels.size());
  // A chain takes its kernels' places at the end of the last one.
  auto take = [&](PlannedKernel &planned, RowChain chain,
                  ArrayRef<size_t> others) {
    SmallVector<SmallVector<std::optional<Packing>>> packings;
    for (size_t other : others) {
      llvm::append_range(packings, kernels[other].packings);
      joined.set(other);
    }
    llvm::append_range(packings, planned.packings);
    planned.packings = std::move(packings);
    planned.chain = std::move(chain);
  };
  for (PlannedKernel &planned : kernels) {
    schedule::KernelOp kernel = planned.kernel();
    if (auto attention = findAttentionChain(kernel, machine, leastBytes)) {
      SmallVector<size_t> others;
      for (const RowStage &stage : ArrayRef(attention->stages).drop_back())
        others.push_back(numbers.at(stage.original));
      auto isPlain = [&](size_t other) { return !kernels[other].isChain(); };
      if (llvm::all_of(others, isPlain)) {
        take(planned, *attention, others);
        continue;
      }
      eraseSlices(*attention);
    }
    std::optional<RowLink> link =
        findRowLink(kernel, machine, leastBytes, mostRepeatedBytes(machine));
    if (link) {
      size_t before =
          numbers.at(kernel.getInputs()[link->operand].getDefiningOp());
      if (kernels[before].chain.slices() == 1) {
        if (auto chain = joinRows(kernels[before].chain, *link,
                                  planned.chain.last(), machine)) {
          take(planned, *chain, {before});
          continue;
        }
      }
    }
    if (auto panels = findChannelChain(kernel, machine, leastPanelBytes)) {
      size_t first = numbers.at(panels->chain.stages.front().original);
      if (!kernels[first].isChain()) {
        take(planned, panels->chain, {first});
        planned.packings = std::move(panels->packings);
        continue;
      }
      eraseSlices(panels->chain);
    }
  }
  size_t number = 0;
  llvm::erase_if(kernels,
                 [&](const PlannedKernel &) { return joined.test(number++); });
  return llvm::count_if(
      kernels, [](const PlannedKernel &planned) { return planned.isChain(); });
}

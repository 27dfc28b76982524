//===- ChooseTiles.cpp - a loop structure for every kernel ----------------===//
//
// The emitters know what their kernels compute and the cost model knows the
// machine; this pass introduces them to each other and writes down the result.
// Methods that store larger weights share a budget of bytes (GrowthBudget.h).
//
//   schedule.kernel "conv2d_1x1" ...
//   ->  schedule.kernel "conv2d_1x1" {tiling = #schedule.tiling<...>} ...
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Variant.h"
#include "passes/kernel/KernelEmitter.h"
#include "passes/kernel/Winograd.h"
#include "passes/schedule/GrowthBudget.h"
#include "passes/schedule/Passes.h"
#include "llvm/Support/MathExtras.h"

namespace edgec {
#define GEN_PASS_DEF_CHOOSETILES
#include "passes/schedule/Passes.h.inc"
} // namespace edgec

using namespace mlir;
using namespace edgec;

using schedule::WinogradChoice;

namespace {

/// A kernel that wants a tiling.
struct Candidate {
  schedule::KernelOp kernel;
  const kernel::KernelEmitter *emitter;
  schedule::TilingAttr direct;
  /// The constant that it wants packed, or null, and its size then.
  ElementsAttr weights;
  int64_t packedBytes = 0;
};

struct ChooseTiles : public edgec::impl::ChooseTilesBase<ChooseTiles> {
  using ChooseTilesBase::ChooseTilesBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    schedule::MachineAttr machine = schedule::getMachine(module);
    if (!machine) {
      module.emitError("the module has no 'schedule.machine'; choose one "
                       "before the tiles");
      return signalPassFailure();
    }
    // Variants last: they read the weights as the model packs them.
    chooseInModel(collect(machine, /*ofVariants=*/false), machine);
    for (const Candidate &candidate : collect(machine, /*ofVariants=*/true))
      chooseInVariant(candidate, machine);
  }

  /// May be null.
  schedule::TilingGuide *guide = nullptr;

private:
  /// Of a model's kernels, by the weights that they pack.
  DenseMap<Attribute, schedule::TilingAttr> tilingOfWeights;

  SmallVector<Candidate> collect(schedule::MachineAttr machine,
                                 bool ofVariants) {
    SmallVector<Candidate> candidates;
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (bool(edge::variantOf(function)) != ofVariants)
        continue;
      function.walk([&](schedule::KernelOp kernel) {
        // A kernel without emitter is reported by the kernel stage.
        const kernel::KernelEmitter *emitter =
            kernel::findKernelEmitter(kernel);
        if (!emitter || kernel.getTiling())
          return;
        Candidate candidate{kernel, emitter, emitter->schedule(kernel, machine),
                            nullptr};
        findWeights(candidate);
        candidates.push_back(candidate);
      });
    }
    return candidates;
  }

  static void findWeights(Candidate &candidate) {
    for (unsigned i = 0; i < candidate.kernel.getInputs().size(); ++i) {
      ElementsAttr constant = kernel::getConstantOperand(candidate.kernel, i);
      if (!constant)
        continue;
      std::optional<kernel::Packing> packing =
          candidate.emitter->packing(candidate.kernel, candidate.direct, i);
      if (!packing)
        continue;
      candidate.weights = constant;
      candidate.packedBytes = storedBytes(packing->type);
      return;
    }
  }

  static int64_t storedBytes(ShapedType type) {
    return llvm::divideCeil(
        type.getNumElements() * type.getElementTypeBitWidth(), 8);
  }

  /// What all constants of the model take.
  int64_t weightBytes() {
    int64_t bytes = 0;
    DenseSet<Attribute> known;
    getOperation().walk([&](edge::ConstantOp constant) {
      if (known.insert(constant.getValueAttr()).second)
        bytes += storedBytes(constant.getType());
    });
    return bytes;
  }

  void chooseInModel(ArrayRef<Candidate> candidates,
                     schedule::MachineAttr machine) {
    SmallVector<SmallVector<schedule::TilingAttr>> tilings;
    SmallVector<SmallVector<schedule::MethodCost>> costs;
    for (const Candidate &candidate : candidates) {
      tilings.push_back({candidate.direct});
      costs.push_back(
          {{double(candidate.direct.getCycles()), candidate.packedBytes}});
      for (int64_t outputs : winogradTiles()) {
        auto method =
            kernel::getWinogradMethod(candidate.kernel, machine, outputs);
        if (!method)
          continue;
        tilings.back().push_back(method->tiling);
        costs.back().push_back(
            {double(method->tiling.getCycles()), method->filterBytes});
      }
    }
    SmallVector<size_t> chosen = chooseMethods(costs);
    for (auto [i, candidate] : llvm::enumerate(candidates)) {
      schedule::KernelOp kernel = candidate.kernel;
      kernel.setTilingAttr(tilings[i][chosen[i]]);
      if (guide)
        followGuide(kernel, machine);
      if (candidate.weights)
        tilingOfWeights.try_emplace(candidate.weights, kernel.getTilingAttr());
    }
  }

  void followGuide(schedule::KernelOp kernel, schedule::MachineAttr machine) {
    // Of the method that was chosen.
    const kernel::KernelEmitter *emitter = kernel::findKernelEmitter(kernel);
    SmallVector<schedule::TilingAttr> tilings = schedule::promisingTilings(
        kernel.getTilingAttr(), emitter->candidates(kernel, machine));
    if (tilings.size() > 1)
      kernel.setTilingAttr(tilings[guide->choose(kernel, machine, tilings)]);
  }

  SmallVector<size_t>
  chooseMethods(ArrayRef<SmallVector<schedule::MethodCost>> costs) {
    if (winograd == WinogradChoice::automatic)
      return spendGrowth(costs, schedule::defaultGrowth(weightBytes()));
    if (winograd == WinogradChoice::on)
      return spendGrowth(costs, std::numeric_limits<int64_t>::max());
    // The method that is asked for, wherever there is one.
    SmallVector<size_t> chosen;
    chosen.reserve(costs.size());
    for (ArrayRef<schedule::MethodCost> methods : costs)
      chosen.push_back(methods.size() - 1);
    return chosen;
  }

  /// The sizes of tiles that the option allows.
  ArrayRef<int64_t> winogradTiles() const {
    static constexpr int64_t tiles[] = {4, 2};
    switch (winograd.getValue()) {
    case WinogradChoice::off:
      return {};
    case WinogradChoice::tile4:
      return ArrayRef(tiles).take_front();
    // Tiles of 2x2 round no more than a direct sum does.
    case WinogradChoice::automatic:
    case WinogradChoice::tile2:
      return ArrayRef(tiles).drop_front();
    case WinogradChoice::on:
      return tiles;
    }
    llvm_unreachable("a choice");
  }

  /// A tiling that reads the weights as those of the model are packed, by the
  /// same method.
  void chooseInVariant(Candidate candidate, schedule::MachineAttr machine) {
    schedule::KernelOp kernel = candidate.kernel;
    schedule::TilingAttr known = tilingOfWeights.lookup(candidate.weights);
    if (!known)
      return kernel.setTilingAttr(candidate.direct);
    if (!known.getWinograd())
      return kernel.setTilingAttr(
          candidate.emitter->scheduleLike(known, kernel, machine));
    auto method = kernel::getWinogradMethod(
        kernel, machine, known.getWinograd(), known.getVectors());
    kernel.setTilingAttr(method ? method->tiling : candidate.direct);
  }
};

} // namespace

std::unique_ptr<Pass> edgec::createChooseTiles(ChooseTilesOptions options,
                                               schedule::TilingGuide *guide) {
  auto pass = std::make_unique<ChooseTiles>(options);
  pass->guide = guide;
  return pass;
}

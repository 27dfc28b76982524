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
#include "passes/kernel/Strassen.h"
#include "passes/kernel/Winograd.h"
#include "passes/schedule/GrowthBudget.h"
#include "passes/schedule/MethodRemarks.h"
#include "passes/schedule/Passes.h"
#include "llvm/Support/MathExtras.h"

namespace edgec {
#define GEN_PASS_DEF_CHOOSETILES
#include "passes/schedule/Passes.h.inc"
} // namespace edgec

using namespace mlir;
using namespace edgec;

using schedule::StrassenChoice;
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

  /// The ways to compute a kernel, the direct one first.
  struct Methods {
    SmallVector<schedule::TilingAttr> tilings;
    SmallVector<schedule::MethodCost> costs;
    /// whether others than the first share the budget of bytes
    bool isBudgeted = false;
    /// whether the last one is taken, however long it takes
    bool isForced = false;

    void add(schedule::TilingAttr tiling, int64_t bytes) {
      tilings.push_back(tiling);
      costs.push_back({double(tiling.getCycles()), bytes});
    }
  };

  /// An eighth at most is saved, and predictions are right to some percent:
  /// what is predicted to be less than a twentieth may be a loss.
  static bool savesEnough(const Candidate &candidate,
                          const kernel::StrassenMethod &method) {
    return 20 * method.tiling.getCycles() <= 19 * candidate.direct.getCycles();
  }

  /// Filters that are transformed in the run wait for memory more than
  /// predicted: they must save a tenth.
  bool savesEnough(const Candidate &candidate,
                   const kernel::WinogradMethod &method) const {
    bool isForced = winograd == WinogradChoice::tile2InRun ||
                    winograd == WinogradChoice::tile4InRun;
    return isForced || !method.tiling.getFiltersInRun() ||
           10 * method.tiling.getCycles() <= 9 * candidate.direct.getCycles();
  }

  /// Winograd's method suits 3x3 convolutions, Strassen's products of a single
  /// run: no kernel has both.
  Methods methodsOf(const Candidate &candidate, schedule::MachineAttr machine) {
    Methods methods;
    methods.add(candidate.direct, candidate.packedBytes);
    for (int64_t outputs : winogradTiles()) {
      for (bool filtersInRun : filterForms()) {
        auto method = kernel::getWinogradMethod(candidate.kernel, machine,
                                                outputs, filtersInRun);
        if (!method || !savesEnough(candidate, *method))
          continue;
        methods.add(method->tiling, method->filterBytes);
        methods.isBudgeted = winograd == WinogradChoice::automatic;
        methods.isForced =
            !methods.isBudgeted && winograd != WinogradChoice::on;
      }
    }
    if (strassen == StrassenChoice::off || methods.tilings.size() > 1)
      return methods;
    auto method = kernel::getStrassenMethod(candidate.kernel, machine);
    methods.isForced = method && strassen == StrassenChoice::always;
    if (!method || (!methods.isForced && !savesEnough(candidate, *method)))
      return methods;
    methods.add(method->tiling, method->weightBytes);
    methods.isBudgeted = strassen == StrassenChoice::automatic;
    return methods;
  }

  void chooseInModel(ArrayRef<Candidate> candidates,
                     schedule::MachineAttr machine) {
    SmallVector<Methods> methods;
    methods.reserve(candidates.size());
    for (const Candidate &candidate : candidates)
      methods.push_back(methodsOf(candidate, machine));
    SmallVector<size_t> chosen = chooseMethods(methods);
    for (auto [i, candidate] : llvm::enumerate(candidates)) {
      schedule::KernelOp kernel = candidate.kernel;
      kernel.setTilingAttr(methods[i].tilings[chosen[i]]);
      schedule::remarkMethod(kernel, methods[i].tilings, methods[i].costs,
                             chosen[i], methods[i].isBudgeted);
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

  SmallVector<size_t> chooseMethods(ArrayRef<Methods> kernels) {
    SmallVector<size_t> chosen(kernels.size(), 0);
    SmallVector<SmallVector<schedule::MethodCost>> budgeted;
    SmallVector<size_t> numbers;
    for (auto [i, methods] : llvm::enumerate(kernels)) {
      if (methods.isBudgeted) {
        budgeted.push_back(methods.costs);
        numbers.push_back(i);
      } else if (methods.isForced) {
        chosen[i] = methods.costs.size() - 1;
      } else {
        chosen[i] = schedule::spendGrowth({methods.costs},
                                          std::numeric_limits<int64_t>::max())
                        .front();
      }
    }
    SmallVector<size_t> bought =
        schedule::spendGrowth(budgeted, schedule::defaultGrowth(weightBytes()));
    for (auto [i, method] : llvm::zip_equal(numbers, bought))
      chosen[i] = method;
    return chosen;
  }

  /// The sizes of tiles that the option allows.
  ArrayRef<int64_t> winogradTiles() const {
    static constexpr int64_t tiles[] = {4, 2};
    switch (winograd.getValue()) {
    case WinogradChoice::off:
      return {};
    case WinogradChoice::tile4:
    case WinogradChoice::tile4InRun:
      return ArrayRef(tiles).take_front();
    // Tiles of 2x2 round no more than a direct sum does.
    case WinogradChoice::automatic:
    case WinogradChoice::tile2:
    case WinogradChoice::tile2InRun:
      return ArrayRef(tiles).drop_front();
    case WinogradChoice::on:
      return tiles;
    }
    llvm_unreachable("a choice");
  }

  /// Whether filters come transformed, or are transformed in the run.
  ArrayRef<bool> filterForms() const {
    static constexpr bool forms[] = {false, true};
    switch (winograd.getValue()) {
    case WinogradChoice::tile2:
    case WinogradChoice::tile4:
      return ArrayRef(forms).take_front();
    case WinogradChoice::tile2InRun:
    case WinogradChoice::tile4InRun:
      return ArrayRef(forms).drop_front();
    default:
      return forms;
    }
  }

  /// A tiling that reads the weights as those of the model are packed, by the
  /// same method.
  void chooseInVariant(Candidate candidate, schedule::MachineAttr machine) {
    schedule::KernelOp kernel = candidate.kernel;
    schedule::TilingAttr known = tilingOfWeights.lookup(candidate.weights);
    if (!known)
      return kernel.setTilingAttr(candidate.direct);
    if (known.getStrassen()) {
      auto method =
          kernel::getStrassenMethod(kernel, machine, known.getVectors());
      return kernel.setTilingAttr(method ? method->tiling : candidate.direct);
    }
    if (!known.getWinograd())
      return kernel.setTilingAttr(
          candidate.emitter->scheduleLike(known, kernel, machine));
    auto method =
        kernel::getWinogradMethod(kernel, machine, known.getWinograd(),
                                  known.getFiltersInRun(), known.getVectors());
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

//===- ChooseTiles.cpp - a loop structure for every kernel ----------------===//
//
// The emitters know what their kernels compute and the cost model knows the
// machine; this pass introduces them to each other and writes down the result.
//
//   schedule.kernel "conv2d_1x1" ...
//   ->  schedule.kernel "conv2d_1x1" {tiling = #schedule.tiling<...>} ...
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Variant.h"
#include "passes/kernel/KernelEmitter.h"
#include "passes/kernel/Winograd.h"
#include "passes/schedule/Passes.h"

namespace edgec {
#define GEN_PASS_DEF_CHOOSETILES
#include "passes/schedule/Passes.h.inc"
} // namespace edgec

using namespace mlir;
using namespace edgec;

namespace {

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
    for (bool variants : {false, true}) {
      for (auto function : module.getOps<func::FuncOp>())
        if (bool(edge::variantOf(function)) == variants)
          chooseIn(function, machine, variants);
    }
  }

private:
  /// Of a model's kernels, by the weights that they pack.
  DenseMap<Attribute, schedule::TilingAttr> tilingOfWeights;

  void chooseIn(func::FuncOp function, schedule::MachineAttr machine,
                bool isVariant) {
    function.walk([&](schedule::KernelOp kernel) {
      // A kernel without emitter is reported by the kernel stage.
      const kernel::KernelEmitter *emitter = kernel::findKernelEmitter(kernel);
      if (!emitter)
        return;
      ElementsAttr weights;
      if (!kernel.getTiling()) {
        schedule::TilingAttr direct = emitter->schedule(kernel, machine);
        weights = packedWeights(kernel, *emitter, direct);
        schedule::TilingAttr known = tilingOfWeights.lookup(weights);
        kernel.setTilingAttr(
            isVariant && known
                ? chooseLike(known, kernel, *emitter, direct, machine)
                : kernel::chooseWinograd(kernel, machine, direct, winograd));
      }
      if (weights && !isVariant)
        tilingOfWeights.try_emplace(weights, kernel.getTilingAttr());
    });
  }

  /// The constant that the kernel wants packed, or null.
  static ElementsAttr packedWeights(schedule::KernelOp kernel,
                                    const kernel::KernelEmitter &emitter,
                                    schedule::TilingAttr tiling) {
    for (unsigned i = 0; i < kernel.getInputs().size(); ++i) {
      ElementsAttr constant = kernel::getConstantOperand(kernel, i);
      if (constant && emitter.packing(kernel, tiling, i))
        return constant;
    }
    return nullptr;
  }

  /// A tiling that reads the weights as those of `known` are packed, by the
  /// same method.
  static schedule::TilingAttr chooseLike(schedule::TilingAttr known,
                                         schedule::KernelOp kernel,
                                         const kernel::KernelEmitter &emitter,
                                         schedule::TilingAttr direct,
                                         schedule::MachineAttr machine) {
    using schedule::WinogradChoice;
    if (!known.getWinograd())
      return emitter.scheduleLike(known, kernel, machine);
    return kernel::chooseWinograd(kernel, machine, direct,
                                  known.getWinograd() == 4
                                      ? WinogradChoice::tile4
                                      : WinogradChoice::tile2,
                                  known.getVectors());
  }
};

} // namespace

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
    for (bool variants : {false, true})
      for (auto function : module.getOps<func::FuncOp>())
        if (bool(edge::variantOf(function)) == variants)
          chooseIn(function, machine, variants);
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
      if (!kernel.getTiling()) {
        kernel.setTilingAttr(kernel::chooseWinograd(
            kernel, machine, emitter->schedule(kernel, machine), winograd));
        emitter = kernel::findKernelEmitter(kernel);
      }
      for (unsigned i = 0; i < kernel.getInputs().size(); ++i) {
        schedule::TilingAttr tiling = kernel.getTilingAttr();
        ElementsAttr weights = kernel::getConstantOperand(kernel, i);
        if (!weights || !emitter->packing(kernel, tiling, i))
          continue;
        schedule::TilingAttr &known = tilingOfWeights[weights];
        if (!known)
          known = tiling;
        else if (isVariant && known.getWinograd() == tiling.getWinograd())
          kernel.setTilingAttr(emitter->scheduleLike(known, kernel, machine));
      }
    });
  }
};

} // namespace

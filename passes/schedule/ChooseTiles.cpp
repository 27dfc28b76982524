//===- ChooseTiles.cpp - a loop structure for every kernel ----------------===//
//
// The emitters know what their kernels compute and the cost model knows the
// machine; this pass introduces them to each other and writes down the result.
//
//   schedule.kernel "conv2d_1x1" ...
//   ->  schedule.kernel "conv2d_1x1" {tiling = #schedule.tiling<...>} ...
//
//===----------------------------------------------------------------------===//
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
    // A kernel without emitter is reported by the kernel stage.
    module.walk([&](schedule::KernelOp kernel) {
      if (kernel.getTiling())
        return;
      if (const kernel::KernelEmitter *emitter =
              kernel::findKernelEmitter(kernel))
        kernel.setTilingAttr(kernel::chooseWinograd(
            kernel, machine, emitter->schedule(kernel, machine), winograd));
    });
  }
};

} // namespace

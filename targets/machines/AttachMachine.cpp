//===- AttachMachine.cpp - a machine for the module -----------------------===//
//
// module { ... }  ->  module attributes {schedule.machine = #schedule.machine<
//   name = "cortex-a76", ...>} { ... }
//
//===----------------------------------------------------------------------===//
#include "targets/machines/Machine.h"
#include "targets/machines/Passes.h"

#include "llvm/ADT/StringExtras.h"

namespace edgec {
#define GEN_PASS_DEF_ATTACHMACHINE
#include "targets/machines/Passes.h.inc"
} // namespace edgec

using namespace edgec;

namespace {
struct AttachMachine : edgec::impl::AttachMachineBase<AttachMachine> {
  using AttachMachineBase::AttachMachineBase;

  void runOnOperation() override {
    MachineRequest request;
    request.target = target;
    request.cpu = cpu;
    request.features = llvm::join(features.begin(), features.end(), ",");
    request.file = file;
    llvm::Expected<Machine> machine = resolveMachine(request);
    if (!machine) {
      getOperation().emitError() << llvm::toString(machine.takeError());
      return signalPassFailure();
    }
    getOperation()->setAttr(schedule::machineAttrName,
                            machineAttribute(&getContext(), *machine));
  }
};
} // namespace

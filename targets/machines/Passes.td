//===- Passes.td - attaching a machine ---------------------*- tablegen -*-===//
#ifndef EDGEC_TARGETS_MACHINES_PASSES
#define EDGEC_TARGETS_MACHINES_PASSES

include "mlir/Pass/PassBase.td"

def AttachMachine : Pass<"edge-attach-machine", "::mlir::ModuleOp"> {
  let summary = "put the description of a machine on the module";
  let description = [{
    Resolves the options as `edgec` does its command line and leaves the result
    as the module attribute `schedule.machine`. The other passes read the machine
    from there and nowhere else.
  }];
  let dependentDialects = ["::edgec::schedule::ScheduleDialect"];
  let options = [
    Option<"target", "target", "std::string", "\"host\"",
           "host, x86_64, aarch64, riscv64 or an LLVM triple">,
    Option<"cpu", "cpu", "std::string", "\"\"",
           "an embedded machine or an LLVM processor name">,
    ListOption<"features", "features", "std::string",
           "LLVM features, each with + or -">,
    Option<"file", "file", "std::string", "\"\"", "a machine file">,
  ];
}

#endif // EDGEC_TARGETS_MACHINES_PASSES

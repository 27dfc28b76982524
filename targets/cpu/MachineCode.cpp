//===- MachineCode.cpp - from LLVM IR to an object's bytes ----------------===//
//
// The passes are those that TargetMachine::addPassesToEmitFile adds. They are
// added one by one here, because only then can a pass be left out: its
// configuration is not seen from outside, and its switches are global.
//
//===----------------------------------------------------------------------===//
#include "targets/cpu/MachineCode.h"

#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/CodeGen/MachineFunctionPass.h"
#include "llvm/CodeGen/MachineModuleInfo.h"
#include "llvm/CodeGen/Passes.h"
#include "llvm/CodeGen/TargetPassConfig.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/TargetParser/Triple.h"

using namespace edgec;

bool edgec::keepsWrittenOrder(schedule::MachineAttr machine) {
  return llvm::Triple(machine.getTriple()).isAArch64() && !machine.getInOrder();
}

llvm::Error edgec::emitMachineCode(llvm::Module &module,
                                   llvm::TargetMachine &targetMachine,
                                   schedule::MachineAttr machine,
                                   llvm::raw_pwrite_stream &stream,
                                   llvm::CodeGenFileType kind) {
  auto noGenerator = [&] {
    return llvm::createStringError("target '" + machine.getTriple() +
                                   "' cannot emit object files");
  };
  llvm::legacy::PassManager passes;
  llvm::TargetLibraryInfoImpl library(module.getTargetTriple());
  library.disableAllFunctions();
  passes.add(new llvm::TargetLibraryInfoWrapperPass(library));
  // The pass managers own what is added to them.
  auto *information = new llvm::MachineModuleInfoWrapperPass(&targetMachine);
  llvm::TargetPassConfig *passConfig = targetMachine.createPassConfig(passes);
  if (!passConfig)
    return noGenerator();
  if (keepsWrittenOrder(machine))
    passConfig->disablePass(&llvm::MachineSchedulerID);
  passes.add(passConfig);
  passes.add(information);
  if (passConfig->addISelPasses())
    return noGenerator();
  passConfig->addMachinePasses();
  passConfig->setInitialized();
  if (targetMachine.addAsmPrinter(passes, stream, nullptr, kind,
                                  information->getMMI().getContext()))
    return noGenerator();
  passes.add(llvm::createFreeMachineFunctionPass());
  passes.run(module);
  return llvm::Error::success();
}

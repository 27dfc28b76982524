//===- Arithmetic.cpp - on which floats a machine computes ----------------===//
//
// See Arithmetic.h.
//
//===----------------------------------------------------------------------===//
#include "passes/schedule/Arithmetic.h"
#include "passes/schedule/MachineFeatures.h"
#include "llvm/TargetParser/Triple.h"

using namespace edgec;
using namespace edgec::schedule;

bool schedule::computesHalves(MachineAttr machine) {
  if (!machine)
    return false;
  llvm::Triple triple(machine.getTriple());
  if (triple.isAArch64())
    return machine.getVectorBits() >= 128 && hasFeature(machine, "fullfp16");
  if (triple.isRISCV())
    return hasFeature(machine, "zvfh");
  // Shorter vectors would need AVX512-VL as well; no processor has one without
  // the other, and none that has both is described with them.
  return triple.isX86() && machine.getVectorBits() == 512 &&
         hasFeature(machine, "avx512fp16");
}

bool schedule::multipliesBrainFloats(MachineAttr machine) {
  if (!machine)
    return false;
  llvm::Triple triple(machine.getTriple());
  if (triple.isAArch64())
    return machine.getVectorBits() == 128 && hasFeature(machine, "bf16");
  return triple.isX86() &&
         (hasFeature(machine, "avx512bf16") || hasFeature(machine, "amx-bf16"));
}

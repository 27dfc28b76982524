//===- PrecisionSupport.cpp - floats that a processor computes on ---------===//
//
// See PrecisionSupport.h.
//
//===----------------------------------------------------------------------===//
#include "compiler/PrecisionSupport.h"
#include "mlir/IR/MLIRContext.h"
#include "passes/schedule/Arithmetic.h"
#include "llvm/TargetParser/Triple.h"

using namespace edgec;

/// Processors of the architecture that could.
static std::string advice(const llvm::Triple &triple, Precision precision) {
  if (precision == Precision::bfloat16) {
    if (triple.isX86())
      return "; -mcpu=znver4 and -mcpu=sapphirerapids have them";
    return triple.isAArch64()
               ? "; -mcpu=neoverse-v1 has them, and others with -mattr=+bf16"
               : "; x86 with AVX512-BF16 or AMX-BF16 and AArch64 with "
                 "FEAT_BF16 "
                 "have them";
  }
  if (triple.isAArch64())
    return "; -mcpu=cortex-a55 and -mcpu=cortex-a76 have it, and others with "
           "-mattr=+fullfp16";
  if (triple.isRISCV())
    return "; with the extension Zvfh it would (-mattr=+zvfh)";
  if (triple.isX86())
    return "; -mcpu=sapphirerapids has it (AVX512-FP16)";
  return "";
}

llvm::Error edgec::checkPrecision(Precision precision, const Machine &machine) {
  if (precision == Precision::float32)
    return llvm::Error::success();
  mlir::MLIRContext context;
  schedule::MachineAttr attribute = machineAttribute(&context, machine);
  bool isHalf = precision == Precision::float16;
  if (isHalf ? schedule::computesHalves(attribute)
             : schedule::multipliesBrainFloats(attribute))
    return llvm::Error::success();
  std::string name = isHalf ? "fp16" : "bf16";
  return llvm::createStringError(
      "-precision=" + name + ": '" + machine.name + "' has no " +
      (isHalf ? "arithmetic on f16" : "instructions for products of bf16") +
      advice(llvm::Triple(machine.triple), precision) +
      ". To keep weights alone in 16 bits, and compute on f32: -quantize=" +
      name);
}

//===- Lowering.cpp - the list of passes from kernels to LLVM -------------===//
//
// Upstream conversions in the one order that was found to work for kernels of
// scf, vector, arith and flat memrefs. What can run on one function at a time
// does, so that MLIR spreads the kernels over the processor's cores.
//
//===----------------------------------------------------------------------===//
#include "targets/cpu/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void edgec::buildCpuLowering(OpPassManager &passes,
                             std::optional<int64_t> parallelCycles) {
  // Before anything is lowered: the addresses are still on the rt.calls, and
  // kernels still say how large their buffers are.
  passes.addPass(createMarkKernelArguments());
  passes.addPass(createFormSections());
  ShareKernelsOptions share;
  share.parallelCycles = parallelCycles.value_or(share.parallelCycles);
  passes.addPass(createShareKernels(share));

  // While buffers are memrefs, which know their addresses.
  passes.addPass(createLowerCustomCalls());

  OpPassManager &kernel = passes.nest<func::FuncOp>();
  kernel.addPass(createCanonicalizerPass());
  kernel.addPass(createCSEPass());
  // Vectors of more than one dimension become scalars and rows of one.
  VectorTransferToSCFOptions unroll;
  unroll.enableFullUnroll();
  kernel.addPass(createConvertVectorToSCFPass(unroll));
  kernel.addPass(createLowerAffinePass());
  kernel.addPass(createSCFToControlFlowPass());
  // Subviews and strides become address arithmetic, in affine maps again.
  kernel.addPass(memref::createExpandStridedMetadataPass());
  kernel.addPass(createLowerAffinePass());
  kernel.addPass(createConvertVectorToLLVMPass());
  kernel.addPass(createConvertMathToLLVMPass());
  kernel.addPass(createArithToLLVMConversionPass());
  kernel.addPass(createConvertIndexToLLVMPass());

  // These change the module's functions and their types.
  passes.addPass(createFinalizeMemRefToLLVMConversionPass());
  // Bare pointers: a kernel's buffers are flat, its sizes known.
  ConvertFuncToLLVMPassOptions barePointers;
  barePointers.useBarePtrCallConv = true;
  passes.addPass(createConvertFuncToLLVMPass(barePointers));
  passes.addPass(createConvertControlFlowToLLVMPass());
  passes.addPass(createUBToLLVMConversionPass());
  passes.addPass(createReconcileUnrealizedCastsPass());

  OpPassManager &lowered = passes.nest<LLVM::LLVMFuncOp>();
  lowered.addPass(createCanonicalizerPass());
  lowered.addPass(createCSEPass());

  // Last: the tasks call kernels by their final types.
  passes.addPass(createLowerProgram());
}

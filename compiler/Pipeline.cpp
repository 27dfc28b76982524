//===- Pipeline.cpp - THE pipeline, top to bottom -------------------------===//
//
// A model enters as a graph of edge operators and leaves as LLVM dialect, in
// seven named stages. Each stage is one function below; each order dependency
// has its reason beside it. -print-pipeline prints what stands here.
//
//===----------------------------------------------------------------------===//
#include "compiler/Pipeline.h"

#include "compiler/import/mlir/Passes.h"
#include "dialects/edge/Edge.h"
#include "dialects/rt/Rt.h"
#include "dialects/schedule/Schedule.h"
#ifdef EDGEC_HAS_Graph
#include "passes/graph/Passes.h"
#endif
#ifdef EDGEC_HAS_Fuse
#include "passes/fuse/Passes.h"
#endif
#ifdef EDGEC_HAS_Schedule
#include "passes/schedule/Passes.h"
#endif
#ifdef EDGEC_HAS_Kernel
#include "passes/kernel/Passes.h"
#endif
#ifdef EDGEC_HAS_Memory
#include "passes/memory/Passes.h"
#endif
#include "targets/cpu/Passes.h"
#include "targets/machines/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/AMX/AMXDialect.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ArmNeon/ArmNeonDialect.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Index/IR/IndexDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Transforms/Passes.h"

using namespace edgec;
using namespace mlir;

static constexpr StageInfo stageTable[] = {
    {Stage::Import, "import",
     "one public function of edge operators on static tensors, each argument "
     "and result named"},
    {Stage::Graph, "graph",
     "constants folded, no batch_norm, convolutions NHWC, nothing dead or "
     "computed twice"},
    {Stage::Fuse, "fuse",
     "every operator but constants and reshapes lies in a schedule.kernel"},
    {Stage::Schedule, "schedule",
     "the module has a machine; each kernel has its tiling and its layouts"},
    {Stage::Kernel, "kernel",
     "kernels are functions on flat buffers, the model launches them"},
    {Stage::Memory, "memory",
     "the model is one rt.program of calls on static addresses"},
    {Stage::Code, "code", "the LLVM dialect and nothing else"},
};

llvm::ArrayRef<StageInfo> edgec::stages() { return stageTable; }

std::optional<Stage> edgec::parseStage(llvm::StringRef name) {
  for (const StageInfo &info : stageTable)
    if (info.name == name)
      return info.stage;
  return std::nullopt;
}

void edgec::registerAllDialects(DialectRegistry &registry) {
  registry
      .insert<edge::EdgeDialect, schedule::ScheduleDialect, rt::RtDialect,
              // What kernels are made of.
              arith::ArithDialect, cf::ControlFlowDialect, func::FuncDialect,
              index::IndexDialect, LLVM::LLVMDialect, memref::MemRefDialect,
              scf::SCFDialect, ub::UBDialect, vector::VectorDialect,
              affine::AffineDialect, amx::AMXDialect, arm_neon::ArmNeonDialect,
              // What models come in.
              linalg::LinalgDialect, math::MathDialect, quant::QuantDialect,
              tensor::TensorDialect, tosa::TosaDialect,
              bufferization::BufferizationDialect>();
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

void edgec::registerAllPasses() {
  registerImportPasses();
#ifdef EDGEC_HAS_Graph
  registerGraphPasses();
#endif
#ifdef EDGEC_HAS_Fuse
  registerFusePasses();
#endif
#ifdef EDGEC_HAS_Schedule
  registerSchedulePasses();
#endif
#ifdef EDGEC_HAS_Kernel
  kernel::registerKernelPasses();
#endif
#ifdef EDGEC_HAS_Memory
  registerMemoryPasses();
#endif
  registerCpuPasses();
  registerMachinesPasses();
  PassPipelineRegistration<> lowering(
      "edge-cpu-lowering", "the code stage: kernels and program to LLVM",
      buildCpuLowering);
  registerTransformsPasses();
}

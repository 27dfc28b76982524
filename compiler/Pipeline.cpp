//===- Pipeline.cpp - THE pipeline, top to bottom -------------------------===//
//
// A model enters as a graph of edge operators and leaves as LLVM dialect, in
// eight named stages. Each stage is one function below; each order dependency
// has its reason beside it. -print-pipeline prints what stands here.
//
//===----------------------------------------------------------------------===//
#include "compiler/Pipeline.h"
#include "compiler/Passes.h"

#include "compiler/import/mlir/Passes.h"
#include "dialects/edge/Edge.h"
#include "dialects/npu/Npu.h"
#include "dialects/place/Place.h"
#include "dialects/rt/Rt.h"
#include "dialects/schedule/Schedule.h"
#include "passes/fuse/Passes.h"
#include "passes/graph/Passes.h"
#include "passes/kernel/Passes.h"
#include "passes/memory/Passes.h"
#include "passes/place/Passes.h"
#include "passes/quantize/Passes.h"
#include "passes/schedule/Passes.h"
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
    {Stage::Quantize, "quantize",
     "what has a range is an integer; no quantize, no dequantize"},
    {Stage::Fuse, "fuse",
     "every operator but constants and reshapes lies in a schedule.kernel"},
    {Stage::Place, "place",
     "what an accelerator computes lies in a place.region"},
    {Stage::Offload, "offload",
     "each region is an accelerator's program, submitted and waited for"},
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

//===----------------------------------------------------------------------===//
// The stages
//===----------------------------------------------------------------------===//

/// What the importer left is what the file said; nothing is changed here.
static void buildImport(OpPassManager &) {}

/// Layers without what zeros multiply.
static void addShrinking(OpPassManager &function, const StageOptions &options) {
  // First: channels may be read by nothing but what this cuts off.
  function.addPass(createFoldKnownValues({options.assumeFinite}));
  function.addPass(createCanonicalizerPass());
  function.addPass(createShrinkChannels({options.assumeFinite}));
  function.addPass(createCropFilters({options.assumeFinite}));
  // Last: the channels of values that are cut stay.
  function.addPass(createSplitProducts({options.assumeFinite}));
}

/// The graph that is worth scheduling.
static void buildGraph(OpPassManager &passes, const StageOptions &options) {
  OpPassManager &function = passes.nest<func::FuncOp>();
  // First: what else would find pairs between the operators that it looks for,
  // and would fold the weights to floats.
  function.addPass(createFuseQuantization({options.qdq}));
  // Before the constants, so that the casts of weights are folded with them.
  function.addPass(createWidenElements());
  // Then the constants: what follows asks which operands are constant.
  function.addPass(createFoldConstants());
  function.addPass(createCanonicalizerPass());
  function.addPass(createSimplifyOperators());
  // Activations while their operators still stand together.
  function.addPass(createRecognizeActivations());
  // Its mul and add are what transposes can pass.
  function.addPass(createFoldBatchNorm());
  function.addPass(createCanonicalizerPass());
  function.addPass(createCSEPass());
  // A reshape between two transposes would keep them apart, and one that a
  // transpose became keeps an activation from its convolution.
  function.addPass(createSinkReshapes());
  function.addPass(createCancelTransposes());
  function.addPass(createSinkReshapes());
  // Transposes moved onto weights.
  function.addPass(createFoldConstants());
  function.addPass(createCanonicalizerPass());
  // NHWC from here on: windows stand beside the pads that belong to them.
  function.addPass(createFoldPads());
  function.addPass(createSimplifyOperators());
  // Last, when all factors are constants of the filters' layout.
  function.addPass(createFoldScaleAndBias());
  // Once pads are convolutions' own: they compare with the zero point.
  function.addPass(createFoldZeroPoints());
  // When weights are what they will be: it changes their order.
  function.addPass(createAbsorbShuffles());
  addShrinking(function, options);
  function.addPass(createFoldConstants());
  function.addPass(createCanonicalizerPass());
  function.addPass(createCSEPass());
  // Branches and bodies of operators that were dead.
  passes.addPass(createSymbolDCEPass());
  // When all constants are what they will be.
  passes.addPass(createShareConstants());
}

/// Integers where values have ranges or layers compute them, shorter floats
/// where they are asked for; else nothing changes.
static void buildQuantize(OpPassManager &passes, const StageOptions &options) {
  OpPassManager &function = passes.nest<func::FuncOp>();
  function.addPass(createQuantize());
  function.addPass(createQuantizeDynamically());
  // Behind the graph stage's own, which saw the model's pairs.
  function.addPass(createFuseQuantization());
  // When all integers there will be are there, and before their zero points go
  // into biases.
  function.addPass(createSignBytes());
  // The integer convolutions that came up are like those of integer models.
  function.addPass(createFoldZeroPoints());
  // Weights that were small are zeros now.
  addShrinking(function, options);
  // What the pass before knows are floats.
  function.addPass(createNarrowWeights());
  // When it is known what is an integer; its casts of weights are folded next.
  function.addPass(createLowerPrecision({options.precision}));
  function.addPass(createFoldConstants());
  function.addPass(createCanonicalizerPass());
  // Weights are what they will be.
  function.addPass(createNarrowProducts());
  // Bytes have the sign that they will have, and no cast of theirs is folded
  // any more.
  function.addPass(createMultiplyBytes());
  function.addPass(createCSEPass());
  // Each variant has folded casts of its own.
  passes.addPass(createShareConstants());
}

/// One schedule.kernel per anchor and its epilogue.
static void buildFuse(OpPassManager &passes) {
  OpPassManager &function = passes.nest<func::FuncOp>();
  // When it is known which operators are float.
  function.addPass(createFormNormalizations());
  function.addPass(createScaleFilters());
  function.addPass(createFormKernels());
}

/// Which kernels run on which accelerator; without one nothing changes.
static void buildPlace(OpPassManager &passes, const StageOptions &options) {
  passes.addPass(
      createPlace(options.place, options.backends, options.onPlacement));
}

/// Their programs, in the backends' own dialects.
static void buildOffload(OpPassManager &passes, const StageOptions &options) {
  passes.addPass(createLowerRegions(options.backends, options.onProgram));
}

/// How each kernel runs on the module's machine.
static void buildSchedule(OpPassManager &passes, const StageOptions &options) {
  OpPassManager &function = passes.nest<func::FuncOp>();
  // Before the layouts: what lies beside each other has one.
  function.addPass(createFormViews());
  // Layouts before tiles: the cost of a tile depends on the strides it walks.
  function.addPass(createAssignLayouts());
  ChooseTilesOptions tiles;
  tiles.winograd = options.winograd;
  tiles.strassen = options.strassen;
  passes.addPass(createChooseTiles(tiles, options.tilingGuide));
}

/// Functions on flat buffers.
static void buildKernel(OpPassManager &passes, const StageOptions &options) {
  EmitKernelsOptions kernels;
  kernels.chainBytes = options.chainBytes;
  kernels.panelBytes = options.panelBytes;
  passes.addPass(createEmitKernels(kernels));
  // Once here, so that -stop-after=kernel shows what will be compiled.
  OpPassManager &function = passes.nest<func::FuncOp>();
  function.addPass(createCanonicalizerPass());
  function.addPass(createCSEPass());
  // When equal kernels look equal.
  passes.addPass(createMergeKernels());
}

/// Static addresses.
static void buildMemory(OpPassManager &passes, const StageOptions &options) {
  // When launches have their predicted times, and before lifetimes follow from
  // the order.
  passes.nest<func::FuncOp>().addPass(createOverlapJobs());
  // The bytes are weights, which are laid out with the others.
  passes.addPass(createEncodePrograms(options.backends));
  passes.addPass(createPlanMemory());
}

void edgec::buildStage(OpPassManager &passes, Stage stage,
                       const StageOptions &options) {
  switch (stage) {
  case Stage::Import:
    buildImport(passes);
    break;
  case Stage::Graph:
    buildGraph(passes, options);
    break;
  case Stage::Quantize:
    buildQuantize(passes, options);
    break;
  case Stage::Fuse:
    buildFuse(passes);
    break;
  case Stage::Place:
    buildPlace(passes, options);
    break;
  case Stage::Offload:
    buildOffload(passes, options);
    break;
  case Stage::Schedule:
    buildSchedule(passes, options);
    break;
  case Stage::Kernel:
    buildKernel(passes, options);
    break;
  case Stage::Memory:
    buildMemory(passes, options);
    break;
  case Stage::Code:
    buildCpuLowering(passes, options.parallelCycles);
    break;
  }
  for (const StageInfo &info : stageTable)
    if (info.stage == stage)
      passes.addPass(createVerifyStage({info.name.str()}));
}

void edgec::buildPipeline(OpPassManager &passes, Stage last) {
  for (const StageInfo &info : stageTable)
    if (info.stage <= last)
      buildStage(passes, info.stage);
}

/// "builtin.module(a,func.func(b,c{x=1}),d)" as one pass per line. Options are
/// shown for our passes only; upstream's print all of their defaults.
static void printPasses(llvm::raw_ostream &stream, llvm::StringRef text) {
  text.consume_front("builtin.module(");
  text.consume_back(")");
  std::string indent = "  ", line;
  int braces = 0;
  auto endLine = [&] {
    if (!line.empty())
      stream << indent << line << "\n";
    line.clear();
  };
  for (char c : text) {
    braces += c == '{';
    bool isOption = braces > 0;
    braces -= c == '}';
    if (isOption) {
      if (llvm::StringRef(line).starts_with("edge-"))
        line.push_back(c);
      continue;
    }
    if (c != '(' && c != ')' && c != ',') {
      line.push_back(c);
      continue;
    }
    endLine();
    if (c == '(')
      indent += "  ";
    if (c == ')')
      indent.resize(indent.size() - 2);
  }
  endLine();
}

std::string edgec::printPipeline(Stage last) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  for (const StageInfo &info : stageTable) {
    if (info.stage > last)
      break;
    OpPassManager passes("builtin.module");
    buildStage(passes, info.stage);
    std::string pipeline;
    llvm::raw_string_ostream pipelineStream(pipeline);
    passes.printAsTextualPipeline(pipelineStream, /*pretty=*/false);
    stream << info.name << ": " << info.contract << "\n";
    printPasses(stream, pipeline);
  }
  return text;
}

//===----------------------------------------------------------------------===//
// Registration
//===----------------------------------------------------------------------===//

void edgec::registerAllDialects(DialectRegistry &registry) {
  registry
      .insert<edge::EdgeDialect, schedule::ScheduleDialect, rt::RtDialect,
              place::PlaceDialect, npu::NpuDialect,
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
  registerGraphPasses();
  registerQuantizePasses();
  registerFusePasses();
  registerPlacePasses();
  registerSchedulePasses();
  registerKernelPasses();
  registerMemoryPasses();
  registerCompilerPasses();
  registerCpuPasses();
  registerMachinesPasses();
  PassPipelineRegistration<> lowering(
      "edge-cpu-lowering", "the code stage: kernels and program to LLVM",
      [](OpPassManager &passes) { buildCpuLowering(passes); });
  registerTransformsPasses();
}

//===- Pipeline.h - the way of a model through the compiler ----*- C++ -*-===//
//
// The stages of a compilation in their order, what each leaves behind, and the
// passes that make them up. Everything else (edgec, edge-opt, the C interface)
// asks here; Pipeline.cpp is the only place where the order is written down.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_PIPELINE_H
#define EDGEC_COMPILER_PIPELINE_H

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Pass/PassManager.h"
#include "passes/graph/QdqReference.h"
#include "passes/place/Passes.h"
#include "passes/quantize/Precision.h"
#include "passes/schedule/StrassenChoice.h"
#include "passes/schedule/TilingGuide.h"
#include "passes/schedule/WinogradChoice.h"
#include <optional>

namespace edgec {

enum class Stage {
  Import,
  Graph,
  Quantize,
  Fuse,
  Place,
  Offload,
  Schedule,
  Kernel,
  Memory,
  Code
};

/// A stage as the command line, the documentation and errors speak of it.
struct StageInfo {
  Stage stage;
  llvm::StringLiteral name;
  /// What holds of the module once the stage is done; VerifyStage checks it.
  llvm::StringLiteral contract;
};

/// All stages in their order.
llvm::ArrayRef<StageInfo> stages();

/// The stage called `name`.
std::optional<Stage> parseStage(llvm::StringRef name);

/// What the caller may decide about the passes of a stage.
struct StageOptions {
  /// The code stage offers kernels of so many predicted cycles and more to
  /// several threads; not given: where the threads' waking pays.
  std::optional<int64_t> parallelCycles;
  /// No run of the model has a float that is infinite or NaN, so that products
  /// with zeros are zero.
  bool assumeFinite = false;
  /// Whose results operators between quantizations of the model give.
  QdqReference qdq = QdqReference::onnx;
  /// What the model computes on f32 is computed on these floats.
  Precision precision = Precision::float32;
  /// Faster 3x3 convolutions with a little more rounding error; see
  /// docs/rationale/schedule.md.
  schedule::WinogradChoice winograd = schedule::WinogradChoice::automatic;
  /// Faster products by constant matrices whose error is bounded by norms, not
  /// by element; see there too.
  schedule::StrassenChoice strassen = schedule::StrassenChoice::off;
  /// Chooses tilings instead of the cost model, if set.
  schedule::TilingGuide *tilingGuide = nullptr;
  /// Least bytes of a tensor that kernels hand over row by row, where that
  /// takes less memory; negative: what does not stay in the second-level cache.
  int64_t chainBytes = -1;
  /// The same of a tensor that they hand over a panel of channels at a time;
  /// negative: what does not stay in the first-level cache, or nothing if
  /// `chainBytes` is given.
  int64_t panelBytes = -1;
  /// The module's accelerators, in the order of its `place.devices`.
  place::Backends backends = {};
  /// What runs on them.
  PlaceOptions place = {};
  /// Told where each kernel of a function runs, if set.
  std::function<void(const place::Placement &)> onPlacement = {};
  /// Hears of each program of an accelerator, if set.
  place::ProgramListener onProgram = {};
};

/// Adds the passes of one stage, and the check of its contract.
void buildStage(mlir::OpPassManager &passes, Stage stage,
                const StageOptions &options = {});

/// Adds the passes that take an imported module up to and including `last`,
/// each stage closed by a check of its contract.
void buildPipeline(mlir::OpPassManager &passes, Stage last);

/// The pipeline as text, one stage per paragraph: its contract, its passes.
std::string printPipeline(Stage last);

/// Every dialect that a module may use on its way.
void registerAllDialects(mlir::DialectRegistry &registry);

/// Every pass of ours, and those of MLIR that the pipeline uses, for edge-opt.
void registerAllPasses();

} // namespace edgec

#endif // EDGEC_COMPILER_PIPELINE_H

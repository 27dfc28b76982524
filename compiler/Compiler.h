//===- Compiler.h - from a model to an artifact ----------------*- C++ -*-===//
//
// The compiler as a library: compile() runs a model through the pipeline to
// machine code in memory, Artifact::write() links that code with the weights
// into a file. What edgec does, any program can do with these two calls.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_COMPILER_H
#define EDGEC_COMPILER_COMPILER_H

#include "compiler/Alternatives.h"
#include "compiler/Pipeline.h"
#include "compiler/import/Import.h"
#include "compiler/quantize/QuantizeOptions.h"
#include "mlir/IR/MLIRContext.h"
#include "targets/machines/Machine.h"
#include "llvm/Support/Error.h"
#include <functional>
#include <memory>

namespace edgec {

/// Where a model comes from.
struct Source {
  /// A file; "-" is standard input.
  std::string path;
};

/// What an artifact can be written as.
enum class Emit { Shared, Object, Static, Assembly, LLVM, MLIR };

/// How far a compilation is. Called from one thread at a time.
struct Progress {
  llvm::StringRef stage;
  /// Within the code stage, calibration and evaluation: parts done and all
  /// parts; 0 of 0 elsewhere.
  unsigned done = 0, total = 0;
  /// What a part is.
  llvm::StringRef part = "kernel";
};

struct CompileOptions {
  MachineRequest machine;
  /// Accelerators beside the processor: kinds ("npu"), devices ("npu-64") or
  /// description files (ending in .json).
  std::vector<std::string> accelerators;
  /// The kinds to choose from; null: those that are built in.
  std::shared_ptr<const place::BackendRegistry> backends;
  /// The artifact also holds the model without accelerators, for runs in which
  /// one fails.
  bool cpuAlternative = false;
  /// Other ways in which the artifact holds the model, for a run to choose.
  std::vector<AlternativeRequest> alternatives;
  ImportOptions import;
  /// The artifact's kind decides how much work is done: no machine code for
  /// MLIR and LLVM.
  Emit emit = Emit::Shared;
  /// With Emit::MLIR, the last stage to run.
  Stage stopAfter = Stage::Code;
  /// Objects and archives that are linked into a shared artifact: the C
  /// functions of custom operators.
  std::vector<std::string> links;
  /// Threads that generate code; 0: as many as the processor has. The bytes
  /// that come out do not depend on it.
  unsigned threads = 0;
  StageOptions stages;
  /// If given, the model becomes one that computes on integers.
  std::optional<QuantizeOptions> quantize;
  /// Called at each step, if set.
  std::function<void(const Progress &)> onProgress;
  /// Called when a stage is done and its contract checked; may look at the
  /// module and change it within that contract. Failure ends the compilation.
  std::function<mlir::LogicalResult(Stage, mlir::ModuleOp)> afterStage;
  /// Called for each warning of the model, if set.
  std::function<void(llvm::StringRef)> onWarning;
  /// Called for each decision that a pass explains, if set: lines that name
  /// the nodes of the model.
  std::function<void(llvm::StringRef)> onRemark;
};

/// A compiled model. Holds the module and with it the weights, which stay in
/// the mapped model file until they are written.
class Artifact {
public:
  struct Content;
  explicit Artifact(std::unique_ptr<Content> content);
  Artifact(Artifact &&) noexcept;
  Artifact &operator=(Artifact &&) noexcept;
  ~Artifact();

  /// Writes the artifact to `path`, or to standard output if that is "-". The
  /// file appears when it is complete: an error leaves what was there before.
  /// Emit::Static also writes the C header beside the archive.
  llvm::Error write(llvm::StringRef path) const;

  /// The model's name, a C identifier.
  llvm::StringRef name() const;

  /// The module after the last stage.
  mlir::ModuleOp module() const;

private:
  std::unique_ptr<Content> content;
};

/// One thing that keeps a model from being compiled.
struct CompileProblem {
  /// "file:line:column: node 'name': ", as far as that is known.
  std::string where;
  std::string text;
};

/// Thrown nowhere, returned by compile(): every problem of the model or of the
/// options, one per line, each with its location.
class CompileError : public llvm::ErrorInfo<CompileError> {
public:
  static char ID;
  /// Wrong options are the caller's fault, everything else is the model's.
  enum class Kind { Options, Model };

  CompileError(Kind kind, std::string message,
               std::vector<CompileProblem> problems = {})
      : kind(kind), message(std::move(message)), problems(std::move(problems)) {
  }
  void log(llvm::raw_ostream &stream) const override { stream << message; }
  std::error_code convertToErrorCode() const override {
    return llvm::inconvertibleErrorCode();
  }

  const Kind kind;
  const std::string message;
  /// The same one by one; empty for wrong options.
  const std::vector<CompileProblem> problems;
};

/// How `location` stands before a diagnostic about the model at `path`:
/// "file:line:column: node 'name': ".
std::string describeLocation(mlir::Location location, llvm::StringRef path);

/// Compiles `source`. The error is a CompileError.
llvm::Expected<Artifact> compile(const Source &source,
                                 const CompileOptions &options);

} // namespace edgec

#endif // EDGEC_COMPILER_COMPILER_H

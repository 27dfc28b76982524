//===- Execution.h - compiles a module and runs it somewhere ---*- C++ -*-===//
//
// A target is a machine to compile for and the ways to run its code: in this
// process at several thread counts, or with edge-run under an emulator of one
// or more processors.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_KERNEL_EXECUTION_H
#define EDGEC_TEST_KERNEL_EXECUTION_H

#include "mlir/IR/BuiltinOps.h"
#include "passes/quantize/Precision.h"
#include "passes/schedule/StrassenChoice.h"
#include "passes/schedule/WinogradChoice.h"
#include "targets/evaluator/HostTensor.h"
#include "llvm/Support/Error.h"
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace edgec::test {

/// One way to run code: threads in this process, or an emulator.
struct Runner {
  std::string name;
  /// 0: one iteration of each kernel at a time, the last one first, in an arena
  /// of NaNs. Whatever a kernel assumes about its range or about memory that
  /// nobody has written shows.
  unsigned threads = 1;
  /// Empty: this process.
  std::string emulator;
  std::vector<std::string> emulatorArguments;
  /// The edge-run that the emulator runs, in build/bin.
  std::string edgeRun;
};

struct Target {
  std::string name;
  std::string triple, cpu, features;
  std::vector<Runner> runners;
  schedule::WinogradChoice winograd = schedule::WinogradChoice::automatic;
  schedule::StrassenChoice strassen = schedule::StrassenChoice::off;
  /// See StageOptions.
  int64_t chainBytes = -1, panelBytes = -1;
  Precision precision = Precision::float32;
};

/// How GoogleTest prints a parameter.
inline void PrintTo(const Target &target, std::ostream *stream) {
  *stream << target.name;
}

/// Everything the kernels are tested on.
std::vector<Target> allTargets();
/// Those of allTargets() that run in this process.
std::vector<Target> hostTargets();
/// Processors with products of bf16, which models of f32 are computed on.
std::vector<Target> brainTargets();
/// Processors with arithmetic on f16, which models of f32 are computed on.
std::vector<Target> halfTargets();
/// Processors that multiply matrices: x86-64 with a matrix unit, which the
/// processor has or the tests emulate, and Arm with i8mm. Not among
/// allTargets(): only products differ.
std::vector<Target> matrixTargets();
/// RISC-V with Zvqdotq, whose instructions each take a signal: for small tests.
std::vector<Target> quadTargets();

/// A folder that disappears with its content.
class TemporaryFolder {
public:
  TemporaryFolder();
  ~TemporaryFolder();
  std::string file(llvm::StringRef name) const;

private:
  std::string path;
};

/// Compiles the model at `modelPath` into the shared object `path`. The error
/// holds the compiler's diagnostics. With `splitAll` threads share even the
/// kernels that are too small for it to pay.
llvm::Error compileFile(const Target &target, llvm::StringRef modelPath,
                        llvm::StringRef path, bool splitAll = false);

/// The same for `module`, by way of a file, and with every kernel split.
llvm::Error compileFor(const Target &target, mlir::ModuleOp module,
                       llvm::StringRef path);

/// The model cannot run on this computer: processor or emulator are missing.
class CannotRun : public llvm::ErrorInfo<CannotRun> {
public:
  static char ID;
  explicit CannotRun(std::string reason) : reason(std::move(reason)) {}
  void log(llvm::raw_ostream &stream) const override { stream << reason; }
  std::error_code convertToErrorCode() const override {
    return llvm::inconvertibleErrorCode();
  }

private:
  std::string reason;
};

/// Runs the artifact at `path`; outputs have the given types.
llvm::Expected<std::vector<evaluator::HostTensor>>
runArtifact(const Runner &runner, llvm::StringRef path,
            llvm::ArrayRef<evaluator::HostTensor> inputs,
            llvm::ArrayRef<mlir::RankedTensorType> outputTypes);

} // namespace edgec::test

#endif // EDGEC_TEST_KERNEL_EXECUTION_H

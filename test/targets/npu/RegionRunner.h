//===- RegionRunner.h - runs a model on the simulated NPU ------*- C++ -*-===//
//
// Takes a function of kernels as text, makes one region of it, lowers that for
// a machine, and runs the bytes on the simulator, with its race check, on
// random inputs. The evaluator says what must come out.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_TARGETS_NPU_REGIONRUNNER_H
#define EDGEC_TEST_TARGETS_NPU_REGIONRUNNER_H

#include "dialects/edge/Edge.h"
#include "dialects/npu/Npu.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "runtime/devices/npu/npu_simulator.h"
#include "targets/evaluator/Evaluator.h"
#include "targets/npu/NpuBackend.h"
#include "gmock/gmock.h"
#include <random>

namespace edgec::npu {

/// What a run showed.
struct Outcome {
  edge_npu_statistics statistics = {};
  uint64_t kilohertz = 0;
  place::DeviceProgram program;
  bool ok = false;
};

class RegionRunner : public testing::Test {
protected:
  RegionRunner();

  /// Lowers and runs the function in `text` for the machine that is built in as
  /// `machine`, or that `description` (JSON) is; fails the test at a
  /// difference.
  Outcome run(const std::string &text, llvm::StringRef machine,
              llvm::StringRef description = "");
  /// Why the backend refuses the only kernel of the function; empty if it does
  /// not.
  std::string refusal(const std::string &text, llvm::StringRef machine);

  int64_t random(int64_t low, int64_t high);

  mlir::MLIRContext context;
  std::string diagnostics;
  std::mt19937 generator{1};

private:
  mlir::OwningOpRef<mlir::ModuleOp> parse(const std::string &text);
  evaluator::HostTensor randomTensor(mlir::RankedTensorType type);
};

} // namespace edgec::npu

#endif // EDGEC_TEST_TARGETS_NPU_REGIONRUNNER_H

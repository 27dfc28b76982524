//===- Placement.h - where each kernel runs, and why -----------*- C++ -*-===//
//
// What placement decided about one function, with what it knew: the prediction
// for each kernel on each processor, for the model as it was placed, and for
// what it was compared with. Reports and -explain are made from it.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_PASSES_PLACE_PLACEMENT_H
#define EDGEC_PASSES_PLACE_PLACEMENT_H

#include "passes/place/Backend.h"
#include "llvm/Support/JSON.h"
#include <optional>

namespace edgec::place {

/// What makes one placement better than another.
enum class Objective {
  latency,
  energy,
  /// The product of both.
  edp
};

/// A whole model.
struct Prediction {
  double nanoseconds = 0;
  double nanojoules = 0;

  double value(Objective objective) const;
};

/// One processor for one kernel.
struct KernelOption {
  /// Why not, if it cannot run there.
  std::string refusal;
  /// Of the kernel alone, a launch included; if it can.
  Cost cost;

  bool isPossible() const { return refusal.empty(); }
};

struct KernelPlacement {
  /// What it computes: "conv2d_3x3_relu".
  std::string kernel;
  /// The model's nodes in it.
  std::vector<std::string> nodes;
  /// The kernels whose results it reads; indices into Placement::kernels.
  std::vector<unsigned> producers;
  /// Multiplications and additions, and the size of its operands and results.
  int64_t operations = 0, tensorBytes = 0;
  /// Index into Placement::processors.
  unsigned processor = 0;
  /// The submission that it belongs to, if the processor is an accelerator.
  std::optional<unsigned> region;
  /// One for each processor.
  std::vector<KernelOption> options;
  std::string reason;
};

/// A kernel of the host or a region, in the order in which the host begins
/// them.
struct PlacedWork {
  unsigned processor = 0;
  std::optional<unsigned> region;
  /// Indices into Placement::kernels.
  std::vector<unsigned> kernels;
  double beginNanoseconds = 0, endNanoseconds = 0;
  Cost cost;
};

struct Placement {
  std::string function;
  Objective objective = Objective::latency;
  /// "cpu", then the accelerators.
  std::vector<std::string> processors;
  /// Of the accelerators.
  std::vector<DeviceFigures> devices;
  std::vector<KernelPlacement> kernels;
  std::vector<PlacedWork> timeline;
  Prediction placed;
  /// All on the host; and all that any accelerator can compute there.
  Prediction onHost, onDevices;

  llvm::json::Value json() const;
};

/// "cpu", "latency" and so on.
llvm::StringRef objectiveName(Objective objective);
/// With a unit that fits: "12.3 us", "4.56 mJ".
std::string describeTime(double nanoseconds);
std::string describeEnergy(double nanojoules);

} // namespace edgec::place

#endif // EDGEC_PASSES_PLACE_PLACEMENT_H

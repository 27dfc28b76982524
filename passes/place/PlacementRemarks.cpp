//===- PlacementRemarks.cpp - why each kernel runs where it does ----------===//
//
//   place conv2d_3x3_relu on npu-256, region 0
//     'conv1', 'relu1'
//     cpu: 1.20 ms, 310 uJ
//     npu-256: 41.0 us, 12.0 uJ
//     because on cpu the model would need 1.10 ms more
//
//===----------------------------------------------------------------------===//
#include "passes/place/PlacementRemarks.h"

#include "mlir/IR/Remarks.h"

using namespace mlir;
using namespace edgec::place;

static std::string describe(const Prediction &prediction) {
  return describeTime(prediction.nanoseconds) + ", " +
         describeEnergy(prediction.nanojoules);
}

static void say(Location location, StringRef text) {
  remark::passed(location, remark::RemarkOpts::name("place").category("place"))
      << text;
}

static std::string describe(const KernelPlacement &kernel,
                            const Placement &placement) {
  std::string text = "place " + kernel.kernel + " on " +
                     placement.processors[kernel.processor];
  if (kernel.region)
    text += ", region " + std::to_string(*kernel.region);
  text += "\n ";
  for (auto [index, node] : llvm::enumerate(kernel.nodes))
    text += (index ? ", '" : " '") + node + "'";
  for (auto [name, option] :
       llvm::zip_equal(placement.processors, kernel.options)) {
    text += "\n  " + name + ": ";
    text += option.isPossible()
                ? describe({option.cost.nanoseconds, option.cost.nanojoules})
                : "no, " + option.refusal;
  }
  return text + "\n  because " + kernel.reason;
}

void edgec::place::remarkPlacement(const PlacementGraph &graph,
                                   const Placement &placement) {
  if (graph.size() == 0 || !graph.operation(0)->getContext()->getRemarkEngine())
    return;
  for (auto [index, kernel] : llvm::enumerate(placement.kernels))
    say(graph.operation(unsigned(index))->getLoc(),
        describe(kernel, placement));
  say(graph.operation(0)->getParentOp()->getLoc(),
      "placement of " + placement.function + " for the least " +
          objectiveName(placement.objective).str() + ": " +
          describe(placement.placed) +
          "\n  cpu alone: " + describe(placement.onHost) +
          "\n  all that accelerators support on "
          "them: " +
          describe(placement.onDevices));
}

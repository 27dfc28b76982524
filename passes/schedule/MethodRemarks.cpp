//===- MethodRemarks.cpp --------------------------------------------------===//
//
//   kernel conv2d_3x3_relu with 'conv1' (conv2d)
//     is computed by Winograd's method in tiles of 2x2: 1.93 M cycles ...
//
//===----------------------------------------------------------------------===//
#include "passes/schedule/MethodRemarks.h"
#include "dialects/edge/NodeName.h"
#include "mlir/IR/Remarks.h"
#include "passes/schedule/WinogradCost.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;
using namespace edgec;
using namespace edgec::schedule;

static std::string nameOf(TilingAttr tiling) {
  if (int64_t outputs = tiling.getWinograd()) {
    StringRef filters =
        transformsInRegisters(tiling) ? ", filters transformed in registers"
        : tiling.getFiltersInRun()    ? ", filters transformed in the run"
                                      : "";
    return llvm::formatv("Winograd's method in tiles of {0}x{0}{1}", outputs,
                         filters)
        .str();
  }
  return "Strassen's method";
}

static std::string millions(const MethodCost &cost) {
  return llvm::formatv("{0:f2} M", cost.cycles / 1e6).str();
}

/// How its weights differ from the direct method's.
static std::string sizeOf(const MethodCost &cost, const MethodCost &direct) {
  double kilobytes = double(cost.bytes - direct.bytes) / 1024;
  return llvm::formatv("{0:f0} KB {1}", std::abs(kilobytes),
                       kilobytes < 0 ? "smaller" : "larger")
      .str();
}

/// Why the method that takes least time was not taken.
static std::string whyNot(TilingAttr tiling, const MethodCost &cost,
                          const MethodCost &taken, bool isBudgeted) {
  std::string would = nameOf(tiling) + " would take " + millions(cost);
  if (cost.cycles < taken.cycles && isBudgeted)
    return would + ", but its weights are " + sizeOf(cost, taken) +
           ", which saves more time elsewhere";
  return would;
}

void schedule::remarkMethod(KernelOp kernel, ArrayRef<TilingAttr> tilings,
                            ArrayRef<MethodCost> costs, size_t chosen,
                            bool isBudgeted) {
  if (tilings.size() < 2 || !kernel.getContext()->getRemarkEngine())
    return;
  const MethodCost &direct = costs.front();
  std::string text = "kernel " + kernel.getKernelName().str() + " with " +
                     edge::nodeName(&kernel.getBody().front().front()) +
                     "\n  is computed ";
  if (chosen) {
    text += "by " + nameOf(tilings[chosen]) + ": " + millions(costs[chosen]) +
            " cycles predicted, " + millions(direct) +
            " directly; its weights are " + sizeOf(costs[chosen], direct);
  } else {
    ArrayRef<MethodCost> others = costs.drop_front();
    auto least = llvm::min_element(
        others, [](auto &a, auto &b) { return a.cycles < b.cycles; });
    size_t fastest = size_t(least - others.begin()) + 1;
    text += "directly: " + millions(direct) + " cycles predicted; " +
            whyNot(tilings[fastest], costs[fastest], direct, isBudgeted);
  }
  remark::passed(kernel.getLoc(),
                 remark::RemarkOpts::name("method").category("schedule"))
      << StringRef(text);
}

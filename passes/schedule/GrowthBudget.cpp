//===- GrowthBudget.cpp - speed that is paid for in bytes -----------------===//
//
// A knapsack whose items come in several sizes. The greedy rule (best step per
// byte first) is within one step of the best choice, and unlike an exact search
// it keeps its choices when a model gains a layer.
//
//===----------------------------------------------------------------------===//
#include "passes/schedule/GrowthBudget.h"
#include <algorithm>

using namespace edgec::schedule;
using llvm::SmallVector;

SmallVector<size_t>
edgec::schedule::spendGrowth(llvm::ArrayRef<SmallVector<MethodCost>> kernels,
                             int64_t budget) {
  SmallVector<size_t> chosen(kernels.size(), 0);
  while (true) {
    double bestRate = 0;
    size_t bestKernel = 0, bestMethod = 0;
    int64_t bestBytes = 0;
    for (size_t kernel = 0; kernel < kernels.size(); ++kernel) {
      const MethodCost &now = kernels[kernel][chosen[kernel]];
      for (size_t method = 0; method < kernels[kernel].size(); ++method) {
        const MethodCost &step = kernels[kernel][method];
        int64_t bytes = step.bytes - now.bytes;
        // What costs nothing counts as one byte: the most cycles come first.
        double rate =
            (now.cycles - step.cycles) / double(std::max<int64_t>(bytes, 1));
        if (bytes > budget || rate <= bestRate)
          continue;
        bestRate = rate;
        bestKernel = kernel;
        bestMethod = method;
        bestBytes = bytes;
      }
    }
    if (bestRate <= 0)
      return chosen;
    chosen[bestKernel] = bestMethod;
    budget -= bestBytes;
  }
}

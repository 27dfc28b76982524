//===- Depthwise.cpp - depthwise kernels ---------------------------------===//
#include "passes/kernel/KernelTable.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {

class DepthwiseEmitter : public KernelEmitter {
public:
  StringRef name() const override { return "depthwise"; }
  bool matches(schedule::KernelOp kernel) const override { return false; }
  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr tiling) const override {
    return 1;
  }
  LogicalResult emit(KernelBuilder &k) const override { return failure(); }
};

} // namespace

const KernelEmitter &kernel::depthwiseEmitter() {
  static const DepthwiseEmitter emitter;
  return emitter;
}

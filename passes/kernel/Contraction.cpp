//===- Contraction.cpp - contraction kernels
//---------------------------------===//
#include "passes/kernel/KernelTable.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

namespace {

class ContractionEmitter : public KernelEmitter {
public:
  StringRef name() const override { return "contraction"; }
  bool matches(schedule::KernelOp kernel) const override { return false; }
  int64_t extent(schedule::KernelOp kernel,
                 schedule::TilingAttr tiling) const override {
    return 1;
  }
  LogicalResult emit(KernelBuilder &k) const override { return failure(); }
};

} // namespace

const KernelEmitter &kernel::contractionEmitter() {
  static const ContractionEmitter emitter;
  return emitter;
}

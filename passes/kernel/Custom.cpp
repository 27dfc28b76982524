//===- Custom.cpp - the user's own kernels --------------------------------===//
//
// An edge.custom becomes a kernel that calls its function once, on one thread:
// only its author could say how to cut it.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Custom.h"
#include "dialects/rt/Rt.h"
#include "passes/kernel/KernelTable.h"

using namespace mlir;
using namespace edgec;
using namespace edgec::kernel;

static ArrayAttr typesOf(KernelBuilder &k, TypeRange types) {
  return k.b.getTypeArrayAttr(llvm::to_vector(types));
}

namespace {
class CustomEmitter : public KernelEmitter {
public:
  StringRef name() const override { return "custom"; }

  bool matches(schedule::KernelOp kernel) const override {
    return isa_and_nonnull<edge::CustomOp>(kernel.getAnchor());
  }
  int64_t extent(schedule::KernelOp, schedule::TilingAttr) const override {
    return 1;
  }
  /// Not known.
  int64_t flops(schedule::KernelOp) const override { return 0; }

  LogicalResult emit(KernelBuilder &k) const override {
    auto op = cast<edge::CustomOp>(k.kernel.getAnchor());
    SmallVector<Value> inputs, outputs;
    for (Value input : op.getInputs())
      inputs.push_back(k.bufferOf(input));
    for (unsigned i = 0; i < op.getNumResults(); ++i)
      outputs.push_back(k.resultBuffer(i));
    // An empty range has nothing to call for.
    k.loop(Index(k.begin), Index(k.end), 1, [&](Index) {
      rt::CustomCallOp::create(k.b, op.getLoc(), op.getSymbol(), inputs,
                               outputs, typesOf(k, op.getInputs().getTypes()),
                               typesOf(k, op.getResultTypes()),
                               op.getOptions());
    });
    return success();
  }
};
} // namespace

const KernelEmitter &kernel::customEmitter() {
  static const CustomEmitter emitter;
  return emitter;
}

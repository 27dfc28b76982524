//===- MarkKernelArguments.cpp - buffers that never overlap ---------------===//
//
// LLVM may keep loaded values across stores only if it knows that the stores go
// elsewhere. The memory plan knows: this pass compares the static addresses of
// every rt.call and marks, kernel by kernel, the parameters that no call lets
// overlap with a buffer that the kernel writes.
//
//   func.func private @k(%x: memref<8xf32>, %r: memref<8xf32>, ...)
//   -> (%x: memref<8xf32> {llvm.noalias}, %r: memref<8xf32> {llvm.noalias},
//   ...)
//
//===----------------------------------------------------------------------===//
#include "targets/cpu/CallAccesses.h"
#include "targets/cpu/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/MapVector.h"

namespace edgec {
#define GEN_PASS_DEF_MARKKERNELARGUMENTS
#include "targets/cpu/Passes.h.inc"
} // namespace edgec

using namespace mlir;
using namespace edgec;

/// True if two buffers of one call share a byte.
static bool overlap(rt::AddressAttr a, int64_t aBytes, rt::AddressAttr b,
                    int64_t bBytes) {
  if (a.getSpace() != b.getSpace())
    return false;
  // Model inputs and outputs are whole buffers of the caller's.
  if (a.getSpace() != rt::Space::arena && a.getSpace() != rt::Space::weights)
    return a.getValue() == b.getValue();
  return a.getValue() < b.getValue() + bBytes &&
         b.getValue() < a.getValue() + aBytes;
}

namespace {
struct MarkKernelArguments
    : edgec::impl::MarkKernelArgumentsBase<MarkKernelArguments> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    // For each kernel, the parameters that overlap another in some call.
    llvm::MapVector<func::FuncOp, llvm::SmallBitVector> shared;
    WalkResult result = getOperation().walk([&](rt::CallOp call) {
      auto kernel = symbols.lookup<func::FuncOp>(call.getKernel());
      ArrayAttr addresses = call.getAddresses();
      if (!kernel || kernel.getNumArguments() < addresses.size()) {
        call.emitOpError("C1: calls no kernel with ")
            << addresses.size() << " buffers";
        return WalkResult::interrupt();
      }
      llvm::SmallBitVector &bits = shared[kernel];
      bits.resize(addresses.size());
      for (unsigned a = 0; a < addresses.size(); ++a) {
        for (unsigned b = a + 1; b < addresses.size(); ++b) {
          if (overlap(cast<rt::AddressAttr>(addresses[a]),
                      bufferBytes(kernel.getArgumentTypes()[a]),
                      cast<rt::AddressAttr>(addresses[b]),
                      bufferBytes(kernel.getArgumentTypes()[b]))) {
            bits.set(a);
            bits.set(b);
          }
        }
      }
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    for (auto &[kernel, bits] : shared) {
      for (unsigned i = 0; i < bits.size(); ++i) {
        if (!bits.test(i) && isa<MemRefType>(kernel.getArgumentTypes()[i]))
          kernel.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(),
                            UnitAttr::get(&getContext()));
      }
    }
  }
};
} // namespace

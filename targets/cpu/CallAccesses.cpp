//===- CallAccesses.cpp - the bytes that a call touches -------------------===//
//
// What a kernel does with a buffer is followed from the parameter through views
// and, where a kernel works with addresses, through their arithmetic. Whatever
// is not known to read only may write.
//
//===----------------------------------------------------------------------===//
#include "targets/cpu/CallAccesses.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace edgec;
using namespace mlir;

int64_t edgec::bufferBytes(Type type) {
  auto buffer = dyn_cast<MemRefType>(type);
  if (!buffer || !buffer.hasStaticShape())
    return INT64_MAX;
  int64_t bits =
      buffer.getElementType().isIndex() ? 64 : buffer.getElementTypeBitWidth();
  return (buffer.getNumElements() * bits + 7) / 8;
}

/// Whether `op` leaves alone what its operands point to and hands out nothing
/// that points there.
static bool onlyReads(Operation *op) {
  if (isa<memref::PrefetchOp>(op))
    return true;
  if (auto call = dyn_cast<LLVM::CallIntrinsicOp>(op))
    return call.getIntrin() == "llvm.x86.tileloadd64";
  auto effects = dyn_cast<MemoryEffectOpInterface>(op);
  if (!effects || isMemoryEffectFree(op))
    return false;
  SmallVector<MemoryEffects::EffectInstance> all;
  effects.getEffects(all);
  return llvm::all_of(all, [](const MemoryEffects::EffectInstance &effect) {
    return isa<MemoryEffects::Read>(effect.getEffect());
  });
}

/// Whether `op` hands on what an operand points to as one of its results.
static bool pointsOn(Operation *op) {
  return isa<ViewLikeOpInterface>(op) ||
         (isMemoryEffectFree(op) && op->getNumRegions() == 0 &&
          !op->hasTrait<OpTrait::IsTerminator>());
}

/// Whether `op`, which takes the buffer or the address `pointing`, may write
/// there.
static bool mayWriteAt(Operation *op, Value pointing) {
  auto effects = dyn_cast<MemoryEffectOpInterface>(op);
  if (!effects || op->hasTrait<OpTrait::IsTerminator>() ||
      !isa<MemRefType>(pointing.getType()))
    return true;
  SmallVector<MemoryEffects::EffectInstance> all;
  effects.getEffects(all);
  return llvm::any_of(all, [&](const MemoryEffects::EffectInstance &effect) {
    return isa<MemoryEffects::Write>(effect.getEffect()) &&
           (!effect.getValue() || effect.getValue() == pointing);
  });
}

/// Whether the kernel may write to what `start`, a buffer, points to.
static bool mayWriteTo(Value start) {
  SmallVector<Value> left = {start};
  llvm::DenseSet<Value> seen;
  while (!left.empty()) {
    Value pointing = left.pop_back_val();
    if (!seen.insert(pointing).second)
      continue;
    for (Operation *user : pointing.getUsers()) {
      if (onlyReads(user))
        continue;
      if (pointsOn(user))
        llvm::append_range(left, user->getResults());
      else if (mayWriteAt(user, pointing))
        return true;
    }
  }
  return false;
}

bool CallAccesses::mayWrite(BlockArgument buffer) {
  auto [place, isNew] = writes.try_emplace(buffer, false);
  if (isNew)
    place->second = mayWriteTo(buffer);
  return place->second;
}

SmallVector<Access> CallAccesses::of(rt::CallOp call) {
  auto kernel = symbols.lookup<func::FuncOp>(call.getKernel());
  SmallVector<Access> accesses;
  for (auto [i, address] :
       llvm::enumerate(call.getAddresses().getAsRange<rt::AddressAttr>())) {
    bool isOffset = address.getSpace() == rt::Space::arena ||
                    address.getSpace() == rt::Space::weights;
    int64_t begin = isOffset ? address.getValue() : 0;
    int64_t bytes = bufferBytes(kernel.getArgumentTypes()[i]);
    accesses.push_back({address.getSpace(), isOffset ? 0 : address.getValue(),
                        begin,
                        bytes < INT64_MAX - begin ? begin + bytes : INT64_MAX,
                        mayWrite(kernel.getArgument(i))});
  }
  return accesses;
}

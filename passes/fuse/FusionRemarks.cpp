//===- FusionRemarks.cpp - how kernels were formed, in words -------------===//
//
//   kernel conv2d_3x3_relu
//     'conv1' (conv2d)
//     'relu1' (relu)
//     ends because 'pool1' (max_pool2d) is an anchor of its own
//
//===----------------------------------------------------------------------===//
#include "passes/fuse/FusionRemarks.h"
#include "dialects/edge/NodeName.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Remarks.h"
#include "passes/fuse/KernelName.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace edgec {

static ArrayRef<int64_t> shapeOf(Operation *op) {
  return cast<RankedTensorType>(op->getResult(0).getType()).getShape();
}

/// Why `user`, the only reader of a kernel's result, did not join it.
static std::string whyNot(Operation *last, Operation *user,
                          const FusionRules &rules) {
  std::string name = edge::nodeName(user);
  if (user->hasTrait<OpTrait::IsTerminator>())
    return "its result is an output of the model";
  if (!rules.isElementwise(user)) {
    bool isView = !rules.anchorOf(user);
    return name + (isView ? " shows the result under another shape"
                          : " is an anchor of its own");
  }
  if (shapeOf(user) != shapeOf(last))
    return name + " computes a result of another shape";
  return name + " belongs to the kernel of " +
         edge::nodeName(rules.anchorOf(user)) + ", whose result comes later";
}

static std::string whyItEnds(ArrayRef<Operation *> operators,
                             const FusionRules &rules) {
  Operation *last = operators.back();
  if (!rules.takesEpilogue(operators.front()))
    return "a kernel of this kind takes no epilogue";
  llvm::SmallPtrSet<Operation *, 4> readers;
  for (Operation *user : last->getUsers())
    readers.insert(user);
  if (readers.empty())
    return "nothing reads its result";
  if (readers.size() == 1)
    return whyNot(last, *readers.begin(), rules);
  for (Operation *user : last->getUsers())
    if (user->hasTrait<OpTrait::IsTerminator>())
      return "its result is an output of the model and is read again";
  return llvm::formatv("its result has {0} readers, which do not meet again in "
                       "one value of the same shape within {1} operators",
                       readers.size(), rules.maxBranchOperators)
      .str();
}

void remarkKernel(ArrayRef<Operation *> operators, const FusionRules &rules) {
  Location loc = operators.front()->getLoc();
  if (!loc->getContext()->getRemarkEngine())
    return;
  std::string text = "kernel " + makeKernelName(operators);
  for (Operation *op : operators)
    text += "\n  " + edge::nodeName(op);
  text += "\n  ends because " + whyItEnds(operators, rules);
  remark::passed(loc, remark::RemarkOpts::name("kernel").category("fuse"))
      << StringRef(text);
}

} // namespace edgec

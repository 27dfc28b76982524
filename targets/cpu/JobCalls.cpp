//===- JobCalls.cpp - a model's calls to accelerators ---------------------===//
//
//   if (!context || !context->submit || !context->wait)
//     return EDGE_ERROR_DEVICE;
//   ...
//   if ((status = context->submit(context, job, buffers)))
//     return status;
//
//===----------------------------------------------------------------------===//
#include "targets/cpu/JobCalls.h"

#include "runtime/include/edge/model.h"

using namespace edgec;
using namespace mlir;

JobCalls::JobCalls(ImplicitLocOpBuilder &builder, LLVM::LLVMFuncOp entry)
    : b(builder), entry(entry),
      pointer(LLVM::LLVMPointerType::get(builder.getContext())),
      context(entry.getArgument(0)), failed(entry.addBlock()) {
  BlockArgument status = failed->addArgument(b.getI32Type(), b.getLoc());
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(failed);
    LLVM::ReturnOp::create(b, status);
  }
  Value noDevices = number(EDGE_ERROR_DEVICE);
  goOnIf(isSet(context), noDevices);
  submitService = load(offsetof(edge_context, submit));
  waitService = load(offsetof(edge_context, wait));
  goOnIf(LLVM::AndOp::create(b, isSet(submitService), isSet(waitService)),
         noDevices);
}

void JobCalls::submit(int64_t job, Value buffers) {
  call(submitService, {context, number(job), buffers});
}

void JobCalls::wait(int64_t job) { call(waitService, {context, number(job)}); }

Value JobCalls::number(int64_t value) {
  return LLVM::ConstantOp::create(b, b.getI32IntegerAttr(value));
}

Value JobCalls::isSet(Value address) {
  Value null = LLVM::ZeroOp::create(b, pointer);
  return LLVM::ICmpOp::create(b, LLVM::ICmpPredicate::ne, address, null);
}

Value JobCalls::load(size_t offsetBytes) {
  Value slot = LLVM::GEPOp::create(
      b, pointer, b.getI8Type(), context,
      ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offsetBytes)});
  return LLVM::LoadOp::create(b, pointer, slot);
}

void JobCalls::call(Value service, ValueRange operands) {
  auto type = LLVM::LLVMFunctionType::get(b.getI32Type(),
                                          llvm::to_vector(operands.getTypes()));
  SmallVector<Value> all = {service};
  llvm::append_range(all, operands);
  Value status = LLVM::CallOp::create(b, type, all).getResult();
  Value isDone =
      LLVM::ICmpOp::create(b, LLVM::ICmpPredicate::eq, status, number(0));
  goOnIf(isDone, status);
}

void JobCalls::goOnIf(Value condition, Value otherwise) {
  Block *next = entry.addBlock();
  LLVM::CondBrOp::create(b, condition, next, ValueRange(), failed,
                         ValueRange(otherwise));
  b.setInsertionPointToStart(next);
}

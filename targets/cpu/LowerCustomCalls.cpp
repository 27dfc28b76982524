//===- LowerCustomCalls.cpp - calls of the user's C functions -------------===//
//
//   rt.custom_call "median3"(%x, %r)   ->   llvm.call @median3(info, {x}, {r})
//
// The info (edge_custom_info: types, shapes, options) is constant; the two
// arrays of addresses lie on the stack.
//
//===----------------------------------------------------------------------===//
#include "dialects/rt/Rt.h"
#include "runtime/include/edge/model.h"
#include "targets/cpu/Passes.h"
#include "targets/cpu/TensorInfo.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace edgec {
#define GEN_PASS_DEF_LOWERCUSTOMCALLS
#include "targets/cpu/Passes.h.inc"
} // namespace edgec

using namespace edgec;
using namespace mlir;

namespace {

using Fields = llvm::SmallVector<ConstantField>;

class CustomCallLowering {
public:
  CustomCallLowering(ModuleOp module, rt::CustomCallOp call, unsigned number)
      : module(module), call(call), b(call.getLoc(), call),
        data(module, "edge_custom_" + std::to_string(number)),
        pointer(LLVM::LLVMPointerType::get(call.getContext())) {}

  LogicalResult run() {
    std::optional<std::string> info = makeInfo();
    if (!info)
      return failure();
    LLVM::LLVMFuncOp function = declare();
    Value constant = LLVM::AddressOfOp::create(b, pointer, *info);
    Value inputs = makeAddresses(call.getInputs());
    Value outputs = makeAddresses(call.getOutputs());
    LLVM::CallOp::create(b, function, ValueRange{constant, inputs, outputs});
    call.erase();
    return success();
  }

private:
  ModuleOp module;
  rt::CustomCallOp call;
  ImplicitLocOpBuilder b;
  ConstantGlobals data;
  LLVM::LLVMPointerType pointer;

  std::optional<llvm::SmallVector<Fields>> tensors(ArrayAttr types) {
    llvm::SmallVector<Fields> rows;
    for (Type type : types.getAsValueRange<TypeAttr>()) {
      auto row = tensorInfo(data, "", cast<RankedTensorType>(type));
      if (!row) {
        call.emitError() << "'" << call.getSymbol()
                         << "' cannot be handed a tensor of type " << type
                         << "; cast it within the model";
        return std::nullopt;
      }
      rows.push_back(std::move(*row));
    }
    return rows;
  }

  /// The symbol of a constant edge_custom_info, field by field.
  std::optional<std::string> makeInfo() {
    auto inputs = tensors(call.getInputTypes());
    auto outputs = tensors(call.getOutputTypes());
    if (!inputs || !outputs)
      return std::nullopt;
    Fields options;
    Type byte = b.getI8Type();
    for (char c : call.getOptions())
      options.push_back({byte, static_cast<int64_t>(c)});
    Fields info = {data.i32(sizeof(edge_custom_info)),
                   data.i32(inputs->size()),
                   data.i32(outputs->size()),
                   data.i32(options.size()),
                   data.structs(*inputs),
                   data.structs(*outputs),
                   data.array(options)};
    return std::get<std::string>(data.structs(ArrayRef<Fields>(info)).value);
  }

  LLVM::LLVMFuncOp declare() {
    if (auto known = module.lookupSymbol<LLVM::LLVMFuncOp>(call.getSymbol()))
      return known;
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(module.getBody());
    auto type = LLVM::LLVMFunctionType::get(
        LLVM::LLVMVoidType::get(b.getContext()), {pointer, pointer, pointer});
    auto function = LLVM::LLVMFuncOp::create(b, call.getSymbol(), type);
    function->setAttr(rt::customFunctionAttrName, b.getUnitAttr());
    return function;
  }

  /// The buffers' addresses as an array, in the frame of the whole function.
  Value makeAddresses(ValueRange buffers) {
    auto function = call->getParentOfType<func::FuncOp>();
    Value array;
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(&function.getBody().front());
      Value count = LLVM::ConstantOp::create(
          b, b.getI64IntegerAttr(std::max<int64_t>(1, buffers.size())));
      array = LLVM::AllocaOp::create(b, pointer, pointer, count);
    }
    for (auto [index, buffer] : llvm::enumerate(buffers)) {
      Value address = memref::ExtractAlignedPointerAsIndexOp::create(b, buffer);
      Value number = arith::IndexCastOp::create(b, b.getI64Type(), address);
      Value asPointer = LLVM::IntToPtrOp::create(b, pointer, number);
      Value slot = LLVM::GEPOp::create(b, pointer, pointer, array,
                                       ArrayRef<LLVM::GEPArg>{int32_t(index)});
      LLVM::StoreOp::create(b, asPointer, slot);
    }
    return array;
  }
};

struct LowerCustomCalls : edgec::impl::LowerCustomCallsBase<LowerCustomCalls> {
  void runOnOperation() override {
    llvm::SmallVector<rt::CustomCallOp> calls;
    getOperation().walk([&](rt::CustomCallOp call) { calls.push_back(call); });
    for (auto [number, call] : llvm::enumerate(calls))
      if (failed(CustomCallLowering(getOperation(), call, number).run()))
        return signalPassFailure();
  }
};

} // namespace

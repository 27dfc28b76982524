//===- LaunchCode.cpp - functions by which a program makes its calls ------===//
//
// A context may be NULL, and so may each callback in it. Profiles want to know
// when each call begins and ends, so that sections are left to teams only while
// nobody listens.
//
//===----------------------------------------------------------------------===//
#include "targets/cpu/LaunchCode.h"

#include "runtime/include/edge/model.h"

using namespace edgec;
using namespace mlir;

LaunchCode::LaunchCode(ModuleOp module, llvm::StringRef model)
    : b(module.getLoc(), module.getContext()), model(model.str()),
      pointer(LLVM::LLVMPointerType::get(module.getContext())) {
  b.setInsertionPointToEnd(module.getBody());
}

Value LaunchCode::constant(int64_t value, unsigned bits) {
  Type type = b.getIntegerType(bits);
  return LLVM::ConstantOp::create(b, type, b.getIntegerAttr(type, value));
}

ValueRange LaunchCode::begin(llvm::StringRef name, ArrayRef<Type> arguments) {
  auto type = LLVM::LLVMFunctionType::get(
      LLVM::LLVMVoidType::get(b.getContext()), arguments);
  current = LLVM::LLVMFuncOp::create(b, (name + "_" + model).str(), type);
  current.setVisibility_(LLVM::Visibility::Hidden);
  Block *entry = current.addEntryBlock(b);
  b.setInsertionPointToStart(entry);
  return entry->getArguments();
}

Type LaunchCode::contextType() {
  return LLVM::LLVMStructType::getLiteral(
      b.getContext(), {b.getI32Type(), b.getI32Type(), pointer, pointer,
                       pointer, pointer, pointer, pointer, pointer});
}

Value LaunchCode::loadContext(Value context, ContextField field) {
  Value slot = LLVM::GEPOp::create(b, pointer, contextType(), context,
                                   ArrayRef<LLVM::GEPArg>{0, int32_t(field)});
  return LLVM::LoadOp::create(b, pointer, slot);
}

Value LaunchCode::loadAt(Value base, int32_t bytes, Type type) {
  Value slot = LLVM::GEPOp::create(b, pointer, b.getI8Type(), base,
                                   ArrayRef<LLVM::GEPArg>{bytes});
  return LLVM::LoadOp::create(b, type, slot);
}

Value LaunchCode::isSet(Value address) {
  Value null = LLVM::ZeroOp::create(b, pointer);
  return LLVM::ICmpOp::create(b, LLVM::ICmpPredicate::ne, address, null);
}

void LaunchCode::callPointer(Value callee, ArrayRef<Value> operands) {
  SmallVector<Type> types;
  for (Value operand : operands)
    types.push_back(operand.getType());
  auto type = LLVM::LLVMFunctionType::get(
      LLVM::LLVMVoidType::get(b.getContext()), types);
  SmallVector<Value> all = {callee};
  llvm::append_range(all, operands);
  LLVM::CallOp::create(b, type, all);
}

LaunchCode::Ways LaunchCode::branch(Value condition) {
  Ways ways = {current.addBlock(), current.addBlock()};
  LLVM::CondBrOp::create(b, condition, ways.yes, ways.no);
  b.setInsertionPointToStart(ways.yes);
  return ways;
}

void LaunchCode::returnAndGoOn(Block *next) {
  LLVM::ReturnOp::create(b, ValueRange());
  if (next)
    b.setInsertionPointToStart(next);
}

/// if (callback) callback(context, index, phase)
void LaunchCode::profile(Value context, Value callback, Value index,
                         int32_t phase) {
  Ways ways = branch(isSet(callback));
  callPointer(callback, {context, index, constant(phase, 32)});
  LLVM::BrOp::create(b, ways.no);
  b.setInsertionPointToStart(ways.no);
}

LLVM::LLVMFuncOp LaunchCode::launch() {
  if (launchFunction)
    return launchFunction;
  OpBuilder::InsertionGuard guard(b);
  Type i64 = b.getI64Type();
  ValueRange arguments = begin(
      "edge_launch", {pointer, b.getI32Type(), pointer, pointer, i64, i64});
  launchFunction = current;
  Value context = arguments[0], index = arguments[1], task = arguments[2],
        args = arguments[3], extent = arguments[4], worth = arguments[5];
  Value zero = constant(0);
  Ways lent = branch(isSet(context));
  Value parallelFor = loadContext(context, parallelForField);
  Value callback = loadContext(context, profileField);
  profile(context, callback, index, EDGE_PROFILE_BEGIN);
  Value handover =
      LLVM::PtrToIntOp::create(b, i64, loadContext(context, handoverField));
  Value pays =
      LLVM::ICmpOp::create(b, LLVM::ICmpPredicate::ult, handover, worth);
  Ways spread = branch(LLVM::AndOp::create(b, pays, isSet(parallelFor)));
  Block *done = current.addBlock();
  callPointer(parallelFor, {context, task, args, extent});
  LLVM::BrOp::create(b, done);
  b.setInsertionPointToStart(spread.no);
  callPointer(task, {args, zero, extent});
  LLVM::BrOp::create(b, done);
  b.setInsertionPointToStart(done);
  profile(context, callback, index, EDGE_PROFILE_END);
  returnAndGoOn(lent.no);
  callPointer(task, {args, zero, extent});
  returnAndGoOn(nullptr);
  return launchFunction;
}

LLVM::LLVMFuncOp LaunchCode::sectionCall() {
  if (callFunction)
    return callFunction;
  LLVM::LLVMFuncOp alone = launch();
  OpBuilder::InsertionGuard guard(b);
  Type i64 = b.getI64Type(), i32 = b.getI32Type();
  ValueRange arguments = begin(
      "edge_section_call", {pointer, pointer, i64, pointer, pointer, pointer});
  callFunction = current;
  Value context = arguments[0], team = arguments[1], numbers = arguments[2],
        task = arguments[3], args = arguments[4], row = arguments[5];
  Ways together = branch(isSet(team));
  Value upper = LLVM::LShrOp::create(b, numbers, constant(32));
  callPointer(loadAt(team, 0, pointer),
              {team, LLVM::TruncOp::create(b, i32, upper), task, args});
  returnAndGoOn(together.no);
  constexpr int32_t extentAt = 0, handoverAt = 8;
  LLVM::CallOp::create(
      b, alone,
      ValueRange{context, LLVM::TruncOp::create(b, i32, numbers), task, args,
                 loadAt(row, extentAt, i64), loadAt(row, handoverAt, i64)});
  returnAndGoOn(nullptr);
  return callFunction;
}

LLVM::LLVMFuncOp LaunchCode::runSection() {
  if (runFunction)
    return runFunction;
  OpBuilder::InsertionGuard guard(b);
  ValueRange arguments =
      begin("edge_run_section", {pointer, pointer, pointer, pointer, pointer});
  runFunction = current;
  Value context = arguments[0], section = arguments[1];
  Block *alone = current.addBlock();
  Block *lent = current.addBlock(), *unheard = current.addBlock(),
        *together = current.addBlock();
  LLVM::CondBrOp::create(b, isSet(context), lent, alone);
  b.setInsertionPointToStart(lent);
  LLVM::CondBrOp::create(b, isSet(loadContext(context, profileField)), alone,
                         unheard);
  b.setInsertionPointToStart(unheard);
  Value service = loadContext(context, runSectionField);
  LLVM::CondBrOp::create(b, isSet(service), together, alone);
  b.setInsertionPointToStart(together);
  callPointer(service,
              {context, section, arguments[2], arguments[3], arguments[4]});
  returnAndGoOn(alone);
  Value null = LLVM::ZeroOp::create(b, pointer);
  callPointer(loadAt(section, 0, pointer),
              {context, arguments[2], arguments[3], arguments[4], null});
  returnAndGoOn(nullptr);
  return runFunction;
}

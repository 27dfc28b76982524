//===- ConstantGlobals.cpp - read-only structs in the LLVM dialect
//-----------===//
//
// One private constant global per string, array or struct. Addresses in them
// become relocations that the loader or the linker resolves.
//
//===----------------------------------------------------------------------===//
#include "targets/cpu/ConstantGlobals.h"

using namespace edgec;
using namespace mlir;

ConstantGlobals::ConstantGlobals(ModuleOp module, llvm::StringRef prefix)
    : builder(module.getLoc(), module.getContext()), prefix(prefix.str()) {
  builder.setInsertionPointToEnd(module.getBody());
}

ConstantField ConstantGlobals::i32(int64_t value) {
  return {builder.getI32Type(), value};
}
ConstantField ConstantGlobals::i64(int64_t value) {
  return {builder.getI64Type(), value};
}
ConstantField ConstantGlobals::f64(double value) {
  return {builder.getF64Type(), value};
}
ConstantField ConstantGlobals::null() { return address(""); }
ConstantField ConstantGlobals::address(llvm::StringRef symbol, int64_t offset) {
  return {LLVM::LLVMPointerType::get(builder.getContext()), symbol.str(),
          offset};
}

std::string ConstantGlobals::nextName() {
  return prefix + "_data_" + std::to_string(count++);
}

ConstantField ConstantGlobals::string(llvm::StringRef text) {
  auto [entry, inserted] = strings.try_emplace(text, "");
  if (inserted) {
    entry->second = nextName();
    // NUL within a name of the model would cut it short for C.
    std::string bytes = text.take_until([](char c) { return c == 0; }).str();
    bytes.push_back('\0');
    auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), bytes.size());
    auto global = LLVM::GlobalOp::create(builder, type, /*isConstant=*/true,
                                         LLVM::Linkage::Private, entry->second,
                                         builder.getStringAttr(bytes));
    global.setUnnamedAddr(LLVM::UnnamedAddr::Global);
  }
  return address(entry->second);
}

Value ConstantGlobals::materialize(const ConstantField &field) {
  if (auto *symbol = std::get_if<std::string>(&field.value)) {
    if (symbol->empty())
      return LLVM::ZeroOp::create(builder, field.type);
    Value address = LLVM::AddressOfOp::create(builder, field.type, *symbol);
    if (field.offset == 0)
      return address;
    Value offset = LLVM::ConstantOp::create(
        builder, builder.getI64IntegerAttr(field.offset));
    return LLVM::GEPOp::create(builder, field.type, builder.getI8Type(),
                               address, ArrayRef<LLVM::GEPArg>{offset});
  }
  if (auto *real = std::get_if<double>(&field.value))
    return LLVM::ConstantOp::create(builder, field.type,
                                    builder.getFloatAttr(field.type, *real));
  return LLVM::ConstantOp::create(
      builder, field.type,
      builder.getIntegerAttr(field.type, std::get<int64_t>(field.value)));
}

Value ConstantGlobals::materialize(llvm::ArrayRef<ConstantField> row,
                                   Type structType) {
  Value result = LLVM::UndefOp::create(builder, structType);
  for (auto [index, field] : llvm::enumerate(row))
    result =
        LLVM::InsertValueOp::create(builder, result, materialize(field), index);
  return result;
}

ConstantField ConstantGlobals::global(Type type,
                                      llvm::function_ref<Value()> build) {
  std::string name = nextName();
  auto global =
      LLVM::GlobalOp::create(builder, type, /*isConstant=*/true,
                             LLVM::Linkage::Private, name, Attribute());
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(
      builder.createBlock(&global.getInitializer()));
  LLVM::ReturnOp::create(builder, build());
  return address(name);
}

ConstantField ConstantGlobals::structs(
    llvm::ArrayRef<llvm::SmallVector<ConstantField>> rows) {
  if (rows.empty())
    return null();
  llvm::SmallVector<Type> types;
  for (const ConstantField &field : rows.front())
    types.push_back(field.type);
  auto structType =
      LLVM::LLVMStructType::getLiteral(builder.getContext(), types);
  auto type = LLVM::LLVMArrayType::get(structType, rows.size());
  return global(type, [&]() -> Value {
    Value result = LLVM::UndefOp::create(builder, type);
    for (auto [index, row] : llvm::enumerate(rows))
      result = LLVM::InsertValueOp::create(builder, result,
                                           materialize(row, structType), index);
    return result;
  });
}

ConstantField ConstantGlobals::array(llvm::ArrayRef<ConstantField> items) {
  if (items.empty())
    return null();
  auto type = LLVM::LLVMArrayType::get(items.front().type, items.size());
  return global(type, [&] { return materialize(items, type); });
}

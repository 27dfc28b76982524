//===- ConstantGlobals.h - read-only structs in the LLVM dialect --*- C++
//-*-===//
//
// The descriptor is a tree of constant structs, arrays and strings that point
// to each other. This class writes such a tree as llvm.mlir.global operations;
// what is equal is written once.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TARGETS_CPU_CONSTANTGLOBALS_H
#define EDGEC_TARGETS_CPU_CONSTANTGLOBALS_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/StringMap.h"
#include <functional>
#include <variant>

namespace edgec {

/// A scalar of a constant struct: a whole number or float of a width, the
/// address of a symbol, or null.
struct ConstantField {
  mlir::Type type;
  std::variant<int64_t, double, std::string> value;
  /// Bytes behind the symbol's address.
  int64_t offset = 0;
};

class ConstantGlobals {
public:
  /// Globals are added at the end of `module`; their names begin with `prefix`.
  ConstantGlobals(mlir::ModuleOp module, llvm::StringRef prefix);

  ConstantField i32(int64_t value);
  ConstantField i64(int64_t value);
  ConstantField f64(double value);
  ConstantField null();
  ConstantField address(llvm::StringRef symbol, int64_t offset = 0);

  /// The address of a string that ends in NUL.
  ConstantField string(llvm::StringRef text);

  /// The address of an array of structs, all with the same field types; null
  /// for an empty one.
  ConstantField structs(llvm::ArrayRef<llvm::SmallVector<ConstantField>> rows);

  /// The address of an array of scalars; null for an empty one.
  ConstantField array(llvm::ArrayRef<ConstantField> items);

private:
  mlir::ImplicitLocOpBuilder builder;
  std::string prefix;
  llvm::StringMap<std::string> strings;
  unsigned count = 0;

  std::string nextName();
  mlir::Value materialize(const ConstantField &field);
  mlir::Value materialize(llvm::ArrayRef<ConstantField> row,
                          mlir::Type structType);
  /// A global whose initializer `build` returns.
  ConstantField global(mlir::Type type,
                       llvm::function_ref<mlir::Value()> build);
};

} // namespace edgec

#endif // EDGEC_TARGETS_CPU_CONSTANTGLOBALS_H

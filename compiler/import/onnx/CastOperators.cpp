//===- CastOperators.cpp - Cast, CastLike, BitCast ------------------------===//
//
// To and from every type that has elements of whole bytes, and bool; 8-bit
// floats and 4-bit integers have no kernels.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Evaluation.h"
#include "llvm/ADT/StringSwitch.h"

using namespace edgec;
using namespace edgec::onnx;
using mlir::Value;

/// Before opset 6 the type is the name that the specification gives it.
static DataType typeByName(llvm::StringRef name) {
  return llvm::StringSwitch<DataType>(name)
      .Case("FLOAT", DataType::Float)
      .Case("DOUBLE", DataType::Double)
      .Case("FLOAT16", DataType::Float16)
      .Case("BOOL", DataType::Bool)
      .Case("INT8", DataType::Int8)
      .Case("INT16", DataType::Int16)
      .Case("INT32", DataType::Int32)
      .Case("INT64", DataType::Int64)
      .Case("UINT8", DataType::Uint8)
      .Case("UINT16", DataType::Uint16)
      .Case("UINT32", DataType::Uint32)
      .Case("UINT64", DataType::Uint64)
      .Default(DataType::Undefined);
}

/// The type that the attribute 'to' asks for. How 8-bit floats saturate and
/// round does not matter.
static DataType wantedType(NodeImport &n) {
  n.ignore({"saturate", "round_mode"});
  if (n.opset < 6)
    return typeByName(n.string("to", ""));
  int64_t number = n.integer("to", 0);
  constexpr int64_t last = 64;
  return static_cast<DataType>(number < 0 || number > last ? 0 : number);
}

static DataType typeOfInput(NodeImport &n, unsigned index) {
  constexpr int last = static_cast<int>(DataType::BFloat16);
  mlir::Type element = n.type(index).getElementType();
  for (int number = 1; number <= last; ++number) {
    auto type = static_cast<DataType>(number);
    if (elementType(type, n.builder.getContext()) == element)
      return type;
  }
  return DataType::Undefined;
}

static bool evaluateTo(NodeImport &n, DataType to) {
  auto numbers = smallNumbers(n, 0);
  if (!numbers || !elementType(to, n.builder.getContext()))
    return false;
  n.set(0, numbers->cast(to));
  return true;
}

static void importTo(NodeImport &n, DataType to) {
  mlir::Type element = elementType(to, n.builder.getContext());
  if (!element) {
    n.error() << "casting to " << dataTypeName(to)
              << " is not supported; bool, integers of 8 to 64 bits and floats "
                 "of 16 to 64 bits are";
    return;
  }
  if (element == n.type(0).getElementType())
    return passThrough(n);
  n.set(0, n.cast(n.operand(0), element));
}

static bool evaluateCast(NodeImport &n) { return evaluateTo(n, wantedType(n)); }
static void importCast(NodeImport &n) { importTo(n, wantedType(n)); }

static bool evaluateCastLike(NodeImport &n) {
  n.ignore({"saturate", "round_mode"});
  return evaluateTo(n, typeOfInput(n, 1));
}
static void importCastLike(NodeImport &n) {
  n.ignore({"saturate", "round_mode"});
  importTo(n, typeOfInput(n, 1));
}

static void importBitCast(NodeImport &n) {
  DataType to = wantedType(n);
  mlir::Type element = elementType(to, n.builder.getContext());
  mlir::Type from = n.type(0).getElementType();
  if (!element ||
      element.getIntOrFloatBitWidth() != from.getIntOrFloatBitWidth()) {
    n.error() << "the bits of " << from << " cannot be read as "
              << dataTypeName(to) << "; both need the same number of them";
    return;
  }
  if (element == from)
    return passThrough(n);
  if (Value x = n.operand(0))
    n.set(0, edge::BitcastOp::create(n.builder, n.loc, n.type(0).clone(element),
                                     x));
}

llvm::ArrayRef<Operator> onnx::castOperators() {
  static constexpr Operator rows[] = {
      {"Cast",
       {1, 25},
       1,
       1,
       importCast,
       evaluateCast,
       types::anyType,
       "floats saturate to integers; before 6 the type is a name"},
      {"CastLike",
       {15, 25},
       2,
       2,
       importCastLike,
       evaluateCastLike,
       types::anyType},
      {"BitCast", {26, 26}, 1, 1, importBitCast, nullptr, types::anyType},
  };
  return rows;
}

//===- DescribeOperators.cpp - what the MLIR door accepts -----------------===//
//
// The tables of the conversions as pages of docs/operators.md.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/MlirImport.h"
#include "compiler/import/mlir/Passes.h"
#include "compiler/import/mlir/StructuredOperators.h"
#include "compiler/import/mlir/TosaOperators.h"

using namespace edgec;

static void sortByName(OperatorDoor &door) {
  llvm::sort(door.entries, [](const OperatorEntry &a, const OperatorEntry &b) {
    return a.name < b.name;
  });
}

/// How an operator on integers is computed.
static std::string integerNotes(llvm::StringRef name) {
  bool hasForm = llvm::is_contained(
      {"tosa.conv2d", "tosa.depthwise_conv2d", "tosa.rescale", "tosa.table"},
      name);
  return hasForm ? "quantized bytes directly, other integers by way of linalg"
                 : "integers by way of linalg";
}

static OperatorDoor describeTosa() {
  OperatorDoor door{"MLIR, TOSA",
                    "The dialect of LLVM 22, version 1.0 of the specification.",
                    {}};
  auto add = [&](llvm::StringRef name, std::string types, std::string notes) {
    door.entries.push_back(
        {name.drop_front(5).str(), "1.0", std::move(types), std::move(notes)});
  };
  for (auto rows : {tosa::contractionOperators(), tosa::spatialOperators()}) {
    for (const tosa::TosaOperator &row : rows) {
      add(row.name,
          isTosaInLinalgOnIntegers(row.name) ? "floats, integers" : "floats",
          isTosaInLinalgOnIntegers(row.name) ? integerNotes(row.name) : "");
    }
  }
  for (auto rows : {tosa::elementwiseOperators(), tosa::indexingOperators(),
                    tosa::shapeOperators()})
    for (const tosa::TosaOperator &row : rows)
      add(row.name, "as in TOSA", "");
  for (llvm::StringRef name : tosaInLinalg())
    add(name, "as in TOSA",
        name == "tosa.table" ? integerNotes(name) : "by way of linalg");
  add("tosa.rescale", "integers", integerNotes("tosa.rescale"));
  for (llvm::StringRef name : {"tosa.cond_if", "tosa.while_loop"})
    add(name, "any", "");
  sortByName(door);
  return door;
}

static OperatorDoor describeStructured() {
  OperatorDoor door{"MLIR, linalg on tensors",
                    "Static shapes, scalars and tensors without side effects; "
                    "LLVM 22.",
                    {}};
  door.entries = {
      {"arith.*, math.*", "", "any",
       "between scalars or tensors; math on float32"},
      {"linalg.pack, linalg.unpack", "", "any", "constant tiles"},
      {"linalg.* with loops", "", "any",
       "named or generic; results are written through permutations of loops"},
      {"scf.for, scf.if, scf.while", "", "any", "on tensors and scalars"},
  };
  for (const structured::StructuredOperator &row :
       structured::tensorOperators())
    if (row.name != "arith.constant")
      door.entries.push_back({row.name.str(), "", "any", row.notes.str()});
  sortByName(door);
  return door;
}

std::vector<OperatorDoor> edgec::describeMlirOperators() {
  return {describeTosa(), describeStructured()};
}

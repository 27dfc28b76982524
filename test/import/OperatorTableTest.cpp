//===- OperatorTableTest.cpp - what the tables of operators promise -------===//
//
// Rules that hold for every row, whoever adds one.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/OperatorList.h"
#include "compiler/import/onnx/Operators.h"
#include <gtest/gtest.h>
#include <set>

using namespace edgec;

TEST(OperatorTable, OnnxRowsAreSortedOnceAndReviewed) {
  llvm::StringRef previous;
  for (const onnx::Operator &row : onnx::allOperators()) {
    SCOPED_TRACE(row.name.str());
    EXPECT_LT(previous, row.name) << "a second row, or one out of order";
    previous = row.name;
    EXPECT_GE(row.versions.since, onnx::minOpset);
    EXPECT_LE(row.versions.since, row.versions.reviewed);
    EXPECT_LE(row.versions.reviewed, onnx::maxOpset);
    EXPECT_LE(row.minInputs, row.maxInputs);
    EXPECT_TRUE(row.import || row.evaluate);
    EXPECT_EQ(onnx::findOperator(row.name), &row);
    EXPECT_EQ(onnx::findOperator(row.name, "ai.onnx"), &row);
  }
}

TEST(OperatorTable, DomainsAreApart) {
  const onnx::Operator *standard = onnx::findOperator("Attention");
  const onnx::Operator *fused =
      onnx::findOperator("Attention", "com.microsoft");
  ASSERT_TRUE(standard && fused);
  EXPECT_NE(standard, fused);
  EXPECT_EQ(onnx::findOperator("Attention", "com.example"), nullptr);
  EXPECT_EQ(onnx::findOperator("BiasGelu"), nullptr);
}

TEST(OperatorTable, EveryDoorNamesItsOperatorsOnce) {
  std::string page = printOperators(OperatorFormat::Markdown);
  for (const OperatorDoor &door : listOperators()) {
    SCOPED_TRACE(door.title);
    EXPECT_FALSE(door.introduction.empty());
    EXPECT_NE(page.find("## " + door.title + "\n"), std::string::npos);
    std::set<std::string> names;
    for (const OperatorEntry &entry : door.entries)
      EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
  }
}

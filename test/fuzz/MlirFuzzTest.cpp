//===- MlirFuzzTest.cpp - the fuzz target without a fuzzer ----------------===//
//
// Runs the fuzz target on the functions of the import tests, on what once broke
// the importer, and on a fixed pseudo-random sequence of mutations of them, as
// text and as bytecode. Reading both is upstream's code, whose faults must not
// become ours (see TrialRun.h).
//
//===----------------------------------------------------------------------===//
#include "compiler/import/mlir/BytecodeCheck.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Parser/Parser.h"
#include "test/fuzz/MlirImportTarget.h"
#include "test/fuzz/Mutation.h"
#include "test/import/MlirExamples.h"
#include <gtest/gtest.h>

using namespace edgec::test;

static std::string textOf(const MlirExample &example) {
  return "func.func @f" + example.function;
}

static std::string bytecodeOf(const std::string &text) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  context.loadDialect<mlir::func::FuncDialect, mlir::tosa::TosaDialect,
                      mlir::linalg::LinalgDialect, mlir::tensor::TensorDialect,
                      mlir::arith::ArithDialect, mlir::math::MathDialect,
                      mlir::scf::SCFDialect>();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  std::string bytes;
  llvm::raw_string_ostream stream(bytes);
  if (module)
    (void)mlir::writeBytecodeToFile(*module, stream);
  return bytes;
}

TEST(MlirFuzz, ExamplesImport) {
  for (const MlirExample &example : mlirExamples()) {
    EXPECT_TRUE(importMlirFuzzed(textOf(example))) << example.name;
    EXPECT_TRUE(importMlirFuzzed(bytecodeOf(textOf(example)))) << example.name;
  }
}

/// What the parser would recurse into until the stack ends.
TEST(MlirFuzz, DeepNesting) {
  auto repeat = [](const std::string &part) {
    std::string text;
    for (int i = 0; i < 100000; ++i)
      text += part;
    return text;
  };
  EXPECT_FALSE(importMlirFuzzed("func.func @f(%x: " + repeat("tuple<")));
  EXPECT_FALSE(importMlirFuzzed("#a = " + repeat("[")));
  EXPECT_FALSE(importMlirFuzzed(repeat("module {\n")));
  EXPECT_FALSE(
      importMlirFuzzed("#m = affine_map<(d) -> (" + repeat("- ") + "d)>"));
  // Brackets in strings and comments are none.
  EXPECT_TRUE(importMlirFuzzed(
      "func.func @f(%x: tensor<2xf32>) -> tensor<2xf32> {\n// " + repeat("(") +
      "\nreturn %x : tensor<2xf32> loc(\"" + repeat("[") + "\")\n}"));
}

/// The parser of the short form of linalg.reduce uses an attribute that is not
/// there.
TEST(MlirFuzz, FaultOfTheParser) {
  EXPECT_FALSE(importMlirFuzzed(
      "func.func @f(%x: tensor<4xf32>, %i: tensor<f32>) -> tensor<f32> {\n"
      "%r = linalg.reduce { arith.addf } ins(%x : tensor<4xf32>) "
      "outs(%i : tensor<f32>) dimensionz = [0]\n"
      "return %r : tensor<f32>\n}"));
}

/// A table of attributes and types that says it is shorter than its groups: the
/// reader wrote behind its memory, without a fault that a trial would notice.
TEST(MlirFuzz, OverfullTable) {
  std::string bytes = bytecodeOf(textOf(mlirExamples().front()));
  EXPECT_FALSE(edgec::hasOverfullTable(bytes));
  // Sections follow the producer's name; all numbers are small: one byte.
  size_t at = bytes.find('\0') + 1;
  auto number = [](char byte) { return size_t(uint8_t(byte)) >> 1; };
  auto lengthOf = [&](size_t section) {
    bool isOneByte = bytes[section + 1] & 1;
    return isOneByte ? std::pair(number(bytes[section + 1]), size_t(2))
                     : std::pair((size_t(uint8_t(bytes[section + 1])) |
                                  size_t(uint8_t(bytes[section + 2])) << 8) >>
                                     2,
                                 size_t(3));
  };
  while (bytes[at] != 3) {
    auto [length, head] = lengthOf(at);
    at += head + length;
    ASSERT_LT(at, bytes.size());
  }
  size_t attributes = at + lengthOf(at).second;
  ASSERT_GT(number(bytes[attributes]), 1u);
  bytes[attributes] = char(bytes[attributes] - 2);
  EXPECT_TRUE(edgec::hasOverfullTable(bytes));
  EXPECT_FALSE(importMlirFuzzed(bytes));
  // Cut anywhere it is no table, or one that the reader refuses.
  for (size_t size = 0; size < bytes.size(); ++size)
    importMlirFuzzed(bytes.substr(0, size));
}

static void mutateAll(const std::vector<std::string> &seeds, int rounds) {
  std::mt19937 random(20);
  for (int round = 0; round < rounds; ++round) {
    std::string bytes = seeds[random() % seeds.size()];
    for (unsigned changes = 1 + random() % 4; changes > 0; --changes)
      mutate(bytes, random);
    importMlirFuzzed(bytes);
  }
}

TEST(MlirFuzz, MutatedText) {
  std::vector<std::string> seeds;
  for (const MlirExample &example : mlirExamples())
    seeds.push_back(textOf(example));
  mutateAll(seeds, 1500);
}

TEST(MlirFuzz, MutatedBytecode) {
  std::vector<std::string> seeds;
  for (const MlirExample &example : mlirExamples())
    seeds.push_back(bytecodeOf(textOf(example)));
  mutateAll(seeds, 1500);
}

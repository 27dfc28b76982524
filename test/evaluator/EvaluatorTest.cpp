//===- EvaluatorTest.cpp - running functions and kernels ------------------===//
#include "targets/evaluator/NpyFile.h"
#include "test/evaluator/EvaluateText.h"
#include "llvm/Support/FileSystem.h"

using namespace mlir;
using namespace edgec::evaluator;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {
class EvaluatorTest : public EvaluateText {};
} // namespace

TEST_F(EvaluatorTest, LooksInsideKernels) {
  EXPECT_THAT(reals(R"(
    %c = edge.constant {value = dense<[-1.0, 2.0]> : tensor<2xf32>} : tensor<2xf32>
    %r = schedule.kernel "double_relu" (%c) : (tensor<2xf32>) -> tensor<2xf32> {
    ^bb0(%x: tensor<2xf32>):
      %two = edge.constant {value = dense<2.0> : tensor<f32>} : tensor<f32>
      %0 = edge.mul %x, %two : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
      %1 = edge.relu %0 : (tensor<2xf32>) -> tensor<2xf32>
      schedule.yield %1 : tensor<2xf32>
    })",
                    "tensor<2xf32>"),
              near({0, 4}));
}

TEST_F(EvaluatorTest, ValuesLiveUntilTheirLastUse) {
  // %0 is used twice by one operator and once more, later.
  EXPECT_THAT(reals(R"(
    %c = edge.constant {value = dense<3.0> : tensor<1xf32>} : tensor<1xf32>
    %0 = edge.neg %c : (tensor<1xf32>) -> tensor<1xf32>
    %1 = edge.mul %0, %0 : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xf32>
    %r = edge.add %1, %0 : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xf32>)",
                    "tensor<1xf32>"),
              near({6}));
}

TEST_F(EvaluatorTest, ComputesInDoublePrecision) {
  // 2^24 + 1 does not fit a float, so a float evaluation would give 0.
  EXPECT_THAT(reals(R"(
    %a = edge.constant {value = dense<16777216.0> : tensor<1xf32>} : tensor<1xf32>
    %b = edge.constant {value = dense<1.0> : tensor<1xf32>} : tensor<1xf32>
    %0 = edge.add %a, %b : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xf32>
    %r = edge.sub %0, %a : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xf32>)",
                    "tensor<1xf32>"),
              near({1}));
}

TEST_F(EvaluatorTest, ReadsResources) {
  auto module = parseSourceString<ModuleOp>(R"(
    func.func @f() -> tensor<2xf32> {
      %r = edge.constant {value = dense_resource<w> : tensor<2xf32>} : tensor<2xf32>
      return %r : tensor<2xf32>
    }
    {-# dialect_resources: { builtin: { w: "0x040000000000803F000000C0" } } #-})",
                                            &context);
  ASSERT_TRUE(module) << diagnostics;
  auto results = evaluate(*module, {});
  ASSERT_TRUE(succeeded(results)) << diagnostics;
  EXPECT_THAT(results->front().reals, ElementsAre(1.0, -2.0));
}

TEST_F(EvaluatorTest, RefusesMissingAndWrongInputs) {
  auto module = parseSourceString<ModuleOp>(R"(
    func.func @f(%x: tensor<2xf32>) -> tensor<2xf32> {
      return %x : tensor<2xf32>
    })",
                                            &context);
  ASSERT_TRUE(module) << diagnostics;
  EXPECT_TRUE(failed(evaluate(*module, {})));
  EXPECT_THAT(diagnostics, HasSubstr("has 1 inputs, 0 were given"));
  HostTensor wrong(RankedTensorType::get({3}, Float32Type::get(&context)));
  EXPECT_TRUE(failed(evaluate(*module, {wrong})));
  EXPECT_THAT(diagnostics, HasSubstr("input 0 must be 'tensor<2xf32>'"));
}

TEST_F(EvaluatorTest, SaysWhatHasNoMeaning) {
  EXPECT_TRUE(integers(R"(
    %x = edge.constant {value = dense<1> : tensor<1xi32>} : tensor<1xi32>
    %r = edge.exp %x : (tensor<1xi32>) -> tensor<1xi32>)",
                       "tensor<1xi32>")
                  .empty());
  EXPECT_THAT(diagnostics,
              HasSubstr("'edge.exp' has no meaning on integer elements"));
}

TEST_F(EvaluatorTest, RefusesDivisionByZero) {
  EXPECT_TRUE(integers(R"(
    %x = edge.constant {value = dense<0> : tensor<1xi32>} : tensor<1xi32>
    %r = edge.div %x, %x : (tensor<1xi32>, tensor<1xi32>) -> tensor<1xi32>)",
                       "tensor<1xi32>")
                  .empty());
  EXPECT_THAT(diagnostics, HasSubstr("division by zero"));
}

TEST_F(EvaluatorTest, NpyFilesRoundTrip) {
  llvm::SmallString<64> path;
  ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("evaluator", "npy", path));
  for (Type element : std::initializer_list<Type>{
           Float32Type::get(&context), Float16Type::get(&context),
           BFloat16Type::get(&context), Float64Type::get(&context),
           IntegerType::get(&context, 8),
           IntegerType::get(&context, 16, IntegerType::Unsigned),
           IntegerType::get(&context, 64)}) {
    HostTensor tensor(RankedTensorType::get({3}, element));
    std::vector<double> numbers = {1, 5, 100};
    if (tensor.isFloat())
      tensor.reals = numbers;
    else
      tensor.integers.assign(numbers.begin(), numbers.end());
    ASSERT_FALSE(bool(writeNpy(path, tensor)));
    auto read = readNpy(path, tensor.type);
    ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
    EXPECT_EQ(read->reals, tensor.reals);
    EXPECT_EQ(read->integers, tensor.integers);
  }
  auto wrong =
      readNpy(path, RankedTensorType::get({4}, IntegerType::get(&context, 64)));
  ASSERT_FALSE(bool(wrong));
  EXPECT_THAT(llvm::toString(wrong.takeError()),
              HasSubstr("must have the shape (4,)"));
  llvm::sys::fs::remove(path);
}

/// A version 1 file with this header and so many bytes of data.
static std::string npyFile(const std::string &header, size_t dataBytes) {
  std::string text = std::string("\x93NUMPY\x01\x00", 8);
  text += char(header.size() & 0xff);
  text += char(header.size() >> 8);
  return text + header + std::string(dataBytes, '\0');
}

TEST(NpyFile, HeadersThatLieAreRefused) {
  llvm::SmallString<64> path;
  ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("evaluator", "npy", path));
  auto errorOf = [&](const std::string &content) -> std::string {
    std::error_code code;
    llvm::raw_fd_ostream(path, code) << content;
    auto file = openNpy(path);
    return file ? "" : llvm::toString(file.takeError());
  };
  auto header = [](const std::string &type, const std::string &shape) {
    return "{'descr': '" + type +
           "', 'fortran_order': False, 'shape': " + shape + ", }";
  };
  EXPECT_EQ(errorOf(npyFile(header("<f4", "(2, 3)"), 24)), "");
  EXPECT_EQ(errorOf(npyFile(header("<f4", "(3,)"), 12)), "");
  EXPECT_EQ(errorOf(npyFile(header("<f4", "()"), 4)), "");
  EXPECT_THAT(errorOf(""), HasSubstr("not a version 1 .npy file"));
  EXPECT_THAT(errorOf(std::string("\x93NUMPY\x01\x00\xff\xff", 10)),
              HasSubstr("element type '' is none of numbers"));
  EXPECT_THAT(errorOf(npyFile(header("<f4", "(2, 3)"), 23)),
              HasSubstr("has 23 bytes of data"));
  EXPECT_THAT(errorOf(npyFile(header("<f4", "(2, -3)"), 24)),
              HasSubstr("the header has no shape"));
  EXPECT_THAT(errorOf(npyFile(header("<f4", "(2, x)"), 24)),
              HasSubstr("the header has no shape"));
  EXPECT_THAT(errorOf(npyFile(header("<f4", "2"), 8)),
              HasSubstr("the header has no shape"));
  EXPECT_THAT(errorOf(npyFile(header("<f4", "(4294967296, 4294967296)"), 0)),
              HasSubstr("is too large"));
  EXPECT_THAT(errorOf(npyFile(header("<f4", "(4611686018427387904,)"), 0)),
              HasSubstr("needs another number"));
  EXPECT_THAT(errorOf(npyFile(header("|O", "(2,)"), 16)),
              HasSubstr("element type '|O' is none of numbers"));
  EXPECT_FALSE(llvm::sys::fs::remove(path));
}

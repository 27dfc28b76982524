//===- IntegerElementwiseTest.cpp - elementwise kernels on integers ------===//
//
// Models enter with float32 only so far, so integers are tested on the kernel
// itself: a region is emitted for a machine with vectors and for one without,
// compiled for the host and run.
//
//===----------------------------------------------------------------------===//
#include "dialects/edge/Edge.h"
#include "dialects/rt/Rt.h"
#include "dialects/schedule/Schedule.h"
#include "mlir/Parser/Parser.h"
#include "passes/kernel/Passes.h"
#include "test/kernel/JustInTime.h"
#include "gmock/gmock.h"
#include <cmath>

using namespace mlir;
using namespace edgec;
using namespace edgec::test;
using testing::ElementsAreArray;

namespace {

class IntegerElementwise : public testing::TestWithParam<int> {
protected:
  IntegerElementwise() {
    loadLoweringDialects(context);
    context.loadDialect<edge::EdgeDialect, schedule::ScheduleDialect,
                        rt::RtDialect>();
  }

  /// Computes `op` on 1-dimensional tensors, given in the IR's notation.
  template <typename X, typename R>
  std::vector<R> run(StringRef op, StringRef x, StringRef r,
                     std::vector<X> left, std::vector<X> right = {}) {
    std::string size = std::to_string(left.size());
    std::string from = "tensor<" + size + "x" + x.str() + ">",
                to = "tensor<" + size + "x" + r.str() + ">";
    bool binary = !right.empty();
    std::string types = binary ? from + ", " + from : from;
    std::string operands = binary ? "%a, %b" : "%a";
    std::string text =
        "module attributes {schedule.machine = #schedule.machine<name = "
        "\"m\", triple = \"x86_64-linux-gnu\", cpu = \"x86-64\", features = "
        "\"\", vectorBits = " +
        std::to_string(GetParam()) +
        ", vectorRegisters = 16, hasFma = false, hasMaskedLanes = false, "
        "hasScalarOperand = false, fmaPerCycle = 100, loadsPerCycle = 200, "
        "fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, "
        "l3Bytes = 0, l2BytesPerCycle = 3200, memoryBytesPerCycle = 1000, "
        "cores = 1, clockMHz = 1000>} {\n"
        "func.func @f(%x: " +
        from + ", %y: " + from + ") -> " + to +
        " {\n%r = schedule.kernel \"k\" (" + (binary ? "%x, %y" : "%x") +
        ") : (" + types + ") -> " + to + " {\n^bb0(%a: " + from +
        (binary ? ", %b: " + from : "") + "):\n%0 = " + op.str() + " " +
        operands + " : (" + types + ") -> " + to +
        "\nschedule.yield %0 : " + to + "\n}\nreturn %r : " + to + "\n}\n}\n";
    auto module = parseSourceString<ModuleOp>(text, &context);
    if (!module) {
      ADD_FAILURE() << text;
      return {};
    }
    PassManager pm(&context);
    pm.addPass(edgec::createEmitKernels());
    if (failed(pm.run(*module))) {
      ADD_FAILURE() << "no kernel for " << op.str();
      return {};
    }
    auto kernel = module->lookupSymbol<func::FuncOp>("kernel_0");
    kernel.setPublic();
    module->lookupSymbol("f")->erase();
    auto engine = compileForHost(*module);
    auto address = engine->lookup("kernel_0");
    EXPECT_TRUE(bool(address));
    std::vector<R> result(left.size());
    if (binary)
      reinterpret_cast<void (*)(X *, X *, R *, int64_t, int64_t)>(*address)(
          left.data(), right.data(), result.data(), 0, 1);
    else
      reinterpret_cast<void (*)(X *, R *, int64_t, int64_t)>(*address)(
          left.data(), result.data(), 0, 1);
    return result;
  }

  MLIRContext context;
};

constexpr int32_t low = INT32_MIN, high = INT32_MAX;

TEST_P(IntegerElementwise, CastsFromReal) {
  std::vector<float> x = {0.9f, -0.9f,         127.9f,   -128.9f,
                          3e9f, -3e9f,         INFINITY, -INFINITY,
                          NAN,  2147483520.0f, 1.5f,     -2.0f};
  EXPECT_THAT((run<float, int32_t>("edge.cast", "f32", "i32", x)),
              ElementsAreArray<int32_t>({0, 0, 127, -128, high, low, high, low,
                                         0, 2147483520, 1, -2}));
  EXPECT_THAT((run<float, int8_t>("edge.cast", "f32", "i8", x)),
              ElementsAreArray<int8_t>(
                  {0, 0, 127, -128, 127, -128, 127, -128, 0, 127, 1, -2}));
  EXPECT_THAT(
      (run<float, int64_t>("edge.cast", "f32", "i64", x)),
      ElementsAreArray<int64_t>({0, 0, 127, -128, 3000000000, -3000000000,
                                 INT64_MAX, INT64_MIN, 0, 2147483520, 1, -2}));
}

TEST_P(IntegerElementwise, CastsBetweenIntegers) {
  std::vector<int32_t> x = {0, 1, -1, 300, -129, high, low};
  EXPECT_THAT((run<int32_t, int8_t>("edge.cast", "i32", "i8", x)),
              ElementsAreArray<int8_t>({0, 1, -1, 44, 127, -1, 0}));
  EXPECT_THAT((run<int32_t, int64_t>("edge.cast", "i32", "i64", x)),
              ElementsAreArray<int64_t>({0, 1, -1, 300, -129, high, low}));
  EXPECT_THAT((run<int32_t, float>("edge.cast", "i32", "f32", x)),
              ElementsAreArray<float>(
                  {0, 1, -1, 300, -129, 2147483648.0f, -2147483648.0f}));
}

TEST_P(IntegerElementwise, WrapsAndTruncates) {
  std::vector<int32_t> a = {7, -7, 7, -7, low, high, 0, 5, low},
                       b = {2, 2, -2, -2, -1, 1, 3, -1, 1};
  EXPECT_THAT((run<int32_t, int32_t>("edge.div", "i32", "i32", a, b)),
              ElementsAreArray<int32_t>({3, -3, -3, 3, low, high, 0, -5, low}));
  EXPECT_THAT(
      (run<int32_t, int32_t>("edge.add", "i32", "i32", a, b)),
      ElementsAreArray<int32_t>({9, -5, 5, -9, high, low, 3, 4, low + 1}));
  EXPECT_THAT((run<int32_t, int32_t>("edge.max", "i32", "i32", a, b)),
              ElementsAreArray<int32_t>({7, 2, 7, -2, -1, high, 3, 5, 1}));
  EXPECT_THAT((run<int32_t, int32_t>("edge.abs", "i32", "i32", a)),
              ElementsAreArray<int32_t>({7, 7, 7, 7, low, high, 0, 5, low}));
  EXPECT_THAT((run<int32_t, int32_t>("edge.sign", "i32", "i32", a)),
              ElementsAreArray<int32_t>({1, -1, 1, -1, -1, 1, 0, 1, -1}));
  EXPECT_THAT((run<int32_t, int32_t>("edge.relu", "i32", "i32", a)),
              ElementsAreArray<int32_t>({7, 0, 7, 0, 0, high, 0, 5, 0}));
}

INSTANTIATE_TEST_SUITE_P(VectorBits, IntegerElementwise,
                         testing::Values(0, 128, 256));

} // namespace

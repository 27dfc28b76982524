//===- GraphWriter.h - builds modules of many small cases ------*- C++ -*-===//
//
// Compiling one module of a hundred independent operators costs far less than
// compiling a hundred modules, so the tests write all cases of a family into
// one function: each case brings its own inputs, and its result becomes one
// output. All data come from a generator with a fixed seed and are floats, so
// that the evaluator and the compiled code begin with the same numbers.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_KERNEL_GRAPHWRITER_H
#define EDGEC_TEST_KERNEL_GRAPHWRITER_H

#include "dialects/edge/Edge.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OwningOpRef.h"
#include "targets/evaluator/HostTensor.h"
#include <functional>

namespace edgec::test {

using Shape = llvm::ArrayRef<int64_t>;

/// Random numbers that are the same on every platform (splitmix64).
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}
  uint64_t next();
  /// Uniform in [low, high), rounded to float.
  double real(double low, double high);
  /// Uniform in [0, count).
  int64_t below(int64_t count) { return int64_t(next() % uint64_t(count)); }
  template <typename T> T pick(std::initializer_list<T> choices) {
    return *(choices.begin() + below(int64_t(choices.size())));
  }

private:
  uint64_t state;
};

/// Where random data lie.
struct Interval {
  double low = -1.0, high = 1.0;
};

/// How far a compiled result may be from the evaluator's.
struct Tolerance {
  /// Of the whole tensor: |difference| / |expected|, Euclidean norms.
  double relativeL2 = 1e-5;
  /// Of each element: relative * |expected| + absolute * largest |expected|.
  double elementRelative = 1e-4;
  double elementOfLargest = 2e-5;

  /// For operators that round each element a few times and add nothing up.
  static Tolerance elementwise() { return {1e-6, 4e-6, 1e-7}; }
  /// For operators that only move elements.
  static Tolerance exact() { return {0.0, 0.0, 0.0}; }
};

/// One output of a test module.
struct Output {
  std::string name;
  Tolerance tolerance;
};

/// A module, values for its inputs, and what its outputs are.
struct TestModule {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::vector<evaluator::HostTensor> inputs;
  std::vector<Output> outputs;
};

class GraphWriter {
public:
  GraphWriter(mlir::MLIRContext &context, uint64_t seed);

  /// Names the operators that follow; failures speak of this name.
  void beginCase(llvm::StringRef name);

  mlir::Value input(Shape shape, Interval range = {});
  mlir::Value inputOf(Shape shape, const std::vector<float> &values);
  /// An input of another element type: the numbers rounded to it, of i1 whether
  /// they are above the middle of the range.
  mlir::Value inputAs(mlir::Type element, Shape shape, Interval range);
  mlir::Value constant(Shape shape, Interval range = {});
  /// A constant of i32.
  mlir::Value integers(llvm::ArrayRef<int32_t> values);
  /// A constant of rank 0.
  mlir::Value scalar(float value);

  /// An operator that infers its result type.
  template <typename Op, typename... Arguments>
  mlir::Value add(Arguments &&...arguments) {
    return Op::create(builder, location, std::forward<Arguments>(arguments)...)
        ->getResult(0);
  }
  /// The same for an operator of several results.
  template <typename Op, typename... Arguments>
  llvm::SmallVector<mlir::Value> addAll(Arguments &&...arguments) {
    return llvm::SmallVector<mlir::Value>(
        Op::create(builder, location, std::forward<Arguments>(arguments)...)
            ->getResults());
  }
  /// An operator by its name, without "edge."; its result has this type.
  mlir::Value named(llvm::StringRef name, mlir::ValueRange operands,
                    mlir::Type type,
                    llvm::ArrayRef<mlir::NamedAttribute> attributes = {});
  mlir::NamedAttribute attribute(llvm::StringRef name, double value);

  mlir::Value reshape(mlir::Value x, Shape shape);
  mlir::Value broadcast(mlir::Value x, Shape shape);

  void output(mlir::Value value, Tolerance tolerance = {});

  /// Closes the function.
  TestModule finish();

  mlir::OpBuilder builder;
  Random random;

private:
  mlir::RankedTensorType floats(Shape shape);
  std::vector<float> numbers(int64_t count, Interval range);

  mlir::Location location;
  std::string caseName;
  TestModule result;
  mlir::func::FuncOp function;
  llvm::SmallVector<mlir::Value> outputs;
};

/// The dimensions of a value.
inline Shape shapeOf(mlir::Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType()).getShape();
}

} // namespace edgec::test

#endif // EDGEC_TEST_KERNEL_GRAPHWRITER_H

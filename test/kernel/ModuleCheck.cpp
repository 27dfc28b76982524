//===- ModuleCheck.cpp - compiled code against the evaluator -------------===//
#include "test/kernel/ModuleCheck.h"
#include "targets/evaluator/Evaluator.h"
#include "test/kernel/Comparison.h"
#include "llvm/Support/Regex.h"
#include <cmath>
#include <cstdlib>

using namespace mlir;
using namespace edgec;
using namespace edgec::test;
using evaluator::HostTensor;

TestModule edgec::test::writeModule(MLIRContext &context,
                                    ArrayRef<Case> cases) {
  GraphWriter graph(context, /*seed=*/1);
  for (const Case &one : cases) {
    graph.beginCase(one.name);
    one.write(graph);
  }
  return graph.finish();
}

/// EDGEC_TEST_CASES=REGEX narrows a run to the cases with matching names, to
/// look into a failure.
static void keepWanted(std::vector<Case> &cases) {
  const char *wanted = std::getenv("EDGEC_TEST_CASES");
  if (!wanted)
    return;
  llvm::Regex regex(wanted);
  llvm::erase_if(cases,
                 [&](const Case &one) { return !regex.match(one.name); });
}

/// Writes the module of one case where it survives the test; returns the path.
static std::string keepModule(const Target &target, const Case &one) {
  MLIRContext context;
  TestModule module = writeModule(context, one);
  std::string name = "edgec-" + target.name + "-" + one.name + ".mlir";
  for (char &c : name)
    if (!llvm::isAlnum(c) && c != '.')
      c = '_';
  std::string path = testing::TempDir() + name;
  std::error_code code;
  llvm::raw_fd_ostream stream(path, code);
  if (code)
    return "(no file: " + code.message() + ")";
  module.module->print(stream);
  return path;
}

/// Leaves only the cases that compile on their own; each other one is a
/// failure.
static void keepCompiling(const Target &target, std::vector<Case> &cases,
                          const TemporaryFolder &folder) {
  std::vector<Case> good;
  for (const Case &one : cases) {
    MLIRContext context;
    TestModule module = writeModule(context, one);
    if (auto error = compileFor(target, *module.module, folder.file("one.so")))
      ADD_FAILURE() << target.name << ": '" << one.name
                    << "' does not compile: "
                    << llvm::toString(std::move(error))
                    << "\n  IR: " << keepModule(target, one);
    else
      good.push_back(one);
  }
  cases = std::move(good);
}

std::optional<Tolerance> edgec::test::toleranceOf(Precision precision) {
  switch (precision) {
  case Precision::float32:
    return std::nullopt;
  case Precision::float16:
    return Tolerance{3e-3, 4e-3, 4e-3};
  case Precision::bfloat16:
    return Tolerance{1e-2, 2e-2, 2e-2};
  }
  return std::nullopt;
}

/// Whether the same numbers came out, NaN for NaN.
static bool isSame(const HostTensor &one, const HostTensor &other) {
  if (!one.isFloat())
    return one.integers == other.integers;
  return llvm::all_of(llvm::zip_equal(one.reals, other.reals), [](auto both) {
    auto [x, y] = both;
    return x == y || (std::isnan(x) && std::isnan(y));
  });
}

void edgec::test::checkCases(const Target &target, std::vector<Case> cases,
                             std::optional<Tolerance> tolerance) {
  keepWanted(cases);
  TemporaryFolder folder;
  std::string path = folder.file("model.so");
  MLIRContext context;
  TestModule module = writeModule(context, cases);
  if (auto error = compileFor(target, *module.module, path)) {
    std::string reason = llvm::toString(std::move(error));
    keepCompiling(target, cases, folder);
    module = writeModule(context, cases);
    if (auto again = compileFor(target, *module.module, path)) {
      llvm::consumeError(std::move(again));
      FAIL() << target.name
             << ": the cases do not compile together: " << reason;
    }
  }
  auto expected = evaluator::evaluate(*module.module, module.inputs);
  ASSERT_TRUE(succeeded(expected));
  SmallVector<RankedTensorType> types;
  for (const HostTensor &output : *expected)
    types.push_back(output.type);

  std::string skipped;
  std::vector<HostTensor> first;
  for (const Runner &runner : target.runners) {
    auto outputs = runArtifact(runner, path, module.inputs, types);
    if (!outputs) {
      llvm::Error other =
          llvm::handleErrors(outputs.takeError(), [&](const CannotRun &reason) {
            skipped = reason.message();
          });
      if (other)
        ADD_FAILURE() << target.name << ", " << runner.name << ": "
                      << llvm::toString(std::move(other));
      continue;
    }
    if (first.empty())
      first = *outputs;
    for (size_t index = 0; index < module.outputs.size(); ++index) {
      const Output &output = module.outputs[index];
      auto mismatch = findMismatch((*expected)[index], (*outputs)[index],
                                   tolerance.value_or(output.tolerance));
      if (!mismatch && !isSame(first[index], (*outputs)[index]))
        mismatch = "not the bits of " + target.runners.front().name;
      if (!mismatch)
        continue;
      auto one = llvm::find_if(
          cases, [&](const Case &one) { return one.name == output.name; });
      ADD_FAILURE() << target.name << ", " << runner.name << ": '"
                    << output.name << "': " << *mismatch
                    << "\n  IR: " << keepModule(target, *one);
    }
  }
  if (!skipped.empty())
    GTEST_SKIP() << skipped;
}

//===- BackendTest.cpp - ONNX's own tests, imported and evaluated ---------===//
//
// The importer's meaning is judged by people who did not write it: every model
// of ONNX's backend tests either fails with a diagnostic or, run by the
// evaluator, gives the expected outputs. Skipped where the models are absent.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/Numbers.h"
#include "targets/evaluator/Evaluator.h"
#include "test/import/ImportText.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace edgec;
using edgec::evaluator::HostTensor;
namespace path = llvm::sys::path;

/// A .pb file of the test data as float32 numbers.
static std::optional<HostTensor> readTensorFile(const std::string &file,
                                                mlir::MLIRContext &context) {
  auto mapped = MappedFile::open(file);
  onnx::Tensor tensor;
  onnx::WireFault fault;
  if (!mapped || !onnx::readTensor(mapped->bytes(), tensor, fault))
    return std::nullopt;
  onnx::TensorSource source(*mapped, file);
  auto constant = source.load(
      tensor, [&] { return mlir::emitError(mlir::UnknownLoc::get(&context)); });
  if (mlir::failed(constant) || constant->type != onnx::DataType::Float)
    return std::nullopt;
  mlir::Builder builder(&context);
  return evaluator::fromBytes(
      mlir::RankedTensorType::get(constant->shape, builder.getF32Type()),
      llvm::ArrayRef<char>(constant->bytes.data(), constant->bytes.size()));
}

/// The first difference, or nothing.
static std::string compare(const HostTensor &found, const HostTensor &wanted) {
  if (found.shape() != wanted.shape())
    return "shape " + shapeText(found.shape()) + " instead of " +
           shapeText(wanted.shape());
  for (size_t i = 0; i < found.reals.size(); ++i) {
    double a = found.reals[i], b = wanted.reals[i];
    // The suite's own relative tolerance: some outputs are stated with four
    // digits (gridsample_bicubic).
    bool close = std::abs(a - b) <= 1e-6 + 1e-3 * std::abs(b);
    if (!close && a != b && !(std::isnan(a) && std::isnan(b)))
      return "element " + std::to_string(i) + " is " + std::to_string(a) +
             " instead of " + std::to_string(b);
  }
  return "";
}

enum class Outcome { Refused, Passed, NotComparable };

/// Imports and runs the model in `folder`; adds a failure if it is wrong.
static Outcome runBackendTest(const std::string &folder) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  size_t errors = 0;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &) {
    ++errors;
    return mlir::success();
  });
  auto module = importModel(folder + "/model.onnx", {}, context);
  if (mlir::failed(module)) {
    EXPECT_GT(errors, 0U) << folder << " was refused without a word";
    return Outcome::Refused;
  }
  EXPECT_EQ(errors, 0U) << folder;
  auto function = *(*module)->getOps<mlir::func::FuncOp>().begin();
  auto readAll = [&](const char *kind, unsigned count) {
    std::vector<HostTensor> tensors;
    for (unsigned i = 0; i < count; ++i)
      if (auto tensor = readTensorFile(folder + "/test_data_set_0/" + kind +
                                           "_" + std::to_string(i) + ".pb",
                                       context))
        tensors.push_back(std::move(*tensor));
    return tensors;
  };
  auto inputs = readAll("input", function.getNumArguments());
  auto wanted = readAll("output", function.getNumResults());
  if (inputs.size() != function.getNumArguments() ||
      wanted.size() != function.getNumResults())
    return Outcome::NotComparable;
  auto found = evaluator::evaluate(function, inputs);
  if (mlir::failed(found)) {
    ADD_FAILURE() << folder << " cannot be evaluated";
    return Outcome::NotComparable;
  }
  for (size_t i = 0; i < wanted.size(); ++i)
    EXPECT_EQ(compare((*found)[i], wanted[i]), "") << folder << " output " << i;
  return Outcome::Passed;
}

/// Runs every test of one collection and wants at least `leastPassed` to pass.
static void runCollection(const std::string &name, int leastPassed) {
  std::string root = std::string(EDGEC_MODELS_DIR) + "/onnx/" + name;
  if (!llvm::sys::fs::is_directory(root))
    GTEST_SKIP() << "EDGEC_MODELS_DIR has no " << name;
  std::vector<std::string> folders;
  std::error_code error;
  for (llvm::sys::fs::directory_iterator i(root, error), end;
       i != end && !error; i.increment(error))
    folders.push_back(i->path());
  llvm::sort(folders);
  int passed = 0, refused = 0, notComparable = 0;
  for (const std::string &folder : folders) {
    Outcome outcome = runBackendTest(folder);
    passed += outcome == Outcome::Passed;
    refused += outcome == Outcome::Refused;
    notComparable += outcome == Outcome::NotComparable;
  }
  EXPECT_GE(passed, leastPassed);
  testing::Test::RecordProperty("passed", passed);
  llvm::outs() << name << ": " << passed << " passed, " << refused
               << " refused, " << notComparable << " not comparable\n";
}

// The other models use opsets or operators that are not imported.
TEST(OnnxBackend, Node) { runCollection("backend-node", 195); }
TEST(OnnxBackend, PytorchConverted) {
  runCollection("backend-pytorch-converted", 40);
}
TEST(OnnxBackend, PytorchOperator) {
  runCollection("backend-pytorch-operator", 10);
}

//===- BackendTest.cpp - one test of ONNX's backend suite ----------------===//
//
// Tolerances are those of ONNX's own runner: relative 1e-3, absolute 1e-7;
// integers are equal.
//
//===----------------------------------------------------------------------===//
#include "test/conformance/BackendTest.h"
#include "compiler/Compiler.h"
#include "compiler/import/onnx/Constant.h"
#include "edge/runtime.h"
#include "targets/evaluator/HostTensor.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include <cmath>

using namespace mlir;
using namespace edgec;
using namespace edgec::test;
using evaluator::HostTensor;
using llvm::createStringError;

/// Reads a TensorProto; other things that a .pb may hold are errors.
static llvm::Expected<HostTensor> readProto(const std::string &path,
                                            MLIRContext &context) {
  auto file = MappedFile::open(path);
  if (!file)
    return createStringError(file.getError(), "%s", path.c_str());
  onnx::Tensor proto;
  onnx::WireFault fault;
  if (!onnx::readTensor(file->bytes(), proto, fault))
    return createStringError("%s: %s", path.c_str(), fault.reason.c_str());
  onnx::TensorSource source(*file, path);
  auto error = [&] { return emitError(UnknownLoc::get(&context)); };
  FailureOr<onnx::Constant> constant = source.load(proto, error);
  Type element;
  if (succeeded(constant))
    element = onnx::elementType(constant->type, &context);
  if (!element)
    return createStringError("%s: an element type we do not read",
                             path.c_str());
  return evaluator::fromBytes(
      RankedTensorType::get(constant->shape, element),
      ArrayRef(constant->bytes.data(), constant->bytes.size()));
}

static llvm::Expected<std::vector<HostTensor>>
readProtos(const std::string &prefix, MLIRContext &context) {
  std::vector<HostTensor> tensors;
  for (;;) {
    std::string path = prefix + std::to_string(tensors.size()) + ".pb";
    if (!llvm::sys::fs::exists(path))
      return tensors;
    auto tensor = readProto(path, context);
    if (!tensor)
      return tensor.takeError();
    tensors.push_back(std::move(*tensor));
  }
}

/// What numpy.testing.assert_allclose asks.
static bool allClose(const HostTensor &actual, const HostTensor &expected) {
  if (!expected.isFloat())
    return actual.integers == expected.integers;
  for (int64_t i = 0; i < expected.size(); ++i) {
    double a = actual.reals[i], e = expected.reals[i];
    bool close = std::abs(a - e) <= 1e-7 + 1e-3 * std::abs(e) || a == e ||
                 (std::isnan(a) && std::isnan(e));
    if (!close)
      return false;
  }
  return true;
}

namespace {
/// Inputs of another shape than the model declares: no run can tell anything.
class DoesNotFit : public llvm::ErrorInfo<DoesNotFit> {
public:
  static char ID;
  explicit DoesNotFit(std::string reason) : reason(std::move(reason)) {}
  void log(llvm::raw_ostream &stream) const override { stream << reason; }
  std::error_code convertToErrorCode() const override {
    return llvm::inconvertibleErrorCode();
  }

private:
  std::string reason;
};
char DoesNotFit::ID;
} // namespace

static llvm::Error runDataSet(edge_session *session, const std::string &folder,
                              MLIRContext &context) {
  auto inputs = readProtos(folder + "/input_", context);
  if (!inputs)
    return inputs.takeError();
  auto expected = readProtos(folder + "/output_", context);
  if (!expected)
    return expected.takeError();
  const edge_model *model = edge_session_model(session);
  if (model->input_count != inputs->size() ||
      model->output_count != expected->size())
    return createStringError("%u inputs and %u outputs instead of %zu and %zu",
                             model->input_count, model->output_count,
                             inputs->size(), expected->size());

  std::vector<std::vector<char>> buffers;
  auto addBuffer = [&](const HostTensor &tensor, const edge_tensor_info &info) {
    buffers.push_back(evaluator::toBytes(tensor));
    return buffers.back().size() == info.size_bytes &&
           llvm::ArrayRef(info.shape, info.rank) == tensor.shape();
  };
  for (size_t i = 0; i < inputs->size(); ++i)
    if (!addBuffer((*inputs)[i], model->inputs[i]))
      return llvm::make_error<DoesNotFit>(
          "the data of input " + std::to_string(i) +
          " has another shape or type than the model declares");
  for (size_t i = 0; i < expected->size(); ++i)
    if (!addBuffer((*expected)[i], model->outputs[i]))
      return createStringError("output %zu has another shape or type", i);
  std::vector<const void *> inputPointers;
  std::vector<void *> outputPointers;
  for (size_t i = 0; i < inputs->size(); ++i)
    inputPointers.push_back(buffers[i].data());
  for (size_t i = inputs->size(); i < buffers.size(); ++i) {
    llvm::fill(buffers[i], char(0xFF));
    outputPointers.push_back(buffers[i].data());
  }
  edge_message message = {};
  if (edge_session_run(session, inputPointers.data(), outputPointers.data(),
                       &message))
    return createStringError("run: %s", message.text);
  for (size_t i = 0; i < expected->size(); ++i)
    if (!allClose(evaluator::fromBytes((*expected)[i].type,
                                       buffers[inputs->size() + i]),
                  (*expected)[i]))
      return createStringError("output %zu differs in %s", i, folder.c_str());
  return llvm::Error::success();
}

static llvm::Error runCompiled(const std::string &artifactPath,
                               const std::string &folder) {
  edge_message message = {};
  edge_artifact *artifact = nullptr;
  if (edge_model_load(artifactPath.c_str(), &artifact, &message))
    return createStringError("load: %s", message.text);
  llvm::scope_exit unload([&] { edge_model_unload(artifact); });
  edge_session *session = nullptr;
  if (edge_session_create(edge_artifact_model(artifact), 1, &session, &message))
    return createStringError("session: %s", message.text);
  llvm::scope_exit destroy([&] { edge_session_destroy(session); });

  MLIRContext context;
  ScopedDiagnosticHandler quiet(&context, [](Diagnostic &) {});
  for (int set = 0;; ++set) {
    std::string dataSet = folder + "/test_data_set_" + std::to_string(set);
    if (!llvm::sys::fs::exists(dataSet))
      return llvm::Error::success();
    if (auto error = runDataSet(session, dataSet, context))
      return error;
  }
}

BackendResult edgec::test::runBackendTest(StringRef folder) {
  CompileOptions options;
  options.machine.cpu = "native";
  options.threads = 1;
  auto artifact = compile({(folder + "/model.onnx").str()}, options);
  if (!artifact)
    return {BackendResult::Unsupported, llvm::toString(artifact.takeError())};
  SmallString<128> path;
  if (llvm::sys::fs::createTemporaryFile("backend", "so", path))
    return {BackendResult::Wrong, "no temporary file"};
  llvm::scope_exit remove([&] { llvm::sys::fs::remove(path); });
  if (auto error = artifact->write(path))
    return {BackendResult::Wrong, llvm::toString(std::move(error))};
  if (auto error = runCompiled(path.str().str(), folder.str())) {
    auto kind = error.isA<DoesNotFit>() ? BackendResult::Unsupported
                                        : BackendResult::Wrong;
    return {kind, llvm::toString(std::move(error))};
  }
  return {BackendResult::Pass, ""};
}

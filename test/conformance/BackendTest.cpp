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
#include <cstring>

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

/// The output's shape in this run. Some sizes are in another output.
static SmallVector<int64_t> actualShape(const edge_tensor_info &info,
                                        ArrayRef<std::vector<char>> outputs) {
  SmallVector<int64_t> shape(info.shape, info.shape + info.rank);
  if (info.size_output >= 0)
    std::memcpy(&shape[info.size_dimension], outputs[info.size_output].data(),
                sizeof(int64_t));
  return shape;
}

/// The first elements along each dimension of a buffer of a larger shape.
static std::vector<char> crop(ArrayRef<char> buffer, ArrayRef<int64_t> from,
                              ArrayRef<int64_t> to, size_t elementBytes) {
  if (to.empty())
    return buffer.take_front(elementBytes).vec();
  std::vector<char> result;
  for (int64_t i = 0; i < to.front(); ++i) {
    size_t rowBytes = buffer.size() / from.front();
    std::vector<char> row =
        crop(buffer.slice(i * rowBytes, rowBytes), from.drop_front(),
             to.drop_front(), elementBytes);
    result.insert(result.end(), row.begin(), row.end());
  }
  return result;
}

/// Whether the output has the expected shape, type and elements.
static llvm::Error checkOutput(const edge_model *model, unsigned index,
                               ArrayRef<std::vector<char>> outputs,
                               const HostTensor &expected) {
  const edge_tensor_info &info = model->outputs[index];
  SmallVector<int64_t> shape = actualShape(info, outputs);
  size_t elementBytes = evaluator::elementBytes(expected.elementType());
  bool fits = true;
  for (auto [size, bound] :
       llvm::zip_equal(shape, ArrayRef(info.shape, info.rank)))
    fits &= size >= 0 && size <= bound;
  if (!fits || ArrayRef<int64_t>(shape) != expected.shape() ||
      elementBytes * 8 != edge_dtype_bits(info.dtype))
    return createStringError("output %u has another shape or type", index);
  std::vector<char> bytes = crop(
      outputs[index], ArrayRef(info.shape, info.rank), shape, elementBytes);
  if (!allClose(evaluator::fromBytes(expected.type, bytes), expected))
    return createStringError("output %u differs", index);
  return llvm::Error::success();
}

static llvm::Error runDataSet(edge_session *session, const std::string &folder,
                              MLIRContext &context) {
  auto inputs = readProtos(folder + "/input_", context);
  if (!inputs)
    return inputs.takeError();
  auto expected = readProtos(folder + "/output_", context);
  if (!expected)
    return expected.takeError();
  // Sizes of outputs come after the model's own.
  const edge_model *model = edge_session_model(session);
  if (model->input_count != inputs->size() ||
      model->output_count < expected->size())
    return createStringError("%u inputs and %u outputs instead of %zu and %zu",
                             model->input_count, model->output_count,
                             inputs->size(), expected->size());

  std::vector<std::vector<char>> inputBytes, outputs;
  std::vector<const void *> inputPointers;
  std::vector<void *> outputPointers;
  for (size_t i = 0; i < inputs->size(); ++i) {
    const edge_tensor_info &info = model->inputs[i];
    inputBytes.push_back(evaluator::toBytes((*inputs)[i]));
    if (inputBytes.back().size() != info.size_bytes ||
        llvm::ArrayRef(info.shape, info.rank) != (*inputs)[i].shape())
      return llvm::make_error<DoesNotFit>(
          "the data of input " + std::to_string(i) +
          " has another shape or type than the model declares");
  }
  for (unsigned i = 0; i < model->output_count; ++i)
    outputs.emplace_back(model->outputs[i].size_bytes, char(0xFF));
  for (const std::vector<char> &bytes : inputBytes)
    inputPointers.push_back(bytes.data());
  for (std::vector<char> &bytes : outputs)
    outputPointers.push_back(bytes.data());
  edge_message message = {};
  if (edge_session_run(session, inputPointers.data(), outputPointers.data(),
                       &message))
    return createStringError("run: %s", message.text);
  for (size_t i = 0; i < expected->size(); ++i)
    if (auto error = checkOutput(model, i, outputs, (*expected)[i]))
      return createStringError(
          "%s in %s", llvm::toString(std::move(error)).c_str(), folder.c_str());
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

namespace {
/// A test whose stated inputs or outputs nobody can be measured by.
struct UnusableReference {
  StringRef folder, reason;
};
} // namespace

static constexpr StringRef otherType =
    "an input is of another type than the model declares; in later editions of "
    "the test it is not";

static constexpr UnusableReference unusableReferences[] = {
    {"libonnx-testdata/data/node/test_cast_FLOAT_to_BFLOAT16",
     "the reference cuts to bfloat16, where ONNX rounds to nearest even; later "
     "editions of the test do"},
    {"libonnx-testdata/data/node/test_castlike_BFLOAT16_to_FLOAT", otherType},
    {"libonnx-testdata/data/node/test_castlike_BFLOAT16_to_FLOAT_expanded",
     otherType},
    {"libonnx-testdata/data/node/test_castlike_FLOAT_to_BFLOAT16", otherType},
    {"libonnx-testdata/data/node/test_castlike_FLOAT_to_BFLOAT16_expanded",
     otherType},
    {"node/test_dft_inverse",
     "imaginary parts that are 0 are stated as 1.9e-7, the rounding error of "
     "whoever computed them, which is beyond the test's own tolerance"},
};

BackendResult edgec::test::runBackendTest(StringRef folder) {
  for (const UnusableReference &reference : unusableReferences)
    if (folder.ends_with(reference.folder))
      return {BackendResult::Unsupported,
              "not comparable: " + reference.reason.str()};
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

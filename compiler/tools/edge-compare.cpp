//===- edge-compare.cpp - finds the operator that computes something else -===//
//
//     edge-compare MODEL [-input=0=x.npy]... [-target=... -mcpu=...
//     -runner=...]
//
// Runs a model compiled for one machine kernel by kernel beside the evaluator,
// prints how far each kernel is off, and names the first one beyond the
// tolerance.
//
//     edge-compare FIRST.so SECOND.so [-input=... | -eval=DIR]
//
// Runs two artifacts on the same inputs and compares their outputs.
//
//===----------------------------------------------------------------------===//
#include "compiler/compare/ArtifactComparison.h"
#include "compiler/compare/LayerComparison.h"
#include "compiler/quantize/SampleSet.h"
#include "compiler/tools/ForeignOptions.h"
#include "targets/evaluator/NpyFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include <random>
#include <tuple>

using namespace edgec;
using namespace mlir;
using evaluator::HostTensor;
namespace cl = llvm::cl;

namespace {
/// An object, not globals: LLVM's own options must be out of the way first.
struct CommandLine {
  cl::OptionCategory category{"edge-compare options"};
  cl::opt<std::string> model{cl::Positional, cl::Required, cl::desc("MODEL"),
                             cl::cat(category)};
  cl::opt<std::string> other{cl::Positional, cl::desc("[SECOND.so]"),
                             cl::cat(category)};
  cl::opt<std::string> evaluate{
      "eval",
      cl::desc("samples (and labels.npy) on which two artifacts are compared"),
      cl::value_desc("DIR_OF_NPY"), cl::cat(category)};
  cl::list<std::string> inputs{
      "input", cl::desc("value of an input (default: pseudo-random)"),
      cl::value_desc("NAME_OR_INDEX=FILE.npy"), cl::cat(category)};
  cl::opt<std::string> target{"target", cl::init("host"),
                              cl::desc("as edgec's"), cl::value_desc("NAME"),
                              cl::cat(category)};
  cl::opt<std::string> cpu{"mcpu", cl::desc("as edgec's"),
                           cl::value_desc("NAME"), cl::cat(category)};
  cl::opt<std::string> features{"mattr", cl::desc("as edgec's"),
                                cl::value_desc("+a,-b"), cl::cat(category)};
  cl::opt<QdqReference> qdq{
      "qdq", cl::desc("as edgec's"), cl::init(QdqReference::onnx),
      cl::values(clEnumValN(QdqReference::onnx, "onnx", "ONNX's (default)"),
                 clEnumValN(QdqReference::onnxRuntime, "onnxruntime",
                            "ONNX Runtime's")),
      cl::cat(category)};
  cl::opt<Precision> precision{
      "precision", cl::desc("as edgec's"), cl::init(Precision::float32),
      cl::values(clEnumValN(Precision::float32, "fp32", "f32 (default)"),
                 clEnumValN(Precision::float16, "fp16", "f16"),
                 clEnumValN(Precision::bfloat16, "bf16", "bf16")),
      cl::cat(category)};
  cl::list<std::string> shapes{"shape", cl::desc("as edgec's"),
                               cl::value_desc("INPUT=1x3x224x224"),
                               cl::cat(category)};
  cl::opt<std::string> runner{
      "runner",
      cl::desc(
          "command that runs an artifact with edge-run's options (default: "
          "the edge-run beside this program)"),
      cl::value_desc("COMMAND"), cl::cat(category)};
  cl::opt<double> tolerance{
      "tolerance",
      cl::desc("largest relative error of one kernel (default: 1e-5), or of "
               "the second artifact's outputs (default: any)"),
      cl::init(1e-5), cl::value_desc("R"), cl::cat(category)};
};
} // namespace

static llvm::Error failure(const llvm::Twine &message) {
  return llvm::createStringError(message);
}

//===-- inputs
//-------------------------------------------------------------===//

/// Values that keep most networks finite, the same in every run.
static HostTensor makeInput(RankedTensorType type, unsigned seed) {
  HostTensor tensor(type);
  std::mt19937 engine(seed + 1);
  for (double &element : tensor.reals)
    element = float(engine()) / float(1U << 31) - 1;
  // Indices and flags: 0 and 1 are valid nearly everywhere.
  for (int64_t &element : tensor.integers)
    element = engine() % 2;
  return tensor;
}

static llvm::Expected<std::vector<HostTensor>>
readInputs(const CommandLine &line, ArrayRef<Type> types,
           llvm::function_ref<llvm::StringRef(unsigned)> inputName) {
  std::vector<HostTensor> inputs(types.size());
  for (llvm::StringRef option : line.inputs) {
    auto [key, path] = option.split('=');
    unsigned index = types.size();
    if (key.getAsInteger(10, index)) {
      for (index = 0; index < types.size(); ++index)
        if (inputName(index) == key)
          break;
    }
    if (index >= types.size())
      return failure("the model has no input '" + key + "'");
    auto tensor =
        evaluator::readNpy(path, cast<RankedTensorType>(types[index]));
    if (!tensor)
      return tensor.takeError();
    inputs[index] = std::move(*tensor);
  }
  for (auto [index, input] : llvm::enumerate(inputs))
    if (!input.type)
      input = makeInput(cast<RankedTensorType>(types[index]), index);
  return inputs;
}

//===-- the run
//------------------------------------------------------------===//

static llvm::Error execute(const CommandLine &line, llvm::StringRef program,
                           ArrayRef<std::string> arguments,
                           llvm::StringRef output = "") {
  llvm::SmallVector<llvm::StringRef> words;
  llvm::StringRef(line.runner).split(words, ' ', -1, /*KeepEmpty=*/false);
  llvm::SmallString<128> beside(llvm::sys::path::parent_path(program));
  llvm::sys::path::append(beside, "edge-run");
  if (words.empty())
    words.push_back(beside);
  std::string command = words.front().str();
  if (auto found = llvm::sys::findProgramByName(command))
    command = *found;
  words.append(arguments.begin(), arguments.end());
  std::string fault;
  int code = llvm::sys::ExecuteAndWait(command, words, std::nullopt,
                                       {std::nullopt, output, std::nullopt}, 0,
                                       0, &fault);
  if (code != 0)
    return failure("'" + command + "' ended with " + llvm::Twine(code) +
                   (fault.empty() ? "" : ": " + fault));
  return llvm::Error::success();
}

/// Writes the inputs into `folder`, runs the artifact, and reads the outputs.
static llvm::Expected<std::vector<HostTensor>>
run(const CommandLine &line, llvm::StringRef program,
    const std::string &artifact, ArrayRef<HostTensor> inputs,
    ArrayRef<Type> outputTypes, llvm::StringRef folder) {
  std::vector<std::string> arguments = {artifact,
                                        ("-output-dir=" + folder).str()};
  for (auto [index, input] : llvm::enumerate(inputs)) {
    std::string path = (folder + "/input_" + llvm::Twine(index) + ".npy").str();
    if (llvm::Error error = evaluator::writeNpy(path, input))
      return std::move(error);
    arguments.push_back("-input=" + std::to_string(index) + "=" + path);
  }
  if (llvm::Error error = execute(line, program, arguments))
    return std::move(error);
  std::vector<HostTensor> outputs;
  for (auto [index, type] : llvm::enumerate(outputTypes)) {
    auto tensor = evaluator::readNpy(
        (folder + "/output_" + llvm::Twine(index) + ".npy").str(),
        cast<RankedTensorType>(type));
    if (!tensor)
      return tensor.takeError();
    outputs.push_back(std::move(*tensor));
  }
  return outputs;
}

//===-- the report
//---------------------------------------------------------===//

static std::string position(RankedTensorType type, int64_t at) {
  llvm::SmallVector<std::string> places(type.getRank());
  for (int64_t d = type.getRank(); d-- > 0;) {
    places[d] = std::to_string(at % type.getDimSize(d));
    at /= type.getDimSize(d);
  }
  return "[" + llvm::join(places, ", ") + "]";
}

/// The table; whether every kernel is within the tolerance.
static bool print(ArrayRef<LayerDifference> layers, double tolerance) {
  llvm::outs() << "own error   so far      kernel: layers\n";
  const LayerDifference *first = nullptr;
  for (const LayerDifference &layer : layers) {
    llvm::outs() << llvm::format("%-10.2e  %-10.2e  ", layer.own.relative,
                                 layer.soFar.relative)
                 << layer.kernel << ": " << layer.layers << "\n";
    if (!first && !(layer.own.relative <= tolerance))
      first = &layer;
  }
  if (!first) {
    llvm::outs() << "no kernel differs by more than "
                 << llvm::format("%.1e", tolerance) << "\n";
    return true;
  }
  llvm::outs() << "the first kernel that differs is " << first->kernel << " ("
               << first->layers << "): relative error "
               << llvm::format("%.2e", first->own.relative) << ", most at "
               << position(first->type, first->own.at)
               << llvm::format(", where it is %.9g and should be %.9g\n",
                               first->own.got, first->own.want);
  return false;
}

namespace {
/// A folder that disappears with what is in it.
class TemporaryFolder {
public:
  static llvm::Expected<TemporaryFolder> make() {
    TemporaryFolder folder;
    if (auto code =
            llvm::sys::fs::createUniqueDirectory("edge-compare", folder.path))
      return failure("no temporary folder: " + code.message());
    return folder;
  }
  TemporaryFolder(TemporaryFolder &&other) noexcept {
    std::swap(path, other.path);
  }
  ~TemporaryFolder() {
    // What cannot be removed lies in the system's temporary folder.
    if (!path.empty())
      std::ignore = llvm::sys::fs::remove_directories(path, true);
  }
  llvm::SmallString<128> path;

private:
  TemporaryFolder() = default;
};
} // namespace

//===-- two artifacts -----------------------------------------------------===//

static llvm::Expected<ArtifactInterface> describe(const CommandLine &line,
                                                  llvm::StringRef program,
                                                  const std::string &artifact,
                                                  llvm::StringRef folder,
                                                  MLIRContext &context) {
  std::string path = (folder + "/info.json").str();
  // What stands in a file stays behind what is written over it.
  if (auto code = llvm::sys::fs::remove(path))
    return failure("cannot remove " + path + ": " + code.message());
  if (llvm::Error error =
          execute(line, program, {artifact, "-info", "-json"}, path))
    return std::move(error);
  auto text = llvm::MemoryBuffer::getFile(path);
  if (!text)
    return failure(artifact + ": its description cannot be read");
  auto result = ArtifactInterface::parse((*text)->getBuffer(), context);
  if (!result)
    return failure(artifact + ": " + llvm::toString(result.takeError()));
  return result;
}

static llvm::SmallVector<Type> typesOf(ArrayRef<ArtifactPort> ports) {
  llvm::SmallVector<Type> types;
  for (const ArtifactPort &port : ports)
    types.push_back(port.type);
  return types;
}

/// Runs both on one sample of the first one's inputs.
static llvm::Error
compareSample(const CommandLine &line, llvm::StringRef program,
              ArtifactComparison &comparison, ArrayRef<HostTensor> inputs,
              ArrayRef<int64_t> labels, llvm::StringRef folder) {
  std::vector<HostTensor> others;
  for (auto [input, from, to] : llvm::zip_equal(inputs, comparison.first.inputs,
                                                comparison.second.inputs)) {
    bool isSame = from.type == to.type && from.scale == to.scale &&
                  from.zeroPoint == to.zeroPoint;
    others.push_back(isSame ? input : fromReals(toReals(input, from), to));
  }
  auto first = run(line, program, line.model, inputs,
                   typesOf(comparison.first.outputs), folder);
  if (!first)
    return first.takeError();
  auto second = run(line, program, line.other, others,
                    typesOf(comparison.second.outputs), folder);
  if (!second)
    return second.takeError();
  comparison.add(*first, *second, labels);
  return llvm::Error::success();
}

/// All samples of the folder, with their labels.
static llvm::Error compareSamples(const CommandLine &line,
                                  llvm::StringRef program,
                                  ArtifactComparison &comparison,
                                  llvm::StringRef folder,
                                  MLIRContext &context) {
  auto function = comparison.first.function(context);
  auto samples = SampleSet::open(line.evaluate, *function);
  if (failed(samples))
    return llvm::createStringError("the samples cannot be read");
  int64_t rows = comparison.rowsPerSample();
  auto labels = readLabels(line.evaluate, samples->size() * rows, context);
  if (failed(labels))
    return llvm::createStringError("the labels cannot be read");
  for (int64_t i = 0; i < samples->size(); ++i) {
    std::vector<HostTensor> inputs;
    for (auto [bytes, port] :
         llvm::zip_equal((*samples)[i], comparison.first.inputs))
      inputs.push_back(evaluator::fromBytes(port.type, bytes));
    ArrayRef<int64_t> own;
    if (!labels->empty())
      own = ArrayRef<int64_t>(*labels).slice(i * rows, rows);
    if (llvm::Error error =
            compareSample(line, program, comparison, inputs, own, folder))
      return error;
  }
  return llvm::Error::success();
}

static llvm::Expected<bool> compareArtifacts(const CommandLine &line,
                                             llvm::StringRef program) {
  auto folder = TemporaryFolder::make();
  if (!folder)
    return folder.takeError();
  MLIRContext context;
  llvm::SmallVector<ArtifactInterface> interfaces;
  for (const std::string &artifact :
       {line.model.getValue(), line.other.getValue()}) {
    auto found = describe(line, program, artifact, folder->path, context);
    if (!found)
      return found.takeError();
    interfaces.push_back(std::move(*found));
  }
  auto comparison = ArtifactComparison::prepare(std::move(interfaces[0]),
                                                std::move(interfaces[1]));
  if (!comparison)
    return comparison.takeError();
  llvm::Error error = llvm::Error::success();
  if (line.evaluate.empty()) {
    const auto &ports = comparison->first.inputs;
    auto inputs = readInputs(line, typesOf(ports), [&](unsigned index) {
      return llvm::StringRef(ports[index].name);
    });
    if (!inputs)
      return inputs.takeError();
    error =
        compareSample(line, program, *comparison, *inputs, {}, folder->path);
  } else {
    error = compareSamples(line, program, *comparison, folder->path, context);
  }
  if (error)
    return std::move(error);
  comparison->print(llvm::outs());
  return line.tolerance.getNumOccurrences() == 0 ||
         comparison->relativeError() <= line.tolerance;
}

//===-- layers
//-------------------------------------------------------------===//

static llvm::Expected<bool> compareLayers(const CommandLine &line,
                                          llvm::StringRef program) {
  CompileOptions options;
  options.machine.target = line.target;
  options.machine.cpu = line.cpu;
  options.machine.features = line.features;
  options.stages.precision = line.precision;
  options.stages.qdq = line.qdq;
  for (const std::string &shape : line.shapes) {
    llvm::Expected<InputShape> parsed = parseInputShape(shape);
    if (!parsed)
      return parsed.takeError();
    if (!parsed->isFixed()) {
      return failure("-shape=" + llvm::Twine(shape) +
                     " is a range, and layers are compared at one size; give "
                     "one of them");
    }
    options.import.shapes.push_back(std::move(*parsed));
  }
  auto comparison = LayerComparison::prepare({line.model}, options);
  if (!comparison)
    return comparison.takeError();
  auto inputs = readInputs(line, comparison->inputTypes(), [&](unsigned index) {
    return comparison->inputName(index);
  });
  if (!inputs)
    return inputs.takeError();
  auto folder = TemporaryFolder::make();
  if (!folder)
    return folder.takeError();
  std::string artifact = (folder->path + "/model.so").str();
  if (llvm::Error error = comparison->artifact().write(artifact))
    return std::move(error);
  auto outputs = run(line, program, artifact, *inputs,
                     comparison->outputTypes(), folder->path);
  if (!outputs)
    return outputs.takeError();
  auto layers = comparison->compare(*inputs, *outputs);
  if (!layers)
    return layers.takeError();
  return print(*layers, line.tolerance);
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  std::string program = llvm::sys::fs::getMainExecutable(
      argv[0], reinterpret_cast<void *>(&compareLayers));
  removeRegisteredOptions();
  CommandLine line;
  if (!cl::ParseCommandLineOptions(
          argc, argv,
          "compares a compiled model with its meaning, kernel by kernel, or "
          "two artifacts\n"
          "exit codes: 0 all agree, 1 a kernel differs or the model has "
          "problems, 2 usage\n",
          &llvm::errs()))
    return 2;
  line.model.removeArgument();
  line.other.removeArgument();
  removeRegisteredOptions();
  if (line.other.empty() && !line.evaluate.empty()) {
    llvm::errs() << "edge-compare: -eval is for two artifacts; name the second "
                    "one\n";
    return 2;
  }
  llvm::Expected<bool> agrees = line.other.empty()
                                    ? compareLayers(line, program)
                                    : compareArtifacts(line, program);
  if (!agrees) {
    llvm::errs() << "edge-compare: " << llvm::toString(agrees.takeError())
                 << "\n";
    return 1;
  }
  return *agrees ? 0 : 1;
}

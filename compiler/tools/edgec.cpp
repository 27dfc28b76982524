//===- edgec.cpp - the compiler's command line ----------------------------===//
//
// Options to CompileOptions, errors to exit codes: 0 done, 1 the model has
// problems, 2 the command line is wrong. All options live here; the library
// reads none.
//
//===----------------------------------------------------------------------===//
#include "compiler/Check.h"
#include "compiler/artifact/ArtifactWriter.h"
#include "compiler/artifact/OutputFile.h"
#include "compiler/import/Extension.h"
#include "compiler/import/OperatorList.h"
#include "compiler/quantize/FrontierPlot.h"
#include "compiler/quantize/QuantizationReport.h"
#include "compiler/tools/AcceleratorCommandLine.h"
#include "compiler/tools/ForeignOptions.h"
#include "compiler/tools/PlaceCommandLine.h"
#include "compiler/tools/QuantizeCommandLine.h"
#include "compiler/tools/TuneCommandLine.h"

#include "targets/npu/NpuMachine.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/WithColor.h"
#include <cstdlib>

using namespace edgec;
namespace cl = llvm::cl;

namespace {
enum class RowChains { automatic, all, off };

/// See StageOptions::chainBytes.
int64_t leastChainBytes(RowChains chains) {
  switch (chains) {
  case RowChains::automatic:
    return -1;
  case RowChains::all:
    return 0;
  case RowChains::off:
    return std::numeric_limits<int64_t>::max();
  }
  llvm_unreachable("covered switch");
}

/// The command line's options. An object, not globals: LLVM's own options
/// (-stop-after among them) must be out of the way before these register.
struct CommandLine {
  cl::OptionCategory category{"edgec options"};
  cl::opt<std::string> model{cl::Positional, cl::desc("MODEL"),
                             cl::cat(category)};
  cl::opt<std::string> output{
      "o", cl::desc("where the artifact goes; - is standard output"),
      cl::value_desc("FILE"), cl::cat(category)};
  cl::opt<std::string> target{
      "target",
      cl::desc("host (default), x86_64, aarch64, riscv64 or an LLVM triple; "
               "and accelerators beside it, as in aarch64,npu"),
      cl::value_desc("NAME[,NAME]"), cl::init("host"), cl::cat(category)};
  cl::opt<std::string> cpu{
      "mcpu",
      cl::desc("native, a machine of -list-machines or an LLVM processor"),
      cl::value_desc("NAME"), cl::cat(category)};
  cl::list<std::string> features{
      "mattr", cl::desc("LLVM features, each with + or -"),
      cl::value_desc("+a,-b"), cl::CommaSeparated, cl::cat(category)};
  cl::opt<std::string> machineFile{
      "machine", cl::desc("a description of the board"),
      cl::value_desc("FILE.json"), cl::cat(category)};
  cl::opt<Emit> emitKind{
      "emit", cl::desc("what to write:"), cl::init(Emit::Shared),
      cl::values(
          clEnumValN(Emit::Shared, "shared", "shared object (default)"),
          clEnumValN(Emit::Object, "object", "relocatable object"),
          clEnumValN(Emit::Static, "static", "archive and C header"),
          clEnumValN(Emit::Assembly, "asm", "assembly"),
          clEnumValN(Emit::LLVM, "llvm", "optimized LLVM IR"),
          clEnumValN(Emit::MLIR, "mlir", "the module after -stop-after")),
      cl::cat(category)};
  cl::opt<std::string> stopAfter{"stop-after",
                                 cl::desc("the last stage, with -emit=mlir"),
                                 cl::value_desc("STAGE"), cl::cat(category)};
  cl::list<std::string> shapes{
      "shape", cl::desc("fixes an input's dimensions (repeatable)"),
      cl::value_desc("INPUT=1x3x224x224"), cl::cat(category)};
  cl::opt<std::string> signature{
      "signature", cl::desc("the signature of a TFLite model to compile"),
      cl::value_desc("NAME"), cl::cat(category)};
  cl::opt<Requantize> requantize{
      "requantize",
      cl::desc("how results of operators on quantized integers are rounded "
               "(default: as the format's reference does)"),
      cl::values(clEnumValN(Requantize::doubleRounding, "double",
                            "in fixed point, twice (TFLite's reference)"),
                 clEnumValN(Requantize::singleRounding, "single",
                            "in fixed point, once (TFLite on a PC)"),
                 clEnumValN(Requantize::halfEven, "half-even",
                            "a float product, ties to even (ONNX)")),
      cl::init(Requantize::asReference), cl::cat(category)};
  cl::opt<QdqReference> qdq{
      "qdq",
      cl::desc("whose results operators between DequantizeLinear and "
               "QuantizeLinear give:"),
      cl::init(QdqReference::onnx),
      cl::values(clEnumValN(QdqReference::onnx, "onnx",
                            "as ONNX defines them (default)"),
                 clEnumValN(QdqReference::onnxRuntime, "onnxruntime",
                            "as ONNX Runtime's optimizer computes them")),
      cl::cat(category)};
  cl::opt<std::string> modelName{"name", cl::desc("names the model's symbol"),
                                 cl::value_desc("IDENT"), cl::cat(category)};
  cl::list<std::string> extensions{
      "load-extension",
      cl::desc(
          "a library that brings operators to the front doors (repeatable)"),
      cl::value_desc("FILE.so"), cl::cat(category)};
  cl::list<std::string> customOperators{
      "custom-operator",
      cl::desc("an operator of the model that is a C function (repeatable)"),
      cl::value_desc("OPERATOR=SYMBOL"), cl::cat(category)};
  cl::list<std::string> links{
      "link",
      cl::desc("an object or archive to link with the artifact (repeatable)"),
      cl::value_desc("FILE.o"), cl::cat(category)};
  cl::opt<unsigned> threads{
      "compile-threads",
      cl::desc("threads that generate code (default: all processors)"),
      cl::value_desc("N"), cl::init(0), cl::cat(category)};
  cl::opt<schedule::WinogradChoice> winograd{
      "winograd",
      cl::desc("where 3x3 convolutions use Winograd's method, which is faster "
               "and stores larger filters:"),
      cl::init(schedule::WinogradChoice::automatic),
      cl::values(clEnumValN(schedule::WinogradChoice::automatic, "auto",
                            "in tiles of 2x2 outputs, where it saves most time "
                            "per byte, as long as weights grow by a tenth at "
                            "most (default)"),
                 clEnumValN(schedule::WinogradChoice::on, "on",
                            "wherever it is predicted to be faster"),
                 clEnumValN(schedule::WinogradChoice::off, "off", "nowhere"),
                 clEnumValN(schedule::WinogradChoice::tile2, "2",
                            "wherever it suits, in tiles of 2x2 outputs"),
                 clEnumValN(schedule::WinogradChoice::tile4, "4",
                            "wherever it suits, in tiles of 4x4 outputs"),
                 clEnumValN(schedule::WinogradChoice::tile2InRun, "2-in-run",
                            "as 2, with filters transformed in each run, which "
                            "are stored as large as they were"),
                 clEnumValN(schedule::WinogradChoice::tile4InRun, "4-in-run",
                            "as 4, with filters transformed in each run")),
      cl::cat(category)};
  cl::opt<schedule::StrassenChoice> strassen{
      "strassen",
      cl::desc("where products by constant matrices use Strassen's method, "
               "which is faster and stores larger weights:"),
      cl::init(schedule::StrassenChoice::off),
      cl::values(
          clEnumValN(schedule::StrassenChoice::automatic, "auto",
                     "where it saves most time per byte, as long as "
                     "weights grow by a tenth at most"),
          clEnumValN(schedule::StrassenChoice::on, "on",
                     "wherever it is predicted to be faster"),
          clEnumValN(schedule::StrassenChoice::off, "off", "nowhere (default)"),
          clEnumValN(schedule::StrassenChoice::always, "always",
                     "wherever it suits")),
      cl::cat(category)};
  cl::opt<bool> assumeFinite{
      "assume-finite",
      cl::desc("no run has a float that is infinite or NaN: channels that only "
               "zeros multiply are dropped"),
      cl::cat(category)};
  cl::opt<Precision> precision{
      "precision", cl::desc("the floats on which a model of f32 is computed:"),
      cl::init(Precision::float32),
      cl::values(clEnumValN(Precision::float32, "fp32", "f32 (default)"),
                 clEnumValN(Precision::float16, "fp16",
                            "f16, on processors with such arithmetic"),
                 clEnumValN(Precision::bfloat16, "bf16",
                            "bf16, whose products are summed up in f32, on "
                            "processors with instructions for that")),
      cl::cat(category)};
  cl::opt<RowChains> rowChains{
      "row-chains",
      cl::desc("which neighbouring kernels run in turns, row by row, on a part "
               "of the tensor between them:"),
      cl::init(RowChains::automatic),
      cl::values(
          clEnumValN(RowChains::automatic, "auto",
                     "where that tensor does not stay in the "
                     "second-level cache (default)"),
          clEnumValN(RowChains::all, "all", "wherever it takes less memory"),
          clEnumValN(RowChains::off, "off", "none")),
      cl::cat(category)};
  QuantizeCommandLine quantize{category};
  TuneCommandLine tune{category};
  AcceleratorCommandLine accelerators{category};
  PlaceCommandLine place{category};
  cl::opt<bool> listTargets{"list-targets", cl::desc("list targets"),
                            cl::cat(category)};
  cl::opt<bool> listMachines{"list-machines",
                             cl::desc("list machine descriptions"),
                             cl::cat(category)};
  cl::opt<OperatorFormat> listOperators{
      "list-operators", cl::desc("list the operators of each front door"),
      cl::ValueOptional,
      cl::values(clEnumValN(OperatorFormat::Text, "text", "as lines of text"),
                 clEnumValN(OperatorFormat::Text, "", ""),
                 clEnumValN(OperatorFormat::Markdown, "markdown",
                            "as docs/operators.md")),
      cl::cat(category)};
  cl::opt<bool> checkOnly{
      "check",
      cl::desc("write no artifact; print which operators are supported"),
      cl::cat(category)};
  cl::opt<bool> explain{
      "explain",
      cl::desc("print how operators became kernels, why each kernel ends where "
               "it does, and where it runs"),
      cl::cat(category)};
  cl::opt<bool> printPipeline{"print-pipeline",
                              cl::desc("print the stages and their passes"),
                              cl::cat(category)};
};

enum ExitCode { Done = 0, ModelProblem = 1, UsageProblem = 2 };
} // namespace

static int usageError(const llvm::Twine &message) {
  llvm::WithColor::error(llvm::errs(), "edgec") << message << "\n";
  return UsageProblem;
}

/// The progress line, on a terminal only.
static void showProgress(const Progress &progress) {
  llvm::errs() << "\r\033[K" << progress.stage;
  if (progress.total > 0)
    llvm::errs() << ": " << progress.part << " " << progress.done << " of "
                 << progress.total;
  llvm::errs().flush();
}

static void clearProgress() { llvm::errs() << "\r\033[K"; }

static int list(CommandLine &line) {
  if (line.listTargets) {
    auto accelerators = line.accelerators.list();
    if (!accelerators)
      return usageError(llvm::toString(accelerators.takeError()));
    auto targets = listTargets();
    targets.insert(targets.end(), accelerators->begin(), accelerators->end());
    for (const auto &[name, meaning] : targets)
      llvm::outs() << llvm::formatv("{0,-18} {1}\n", name, meaning);
  }
  if (line.listMachines) {
    for (const EmbeddedMachine &embedded : embeddedMachines()) {
      llvm::Expected<Machine> machine =
          parseMachine(embedded.json, embedded.name);
      if (!machine)
        return usageError(llvm::toString(machine.takeError()));
      llvm::outs() << llvm::formatv("{0,-18} {1}\n", machine->name,
                                    machine->description);
    }
    llvm::outs() << "\naccelerators, for -target beside a processor:\n";
    for (const NpuMachine &npu : listNpuMachines())
      llvm::outs() << llvm::formatv("{0,-18} {1}\n", npu.name, npu.description);
  }
  return Done;
}

/// The operators that -load-extension and -custom-operator bring.
static llvm::Expected<std::shared_ptr<const ImportExtensions>>
readExtensions(const CommandLine &line) {
  auto extensions = std::make_shared<ImportExtensions>();
  for (const std::string &path : line.extensions)
    if (llvm::Error error = loadExtension(*extensions, path))
      return std::move(error);
  for (const std::string &text : line.customOperators)
    if (llvm::Error error = addFunction(*extensions, text))
      return std::move(error);
  return extensions;
}

/// Options from the command line, or an exit code.
static std::variant<CompileOptions, int> readOptions(CommandLine &line) {
  CompileOptions options;
  options.machine.cpu = line.cpu;
  options.machine.features = llvm::join(line.features, ",");
  options.machine.file = line.machineFile;
  if (llvm::Error error = line.accelerators.read(line.target, options))
    return usageError(llvm::toString(std::move(error)));
  if (llvm::Error error = line.place.read(options))
    return usageError(llvm::toString(std::move(error)));
  options.emit = line.emitKind;
  options.threads = line.threads;
  options.stages.winograd = line.winograd;
  options.stages.strassen = line.strassen;
  options.stages.assumeFinite = line.assumeFinite;
  options.stages.precision = line.precision;
  options.stages.qdq = line.qdq;
  options.stages.chainBytes = leastChainBytes(line.rowChains);
  if (!line.stopAfter.empty()) {
    std::optional<Stage> stage = parseStage(line.stopAfter);
    if (!stage) {
      std::string names;
      for (const StageInfo &info : stages())
        names += (names.empty() ? "" : ", ") + info.name.str();
      return usageError("unknown stage '" + line.stopAfter +
                        "', expected one of " + names);
    }
    if (line.emitKind != Emit::MLIR)
      return usageError("-stop-after leaves a module, so it needs -emit=mlir");
    options.stopAfter = *stage;
  }
  for (const std::string &shape : line.shapes) {
    llvm::Expected<InputShape> parsed = parseInputShape(shape);
    if (!parsed)
      return usageError(llvm::toString(parsed.takeError()));
    options.import.shapes.push_back(std::move(*parsed));
  }
  if (!line.modelName.empty() &&
      makeIdentifier(line.modelName) != line.modelName) {
    return usageError(
        "-name='" + line.modelName +
        "' is no C identifier; write -name=" + makeIdentifier(line.modelName));
  }
  options.import.modelName = line.modelName;
  options.import.signature = line.signature;
  options.import.requantize = line.requantize;
  auto extensions = readExtensions(line);
  if (!extensions)
    return usageError(llvm::toString(extensions.takeError()));
  options.import.extensions = std::move(*extensions);
  options.links.assign(line.links.begin(), line.links.end());
  auto quantize = line.quantize.read();
  if (!quantize)
    return usageError(llvm::toString(quantize.takeError()));
  options.quantize = std::move(*quantize);
  if (llvm::Error error = line.tune.read(line.model, options))
    return usageError(llvm::toString(std::move(error)));
  bool onTerminal = llvm::sys::Process::StandardErrIsDisplayed();
  if (onTerminal)
    options.onProgress = showProgress;
  options.onWarning = [onTerminal](llvm::StringRef text) {
    if (onTerminal)
      clearProgress();
    llvm::errs() << text << "\n";
  };
  return options;
}

/// Prints an error of compile(), check() or tuning; the exit code that belongs
/// to it.
static int report(llvm::Error error) {
  int code = ModelProblem;
  llvm::handleAllErrors(
      std::move(error),
      [&](const CompileError &fault) {
        if (fault.kind == CompileError::Kind::Options)
          code = usageError(fault.message);
        else
          llvm::errs() << fault.message << "\n";
      },
      [](const llvm::ErrorInfoBase &fault) {
        llvm::WithColor::error(llvm::errs(), "edgec")
            << fault.message() << "\n";
      });
  return code;
}

namespace {
/// What quantization did: printed when it is known, beside the artifact where
/// that goes to standard output, and written to the files that were asked for.
class QuantizationFiles {
public:
  explicit QuantizationFiles(const QuantizeCommandLine &line) {
    files[0].path = line.reportPath();
    files[1].path = line.plotPath();
  }

  void listen(QuantizeOptions &options, llvm::raw_ostream &stream) {
    options.onReport = [this, &stream](const QuantizationReport &report) {
      if (llvm::sys::Process::StandardErrIsDisplayed())
        clearProgress();
      report.print(stream);
      files[0].text = llvm::formatv("{0:2}\n", report.json()).str();
      if (!files[1].path.empty())
        files[1].text = drawFrontier(report.frontier);
    };
  }

  llvm::Error check() const {
    for (const File &file : files) {
      if (file.path.empty())
        continue;
      if (llvm::Error error = checkWritable(file.path))
        return error;
    }
    return llvm::Error::success();
  }

  llvm::Error write() const {
    for (const File &file : files) {
      if (file.path.empty())
        continue;
      if (llvm::Error error = writeText(file.text, file.path))
        return error;
    }
    return llvm::Error::success();
  }

private:
  struct File {
    std::string path, text;
  };
  /// the report and the picture
  File files[2];
};
} // namespace

/// -check: a table instead of an artifact.
static int runCheck(const std::string &model, const CompileOptions &options) {
  llvm::Expected<CheckReport> found = check({model}, options);
  if (options.onProgress)
    clearProgress();
  if (!found)
    return report(found.takeError());
  found->print(llvm::outs());
  return found->isSupported() ? Done : ModelProblem;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  llvm::sys::SetInterruptFunction([] {
    removeTemporaryFolders();
    std::_Exit(130); // 128 + SIGINT, as a shell expects
  });
  removeRegisteredOptions();
  CommandLine line;
  if (!cl::ParseCommandLineOptions(
          argc, argv,
          "edgec: compiles a neural network into machine code\n"
          "exit codes: 0 done, 1 the model has problems, 2 usage\n",
          &llvm::errs()))
    return UsageProblem;
  line.model.removeArgument();
  removeRegisteredOptions();
  if (line.printPipeline) {
    std::optional<Stage> last =
        line.stopAfter.empty() ? Stage::Code : parseStage(line.stopAfter);
    if (!last)
      return usageError("unknown stage '" + line.stopAfter + "'");
    llvm::outs() << printPipeline(*last);
    return Done;
  }
  if (line.listOperators.getNumOccurrences() > 0) {
    llvm::outs() << printOperators(line.listOperators);
    return Done;
  }
  if (line.listTargets || line.listMachines)
    return list(line);
  if (line.model.empty())
    return usageError("no model is given; edgec MODEL -o FILE, or edgec -help");
  if (line.checkOnly) {
    auto options = readOptions(line);
    if (const int *code = std::get_if<int>(&options))
      return *code;
    return runCheck(line.model, std::get<CompileOptions>(options));
  }
  bool isText = line.emitKind == Emit::MLIR || line.emitKind == Emit::LLVM ||
                line.emitKind == Emit::Assembly;
  std::string output = line.output;
  if (output.empty()) {
    if (!isText)
      return usageError("name the artifact with -o FILE");
    output = "-";
  }
  auto options = readOptions(line);
  if (const int *code = std::get_if<int>(&options))
    return *code;
  if (line.explain) {
    // Beside the artifact where that goes to standard output.
    std::get<CompileOptions>(options).onRemark = [&](llvm::StringRef text) {
      (output == "-" ? llvm::errs() : llvm::outs()) << text << "\n";
    };
  }
  QuantizationFiles files(line.quantize);
  if (auto &quantize = std::get<CompileOptions>(options).quantize)
    files.listen(*quantize, output == "-" ? llvm::errs() : llvm::outs());
  if (llvm::Error error = files.check())
    return usageError(llvm::toString(std::move(error)));
  if (llvm::sys::fs::equivalent(line.model, output)) {
    return usageError("'" + output +
                      "' is the model itself; name another "
                      "file with -o");
  }
  if (llvm::Error error = checkWritable(output))
    return usageError(llvm::toString(std::move(error)));

  bool onTerminal = llvm::sys::Process::StandardErrIsDisplayed();
  if (llvm::Error error =
          line.tune.run({line.model}, std::get<CompileOptions>(options),
                        output == "-" ? llvm::errs() : llvm::outs())) {
    if (onTerminal)
      clearProgress();
    return report(std::move(error));
  }
  llvm::Expected<Artifact> artifact =
      compile({line.model}, std::get<CompileOptions>(options));
  if (onTerminal)
    clearProgress();
  if (!artifact)
    return report(artifact.takeError());
  llvm::Error error = artifact->write(output);
  if (!error)
    error = files.write();
  if (!error)
    error = line.place.write();
  if (error) {
    llvm::WithColor::error(llvm::errs(), "edgec")
        << llvm::toString(std::move(error)) << "\n";
    return ModelProblem;
  }
  return Done;
}

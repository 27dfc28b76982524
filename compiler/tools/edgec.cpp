//===- edgec.cpp - the compiler's command line ----------------------------===//
//
// Options to CompileOptions, errors to exit codes: 0 done, 1 the model has
// problems, 2 the command line is wrong. All options live here; the library
// reads none.
//
//===----------------------------------------------------------------------===//
#include "compiler/Compiler.h"
#include "compiler/artifact/OutputFile.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/WithColor.h"

using namespace edgec;
namespace cl = llvm::cl;

namespace {
cl::OptionCategory category("edgec options");

cl::opt<std::string> model(cl::Positional, cl::desc("MODEL"),
                           cl::cat(category));
cl::opt<std::string> output("o",
                            cl::desc("where the artifact goes; - is "
                                     "standard output"),
                            cl::value_desc("FILE"), cl::cat(category));
cl::opt<std::string>
    target("target",
           cl::desc("host (default), x86_64, aarch64, riscv64 or an LLVM "
                    "triple"),
           cl::value_desc("NAME"), cl::init("host"), cl::cat(category));
cl::opt<std::string> cpu("mcpu",
                         cl::desc("native, a machine of -list-machines or an "
                                  "LLVM processor"),
                         cl::value_desc("NAME"), cl::cat(category));
cl::list<std::string> features("mattr",
                               cl::desc("LLVM features, each with + or -"),
                               cl::value_desc("+a,-b"), cl::CommaSeparated,
                               cl::cat(category));
cl::opt<std::string> machineFile("machine",
                                 cl::desc("a description of the board"),
                                 cl::value_desc("FILE.json"),
                                 cl::cat(category));
cl::opt<Emit> emitKind(
    "emit", cl::desc("what to write:"), cl::init(Emit::Shared),
    cl::values(clEnumValN(Emit::Shared, "shared", "shared object (default)"),
               clEnumValN(Emit::Object, "object", "relocatable object"),
               clEnumValN(Emit::Static, "static", "archive and C header"),
               clEnumValN(Emit::Assembly, "asm", "assembly"),
               clEnumValN(Emit::LLVM, "llvm", "optimized LLVM IR"),
               clEnumValN(Emit::MLIR, "mlir", "the module after -stop-after")),
    cl::cat(category));
cl::opt<std::string> stopAfter("stop-after",
                               cl::desc("the last stage, with -emit=mlir"),
                               cl::value_desc("STAGE"), cl::cat(category));
cl::list<std::string> shapes("shape", cl::desc("fixes an input's dimensions"),
                             cl::value_desc("INPUT=1x3x224x224"),
                             cl::cat(category));
cl::opt<std::string> modelName("name", cl::desc("names the model's symbol"),
                               cl::value_desc("IDENT"), cl::cat(category));
cl::opt<unsigned> threadCount("compile-threads",
                              cl::desc("threads that generate code (default: "
                                       "all processors)"),
                              cl::value_desc("N"), cl::init(0),
                              cl::cat(category));
cl::opt<bool> listTargetsOption("list-targets", cl::desc("list targets"),
                                cl::cat(category));
cl::opt<bool> listMachinesOption("list-machines",
                                 cl::desc("list machine descriptions"),
                                 cl::cat(category));
cl::opt<bool> printPipelineOption("print-pipeline",
                                  cl::desc("print the stages and passes"),
                                  cl::cat(category));

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
    llvm::errs() << ": kernel " << progress.done << " of " << progress.total;
  llvm::errs().flush();
}

static void clearProgress() { llvm::errs() << "\r\033[K"; }

static int list() {
  if (listTargetsOption)
    for (const auto &[name, meaning] : listTargets())
      llvm::outs() << llvm::formatv("{0,-18} {1}\n", name, meaning);
  if (listMachinesOption)
    for (const EmbeddedMachine &embedded : embeddedMachines()) {
      llvm::Expected<Machine> machine =
          parseMachine(embedded.json, embedded.name);
      if (!machine)
        return usageError(llvm::toString(machine.takeError()));
      llvm::outs() << llvm::formatv("{0,-18} {1}\n", machine->name,
                                    machine->description);
    }
  return Done;
}

/// Options from the command line, or an exit code.
static std::variant<CompileOptions, int> readOptions() {
  CompileOptions options;
  options.machine.target = target;
  options.machine.cpu = cpu;
  options.machine.features = llvm::join(features, ",");
  options.machine.file = machineFile;
  options.emit = emitKind;
  options.threads = threadCount;
  if (!stopAfter.empty()) {
    std::optional<Stage> stage = parseStage(stopAfter);
    if (!stage) {
      std::string names;
      for (const StageInfo &info : stages())
        names += (names.empty() ? "" : ", ") + info.name.str();
      return usageError("unknown stage '" + stopAfter + "', expected one of " +
                        names);
    }
    if (emitKind != Emit::MLIR)
      return usageError("-stop-after leaves a module, so it needs -emit=mlir");
    options.stopAfter = *stage;
  }
  for (const std::string &shape : shapes) {
    llvm::Expected<InputShape> parsed = parseInputShape(shape);
    if (!parsed)
      return usageError(llvm::toString(parsed.takeError()));
    options.import.shapes.push_back(std::move(*parsed));
  }
  if (!modelName.empty() && makeIdentifier(modelName) != modelName)
    return usageError(
        "-name='" + modelName +
        "' is no C identifier; write -name=" + makeIdentifier(modelName));
  options.import.modelName = modelName;
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

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  cl::HideUnrelatedOptions(category);
  if (!cl::ParseCommandLineOptions(
          argc, argv,
          "edgec: compiles a neural network into machine code\n"
          "exit codes: 0 done, 1 the model has problems, 2 usage\n",
          &llvm::errs()))
    return UsageProblem;
  if (printPipelineOption) {
    std::optional<Stage> last =
        stopAfter.empty() ? Stage::Code : parseStage(stopAfter);
    if (!last)
      return usageError("unknown stage '" + stopAfter + "'");
    llvm::outs() << printPipeline(*last);
    return Done;
  }
  if (listTargetsOption || listMachinesOption)
    return list();
  if (model.empty())
    return usageError("no model is given; edgec MODEL -o FILE, or edgec -help");
  bool isText = emitKind == Emit::MLIR || emitKind == Emit::LLVM ||
                emitKind == Emit::Assembly;
  if (output.empty()) {
    if (!isText)
      return usageError("name the artifact with -o FILE");
    output = "-";
  }
  auto options = readOptions();
  if (const int *code = std::get_if<int>(&options))
    return *code;
  if (llvm::Error error = checkWritable(output))
    return usageError(llvm::toString(std::move(error)));

  bool onTerminal = llvm::sys::Process::StandardErrIsDisplayed();
  llvm::Expected<Artifact> artifact =
      compile({model}, std::get<CompileOptions>(options));
  if (onTerminal)
    clearProgress();
  if (!artifact) {
    int code = ModelProblem;
    llvm::handleAllErrors(artifact.takeError(), [&](const CompileError &error) {
      if (error.kind == CompileError::Kind::Options)
        code = usageError(error.message);
      else
        llvm::errs() << error.message << "\n";
    });
    return code;
  }
  if (llvm::Error error = artifact->write(output)) {
    llvm::WithColor::error(llvm::errs(), "edgec")
        << llvm::toString(std::move(error)) << "\n";
    return ModelProblem;
  }
  return Done;
}

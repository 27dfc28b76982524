//===- Compiler.cpp - from a model to an artifact -------------------------===//
//
// Import, one pass manager per stage, machine code. What MLIR has to say on the
// way is collected by ModelDiagnostics and becomes one CompileError. Before the
// quantize stage a float model may be compiled for this processor and run, to
// see which values come up in it.
//
//===----------------------------------------------------------------------===//
#include "compiler/Compiler.h"

#include "compiler/Accelerators.h"
#include "compiler/ModelDiagnostics.h"
#include "compiler/PrecisionSupport.h"
#include "compiler/UnusedConstants.h"
#include "compiler/artifact/ArtifactWriter.h"
#include "compiler/artifact/BuildId.h"
#include "compiler/quantize/QuantizationReport.h"
#include "compiler/quantize/QuantizeSizes.h"
#include "dialects/edge/Variant.h"
#include "mlir/IR/Remarks.h"
#include "targets/cpu/CodeGenerator.h"

using namespace edgec;
using namespace mlir;

char CompileError::ID = 0;

struct Artifact::Content {
  // The module lives in the context, the constants in the module.
  std::shared_ptr<MLIRContext> context;
  OwningOpRef<ModuleOp> module;
  Emit emit = Emit::Shared;
  ArtifactParts parts;
  std::string text;
  /// Models that join the module before kernels are formed.
  std::vector<AlternativeModel> alternatives;
};

Artifact::Artifact(std::unique_ptr<Content> content)
    : content(std::move(content)) {}
Artifact::Artifact(Artifact &&) noexcept = default;
Artifact &Artifact::operator=(Artifact &&) noexcept = default;
Artifact::~Artifact() = default;

llvm::StringRef Artifact::name() const { return content->parts.interface.name; }
ModuleOp Artifact::module() const { return *content->module; }

llvm::Error Artifact::write(llvm::StringRef path) const {
  switch (content->emit) {
  case Emit::Shared:
    return writeShared(content->parts, path);
  case Emit::Object:
    return writeObject(content->parts, path);
  case Emit::Static:
    return writeStatic(content->parts, path);
  case Emit::Assembly:
  case Emit::LLVM:
  case Emit::MLIR:
    return writeText(content->text, path);
  }
  llvm_unreachable("all kinds are covered");
}

/// What the diagnostics say, or that a stage failed without a word.
static llvm::Error stageError(const ModelDiagnostics &diagnostics,
                              llvm::StringRef stage) {
  std::vector<CompileProblem> problems = diagnostics.problems();
  if (problems.empty()) {
    problems.push_back(
        {"", "error: stage " + stage.str() +
                 " failed without a diagnostic; this is a fault of edgec"});
  }
  std::string message =
      llvm::join(llvm::map_range(problems,
                                 [](const CompileProblem &problem) {
                                   return problem.where + problem.text;
                                 }),
                 "\n");
  return llvm::make_error<CompileError>(
      CompileError::Kind::Model, std::move(message), std::move(problems));
}

static llvm::Error modelError(std::string message) {
  return llvm::make_error<CompileError>(CompileError::Kind::Model,
                                        std::move(message));
}

//===----------------------------------------------------------------------===//
// The compilation
//===----------------------------------------------------------------------===//

/// The last stage that the options need.
static Stage lastStage(const CompileOptions &options) {
  return options.emit == Emit::MLIR ? options.stopAfter : Stage::Code;
}

/// Machine code or its text, from the module that the last stage left.
static llvm::Error generate(Artifact::Content &content,
                            const CompileOptions &options) {
  auto internal = [](llvm::Error error) {
    return modelError("error: " + llvm::toString(std::move(error)));
  };
  ModuleOp module = *content.module;
  if (options.emit == Emit::MLIR) {
    OpPrintingFlags flags;
    // The text is for people: large constants are named, not written out.
    flags.elideLargeElementsAttrs(16).elideLargeResourceString(64);
    llvm::raw_string_ostream stream(content.text);
    module.print(stream, flags);
    stream << "\n";
    return llvm::Error::success();
  }
  if (options.emit == Emit::LLVM || options.emit == Emit::Assembly) {
    auto text =
        generateText(module, options.emit == Emit::LLVM ? CodeText::LLVM
                                                        : CodeText::Assembly);
    if (!text)
      return internal(text.takeError());
    content.text = std::move(*text);
    return llvm::Error::success();
  }
  CodeOptions codeOptions;
  codeOptions.threads = options.threads;
  if (options.onProgress) {
    codeOptions.onProgress = [&](unsigned done, unsigned total) {
      options.onProgress({"code", done, total});
    };
  }
  auto objects = generateObjects(module, codeOptions);
  if (!objects)
    return internal(objects.takeError());
  content.parts.code = std::move(*objects);
  return llvm::Error::success();
}

/// What the artifact needs of a program that is about to be taken apart.
static LogicalResult keepInterface(Artifact::Content &content) {
  ModuleOp module = *content.module;
  rt::ProgramOp model;
  SmallVector<rt::ProgramOp> variants;
  for (auto program : module.getOps<rt::ProgramOp>()) {
    if (program.getVariantOf())
      variants.push_back(program);
    else if (!program.getAlternativeOf())
      model = program;
  }
  content.parts.interface = ModelInterface::of(model, variants);
  auto constants = placedConstants(module);
  if (failed(constants))
    return failure();
  content.parts.constants = std::move(*constants);
  content.parts.buildId = computeBuildId(module);
  module->setAttr(buildIdAttrName,
                  StringAttr::get(module.getContext(), content.parts.buildId));
  return success();
}

/// Runs a stage's passes. The operations' own verifiers take a fifth of the
/// time if they run after each pass; in release builds the stage's last pass,
/// VerifyStage, runs them once.
static LogicalResult runPasses(ModuleOp module, Stage stage,
                               const StageOptions &options) {
  PassManager passes(module.getContext());
#ifdef NDEBUG
  passes.enableVerifier(false);
#endif
  buildStage(passes, stage, options);
  return passes.run(module);
}

/// Runs one stage.
static LogicalResult runStage(Artifact::Content &content, Stage stage,
                              const CompileOptions &options) {
  if (stage == Stage::Code && failed(keepInterface(content)))
    return failure();
  if (failed(runPasses(*content.module, stage, options.stages)))
    return failure();
  if (options.afterStage && failed(options.afterStage(stage, *content.module)))
    return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// Quantization
//===----------------------------------------------------------------------===//

/// Compiles a copy of the model for this processor and loads it. Its constants
/// are also the model's, so none is released.
static FailureOr<HostModel> compileForHost(OwningOpRef<ModuleOp> module,
                                           Stage after,
                                           std::shared_ptr<MLIRContext> context,
                                           const CompileOptions &options) {
  Location location = module->getLoc();
  Artifact::Content content;
  content.context = std::move(context);
  content.module = std::move(module);
  content.parts.links = options.links;
  (*content.module)
      ->setAttr(schedule::machineAttrName,
                machineAttribute(content.context.get(), hostMachine()));
  CompileOptions quiet;
  quiet.threads = options.threads;
  // Values are compared with those of the quantized model, not timed.
  quiet.stages.winograd = schedule::WinogradChoice::off;
  quiet.stages.strassen = schedule::StrassenChoice::off;
  for (const StageInfo &info : stages())
    if (info.stage > after && failed(runStage(content, info.stage, quiet)))
      return failure();
  if (llvm::Error error = generate(content, quiet))
    return emitError(location) << llvm::toString(std::move(error));
  Artifact artifact(std::make_unique<Artifact::Content>(std::move(content)));
  llvm::Expected<HostModel> host = HostModel::load(artifact);
  if (!host)
    return emitError(location) << llvm::toString(host.takeError());
  return std::move(*host);
}

/// Remarks on the layers that compute on floats.
static void explainFloats(ModuleOp module, const QuantizationReport &report) {
  if (!module.getContext()->getRemarkEngine())
    return;
  for (const LayerReport &layer : report.layers) {
    if (layer.isInteger)
      continue;
    std::string text = "'" + layer.name + "' (" + layer.op +
                       ") stays on floats: " + layer.reason;
    remark::missed(module.getLoc(),
                   remark::RemarkOpts::name("float-layer").category("quantize"))
        << StringRef(text);
  }
}

/// Finds the ranges that the quantize stage works with.
static LogicalResult calibrate(Artifact::Content &content,
                               const CompileOptions &options,
                               bool &areRemarksMuted) {
  HostCompiler compiler;
  compiler.compile = [&](OwningOpRef<ModuleOp> module, Stage after) {
    return compileForHost(std::move(module), after, content.context, options);
  };
  compiler.lower = [&](OwningOpRef<ModuleOp> module, Stage after,
                       Stage last) -> FailureOr<OwningOpRef<ModuleOp>> {
    Artifact::Content copy;
    copy.context = content.context;
    copy.module = std::move(module);
    CompileOptions quiet;
    quiet.stages = options.stages;
    // Layers are compared by what they cost on the processor.
    quiet.stages.backends.clear();
    quiet.stages.onPlacement = nullptr;
    for (const StageInfo &info : stages()) {
      if (info.stage > after && info.stage <= last &&
          failed(runStage(copy, info.stage, quiet)))
        return failure();
    }
    return std::move(copy.module);
  };
  compiler.hasAccelerators = !options.stages.backends.empty();
  compiler.onProgress = [&](const Progress &progress) {
    if (options.onProgress)
      options.onProgress(progress);
  };
  areRemarksMuted = true;
  auto report = quantizeSizes(*content.module, *options.quantize, compiler);
  areRemarksMuted = false;
  if (failed(report))
    return failure();
  explainFloats(*content.module, *report);
  if (options.quantize->onReport)
    options.quantize->onReport(*report);
  return success();
}

//===----------------------------------------------------------------------===//
// Alternatives
//===----------------------------------------------------------------------===//

static LogicalResult importAlternatives(Artifact::Content &content,
                                        const CompileOptions &options) {
  for (const AlternativeRequest &request : options.alternatives) {
    if (request.path.empty())
      continue;
    auto module = importModel(request.path, options.import, *content.context);
    if (failed(module))
      return failure();
    content.alternatives.push_back({request.label, std::move(*module)});
  }
  return success();
}

/// The model as it is before its numbers change, where that was asked for.
static void keepUnquantized(Artifact::Content &content,
                            const CompileOptions &options) {
  for (const AlternativeRequest &request : options.alternatives) {
    if (request.path.empty()) {
      content.alternatives.push_back(
          {request.label, OwningOpRef<ModuleOp>(content.module->clone()),
           /*isUnchanged=*/true});
    }
  }
}

/// Runs the passes of a stage before fuse on the alternatives too; after the
/// last of them they join the model. After placement one may be superfluous.
static LogicalResult prepareAlternatives(Artifact::Content &content,
                                         Stage stage,
                                         const CompileOptions &options) {
  if (stage == Stage::Place)
    dropEqualCpuAlternative(*content.module);
  if (stage > Stage::Quantize)
    return success();
  for (AlternativeModel &other : content.alternatives) {
    StageOptions stages = options.stages;
    if (other.isUnchanged)
      stages.precision = Precision::float32;
    if (failed(runPasses(*other.module, stage, stages)))
      return failure();
  }
  if (stage != Stage::Quantize)
    return success();
  for (AlternativeModel &other : content.alternatives) {
    if (failed(addAlternative(*content.module, std::move(other))))
      return failure();
  }
  content.alternatives.clear();
  return success();
}

//===----------------------------------------------------------------------===//
// All of it
//===----------------------------------------------------------------------===//

/// Runs the stages after the import up to `last`.
static LogicalResult runStages(Artifact::Content &content, Stage last,
                               const CompileOptions &options,
                               llvm::StringRef &running,
                               bool &areRemarksMuted) {
  for (const StageInfo &info : stages()) {
    if (info.stage > last)
      break;
    running = info.name;
    if (options.onProgress && info.stage != Stage::Import)
      options.onProgress({info.name});
    if (info.stage == Stage::Quantize)
      keepUnquantized(content, options);
    if (info.stage == Stage::Quantize && options.quantize &&
        failed(calibrate(content, options, areRemarksMuted)))
      return failure();
    if (info.stage == Stage::Place && options.cpuAlternative &&
        failed(addCpuAlternative(*content.module)))
      return failure();
    if (failed(runStage(content, info.stage, options)) ||
        failed(prepareAlternatives(content, info.stage, options)))
      return failure();
    SmallVector<ModuleOp> modules = {*content.module};
    for (const AlternativeModel &other : content.alternatives)
      modules.push_back(*other.module);
    releaseUnusedConstants(modules);
  }
  return success();
}

llvm::Expected<Artifact> edgec::compile(const Source &source,
                                        const CompileOptions &options) {
  llvm::Expected<Machine> machine = resolveMachine(options.machine);
  if (!machine) {
    return llvm::make_error<CompileError>(CompileError::Kind::Options,
                                          llvm::toString(machine.takeError()));
  }
  const place::BackendRegistry kinds =
      options.backends ? *options.backends : builtinBackends();
  auto backends = makeBackends(options.accelerators, kinds);
  if (!backends) {
    return llvm::make_error<CompileError>(CompileError::Kind::Options,
                                          llvm::toString(backends.takeError()));
  }
  if (llvm::Error error = checkPrecision(options.stages.precision, *machine)) {
    return llvm::make_error<CompileError>(CompileError::Kind::Options,
                                          llvm::toString(std::move(error)));
  }
  bool isChanged = options.quantize.has_value() ||
                   options.stages.precision != Precision::float32;
  if (llvm::Error error = checkAlternatives(options.alternatives, isChanged)) {
    return llvm::make_error<CompileError>(CompileError::Kind::Options,
                                          llvm::toString(std::move(error)));
  }
  auto content = std::make_unique<Artifact::Content>();
  content->emit = options.emit;
  content->parts.links = options.links;
  DialectRegistry registry;
  registerAllDialects(registry);
  for (const place::BackendKind &kind : kinds.kinds())
    kind.registerDialects(registry);
  content->context = std::make_shared<MLIRContext>(registry);
  MLIRContext &context = *content->context;
  context.loadAllAvailableDialects();
  // The model's own names say where; our IR would say it to nobody.
  context.printOpOnDiagnostic(false);
  // What is compiled on the way to ranges explains nothing of the artifact.
  bool areRemarksMuted = false;
  CompileOptions heard = options;
  heard.stages.backends = std::move(*backends);
  if (options.onRemark) {
    heard.onRemark = [&](llvm::StringRef text) {
      if (!areRemarksMuted)
        options.onRemark(text);
    };
  }
  ModelDiagnostics diagnostics(context, source.path, heard);

  if (options.onProgress)
    options.onProgress({"import"});
  auto module = importModel(source.path, options.import, context);
  if (failed(module))
    return stageError(diagnostics, "import");
  content->module = std::move(*module);
  if (failed(importAlternatives(*content, heard)))
    return stageError(diagnostics, "import");
  (*content->module)
      ->setAttr(schedule::machineAttrName,
                machineAttribute(&context, *machine));
  attachDevices(*content->module, heard.stages.backends);

  llvm::StringRef running;
  if (failed(runStages(*content, lastStage(heard), heard, running,
                       areRemarksMuted)))
    return stageError(diagnostics, running);
  if (llvm::Error error = generate(*content, options))
    return std::move(error);
  return Artifact(std::move(content));
}

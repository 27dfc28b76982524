//===- Execution.cpp - compiles a module and runs it somewhere -----------===//
#include "test/kernel/Execution.h"
#include "compiler/Compiler.h"
#include "edge/runtime.h"
#include "targets/evaluator/NpyFile.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include <cstdlib>
#include <cstring>
#include <memory>

using namespace mlir;
using namespace edgec;
using namespace edgec::test;
using evaluator::HostTensor;
using llvm::createStringError;

char CannotRun::ID;

static Target host(const std::string &name, const std::string &cpu,
                   const std::string &features = "") {
  return {name,
          "host",
          cpu,
          features,
          {{"1 thread", 1, "", {}, ""},
           {"2 threads", 2, "", {}, ""},
           {"backwards", 0, "", {}, ""}}};
}

static Runner emulated(const std::string &architecture, const std::string &cpu,
                       unsigned threads) {
  return {"qemu " + cpu,
          threads,
          "qemu-" + architecture,
          {"-L", "/usr/" + architecture + "-linux-gnu", "-cpu", cpu},
          "edge-run-" + architecture};
}

/// RISC-V with vector registers of `bits`.
static std::string vectorsOf(int bits) {
  return "rv64,v=true,vext_spec=v1.0,vlen=" + std::to_string(bits);
}

std::vector<Target> edgec::test::hostTargets() {
  std::vector<Target> targets;
#if defined(__x86_64__)
  targets.push_back(host("X86_64_v2", "x86-64-v2"));
  targets.push_back(host("X86_64_v3", "x86-64-v3"));
  targets.push_back(host("X86_64_v4", "x86-64-v4"));
#endif
  targets.push_back(host("Native", "native"));
  return targets;
}

std::vector<Target> edgec::test::allTargets() {
  std::vector<Target> targets = hostTargets();
  targets.push_back({"CortexA53",
                     "aarch64",
                     "cortex-a53",
                     "",
                     {emulated("aarch64", "cortex-a53", 1)}});
  targets.push_back({"CortexA76",
                     "aarch64",
                     "cortex-a76",
                     "",
                     {emulated("aarch64", "cortex-a76", 2)}});
  targets.push_back(
      {"Rv64gc", "riscv64", "rv64gc", "", {emulated("riscv64", "rv64", 2)}});
  targets.push_back({"Rv64gcv",
                     "riscv64",
                     "rv64gcv",
                     "",
                     {emulated("riscv64", vectorsOf(128), 1),
                      emulated("riscv64", vectorsOf(256), 2)}});
  return targets;
}

std::vector<Target> edgec::test::matrixTargets() {
  std::vector<Target> targets;
#if defined(__x86_64__) && defined(__linux__)
  targets.push_back(
      host("Amx", "x86-64-v4", "+avx512vnni,+amx-tile,+amx-int8,+amx-bf16"));
#endif
  targets.push_back({"CortexA76I8mm",
                     "aarch64",
                     "cortex-a76",
                     "+i8mm",
                     {emulated("aarch64", "max", 1)}});
  // In program order, weights are loaded one by one.
  targets.push_back({"CortexA55I8mm",
                     "aarch64",
                     "cortex-a55",
                     "+i8mm",
                     {emulated("aarch64", "max", 2)}});
  return targets;
}

std::vector<Target> edgec::test::quadTargets() {
  // No emulator has these instructions: edge-run brings them along.
  Runner quads = emulated("riscv64", vectorsOf(128), 1);
  quads.edgeRun = "edge-run-riscv64-zvqdotq";
  return {{"Rv64gcvZvqdotq",
           "riscv64",
           "rv64gcv",
           "+experimental-zvqdotq",
           {quads}}};
}

std::vector<Target> edgec::test::brainTargets() {
  std::vector<Target> targets;
#if defined(__x86_64__) && defined(__linux__)
  targets.push_back(host("Avx512Bf16", "x86-64-v4", "+avx512bf16"));
  targets.push_back(
      host("AmxBf16", "x86-64-v4", "+avx512bf16,+amx-tile,+amx-bf16"));
  // What the matrix unit does not take is widened.
  targets.push_back(host("AmxBf16Alone", "x86-64-v4", "+amx-tile,+amx-bf16"));
#endif
  targets.push_back({"CortexA76Bf16",
                     "aarch64",
                     "cortex-a76",
                     "+bf16",
                     {emulated("aarch64", "max", 2)}});
  for (Target &target : targets)
    target.precision = Precision::bfloat16;
  return targets;
}

std::vector<Target> edgec::test::halfTargets() {
  std::vector<Target> targets;
  // The emulator has the younger one only; both know the same instructions.
  const std::pair<const char *, const char *> processors[] = {
      {"CortexA55OnHalves", "cortex-a55"}, {"CortexA76OnHalves", "cortex-a76"}};
  for (auto [name, cpu] : processors) {
    Target target{name,
                  "aarch64",
                  cpu,
                  "",
                  {emulated("aarch64", "cortex-a76", 1),
                   emulated("aarch64", "cortex-a76", 2)}};
    target.precision = Precision::float16;
    targets.push_back(std::move(target));
  }
#if defined(__x86_64__)
  Target target = host("Avx512OnHalves", "x86-64-v4", "+avx512fp16");
  target.precision = Precision::float16;
  targets.push_back(std::move(target));
#endif
  return targets;
}

TemporaryFolder::TemporaryFolder() {
  llvm::SmallString<128> created;
  if (llvm::sys::fs::createUniqueDirectory("edgec-test", created))
    llvm::report_fatal_error("no temporary folder");
  path = created.str().str();
}

TemporaryFolder::~TemporaryFolder() { llvm::sys::fs::remove_directories(path); }

std::string TemporaryFolder::file(StringRef name) const {
  return path + "/" + name.str();
}

llvm::Error edgec::test::compileFile(const Target &target, StringRef modelPath,
                                     StringRef path, bool splitAll) {
  CompileOptions options;
  options.machine.target = target.triple;
  options.machine.cpu = target.cpu;
  options.machine.features = target.features;
  options.threads = 1;
  // However small a case is, several threads share each kernel.
  if (splitAll)
    options.stages.parallelCycles = 0;
  options.stages.winograd = target.winograd;
  options.stages.strassen = target.strassen;
  options.stages.precision = target.precision;
  options.stages.chainBytes = target.chainBytes;
  options.stages.panelBytes = target.panelBytes;
  auto artifact = compile({modelPath.str()}, options);
  if (!artifact)
    return artifact.takeError();
  return artifact->write(path);
}

llvm::Error edgec::test::compileFor(const Target &target, ModuleOp module,
                                    StringRef path) {
  std::string modulePath = path.str() + ".mlir";
  {
    std::error_code code;
    llvm::raw_fd_ostream stream(modulePath, code);
    if (code)
      return createStringError(code, "'%s'", modulePath.c_str());
    OpPrintingFlags flags;
    flags.enableDebugInfo();
    module.print(stream, flags);
  }
  return compileFile(target, modulePath, path, /*splitAll=*/true);
}

using Tensors = std::vector<HostTensor>;

/// A parallel_for that no thread pool would dare.
static void runBackwards(const edge_context *, edge_task task, void *arguments,
                         int64_t extent) {
  while (extent-- > 0)
    task(arguments, extent, extent + 1);
}

/// Runs the model without a session.
static edge_status runBare(const edge_model *model, const void *const *inputs,
                           void *const *outputs) {
  edge_context context = {};
  context.struct_size = sizeof(context);
  context.parallel_for = runBackwards;
  size_t size = llvm::alignTo(std::max<uint64_t>(model->arena_bytes, 1),
                              model->arena_alignment);
  std::unique_ptr<void, void (*)(void *)> arena(
      std::aligned_alloc(model->arena_alignment, size), std::free);
  std::memset(arena.get(), 0xFF, size);
  return model->entry(&context, inputs, outputs, arena.get());
}

/// Runs in this process.
static llvm::Expected<Tensors> runHere(const Runner &runner, StringRef path,
                                       ArrayRef<HostTensor> inputs,
                                       ArrayRef<RankedTensorType> outputTypes) {
  edge_message message = {};
  auto fault = [&](edge_status status) -> llvm::Error {
    if (status == EDGE_ERROR_FEATURE)
      return llvm::make_error<CannotRun>(message.text);
    return createStringError("the runtime says: %s", message.text);
  };
  edge_artifact *artifact = nullptr;
  if (edge_status status =
          edge_model_load(path.str().c_str(), &artifact, &message))
    return fault(status);
  auto unload = llvm::scope_exit([&] { edge_model_unload(artifact); });
  const edge_model *model = edge_artifact_model(artifact);
  edge_session *session = nullptr;
  if (edge_status status = edge_session_create(
          model, std::max(runner.threads, 1u), &session, &message))
    return fault(status);
  auto destroy = llvm::scope_exit([&] { edge_session_destroy(session); });

  std::vector<std::vector<char>> buffers;
  std::vector<const void *> inputPointers;
  std::vector<void *> outputPointers;
  for (const HostTensor &input : inputs)
    buffers.push_back(evaluator::toBytes(input));
  for (RankedTensorType type : outputTypes)
    buffers.emplace_back(evaluator::elementBytes(type.getElementType()) *
                             type.getNumElements(),
                         // Every byte 0xFF is a NaN: what a kernel leaves out
                         // shows.
                         char(0xFF));
  for (auto [index, buffer] : llvm::enumerate(buffers))
    if (index < inputs.size())
      inputPointers.push_back(buffer.data());
    else
      outputPointers.push_back(buffer.data());

  // The second run finds what the first one left in the arena.
  for (int run = 0; run < 2; ++run)
    if (edge_status status =
            runner.threads == 0
                ? runBare(model, inputPointers.data(), outputPointers.data())
                : edge_session_run(session, inputPointers.data(),
                                   outputPointers.data(), &message))
      return fault(status);
  Tensors outputs;
  for (auto [index, type] : llvm::enumerate(outputTypes))
    outputs.push_back(
        evaluator::fromBytes(type, buffers[inputs.size() + index]));
  return outputs;
}

/// Runs edge-run in an emulator; tensors travel as files.
static llvm::Expected<Tensors>
runEmulated(const Runner &runner, StringRef path, ArrayRef<HostTensor> inputs,
            ArrayRef<RankedTensorType> outputTypes) {
  auto emulator = llvm::sys::findProgramByName(runner.emulator);
  if (!emulator)
    return llvm::make_error<CannotRun>(runner.emulator + " is not installed");
  std::string edgeRun = std::string(EDGEC_TOOLS_DIR) + "/" + runner.edgeRun;
  if (!llvm::sys::fs::exists(edgeRun))
    return llvm::make_error<CannotRun>(runner.edgeRun + " was not built");

  TemporaryFolder folder;
  std::vector<std::string> arguments = {*emulator};
  llvm::append_range(arguments, runner.emulatorArguments);
  arguments.push_back(edgeRun);
  arguments.push_back(path.str());
  arguments.push_back("-output-dir=" + folder.file("out"));
  arguments.push_back("-threads=" + std::to_string(runner.threads));
  for (auto [index, input] : llvm::enumerate(inputs)) {
    std::string number = std::to_string(index);
    std::string file = folder.file("in" + number + ".npy");
    if (auto error = evaluator::writeNpy(file, input))
      return std::move(error);
    arguments.push_back("-input=" + number + "=" + file);
  }
  if (auto code = llvm::sys::fs::create_directories(folder.file("out")))
    return createStringError(code, "no folder for outputs");
  std::string log = folder.file("log");
  std::optional<StringRef> redirects[] = {StringRef(""), StringRef(log),
                                          StringRef(log)};
  std::vector<StringRef> references(arguments.begin(), arguments.end());
  int code =
      llvm::sys::ExecuteAndWait(*emulator, references, std::nullopt, redirects);
  if (code != 0) {
    auto file = llvm::MemoryBuffer::getFile(log);
    std::string text = file ? (*file)->getBuffer().str() : "";
    // QEMU 7.2 does so on some of RVV's conversions from float to integer.
    if (StringRef(text).contains("qemu") &&
        StringRef(text).contains("decode_save_opc: Assertion"))
      return llvm::make_error<CannotRun>("the emulator gave up: " + text);
    return createStringError("%s ended with %d: %s", runner.edgeRun.c_str(),
                             code, text.c_str());
  }
  Tensors outputs;
  for (auto [index, type] : llvm::enumerate(outputTypes)) {
    auto output = evaluator::readNpy(
        folder.file("out/output_" + std::to_string(index) + ".npy"), type);
    if (!output)
      return output.takeError();
    outputs.push_back(std::move(*output));
  }
  return outputs;
}

llvm::Expected<Tensors>
edgec::test::runArtifact(const Runner &runner, StringRef path,
                         ArrayRef<HostTensor> inputs,
                         ArrayRef<RankedTensorType> outputTypes) {
  return runner.emulator.empty()
             ? runHere(runner, path, inputs, outputTypes)
             : runEmulated(runner, path, inputs, outputTypes);
}

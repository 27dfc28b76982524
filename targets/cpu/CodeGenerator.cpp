//===- CodeGenerator.cpp - from the LLVM dialect to object code -----------===//
//
// One LLVM module per kernel and one for the host program. Each is translated,
// optimized and emitted by itself, in its own LLVMContext.
//
//===----------------------------------------------------------------------===//
#include "targets/cpu/CodeGenerator.h"

#include "dialects/rt/Rt.h"
#include "dialects/schedule/Schedule.h"
#include "targets/cpu/MachineCode.h"
#include "targets/machines/Machine.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/ThreadPool.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Target/TargetOptions.h"
#include "llvm/Transforms/Scalar/Scalarizer.h"
#include <mutex>

using namespace edgec;
using llvm::StringRef;
using mlir::ModuleOp;
using mlir::Operation;

//===----------------------------------------------------------------------===//
// Cutting the module into parts
//===----------------------------------------------------------------------===//

/// Copies into `part` what the operations of `roots` refer to: other functions
/// as declarations, constants whole.
static void copyWithReferences(ModuleOp module, ModuleOp part,
                               llvm::ArrayRef<Operation *> roots) {
  mlir::SymbolTable symbols(module);
  mlir::OpBuilder builder = mlir::OpBuilder::atBlockEnd(part.getBody());
  llvm::SetVector<Operation *> wanted(roots.begin(), roots.end());
  for (size_t next = 0; next < wanted.size(); ++next) {
    Operation *original = wanted[next];
    bool isRoot = next < roots.size();
    if (!isRoot && mlir::isa<mlir::LLVM::LLVMFuncOp>(original)) {
      Operation *copy = builder.insert(original->cloneWithoutRegions());
      mlir::cast<mlir::LLVM::LLVMFuncOp>(copy).setLinkage(
          mlir::LLVM::Linkage::External);
      continue;
    }
    builder.clone(*original);
    auto uses = mlir::SymbolTable::getSymbolUses(original);
    if (!uses)
      continue;
    for (const mlir::SymbolTable::SymbolUse &use : *uses) {
      if (Operation *used =
              symbols.lookup(use.getSymbolRef().getRootReference()))
        wanted.insert(used);
    }
  }
}

/// A kernel is a hidden function whose name says so; see edge-lower-program.
static bool isKernel(Operation &op) {
  auto function = mlir::dyn_cast<mlir::LLVM::LLVMFuncOp>(op);
  return function && !function.isExternal() &&
         function.getName().starts_with("edge_kernel_");
}

/// One module per kernel, and first the one with everything else. `whole`
/// makes it a single module.
static std::vector<mlir::OwningOpRef<ModuleOp>> cut(ModuleOp module,
                                                    bool whole) {
  std::vector<mlir::OwningOpRef<ModuleOp>> parts;
  auto addPart = [&](llvm::ArrayRef<Operation *> roots, StringRef name) {
    mlir::OwningOpRef<ModuleOp> part = ModuleOp::create(module.getLoc(), name);
    copyWithReferences(module, *part, roots);
    parts.push_back(std::move(part));
  };
  llvm::SmallVector<Operation *> host;
  llvm::SmallVector<Operation *> kernels;
  for (Operation &op : *module.getBody()) {
    if (!mlir::isa<mlir::LLVM::LLVMFuncOp, mlir::LLVM::GlobalOp>(op))
      continue;
    if (isKernel(op) && !whole)
      kernels.push_back(&op);
    else
      host.push_back(&op);
  }
  addPart(host, "program");
  for (Operation *kernel : kernels)
    addPart(kernel, mlir::SymbolTable::getSymbolName(kernel).getValue());
  return parts;
}

//===----------------------------------------------------------------------===//
// One part through LLVM
//===----------------------------------------------------------------------===//

namespace {
class PartCompiler {
public:
  PartCompiler(schedule::MachineAttr machine) : machine(machine) {}

  llvm::Error translateAndOptimize(ModuleOp part) {
    if (llvm::Error error = createTargetMachine())
      return error;
    module = mlir::translateModuleToLLVMIR(part, context,
                                           part.getName().value_or("model"));
    if (!module)
      return llvm::createStringError("LLVM IR translation failed");
    module->setTargetTriple(llvm::Triple(machine.getTriple()));
    module->setDataLayout(targetMachine->createDataLayout());
    module->setPICLevel(llvm::PICLevel::BigPIC);
    for (llvm::Function &function : *module)
      setAttributes(function);
    std::string problem;
    llvm::raw_string_ostream stream(problem);
    if (llvm::verifyModule(*module, &stream))
      return llvm::createStringError("invalid LLVM IR: " + problem);
    optimize();
    return llvm::Error::success();
  }

  llvm::Error emit(llvm::raw_pwrite_stream &stream,
                   llvm::CodeGenFileType kind) {
    return emitMachineCode(*module, *targetMachine, machine, stream, kind);
  }

  llvm::Module &getModule() { return *module; }

private:
  schedule::MachineAttr machine;
  llvm::LLVMContext context;
  std::unique_ptr<llvm::TargetMachine> targetMachine;
  std::unique_ptr<llvm::Module> module;

  llvm::Error createTargetMachine() {
    initializeTargets();
    llvm::Triple triple(machine.getTriple());
    std::string problem;
    const llvm::Target *target =
        llvm::TargetRegistry::lookupTarget(triple, problem);
    if (!target)
      return llvm::createStringError(problem);
    llvm::TargetOptions options;
    targetMachine.reset(target->createTargetMachine(
        triple, machine.getCpu(), machine.getFeatures(), options,
        llvm::Reloc::PIC_, std::nullopt, llvm::CodeGenOptLevel::Aggressive));
    if (!targetMachine)
      return llvm::createStringError("LLVM has no code generator for '" +
                                     machine.getTriple() + "'");
    return llvm::Error::success();
  }

  /// Nothing is assumed of a C library: loops stay loops, and no unwinding
  /// tables are written.
  void setAttributes(llvm::Function &function) {
    function.addFnAttr("target-cpu", machine.getCpu());
    function.addFnAttr("target-features", machine.getFeatures());
    if (function.isDeclaration())
      return;
    function.addFnAttr("no-builtins");
    function.addFnAttr(llvm::Attribute::NoUnwind);
    // Otherwise LLVM splits 512-bit vectors on CPUs that once slowed by them.
    if (llvm::Triple(machine.getTriple()).isX86()) {
      std::string bits = std::to_string(machine.getVectorBits());
      function.addFnAttr("prefer-vector-width", bits);
      function.addFnAttr("min-legal-vector-width", bits);
      alignStack(function);
    }
  }

  /// Vectors as long as a cache line that wait on the stack lie in one line.
  /// LLVM aligns it for them only if it knows before it allocates registers
  /// that there will be some; otherwise each lies across two lines, which costs
  /// twice the time.
  void alignStack(llvm::Function &function) {
    constexpr int64_t lineBytes = 64;
    auto fillsLine = [&](const llvm::Instruction &instruction) {
      auto *type = llvm::dyn_cast<llvm::FixedVectorType>(instruction.getType());
      return type && type->getPrimitiveSizeInBits() >= 8 * lineBytes;
    };
    if (machine.getVectorBits() >= 8 * lineBytes &&
        llvm::any_of(llvm::instructions(function), fillsLine)) {
      function.addFnAttr(llvm::Attribute::getWithStackAlignment(
          function.getContext(), llvm::Align(lineBytes)));
    }
  }

  llvm::TargetLibraryInfoImpl libraryInfo() {
    llvm::TargetLibraryInfoImpl info(module->getTargetTriple());
    info.disableAllFunctions();
    return info;
  }

  void optimize() {
    // Kernels are vector code, unrolled as their tiling says. What LLVM would
    // still find is scalar remainders that are not worth their size, and its
    // unrolling made no kernel faster but compilation a third longer.
    llvm::PipelineTuningOptions tuning;
    tuning.LoopVectorization = false;
    tuning.SLPVectorization = false;
    tuning.LoopUnrolling = false;
    llvm::PassBuilder builder(targetMachine.get(), tuning);
    llvm::LoopAnalysisManager loops;
    llvm::FunctionAnalysisManager functions;
    llvm::CGSCCAnalysisManager components;
    llvm::ModuleAnalysisManager modules;
    functions.registerPass(
        [&] { return llvm::TargetLibraryAnalysis(libraryInfo()); });
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(components);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, components, modules);
    if (machine.getVectorBits() <= 32)
      scalarize(builder);
    builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3)
        .run(*module, modules);
  }

  /// Kernels for cores without vectors have vectors of one element. LLVM 22
  /// cannot be trusted with them: where a <1 x i32> is used in another block
  /// than it is shifted in, RISC-V's `srai` takes bits in from above the 32.
  static void scalarize(llvm::PassBuilder &builder) {
    builder.registerPipelineStartEPCallback(
        [](llvm::ModulePassManager &passes, llvm::OptimizationLevel) {
          llvm::ScalarizerPassOptions options;
          options.ScalarizeLoadStore = true;
          passes.addPass(llvm::createModuleToFunctionPassAdaptor(
              llvm::ScalarizerPass(options)));
        });
  }
};
} // namespace

/// The user's own C functions.
static llvm::StringSet<> customFunctions(ModuleOp module) {
  llvm::StringSet<> names;
  for (auto function : module.getOps<mlir::LLVM::LLVMFuncOp>())
    if (function->hasAttr(rt::customFunctionAttrName))
      names.insert(function.getName());
  return names;
}

/// An artifact needs nothing of its surroundings but the functions that the
/// user links: other names that are not ours have no definition anywhere.
static llvm::Error checkUndefinedSymbols(const ObjectFile &object,
                                         const llvm::StringSet<> &custom) {
  auto parsed =
      llvm::object::ObjectFile::createObjectFile(llvm::MemoryBufferRef(
          StringRef(object.bytes.data(), object.bytes.size()), object.name));
  if (!parsed)
    return parsed.takeError();
  std::vector<std::string> foreign;
  for (const llvm::object::SymbolRef &symbol : (*parsed)->symbols()) {
    auto flags = symbol.getFlags();
    if (!flags)
      return flags.takeError();
    auto name = symbol.getName();
    if (!name)
      return name.takeError();
    if ((*flags & llvm::object::SymbolRef::SF_Undefined) && !name->empty() &&
        !name->starts_with("edge_") && !custom.contains(*name))
      foreign.push_back(name->str());
  }
  if (foreign.empty())
    return llvm::Error::success();
  return llvm::createStringError(
      "the code of '" + object.name + "' needs " + llvm::join(foreign, ", ") +
      ", which an artifact does not have: its kernel must be written without "
      "library calls");
}

static llvm::Expected<schedule::MachineAttr> machineOf(ModuleOp module) {
  if (schedule::MachineAttr machine = schedule::getMachine(module))
    return machine;
  return llvm::createStringError(
      "the module has no schedule.machine; run edge-attach-machine");
}

llvm::Expected<std::vector<ObjectFile>>
edgec::generateObjects(ModuleOp module, const CodeOptions &options) {
  auto machine = machineOf(module);
  if (!machine)
    return machine.takeError();
  auto parts = cut(module, /*whole=*/false);
  llvm::StringSet<> custom = customFunctions(module);
  std::vector<ObjectFile> objects(parts.size());
  std::vector<std::string> problems(parts.size());
  std::mutex progressMutex;
  unsigned done = 0;

  llvm::DefaultThreadPool pool(llvm::hardware_concurrency(options.threads));
  for (size_t index = 0; index < parts.size(); ++index) {
    pool.async([&, index] {
      ObjectFile &object = objects[index];
      object.name = parts[index]->getName().value_or("program").str();
      PartCompiler compiler(*machine);
      llvm::Error error = compiler.translateAndOptimize(*parts[index]);
      if (!error) {
        llvm::raw_svector_ostream stream(object.bytes);
        error = compiler.emit(stream, llvm::CodeGenFileType::ObjectFile);
      }
      if (!error)
        error = checkUndefinedSymbols(object, custom);
      if (error)
        problems[index] = llvm::toString(std::move(error));
      std::lock_guard<std::mutex> lock(progressMutex);
      if (options.onProgress)
        options.onProgress(++done, parts.size());
    });
  }
  pool.wait();
  llvm::erase_if(problems,
                 [](const std::string &text) { return text.empty(); });
  if (!problems.empty())
    return llvm::createStringError(llvm::join(problems, "\n"));
  return objects;
}

llvm::Expected<std::string> edgec::generateText(ModuleOp module,
                                                CodeText kind) {
  auto machine = machineOf(module);
  if (!machine)
    return machine.takeError();
  auto parts = cut(module, /*whole=*/true);
  PartCompiler compiler(*machine);
  if (llvm::Error error = compiler.translateAndOptimize(*parts.front()))
    return std::move(error);
  if (kind == CodeText::LLVM) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    compiler.getModule().print(stream, nullptr);
    return text;
  }
  llvm::SmallVector<char, 0> text;
  llvm::raw_svector_ostream stream(text);
  if (llvm::Error error =
          compiler.emit(stream, llvm::CodeGenFileType::AssemblyFile))
    return std::move(error);
  return std::string(text.begin(), text.end());
}

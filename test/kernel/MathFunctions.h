//===- MathFunctions.h - functions of vectors, compiled alone ---*- C++ -*-===//
//
// What the tests of vector math share: a function over a block of numbers, and
// the check that its code calls nothing on any processor.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_KERNEL_MATHFUNCTIONS_H
#define EDGEC_TEST_KERNEL_MATHFUNCTIONS_H

#include "mlir/Target/LLVMIR/Export.h"
#include "passes/kernel/VectorMath.h"
#include "test/kernel/JustInTime.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Triple.h"
#include "gtest/gtest.h"

namespace edgec::test {

using namespace mlir;
using edgec::kernel::MathTarget;

inline constexpr int64_t blockSize = 960;

/// fn @name(x*, y*, out*): out[i] = f(x[i], y[i]) for blockSize elements, at
/// `lanes` (0: scalars).
inline void addFunction(OpBuilder &b, StringRef name, Type element,
                        int64_t lanes, function_ref<Value(Value, Value)> f) {
  Location loc = b.getUnknownLoc();
  auto buffer = MemRefType::get({blockSize}, element);
  auto function = func::FuncOp::create(
      b, loc, name, b.getFunctionType({buffer, buffer, buffer}, {}));
  function->setAttr("llvm.emit_c_interface", b.getUnitAttr());
  Block *entry = function.addEntryBlock();
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(entry);
  auto index = [&](int64_t i) {
    return arith::ConstantIndexOp::create(b, loc, i);
  };
  auto loop = scf::ForOp::create(b, loc, index(0), index(blockSize),
                                 index(lanes ? lanes : 1));
  func::ReturnOp::create(b, loc);
  b.setInsertionPointToStart(loop.getBody());
  SmallVector<Value, 1> at = {loop.getInductionVar()};
  auto load = [&](unsigned argument) -> Value {
    Value memory = entry->getArgument(argument);
    if (lanes == 0)
      return memref::LoadOp::create(b, loc, memory, at);
    return vector::LoadOp::create(b, loc, VectorType::get(lanes, element),
                                  memory, at);
  };
  Value result = f(load(0), load(1));
  Value memory = entry->getArgument(2);
  if (lanes == 0)
    memref::StoreOp::create(b, loc, result, memory, at);
  else
    vector::StoreOp::create(b, loc, result, memory, at);
}

struct Processor {
  const char *triple, *cpu, *features;
  int64_t lanes;
  MathTarget target;
};

inline const Processor processors[] = {
    {"x86_64-linux-gnu", "x86-64-v2", "", 4, {false, false}},
    {"x86_64-linux-gnu", "x86-64-v3", "", 8, {true, false}},
    {"x86_64-linux-gnu", "x86-64-v4", "", 16, {true, false, true}},
    {"aarch64-linux-gnu", "cortex-a53", "", 4, {true, true}},
    {"riscv64-linux-gnu",
     "generic-rv64",
     "+m,+a,+f,+d,+c,+v",
     4,
     {true, false}},
    {"riscv64-linux-gnu", "generic-rv64", "+m,+a,+f,+d,+c", 1, {true, false}},
    {"riscv64-linux-gnu", "generic-rv64", "+m,+a,+f,+d,+c", 0, {true, false}},
};

/// Names that the object leaves for others to define.
inline std::vector<std::string> undefinedSymbols(llvm::Module &module,
                                                 llvm::TargetMachine &machine) {
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  machine.addPassesToEmitFile(passes, stream, nullptr,
                              llvm::CodeGenFileType::ObjectFile);
  passes.run(module);
  auto object = llvm::object::ObjectFile::createObjectFile(
      llvm::MemoryBufferRef(StringRef(bytes.data(), bytes.size()), "object"));
  std::vector<std::string> names;
  for (llvm::object::SymbolRef symbol : (*object)->symbols()) {
    auto flags = llvm::cantFail(symbol.getFlags());
    StringRef name = llvm::cantFail(symbol.getName());
    if ((flags & llvm::object::SymbolRef::SF_Undefined) && !name.empty())
      names.push_back(name.str());
  }
  return names;
}

/// Compiles what `build` makes for every processor; no call may remain.
inline void expectNoCalls(
    function_ref<OwningOpRef<ModuleOp>(MLIRContext &, const Processor &)>
        build) {
  llvm::InitializeAllTargetInfos();
  llvm::InitializeAllTargets();
  llvm::InitializeAllTargetMCs();
  llvm::InitializeAllAsmPrinters();
  for (const Processor &p : processors) {
    MLIRContext context;
    loadLoweringDialects(context);
    auto module = build(context, p);
    ASSERT_TRUE(succeeded(lowerToLlvm(*module)));
    llvm::LLVMContext llvmContext;
    auto translated = translateModuleToLLVMIR(*module, llvmContext);
    ASSERT_TRUE(translated);
    llvm::Triple triple(p.triple);
    std::string error;
    auto *target = llvm::TargetRegistry::lookupTarget(triple, error);
    ASSERT_TRUE(target) << error;
    std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
        triple, p.cpu, p.features, llvm::TargetOptions(), llvm::Reloc::PIC_));
    translated->setTargetTriple(triple);
    translated->setDataLayout(machine->createDataLayout());
    EXPECT_EQ(undefinedSymbols(*translated, *machine),
              std::vector<std::string>())
        << p.triple << " " << p.cpu << " " << p.features;
  }
}

} // namespace edgec::test

#endif // EDGEC_TEST_KERNEL_MATHFUNCTIONS_H

//===- CodeGeneratorTest.cpp - from the LLVM dialect to object code -------===//
//
// What must hold of every object: it needs nothing of its surroundings, and its
// bytes depend neither on the number of threads nor on the run.
//
//===----------------------------------------------------------------------===//
#include "targets/cpu/CodeGenerator.h"
#include "targets/machines/Machine.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace edgec;
using testing::HasSubstr;
using testing::Not;

namespace {

class CodeGenerator : public testing::Test {
protected:
  mlir::MLIRContext context;

  CodeGenerator() {
    mlir::DialectRegistry registry;
    registry.insert<mlir::LLVM::LLVMDialect, schedule::ScheduleDialect>();
    mlir::registerBuiltinDialectTranslation(registry);
    mlir::registerLLVMDialectTranslation(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
  }

  mlir::OwningOpRef<mlir::ModuleOp>
  parse(llvm::StringRef text, std::string target, std::string cpu = "") {
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    EXPECT_TRUE(module);
    MachineRequest request;
    request.target = std::move(target);
    request.cpu = std::move(cpu);
    (*module)->setAttr(
        schedule::machineAttrName,
        machineAttribute(&context, llvm::cantFail(resolveMachine(request))));
    return module;
  }
};

/// A kernel that fills memory with zeros, which LLVM likes to call memset.
constexpr const char *fill = R"(
llvm.func @edge_kernel_m_0(%r: !llvm.ptr, %begin: i64, %end: i64) {
  %one = llvm.mlir.constant(1 : i64) : i64
  %zero = llvm.mlir.constant(0.0 : f32) : f32
  llvm.br ^head(%begin : i64)
^head(%i: i64):
  %more = llvm.icmp "slt" %i, %end : i64
  llvm.cond_br %more, ^body, ^done
^body:
  %p = llvm.getelementptr %r[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
  llvm.store %zero, %p : f32, !llvm.ptr
  %next = llvm.add %i, %one : i64
  llvm.br ^head(%next : i64)
^done:
  llvm.return
}
llvm.func @edge_kernel_m_1(%x: vector<16xf32>, %r: !llvm.ptr) {
  %f = llvm.intr.fmuladd(%x, %x, %x) : (vector<16xf32>, vector<16xf32>, vector<16xf32>) -> vector<16xf32>
  llvm.store %f, %r : vector<16xf32>, !llvm.ptr
  llvm.return
}
llvm.func @edge_model_m() -> !llvm.ptr {
  %0 = llvm.mlir.addressof @edge_kernel_m_0 : !llvm.ptr
  llvm.return %0 : !llvm.ptr
}
)";

TEST_F(CodeGenerator, ObjectsNeedNoLibrary) {
  for (auto [target, cpu] :
       {std::pair{"x86_64", "x86-64-v2"}, std::pair{"x86_64", "x86-64-v4"},
        std::pair{"aarch64", "cortex-a53"}, std::pair{"riscv64", "rv64gc"},
        std::pair{"riscv64", "rv64gcv"}}) {
    SCOPED_TRACE(cpu);
    auto module = parse(fill, target, cpu);
    auto objects = generateObjects(*module, {});
    ASSERT_TRUE(static_cast<bool>(objects))
        << llvm::toString(objects.takeError());
    // The host program and two kernels.
    EXPECT_EQ(objects->size(), 3u);
  }
}

TEST_F(CodeGenerator, CallsOfLibrariesAreRefused) {
  auto module = parse(R"(
    llvm.func @expf(f32) -> f32
    llvm.func @edge_kernel_m_0(%x: f32) -> f32 {
      %0 = llvm.call @expf(%x) : (f32) -> f32
      llvm.return %0 : f32
    })",
                      "x86_64");
  auto objects = generateObjects(*module, {});
  ASSERT_FALSE(static_cast<bool>(objects));
  EXPECT_THAT(llvm::toString(objects.takeError()),
              HasSubstr("the code of 'edge_kernel_m_0' needs expf, which an "
                        "artifact does not have"));
}

TEST_F(CodeGenerator, BytesDoNotDependOnThreads) {
  auto module = parse(fill, "aarch64");
  CodeOptions one, four;
  one.threads = 1;
  four.threads = 4;
  unsigned calls = 0;
  four.onProgress = [&](unsigned done, unsigned total) {
    EXPECT_EQ(done, ++calls);
    EXPECT_EQ(total, 3u);
  };
  auto a = llvm::cantFail(generateObjects(*module, one));
  auto b = llvm::cantFail(generateObjects(*module, four));
  EXPECT_EQ(calls, 3u);
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i)
    EXPECT_EQ(a[i].bytes, b[i].bytes);
}

TEST_F(CodeGenerator, VectorsKeepTheMachinesWidth) {
  auto text = [&](const char *cpu) {
    auto module = parse(fill, "x86_64", cpu);
    return llvm::cantFail(generateText(*module, CodeText::Assembly));
  };
  EXPECT_THAT(text("x86-64-v4"), HasSubstr("%zmm"));
  EXPECT_THAT(text("skylake-avx512"), HasSubstr("%zmm"));
  EXPECT_THAT(text("x86-64-v3"), HasSubstr("%ymm"));
  EXPECT_THAT(text("x86-64-v3"), Not(HasSubstr("%zmm")));
  EXPECT_THAT(text("x86-64-v2"), Not(HasSubstr("%ymm")));
}

TEST_F(CodeGenerator, AMachineIsNeeded) {
  auto module = mlir::parseSourceString<mlir::ModuleOp>(fill, &context);
  auto objects = generateObjects(*module, {});
  ASSERT_FALSE(static_cast<bool>(objects));
  EXPECT_THAT(llvm::toString(objects.takeError()),
              HasSubstr("no schedule.machine"));
}

} // namespace

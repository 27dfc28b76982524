//===- CompilerTest.cpp - the compiler as a library -----------------------===//
//
// One process may compile and write any number of models, for several machines;
// errors say whose fault they are.
//
//===----------------------------------------------------------------------===//
#include "compiler/Compiler.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <set>

using namespace edgec;
using testing::ElementsAre;
using testing::HasSubstr;

static const Source mlp{EDGEC_TEST_INPUTS "/mlp.mlir"};

static std::string bytesOf(const Artifact &artifact) {
  std::string path = testing::TempDir() + "edge_compiler_test.out";
  llvm::Error error = artifact.write(path);
  EXPECT_FALSE(static_cast<bool>(error)) << llvm::toString(std::move(error));
  auto buffer = llvm::MemoryBuffer::getFile(path, false, false);
  std::string bytes = buffer ? (*buffer)->getBuffer().str() : "";
  llvm::sys::fs::remove(path);
  return bytes;
}

static Artifact compiled(const CompileOptions &options) {
  llvm::Expected<Artifact> artifact = compile(mlp, options);
  if (!artifact)
    llvm::report_fatal_error(artifact.takeError());
  return std::move(*artifact);
}

TEST(Compiler, OneProcessCompilesForSeveralMachines) {
  std::set<std::string> different;
  for (const char *target : {"x86_64", "aarch64", "riscv64"}) {
    CompileOptions options;
    options.machine.target = target;
    Artifact artifact = compiled(options);
    EXPECT_EQ(artifact.name(), "mlp");
    std::string bytes = bytesOf(artifact);
    EXPECT_THAT(bytes.substr(0, 4), HasSubstr("ELF"));
    // An artifact can be written again, and a model compiled again.
    EXPECT_EQ(bytes, bytesOf(artifact));
    EXPECT_EQ(bytes, bytesOf(compiled(options)));
    different.insert(bytes);
  }
  EXPECT_EQ(different.size(), 3u);
}

TEST(Compiler, ReportsItsStages) {
  CompileOptions options;
  std::vector<std::string> stages;
  options.onProgress = [&](const Progress &progress) {
    if (progress.total == 0)
      stages.push_back(progress.stage.str());
  };
  compiled(options);
  EXPECT_THAT(stages,
              ElementsAre("import", "graph", "quantize", "fuse", "place",
                          "offload", "schedule", "kernel", "memory", "code"));
}

TEST(Compiler, ErrorsSayWhoseFaultTheyAre) {
  auto errorOf = [](const Source &source, const CompileOptions &options) {
    llvm::Expected<Artifact> artifact = compile(source, options);
    std::pair<CompileError::Kind, std::string> result{CompileError::Kind::Model,
                                                      ""};
    EXPECT_FALSE(static_cast<bool>(artifact));
    llvm::handleAllErrors(artifact.takeError(), [&](const CompileError &error) {
      result = {error.kind, error.message};
    });
    return result;
  };
  CompileOptions options;
  auto missing = errorOf({"/no/such/model.onnx"}, options);
  EXPECT_EQ(missing.first, CompileError::Kind::Model);
  EXPECT_THAT(missing.second, HasSubstr("/no/such/model.onnx: error:"));

  options.machine.target = "sparrow";
  auto unknown = errorOf(mlp, options);
  EXPECT_EQ(unknown.first, CompileError::Kind::Options);
  EXPECT_THAT(unknown.second, HasSubstr("unknown target 'sparrow'"));
}

TEST(Compiler, AStaticLibraryNeedsAFile) {
  CompileOptions options;
  options.emit = Emit::Static;
  EXPECT_THAT(llvm::toString(compiled(options).write("-")),
              HasSubstr("name a file with -o"));
}

TEST(Compiler, EveryStageKnowsItsName) {
  for (const StageInfo &info : stages())
    EXPECT_EQ(parseStage(info.name), info.stage);
  EXPECT_EQ(parseStage("lunch"), std::nullopt);
}

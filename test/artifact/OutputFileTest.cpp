//===- OutputFileTest.cpp - files that appear when they are complete ------===//
//
// Temporary folders vanish, published files replace, refusals come early.
//
//===----------------------------------------------------------------------===//
#include "compiler/artifact/OutputFile.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace edgec;
using testing::HasSubstr;
namespace fs = llvm::sys::fs;

static std::string contentOf(llvm::StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  return buffer ? (*buffer)->getBuffer().str() : "<missing>";
}

static llvm::Error writeText(llvm::StringRef path, llvm::StringRef text) {
  return writeFile(path, [&](llvm::raw_ostream &stream) {
    stream << text;
    return llvm::Error::success();
  });
}

TEST(OutputFile, PublishReplacesAndTheFolderVanishes) {
  std::string target = testing::TempDir() + "edge_output_target";
  llvm::cantFail(writeText(target, "old"));
  std::string temporary;
  {
    TemporaryFolder folder = llvm::cantFail(TemporaryFolder::beside(target));
    temporary = folder.file("new");
    llvm::cantFail(writeText(temporary, "new"));
    EXPECT_EQ(contentOf(target), "old");
    llvm::cantFail(publish(temporary, target));
  }
  EXPECT_EQ(contentOf(target), "new");
  EXPECT_FALSE(fs::exists(temporary));
  fs::remove(target);
}

TEST(OutputFile, AnErrorLeavesNothing) {
  std::string target = testing::TempDir() + "edge_output_none";
  std::string folderPath;
  {
    TemporaryFolder folder = llvm::cantFail(TemporaryFolder::beside(target));
    folderPath = folder.file("");
    llvm::Error error =
        writeFile(folder.file("x"), [](llvm::raw_ostream &stream) {
          stream << "half";
          return llvm::createStringError("stopped half way");
        });
    EXPECT_EQ(llvm::toString(std::move(error)), "stopped half way");
  }
  EXPECT_FALSE(fs::exists(target));
  EXPECT_FALSE(fs::exists(folderPath));
}

TEST(OutputFile, UnwritablePlacesAreRefusedEarly) {
  auto errorOf = [](llvm::StringRef path) {
    return llvm::toString(checkWritable(path));
  };
  EXPECT_THAT(errorOf(testing::TempDir() + "no/such/folder/a.so"),
              HasSubstr("cannot write"));
  EXPECT_THAT(errorOf(testing::TempDir()), HasSubstr("cannot write"));
  EXPECT_EQ(errorOf("-"), "");
  EXPECT_EQ(errorOf("/dev/null"), "");
  EXPECT_EQ(errorOf(testing::TempDir() + "fine.so"), "");
}

TEST(OutputFile, AFullDiskIsAnError) {
  if (!fs::exists("/dev/full"))
    GTEST_SKIP();
  EXPECT_THAT(llvm::toString(writeText("/dev/full", std::string(1 << 21, 'x'))),
              HasSubstr("cannot write '/dev/full'"));
}

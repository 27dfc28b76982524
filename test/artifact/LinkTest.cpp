//===- LinkTest.cpp - LLD inside of another program -----------------------===//
#include "compiler/artifact/Link.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace edgec;
using testing::HasSubstr;

namespace {
llvm::cl::opt<int> ofTheProgram("link-test-option", llvm::cl::init(1));
} // namespace

TEST(Link, TheProgramsOptionsKeepTheirValues) {
  const char *arguments[] = {"program", "-link-test-option=7"};
  llvm::cl::ParseCommandLineOptions(2, arguments);
  ASSERT_EQ(ofTheProgram, 7);
  llvm::Error error = linkRelocatable({"/no/such/object.o"}, "/no/such/result");
  EXPECT_THAT(llvm::toString(std::move(error)), HasSubstr("/no/such/object.o"));
  EXPECT_EQ(ofTheProgram, 7);
  EXPECT_EQ(ofTheProgram.getNumOccurrences(), 1);
  EXPECT_TRUE(llvm::cl::getRegisteredOptions().count("link-test-option"));
}

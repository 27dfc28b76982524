//===- TuningDatabaseTest.cpp - what tuning measured ----------------------===//
#include "compiler/tune/TuningDatabase.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include "gmock/gmock.h"

using namespace edgec;
using namespace edgec::schedule;
using testing::HasSubstr;

namespace {

class TuningDatabaseTest : public testing::Test {
protected:
  void SetUp() override {
    context.loadDialect<ScheduleDialect>();
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("tuning", folder));
    path = (folder + "/tuning.json").str();
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  TilingAttr tiling(int64_t columns, int64_t cycles = 100) {
    return TilingAttr::get(&context, 16, 1, columns, 2, 1, 0, false,
                           Split::rows, cycles);
  }

  void writeFile(llvm::StringRef text) {
    std::error_code error;
    llvm::raw_fd_ostream(path, error) << text;
    ASSERT_FALSE(error);
  }

  std::string faultOf(llvm::StringRef text) {
    writeFile(text);
    auto database = TuningDatabase::read(path);
    return database ? "" : llvm::toString(database.takeError());
  }

  mlir::MLIRContext context;
  llvm::SmallString<128> folder;
  std::string path;
};

} // namespace

TEST_F(TuningDatabaseTest, IsEmptyWithoutAFile) {
  auto database = TuningDatabase::read(path);
  ASSERT_TRUE(bool(database));
  EXPECT_EQ(database->best("key", {tiling(1), tiling(2)}), 0u);
}

TEST_F(TuningDatabaseTest, ReadsWhatItWrote) {
  TuningDatabase database;
  database["key"].name = "conv of a\xff;b";
  database["key"].microseconds = {{describeTiling(tiling(1)), 10},
                                  {describeTiling(tiling(2)), 8.5}};
  ASSERT_FALSE(bool(database.write(path)));
  auto again = TuningDatabase::read(path);
  ASSERT_TRUE(bool(again)) << llvm::toString(again.takeError());
  EXPECT_EQ((*again)["key"].microseconds, database["key"].microseconds);
  EXPECT_EQ(again->best("key", {tiling(1), tiling(2)}), 1u);
  EXPECT_EQ(again->best("other", {tiling(1), tiling(2)}), 0u);
}

TEST_F(TuningDatabaseTest, LeavesTheCostModelsChoiceOnlyForAClearGain) {
  TuningDatabase database;
  auto &times = database["key"].microseconds;
  times[describeTiling(tiling(2))] = 1;
  // Nothing to compare with.
  EXPECT_EQ(database.best("key", {tiling(1), tiling(2)}), 0u);
  times[describeTiling(tiling(1))] = 10;
  times[describeTiling(tiling(2))] = 9.9;
  EXPECT_EQ(database.best("key", {tiling(1), tiling(2)}), 0u);
  times[describeTiling(tiling(3))] = 9.7;
  EXPECT_EQ(database.best("key", {tiling(1), tiling(2), tiling(3)}), 2u);
  // Another prediction is the same tiling.
  EXPECT_EQ(database.best("key", {tiling(1, 5), tiling(3, 7)}), 1u);
}

TEST_F(TuningDatabaseTest, NamesTheFault) {
  EXPECT_THAT(faultOf("{"), HasSubstr("is not a JSON object"));
  EXPECT_THAT(faultOf("[]"), HasSubstr(path + "': is not a JSON object"));
  EXPECT_THAT(faultOf("{}"), HasSubstr("is not of version 1"));
  EXPECT_THAT(faultOf(R"({"version": 2, "kernels": {}})"),
              HasSubstr("is not of version 1"));
  EXPECT_THAT(faultOf(R"({"version": 1})"),
              HasSubstr("has no object called 'kernels'"));
  EXPECT_THAT(faultOf(R"({"version": 1, "kernels": {"a": 3}})"),
              HasSubstr("kernels.a has no object called 'microseconds'"));
  EXPECT_THAT(
      faultOf(
          R"({"version": 1, "kernels": {"a": {"microseconds": {"t": -1}}}})"),
      HasSubstr("kernels.a.microseconds: 't' is not a positive number"));
  EXPECT_THAT(
      faultOf(
          R"({"version": 1, "kernels": {"a": {"microseconds": {"t": "x"}}}})"),
      HasSubstr("delete the file"));
  EXPECT_EQ(faultOf(R"({"version": 1, "kernels": {}})"), "");
}

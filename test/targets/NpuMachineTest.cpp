//===- NpuMachineTest.cpp - descriptions of NPUs and their faults ---------===//
//
// Every embedded NPU is complete and sourced, its parameters stand in the
// specification's order, and every fault of a user's file is reported with its
// JSON path, all of them in one run.
//
//===----------------------------------------------------------------------===//
#include "targets/npu/NpuMachine.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace edgec;
using testing::HasSubstr;
using testing::Not;

static std::string errorOf(llvm::StringRef text) {
  llvm::Expected<NpuMachine> machine = parseNpuMachine(text, "my.json");
  if (machine)
    return "";
  return llvm::toString(machine.takeError());
}

static nlohmann::json readJson(const std::string &path) {
  std::ifstream file(EDGEC_SOURCE_DIR "/" + path);
  return nlohmann::json::parse(file, nullptr, false);
}

TEST(NpuMachine, ThreeSizesAreBuiltIn) {
  const NpuMachine *small = findNpuMachine("npu-64");
  const NpuMachine *middle = findNpuMachine("npu-256");
  const NpuMachine *large = findNpuMachine("npu-1024");
  ASSERT_TRUE(small && middle && large);
  EXPECT_EQ(small->macRows * small->macColumns, 64);
  EXPECT_EQ(small->sramBytes, 65536);
  EXPECT_EQ(middle->macRows * middle->macColumns, 256);
  EXPECT_EQ(middle->bankBytes(), 32768);
  EXPECT_EQ(large->macRows * large->macColumns, 1024);
  EXPECT_EQ(findNpuMachine("npu"), middle);
  EXPECT_EQ(findNpuMachine("cortex-a53"), nullptr);
  EXPECT_EQ(listNpuMachines().front().name, "npu-64");
}

TEST(NpuMachine, EveryNumberHasASource) {
  for (const NpuMachine &machine : listNpuMachines()) {
    SCOPED_TRACE(machine.name);
    auto file = readJson("targets/machines/" + machine.name + ".json");
    ASSERT_TRUE(file.is_object());
    EXPECT_EQ(file["name"], machine.name);
    EXPECT_FALSE(machine.description.empty());
    for (const auto &entry : file.items())
      if (entry.value().is_number())
        EXPECT_TRUE(file["sources"].contains(entry.key())) << entry.key();
  }
}

TEST(NpuMachine, ParametersStandInTheOrderOfTheSpecification) {
  auto specification = readJson("targets/npu/spec/commands.json");
  ASSERT_TRUE(specification.is_object());
  const auto &parameters = specification["parameters"];
  ASSERT_EQ(parameters.size(), size_t(NPU_PARAMETERS_COUNT));
  auto file = readJson("targets/machines/npu-256.json");
  auto values = findNpuMachine("npu-256")->parameters();
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(parameters[i]["index"], i);
    EXPECT_EQ(file[parameters[i]["name"].get<std::string>()], values[i])
        << parameters[i]["name"];
  }
}

TEST(NpuMachine, ReadmeDescribesEveryParameter) {
  std::ifstream file(EDGEC_SOURCE_DIR "/targets/machines/README.md");
  std::stringstream text;
  text << file.rdbuf();
  for (const auto &row :
       readJson("targets/npu/spec/commands.json")["parameters"]) {
    std::stringstream line;
    line << "| `" << row["name"].get<std::string>() << "` | "
         << row["unit"].get<std::string>() << " | " << row["low"] << " to "
         << row["high"] << " | " << row["meaning"].get<std::string>() << " |\n";
    EXPECT_THAT(text.str(), HasSubstr(line.str()));
  }
}

TEST(NpuMachine, BaseFillsWhatIsLeftOut) {
  llvm::Expected<NpuMachine> machine = parseNpuMachine(
      R"({"kind": "npu", "name": "mine", "base": "npu-64", "macRows": 16})",
      "m.json");
  ASSERT_TRUE(static_cast<bool>(machine))
      << llvm::toString(machine.takeError());
  EXPECT_EQ(machine->macRows, 16);
  EXPECT_EQ(machine->macColumns, 8);
  EXPECT_EQ(machine->name, "mine");
}

TEST(NpuMachine, AllProblemsAreListedAtOnce) {
  std::string error = errorOf(R"({
    "kind": "npu", "base": "npu-256", "macrows": 16, "sramBanks": 0,
    "vectorLanes": 1.5, "queueDepth": "deep", "dispatchCycles": 1e30,
    "sources": {"speed": "me", "macRows": 3} })");
  EXPECT_THAT(error, HasSubstr("my.json: /name: missing"));
  EXPECT_THAT(error, HasSubstr("/macrows: unknown field, did you mean "
                               "'macRows'?"));
  EXPECT_THAT(error, HasSubstr("/sramBanks: expected a whole number from 1 to "
                               "64, found '0'"));
  EXPECT_THAT(error, HasSubstr("/vectorLanes: expected a whole number"));
  EXPECT_THAT(error, HasSubstr("/queueDepth: expected a whole number"));
  EXPECT_THAT(error, HasSubstr("/dispatchCycles: expected a whole number"));
  EXPECT_THAT(error, HasSubstr("/sources/speed: names no field"));
  EXPECT_THAT(error, HasSubstr("/sources/macRows: expected text"));
}

TEST(NpuMachine, EveryFieldIsRequiredWithoutABase) {
  std::string error = errorOf(R"({"kind": "npu", "name": "x"})");
#define EXPECT_MISSING(name, ...)                                              \
  EXPECT_THAT(error, HasSubstr("/" #name ": missing"));
  NPU_PARAMETERS(EXPECT_MISSING)
#undef EXPECT_MISSING
  EXPECT_THAT(error, Not(HasSubstr("description")));
}

TEST(NpuMachine, FaultsOfTheWholeFile) {
  EXPECT_THAT(errorOf("{\n  \"name\": oops\n}"), HasSubstr("my.json:2:"));
  EXPECT_THAT(errorOf("[]"), HasSubstr("expected an object"));
  EXPECT_THAT(errorOf(R"({"name": "x", "base": "npu-64"})"),
              HasSubstr("/kind: expected \"npu\""));
  EXPECT_THAT(errorOf(R"({"kind": "npu", "name": "x", "base": "cortex-a53"})"),
              HasSubstr("/base: expected the name of an NPU"));
  EXPECT_THAT(errorOf(R"({"kind": "npu", "name": "x", "base": "npu-64",
                          "sramBytes": 65535})"),
              HasSubstr("/sramBytes: expected a multiple of 16 * sramBanks = "
                        "128, found 65535"));
}

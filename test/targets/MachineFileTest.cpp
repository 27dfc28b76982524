//===- MachineFileTest.cpp - machine files and their faults ---------------===//
//
// Every embedded machine is complete and sourced; every fault of a user's file
// is reported with its JSON path, all of them in one run.
//
//===----------------------------------------------------------------------===//
#include "targets/machines/Machine.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <nlohmann/json.hpp>

using namespace edgec;
using testing::HasSubstr;
using testing::Not;

static std::string errorOf(llvm::StringRef text) {
  llvm::Expected<Machine> machine = parseMachine(text, "my.json");
  if (machine)
    return "";
  return llvm::toString(machine.takeError());
}

/// A complete file, changed by `edit`.
template <class Edit> static std::string edited(Edit edit) {
  auto file = nlohmann::json::parse(
      findEmbeddedMachine("cortex-a53")->json.str(), nullptr, false);
  edit(file);
  return file.dump();
}

TEST(MachineFile, EveryEmbeddedMachineIsValidAndKnownToLlvm) {
  EXPECT_GE(embeddedMachines().size(), 10u);
  for (const EmbeddedMachine &embedded : embeddedMachines()) {
    SCOPED_TRACE(embedded.name.str());
    llvm::Expected<Machine> machine =
        parseMachine(embedded.json, embedded.name);
    ASSERT_TRUE(static_cast<bool>(machine))
        << llvm::toString(machine.takeError());
    EXPECT_EQ(machine->name, embedded.name.str());
    EXPECT_FALSE(machine->description.empty());
    llvm::Error error = checkAgainstInstructionSet(*machine, embedded.name);
    EXPECT_FALSE(static_cast<bool>(error)) << llvm::toString(std::move(error));
  }
}

TEST(MachineFile, EveryEmbeddedNumberHasASource) {
  for (const EmbeddedMachine &embedded : embeddedMachines()) {
    SCOPED_TRACE(embedded.name.str());
    auto file = nlohmann::json::parse(embedded.json.str(), nullptr, false);
    ASSERT_TRUE(file.is_object());
    for (const auto &entry : file.items())
      if (entry.value().is_number() || entry.value().is_boolean())
        EXPECT_TRUE(file["sources"].contains(entry.key())) << entry.key();
  }
}

TEST(MachineFile, AnEmbeddedMachineClaimsAllOfItsVectorUnit) {
  for (const EmbeddedMachine &embedded : embeddedMachines()) {
    SCOPED_TRACE(embedded.name.str());
    Machine machine = llvm::cantFail(parseMachine(embedded.json, "embedded"));
    Machine derived = machine;
    llvm::cantFail(deriveVectorUnit(derived));
    EXPECT_EQ(machine.vectorBits, derived.vectorBits);
    EXPECT_EQ(machine.vectorRegisters, derived.vectorRegisters);
    EXPECT_EQ(machine.registerGroup, derived.registerGroup);
    EXPECT_EQ(machine.fma, derived.fma);
    EXPECT_EQ(machine.maskedLanes, derived.maskedLanes);
    EXPECT_EQ(machine.scalarOperand, derived.scalarOperand);
  }
}

TEST(MachineFile, BaseFillsWhatIsLeftOut) {
  llvm::Expected<Machine> machine = parseMachine(
      R"({"name": "board", "base": "cortex-a53", "l2Bytes": 131072})",
      "b.json");
  ASSERT_TRUE(static_cast<bool>(machine));
  EXPECT_EQ(machine->name, "board");
  EXPECT_EQ(machine->cpu, "cortex-a53");
  EXPECT_EQ(machine->l2Bytes, 131072);
  EXPECT_EQ(machine->l1Bytes, 32768);
}

TEST(MachineFile, SyntaxErrorsHaveLineAndColumn) {
  EXPECT_THAT(errorOf("{\n  \"name\": \"x\",\n  oops\n}"),
              HasSubstr("my.json:3:"));
  EXPECT_THAT(errorOf(""), HasSubstr("not valid JSON"));
  EXPECT_THAT(errorOf("[1, 2"), HasSubstr("not valid JSON"));
  EXPECT_THAT(errorOf("[1, 2]"), HasSubstr("expected an object"));
}

TEST(MachineFile, AllProblemsAreListedAtOnce) {
  std::string error = errorOf(R"({
    "name": "x", "base": "cortex-a53", "l1bytes": 32768, "cores": 0,
    "fma": "yes", "features": ["neon", 3], "clockMegahertz": 1.5 })");
  EXPECT_THAT(error, HasSubstr("/l1bytes: unknown field, did you mean "
                               "'l1Bytes'?"));
  EXPECT_THAT(error, HasSubstr("/cores: expected a whole number of cores from "
                               "1 to 1024, found '0'"));
  EXPECT_THAT(error,
              HasSubstr("/fma: expected true or false, found '\"yes\"'"));
  EXPECT_THAT(error, HasSubstr("/features/0: expected '+' or '-'"));
  EXPECT_THAT(error, HasSubstr("/features/1: expected a string"));
  EXPECT_THAT(error, HasSubstr("/clockMegahertz: expected a whole number"));
}

TEST(MachineFile, EveryFieldIsRequiredWithoutABase) {
  std::string error = errorOf(R"({"name": "x"})");
  for (const char *field :
       {"triple", "cpu", "features", "vectorBits", "fma", "l1Bytes", "cores"})
    EXPECT_THAT(error, HasSubstr("/" + std::string(field) + ": missing"));
  EXPECT_THAT(error, Not(HasSubstr("description")));
}

TEST(MachineFile, AcceleratorsAreNoProcessors) {
  EXPECT_EQ(findEmbeddedMachine("npu-256"), nullptr);
  EXPECT_THAT(errorOf(R"({"name": "npu-256", "kind": "npu"})"),
              HasSubstr("/kind: this is no processor"));
}

TEST(MachineFile, UnknownBase) {
  EXPECT_THAT(errorOf(R"({"name": "x", "base": "cortex-m0"})"),
              HasSubstr("/base: unknown machine 'cortex-m0'"));
}

TEST(MachineFile, NumbersOutOfRangeOrShape) {
  EXPECT_THAT(errorOf(edited([](auto &f) { f["vectorBits"] = 96; })),
              HasSubstr("/vectorBits: expected a power of two"));
  EXPECT_THAT(errorOf(edited([](auto &f) { f["vectorBits"] = -1; })),
              HasSubstr("/vectorBits: expected a whole number of bits"));
  EXPECT_THAT(errorOf(edited([](auto &f) { f["fmaPerCycle"] = 1e300; })),
              HasSubstr("/fmaPerCycle"));
  EXPECT_THAT(errorOf(edited([](auto &f) { f["l2Bytes"] = 2048; })),
              HasSubstr("/l2Bytes: smaller than l1Bytes"));
  EXPECT_THAT(errorOf(edited([](auto &f) { f["l1Bytes"] = 1e18; })),
              HasSubstr("/l1Bytes"));
  EXPECT_THAT(errorOf(edited([](auto &f) { f["l1Bytes"] = nullptr; })),
              HasSubstr("/l1Bytes"));
}

TEST(MachineFile, SourcesNameFields) {
  EXPECT_THAT(errorOf(edited([](auto &f) { f["sources"]["speed"] = "me"; })),
              HasSubstr("/sources/speed: names no field"));
  EXPECT_THAT(errorOf(edited([](auto &f) { f["sources"]["cores"] = 4; })),
              HasSubstr("/sources/cores: expected text"));
}

TEST(MachineFile, MoreThanTheInstructionSetOffers) {
  Machine machine = llvm::cantFail(
      parseMachine(findEmbeddedMachine("x86-64-v2")->json, "v2"));
  machine.vectorBits = 512;
  machine.fma = true;
  std::string error =
      llvm::toString(checkAgainstInstructionSet(machine, "my.json"));
  EXPECT_THAT(error, HasSubstr("my.json: /vectorBits: 512, but cpu "
                               "'x86-64-v2'"));
  EXPECT_THAT(error, HasSubstr("/fma: true"));
}

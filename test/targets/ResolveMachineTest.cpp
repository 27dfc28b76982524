//===- ResolveMachineTest.cpp - -target, -mcpu, -mattr, -machine ----------===//
//
// Which machine a command line means, and what is said when it means none.
//
//===----------------------------------------------------------------------===//
#include "passes/schedule/MachineFeatures.h"
#include "targets/machines/Machine.h"

#include "mlir/IR/MLIRContext.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <fstream>

using namespace edgec;
using testing::HasSubstr;

static MachineRequest request(std::string target, std::string cpu = "",
                              std::string features = "") {
  MachineRequest result;
  result.target = std::move(target);
  result.cpu = std::move(cpu);
  result.features = std::move(features);
  return result;
}

static Machine resolved(const MachineRequest &request) {
  llvm::Expected<Machine> machine = resolveMachine(request);
  if (machine)
    return *machine;
  ADD_FAILURE() << llvm::toString(machine.takeError());
  return {};
}

static std::string errorOf(const MachineRequest &request) {
  llvm::Expected<Machine> machine = resolveMachine(request);
  if (!machine)
    return llvm::toString(machine.takeError());
  ADD_FAILURE() << "resolved to " << machine->name;
  return "";
}

TEST(ResolveMachine, ArchitecturesMeanTheirBaseline) {
  EXPECT_EQ(resolved(request("x86_64")).cpu, "x86-64-v2");
  EXPECT_EQ(resolved(request("aarch64")).vectorBits, 128);
  EXPECT_EQ(resolved(request("riscv64")).name, "rv64gc");
}

TEST(ResolveMachine, VectorUnitFollowsTheProcessor) {
  EXPECT_EQ(resolved(request("x86_64", "x86-64-v2")).vectorBits, 128);
  EXPECT_EQ(resolved(request("x86_64", "x86-64-v3")).vectorBits, 256);
  EXPECT_EQ(resolved(request("x86_64", "x86-64-v4")).vectorBits, 512);
  EXPECT_EQ(resolved(request("x86_64", "skylake-avx512")).vectorBits, 512);
  EXPECT_EQ(resolved(request("x86_64", "haswell")).vectorBits, 256);
  EXPECT_TRUE(resolved(request("x86_64", "haswell")).fma);
  EXPECT_EQ(resolved(request("riscv64", "rv64gcv")).registerGroup, 4);
  EXPECT_EQ(resolved(request("riscv64", "spacemit-x60")).vectorBits, 256);
}

TEST(ResolveMachine, GenerationsOfOneVendorDiffer) {
  Machine older = resolved(request("x86_64", "znver4")),
          newer = resolved(request("x86_64", "znver5"));
  EXPECT_EQ(newer.name, "znver5");
  EXPECT_EQ(newer.vectorBits, older.vectorBits);
  EXPECT_EQ(newer.fmaPerCycle, 2 * older.fmaPerCycle);
  EXPECT_EQ(newer.loadsPerCycle, 2 * older.loadsPerCycle);
  EXPECT_GT(newer.l1Bytes, older.l1Bytes);
}

// Where a hypervisor hides the newer one's features, its cache gives it away.
TEST(ResolveMachine, GenerationsDifferByTheirCache) {
  Machine older = resolved(request("x86_64", "sapphirerapids")),
          newer = resolved(request("x86_64", "graniterapids"));
  EXPECT_EQ(newer.fmaPerCycle, older.fmaPerCycle);
  EXPECT_LT(newer.l3BytesPerCycle, older.l3BytesPerCycle);
  constexpr int64_t megabyte = 1 << 20;
  EXPECT_EQ(timedAs("sapphirerapids", 480 * megabyte), "graniterapids");
  EXPECT_EQ(timedAs("sapphirerapids", 105 * megabyte), "sapphirerapids");
  EXPECT_EQ(timedAs("znver5", 512 * megabyte), "znver5");
}

TEST(ResolveMachine, AttributeTellsReadsOfLevel3) {
  mlir::MLIRContext context;
  auto rate = [&](const char *target, const char *cpu) {
    return machineAttribute(&context, resolved(request(target, cpu)))
        .getL3BytesPerCycle();
  };
  EXPECT_EQ(rate("x86_64", "graniterapids"), 950);
  EXPECT_EQ(rate("aarch64", "cortex-a72"), 0);
}

TEST(ResolveMachine, FeaturesChangeTheVectorUnit) {
  Machine machine = resolved(request("x86_64", "x86-64-v2", "+avx2,+fma"));
  EXPECT_EQ(machine.vectorBits, 256);
  EXPECT_TRUE(machine.fma);
  EXPECT_EQ(resolved(request("riscv64", "rv64gc", "+v,+zvl256b")).vectorBits,
            256);
}

TEST(ResolveMachine, TriplesKeepTheirSystem) {
  EXPECT_EQ(resolved(request("aarch64-linux-android", "cortex-a55")).triple,
            "aarch64-unknown-linux-android");
}

TEST(ResolveMachine, HostIsThisProcessor) {
  Machine host = resolved(request("host"));
  EXPECT_EQ(host.name, "host");
  EXPECT_GE(host.vectorBits, 32);
  EXPECT_GT(host.l1Bytes, 0);
  EXPECT_GE(host.cores, 1);
  EXPECT_EQ(resolved(request("host", "native")).cpu, host.cpu);
}

TEST(ResolveMachine, UnknownNames) {
  EXPECT_THAT(errorOf(request("sparrow")),
              HasSubstr("unknown target 'sparrow', expected host, x86_64"));
  EXPECT_THAT(errorOf(request("hexagon")), HasSubstr("no machine description"));
  EXPECT_THAT(errorOf(request("aarch64", "cortexa76")),
              HasSubstr("unknown cpu 'cortexa76' for aarch64; did you mean "
                        "'cortex-a76'?"));
  EXPECT_THAT(errorOf(request("x86_64", "zzzzzzzzzz")),
              HasSubstr("-list-machines"));
  EXPECT_THAT(errorOf(request("x86_64", "", "+avx3")),
              HasSubstr("unknown feature 'avx3' for x86_64; did you mean"));
}

TEST(ResolveMachine, ProcessorOfAnotherArchitecture) {
  EXPECT_THAT(errorOf(request("x86_64", "cortex-a76")),
              HasSubstr("it is a processor of aarch64: add -target=aarch64"));
  EXPECT_THAT(errorOf(request("x86_64", "neoverse-n1")),
              HasSubstr("add -target=aarch64"));
  EXPECT_THAT(errorOf(request("x86_64", "rv64gcv")),
              HasSubstr("add -target=riscv64"));
}

TEST(ResolveMachine, MachineFileStandsForAll) {
  std::string path = testing::TempDir() + "board.json";
  std::ofstream(path) << R"({"name": "board", "base": "cortex-a53"})";
  MachineRequest fromFile;
  fromFile.file = path;
  EXPECT_EQ(resolved(fromFile).name, "board");
  fromFile.cpu = "cortex-a76";
  EXPECT_THAT(errorOf(fromFile), HasSubstr("leave -mcpu out"));
  fromFile.cpu = "";
  fromFile.target = "x86_64";
  EXPECT_THAT(errorOf(fromFile), HasSubstr("leave -target out"));
  fromFile.file = path + ".missing";
  EXPECT_THAT(errorOf(fromFile), HasSubstr("cannot read machine file"));
}

TEST(ResolveMachine, AttributeSpeaksOfRegistersInGroups) {
  mlir::MLIRContext context;
  schedule::MachineAttr machine =
      machineAttribute(&context, resolved(request("riscv64", "rv64gcv")));
  EXPECT_EQ(machine.getVectorBits(), 512);
  EXPECT_EQ(machine.getVectorRegisters(), 8);
  EXPECT_EQ(machine.getFloatLanes(), 16);
  EXPECT_EQ(machine.getFmaPerCycle(), 25);
}

TEST(ResolveMachine, AttributeNamesTheMatrixUnit) {
  mlir::MLIRContext context;
  auto features = [&](const std::string &more) {
    return machineAttribute(&context,
                            resolved(request("x86_64", "sapphirerapids", more)))
        .getFeatures()
        .str();
  };
  EXPECT_THAT(features(""), HasSubstr("+amx-int8"));
  EXPECT_THAT(features(""), HasSubstr("+amx-tile"));
  EXPECT_THAT(features("-amx-int8"), testing::Not(HasSubstr("+amx-int8")));
  EXPECT_THAT(features("-amx-tile"), testing::Not(HasSubstr("+amx-")));
}

// What -mattr takes away is not used, and neither is what goes with it.
TEST(ResolveMachine, FeaturesCanBeTakenAway) {
  mlir::MLIRContext context;
  auto has = [&](const std::string &cpu, const std::string &features,
                 const std::string &name) {
    return schedule::hasFeature(
        machineAttribute(&context, resolved(request("x86_64", cpu, features))),
        name);
  };
  for (std::string name : {"avx512vnni", "avx512bf16"}) {
    EXPECT_TRUE(has("znver4", "", name));
    EXPECT_FALSE(has("znver4", "-" + name, name));
    EXPECT_FALSE(has("znver4", "-avx512f", name));
    EXPECT_TRUE(has("x86-64-v4", "+" + name, name));
    EXPECT_FALSE(has("x86-64-v4", "+" + name + ",-" + name, name));
    EXPECT_TRUE(has("x86-64-v4", "-" + name + ",+" + name, name));
  }
  EXPECT_TRUE(has("sapphirerapids", "-avx512bf16", "amx-bf16"));
  EXPECT_FALSE(has("sapphirerapids", "-amx-tile", "amx-bf16"));
}

// Whatever the hypervisor calls it, what has the features is timed by them.
TEST(ResolveMachine, HostIsNamedByItsFeatures) {
  Machine host = resolved(request("host")),
          sapphire = resolved(request("x86_64", "sapphirerapids"));
  if (host.triple != sapphire.triple)
    GTEST_SKIP() << "the host is no x86";
  std::vector<std::string> needed = llvm::cantFail(requiredExtensions(
      sapphire.triple, sapphire.cpu, sapphire.featureString()));
  for (const std::string &name : needed)
    if (!llvm::is_contained(host.features, "+" + name))
      GTEST_SKIP() << "the host has no " << name;
  EXPECT_EQ(host.fmaPerCycle, sapphire.fmaPerCycle);
  EXPECT_EQ(host.fmaLatencyCycles, sapphire.fmaLatencyCycles);
}

TEST(ResolveMachine, RequiredExtensionsAreWhatALoaderChecks) {
  Machine machine = resolved(request("x86_64", "x86-64-v3"));
  std::vector<std::string> extensions = llvm::cantFail(
      requiredExtensions(machine.triple, machine.cpu, machine.featureString()));
  EXPECT_THAT(extensions, testing::Contains("avx2"));
  EXPECT_THAT(extensions, testing::Contains("fma"));
  EXPECT_THAT(extensions, testing::Not(testing::Contains("avx512f")));
  EXPECT_THAT(extensions, testing::Not(testing::Contains("fast-gather")));
}

//===- PlaceTest.cpp - edge-place with accelerators that exist in tests ---===//
#include "passes/place/Passes.h"
#include "test/place/FakeBackend.h"
#include "test/place/PlaceText.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FileSystem.h"
#include <fstream>

using namespace mlir;
using namespace edgec;
using namespace edgec::place;
using namespace edgec::test;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {
class PlaceTest : public testing::Test {
protected:
  LogicalResult place(const std::string &source, PlaceOptions options = {},
                      std::vector<FakeDevice> devices = {{}}) {
    model = text.parse(source);
    Backends backends;
    SmallVector<Attribute> attributes;
    for (FakeDevice &device : devices) {
      attributes.push_back(DeviceAttr::get(&text.context, "fake", device.name,
                                           /*format=*/1, {}));
      backends.push_back(std::make_shared<FakeBackend>(std::move(device)));
    }
    (*text.module)
        ->setAttr(devicesAttrName, ArrayAttr::get(&text.context, attributes));
    ScopedDiagnosticHandler handler(&text.context, [&](Diagnostic &diagnostic) {
      std::string message;
      llvm::raw_string_ostream stream(message);
      stream << diagnostic.getLocation() << ": " << diagnostic;
      faults.push_back(message);
      return success();
    });
    PassManager passes(&text.context);
    passes.addPass(createPlace(std::move(options), std::move(backends),
                               [&](const Placement &told) {
                                 placement = told;
                                 all.push_back(told);
                               }));
    return passes.run(*text.module);
  }

  /// Options with a placement file.
  PlaceOptions withFile(const std::string &content) {
    llvm::SmallString<64> path;
    EXPECT_FALSE(llvm::sys::fs::createTemporaryFile("place", "json", path));
    std::ofstream(path.c_str()) << content;
    PlaceOptions options;
    options.overrides = path.str().str();
    return options;
  }

  std::vector<std::string> kernelsOf(RegionOp region) {
    std::vector<std::string> names;
    for (auto kernel : region.getBody().front().getOps<schedule::KernelOp>())
      names.push_back(kernel.getKernelName().str());
    return names;
  }

  std::vector<RegionOp> regions() {
    auto range = model.getBody().front().getOps<RegionOp>();
    return {range.begin(), range.end()};
  }

  PlaceText text;
  func::FuncOp model;
  /// The last one, and each that was told.
  Placement placement;
  std::vector<Placement> all;
  std::vector<std::string> faults;
};

const std::string threeKernels = function(
    sumKernel("%a", "relu", {"%x"}) + sumKernel("%b", "softmax", {"%a"}) +
        sumKernel("%c", "relu", {"%b"}),
    "%c");
} // namespace

TEST_F(PlaceTest, WithoutAcceleratorsNothingChanges) {
  ASSERT_TRUE(succeeded(place(threeKernels, {}, {})));
  EXPECT_TRUE(regions().empty());
}

TEST_F(PlaceTest, SupportedKernelsBecomeRegions) {
  // Faster than any processor.
  ASSERT_TRUE(
      succeeded(place(threeKernels, {}, {{"fake-1", "softmax", 0.001}})));
  ASSERT_EQ(regions().size(), 2u);
  EXPECT_THAT(kernelsOf(regions()[0]), ElementsAre("relu"));
  EXPECT_EQ(placement.kernels[1].processor, 0u);
  EXPECT_THAT(placement.kernels[1].reason,
              HasSubstr("fake-1 cannot compute it: it cannot softmax"));
  EXPECT_THAT(placement.kernels[0].reason,
              HasSubstr("on cpu the model would need"));
  EXPECT_LE(placement.placed.nanoseconds, placement.onHost.nanoseconds);
  EXPECT_LE(placement.placed.nanoseconds, placement.onDevices.nanoseconds);
}

TEST_F(PlaceTest, ASlowDeviceIsNotUsed) {
  ASSERT_TRUE(succeeded(place(threeKernels, {}, {{"fake-1", "softmax", 1e9}})));
  EXPECT_TRUE(regions().empty());
  EXPECT_THAT(placement.kernels[0].reason,
              HasSubstr("on fake-1 the model would need"));
}

TEST_F(PlaceTest, RegionsTakeTheirConstantsAndReshapes) {
  std::string body = R"(
    %c = edge.constant {value = dense<1.0> : tensor<64xf32>} : tensor<64xf32>
    %v = edge.reshape %x : (tensor<64xf32>) -> tensor<64xf32>
  )" + sumKernel("%a", "relu", {"%v", "%c"}) +
                     R"(
    %s = edge.reshape %a : (tensor<64xf32>) -> tensor<64xf32>
    %t = edge.reshape %s : (tensor<64xf32>) -> tensor<64xf32>
  )" + sumKernel("%b", "relu", {"%t", "%c"}) +
                     sumKernel("%d", "softmax", {"%s", "%b", "%c"});
  // Reshapes that change nothing fold, so these are parsed as they are.
  ASSERT_TRUE(succeeded(
      place(function(body, "%d"), {}, {{"fake-1", "softmax", 0.001}})));
  ASSERT_EQ(regions().size(), 1u);
  RegionOp region = regions()[0];
  EXPECT_THAT(kernelsOf(region), ElementsAre("relu", "relu"));
  Block &inside = region.getBody().front();
  EXPECT_EQ(llvm::range_size(inside.getOps<edge::ReshapeOp>()), 2);
  EXPECT_EQ(llvm::range_size(inside.getOps<edge::ConstantOp>()), 1);
  // The first kernel's result is seen outside through a reshape of its own.
  EXPECT_EQ(region.getNumResults(), 2u);
  EXPECT_TRUE(succeeded(verify(*text.module)));
}

TEST_F(PlaceTest, ABranchTakesTheTimeOfItsPlacedBody) {
  std::string source = threeKernels;
  size_t end = source.rfind('}');
  std::string body = source.substr(0, end);
  // Two bodies, both of one kernel that the device computes at once.
  for (const char *name : {"up", "down"}) {
    body += "func.func private @" + std::string(name) +
            "(%x: tensor<64xf32>) -> tensor<64xf32> {\n" +
            sumKernel("%k", "relu", {"%x"}) + "return %k : tensor<64xf32>\n}\n";
  }
  body += "func.func @choice(%c: tensor<i1>, %x: tensor<64xf32>) -> "
          "tensor<64xf32> {\n%r = edge.if %c then @up(%x) else @down(%x) : "
          "(tensor<i1>, tensor<64xf32>, tensor<64xf32>) -> "
          "tensor<64xf32>\nreturn %r : tensor<64xf32>\n}\n";
  ASSERT_TRUE(succeeded(place(body + "}", {}, {{"fake-1", "softmax", 0.001}})));
  // The models first, then the bodies.
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].function, "f");
  EXPECT_EQ(all[1].function, "choice");
  EXPECT_EQ(all[2].function, "up");
  EXPECT_DOUBLE_EQ(all[1].placed.nanoseconds, 0.001);
  EXPECT_DOUBLE_EQ(all[2].placed.nanoseconds, 0.001);
}

TEST_F(PlaceTest, TheFileSaysWhere) {
  ASSERT_TRUE(
      succeeded(place(threeKernels, withFile(R"({"c": "cpu", "a*": "fake"})"),
                      {{"fake-1", "softmax", 0.001}})));
  ASSERT_EQ(regions().size(), 1u);
  EXPECT_EQ(placement.kernels[0].reason, "the placement file says so");
  EXPECT_EQ(placement.kernels[2].processor, 0u);
}

TEST_F(PlaceTest, AnExactNameHasTheLastWord) {
  ASSERT_TRUE(succeeded(
      place(threeKernels, withFile(R"({"*": "cpu", "c": "fake-1"})"))));
  ASSERT_EQ(regions().size(), 1u);
  EXPECT_EQ(placement.kernels[2].processor, 1u);
}

TEST_F(PlaceTest, AllFaultsOfTheFileAreReported) {
  ASSERT_TRUE(failed(place(threeKernels, withFile(R"({
  "b": "fake-1",
  "nowhere": "cpu",
  "a": "gpu",
  "c": 7,
  "?": "cpu", "a?*": "cpu", "?*": "fake-1"
})"))));
  ASSERT_EQ(faults.size(), 8u);
  EXPECT_THAT(faults[0], HasSubstr("3:3"));
  EXPECT_THAT(faults[0], HasSubstr("'nowhere': fits no node of the model"));
  EXPECT_THAT(faults[1],
              HasSubstr("no processor 'gpu', expected one of cpu, fake-1"));
  EXPECT_THAT(faults[2], HasSubstr("expected the name of a processor"));
  EXPECT_THAT(faults[3], HasSubstr("'a?*': fits no node"));
  EXPECT_THAT(faults[4], HasSubstr("2:3"));
  EXPECT_THAT(faults[4],
              HasSubstr("fake-1 cannot run 'b' (kernel): it cannot softmax"));
  EXPECT_THAT(faults[5], HasSubstr("'?*'"));
}

TEST_F(PlaceTest, TextThatIsNoPlacementIsRefused) {
  EXPECT_TRUE(failed(place(threeKernels, withFile("[1, 2]"))));
  EXPECT_THAT(faults.back(), HasSubstr("expected {\"node name"));
  EXPECT_TRUE(failed(place(threeKernels, withFile("{\"a\": }"))));
  EXPECT_THAT(faults.back(), HasSubstr("1:"));
  EXPECT_TRUE(failed(place(threeKernels, withFile(std::string(9999, '[')))));
  EXPECT_THAT(faults.back(), HasSubstr("nested"));
  EXPECT_TRUE(
      failed(place(threeKernels, withFile(R"({"a": "cpu", "a": "fake"})"))));
  EXPECT_THAT(faults.back(), HasSubstr("'a': stands in line 1 already"));
  PlaceOptions options;
  options.overrides = "/nonexistent/file.json";
  EXPECT_TRUE(failed(place(threeKernels, options)));
  EXPECT_THAT(faults.back(), HasSubstr("cannot be read"));
}

TEST_F(PlaceTest, EqualDevicesAreToldApart) {
  ASSERT_TRUE(succeeded(place(threeKernels,
                              withFile(R"({"a": "fake-1.1", "c": "fake-1.0"})"),
                              {{}, {}})));
  EXPECT_THAT(placement.processors, ElementsAre("cpu", "fake-1.0", "fake-1.1"));
  ASSERT_EQ(regions().size(), 2u);
  EXPECT_EQ(regions()[0].getDevice(), 1u);
  EXPECT_EQ(regions()[1].getDevice(), 0u);
  ASSERT_TRUE(
      failed(place(threeKernels, withFile(R"({"a": "fake"})"), {{}, {}})));
  EXPECT_THAT(faults.back(), HasSubstr("more than one processor"));
}

TEST_F(PlaceTest, RandomPlacementsAreValid) {
  size_t regionCount = 0;
  for (int seed = 0; seed < 100; ++seed) {
    PlaceOptions options;
    options.randomSeed = seed;
    ASSERT_TRUE(succeeded(place(randomGraph(12, uint64_t(seed)), options,
                                {{}, {"fake-2", "sum"}})));
    EXPECT_TRUE(succeeded(verify(*text.module)));
    for (RegionOp region : regions())
      for (const std::string &kernel : kernelsOf(region))
        EXPECT_EQ(kernel, region.getDevice() == 0 ? "sum" : "softmax");
    regionCount += regions().size();
  }
  EXPECT_GT(regionCount, 200u);
}

TEST_F(PlaceTest, ThePlacementIsJson) {
  ASSERT_TRUE(
      succeeded(place(threeKernels, {}, {{"fake-1", "softmax", 0.001}})));
  std::string printed = llvm::formatv("{0:2}", placement.json()).str();
  auto parsed = llvm::json::parse(printed);
  ASSERT_TRUE(bool(parsed));
  const llvm::json::Object *root = parsed->getAsObject();
  EXPECT_EQ(root->getString("function"), "f");
  EXPECT_EQ(root->getString("objective"), "latency");
  const llvm::json::Object *second =
      (*root->getArray("kernels"))[1].getAsObject();
  EXPECT_EQ(second->getString("processor"), "cpu");
  EXPECT_EQ(
      second->getObject("options")->getObject("fake-1")->getString("refusal"),
      "it cannot softmax");
  EXPECT_EQ(root->getArray("timeline")->size(), 3u);
}

// edge-run from outside, as the command-line contract states it: options,
// files, JSON, exit statuses; and its cross-built siblings under an emulator.

#include "EdgeRunFixture.h"

#include <sched.h>

namespace {

TEST_F(EdgeRun, RunsAndWritesOutputs) {
  writeAffineFiles();
  Result r =
      run(modelPath("affine") +
          " -input=x=x.npy --input=1=b.npy -output-dir=out -expect=0=y.npy "
          "-rtol=0 -atol=0 -threads=2");
  EXPECT_EQ(r.exitStatus, 0) << r.err;
  EXPECT_EQ(r.err, "");
  EXPECT_EQ(r.out, "expect 0  y: matches, largest difference 0, relative L2 "
                   "error 0\n");
  const std::string bytes = readFile(folder + "/out/output_0.npy");
  EXPECT_THAT(bytes, HasSubstr("'<f4', 'fortran_order': False, "
                               "'shape': (2, 3, 4), }"));
  ASSERT_EQ(bytes.size(), 128u + 96);
  float first;
  memcpy(&first, bytes.data() + 128, 4);
  EXPECT_EQ(first, 11);
  // Nothing but the result is left behind.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder + "/out"),
                          std::filesystem::directory_iterator()),
            1);
}

TEST_F(EdgeRun, CropsOutputsToTheirActualSize) {
  const std::string model = modelPath("sized");
  EXPECT_THAT(run(model + " -info").out,
              HasSubstr("float32[2, 4], at most: output 2 is the size of "
                        "dimension 1"));
  EXPECT_THAT(run(model + " -info -json").out,
              HasSubstr("\"size_output\": 2, \"size_dimension\": 1"));
  writeNpy<int64_t>("n.npy", "<i8", "()", {3});
  writeNpy<float>("y.npy", "<f4", "(2, 3)", {0, 1, 2, 4, 5, 6});
  Result r = run(model + " -input=n=n.npy -output-dir=out -expect=y=y.npy");
  EXPECT_EQ(r.exitStatus, 0) << r.err << r.out;
  EXPECT_THAT(readFile(folder + "/out/output_0.npy"),
              HasSubstr("'shape': (2, 3), }"));
  EXPECT_THAT(readFile(folder + "/out/output_1.npy"),
              HasSubstr("'shape': (3, 2), }"));
  // None, and more than there can be.
  writeNpy<int64_t>("n.npy", "<i8", "()", {0});
  r = run(model + " -input=n=n.npy -output-dir=out");
  EXPECT_EQ(r.exitStatus, 0) << r.err;
  EXPECT_THAT(readFile(folder + "/out/output_0.npy"),
              HasSubstr("'shape': (2, 0), }"));
  writeNpy<int64_t>("n.npy", "<i8", "()", {1000});
  r = run(model + " -input=n=n.npy");
  EXPECT_THAT(r.out, HasSubstr("y: float32[2, 4]"));
}

TEST_F(EdgeRun, RunsWithTheShapeOfItsFiles) {
  const std::string model = modelPath("ranged");
  EXPECT_THAT(run(model + " -info").out,
              HasSubstr("float32[3, 2], dimension 0 from 1 to 3"));
  json info = json::parse(run(model + " -info -json").out);
  EXPECT_EQ(info["inputs"][0]["shape"], json({3, 2}));
  EXPECT_EQ(info["outputs"][0]["least_shape"], json({1, 2}));
  EXPECT_EQ(info["variants"], 3);
  writeNpy<float>("x.npy", "<f4", "(2, 2)", {1, 2, 3, 4});
  writeNpy<float>("y.npy", "<f4", "(2, 2)", {2, 4, 6, 8});
  Result r = run(model + " -input=x=x.npy -output-dir=out -expect=y=y.npy");
  EXPECT_EQ(r.exitStatus, 0) << r.err << r.out;
  EXPECT_THAT(readFile(folder + "/out/output_0.npy"),
              HasSubstr("'shape': (2, 2), }"));
  // Without a file the largest, or what is asked for.
  EXPECT_THAT(run(model).out, HasSubstr("y: float32[3, 2]"));
  EXPECT_THAT(run(model + " -shape=x=1x2").out, HasSubstr("y: float32[1, 2]"));
  EXPECT_THAT(run(model + " -shape=x=1x2 -profile").out,
              AllOf(HasSubstr("row_0"), Not(HasSubstr("row_1"))));
}

TEST_F(EdgeRun, RefusesShapesThatTheModelDoesNotTake) {
  const std::string model = modelPath("ranged");
  writeNpy<float>("x.npy", "<f4", "(4, 2)", std::vector<float>(8));
  Result r = run(model + " -input=x=x.npy");
  EXPECT_EQ(r.exitStatus, 1);
  EXPECT_THAT(r.err, HasSubstr("input 'x' has shape [4, 2] but model 'ranged' "
                               "takes [1..3, 2]"));
  writeNpy<float>("x.npy", "<f4", "(2,)", std::vector<float>(2));
  EXPECT_THAT(run(model + " -input=x=x.npy").err,
              HasSubstr("has shape [2] but 'x' is float32[3, 2]"));
  for (const char *shape : {"x=2", "x=2x2x2", "x=ax2", "x=2x", "x=-1x2"}) {
    r = run(model + " -shape=" + shape);
    EXPECT_EQ(r.exitStatus, 1);
    EXPECT_THAT(r.err, HasSubstr("should be 2 sizes joined by 'x'"));
  }
  EXPECT_EQ(run(model + " -shape=x").exitStatus, 2);
  EXPECT_EQ(run(modelPath("affine") + " -shape=x=2x3x5").exitStatus, 1);
}

TEST_F(EdgeRun, FindsTensorsByNamesWithEqualsSigns) {
  writeAffineFiles();
  Result r = run(modelPath("affine") +
                 " -input=0=x.npy -input=bias=b=b.npy -expect=y=y.npy");
  EXPECT_EQ(r.exitStatus, 0) << r.err << r.out;
}

TEST_F(EdgeRun, SaysWhereAndByHowMuch) {
  writeAffineFiles();
  const std::string arguments =
      modelPath("affine") +
      " -input=0=x.npy -input=1=b.npy -expect=y=wrong.npy";
  Result r = run(arguments);
  EXPECT_EQ(r.exitStatus, 1);
  EXPECT_THAT(r.out,
              StartsWith("expect 0  y: 1 of 24 elements are wrong; worst "
                         "at [1, 1, 1]: got 55, want 56 within 0.0569"));
  EXPECT_THAT(r.out, HasSubstr("relative L2 error"));
  EXPECT_EQ(run(arguments + " -rtol=0.02").exitStatus, 0);
  EXPECT_EQ(run(arguments + " -atol=1").exitStatus, 0);
  r = run(arguments + " -json");
  EXPECT_EQ(r.exitStatus, 1);
  json expect = json::parse(r.out)["expect"][0];
  EXPECT_EQ(expect["matches"], false);
  EXPECT_EQ(expect["wrong"], 1);
  EXPECT_EQ(expect["worst"]["at"], json::parse("[1, 1, 1]"));
}

TEST_F(EdgeRun, AllowsForTheOutputsScaleUnlessTold) {
  writeAffineFiles();
  AffineBuffers buffers(0.5f);
  std::vector<float> y(24);
  for (size_t i = 0; i < 24; ++i)
    y[i] = 2 * buffers.x[i] + buffers.b[i % 4];
  // Within 1e-5 of the largest element, though not of this one.
  y[0] += 3e-4f;
  writeNpy("near.npy", "<f4", "(2, 3, 4)", y);
  const std::string arguments =
      modelPath("affine") +
      " -input=0=x.npy -input=1=b.npy -expect=y=near.npy -rtol=0";
  EXPECT_EQ(run(arguments).exitStatus, 0);
  EXPECT_EQ(run(arguments + " -atol=1e-5").exitStatus, 1);
}

TEST_F(EdgeRun, DescribesTheModel) {
  Result r = run(modelPath("identity") + " -info -json");
  EXPECT_EQ(r.exitStatus, 0) << r.err;
  json info = json::parse(r.out);
  EXPECT_EQ(info["name"], "identity");
  EXPECT_EQ(info["target"], "any-unknown-none");
  EXPECT_EQ(info["build_id"], "00aa");
  EXPECT_EQ(info["arena_bytes"], 0);
  EXPECT_EQ(info["weights_bytes"], 0);
  EXPECT_EQ(info["inputs"].size(), 17u);
  EXPECT_EQ(info["inputs"][0], json::parse(R"({"name": "f32", "shape": [5],
      "dtype": "float32", "scale": null, "zero_point": null})"));
  EXPECT_EQ(info["outputs"][4], json::parse(R"({"name": "i8", "shape": [5],
      "dtype": "int8", "scale": 0.5, "zero_point": -3})"));
  r = run(modelPath("affine") + " --info");
  EXPECT_THAT(r.out, HasSubstr("input    1  bias=b: float32[4]\n"));
}

TEST_F(EdgeRun, Benchmarks) {
  Result r = run(modelPath("affine") + " -benchmark=25 -threads=2 -json");
  EXPECT_EQ(r.exitStatus, 0) << r.err;
  json measured = json::parse(r.out);
  EXPECT_EQ(measured["runs"], 25);
  EXPECT_EQ(measured["threads"], 2);
  EXPECT_GT(measured["handover_ns"], 0);
  EXPECT_GT(measured["load_us"], 0);
  EXPECT_EQ(measured["huge_page_bytes"], 0);
  json latency = measured["latency_us"];
  EXPECT_LE(latency["min"], latency["median"]);
  EXPECT_LE(latency["median"], latency["p90"]);
  EXPECT_LE(latency["p90"], latency["max"]);
  r = run(modelPath("affine") + " -benchmark=1");
  EXPECT_THAT(r.out, HasSubstr("(1 runs, 1 thread)"));
  r = run(modelPath("large") + " -benchmark=1 -huge-pages -json");
  EXPECT_EQ(r.exitStatus, 0) << r.err;
  EXPECT_LE(json::parse(r.out)["huge_page_bytes"], 8 << 20);
}

TEST_F(EdgeRun, Profiles) {
  Result r = run(modelPath("affine") + " -profile");
  EXPECT_EQ(r.exitStatus, 0) << r.err;
  EXPECT_THAT(r.out, HasSubstr("double_0"));
  EXPECT_THAT(r.out, HasSubstr("GFLOP/s"));
  EXPECT_THAT(r.out, HasSubstr("add, relu"));
  // 5000 cycles at 2 GHz; of the other kernel nothing is known.
  EXPECT_THAT(r.out, testing::ContainsRegex("double_0 +[0-9.]+ +2.5 "));
  r = run(modelPath("affine") + " -profile=trace.json -benchmark=3 -json");
  EXPECT_EQ(r.exitStatus, 0) << r.err;
  json profile = json::parse(r.out)["profile"];
  ASSERT_EQ(profile.size(), 2u);
  EXPECT_EQ(profile[0]["layers"], "scale \"a\"");
  EXPECT_EQ(profile[1]["bytes_moved"], 208);
  EXPECT_DOUBLE_EQ(profile[0]["predicted_us"], 2.5);
  EXPECT_TRUE(profile[1]["predicted_us"].is_null());
  json events = json::parse(readFile(folder + "/trace.json"))["traceEvents"];
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[2]["ph"], "X");
  EXPECT_EQ(events[2]["name"], "add_1");
  EXPECT_GE(events[2]["ts"], events[1]["ts"]);
}

TEST_F(EdgeRun, PrintsOneJsonObjectForEverything) {
  writeAffineFiles();
  Result r = run(modelPath("affine") + " -input=0=x.npy -input=1=b.npy -json "
                                       "-benchmark=2 -profile -expect=0=y.npy");
  EXPECT_EQ(r.exitStatus, 0) << r.err;
  json all = json::parse(r.out);
  EXPECT_EQ(
      all.count("latency_us") + all.count("profile") + all.count("expect"), 3u);
  all = json::parse(run(modelPath("affine") + " -json").out);
  EXPECT_EQ(all["outputs"][0]["shape"], json::parse("[2, 3, 4]"));
}

TEST_F(EdgeRun, FillsMissingInputsAlwaysAlike) {
  ASSERT_EQ(run(modelPath("affine") + " -output-dir=a").exitStatus, 0);
  ASSERT_EQ(run(modelPath("affine") + " -output-dir=b -threads=3").exitStatus,
            0);
  EXPECT_EQ(readFile(folder + "/a/output_0.npy"),
            readFile(folder + "/b/output_0.npy"));
}

TEST_F(EdgeRun, BeginsStateWithZeros) {
  // Each of the model's inputs has the name of an output.
  ASSERT_EQ(run(modelPath("identity") + " -output-dir=a").exitStatus, 0);
  std::string file = readFile(folder + "/a/output_0.npy");
  ASSERT_GE(file.size(), 20u);
  EXPECT_EQ(file.substr(file.size() - 20), std::string(20, '\0'));
  // The fifth is quantized; its zero point is -3.
  file = readFile(folder + "/a/output_4.npy");
  ASSERT_GE(file.size(), 5u);
  EXPECT_EQ(file.substr(file.size() - 5), std::string(5, '\xfd'));
}

TEST_F(EdgeRun, CarriesEveryElementType) {
  // The model copies, so writing, reading back and comparing must agree.
  Result r = run(modelPath("identity") + " -output-dir=first");
  ASSERT_EQ(r.exitStatus, 0) << r.err;
  std::string arguments = modelPath("identity") + " -output-dir=second -rtol=0";
  for (int i = 0; i < 17; ++i) {
    const std::string file =
        std::to_string(i) + "=first/output_" + std::to_string(i) + ".npy";
    arguments += " -input=" + file + " -expect=" + file;
  }
  r = run(arguments + " -atol=0");
  EXPECT_EQ(r.exitStatus, 0) << r.err << r.out;
  const char *types[] = {"<f4", "<f8", "<f2", "<u2", "|i1", "|u1",
                         "<i2", "<u2", "<i4", "<u4", "<i8", "<u8",
                         "|b1", "|i1", "|u1", "|u1", "|u1"};
  for (int i = 0; i < 17; ++i) {
    const std::string name = "/output_" + std::to_string(i) + ".npy";
    const std::string bytes = readFile(folder + "/first" + name);
    EXPECT_EQ(bytes, readFile(folder + "/second" + name));
    EXPECT_THAT(bytes, HasSubstr(std::string("'") + types[i] + "'"));
  }
}

TEST_F(EdgeRun, RefusesWrongInputs) {
  writeAffineFiles();
  writeNpy("double.npy", "<f8", "(4,)", std::vector<double>(4));
  writeNpy("short.npy", "<f4", "(3,)", std::vector<float>(3));
  writeNpy("nibble.npy", "|i1", "(5,)", std::vector<int8_t>{0, 0, 8, 0, 0});
  const struct {
    std::string arguments;
    const char *text;
  } cases[] = {
      {modelPath("affine") + " -input=z=x.npy", "the model has no input 'z'"},
      {modelPath("affine") + " -input=2=x.npy", "the model has no input '2'"},
      {modelPath("affine") + " -expect=z=x.npy", "the model has no output 'z'"},
      {modelPath("affine") + " -input=0=none.npy",
       "none.npy: cannot be opened"},
      {modelPath("affine") + " -input=1=double.npy",
       "holds float64 but 'bias=b' is float32[4]; save it as float32"},
      {modelPath("affine") + " -input=1=short.npy",
       "has shape [3] but 'bias=b' is float32[4]"},
      {modelPath("affine") + " -expect=0=short.npy", "has another shape"},
      {modelPath("affine") + " -expect=0=none.npy",
       "none.npy: cannot be opened"},
      {modelPath("identity") + " -input=i4=nibble.npy",
       "element 2 is outside of -8 to 7"},
      {modelPath("affine") + " -output-dir=no/such", "no/such: cannot be"},
      {modelPath("affine") + " -output-dir=x.npy", "cannot be written"},
      {modelPath("affine") + " -profile=no/such.json", "cannot be written"},
      {"none.so", "cannot open 'none.so'"},
      {"x.npy", "is not an ELF file"},
      {modelPath("wrong-version"), "ABI version 77"},
      {modelPath("failing"), "failed with status -11"},
  };
  for (const auto &c : cases) {
    Result r = run(c.arguments);
    EXPECT_EQ(r.exitStatus, 1) << c.arguments << r.out;
    EXPECT_THAT(r.err, StartsWith("edge-run: error: "));
    EXPECT_THAT(r.err, HasSubstr(c.text));
  }
}

TEST_F(EdgeRun, BindsThreads) {
  const std::string model = modelPath("affine"),
                    cpu = std::to_string(sched_getcpu());
  Result r = run(model + " -benchmark=1 -json -affinity=" + cpu);
  EXPECT_EQ(r.exitStatus, 0) << r.err;
  EXPECT_EQ(json::parse(r.out)["threads"], 1);
  r = run(model + " -affinity=1023");
  EXPECT_EQ(r.exitStatus, 1);
}

TEST_F(EdgeRun, RefusesWrongCommandLines) {
  const std::string model = modelPath("affine");
  for (const std::string &arguments : {std::string(),
                                       model + " " + model,
                                       model + " -frobnicate",
                                       model + " -frobnicate=1",
                                       model + " -threads",
                                       model + " -threads=",
                                       model + " -threads=x",
                                       model + " -threads=257",
                                       model + " -threads=-1",
                                       model + " -handover=",
                                       model + " -handover=-1",
                                       model + " -affinity=",
                                       model + " -affinity=0 -threads=1",
                                       model + " -affinity=x",
                                       model + " -affinity=0,",
                                       model + " -affinity=-1",
                                       model + " -affinity=99999999999",
                                       model + " -benchmark=0",
                                       model + " -benchmark=1e3",
                                       model + " -rtol=nan",
                                       model + " -rtol=-1",
                                       model + " -atol=1x",
                                       model + " -input=x.npy",
                                       model + " -input==x.npy",
                                       model + " -input=0=",
                                       model + " -output-dir=",
                                       model + " -threads=1 -threads=2",
                                       model + " -info=1",
                                       std::string("-json")}) {
    Result r = run(arguments);
    EXPECT_EQ(r.exitStatus, 2) << arguments;
    EXPECT_EQ(r.out, "") << arguments;
    EXPECT_THAT(r.err, HasSubstr("edge-run -help"));
  }
}

TEST_F(EdgeRun, PrintsHelp) {
  for (const char *option : {"-help", "--help", "-h"}) {
    Result r = run(option);
    EXPECT_EQ(r.exitStatus, 0);
    EXPECT_THAT(r.out, StartsWith("usage: edge-run MODEL.so"));
  }
}

TEST_F(EdgeRun, SaysWhenStandardOutputIsFull) {
  if (access("/dev/full", W_OK) != 0)
    GTEST_SKIP() << "no /dev/full here";
  Result r =
      command("(" EDGE_TEST_RUN " " + modelPath("affine") + " >/dev/full)");
  EXPECT_EQ(r.exitStatus, 1);
  EXPECT_THAT(r.err, HasSubstr("standard output"));
}

/// edge-run of another architecture under its emulator.
class CrossEdgeRun : public EdgeRun {
protected:
  void expect(const std::string &emulator, const std::string &architecture,
              const std::string &model, int exitStatus, const char *text) {
    const std::string binary =
        std::string(EDGE_TEST_BIN) + "/edge-run-" + architecture;
    const std::string root = "/usr/" + architecture + "-linux-gnu";
    if (!std::filesystem::exists(binary) || !std::filesystem::exists(root) ||
        command("command -v qemu-" + architecture).exitStatus != 0)
      GTEST_SKIP() << "needs the cross compiler and qemu-user";
    writeAffineFiles();
    Result r =
        command("qemu-" + architecture + " " + emulator + " -L " + root + " " +
                binary + " " + modelPath(architecture + "-" + model) +
                " -input=0=x.npy -input=1=b.npy -expect=0=y.npy "
                "-threads=2");
    EXPECT_EQ(r.exitStatus, exitStatus) << r.out << r.err;
    EXPECT_THAT(r.out + r.err, HasSubstr(text));
  }
};

TEST_F(CrossEdgeRun, RunsOnArm) {
  expect("-cpu cortex-a53", "aarch64", "plain", 0, "matches");
}
TEST_F(CrossEdgeRun, FindsArmExtensions) {
  expect("-cpu max", "aarch64", "i8mm", 0, "matches");
}
TEST_F(CrossEdgeRun, MissesArmExtensions) {
  expect("-cpu cortex-a53", "aarch64", "i8mm", 1, "needs dotprod, i8mm, which");
}
TEST_F(CrossEdgeRun, RunsOnRiscv) {
  expect("-cpu rv64,v=false", "riscv64", "plain", 0, "matches");
}
TEST_F(CrossEdgeRun, FindsVectors) {
  expect("-cpu rv64,v=true,vext_spec=v1.0,vlen=256", "riscv64", "zvl256b", 0,
         "matches");
}
TEST_F(CrossEdgeRun, MissesVectors) {
  expect("-cpu rv64,v=false", "riscv64", "zvl256b", 1,
         "needs v, zve32f, zvl128b, zvl256b, which");
}
TEST_F(CrossEdgeRun, MissesLongVectors) {
  expect("-cpu rv64,v=true,vext_spec=v1.0,vlen=128", "riscv64", "zvl256b", 1,
         "needs zvl256b, which");
}
TEST_F(CrossEdgeRun, RefusesTheHostsArtifact) {
  writeAffineFiles();
  if (std::filesystem::exists(modelPath("aarch64-plain"))) {
    Result r = run(modelPath("aarch64-plain"));
    EXPECT_EQ(r.exitStatus, 1);
    EXPECT_THAT(r.err,
                HasSubstr("is compiled for aarch64 but this machine is"));
  }
}

} // namespace

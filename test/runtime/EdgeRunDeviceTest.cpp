// edge-run with accelerators: drivers, faults, alternatives, limits,
// simulation.

#include "EdgeRunFixture.h"

namespace {

class EdgeRunDevice : public EdgeRun {
protected:
  /// Runs the model of two tally jobs with its driver.
  Result jobs(const std::string &arguments) const {
    return run(modelPath("jobs") + " -load-driver=" + modelPath("tally") + " " +
               arguments);
  }
  Result cpu() const { return jobs("-alternative=cpu -output-dir=cpu"); }
};

TEST_F(EdgeRunDevice, RunsOnDevices) {
  ASSERT_EQ(cpu().exitStatus, 0);
  Result r = jobs("-expect=0=cpu/output_0.npy");
  EXPECT_EQ(r.exitStatus, 0) << r.err;
  EXPECT_EQ(r.err, "");
  EXPECT_THAT(r.out, HasSubstr("matches"));
}

TEST_F(EdgeRunDevice, DescribesThem) {
  const Result text = jobs("-info");
  EXPECT_THAT(text.out, AllOf(HasSubstr("device   1  tally-8 (tally)"),
                              HasSubstr("job      0  tally_0 on device 0: 48"),
                              HasSubstr("alternative rough: 0 jobs")));
  const json info = json::parse(jobs("-info -json").out);
  EXPECT_EQ(info["devices"][0]["parameters"], (json{8, 16}));
  EXPECT_EQ(info["jobs"][1]["predicted_us"], 2000);
  EXPECT_EQ(info["jobs"][1]["device"], 1);
  EXPECT_EQ(info["alternatives"][1]["label"], "cpu");
  EXPECT_EQ(info["alternatives"][1]["jobs"], 0);
  EXPECT_EQ(info["alternatives"][2]["error"], 0.5);
  // Nothing of it for models of the CPU alone.
  EXPECT_FALSE(json::parse(run(modelPath("affine") + " -info -json").out)
                   .contains("devices"));
}

TEST_F(EdgeRunDevice, NeedsADriver) {
  Result r = run(modelPath("jobs"));
  EXPECT_EQ(r.exitStatus, 1);
  EXPECT_THAT(r.err, HasSubstr("no driver for devices of kind 'tally'"));
  r = run(modelPath("jobs") + " -load-driver=" + modelPath("affine"));
  EXPECT_EQ(r.exitStatus, 1);
  EXPECT_THAT(r.err, HasSubstr("has no driver; it should export"));
  r = run(modelPath("jobs") + " -load-driver=missing.so");
  EXPECT_EQ(r.exitStatus, 1);
  EXPECT_THAT(r.err, HasSubstr("missing.so: cannot be loaded"));
  r = jobs("-device=0");
  EXPECT_EQ(r.exitStatus, 1);
  EXPECT_THAT(r.err, HasSubstr("job 'tally_1' on device 'tally-8' failed: a "
                               "device is missing or failed: no device is "
                               "attached"));
  EXPECT_EQ(jobs("-device=1,0").exitStatus, 0);
}

TEST_F(EdgeRunDevice, FallsBackAtEveryCommand) {
  ASSERT_EQ(cpu().exitStatus, 0);
  for (const char *fault :
       {"rejected", "timeout", "lost", "checksum", "out-of-memory"}) {
    for (const char *place : {"@0:0", "@0:2", "@1:1"}) {
      // Only what hangs gets a limit, which a job that works does not reach.
      const bool hangs = fault == std::string("timeout");
      const std::string inject =
          (hangs ? "-timeout=300 -inject=" : "-inject=") + std::string(fault) +
          place;
      Result r = jobs(inject + " -fallback=cpu -expect=0=cpu/output_0.npy");
      EXPECT_EQ(r.exitStatus, 0) << r.err;
      EXPECT_THAT(r.err, HasSubstr("the outputs are those of 'cpu'"));
      r = jobs(inject + " -fallback=none");
      EXPECT_EQ(r.exitStatus, 1);
      EXPECT_THAT(r.err, HasSubstr("job 'tally_" + std::string(1, place[1]) +
                                   "' on device 'tally-8' failed"));
    }
  }
  const json result =
      json::parse(jobs("-inject=rejected@1:1 -fallback=cpu -json").out);
  EXPECT_EQ(result["choice"]["alternative"], "cpu");
  EXPECT_EQ(result["choice"]["planned"], "tally");
  EXPECT_EQ(result["choice"]["fault"]["job"], "tally_1");
  EXPECT_EQ(result["choice"]["fault"]["command"], 1);
  // A model without devices needs none.
  EXPECT_EQ(run(modelPath("affine") + " -fallback=cpu").exitStatus, 0);
}

TEST_F(EdgeRunDevice, ChoosesWithinLimits) {
  EXPECT_THAT(jobs("-deadline=10").out, HasSubstr("choice     tally;"));
  EXPECT_THAT(jobs("-deadline=0.1").out, HasSubstr("choice     rough;"));
  EXPECT_THAT(jobs("-deadline=0.0001").out, HasSubstr("(beyond the limits)"));
  EXPECT_THAT(jobs("-deadline=100 -device=none").out,
              HasSubstr("choice     cpu;"));
  const json result = json::parse(jobs("-energy=0.5 -json").out);
  EXPECT_EQ(result["choice"]["alternative"], "tally");
  EXPECT_EQ(result["choice"]["expected_uj"], 0.1);
  const Result r = jobs("-alternative=gpu");
  EXPECT_EQ(r.exitStatus, 1);
  EXPECT_THAT(r.err, HasSubstr("it has 'tally', 'cpu', 'rough'"));
}

// Kernels of 1, 4 and 2 ms; jobs of 3 and 2 ms on two devices beside the second
// kernel.
TEST_F(EdgeRunDevice, PredictsTheTimeLine) {
  const json s = json::parse(jobs("-simulate -json").out)["simulation"];
  EXPECT_EQ(s["latency_us"], 7000);
  EXPECT_EQ(s["job_energy_uj"], 0.05);
  EXPECT_EQ(s["units"][0]["name"], "cpu");
  EXPECT_EQ(s["units"][0]["busy_us"], 7000);
  EXPECT_EQ(s["units"][2]["name"], "tally-8 1");
  EXPECT_EQ(s["units"][2]["busy_us"], 2000);
  EXPECT_EQ(s["jobs"][0]["time_us"], 3000);
  EXPECT_THAT(jobs("-simulate").out,
              HasSubstr("latency    7000.0 us (simulated, one core)"));
  const json cpu =
      json::parse(jobs("-simulate -json -alternative=cpu").out)["simulation"];
  EXPECT_EQ(cpu["latency_us"], 20000);
}

TEST_F(EdgeRunDevice, PredictsPipelines) {
  const json s = json::parse(
      jobs("-simulate -frames=50 -depth=3 -json").out)["simulation"];
  EXPECT_EQ(s["bound_us"], 7000);
  EXPECT_GE(s["share_of_bound"], 0.9);
  const json two =
      json::parse(jobs("-simulate -frames=50 -depth=4 -clusters=2 -json")
                      .out)["simulation"];
  EXPECT_EQ(two["bound_us"], 3500);
  EXPECT_EQ(two["units"][1]["name"], "cpu 1");
  EXPECT_GE(two["share_of_bound"], 0.9);
}

TEST_F(EdgeRunDevice, WritesTheTimeLineAsATrace) {
  const Result r = jobs("-trace=line.json -frames=2");
  ASSERT_EQ(r.exitStatus, 0) << r.err;
  const json trace = json::parse(readFile(folder + "/line.json"));
  int kernels = 0, jobCount = 0;
  for (const json &event : trace["traceEvents"]) {
    kernels += event["ph"] == "X" && event["cat"] == "kernel";
    jobCount += event["ph"] == "X" && event["cat"] == "job";
    if (event["name"] == "tally_1" && event["args"]["frame"] == 0) {
      EXPECT_EQ(event["ts"], 1000);
      EXPECT_EQ(event["dur"], 2000);
    }
  }
  EXPECT_EQ(kernels, 6);
  EXPECT_EQ(jobCount, 4);
}

TEST_F(EdgeRunDevice, RefusesWrongOptions) {
  for (const char *option :
       {"-deadline=0", "-deadline=x", "-energy=-1", "-timeout=0", "-frames=0",
        "-depth=65", "-clusters=0", "-device=", "-device=64", "-device=0,",
        "-inject=fire", "-inject=lost@", "-inject=lost@1:", "-inject=lost@1:2x",
        "-inject=nothing", "-frames=2 -frames=3"}) {
    const Result r = jobs(option);
    EXPECT_EQ(r.exitStatus, 2) << option;
    EXPECT_THAT(r.err, HasSubstr("edge-run -help")) << option;
  }
}

} // namespace

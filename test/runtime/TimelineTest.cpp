// The simulated time line: what waits for what, and how frames overlap.

extern "C" {
#include "timeline.h"
}

#include <gtest/gtest.h>

#include <vector>

namespace {

/// A model of kernels and jobs with given times in nanoseconds.
struct Played {
  std::vector<double> kernels, jobs;
  std::vector<edge_step> steps;
  std::vector<edge_job_info> infos;
  std::vector<edge_device_info> devices;
  edge_model model = {};
  timeline line = {};

  Played(std::vector<double> kernels, std::vector<double> jobs,
         std::vector<uint32_t> jobDevices, std::vector<edge_step> steps,
         uint32_t frames = 1, uint32_t depth = 1, uint32_t clusters = 1)
      : kernels(std::move(kernels)), jobs(std::move(jobs)),
        steps(std::move(steps)) {
    uint32_t deviceCount = 0;
    for (uint32_t device : jobDevices) {
      infos.push_back({"j", "", device, 0, nullptr, nullptr, 0, 0, 0, 0});
      deviceCount = std::max(deviceCount, device + 1);
    }
    devices.resize(deviceCount, {"npu", "npu-64", nullptr, 0, 1});
    model.struct_size = sizeof(model);
    model.device_count = deviceCount;
    model.devices = devices.data();
    model.job_count = static_cast<uint32_t>(infos.size());
    model.jobs = infos.data();
    const timeline_input input = {&model,
                                  this->steps.data(),
                                  static_cast<uint32_t>(this->steps.size()),
                                  this->kernels.data(),
                                  this->jobs.data(),
                                  frames,
                                  depth,
                                  clusters};
    EXPECT_EQ(timeline_play(&input, &line, nullptr), EDGE_OK);
  }
  ~Played() { timeline_free(&line); }
  Played(const Played &) = delete;
  Played &operator=(const Played &) = delete;
};

constexpr edge_step kernel(uint32_t i) { return {EDGE_STEP_KERNEL, i}; }
constexpr edge_step submit(uint32_t i) { return {EDGE_STEP_SUBMIT, i}; }
constexpr edge_step wait(uint32_t i) { return {EDGE_STEP_WAIT, i}; }

TEST(Timeline, AddsWhatOneProcessorDoes) {
  Played p({10, 20, 5}, {}, {}, {kernel(0), kernel(1), kernel(2)});
  EXPECT_EQ(p.line.latency_ns, 35);
  EXPECT_EQ(p.line.busy_ns[0], 35);
  EXPECT_EQ(p.line.span_count, 3u);
}

TEST(Timeline, OverlapsKernelsWithJobs) {
  Played p({10, 30, 5}, {40}, {0},
           {kernel(0), submit(0), kernel(1), wait(0), kernel(2)});
  // The job ends at 50, the kernel beside it at 40.
  EXPECT_EQ(p.line.latency_ns, 55);
  EXPECT_EQ(p.line.busy_ns[0], 45);
  EXPECT_EQ(p.line.busy_ns[1], 40);
  ASSERT_EQ(p.line.span_count, 4u);
  EXPECT_EQ(p.line.spans[1].start_ns, 10);
  EXPECT_EQ(p.line.spans[1].end_ns, p.line.spans[1].is_job ? 50 : 40);
}

TEST(Timeline, QueuesJobsOfOneDevice) {
  const std::vector<edge_step> steps = {submit(0), submit(1), wait(0), wait(1)};
  EXPECT_EQ(Played({}, {40, 30}, {0, 0}, steps).line.latency_ns, 70);
  EXPECT_EQ(Played({}, {40, 30}, {0, 1}, steps).line.latency_ns, 40);
  // Waiting in another order changes nothing.
  EXPECT_EQ(
      Played({}, {40, 30}, {0, 0}, {submit(0), submit(1), wait(1), wait(0)})
          .line.latency_ns,
      70);
}

// Frames of a CPU stage and an NPU stage come as fast as the slower of them.
TEST(Timeline, PipelinesReachTheSlowerStage) {
  for (double cpu : {20, 60, 100}) {
    const std::vector<edge_step> steps = {kernel(0), submit(0), wait(0),
                                          kernel(1)};
    Played alone({cpu / 2, cpu / 2}, {60}, {0}, steps, 100, 1);
    EXPECT_EQ(alone.line.latency_ns, cpu + 60);
    EXPECT_EQ(alone.line.period_ns, cpu + 60);
    Played p({cpu / 2, cpu / 2}, {60}, {0}, steps, 100, 3);
    EXPECT_EQ(p.line.bound_ns, std::max(cpu, 60.0));
    EXPECT_GE(p.line.bound_ns / p.line.period_ns, 0.9) << cpu;
    EXPECT_LE(p.line.bound_ns, p.line.period_ns) << cpu;
    EXPECT_GE(p.line.total_ns, 100 * p.line.bound_ns);
  }
}

TEST(Timeline, UsesAllClusters) {
  const std::vector<edge_step> steps = {kernel(0), submit(0), wait(0)};
  Played one({100}, {50}, {0}, steps, 50, 3, 1);
  Played two({100}, {50}, {0}, steps, 50, 3, 2);
  EXPECT_EQ(one.line.bound_ns, 100);
  EXPECT_EQ(two.line.bound_ns, 50);
  EXPECT_NEAR(two.line.period_ns, 50, 5);
  EXPECT_EQ(two.line.busy_ns[0] + two.line.busy_ns[1], 5000);
}

TEST(Timeline, KeepsTheFirstFrames) {
  Played p({1}, {}, {}, {kernel(0)}, 100, 2);
  EXPECT_EQ(p.line.span_count, size_t(TIMELINE_KEPT_FRAMES));
  Played nothing({}, {}, {}, {}, 3, 2);
  EXPECT_EQ(nothing.line.total_ns, 0);
}

} // namespace

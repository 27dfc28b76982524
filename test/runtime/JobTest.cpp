// Models with jobs: results, what overlaps, what is copied, what is recorded.

#include "Jobs.h"

#include <gmock/gmock.h>

#include <cmath>
#include <vector>

using testing::HasSubstr;

namespace {

struct Job : testing::Test {
  LoadedModel loaded{"jobs"};
  const edge_model *model = loaded.model();
};

TEST_F(Job, RunsBesideKernels) {
  JobDevices devices(model);
  JobSession s(model, devices);
  for (int run = 0; run < 50; ++run) {
    JobBuffers buffers(run);
    ASSERT_EQ(s.run(buffers), EDGE_OK) << s.message.text;
    ASSERT_TRUE(buffers.correct()) << run;
  }
  EXPECT_EQ(edge_session_fault(s.session), nullptr);
}

TEST_F(Job, ListsItsDevices) {
  edge_session *session = nullptr;
  ASSERT_EQ(edge_session_create(model, 1, &session, nullptr), EDGE_OK);
  // Two with the same name are two pieces of hardware.
  ASSERT_EQ(edge_session_device_count(session), 2u);
  EXPECT_EQ(edge_session_device_info(session, 1), &model->devices[1]);
  edge_session_destroy(session);
}

TEST_F(Job, NeedsItsDevices) {
  edge_session *session = nullptr;
  edge_message message;
  ASSERT_EQ(edge_session_create(model, 1, &session, nullptr), EDGE_OK);
  JobBuffers buffers;
  EXPECT_EQ(
      edge_session_run(session, buffers.inputs, buffers.outputs, &message),
      EDGE_ERROR_DEVICE);
  EXPECT_STREQ(message.text,
               "job 'tally_0' on device 'tally-8' failed: a device is missing "
               "or failed: no device is attached");
  const edge_fault *fault = edge_session_fault(session);
  ASSERT_NE(fault, nullptr);
  EXPECT_EQ(fault->job, 0u);
  EXPECT_EQ(fault->command, UINT32_MAX);

  // With one of two, the job that runs already is taken back.
  JobDevices devices(model);
  ASSERT_EQ(
      edge_session_attach_device(session, 0, devices.devices[0], &message),
      EDGE_OK);
  EXPECT_EQ(
      edge_session_run(session, buffers.inputs, buffers.outputs, &message),
      EDGE_ERROR_DEVICE);
  EXPECT_STREQ(edge_session_fault(session)->job_name, "tally_1");
  ASSERT_EQ(
      edge_session_attach_device(session, 1, devices.devices[1], &message),
      EDGE_OK);
  EXPECT_EQ(
      edge_session_run(session, buffers.inputs, buffers.outputs, &message),
      EDGE_OK);
  EXPECT_TRUE(buffers.correct());
  EXPECT_EQ(edge_session_fault(session), nullptr);
  ASSERT_EQ(edge_session_attach_device(session, 0, nullptr, &message), EDGE_OK);
  EXPECT_EQ(
      edge_session_run(session, buffers.inputs, buffers.outputs, &message),
      EDGE_ERROR_DEVICE);
  edge_session_destroy(session);
}

TEST_F(Job, RefusesDevicesThatDoNotFit) {
  edge_session *session = nullptr;
  edge_message message;
  ASSERT_EQ(edge_session_create(model, 1, &session, nullptr), EDGE_OK);
  JobDevices devices(model);
  EXPECT_EQ(
      edge_session_attach_device(session, 2, devices.devices[0], &message),
      EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_STREQ(message.text, "model 'jobs' has no device 2; it uses 2");
  edge_driver other = devices.tally;
  other.kind = "other";
  edge_device device = {&other};
  EXPECT_EQ(edge_session_attach_device(session, 0, &device, &message),
            EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_STREQ(message.text,
               "device 0 is of kind 'other' and should be of kind 'tally'");
  edge_session_destroy(session);
}

// A stream that the device refuses is found before the first run.
TEST_F(Job, NamesTheCommandThatADeviceRefuses) {
  LoadedModel damaged("jobs-rejected");
  ASSERT_EQ(damaged.status, EDGE_OK) << damaged.message.text;
  JobDevices devices(damaged.model());
  edge_session *session = nullptr;
  edge_message message;
  ASSERT_EQ(edge_session_create(damaged.model(), 1, &session, nullptr),
            EDGE_OK);
  EXPECT_EQ(
      edge_session_attach_device(session, 0, devices.devices[0], &message),
      EDGE_ERROR_REJECTED);
  EXPECT_STREQ(message.text,
               "device 'tally-8' cannot run job 'tally_0': the device refused "
               "a command at command 1: there is no such operation");
  edge_session_destroy(session);
}

TEST_F(Job, CopiesOnlyWhatTheDeviceDoesNotSee) {
  for (uint32_t ownMemory : {1, 2}) {
    JobDevices devices(model, {ownMemory, 0, 0, 0, 0, 0});
    {
      JobSession s(model, devices);
      EXPECT_EQ(devices.options.copies, 8u);
      EXPECT_EQ(devices.options.imports, ownMemory == 2 ? 2u : 0u);
      for (int run = 0; run < 3; ++run) {
        JobBuffers buffers(run);
        ASSERT_EQ(s.run(buffers), EDGE_OK) << s.message.text;
        EXPECT_TRUE(buffers.correct());
      }
    }
    EXPECT_EQ(devices.options.copies, 0u);
    EXPECT_EQ(devices.options.imports, 0u);
  }
}

TEST_F(Job, RecordsItsJobs) {
  JobDevices devices(model);
  JobSession s(model, devices);
  JobBuffers buffers;
  EXPECT_EQ(edge_session_job_profile(s.session), nullptr);
  ASSERT_EQ(edge_session_set_profile(s.session, 1, &s.message), EDGE_OK);
  for (int run = 0; run < 3; ++run)
    ASSERT_EQ(s.run(buffers), EDGE_OK);
  const edge_job_record *jobs = edge_session_job_profile(s.session);
  ASSERT_NE(jobs, nullptr);
  EXPECT_EQ(jobs[0].run_count, 3u);
  EXPECT_EQ(jobs[0].device_ns, 3000000u);
  EXPECT_EQ(jobs[1].total_device_ns, 6000000u);
  EXPECT_EQ(jobs[1].nanojoules, 20u);
  EXPECT_LE(jobs[0].submit_ns, jobs[1].submit_ns);
  EXPECT_LE(jobs[1].submit_ns, jobs[0].wait_ns);
  EXPECT_LE(jobs[0].wait_ns, jobs[0].done_ns);

  uint32_t count = 0;
  uint64_t leftOut = 1;
  const edge_step *steps = edge_session_steps(s.session, &count, &leftOut);
  const std::vector<std::pair<uint32_t, uint32_t>> expected = {
      {EDGE_STEP_KERNEL, 0}, {EDGE_STEP_SUBMIT, 0}, {EDGE_STEP_SUBMIT, 1},
      {EDGE_STEP_KERNEL, 1}, {EDGE_STEP_WAIT, 0},   {EDGE_STEP_WAIT, 1},
      {EDGE_STEP_KERNEL, 2}};
  ASSERT_EQ(count, expected.size());
  EXPECT_EQ(leftOut, 0u);
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_EQ(std::make_pair(steps[i].kind, steps[i].index), expected[i]) << i;
}

// Both devices are simulated: what the run is said to take contains the longer
// of their times, not that of their simulators.
TEST_F(Job, ReportsSimulatedTime) {
  JobDevices devices(model);
  JobSession s(model, devices);
  JobBuffers buffers;
  ASSERT_EQ(s.run(buffers), EDGE_OK);
  const edge_run_report *report = edge_session_report(s.session);
  EXPECT_GE(report->nanoseconds, 3000000u);
  EXPECT_EQ(report->nanojoules, 50u);
  EXPECT_EQ(report->alternative, 0u);
  EXPECT_EQ(report->expected_ns, 6000000u);
}

TEST_F(Job, RefusesAModelThatBreaksTheRules) {
  JobDevices devices(model);
  edge_model wrong = *model;
  wrong.entry = [](const edge_context *context, const void *const *,
                   void *const *, void *) -> int32_t {
    // Never submitted; no such job.
    return context->wait(context, 0) == EDGE_ERROR_MODEL &&
                   context->submit(context, 2, nullptr) == EDGE_ERROR_MODEL
               ? 0
               : -1;
  };
  JobSession s(&wrong, devices);
  JobBuffers buffers;
  EXPECT_EQ(s.run(buffers), EDGE_OK) << s.message.text;
}

TEST_F(Job, BindsThreadsToCpus) {
  edge_session *session = nullptr;
  edge_message message;
  ASSERT_EQ(edge_session_create(model, 1, &session, nullptr), EDGE_OK);
  const uint32_t cpus[] = {0, 0}, none[] = {1000000};
  EXPECT_EQ(edge_session_set_cpus(session, cpus, 2, &message), EDGE_OK)
      << message.text;
  EXPECT_EQ(edge_session_threads(session), 2u);
  const uint32_t wrong[] = {0, none[0]};
  EXPECT_EQ(edge_session_set_cpus(session, wrong, 2, &message),
            EDGE_ERROR_THREAD);
  EXPECT_THAT(message.text, HasSubstr("refuses to bind threads"));
  EXPECT_EQ(edge_session_threads(session), 2u);
  EXPECT_EQ(edge_session_set_cpus(session, nullptr, 0, &message), EDGE_OK);
  EXPECT_EQ(edge_session_threads(session), 2u);
  edge_session_destroy(session);
}

} // namespace

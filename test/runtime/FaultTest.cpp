// Faults of devices, injected at every command of every job: the run says what
// failed where, or ends on the CPU with the same bits; and the session goes on.

#include "Jobs.h"

#include <gmock/gmock.h>

using testing::HasSubstr;
using testing::StartsWith;

namespace {

constexpr uint32_t cpuAlternative = 1;

/// Long enough for a job that works, however busy the machine; and what a job
/// that hangs costs a test.
constexpr uint64_t patientNs = 60000000000, hastyNs = 300000000;

struct Kind {
  uint32_t kind;
  edge_status status;
};
constexpr Kind kinds[] = {
    {EDGE_INJECT_REJECTED, EDGE_ERROR_REJECTED},
    {EDGE_INJECT_TIMEOUT, EDGE_ERROR_TIMEOUT},
    {EDGE_INJECT_LOST, EDGE_ERROR_DEVICE_LOST},
    {EDGE_INJECT_CHECKSUM, EDGE_ERROR_CHECKSUM},
    {EDGE_INJECT_OUT_OF_MEMORY, EDGE_ERROR_OUT_OF_MEMORY}};

void setTimeout(const JobSession &s, const Kind &kind) {
  const bool hangs = kind.kind == EDGE_INJECT_TIMEOUT;
  ASSERT_EQ(
      edge_session_set_timeout(s.session, hangs ? hastyNs : patientNs, nullptr),
      EDGE_OK);
}

struct Fault : testing::Test {
  LoadedModel loaded{"jobs"};
  const edge_model *model = loaded.model();

  /// Calls f(kind, job, command) for every command of every job.
  template <typename F> void everywhere(F f) const {
    for (const Kind &kind : kinds) {
      for (uint32_t job = 0; job < model->job_count; ++job) {
        const uint64_t count =
            model->jobs[job].commands_bytes / sizeof(tally_command);
        for (uint32_t command = 0; command < count; ++command)
          f(kind, job, command);
      }
    }
  }
};

TEST_F(Fault, IsReportedWithItsCommand) {
  everywhere([&](const Kind &kind, uint32_t job, uint32_t command) {
    SCOPED_TRACE(testing::Message() << edge_injection_name(kind.kind) << "@"
                                    << job << ":" << command);
    JobDevices devices(model);
    JobSession s(model, devices);
    setTimeout(s, kind);
    devices.inject(kind.kind, job, command);
    JobBuffers buffers;
    EXPECT_EQ(s.run(buffers), kind.status) << s.message.text;
    EXPECT_EQ(devices.injector.injected, 1u);
    EXPECT_THAT(s.message.text, StartsWith("job 'tally_" + std::to_string(job) +
                                           "' on device 'tally-8' failed: " +
                                           edge_status_text(kind.status)));
    const edge_fault *fault = edge_session_fault(s.session);
    ASSERT_NE(fault, nullptr);
    EXPECT_EQ(fault->status, kind.status);
    EXPECT_EQ(fault->job, job);
    EXPECT_STREQ(fault->job_name, model->jobs[job].name);
    if (kind.kind == EDGE_INJECT_CHECKSUM) {
      EXPECT_EQ(fault->command, EDGE_NO_COMMAND);
    } else {
      EXPECT_EQ(fault->command, command);
      EXPECT_THAT(s.message.text,
                  HasSubstr(" at command " + std::to_string(command)));
    }

    // The next run works, unless the device is gone.
    const edge_status next =
        kind.kind == EDGE_INJECT_LOST ? EDGE_ERROR_DEVICE_LOST : EDGE_OK;
    EXPECT_EQ(s.run(buffers), next);
    EXPECT_EQ(buffers.correct(), next == EDGE_OK);
  });
}

TEST_F(Fault, EndsOnTheCpuWithTheSameBits) {
  everywhere([&](const Kind &kind, uint32_t job, uint32_t command) {
    SCOPED_TRACE(testing::Message() << edge_injection_name(kind.kind) << "@"
                                    << job << ":" << command);
    JobDevices devices(model);
    JobSession s(model, devices, 2);
    setTimeout(s, kind);
    ASSERT_EQ(edge_session_set_fallback(s.session, cpuAlternative, &s.message),
              EDGE_OK);
    JobBuffers before(7);
    ASSERT_EQ(s.run(before), EDGE_OK);
    EXPECT_EQ(edge_session_report(s.session)->alternative, 0u);

    devices.inject(kind.kind, job, command);
    JobBuffers buffers(7);
    EXPECT_EQ(s.run(buffers), EDGE_OK) << s.message.text;
    EXPECT_STREQ(s.message.text, "");
    EXPECT_EQ(devices.injector.injected, 1u);
    EXPECT_TRUE(buffers.correct());
    EXPECT_EQ(buffers.y, before.y);
    const edge_run_report *report = edge_session_report(s.session);
    EXPECT_EQ(report->planned, 0u);
    EXPECT_EQ(report->alternative, cpuAlternative);
    const edge_fault *fault = edge_session_fault(s.session);
    ASSERT_NE(fault, nullptr);
    EXPECT_EQ(fault->status, kind.status);
    EXPECT_EQ(fault->alternative, 0u);

    // The device is tried again, and a lost one costs nothing but the fault.
    JobBuffers after(8);
    EXPECT_EQ(s.run(after), EDGE_OK);
    EXPECT_TRUE(after.correct());
    EXPECT_EQ(edge_session_report(s.session)->alternative,
              kind.kind == EDGE_INJECT_LOST ? cpuAlternative : 0u);
  });
}

TEST_F(Fault, OfADeviceApartIsHandledAlike) {
  everywhere([&](const Kind &kind, uint32_t job, uint32_t command) {
    JobDevices devices(model, {2, 0, 0, 0, 0, 0});
    {
      JobSession s(model, devices);
      setTimeout(s, kind);
      edge_session_set_fallback(s.session, cpuAlternative, nullptr);
      devices.inject(kind.kind, job, command);
      JobBuffers buffers(3);
      EXPECT_EQ(s.run(buffers), EDGE_OK) << s.message.text;
      EXPECT_TRUE(buffers.correct());
      EXPECT_EQ(edge_session_fault(s.session)->status, kind.status);
    }
    EXPECT_EQ(devices.options.copies, 0u);
    EXPECT_EQ(devices.options.imports, 0u);
  });
}

// A device whose memory is full at any of the buffers: it is not attached,
// gives back what it had, and the run ends on the CPU.
TEST_F(Fault, OfAFullDeviceIsReportedWhenItIsAttached) {
  for (uint32_t most = 1; most < 4; ++most) {
    JobDevices devices(model, {1, 0, 0, 0, most, 0});
    edge_session *session = nullptr;
    edge_message message;
    ASSERT_EQ(edge_session_create(model, 1, &session, nullptr), EDGE_OK);
    EXPECT_EQ(
        edge_session_attach_device(session, 0, devices.devices[0], &message),
        EDGE_ERROR_OUT_OF_MEMORY);
    EXPECT_EQ(std::string(message.text),
              "device 'tally apart' has no 256 bytes for buffer " +
                  std::to_string(most) + " of job 'tally_0': out of memory");
    EXPECT_EQ(devices.options.copies, 0u);
    ASSERT_EQ(edge_session_set_fallback(session, cpuAlternative, nullptr),
              EDGE_OK);
    JobBuffers buffers;
    EXPECT_EQ(
        edge_session_run(session, buffers.inputs, buffers.outputs, &message),
        EDGE_OK);
    EXPECT_TRUE(buffers.correct());
    edge_session_destroy(session);
  }
}

TEST_F(Fault, LostDevicesComeBackWhenAttachedAgain) {
  JobDevices devices(model);
  JobSession s(model, devices);
  devices.inject(EDGE_INJECT_LOST, 1, 0);
  JobBuffers buffers;
  EXPECT_EQ(s.run(buffers), EDGE_ERROR_DEVICE_LOST);
  JobDevices others(model);
  EXPECT_EQ(
      edge_session_attach_device(s.session, 1, others.devices[1], &s.message),
      EDGE_OK);
  EXPECT_EQ(s.run(buffers), EDGE_OK) << s.message.text;
  EXPECT_TRUE(buffers.correct());
  EXPECT_EQ(edge_session_attach_device(s.session, 1, nullptr, nullptr),
            EDGE_OK);
}

// A job that hangs in the hardware, not in the injector.
TEST_F(Fault, HangingCommandsAreCancelled) {
  LoadedModel hanging("jobs-hanging");
  ASSERT_EQ(hanging.status, EDGE_OK) << hanging.message.text;
  JobDevices devices(hanging.model());
  JobSession s(hanging.model(), devices);
  edge_session_set_timeout(s.session, 3000000, nullptr);
  JobBuffers buffers;
  EXPECT_EQ(s.run(buffers), EDGE_ERROR_TIMEOUT);
  EXPECT_STREQ(s.message.text,
               "job 'tally_0' on device 'tally-8' failed: a job took too long "
               "at command 1: not done after 3000000 ns");
  edge_session_set_fallback(s.session, cpuAlternative, nullptr);
  EXPECT_EQ(s.run(buffers), EDGE_OK);
  EXPECT_TRUE(buffers.correct());
}

TEST_F(Fault, OfTheFallbackItselfIsReported) {
  JobDevices devices(model);
  JobSession s(model, devices);
  // The other way round: begins on the CPU and never needs the device.
  ASSERT_EQ(edge_session_set_alternative(s.session, 1, nullptr), EDGE_OK);
  ASSERT_EQ(edge_session_set_fallback(s.session, 0, nullptr), EDGE_OK);
  devices.inject(EDGE_INJECT_LOST, 0, 0);
  JobBuffers buffers;
  EXPECT_EQ(s.run(buffers), EDGE_OK);
  EXPECT_EQ(devices.injector.injected, 0u);
  // A fallback to what failed is none.
  ASSERT_EQ(edge_session_set_alternative(s.session, 0, nullptr), EDGE_OK);
  EXPECT_EQ(s.run(buffers), EDGE_ERROR_DEVICE_LOST);
  EXPECT_EQ(edge_session_set_fallback(s.session, 3, &s.message),
            EDGE_ERROR_INVALID_ARGUMENT);
}

} // namespace

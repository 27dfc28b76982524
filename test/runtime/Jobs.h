// The model of models/jobs.c, its devices and its buffers, for tests.

#ifndef EDGE_TEST_RUNTIME_JOBS_H
#define EDGE_TEST_RUNTIME_JOBS_H

#include "Models.h"
#include "models/tally.h"
#include "runtime/devices/fault/fault_injector.h"

#include <gtest/gtest.h>

/// Buffers of the model, and what it should compute.
struct JobBuffers {
  static constexpr int count = 64;
  std::array<int32_t, count> x{}, y{};
  const void *inputs[1] = {x.data()};
  void *outputs[1] = {y.data()};

  explicit JobBuffers(int32_t start = 0) {
    for (int32_t i = 0; i < count; ++i)
      x[i] = start + i;
    y.fill(-1);
  }
  JobBuffers(const JobBuffers &) = delete;
  JobBuffers &operator=(const JobBuffers &) = delete;

  bool correct() const {
    static const int32_t constant[count] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8};
    for (int32_t i = 0; i < count; ++i) {
      const int32_t a = x[i] + 1;
      if (y[i] != (a * a + a) * constant[i] + 2 * x[i] * constant[i] + 3 * x[i])
        return false;
    }
    return true;
  }
};

/// Two open tally devices, which can be made to fail.
struct JobDevices {
  tally_options options = {};
  edge_driver tally = {};
  edge_fault_injector injector = {};
  edge_device *devices[2] = {};
  edge_message message = {};

  explicit JobDevices(const edge_model *model, tally_options wanted = {})
      : options(wanted) {
    tally_driver(&options, &tally);
    edge_fault_injector_init(&injector, &tally);
    const edge_driver *drivers[] = {&injector.driver};
    for (int i = 0; i < 2; ++i)
      EXPECT_EQ(edge_device_open(drivers, 1, &model->devices[i], &devices[i],
                                 &message),
                EDGE_OK)
          << message.text;
  }
  ~JobDevices() {
    for (edge_device *device : devices)
      edge_device_close(device);
  }
  JobDevices(const JobDevices &) = delete;
  JobDevices &operator=(const JobDevices &) = delete;

  void inject(uint32_t kind, uint32_t job, uint32_t command) {
    injector.kind = kind;
    injector.job = injector.submissions + job;
    injector.command = command;
  }
};

/// A session on the model with its devices attached.
struct JobSession {
  edge_session *session = nullptr;
  edge_message message = {};

  JobSession(const edge_model *model, const JobDevices &devices,
             uint32_t threads = 1) {
    EXPECT_EQ(edge_session_create(model, threads, &session, &message), EDGE_OK)
        << message.text;
    for (uint32_t i = 0; i < 2; ++i)
      EXPECT_EQ(
          edge_session_attach_device(session, i, devices.devices[i], &message),
          EDGE_OK)
          << message.text;
  }
  ~JobSession() { edge_session_destroy(session); }
  JobSession(const JobSession &) = delete;
  JobSession &operator=(const JobSession &) = delete;

  edge_status run(JobBuffers &buffers) {
    message.text[0] = '\0';
    return edge_session_run(session, buffers.inputs, buffers.outputs, &message);
  }
};

#endif // EDGE_TEST_RUNTIME_JOBS_H

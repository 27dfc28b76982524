// Drivers and devices without a session: opening, order, waiting with a limit,
// cancelling, and the CRC that checks results.

#include "Jobs.h"

#include <gmock/gmock.h>

#include <atomic>
#include <random>
#include <thread>
#include <vector>

using testing::HasSubstr;

namespace {

/// One job on a tally device: b = a + a, or a hang.
struct TallyJob {
  tally_command command;
  edge_job_buffer buffers[2] = {{16, EDGE_ACCESS_READ, 0},
                                {16, EDGE_ACCESS_WRITE, 0}};
  edge_job_info job = {"j", "l", 0, 2, buffers, &command, sizeof(command),
                       0,   0,   0};
  int32_t a[4] = {1, 2, 3, 4}, b[4] = {};
  void *addresses[2] = {a, b};
  edge_event event = {};

  explicit TallyJob(uint32_t operation = TALLY_ADD)
      : command{operation, 1, 0, 0} {
    event.job = &job;
    event.buffers = addresses;
  }
  TallyJob(const TallyJob &) = delete;
  TallyJob &operator=(const TallyJob &) = delete;
};

struct Tally : testing::Test {
  edge_device_info info = {"tally", "tally-8", nullptr, 0, 1};
  tally_options options = {};
  edge_driver driver;
  edge_device *device = nullptr;
  edge_message message = {};

  Tally() {
    tally_driver(&options, &driver);
    const edge_driver *drivers[] = {&driver};
    EXPECT_EQ(edge_device_open(drivers, 1, &info, &device, &message), EDGE_OK);
  }
  ~Tally() override { edge_device_close(device); }

  edge_status submit(TallyJob &job) {
    return driver.submit(device, &job.event);
  }
  edge_status wait(TallyJob &job, uint64_t limit = EDGE_FOREVER) {
    return driver.wait(device, &job.event, limit);
  }
};

TEST_F(Tally, ComputesInTheBackground) {
  std::vector<std::unique_ptr<TallyJob>> jobs;
  for (int i = 0; i < 20; ++i) {
    jobs.push_back(std::make_unique<TallyJob>());
    ASSERT_EQ(submit(*jobs.back()), EDGE_OK);
  }
  for (auto &job : jobs) {
    ASSERT_EQ(wait(*job), EDGE_OK);
    EXPECT_EQ(driver.poll(device, &job->event), 1);
    EXPECT_EQ(job->event.completion.status, EDGE_OK);
    EXPECT_EQ(job->event.completion.command, EDGE_NO_COMMAND);
    EXPECT_EQ(job->event.completion.checksum, edge_crc32(0, job->b, 16));
    EXPECT_EQ(job->b[3], 8);
  }
}

TEST_F(Tally, WaitsNoLongerThanAllowed) {
  TallyJob hanging(TALLY_HANG), behind;
  ASSERT_EQ(submit(hanging), EDGE_OK);
  ASSERT_EQ(submit(behind), EDGE_OK);
  EXPECT_EQ(wait(hanging, 0), EDGE_ERROR_TIMEOUT);
  EXPECT_EQ(wait(behind, 2000000), EDGE_ERROR_TIMEOUT);
  EXPECT_EQ(driver.poll(device, &behind.event), 0);
  // A busy machine may not have begun the first one yet; then no command would
  // be named as the one that was cancelled.
  while (__atomic_load_n(&options.hangs, __ATOMIC_ACQUIRE) == 0)
    std::this_thread::yield();
  ASSERT_EQ(driver.cancel(device, &hanging.event), EDGE_OK);
  EXPECT_EQ(hanging.event.completion.status, EDGE_ERROR_CANCELLED);
  EXPECT_EQ(hanging.event.completion.command, 0u);
  // What was queued behind goes on.
  EXPECT_EQ(wait(behind), EDGE_OK);
  EXPECT_EQ(behind.b[0], 2);
}

TEST_F(Tally, CancelsWhatHasNotBegun) {
  TallyJob hanging(TALLY_HANG), first, middle, last;
  for (TallyJob *job : {&hanging, &first, &middle, &last})
    ASSERT_EQ(submit(*job), EDGE_OK);
  EXPECT_EQ(driver.cancel(device, &middle.event), EDGE_OK);
  EXPECT_EQ(driver.cancel(device, &last.event), EDGE_OK);
  EXPECT_EQ(middle.event.completion.status, EDGE_ERROR_CANCELLED);
  EXPECT_EQ(driver.poll(device, &last.event), 1);
  // The queue is whole: it takes another behind the one that is left.
  TallyJob another;
  ASSERT_EQ(submit(another), EDGE_OK);
  driver.cancel(device, &hanging.event);
  EXPECT_EQ(wait(first), EDGE_OK);
  EXPECT_EQ(wait(another), EDGE_OK);
  EXPECT_EQ(first.b[3], 8);
  EXPECT_EQ(another.b[3], 8);
  EXPECT_EQ(middle.b[3], 0);
  // Cancelling what is done leaves it as it is.
  EXPECT_EQ(driver.cancel(device, &first.event), EDGE_OK);
  EXPECT_EQ(first.event.completion.status, EDGE_OK);
}

TEST_F(Tally, IsSharedByThreads) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        TallyJob job;
        wrong += submit(job) != EDGE_OK;
        if (i % 3 == 0)
          driver.cancel(device, &job.event);
        wrong += wait(job) != EDGE_OK;
        wrong += job.event.completion.status == EDGE_OK ? job.b[3] != 8 : 0;
      }
    });
  }
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(Tally, SaysWhichCommandItRefuses) {
  TallyJob job(9);
  void *program = nullptr;
  edge_completion completion = {};
  EXPECT_EQ(driver.prepare(device, &job.job, &program, &completion),
            EDGE_ERROR_REJECTED);
  EXPECT_EQ(completion.command, 0u);
  EXPECT_STREQ(completion.reason, "there is no such operation");
}

TEST(Device, NeedsADriverOfItsKind) {
  edge_driver tally;
  tally_driver(nullptr, &tally);
  const edge_driver *drivers[] = {&tally};
  edge_device *device = nullptr;
  edge_message message;
  const edge_device_info other = {"npu", "npu-256", nullptr, 0, 1};
  EXPECT_EQ(edge_device_open(drivers, 1, &other, &device, &message),
            EDGE_ERROR_DEVICE);
  EXPECT_STREQ(message.text, "there is no driver for devices of kind 'npu', "
                             "which 'npu-256' is; give the runtime one");
  EXPECT_EQ(device, nullptr);
  EXPECT_EQ(edge_device_open(nullptr, 0, &other, &device, &message),
            EDGE_ERROR_DEVICE);
  const edge_device_info later = {"tally", "tally-8", nullptr, 0, 2};
  EXPECT_EQ(edge_device_open(drivers, 1, &later, &device, &message),
            EDGE_ERROR_DEVICE);
  EXPECT_THAT(message.text, HasSubstr("should have version 1"));
  EXPECT_EQ(edge_device_open(drivers, 1, nullptr, &device, &message),
            EDGE_ERROR_INVALID_ARGUMENT);
  edge_device_close(nullptr);
}

TEST(Device, RefusesIncompleteDrivers) {
  const edge_device_info info = {"tally", "tally-8", nullptr, 0, 1};
  auto open = [&](auto damage) {
    edge_driver driver;
    tally_driver(nullptr, &driver);
    damage(driver);
    const edge_driver *drivers[] = {&driver};
    edge_device *device = nullptr;
    return edge_device_open(drivers, 1, &info, &device, nullptr);
  };
  EXPECT_EQ(open([](edge_driver &d) { d.version = 2; }),
            EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(open([](edge_driver &d) { d.kind = nullptr; }),
            EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(open([](edge_driver &d) { d.cancel = nullptr; }),
            EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(open([](edge_driver &d) { d.discard = nullptr; }),
            EDGE_ERROR_INVALID_ARGUMENT);
}

TEST(Device, SumsAsZlibDoes) {
  EXPECT_EQ(edge_crc32(0, "123456789", 9), 0xcbf43926u);
  EXPECT_EQ(edge_crc32(edge_crc32(0, "1234", 4), "56789", 5), 0xcbf43926u);
}

/// The definition, a bit at a time.
uint32_t crcByBits(uint32_t crc, const uint8_t *bytes, size_t count) {
  crc = ~crc;
  for (size_t i = 0; i < count; ++i) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit)
      crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  }
  return ~crc;
}

/// Long runs are summed by another table than short ones, in whole words.
TEST(Device, SumsLongRunsAsShortOnes) {
  std::vector<uint8_t> bytes(70000);
  std::mt19937 random(1);
  for (uint8_t &byte : bytes)
    byte = static_cast<uint8_t>(random());
  for (size_t from : {0, 1, 7})
    for (size_t count : {8191, 8192, 8193, 8199, 65536, 69990})
      for (uint32_t before : {0u, 0xffffffffu, 0x12345678u})
        EXPECT_EQ(edge_crc32(before, bytes.data() + from, count),
                  crcByBits(before, bytes.data() + from, count))
            << count << " bytes from " << from;
  uint32_t first = edge_crc32(0, bytes.data(), 30001);
  EXPECT_EQ(edge_crc32(first, bytes.data() + 30001, bytes.size() - 30001),
            edge_crc32(0, bytes.data(), bytes.size()));
}

} // namespace

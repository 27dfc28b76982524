// Pipelines: order, room, overlap, faults, and ending with frames on their way.

#include "edge/pipeline.h"
#include "Jobs.h"

#include <gmock/gmock.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

using testing::HasSubstr;

namespace {

/// A pipeline of a depth over sessions that share two devices.
struct Pipeline {
  LoadedModel loaded{"jobs"};
  JobDevices devices;
  std::vector<std::unique_ptr<JobSession>> owned;
  std::vector<edge_session *> sessions;
  edge_pipeline *pipeline = nullptr;
  edge_message message = {};

  explicit Pipeline(uint32_t depth, tally_options options = {},
                    uint32_t threads = 1)
      : devices(loaded.model(), options) {
    for (uint32_t i = 0; i < depth; ++i) {
      owned.push_back(
          std::make_unique<JobSession>(loaded.model(), devices, threads));
      sessions.push_back(owned.back()->session);
      edge_session_set_timeout(sessions.back(), 60000000000, nullptr);
    }
    EXPECT_EQ(edge_pipeline_create(sessions.data(), depth, &pipeline, &message),
              EDGE_OK)
        << message.text;
  }
  ~Pipeline() { edge_pipeline_destroy(pipeline); }
  Pipeline(const Pipeline &) = delete;
  Pipeline &operator=(const Pipeline &) = delete;

  edge_status submit(JobBuffers &buffers, uint64_t limit = EDGE_FOREVER) {
    return edge_pipeline_submit(pipeline, buffers.inputs, buffers.outputs,
                                limit, &message);
  }
  edge_status receive(edge_frame &frame, uint64_t limit = EDGE_FOREVER) {
    return edge_pipeline_receive(pipeline, limit, &frame, &message);
  }
};

TEST(Pipeline, KeepsTheOrder) {
  for (uint32_t depth : {1, 2, 3, 5}) {
    Pipeline p(depth, {}, 2);
    std::vector<std::unique_ptr<JobBuffers>> frames;
    edge_frame frame;
    uint64_t received = 0;
    for (int n = 0; n < 40; ++n) {
      if (frames.size() - received == depth) {
        ASSERT_EQ(p.receive(frame), EDGE_OK) << p.message.text;
        EXPECT_EQ(frame.index, received);
        EXPECT_EQ(frame.session, received % depth);
        EXPECT_TRUE(frames[received++]->correct());
      }
      frames.push_back(std::make_unique<JobBuffers>(n));
      ASSERT_EQ(p.submit(*frames.back()), EDGE_OK) << p.message.text;
    }
    while (received < frames.size()) {
      ASSERT_EQ(p.receive(frame), EDGE_OK);
      EXPECT_TRUE(frames[received++]->correct());
    }
    EXPECT_EQ(p.receive(frame, 0), EDGE_ERROR_BUSY);
  }
}

TEST(Pipeline, HoldsUpAFastSource) {
  Pipeline p(2);
  JobBuffers a(1), b(2), c(3);
  ASSERT_EQ(p.submit(a), EDGE_OK);
  ASSERT_EQ(p.submit(b), EDGE_OK);
  EXPECT_EQ(p.submit(c, 0), EDGE_ERROR_BUSY);
  EXPECT_THAT(p.message.text, HasSubstr("2 frames are on their way"));
  EXPECT_EQ(p.submit(c, 1000000), EDGE_ERROR_BUSY);
  edge_frame frame;
  ASSERT_EQ(p.receive(frame), EDGE_OK);
  EXPECT_EQ(p.submit(c, 0), EDGE_OK);
  ASSERT_EQ(p.receive(frame), EDGE_OK);
  ASSERT_EQ(p.receive(frame), EDGE_OK);
  EXPECT_EQ(frame.index, 2u);
  EXPECT_TRUE(a.correct() && b.correct() && c.correct());
}

// One thread hands in, another takes out.
TEST(Pipeline, WorksBetweenTwoThreads) {
  Pipeline p(3);
  std::vector<std::unique_ptr<JobBuffers>> frames;
  frames.reserve(100);
  for (int n = 0; n < 100; ++n)
    frames.push_back(std::make_unique<JobBuffers>(n));
  std::atomic<int> wrong{0};
  std::thread source([&] {
    for (auto &buffers : frames) {
      wrong +=
          edge_pipeline_submit(p.pipeline, buffers->inputs, buffers->outputs,
                               EDGE_FOREVER, nullptr) != EDGE_OK;
    }
  });
  for (size_t n = 0; n < frames.size(); ++n) {
    edge_frame frame;
    wrong += p.receive(frame) != EDGE_OK;
    wrong += frame.index != n || !frames[n]->correct();
  }
  source.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Pipeline, ReportsTheFrameThatFailed) {
  Pipeline p(2);
  JobBuffers a(1), b(2);
  p.devices.inject(EDGE_INJECT_REJECTED, 0, 2);
  ASSERT_EQ(p.submit(a), EDGE_OK);
  edge_frame frame;
  EXPECT_EQ(p.receive(frame), EDGE_ERROR_REJECTED);
  EXPECT_EQ(frame.status, EDGE_ERROR_REJECTED);
  EXPECT_EQ(frame.fault.command, 2u);
  EXPECT_THAT(p.message.text, HasSubstr("job 'tally_0'"));
  ASSERT_EQ(p.submit(b), EDGE_OK);
  EXPECT_EQ(p.receive(frame), EDGE_OK);
  EXPECT_EQ(frame.fault.status, EDGE_OK);
  EXPECT_TRUE(b.correct());
}

TEST(Pipeline, FallsBackFrameByFrame) {
  Pipeline p(2);
  for (edge_session *session : p.sessions)
    ASSERT_EQ(edge_session_set_fallback(session, 1, nullptr), EDGE_OK);
  p.devices.inject(EDGE_INJECT_LOST, 3, 0);
  for (int n = 0; n < 6; ++n) {
    JobBuffers buffers(n);
    edge_frame frame;
    ASSERT_EQ(p.submit(buffers), EDGE_OK);
    ASSERT_EQ(p.receive(frame), EDGE_OK) << p.message.text;
    EXPECT_TRUE(buffers.correct());
    EXPECT_EQ(frame.report.alternative, n == 0 ? 0u : 1u);
  }
}

TEST(Pipeline, EndsWithFramesOnTheirWay) {
  JobBuffers a, b, c;
  Pipeline p(3, {0, 0, 0, 500, 0, 0});
  ASSERT_EQ(p.submit(a), EDGE_OK);
  ASSERT_EQ(p.submit(b), EDGE_OK);
  ASSERT_EQ(p.submit(c), EDGE_OK);
}

// Both stations compute on clusters of their own, with the devices between.
TEST(Pipeline, KeepsClustersApart) {
  LoadedModel loaded("jobs");
  JobDevices devices(loaded.model());
  JobSession first(loaded.model(), devices), second(loaded.model(), devices);
  const uint32_t cpu = 0;
  edge_session *sessions[] = {first.session, second.session};
  for (edge_session *session : sessions)
    ASSERT_EQ(edge_session_set_cpus(session, &cpu, 1, nullptr), EDGE_OK);
  edge_pipeline *pipeline = nullptr;
  ASSERT_EQ(edge_pipeline_create(sessions, 2, &pipeline, nullptr), EDGE_OK);
  JobBuffers a(1), b(2);
  ASSERT_EQ(edge_pipeline_submit(pipeline, a.inputs, a.outputs, 0, nullptr),
            EDGE_OK);
  ASSERT_EQ(edge_pipeline_submit(pipeline, b.inputs, b.outputs, 0, nullptr),
            EDGE_OK);
  EXPECT_EQ(edge_pipeline_receive(pipeline, EDGE_FOREVER, nullptr, nullptr),
            EDGE_OK);
  EXPECT_EQ(edge_pipeline_receive(pipeline, EDGE_FOREVER, nullptr, nullptr),
            EDGE_OK);
  EXPECT_TRUE(a.correct() && b.correct());
  edge_pipeline_destroy(pipeline);
}

TEST(Pipeline, RefusesWrongArguments) {
  Pipeline p(2);
  edge_pipeline *other = nullptr;
  edge_session *twice[] = {p.sessions[0], p.sessions[0]};
  edge_session *null[] = {nullptr};
  EXPECT_EQ(edge_pipeline_create(twice, 2, &other, &p.message),
            EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_THAT(p.message.text, HasSubstr("session 1 of the pipeline"));
  EXPECT_EQ(edge_pipeline_create(null, 1, &other, nullptr),
            EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(edge_pipeline_create(twice, 0, &other, nullptr),
            EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(edge_pipeline_create(twice, 1, nullptr, nullptr),
            EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(edge_pipeline_submit(p.pipeline, nullptr, nullptr, 0, nullptr),
            EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(edge_pipeline_submit(nullptr, nullptr, nullptr, 0, nullptr),
            EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(edge_pipeline_receive(nullptr, 0, nullptr, nullptr),
            EDGE_ERROR_INVALID_ARGUMENT);
  edge_pipeline_destroy(nullptr);
}

} // namespace

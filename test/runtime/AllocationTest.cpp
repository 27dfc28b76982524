// The promise that a run allocates nothing. The linker sends the runtime's
// calls of the allocator here (--wrap), where they are counted.

#include "Jobs.h"
#include "edge/pipeline.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>

static std::atomic<int> allocations{0};

extern "C" {
// NOLINTBEGIN: names that the linker's --wrap gives
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
int __real_posix_memalign(void **memory, size_t alignment, size_t size);

void *__wrap_malloc(size_t size) {
  ++allocations;
  return __real_malloc(size);
}
void *__wrap_calloc(size_t count, size_t size) {
  ++allocations;
  return __real_calloc(count, size);
}
void *__wrap_realloc(void *memory, size_t size) {
  ++allocations;
  return __real_realloc(memory, size);
}
int __wrap_posix_memalign(void **memory, size_t alignment, size_t size) {
  ++allocations;
  return __real_posix_memalign(memory, alignment, size);
}
// NOLINTEND
}

namespace {

TEST(Allocation, HappensAtCreationOnly) {
  LoadedModel loaded("affine");
  ASSERT_EQ(loaded.status, EDGE_OK) << loaded.message.text;
  edge_session *session = nullptr;
  edge_message message;
  ASSERT_EQ(edge_session_create(loaded.model(), 3, &session, &message),
            EDGE_OK);
  ASSERT_EQ(edge_session_set_profile(session, 1, &message), EDGE_OK);
  EXPECT_GT(allocations, 0);
  AffineBuffers buffers;
  allocations = 0;
  for (int run = 0; run < 100; ++run)
    ASSERT_EQ(
        edge_session_run(session, buffers.inputs, buffers.outputs, &message),
        EDGE_OK);
  EXPECT_EQ(edge_session_run(session, nullptr, nullptr, &message),
            EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(allocations, 0);
  edge_session_destroy(session);
}

TEST(Allocation, DoesNotHappenWhenShapesChange) {
  LoadedModel loaded("ranged");
  ASSERT_EQ(loaded.status, EDGE_OK) << loaded.message.text;
  edge_session *session = nullptr;
  edge_message message;
  ASSERT_EQ(edge_session_create(loaded.model(), 1, &session, &message),
            EDGE_OK);
  ASSERT_EQ(edge_session_set_profile(session, 1, &message), EDGE_OK);
  float x[6] = {}, y[6] = {};
  const void *inputs[] = {x};
  void *outputs[] = {y};
  allocations = 0;
  for (int64_t run = 0; run < 12; ++run) {
    const int64_t shape[] = {1 + run % 4, 2};
    const int64_t *shapes[] = {shape};
    EXPECT_EQ(edge_session_set_shapes(session, shapes, &message),
              shape[0] <= 3 ? EDGE_OK : EDGE_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(edge_session_run(session, inputs, outputs, &message), EDGE_OK);
  }
  EXPECT_EQ(allocations, 0);
  edge_session_destroy(session);
}

TEST(Allocation, DoesNotHappenInJobs) {
  LoadedModel loaded("jobs");
  ASSERT_EQ(loaded.status, EDGE_OK) << loaded.message.text;
  for (uint32_t ownMemory : {0, 1}) {
    JobDevices devices(loaded.model(), {ownMemory, 0, 0, 0, 0, 0});
    JobSession s(loaded.model(), devices);
    ASSERT_EQ(edge_session_set_profile(s.session, 1, nullptr), EDGE_OK);
    ASSERT_EQ(edge_session_set_fallback(s.session, 1, nullptr), EDGE_OK);
    JobBuffers buffers;
    allocations = 0;
    for (uint32_t run = 0; run < 20; ++run) {
      if (run == 10)
        devices.inject(EDGE_INJECT_REJECTED, 0, 1);
      EXPECT_EQ(s.run(buffers), EDGE_OK);
      EXPECT_EQ(edge_session_run_within(s.session, buffers.inputs,
                                        buffers.outputs, 1000000000, 0, nullptr,
                                        nullptr),
                EDGE_OK);
    }
    EXPECT_EQ(allocations, 0);
  }
}

TEST(Allocation, DoesNotHappenInPipelines) {
  LoadedModel loaded("jobs");
  JobDevices devices(loaded.model());
  JobSession first(loaded.model(), devices), second(loaded.model(), devices);
  edge_session *sessions[] = {first.session, second.session};
  edge_pipeline *pipeline = nullptr;
  ASSERT_EQ(edge_pipeline_create(sessions, 2, &pipeline, nullptr), EDGE_OK);
  JobBuffers buffers[2];
  allocations = 0;
  for (int frame = 0; frame < 50; ++frame) {
    JobBuffers &b = buffers[frame % 2];
    EXPECT_EQ(edge_pipeline_submit(pipeline, b.inputs, b.outputs, EDGE_FOREVER,
                                   nullptr),
              EDGE_OK);
    if (frame > 0)
      EXPECT_EQ(edge_pipeline_receive(pipeline, EDGE_FOREVER, nullptr, nullptr),
                EDGE_OK);
  }
  EXPECT_EQ(allocations, 0);
  edge_pipeline_destroy(pipeline);
}

} // namespace

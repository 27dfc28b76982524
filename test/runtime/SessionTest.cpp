// Sessions: results, threads, profiles, wrong arguments, and independence.
// Built a second time under the thread checker.

#include "Models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

using testing::HasSubstr;

namespace {

/// A session on the affine model.
struct Session {
  LoadedModel loaded{"affine"};
  edge_session *session = nullptr;
  edge_message message = {};

  explicit Session(uint32_t threads) {
    EXPECT_EQ(edge_session_create(loaded.model(), threads, &session, &message),
              EDGE_OK)
        << message.text;
  }
  ~Session() { edge_session_destroy(session); }
  Session(const Session &) = delete;
  Session &operator=(const Session &) = delete;

  edge_status run(AffineBuffers &buffers) {
    return edge_session_run(session, buffers.inputs, buffers.outputs, &message);
  }
};

TEST(Session, ComputesTheSameOnAnyNumberOfThreads) {
  for (uint32_t threads : {1, 2, 3, 6, 7, 16}) {
    Session s(threads);
    EXPECT_EQ(edge_session_threads(s.session), threads);
    for (int run = 0; run < 20; ++run) {
      AffineBuffers buffers(static_cast<float>(run));
      ASSERT_EQ(s.run(buffers), EDGE_OK) << s.message.text;
      ASSERT_TRUE(buffers.correct()) << threads << " threads, run " << run;
    }
  }
}

TEST(Session, TakesEveryCpuByDefault) {
  Session s(0);
  EXPECT_GE(edge_session_threads(s.session), 1u);
  EXPECT_LE(edge_session_threads(s.session),
            static_cast<uint32_t>(EDGE_MAX_THREADS));
}

TEST(Session, ChangesItsThreads) {
  Session s(1);
  for (uint32_t threads : {4, 2, 2, 1, 3}) {
    ASSERT_EQ(edge_session_set_threads(s.session, threads, &s.message),
              EDGE_OK);
    EXPECT_EQ(edge_session_threads(s.session), threads);
    AffineBuffers buffers;
    ASSERT_EQ(s.run(buffers), EDGE_OK);
    EXPECT_TRUE(buffers.correct());
  }
  EXPECT_EQ(edge_session_set_threads(s.session, 257, &s.message),
            EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_THAT(s.message.text, HasSubstr("limit of 256"));
  EXPECT_EQ(edge_session_threads(s.session), 3u);
}

TEST(Session, KeepsTheHandoverThatIsSet) {
  Session s(2);
  EXPECT_GT(edge_session_handover(s.session), 0u);
  ASSERT_EQ(edge_session_set_handover(s.session, 5000, &s.message), EDGE_OK);
  EXPECT_EQ(edge_session_handover(s.session), 5000u);
  AffineBuffers buffers;
  ASSERT_EQ(s.run(buffers), EDGE_OK);
  EXPECT_TRUE(buffers.correct());
  EXPECT_EQ(edge_session_set_handover(nullptr, 1, &s.message),
            EDGE_ERROR_INVALID_ARGUMENT);
  Session alone(1);
  EXPECT_EQ(edge_session_handover(alone.session), 0u);
}

/// What a model without sections reads of the cost of a loop: before it makes
/// one, and afterwards.
struct Forks {
  uintptr_t before = 1, after = 1;

  /// A session whose runs note that here.
  edge_session *start(const edge_model &affine, uint32_t threads) {
    model = affine;
    model.input_count = model.output_count = model.kernel_count = 0;
    noted = this;
    model.entry = [](const edge_context *context, const void *const *,
                     void *const *, void *) -> int32_t {
      noted->before = context->handover_nanoseconds;
      if (context->parallel_for)
        context->parallel_for(
            context, [](void *, int64_t, int64_t) {}, nullptr, 8);
      noted->after = context->handover_nanoseconds;
      return 0;
    };
    edge_session *session = nullptr;
    EXPECT_EQ(edge_session_create(&model, threads, &session, nullptr), EDGE_OK);
    return session;
  }
  void run(edge_session *session) {
    EXPECT_EQ(edge_session_run(session, nullptr, nullptr, nullptr), EDGE_OK);
  }

private:
  edge_model model = {};
  static inline Forks *noted = nullptr;
};

TEST(Session, MeasuresForksWhenOneIsMade) {
  LoadedModel loaded("affine");
  Forks forks;
  edge_session *session = forks.start(*loaded.model(), 2);
  forks.run(session);
  EXPECT_EQ(forks.before, 0u);
  EXPECT_GT(forks.after, 0u);
  EXPECT_LE(forks.after, 1000u);
  const uintptr_t measured = forks.after;
  forks.run(session);
  EXPECT_EQ(forks.before, measured);
  EXPECT_EQ(forks.after, measured);
  // Other threads, another cost.
  ASSERT_EQ(edge_session_set_threads(session, 3, nullptr), EDGE_OK);
  forks.run(session);
  EXPECT_EQ(forks.before, 0u);
  EXPECT_GT(forks.after, 0u);
  edge_session_destroy(session);
}

TEST(Session, MeasuresForksBeforeTheFirstProfile) {
  LoadedModel loaded("affine");
  Forks forks;
  edge_session *session = forks.start(*loaded.model(), 2);
  ASSERT_EQ(edge_session_set_profile(session, 1, nullptr), EDGE_OK);
  forks.run(session);
  EXPECT_GT(forks.before, 0u);
  ASSERT_EQ(edge_session_set_threads(session, 3, nullptr), EDGE_OK);
  forks.run(session);
  EXPECT_GT(forks.before, 0u);
  edge_session_destroy(session);
}

TEST(Session, MeasuresNoForksThatCostWhatWasSetOrNothing) {
  LoadedModel loaded("affine");
  Forks forks;
  edge_session *session = forks.start(*loaded.model(), 2);
  for (uint32_t nanoseconds : {0u, 7000u}) {
    ASSERT_EQ(edge_session_set_handover(session, nanoseconds, nullptr),
              EDGE_OK);
    forks.run(session);
    EXPECT_EQ(forks.before, nanoseconds);
    EXPECT_EQ(forks.after, nanoseconds);
  }
  edge_session_destroy(session);
  session = forks.start(*loaded.model(), 1);
  forks.run(session);
  EXPECT_EQ(forks.after, 0u);
  edge_session_destroy(session);
}

TEST(Session, RefusesWrongArguments) {
  LoadedModel loaded("affine");
  edge_session *session = nullptr;
  edge_message message;
  EXPECT_EQ(edge_session_create(loaded.model(), 257, &session, &message),
            EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(session, nullptr);
  EXPECT_EQ(edge_session_create(loaded.model(), 1, nullptr, &message),
            EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(edge_session_create(nullptr, 1, &session, &message),
            EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(edge_session_run(nullptr, nullptr, nullptr, &message),
            EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(edge_session_set_profile(nullptr, 1, &message),
            EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(edge_session_set_threads(nullptr, 1, &message),
            EDGE_ERROR_INVALID_ARGUMENT);
  edge_session_destroy(nullptr);
}

TEST(Session, RefusesWrongBuffers) {
  Session s(1);
  AffineBuffers buffers;
  EXPECT_EQ(edge_session_run(s.session, nullptr, buffers.outputs, &s.message),
            EDGE_ERROR_INVALID_ARGUMENT);
  buffers.inputs[1] = nullptr;
  EXPECT_EQ(s.run(buffers), EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_STREQ(s.message.text, "the buffer of input 'bias=b' is NULL");
  buffers.inputs[1] = reinterpret_cast<const char *>(buffers.b.data()) + 1;
  EXPECT_EQ(s.run(buffers), EDGE_ERROR_INVALID_ARGUMENT);
  EXPECT_STREQ(s.message.text,
               "the buffer of input 'bias=b' is not aligned to 4 bytes");
  buffers.inputs[1] = buffers.b.data();
  buffers.outputs[0] = nullptr;
  EXPECT_EQ(s.run(buffers), EDGE_ERROR_INVALID_ARGUMENT);
  buffers.outputs[0] = buffers.y.data();
  EXPECT_EQ(s.run(buffers), EDGE_OK);
}

TEST(Session, ReportsAFailingModel) {
  LoadedModel loaded("failing");
  edge_session *session = nullptr;
  edge_message message;
  ASSERT_EQ(edge_session_create(loaded.model(), 1, &session, &message),
            EDGE_OK);
  AffineBuffers buffers;
  EXPECT_EQ(
      edge_session_run(session, buffers.inputs, buffers.outputs, &message),
      EDGE_ERROR_MODEL);
  EXPECT_STREQ(message.text, "model 'affine' failed with status -11");
  edge_session_destroy(session);
}

TEST(Session, ProfilesEachKernel) {
  Session s(2);
  AffineBuffers buffers;
  EXPECT_EQ(edge_session_profile(s.session), nullptr);
  ASSERT_EQ(s.run(buffers), EDGE_OK);
  ASSERT_EQ(edge_session_set_profile(s.session, 1, &s.message), EDGE_OK);
  for (int run = 0; run < 3; ++run)
    ASSERT_EQ(s.run(buffers), EDGE_OK);
  const edge_profile_record *records = edge_session_profile(s.session);
  ASSERT_NE(records, nullptr);
  for (int kernel = 0; kernel < 2; ++kernel) {
    EXPECT_EQ(records[kernel].run_count, 3u);
    EXPECT_LE(records[kernel].min_ns * 3, records[kernel].total_ns);
    EXPECT_LE(records[kernel].min_ns, records[kernel].time_ns);
  }
  EXPECT_LE(records[0].start_ns + records[0].time_ns, records[1].start_ns);

  ASSERT_EQ(edge_session_set_profile(s.session, 0, &s.message), EDGE_OK);
  ASSERT_EQ(s.run(buffers), EDGE_OK);
  EXPECT_EQ(edge_session_profile(s.session)[0].run_count, 3u);
  ASSERT_EQ(edge_session_set_profile(s.session, 1, &s.message), EDGE_OK);
  EXPECT_EQ(edge_session_profile(s.session)[0].run_count, 0u);
}

TEST(Session, IsIndependentOfOthers) {
  LoadedModel loaded("affine");
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      edge_session *session = nullptr;
      if (edge_session_create(loaded.model(), 2, &session, nullptr)) {
        ++failures;
        return;
      }
      for (int run = 0; run < 200; ++run) {
        AffineBuffers buffers(static_cast<float>(1000 * t + run));
        failures += edge_session_run(session, buffers.inputs, buffers.outputs,
                                     nullptr) != EDGE_OK ||
                    !buffers.correct();
      }
      edge_session_destroy(session);
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(failures, 0);
}

// One session, two threads: whoever comes second is refused, nothing breaks.
TEST(Session, SaysWhenItIsBusy) {
  Session s(1);
  std::atomic<int> wrong{0};
  auto use = [&] {
    for (int run = 0; run < 2000; ++run) {
      AffineBuffers buffers;
      edge_status status =
          edge_session_run(s.session, buffers.inputs, buffers.outputs, nullptr);
      wrong +=
          status == EDGE_OK ? !buffers.correct() : status != EDGE_ERROR_BUSY;
    }
  };
  std::thread other(use);
  use();
  other.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Session, RunsFromInsideAKernelAreRefused) {
  Session s(1);
  struct Nested {
    edge_session *session;
    edge_status status;
  };
  // The model is statically linked, as in an embedder's program.
  static Nested nested;
  edge_model model = *s.loaded.model();
  model.input_count = model.output_count = model.kernel_count = 0;
  model.entry = [](const edge_context *, const void *const *, void *const *,
                   void *) -> int32_t {
    nested.status = edge_session_run(nested.session, nullptr, nullptr, nullptr);
    return 0;
  };
  ASSERT_EQ(edge_session_create(&model, 1, &nested.session, nullptr), EDGE_OK);
  EXPECT_EQ(edge_session_run(nested.session, nullptr, nullptr, nullptr),
            EDGE_OK);
  EXPECT_EQ(nested.status, EDGE_ERROR_BUSY);
  edge_session_destroy(nested.session);
}

TEST(Session, AlignsItsArena) {
  LoadedModel loaded("affine");
  edge_model model = *loaded.model();
  model.input_count = model.output_count = 0;
  model.arena_bytes = (3 << 20) + 5; // more than a huge page, not a multiple
  model.arena_alignment = 4096;
  model.entry = [](const edge_context *context, const void *const *,
                   void *const *, void *arena) -> int32_t {
    char *bytes = static_cast<char *>(arena);
    for (size_t i = 0; i < (3 << 20) + 5; i += 4096)
      bytes[i] = 1;
    bytes[(3 << 20) + 4] = 1;
    return reinterpret_cast<uintptr_t>(arena) % 4096 == 0 &&
                   context->struct_size == sizeof(edge_context) &&
                   context->thread_count == 1
               ? 0
               : -1;
  };
  edge_session *session = nullptr;
  ASSERT_EQ(edge_session_create(&model, 1, &session, nullptr), EDGE_OK);
  EXPECT_EQ(edge_session_run(session, nullptr, nullptr, nullptr), EDGE_OK);
  edge_session_destroy(session);
}

TEST(Session, RefusesAnArenaBeyondMemory) {
  LoadedModel loaded("affine");
  edge_model model = *loaded.model();
  model.arena_bytes = UINT64_C(1) << 60;
  edge_session *session = nullptr;
  edge_message message;
  EXPECT_EQ(edge_session_create(&model, 1, &session, &message),
            EDGE_ERROR_OUT_OF_MEMORY);
  EXPECT_THAT(message.text,
              HasSubstr("1152921504606846976 bytes of the arena"));
}

} // namespace

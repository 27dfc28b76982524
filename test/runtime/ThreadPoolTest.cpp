// The thread pool: every iteration runs exactly once and its writes are seen,
// by spinning workers and by sleeping ones, with fewer and with more threads
// than CPUs. Built a second time under the thread checker.

#include "Pool.h"

#include <chrono>
#include <csignal>
#include <mutex>
#include <sched.h>
#include <set>
#include <thread>
#include <vector>

namespace {

/// Plain (not atomic) counters: the thread checker sees a missing
/// happens-before.
struct Counters {
  std::vector<int> values;

  static void add(void *args, int64_t begin, int64_t end) {
    auto *counters = static_cast<Counters *>(args);
    for (int64_t i = begin; i < end; ++i)
      counters->values[i]++;
  }
  bool all(int expected) const {
    for (int value : values)
      if (value != expected)
        return false;
    return true;
  }
};

TEST(ThreadPool, RunsEveryIterationOnce) {
  for (uint32_t threads : {1, 2, 3, 4, 8}) {
    Pool p(threads);
    EXPECT_EQ(edge_thread_pool_threads(p.pool), threads);
    for (int64_t extent : {1, 2, 3, 4, 5, 7, 8, 9, 63, 1000}) {
      Counters counters{std::vector<int>(extent)};
      for (int run = 1; run <= 10; ++run) {
        edge_thread_pool_run(p.pool, Counters::add, &counters, extent);
        ASSERT_TRUE(counters.all(run)) << threads << " threads, " << extent;
      }
    }
  }
}

TEST(ThreadPool, DoesNothingForAnEmptyRange) {
  Pool p(2);
  auto fail = [](void *, int64_t, int64_t) { ADD_FAILURE(); };
  edge_thread_pool_run(p.pool, fail, nullptr, 0);
  edge_thread_pool_run(p.pool, fail, nullptr, -1);
}

TEST(ThreadPool, SplitsEvenlyAndAlwaysAlike) {
  struct Ranges {
    std::mutex mutex;
    std::set<std::pair<int64_t, int64_t>> ranges;
  } seen;
  auto note = [](void *args, int64_t begin, int64_t end) {
    auto *ranges = static_cast<Ranges *>(args);
    std::lock_guard<std::mutex> lock(ranges->mutex);
    ranges->ranges.insert({begin, end});
  };
  Pool p(4);
  for (int run = 0; run < 5; ++run)
    edge_thread_pool_run(p.pool, note, &seen, 10);
  const std::set<std::pair<int64_t, int64_t>> expected = {
      {0, 2}, {2, 5}, {5, 7}, {7, 10}};
  EXPECT_EQ(seen.ranges, expected);
  seen.ranges.clear();
  edge_thread_pool_run(p.pool, note, &seen, 3);
  EXPECT_EQ(seen.ranges.size(), 3u);
  // The last iteration may be a smaller tile: its range is a longer one.
  seen.ranges.clear();
  edge_thread_pool_run(p.pool, note, &seen, 13);
  const std::set<std::pair<int64_t, int64_t>> uneven = {
      {0, 3}, {3, 6}, {6, 9}, {9, 13}};
  EXPECT_EQ(seen.ranges, uneven);
}

TEST(ThreadPool, SplitsHugeRanges) {
  Pool p(3);
  struct Sum {
    std::mutex mutex;
    int64_t iterations = 0;
  } sum;
  auto count = [](void *args, int64_t begin, int64_t end) {
    auto *total = static_cast<Sum *>(args);
    std::lock_guard<std::mutex> lock(total->mutex);
    total->iterations += end - begin;
  };
  edge_thread_pool_run(p.pool, count, &sum, INT64_MAX);
  EXPECT_EQ(sum.iterations, INT64_MAX);
}

TEST(ThreadPool, WakesSleepingWorkers) {
  for (uint32_t threads : {2, 5}) {
    Pool p(threads);
    Counters counters{std::vector<int>(16)};
    for (int run = 1; run <= 30; ++run) {
      // Around the time after which a worker stops spinning.
      std::this_thread::sleep_for(std::chrono::microseconds(run * 20));
      edge_thread_pool_run(p.pool, Counters::add, &counters, 16);
      ASSERT_TRUE(counters.all(run));
    }
  }
}

TEST(ThreadPool, WaitsForASlowWorker) {
  Pool p(2);
  static std::vector<int> done;
  done.assign(2, 0);
  auto slow = [](void *, int64_t begin, int64_t) {
    if (begin == 1)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    done[begin]++;
  };
  for (int run = 1; run <= 5; ++run) {
    edge_thread_pool_run(p.pool, slow, nullptr, 2);
    EXPECT_EQ(done, std::vector<int>(2, run));
  }
}

TEST(ThreadPool, BlocksOnlySignalsThatOthersSend) {
  Pool p(2);
  static std::vector<sigset_t> blocked;
  blocked.assign(2, {});
  auto ask = [](void *, int64_t begin, int64_t) {
    pthread_sigmask(SIG_SETMASK, nullptr, &blocked[begin]);
  };
  edge_thread_pool_run(p.pool, ask, nullptr, 2);
  // The first one is the caller.
  for (int own : {SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV})
    EXPECT_FALSE(sigismember(&blocked[1], own)) << own;
  for (int sent : {SIGINT, SIGTERM, SIGALRM, SIGUSR1})
    EXPECT_TRUE(sigismember(&blocked[1], sent)) << sent;
}

#ifdef __linux__
// A worker that finds itself on the caller's CPU moves away; wherever it went,
// it may run everywhere afterwards.
TEST(ThreadPool, LeavesItsWorkersFree) {
  cpu_set_t allowed;
  ASSERT_EQ(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
  Pool p(2);
  struct Found {
    cpu_set_t worker;
    int error = 1;
  } found;
  auto look = [](void *args, int64_t begin, int64_t) {
    auto *result = static_cast<Found *>(args);
    if (begin == 1)
      result->error =
          sched_getaffinity(0, sizeof(result->worker), &result->worker);
  };
  for (int i = 0; i < 50; ++i) {
    // Longer than a worker spins before it looks where it is.
    std::this_thread::sleep_for(std::chrono::microseconds(50));
    edge_thread_pool_run(p.pool, look, &found, 2);
    ASSERT_EQ(found.error, 0);
    EXPECT_TRUE(CPU_EQUAL(&found.worker, &allowed)) << "run " << i;
  }
}
#endif

TEST(ThreadPool, KeepsUpWithManyShortRuns) {
  Pool p(2);
  Counters counters{std::vector<int>(2)};
  for (int run = 0; run < 20000; ++run)
    edge_thread_pool_run(p.pool, Counters::add, &counters, 2);
  EXPECT_TRUE(counters.all(20000));
}

TEST(ThreadPool, MeasuresItsHandover) {
  Pool alone(1);
  EXPECT_EQ(edge_thread_pool_handover(alone.pool), 0u);
  for (uint32_t threads : {2, 4}) {
    Pool p(threads);
    uint32_t nanoseconds = edge_thread_pool_handover(p.pool);
    EXPECT_GT(nanoseconds, 0u);
    // However busy the system is.
    EXPECT_LE(nanoseconds, 1000u);
  }
}

TEST(ThreadPool, IsIndependentOfOthers) {
  std::vector<std::thread> owners;
  for (int owner = 0; owner < 3; ++owner)
    owners.emplace_back([] {
      Pool p(3);
      Counters counters{std::vector<int>(9)};
      for (int run = 0; run < 300; ++run)
        edge_thread_pool_run(p.pool, Counters::add, &counters, 9);
      EXPECT_TRUE(counters.all(300));
    });
  for (std::thread &owner : owners)
    owner.join();
}

TEST(ThreadPool, EndsAtOnceWithoutHavingRun) {
  for (int i = 0; i < 50; ++i)
    Pool p(4);
}

} // namespace

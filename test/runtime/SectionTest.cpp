// Sections: no call begins before what it depends on is over, whichever calls
// are shared and however long each part takes. Built a second time under the
// thread checker, which sees every read of a result without an order.

#include "edge/section.h"
#include "Pool.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <random>
#include <thread>
#include <vector>

namespace {

struct Plan;

/// What one call does: it marks its iterations with the run's number, once it
/// has seen that number in all that it depends on.
struct Call {
  Plan *plan;
  /// Plain (not atomic) memory: the thread checker sees a missing order.
  std::vector<int> marks;
  std::vector<edge_dependency> dependencies;
  uint32_t delay;
  int wrong = 0;
};

/// A section whose calls check each other.
struct Plan {
  std::vector<Call> calls;
  std::vector<edge_section_call> table;
  std::vector<edge_dependency> dependencies;
  edge_section section = {};
  uint64_t handover = 0;
  int run = 0;

  static bool isOver(const Plan &plan, const edge_dependency &dependency) {
    const std::vector<int> &marks = plan.calls[dependency.call].marks;
    return std::all_of(marks.begin(), marks.end(),
                       [&](int mark) { return mark == plan.run; });
  }

  static void work(void *args, int64_t begin, int64_t end) {
    auto *call = static_cast<Call *>(args);
    const Plan &plan = *call->plan;
    for (const edge_dependency &dependency : call->dependencies)
      for (int64_t i = begin; i < end; ++i)
        if (!isOver(plan, dependency))
          call->marks[i] = -1;
    // Parts of one call take different times.
    uint32_t turns = call->delay * static_cast<uint32_t>(1 + begin % 3);
    for (volatile uint32_t i = 0; i < turns; i = i + 1) {
    }
    if (call->delay == 1)
      std::this_thread::sleep_for(std::chrono::microseconds(300));
    for (int64_t i = begin; i < end; ++i)
      call->marks[i] = call->marks[i] == -1 ? -1 : plan.run;
  }

  static void make(const edge_context *, const void *const *, void *const *,
                   void *arena, edge_team *team) {
    auto *plan = static_cast<Plan *>(arena);
    for (uint32_t i = 0; i < plan->calls.size(); ++i) {
      Call &call = plan->calls[i];
      if (team)
        team->call(team, i, work, &call);
      else
        work(&call, 0, plan->table[i].extent);
    }
  }

  void finish() {
    for (Call &call : calls) {
      edge_section_call &row = table[&call - calls.data()];
      row.first_dependency = static_cast<uint32_t>(dependencies.size());
      row.dependency_count = static_cast<uint32_t>(call.dependencies.size());
      for (const edge_dependency &dependency : call.dependencies) {
        dependencies.push_back(dependency);
        edge_section_call &awaited = table[dependency.call];
        awaited.is_awaited = 1;
        awaited.awaited_handover =
            std::max(awaited.awaited_handover, row.longest_handover);
      }
      section.longest_handover =
          std::max(section.longest_handover, row.longest_handover);
    }
    section.run = make;
    section.calls = table.data();
    section.dependencies = dependencies.data();
    section.call_count = static_cast<uint32_t>(calls.size());
  }

  void runOn(const Pool &p) {
    ++run;
    edge_thread_pool_run_section(p.pool, &section, nullptr, nullptr, nullptr,
                                 this, handover);
  }

  bool isDone() const {
    for (const Call &call : calls)
      for (int mark : call.marks)
        if (mark != run)
          return false;
    return true;
  }
};

/// Calls that depend on some of those before, shared if handing over takes less
/// than a length of their own.
std::unique_ptr<Plan> randomPlan(std::mt19937 &random, bool withSleep) {
  auto pick = [&](uint32_t below) { return uint32_t(random() % below); };
  auto plan = std::make_unique<Plan>();
  uint32_t count = 1 + pick(24);
  plan->calls.resize(count);
  plan->table.resize(count);
  for (uint32_t i = 0; i < count; ++i) {
    Call &call = plan->calls[i];
    edge_section_call &row = plan->table[i];
    call.plan = plan.get();
    row.extent = 1 + pick(pick(2) ? 4 : 12);
    row.longest_handover = pick(4) ? pick(1000) : 0;
    call.marks.assign(row.extent, 0);
    call.delay = pick(3) ? pick(400) : 0;
    if (!withSleep && call.delay == 1)
      call.delay = 2;
    for (uint32_t d = i; d-- > 0 && call.dependencies.size() < 4;)
      if (!pick(3))
        call.dependencies.push_back({d, 0});
  }
  plan->handover = pick(900);
  plan->finish();
  return plan;
}

TEST(Section, WaitsForWhatACallDependsOn) {
  std::mt19937 random(1);
  for (uint32_t threads : {1, 2, 3, 4}) {
    Pool p(threads);
    for (int i = 0; i < 60; ++i) {
      auto plan = randomPlan(random, /*withSleep=*/false);
      for (int run = 0; run < 8; ++run) {
        plan->handover = random() % 900;
        plan->runOn(p);
        ASSERT_TRUE(plan->isDone()) << threads << " threads, plan " << i;
      }
    }
  }
}

TEST(Section, WakesThreadsThatSleep) {
  std::mt19937 random(2);
  for (uint32_t threads : {2, 3}) {
    Pool p(threads);
    for (int i = 0; i < 20; ++i) {
      auto plan = randomPlan(random, /*withSleep=*/true);
      plan->calls[plan->calls.size() / 2].delay = 1;
      plan->runOn(p);
      ASSERT_TRUE(plan->isDone()) << threads << " threads, plan " << i;
      if (i % 4 == 0)
        std::this_thread::sleep_for(std::chrono::microseconds(400));
    }
  }
}

/// A chain of shared calls, each after the one before.
std::unique_ptr<Plan> chain(uint32_t count) {
  auto plan = std::make_unique<Plan>();
  plan->calls.resize(count);
  plan->table.resize(count);
  for (uint32_t i = 0; i < count; ++i) {
    plan->table[i] = {2, 1, 0, 0, 0, 0, 0};
    plan->calls[i] = {plan.get(), std::vector<int>(2), {}, 0};
    if (i > 0)
      plan->calls[i].dependencies.push_back({i - 1, 0});
  }
  plan->finish();
  return plan;
}

TEST(Section, RunsMillionsOfTimes) {
  Pool p(2);
  auto plan = chain(3);
  // Numbers of progress pass 2^32 several times.
  plan->section.call_count = 1u << 30;
  for (int run = 0; run < 5000; ++run) {
    plan->runOn(p);
    ASSERT_TRUE(plan->isDone()) << run;
  }
}

TEST(Section, TakesTurnsWithLoops) {
  Pool p(3);
  auto plan = chain(5);
  auto count = [](void *args, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      static_cast<int *>(args)[i]++;
  };
  int counts[7] = {};
  for (int run = 1; run <= 500; ++run) {
    plan->runOn(p);
    ASSERT_TRUE(plan->isDone()) << run;
    edge_thread_pool_run(p.pool, count, counts, 7);
    for (int value : counts)
      ASSERT_EQ(value, run);
  }
}

TEST(Section, StaysOnTheCallerIfNothingIsWorthIt) {
  Pool p(2);
  auto plan = chain(2);
  plan->handover = 1;
  struct Seen {
    edge_team *team;
    int calls;
  } seen = {reinterpret_cast<edge_team *>(&seen), 0};
  plan->section.run = [](const edge_context *, const void *const *,
                         void *const *, void *arena, edge_team *team) {
    *static_cast<Seen *>(arena) = {team, static_cast<Seen *>(arena)->calls + 1};
  };
  edge_thread_pool_run_section(p.pool, &plan->section, nullptr, nullptr,
                               nullptr, &seen, plan->handover);
  EXPECT_EQ(seen.team, nullptr);
  EXPECT_EQ(seen.calls, 1);
}

TEST(Section, MeasuresItsHandover) {
  Pool alone(1);
  EXPECT_EQ(edge_thread_pool_section_handover(alone.pool), 0u);
  for (uint32_t threads : {2, 4}) {
    Pool p(threads);
    uint32_t nanoseconds = edge_thread_pool_section_handover(p.pool);
    EXPECT_GT(nanoseconds, 0u);
    // However busy the system is.
    EXPECT_LE(nanoseconds, 1000u);
  }
}

} // namespace

/*===- section.c - a run of calls without barriers ------------------------===*\
|*
|* Every member of a pool runs the section's code. Its progress is the number of
|* calls that it is through with, and one more when it has left the section;
|* those of earlier sections included. Members end a section together, so that
|* two of them differ by one section at most.
|*
|*   calls        0 shared   1 alone, after 0   2 shared, after 1
|*   member 0     range 0    waits for 1 > 0;   range 0
|*                           all
|*   member 1     range 1    -                  waits for 0 > 1; range 1
|*
|* Numbers that nobody waits for are not posted: to write a line that another
|* core looks at takes as long as it takes to cross.
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "team.h"

/* One member's part of a section. */
typedef struct {
  edge_team team; /* what the section's code has; first, so that the one can be
                     made of the other */
  member *self;
  section_work work;
  unsigned first; /* progress when the section began */
} part;

/* Whether threads share the call. */
static int is_shared(const part *p, uint32_t call) {
  return p->work.section->calls[call].longest_handover > p->work.handover;
}

static void wait_for_member(const part *p, uint32_t index, unsigned progress) {
  edge_thread_pool *pool = p->self->pool;
  member *other = &pool->members[index];
  edge_wait_for(&other->progress, progress, &other->room,
                pool->spin_nanoseconds,
                p->self->index ? &pool->caller_cpu : NULL);
}

/* Waits for the calls that `call` depends on. Only the latest of those that are
   shared and of those that are not matters: progress rises. */
static void wait_for_dependencies(const part *p,
                                  const edge_section_call *call) {
  const edge_section *section = p->work.section;
  const edge_dependency *dependencies =
      section->dependencies + call->first_dependency;
  uint32_t by_all = 0, by_first = 0; /* calls that they must be through with */
  for (uint32_t i = 0; i < call->dependency_count; i++) {
    const uint32_t other = dependencies[i].call;
    uint32_t *calls = is_shared(p, other) ? &by_all : &by_first;
    if (*calls <= other)
      *calls = other + 1;
  }
  if (by_first < by_all)
    by_first = by_all;
  for (uint32_t i = 0; i < p->self->pool->thread_count; i++) {
    const uint32_t calls = i ? by_all : by_first;
    if (calls && i != p->self->index)
      wait_for_member(p, i, p->first + calls);
  }
}

static void post(part *p, unsigned progress) {
  edge_post(&p->self->progress, progress, &p->self->room);
}

/* Ranges that a worker has run may be waited for by calls that are not shared,
   too; what the caller has done alone, only by calls that are. */
static void make_call(edge_team *team, uint32_t number, edge_task task,
                      void *args) {
  part *p = (part *)team;
  const edge_section_call *call = &p->work.section->calls[number];
  const uint32_t index = p->self->index;
  const int shared = is_shared(p, number);
  if (!shared && index)
    return;
  const uint32_t count = shared ? p->self->pool->thread_count : 1;
  const edge_range range = edge_range_of(call->extent, index, count);
  if (range.begin < range.end) {
    wait_for_dependencies(p, call);
    task(args, range.begin, range.end);
  }
  if (index ? call->is_awaited : call->awaited_handover > p->work.handover)
    post(p, p->first + number + 1);
}

/* Progress of those who have left a section that began with `first`. */
static unsigned end_of(const edge_section *section, unsigned first) {
  return first + section->call_count + 1;
}

void edge_section_take_part(member *self) {
  part p = {.team = {make_call}, .self = self};
  p.work = self->pool->work.section;
  p.first = self->pool->first_progress;
  const edge_section *section = p.work.section;
  section->run(p.work.context, p.work.inputs, p.work.outputs, p.work.arena,
               &p.team);
  /* The caller has posted what others wait for, and goes on by itself. */
  const unsigned end = end_of(section, p.first);
  if (self->index)
    post(&p, end);
  else
    atomic_store_explicit(&self->progress, end, memory_order_relaxed);
}

void edge_thread_pool_run_section(edge_thread_pool *pool,
                                  const edge_section *section,
                                  const edge_context *context,
                                  const void *const *inputs,
                                  void *const *outputs, void *arena,
                                  uint64_t handover) {
  if (pool->thread_count == 1 || section->longest_handover <= handover) {
    section->run(context, inputs, outputs, arena, NULL);
    return;
  }
  pool->kind = WORK_SECTION;
  pool->work.section =
      (section_work){section, context, inputs, outputs, arena, handover};
  edge_pool_begin(pool);
  edge_section_take_part(&pool->members[0]);
  const unsigned end = end_of(section, pool->first_progress);
  for (uint32_t i = 1; i < pool->thread_count; i++)
    edge_wait_for(&pool->members[i].progress, end, &pool->members[i].room,
                  pool->spin_nanoseconds, NULL);
  pool->first_progress = end;
}

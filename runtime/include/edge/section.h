/*===- edge/section.h - kernel calls that threads run without barriers ----===*\
|*
|* A straight run of a model's kernel calls. Every thread of a team runs it. Of
|* a call that is shared each thread computes its own range, of one that is not
|* the first thread all of it. Nobody waits for everybody: before a call a
|* thread waits only until the others are through with the earlier calls that
|* this one depends on.
|*
|*     generated code                         whoever lends edge_context
|*     context->run_section(&section, ...)    on each thread:
|*       section.run(..., team)             <-  section->run(..., &team)
|*         team->call(team, 0, task, args)  ->    waits, runs a range, says so
|*         team->call(team, 1, task, args)  ->    ...
|*
|* The rules for structs in edge/model.h hold here, too. Only an embedder who
|* lends `run_section` needs this header.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_SECTION_H
#define EDGE_SECTION_H

#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct edge_team edge_team;

/** One thread's view of the team that runs a section. The embedder owns it. */
struct edge_team {
  /** Called by the section's code for each of its calls, in order, on every
   *  thread of the team. Returns when this thread has done its part of the
   *  call, which may be none.
   *
   *  call  Index into edge_section::calls.
   *  args  Belongs to the thread; valid until the function returns. */
  void (*call)(edge_team *team, uint32_t call, edge_task task, void *args);
};

/** An earlier call of the same section that a call depends on: one of the two
 *  writes to bytes that the other reads or writes. */
typedef struct edge_dependency {
  /** Index into edge_section::calls, less than the call's own. */
  uint32_t call;

  /** 0. */
  uint32_t reserved;
} edge_dependency;

/** What threads must know of one call. */
typedef struct edge_section_call {
  /** Iterations of the kernel's outer loop; >= 1. */
  int64_t extent;

  /** The call is shared if handing over takes less than this, in nanoseconds;
   *  0: it never is. */
  uint64_t longest_handover;

  /** The largest longest_handover of the calls that depend on this one; 0 if
   *  there is none. */
  uint64_t awaited_handover;

  /** 1 if any call depends on this one, otherwise 0. */
  uint32_t is_awaited;

  /** Its dependencies are `dependency_count` of edge_section::dependencies from
   *  this index on, latest call first. Those that others imply may be left
   *  out: what a call waited for is over when the call is over. */
  uint32_t first_dependency;
  uint32_t dependency_count;

  /** 0. */
  uint32_t reserved;
} edge_section_call;

/** A section. Constant, in the artifact. */
typedef struct edge_section {
  /** Runs all calls in order by team->call, or, if `team` is NULL, by itself on
   *  the calling thread. The other arguments are the entry function's. */
  void (*run)(const edge_context *context, const void *const *inputs,
              void *const *outputs, void *arena, edge_team *team);

  const edge_section_call *calls;
  const edge_dependency *dependencies;

  /** Length of `calls`. */
  uint32_t call_count;

  /** 0. */
  uint32_t reserved;

  /** The largest longest_handover of the calls. */
  uint64_t longest_handover;
} edge_section;

#ifdef __cplusplus
}
#endif

#endif /* EDGE_SECTION_H */

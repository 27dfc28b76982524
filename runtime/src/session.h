/*===- session.h - what a session consists of -----------------------------===*\
|*
|* A session has one plan for each descriptor that it may run: the model, its
|* variants, its alternatives. A plan has the memory of the descriptor's jobs;
|* the devices are shared by all plans, in slots. One run uses one plan.
|*
|*     session -> plans[]  -> jobs[] (events, addresses, copies)
|*             -> slots[]  -> the devices that are attached
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_SRC_SESSION_H
#define EDGE_SRC_SESSION_H

#include "edge/device.h"
#include "thread_pool.h"

#include <stdatomic.h>

/* One job of a plan. */
typedef struct {
  edge_event event;
  void **addresses;  /* what the device gets, per buffer */
  void **host;       /* what the model gave, per buffer */
  void **copies;     /* the device's memory, per buffer; NULL: seen in place */
  uint64_t start_ns; /* virtual time of the submission */
  uint8_t running;
  uint8_t is_prepared;
} session_job;

/* One descriptor that the session can run. */
typedef struct {
  const edge_model *model;
  uint32_t alternative;
  uint32_t job_count;
  session_job *jobs; /* job_count */
  void **addresses;  /* three for each buffer of each job */
  uint32_t *slots;   /* slot of each device of the model */

  /* What runs of this plan took, for choosing among alternatives. */
  uint64_t run_count;
  double mean_ns, deviation_ns, least_ns;
  double job_nj; /* energy of the jobs of the last run; 0 not known */
} session_plan;

/* A device that a model needs. */
typedef struct {
  const edge_device_info *info;
  uint32_t occurrence; /* how many equal ones come before it in its list */
  edge_device *device; /* NULL: none is attached */
  edge_device_properties properties;
  uint64_t busy_ns; /* virtual time until which it works */
  uint8_t lost;
  uint8_t sees_arena; /* the arena is imported */
} session_slot;

struct edge_session {
  edge_context context; /* context.user points to the session */
  const edge_model *model;
  session_plan *plans; /* variants, then alternatives but the model itself */
  uint32_t plan_count;
  session_plan *plan;   /* that runs, ran last, or was chosen since */
  session_plan *chosen; /* that the next run begins with */
  session_plan *shaped; /* the variant for the shapes that are chosen */
  session_slot *slots;
  uint32_t slot_count;
  uint32_t fallback; /* alternative, or EDGE_NO_ALTERNATIVE */
  uint64_t timeout_ns;
  uint64_t arena_bytes;
  void *arena;
  edge_thread_pool *pool;
  uint32_t handover_ns; /* between calls of a section */
  uint32_t *cpus;       /* that the threads are bound to, or NULL */
  uint32_t cpu_count;
  uint8_t knows_fork; /* context.handover_nanoseconds is what it should be */

  /* The run. */
  uint64_t run_start_ns;
  int64_t skew_ns; /* virtual minus passed time */
  uint64_t run_nj;
  edge_fault fault;
  edge_run_report report;

  /* The profile; NULL until it is turned on. */
  edge_profile_record *records;
  edge_job_record *job_records;
  edge_step *steps;
  uint32_t step_count;
  uint64_t steps_left_out;
  uint32_t step_capacity, record_capacity, job_record_capacity;
  const session_plan *profiled; /* whose records these are */

  atomic_int busy; /* one thread at a time may run or change the session */
};

/** Now, in nanoseconds of a monotonic clock. */
uint64_t edge_now_nanoseconds(void);

/** Makes `plan` the one for the runs that follow, and clears the profile if it
 *  is of another. */
void edge_session_choose(edge_session *session, session_plan *plan);

/** Finds out what a loop over the threads costs, unless that is known. Not in a
 *  loop. */
void edge_session_measure_fork(edge_session *session);

/** Takes the session for the calling thread, or reports who is to blame. */
edge_status edge_session_acquire(edge_session *session, edge_message *message);

/** Gives it back and returns `status`. */
edge_status edge_session_release(edge_session *session, edge_status status);

/** Notes a step of the host while the profile is on. */
void edge_session_note(edge_session *session, uint32_t kind, uint32_t index);

/** Notes how a job ended while the profile is on. */
void edge_session_note_job(edge_session *session, uint32_t index,
                           const edge_completion *completion);

/** Frees what set_profile allocated. */
void edge_session_free_profile(edge_session *session);

/** Writes " at command 7" for messages; "" for EDGE_NO_COMMAND. */
void edge_command_text(uint32_t command, char *text, size_t size);

/** Runs `plan`, with its fallback, in an acquired session and fills in the
 *  report but for the expectations. The buffers are checked. */
edge_status edge_session_run_plan(edge_session *session, session_plan *plan,
                                  const void *const *inputs,
                                  void *const *outputs, edge_message *message);

/** Checks the buffers of a run. */
edge_status edge_session_check_buffers(const edge_model *model,
                                       const void *const *inputs,
                                       void *const *outputs,
                                       edge_message *message);

/*===----------------------------------------------------------------------===*\
 * Jobs
\*===----------------------------------------------------------------------===*/

/** Makes the plans and the slots of a session whose model is set. Returns 0 if
 *  there is no memory; edge_session_free_plans frees what there is. */
int edge_session_make_plans(edge_session *session);

/** Detaches all devices and frees plans and slots. */
void edge_session_free_plans(edge_session *session);

/** The callbacks of edge_context. */
int32_t edge_session_submit(const edge_context *context, uint32_t job,
                            void *const *buffers);
int32_t edge_session_wait(const edge_context *context, uint32_t job);

/** Takes back the jobs of the current plan that still run. */
void edge_session_drain(edge_session *session);

/** Whether every job of `plan` has a device that is not lost. */
int edge_session_has_devices(const edge_session *session,
                             const session_plan *plan);

/** The plan of an alternative, for the shapes that are chosen; NULL if there is
 *  none. */
session_plan *edge_session_plan_of(edge_session *session, uint32_t alternative);

/** What a run of `plan` is expected to take; 0 where that is not known. */
void edge_session_expect(const edge_session *session, const session_plan *plan,
                         uint64_t *nanoseconds, uint64_t *nanojoules);

/** Learns from a run of `plan` that succeeded, without a fallback. */
void edge_session_learn(session_plan *plan, uint64_t nanoseconds,
                        uint64_t nanojoules);

#endif /* EDGE_SRC_SESSION_H */

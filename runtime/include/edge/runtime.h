/*===- edge/runtime.h - running compiled models ---------------------------===*\
|*
|* The runtime loads a compiled model, checks that this machine can run it, and
|* runs it with a pool of threads and an optional profile. It is a convenience
|* for systems that have files and threads; a model needs only edge/model.h.
|*
|*     edge_artifact *artifact;
|*     edge_session *session;
|*     edge_message message;
|*     if (edge_model_load("mobilenet.so", &artifact, &message) ||
|*         edge_session_create(edge_artifact_model(artifact), 2, &session,
|*                             &message) ||
|*         edge_session_run(session, inputs, outputs, &message))
|*       fprintf(stderr, "error: %s\n", message.text);
|*
|* The library is C11, needs libc and pthreads, keeps no global state, writes
|* nothing to the terminal and never ends the process.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_RUNTIME_H
#define EDGE_RUNTIME_H

#include "edge/model.h"

#ifdef __cplusplus
extern "C" {
#endif

/*===----------------------------------------------------------------------===*\
 * Statuses and messages
\*===----------------------------------------------------------------------===*/

/** Result of a call: EDGE_OK or a negative EDGE_ERROR_ value. */
enum {
  EDGE_OK = 0,
  EDGE_ERROR_INVALID_ARGUMENT = -1, /* the caller broke a rule stated here */
  EDGE_ERROR_FILE = -2,             /* the file cannot be opened or read */
  EDGE_ERROR_NOT_AN_ARTIFACT = -3,  /* the file is no compiled model */
  EDGE_ERROR_ABI_VERSION = -4,      /* made for another edge/model.h */
  EDGE_ERROR_ARCHITECTURE = -5,     /* made for another instruction set */
  EDGE_ERROR_FEATURE = -6,          /* needs an extension the CPU lacks */
  EDGE_ERROR_CORRUPT = -7,          /* the descriptor contradicts itself */
  EDGE_ERROR_OUT_OF_MEMORY = -8,
  EDGE_ERROR_THREAD = -9, /* the system refused to start a thread */
  EDGE_ERROR_BUSY = -10,  /* the session is running on another thread */
  EDGE_ERROR_MODEL = -11, /* the model's entry function failed */
  /* -12 is EDGE_ERROR_DEVICE of edge/model.h: a device is missing or failed */
  EDGE_ERROR_TIMEOUT = -13,     /* a job took longer than it may */
  EDGE_ERROR_DEVICE_LOST = -14, /* the device does not answer any more */
  EDGE_ERROR_REJECTED = -15,    /* the device refuses a command of a job */
  EDGE_ERROR_CHECKSUM = -16,    /* a job's result was damaged on its way */
  EDGE_ERROR_CANCELLED = -17    /* the job was taken back */
};
typedef int32_t edge_status;

/** Most threads that a session may use, its caller included. */
#define EDGE_MAX_THREADS 256

/** One line for a human: lower case, no full stop, and what to do about it. */
typedef struct edge_message {
  char text[512]; /* terminated by NUL, cut off if longer */
} edge_message;

/*
 * Every call that can fail takes an `edge_message *` last. The caller owns it;
 * NULL is allowed. It is written if and only if the call does not return
 * EDGE_OK.
 */

/** Returns the meaning of a status as a constant string, never NULL; for a
 * value outside the list, "unknown status". Any thread; does not allocate. */
const char *edge_status_text(edge_status status);

/*===----------------------------------------------------------------------===*\
 * Models
\*===----------------------------------------------------------------------===*/

/** A shared object that holds a model, loaded into this process. */
typedef struct edge_artifact edge_artifact;

/** Loads the shared object at `path` and checks it as edge_model_check does.
 *
 *  The file is first checked from outside (ELF, architecture, complete), so
 * that a foreign or truncated file is told apart without mapping it. Loading
 * runs nothing but the descriptor function; yet a shared object is code, so
 * load only files that you trust as much as the program itself.
 *
 *  path      A file name. Without a '/' it means the current folder: the
 * system's library path is not searched. Not kept. artifact  Set to a new
 * artifact that the caller gives back to edge_model_unload, or to NULL on an
 * error.
 *
 *  Returns EDGE_OK, EDGE_ERROR_INVALID_ARGUMENT (a NULL pointer),
 *  EDGE_ERROR_FILE, EDGE_ERROR_NOT_AN_ARTIFACT, EDGE_ERROR_OUT_OF_MEMORY, or an
 *  error of edge_model_check. Allocates. Any thread. */
edge_status edge_model_load(const char *path, edge_artifact **artifact,
                            edge_message *message);

/** Returns the descriptor in `artifact`, valid until edge_model_unload. Never
 *  NULL; `artifact` must not be. Any thread; does not allocate. */
const edge_model *edge_artifact_model(const edge_artifact *artifact);

/** Moves the weights of `artifact` into huge pages, where the system has them
 *  (Linux, unless /sys/kernel/mm/transparent_hugepage/enabled says never):
 *  models whose weights no cache holds (50 MB and more) run some percent
 *  faster. They become memory of this process: as much must be free, and it is
 *  neither shared with others that load the same file nor given back when
 *  memory is short. Takes about a third of a millisecond per megabyte.
 *
 *  artifact  Keeps its addresses; sessions on its model may run meanwhile.
 *  bytes     Set to how many bytes lie there, in whole huge pages; may be NULL.
 *            0 is no error: the system has none, or the weights are small (less
 *            than 4 MiB).
 *
 *  Returns EDGE_OK, EDGE_ERROR_INVALID_ARGUMENT (artifact is NULL) or
 *  EDGE_ERROR_OUT_OF_MEMORY (some may have been moved; the model runs all the
 *  same). A second call moves what is left, which is nothing after EDGE_OK.
 *  Allocates. Any thread, but one at a time for one artifact. */
edge_status edge_artifact_use_huge_pages(edge_artifact *artifact,
                                         uint64_t *bytes,
                                         edge_message *message);

/** Unloads `artifact` (NULL is allowed). All sessions on its model must be
 *  destroyed before. Not while another thread uses the artifact. */
void edge_model_unload(edge_artifact *artifact);

/** Checks that `model` is a descriptor of this ABI version, that it does not
 *  contradict itself, and that this processor and operating system have its
 *  architecture and every one of its features. Models that are linked
 * statically need no loading: give edge_model_NAME() to this call or directly
 * to edge_session_create, which does the same checks.
 *
 *  Returns EDGE_OK, EDGE_ERROR_INVALID_ARGUMENT (NULL),
 *  EDGE_ERROR_NOT_AN_ARTIFACT (magic number), EDGE_ERROR_ABI_VERSION,
 *  EDGE_ERROR_ARCHITECTURE, EDGE_ERROR_CORRUPT or EDGE_ERROR_FEATURE; the
 * message then names every missing feature. Any thread; does not allocate.
 *
 *  On RISC-V systems that do not report the vector extension, the check tries
 * an instruction under a temporary handler for SIGILL. If AMX is required, the
 *  check asks Linux to permit it for the whole process. */
edge_status edge_model_check(const edge_model *model, edge_message *message);

/** Returns edge_model::device_count, 0 for a descriptor that is too old to have
 *  one. `model` is checked. Any thread; does not allocate. */
uint32_t edge_model_device_count(const edge_model *model);

/** Returns edge_model::job_count likewise. */
uint32_t edge_model_job_count(const edge_model *model);

/** Returns in how many ways `model` was compiled: 1 if it has no list of
 *  alternatives. `model` is checked. Any thread; does not allocate. */
uint32_t edge_model_alternative_count(const edge_model *model);

/** Returns the descriptor of one of them: 0 is `model` itself; index <
 *  edge_model_alternative_count. Lives as long as `model`. Any thread; does not
 *  allocate. */
const edge_model *edge_model_alternative(const edge_model *model,
                                         uint32_t index);

/** Returns what stands behind that index in edge_model::alternatives, or NULL
 *  if the model has no such list. Any thread; does not allocate. */
const edge_alternative *edge_model_alternative_info(const edge_model *model,
                                                    uint32_t index);

/** Returns how many combinations of sizes `model` was compiled for: 1 unless
 *  edgec was given ranges (`-shape=x=1..8x128`). `model` is checked. Any
 * thread; does not allocate. */
uint32_t edge_model_variant_count(const edge_model *model);

/** Returns the descriptor for one of them: 0 is `model` itself, which has the
 *  largest sizes; index < edge_model_variant_count. Lives as long as `model`.
 *  Any thread; does not allocate. */
const edge_model *edge_model_variant(const edge_model *model, uint32_t index);

/** Sets `least` and `most` to the smallest and the largest size that one
 *  dimension of an input (is_output = 0) or output has in the variants.
 * `tensor` and `dimension` must exist. Any thread; does not allocate. */
void edge_model_size_range(const edge_model *model, int is_output,
                           uint32_t tensor, uint32_t dimension, int64_t *least,
                           int64_t *most);

/** Finds the variant whose inputs have certain shapes.
 *
 *  model    A checked descriptor.
 *  shapes   For each input as many sizes as its rank, or NULL for any shape.
 *  variant  Set to the first that has these shapes, beginning with the largest;
 *           unchanged on an error.
 *
 *  Returns EDGE_OK or EDGE_ERROR_INVALID_ARGUMENT (a NULL pointer, or there is
 *  none; the message then says what the model takes). Any thread; does not
 *  allocate. */
edge_status edge_model_with_shapes(const edge_model *model,
                                   const int64_t *const *shapes,
                                   const edge_model **variant,
                                   edge_message *message);

/** Returns the NumPy-style name of an element type ("float32", "bfloat16",
 *  "int4"), a constant string; "invalid" for a value that is not an
 * EDGE_DTYPE_. Any thread; does not allocate. */
const char *edge_dtype_name(edge_dtype dtype);

/** Returns the size of one element in bits (4 to 64), or 0 for a value that is
 *  not an EDGE_DTYPE_. Any thread; does not allocate. */
uint32_t edge_dtype_bits(edge_dtype dtype);

/*===----------------------------------------------------------------------===*\
 * Sessions
\*===----------------------------------------------------------------------===*/

/** An open accelerator; edge/device.h. */
typedef struct edge_device edge_device;

/** The memory and the threads to run one model, one run at a time. Sessions are
 *  independent of each other: any number may run at once, on the same model
 * too, each called from its own thread. */
typedef struct edge_session edge_session;

/** Creates a session: checks the model, allocates its arena and starts its
 *  threads.
 *
 *  model         Not copied: must outlive the session.
 *  thread_count  Threads that a run may use, the calling one included: 1 to
 *                EDGE_MAX_THREADS, or 0 for as many as the process has CPUs.
 *  session       Set to a new session that the caller gives back to
 *                edge_session_destroy, or to NULL on an error.
 *
 *  Returns EDGE_OK, EDGE_ERROR_INVALID_ARGUMENT, EDGE_ERROR_OUT_OF_MEMORY,
 *  EDGE_ERROR_THREAD, or an error of edge_model_check. Allocates: the arena,
 * and about 1 KB per thread besides the threads' stacks. Any thread. */
edge_status edge_session_create(const edge_model *model, uint32_t thread_count,
                                edge_session **session, edge_message *message);

/** Ends the session's threads and frees its memory. NULL is allowed. Not while
 *  the session runs. */
void edge_session_destroy(edge_session *session);

/** Returns the model that the session was created with. Any thread. */
const edge_model *edge_session_model(const edge_session *session);

/** Returns the number of threads that a run uses, 1 to EDGE_MAX_THREADS. Not
 *  while another thread is in edge_session_set_threads. */
uint32_t edge_session_threads(const edge_session *session);

/** Changes the number of threads; `thread_count` as in edge_session_create. On
 *  an error the session keeps the threads it had.
 *
 *  Returns EDGE_OK, EDGE_ERROR_INVALID_ARGUMENT, EDGE_ERROR_BUSY,
 *  EDGE_ERROR_OUT_OF_MEMORY or EDGE_ERROR_THREAD. Allocates. */
edge_status edge_session_set_threads(edge_session *session,
                                     uint32_t thread_count,
                                     edge_message *message);

/** Says what it costs to share a kernel among the threads, in nanoseconds: a
 *  kernel that is predicted to gain less stays on the thread that calls. A
 *  session measures it when its threads start, and for models without sections
 *  and for profiles, where it is another, when they need it; 0 shares every
 *  kernel that the compiler found worth it. Results do not depend on it.
 *
 *  Returns EDGE_OK or EDGE_ERROR_BUSY. Does not allocate. */
edge_status edge_session_set_handover(edge_session *session,
                                      uint32_t nanoseconds,
                                      edge_message *message);

/** Returns it: what was measured or set last, 0 with one thread. Not while
 *  another thread changes the session. */
uint32_t edge_session_handover(const edge_session *session);

/** Chooses the shapes of the inputs for the runs that follow, in memory that
 *  the session has already; until then they are the largest. Clears the
 *  profile's records if the shapes change.
 *
 *  shapes   As for edge_model_with_shapes.
 *
 *  Returns EDGE_OK, EDGE_ERROR_INVALID_ARGUMENT (the model was not compiled for
 *  these shapes) or EDGE_ERROR_BUSY. Does not allocate. */
edge_status edge_session_set_shapes(edge_session *session,
                                    const int64_t *const *shapes,
                                    edge_message *message);

/** Returns the descriptor for the shapes that are chosen: its tensors say how
 *  large inputs and outputs are. Not while another thread is in
 *  edge_session_set_shapes. Does not allocate. */
const edge_model *edge_session_variant(const edge_session *session);

/** Lets a run use only certain CPUs: one cluster of a processor, say, while
 *  another session has the other. Its threads are started anew, as many as
 *  there are CPUs, and stay on these; the thread that calls edge_session_run
 *  counts as one of them and is not moved (edge_pipeline moves its own).
 *
 *  cpus   `count` numbers of the system, each below 1024; not kept.
 *  count  0: every CPU again, and the threads are left alone.
 *
 *  Returns as edge_session_set_threads; EDGE_ERROR_THREAD also if the system
 *  refuses these CPUs. Allocates. */
edge_status edge_session_set_cpus(edge_session *session, const uint32_t *cpus,
                                  uint32_t count, edge_message *message);

/** Runs the model once and waits for the result.
 *
 *  inputs   As many pointers as the model has inputs, in its order. Each buffer
 *           has at least the tensor's size_bytes (of edge_session_variant) and
 *           the alignment of its element type, and is only read. NULL if the
 *           model has none.
 *  outputs  Likewise; each buffer is written completely and overlaps no other.
 *
 *  The caller owns all buffers; none is kept after the call.
 *
 *  Returns EDGE_OK, EDGE_ERROR_INVALID_ARGUMENT (a NULL or misaligned buffer),
 *  EDGE_ERROR_BUSY (the session is in use by another thread; nothing was done),
 *  EDGE_ERROR_MODEL, or, for a model with jobs, EDGE_ERROR_DEVICE to
 *  EDGE_ERROR_CANCELLED: edge_session_fault says more. No device touches the
 *  buffers or the arena after the call. Does not allocate. */
edge_status edge_session_run(edge_session *session, const void *const *inputs,
                             void *const *outputs, edge_message *message);

/*===----------------------------------------------------------------------===*\
 * Profiles
\*===----------------------------------------------------------------------===*/

/** Times of one kernel launch, in nanoseconds of a monotonic clock. A launch of
 *  the last run that has not happened has start_ns = time_ns = 0. */
typedef struct edge_profile_record {
  uint64_t start_ns; /* last run: from the start of the run to the launch */
  uint64_t time_ns;  /* last run: duration */
  uint64_t min_ns;   /* shortest duration of all runs; 0 if run_count is 0 */
  uint64_t total_ns; /* sum of the durations of all runs */
  uint64_t run_count;
} edge_profile_record;

/** Turns the profile on (`enabled` != 0, clears all records) or off (keeps
 *  them). A profiled kernel costs two readings of the clock, about 50 ns.
 *
 *  Returns EDGE_OK, EDGE_ERROR_INVALID_ARGUMENT, EDGE_ERROR_BUSY or
 *  EDGE_ERROR_OUT_OF_MEMORY. Allocates when it is first turned on. */
edge_status edge_session_set_profile(edge_session *session, int enabled,
                                     edge_message *message);

/** Returns edge_model::kernel_count records, one for each entry of
 *  edge_model::kernels, of edge_session_variant; NULL if the profile was never
 * turned on. They belong to the session, live as long as it does, and change
 * while it runs. Does not allocate. */
const edge_profile_record *edge_session_profile(const edge_session *session);

/** One job of a profile, likewise. */
typedef struct edge_job_record {
  uint64_t
      submit_ns;    /* last run: from the start of the run to its submission */
  uint64_t wait_ns; /* last run: from the start of the run to the wait */
  uint64_t done_ns; /* last run: from the start of the run to its end, as the
                       host saw it: at the end of the wait */
  uint64_t device_ns;       /* last run: duration by the device's own clock */
  uint64_t nanojoules;      /* last run */
  uint64_t total_device_ns; /* sum of device_ns over all runs */
  uint64_t run_count;
} edge_job_record;

/** Returns edge_model::job_count records of edge_session_variant, as
 *  edge_session_profile does; NULL if there are no jobs, too. */
const edge_job_record *edge_session_job_profile(const edge_session *session);

/** What the host did in a run, in this order (`edge_step::kind`). */
enum {
  EDGE_STEP_KERNEL = 0, /* computed kernel `index` */
  EDGE_STEP_SUBMIT = 1, /* submitted job `index` */
  EDGE_STEP_WAIT = 2    /* waited for job `index` */
};
typedef struct edge_step {
  uint32_t kind;
  uint32_t index;
} edge_step;

/** Returns the steps of the last profiled run and sets *count; NULL if the
 *  profile was never turned on. 65536 are kept, and at least one for each
 *  kernel and two for each job; *left_out (NULL is allowed) is set to how many
 *  more a loop of the model made. Belongs to the session and changes while it
 *  runs. Does not allocate. */
const edge_step *edge_session_steps(const edge_session *session,
                                    uint32_t *count, uint64_t *left_out);

/*===----------------------------------------------------------------------===*\
 * Devices of a session
\*===----------------------------------------------------------------------===*/

/** Returns how many different devices the model, its variants and its
 *  alternatives need, none of which has to need what another does. The model's
 * own come first, in its order. Devices are the same if kind and name are, and
 * if as many with that kind and name came before in their lists. Any thread;
 * does not allocate. */
uint32_t edge_session_device_count(const edge_session *session);

/** Returns what the model says of one of them; index <
 *  edge_session_device_count. Lives as long as the model. */
const edge_device_info *edge_session_device_info(const edge_session *session,
                                                 uint32_t index);

/** Gives the session a device, and the device the session's jobs to prepare.
 *
 *  index   Below edge_session_device_count.
 *  device  Opened for edge_session_device_info(session, index). Not owned:
 *          stays open until the session is destroyed or has another. Several
 *          sessions may share one. NULL takes away what was there. A device
 *          that was lost is tried again after it is attached again.
 *
 *  Returns EDGE_OK, EDGE_ERROR_INVALID_ARGUMENT, EDGE_ERROR_BUSY,
 *  EDGE_ERROR_OUT_OF_MEMORY, or the status with which the device refused a job;
 *  the session then has no device there. Allocates, through the driver too. */
edge_status edge_session_attach_device(edge_session *session, uint32_t index,
                                       edge_device *device,
                                       edge_message *message);

/** Limits how long one wait for a job may take, in nanoseconds; UINT64_MAX, the
 *  default, is no limit. A job that takes longer is cancelled, and the run ends
 *  with EDGE_ERROR_TIMEOUT.
 *
 *  Returns EDGE_OK, EDGE_ERROR_INVALID_ARGUMENT or EDGE_ERROR_BUSY. Does not
 *  allocate. */
edge_status edge_session_set_timeout(edge_session *session,
                                     uint64_t nanoseconds,
                                     edge_message *message);

/** What went wrong with a device. */
typedef struct edge_fault {
  edge_status status;   /* EDGE_ERROR_DEVICE to EDGE_ERROR_CANCELLED */
  uint32_t alternative; /* which one was running */
  uint32_t job;         /* index into its edge_model::jobs */
  uint32_t command;     /* index into the job's commands, or UINT32_MAX */
  const char *job_name; /* the model's */
  char reason[160];     /* the device's own words, or "" */
} edge_fault;

/** Returns the first fault of the last run, or NULL if it had none. A run that
 *  fell back to another alternative returned EDGE_OK and has a fault all the
 *  same. Belongs to the session and changes with the next run. Does not
 *  allocate. */
const edge_fault *edge_session_fault(const edge_session *session);

/*===----------------------------------------------------------------------===*\
 * Alternatives
\*===----------------------------------------------------------------------===*/

/** "None" for an index of an alternative. */
#define EDGE_NO_ALTERNATIVE UINT32_MAX

/** Finds the alternative that is called `label`; 0 is the model itself.
 *
 *  Returns EDGE_OK or EDGE_ERROR_INVALID_ARGUMENT (there is none; the message
 *  lists those that there are). Any thread; does not allocate. */
edge_status edge_model_find_alternative(const edge_model *model,
                                        const char *label, uint32_t *index,
                                        edge_message *message);

/** Chooses the alternative for the runs that follow. 0, the model itself, is
 *  the choice at first. Others are for the largest shapes.
 *
 *  Returns EDGE_OK, EDGE_ERROR_INVALID_ARGUMENT (an index that the model does
 *  not have, or edge_session_set_shapes chose shapes that only the model has)
 *  or EDGE_ERROR_BUSY. Does not allocate. */
edge_status edge_session_set_alternative(edge_session *session, uint32_t index,
                                         edge_message *message);

/** Chooses what a run does when a device fails: it starts again with another
 *  alternative, one without jobs as a rule, and returns EDGE_OK if that one
 *  succeeds. EDGE_NO_ALTERNATIVE, the choice at first: it fails.
 *
 *  Returns as edge_session_set_alternative. Does not allocate. */
edge_status edge_session_set_fallback(edge_session *session, uint32_t index,
                                      edge_message *message);

/** What a run did. */
typedef struct edge_run_report {
  uint32_t alternative; /* that computed the outputs */
  uint32_t planned;     /* that was begun with: another after a fault */
  uint32_t fits;        /* edge_session_run_within: whether `expected_` are
                           within the limits; else 1 */
  uint32_t reserved;
  uint64_t expected_ns; /* before the run, of `planned`; 0: not known */
  uint64_t expected_nj;
  uint64_t nanoseconds; /* of the run. Where a device is simulated, its own
                           time stands for the time that its simulator took */
  uint64_t nanojoules;  /* of the jobs of the run; 0: not known */
} edge_run_report;

/** Returns what the last run did, all 0 before the first. Belongs to the
 *  session and changes with the next run. Does not allocate. */
const edge_run_report *edge_session_report(const edge_session *session);

/** Runs the model within limits, if it can: chooses among its alternatives by
 *  what they took so far in this session, or, before the third run of one, by
 *  what the compiler predicted.
 *
 *  Of those that are expected to end within the deadline and the energy, it
 *  takes the one with the least error; of several, the fastest if there is a
 *  deadline, else the one with the least energy. An error that is not known
 *  counts as more than any other. If none is expected to fit, it takes the one
 *  that exceeds its limits least, and says so in the report. A time or an
 *  energy that is not known fits no limit. Alternatives whose devices are
 *  missing or lost are left out as long as there are others. What it chooses
 *  stays chosen, as by edge_session_set_alternative. With a shape other than
 *  the largest, there is one alternative.
 *
 *  deadline_ns  Longest time of the run, in nanoseconds; 0 for no limit.
 *  energy_nj    Most energy of the run, in nanojoules; 0 for no limit.
 *  report       Filled in, as by edge_session_report; may be NULL.
 *
 *  Otherwise as edge_session_run. */
edge_status edge_session_run_within(edge_session *session,
                                    const void *const *inputs,
                                    void *const *outputs, uint64_t deadline_ns,
                                    uint64_t energy_nj, edge_run_report *report,
                                    edge_message *message);

#ifdef __cplusplus
}
#endif

#endif /* EDGE_RUNTIME_H */

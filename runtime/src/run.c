/*===- run.c - one run of a model, and its profile ------------------------===*\
|*
|* A run lends the model the session's context. What the callbacks note while
|* the profile is on lies in arrays that were allocated when it was turned on.
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "message.h"
#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How often a loop of a model turns is not known before. */
#define LEAST_STEPS 65536u

/*===----------------------------------------------------------------------===*\
 * The profile
\*===----------------------------------------------------------------------===*/

uint64_t edge_now_nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void edge_session_note(edge_session *session, uint32_t kind, uint32_t index) {
  if (!session->context.profile)
    return;
  const uint64_t now = edge_now_nanoseconds() - session->run_start_ns;
  if (kind == EDGE_STEP_SUBMIT)
    session->job_records[index].submit_ns = now;
  else if (kind == EDGE_STEP_WAIT)
    session->job_records[index].wait_ns = now;
  if (session->step_count < session->step_capacity)
    session->steps[session->step_count++] = (edge_step){kind, index};
  else
    session->steps_left_out++;
}

void edge_session_note_job(edge_session *session, uint32_t index,
                           const edge_completion *completion) {
  if (!session->context.profile)
    return;
  edge_job_record *record = &session->job_records[index];
  record->done_ns = edge_now_nanoseconds() - session->run_start_ns;
  record->device_ns = completion->nanoseconds;
  record->nanojoules = completion->nanojoules;
  record->total_device_ns += completion->nanoseconds;
  record->run_count++;
}

static void profile(const edge_context *context, uint32_t kernel,
                    uint32_t phase) {
  edge_session *session = context->user;
  if (kernel >= session->plan->model->kernel_count)
    return;
  edge_profile_record *record = &session->records[kernel];
  if (phase == EDGE_PROFILE_BEGIN) {
    edge_session_note(session, EDGE_STEP_KERNEL, kernel);
    record->start_ns = edge_now_nanoseconds() - session->run_start_ns;
    return;
  }
  const uint64_t now = edge_now_nanoseconds() - session->run_start_ns;
  const uint64_t time = now - record->start_ns;
  if (record->run_count == 0 || time < record->min_ns)
    record->min_ns = time;
  record->time_ns = time;
  record->total_ns += time;
  record->run_count++;
}

static void clear_records(edge_session *session) {
  session->profiled = session->plan;
  session->step_count = 0;
  session->steps_left_out = 0;
  memset(session->records, 0,
         session->record_capacity * sizeof(*session->records));
  memset(session->job_records, 0,
         session->job_record_capacity * sizeof(*session->job_records));
}

void edge_session_choose(edge_session *session, session_plan *plan) {
  session->plan = session->chosen = plan;
  if (session->records && session->profiled != plan)
    clear_records(session);
}

/* The last run's times are those of this run, or 0. */
static void start_profile(edge_session *session) {
  if (session->profiled != session->plan)
    clear_records(session);
  session->step_count = 0;
  session->steps_left_out = 0;
  for (uint32_t i = 0; i < session->plan->model->kernel_count; i++)
    session->records[i].start_ns = session->records[i].time_ns = 0;
  for (uint32_t i = 0; i < session->plan->job_count; i++) {
    edge_job_record *record = &session->job_records[i];
    record->submit_ns = record->wait_ns = record->done_ns = 0;
    record->device_ns = record->nanojoules = 0;
  }
}

static uint32_t larger(uint32_t a, uint32_t b) { return a > b ? a : b; }

/* Allocates records for the plan that has most of each. */
static int allocate_profile(edge_session *session) {
  uint32_t kernels = 0, jobs = 0;
  for (uint32_t i = 0; i < session->plan_count; i++) {
    kernels = larger(kernels, session->plans[i].model->kernel_count);
    jobs = larger(jobs, session->plans[i].job_count);
  }
  session->record_capacity = kernels;
  session->job_record_capacity = jobs;
  session->step_capacity = larger(kernels + 2 * jobs, LEAST_STEPS);
  session->records = calloc(kernels + 1, sizeof(*session->records));
  session->job_records = calloc(jobs + 1, sizeof(*session->job_records));
  session->steps = calloc(session->step_capacity, sizeof(edge_step));
  if (session->records && session->job_records && session->steps)
    return 1;
  edge_session_free_profile(session);
  return 0;
}

void edge_session_free_profile(edge_session *session) {
  free(session->records);
  free(session->job_records);
  free(session->steps);
  session->records = NULL;
  session->job_records = NULL;
  session->steps = NULL;
}

edge_status edge_session_set_profile(edge_session *session, int enabled,
                                     edge_message *message) {
  const edge_status status = edge_session_acquire(session, message);
  if (status)
    return status;
  session->context.profile = NULL;
  if (!enabled)
    return edge_session_release(session, EDGE_OK);
  if (!session->records && !allocate_profile(session))
    return edge_session_release(session,
                                edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY,
                                          "no memory for the profile"));
  clear_records(session);
  /* Now, and not within the first kernel's time. */
  edge_session_measure_fork(session);
  session->context.profile = profile;
  return edge_session_release(session, EDGE_OK);
}

const edge_profile_record *edge_session_profile(const edge_session *session) {
  return session->records;
}

const edge_job_record *edge_session_job_profile(const edge_session *session) {
  return session->plan->job_count ? session->job_records : NULL;
}

const edge_step *edge_session_steps(const edge_session *session,
                                    uint32_t *count, uint64_t *left_out) {
  *count = session->step_count;
  if (left_out)
    *left_out = session->steps_left_out;
  return session->steps;
}

/*===----------------------------------------------------------------------===*\
 * Running
\*===----------------------------------------------------------------------===*/

/* A buffer must exist and be aligned to its element. */
static edge_status check_buffer(const edge_tensor_info *tensor,
                                const char *kind, const void *buffer,
                                edge_message *message) {
  const uint32_t bits = edge_dtype_bits(tensor->dtype);
  const uintptr_t element_bytes = bits < 8 ? 1 : bits / 8;
  if (!buffer && tensor->size_bytes)
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                     "the buffer of %s '%s' is NULL", kind, tensor->name);
  if ((uintptr_t)buffer % element_bytes)
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                     "the buffer of %s '%s' is not aligned to %u bytes", kind,
                     tensor->name, (unsigned)element_bytes);
  return EDGE_OK;
}

edge_status edge_session_check_buffers(const edge_model *model,
                                       const void *const *inputs,
                                       void *const *outputs,
                                       edge_message *message) {
  edge_status status = EDGE_OK;
  if ((model->input_count && !inputs) || (model->output_count && !outputs))
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                     "inputs or outputs is NULL");
  for (uint32_t i = 0; !status && i < model->input_count; i++)
    status = check_buffer(&model->inputs[i], "input", inputs[i], message);
  for (uint32_t i = 0; !status && i < model->output_count; i++)
    status = check_buffer(&model->outputs[i], "output", outputs[i], message);
  return status;
}

void edge_command_text(uint32_t command, char *text, size_t size) {
  if (command == EDGE_NO_COMMAND)
    text[0] = '\0';
  else
    snprintf(text, size, " at command %u", command);
}

static edge_status report_fault(edge_session *session, edge_message *message) {
  const edge_fault *fault = &session->fault;
  const edge_model *model =
      edge_session_plan_of(session, fault->alternative)->model;
  char command[32];
  edge_command_text(fault->command, command, sizeof(command));
  return edge_fail(message, fault->status,
                   "job '%s' on device '%s' failed: %s%s%s%s", fault->job_name,
                   model->devices[model->jobs[fault->job].device].name,
                   edge_status_text(fault->status), command,
                   fault->reason[0] ? ": " : "", fault->reason);
}

/* Runs `plan` and takes back what still runs if it fails. */
static int32_t run_once(edge_session *session, session_plan *plan,
                        const void *const *inputs, void *const *outputs) {
  session->plan = plan;
  session->context.submit = plan->job_count ? edge_session_submit : NULL;
  session->context.wait = plan->job_count ? edge_session_wait : NULL;
  if (session->context.profile)
    start_profile(session);
  const int32_t result =
      plan->model->entry(&session->context, inputs, outputs, session->arena);
  edge_session_drain(session);
  return result;
}

static edge_status report_failure(edge_session *session, int32_t result,
                                  edge_message *message) {
  if (session->fault.status)
    return report_fault(session, message);
  return edge_fail(message, EDGE_ERROR_MODEL,
                   "model '%s' failed with status %d",
                   session->plan->model->name, (int)result);
}

edge_status edge_session_run_plan(edge_session *session, session_plan *plan,
                                  const void *const *inputs,
                                  void *const *outputs, edge_message *message) {
  edge_run_report *report = &session->report;
  session->fault.status = EDGE_OK;
  session->skew_ns = 0;
  session->run_nj = 0;
  for (uint32_t i = 0; i < session->slot_count; i++)
    session->slots[i].busy_ns = 0;
  session->run_start_ns = edge_now_nanoseconds();
  report->planned = report->alternative = plan->alternative;
  session_plan *fallback =
      session->fallback != EDGE_NO_ALTERNATIVE
          ? edge_session_plan_of(session, session->fallback)
          : NULL;
  int32_t result = run_once(session, plan, inputs, outputs);
  const int falls_back =
      result && session->fault.status && fallback && fallback != plan;
  if (falls_back) {
    result = run_once(session, fallback, inputs, outputs);
    report->alternative = fallback->alternative;
  }
  report->nanoseconds = edge_now_nanoseconds() - session->run_start_ns +
                        (uint64_t)session->skew_ns;
  report->nanojoules = session->run_nj;
  if (result)
    return report_failure(session, result, message);
  if (!falls_back)
    edge_session_learn(plan, report->nanoseconds, report->nanojoules);
  return EDGE_OK;
}

edge_status edge_session_run(edge_session *session, const void *const *inputs,
                             void *const *outputs, edge_message *message) {
  edge_status status = edge_session_acquire(session, message);
  if (status)
    return status;
  session_plan *plan = session->chosen;
  status = edge_session_check_buffers(plan->model, inputs, outputs, message);
  if (!status) {
    edge_run_report *report = &session->report;
    report->fits = 1;
    edge_session_expect(session, plan, &report->expected_ns,
                        &report->expected_nj);
    status = edge_session_run_plan(session, plan, inputs, outputs, message);
  }
  return edge_session_release(session, status);
}

const edge_fault *edge_session_fault(const edge_session *session) {
  return session->fault.status ? &session->fault : NULL;
}

const edge_run_report *edge_session_report(const edge_session *session) {
  return &session->report;
}

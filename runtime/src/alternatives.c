/*===- alternatives.c - choosing among the ways a model was compiled ------===*\
|*
|* What an alternative takes is expected from its own runs in this session: the
|* mean and twice the mean deviation, as the retransmission timers of TCP do it
|* (RFC 6298, with gains of 1/8 and 1/4), so that one that is late now and then
|* does not count as fast. The first two runs warm caches and count for nothing;
|* until then the compiler's prediction stands. An alternative that is not
|* chosen slowly forgets its late runs, so that it gets another chance.
|*
\*===----------------------------------------------------------------------===*/

#include "message.h"
#include "session.h"

#include <stdio.h>
#include <string.h>

#define WARM_UP_RUNS 2u
#define FORGETTING 64.0

/*===----------------------------------------------------------------------===*\
 * Expectations
\*===----------------------------------------------------------------------===*/

/* The compiler's figures: of the list of alternatives, else the sum over
   kernels and jobs as if they ran one after the other. */
static void predict(const edge_session *session, const session_plan *plan,
                    double *nanoseconds, double *nanojoules) {
  const edge_alternative *info =
      edge_model_alternative_info(session->model, plan->alternative);
  const edge_model *model = plan->model;
  *nanoseconds = info ? (double)info->predicted_nanoseconds : 0;
  *nanojoules = info ? (double)info->predicted_nanojoules : 0;
  if (*nanoseconds > 0 || !(model->clock_hz > 0))
    return;
  double cycles = 0;
  for (uint32_t i = 0; i < model->kernel_count; i++)
    cycles += model->kernels[i].predicted_cycles;
  *nanoseconds = cycles / model->clock_hz * 1e9;
  for (uint32_t i = 0; i < plan->job_count; i++)
    *nanoseconds += (double)model->jobs[i].predicted_nanoseconds;
}

/* What the host's part is predicted to need stays; what the jobs need was
   measured. */
static double measured_energy(const session_plan *plan, double predicted) {
  double jobs = 0;
  for (uint32_t i = 0; i < plan->job_count; i++)
    jobs += (double)plan->model->jobs[i].predicted_nanojoules;
  if (!(plan->job_nj > 0) || !(predicted > 0))
    return predicted;
  const double host = predicted - jobs;
  return (host > 0 ? host : 0) + plan->job_nj;
}

void edge_session_expect(const edge_session *session, const session_plan *plan,
                         uint64_t *nanoseconds, uint64_t *nanojoules) {
  double time, energy;
  predict(session, plan, &time, &energy);
  if (plan->run_count > WARM_UP_RUNS)
    time = plan->mean_ns + 2 * plan->deviation_ns;
  *nanoseconds = (uint64_t)time;
  *nanojoules = (uint64_t)measured_energy(plan, energy);
}

void edge_session_learn(session_plan *plan, uint64_t nanoseconds,
                        uint64_t nanojoules) {
  const double time = (double)nanoseconds;
  plan->job_nj = (double)nanojoules;
  if (++plan->run_count <= WARM_UP_RUNS)
    return;
  if (plan->run_count == WARM_UP_RUNS + 1) {
    plan->mean_ns = plan->least_ns = time;
    plan->deviation_ns = time / 8;
    return;
  }
  const double difference = time - plan->mean_ns;
  const double distance = difference < 0 ? -difference : difference;
  plan->deviation_ns += (distance - plan->deviation_ns) / 4;
  plan->mean_ns += difference / 8;
  if (time < plan->least_ns)
    plan->least_ns = time;
}

static void forget(session_plan *plan) {
  plan->mean_ns -= (plan->mean_ns - plan->least_ns) / FORGETTING;
  plan->deviation_ns -= plan->deviation_ns / FORGETTING;
}

/*===----------------------------------------------------------------------===*\
 * The choice
\*===----------------------------------------------------------------------===*/

/* An alternative as it looks before a run. */
typedef struct {
  session_plan *plan;
  uint64_t nanoseconds, nanojoules; /* expected; 0 not known */
  double error;                     /* infinite if not known */
  double excess; /* largest share of a limit that it needs; <= 1 fits */
} candidate;

static double share(uint64_t needs, uint64_t limit) {
  if (!limit)
    return 0;
  return needs ? (double)needs / (double)limit : __builtin_inf();
}

static candidate look_at(edge_session *session, session_plan *plan,
                         uint64_t deadline_ns, uint64_t energy_nj) {
  const edge_alternative *info =
      edge_model_alternative_info(session->model, plan->alternative);
  candidate c = {plan, 0, 0, __builtin_inf(), 0};
  edge_session_expect(session, plan, &c.nanoseconds, &c.nanojoules);
  if (info && info->error >= 0) /* false for NaN */
    c.error = info->error;
  const double time = share(c.nanoseconds, deadline_ns);
  const double energy = share(c.nanojoules, energy_nj);
  c.excess = time > energy ? time : energy;
  return c;
}

/* Unknown figures are the largest. */
static int is_less(uint64_t a, uint64_t b) { return a && (!b || a < b); }

static int is_better(const candidate *a, const candidate *b, int by_energy) {
  const int fits = a->excess <= 1;
  if (fits != (b->excess <= 1))
    return fits;
  if (!fits)
    return a->excess < b->excess;
  if (a->error < b->error || b->error < a->error)
    return a->error < b->error;
  return by_energy ? is_less(a->nanojoules, b->nanojoules)
                   : is_less(a->nanoseconds, b->nanoseconds);
}

static candidate choose(edge_session *session, uint64_t deadline_ns,
                        uint64_t energy_nj) {
  const uint32_t count = edge_model_alternative_count(session->model);
  const int by_energy = energy_nj && !deadline_ns;
  candidate best = {NULL, 0, 0, 0, 0};
  int best_has_devices = 0;
  for (uint32_t i = 0; i < count; i++) {
    session_plan *plan = edge_session_plan_of(session, i);
    if (!plan)
      continue;
    const int has_devices = edge_session_has_devices(session, plan);
    const candidate c = look_at(session, plan, deadline_ns, energy_nj);
    if (!best.plan || has_devices > best_has_devices ||
        (has_devices == best_has_devices && is_better(&c, &best, by_energy))) {
      best = c;
      best_has_devices = has_devices;
    }
  }
  for (uint32_t i = 0; i < count; i++) {
    session_plan *plan = edge_session_plan_of(session, i);
    if (plan && plan != best.plan)
      forget(plan);
  }
  return best;
}

edge_status edge_session_run_within(edge_session *session,
                                    const void *const *inputs,
                                    void *const *outputs, uint64_t deadline_ns,
                                    uint64_t energy_nj, edge_run_report *report,
                                    edge_message *message) {
  edge_status status = edge_session_acquire(session, message);
  if (status)
    return status;
  status = edge_session_check_buffers(session->shaped->model, inputs, outputs,
                                      message);
  if (status)
    return edge_session_release(session, status);
  const candidate best = choose(session, deadline_ns, energy_nj);
  session->chosen = best.plan;
  session->report.fits = best.excess <= 1;
  session->report.expected_ns = best.nanoseconds;
  session->report.expected_nj = best.nanojoules;
  status = edge_session_run_plan(session, best.plan, inputs, outputs, message);
  if (report)
    *report = session->report;
  return edge_session_release(session, status);
}

/*===----------------------------------------------------------------------===*\
 * Choosing by hand
\*===----------------------------------------------------------------------===*/

edge_status edge_model_find_alternative(const edge_model *model,
                                        const char *label, uint32_t *index,
                                        edge_message *message) {
  char labels[256] = "";
  size_t length = 0;
  if (!model || !label || !index)
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                     "model, label or index is NULL");
  for (uint32_t i = 0; i < edge_model_alternative_count(model); i++) {
    const edge_alternative *info = edge_model_alternative_info(model, i);
    if (!info)
      break;
    if (strcmp(info->label, label) == 0) {
      *index = i;
      return EDGE_OK;
    }
    if (length < sizeof(labels))
      length += (size_t)snprintf(labels + length, sizeof(labels) - length,
                                 "%s'%s'", i ? ", " : "", info->label);
  }
  return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                   "model '%s' has no alternative '%s'; it has %s", model->name,
                   label, length ? labels : "none");
}

static edge_status find_plan(edge_session *session, uint32_t index,
                             session_plan **plan, edge_message *message) {
  *plan = edge_session_plan_of(session, index);
  if (*plan)
    return EDGE_OK;
  return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                   "model '%s' has no alternative %u for these shapes",
                   session->model->name, index);
}

edge_status edge_session_set_alternative(edge_session *session, uint32_t index,
                                         edge_message *message) {
  edge_status status = edge_session_acquire(session, message);
  if (status)
    return status;
  session_plan *plan;
  status = find_plan(session, index, &plan, message);
  if (!status)
    edge_session_choose(session, plan);
  return edge_session_release(session, status);
}

edge_status edge_session_set_fallback(edge_session *session, uint32_t index,
                                      edge_message *message) {
  edge_status status = edge_session_acquire(session, message);
  if (status)
    return status;
  session_plan *plan;
  if (index != EDGE_NO_ALTERNATIVE)
    status = find_plan(session, index, &plan, message);
  if (!status)
    session->fallback = index;
  return edge_session_release(session, status);
}

/*===- report.h - what edge-run prints ------------------------------------===*\
|*
|* Every report exists as text for people and as JSON for scripts. JSON reports
|* print members only ("name": value, ...), so that main can put several of them
|* into one object.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_RUN_REPORT_H
#define EDGE_RUN_REPORT_H

#include "compare.h"

#include <stdio.h>

/** Prints `text` as a JSON string. */
void json_string(FILE *out, const char *text);

/** Prints a number, or null if it is infinite or not a number. */
void json_number(FILE *out, double value);

/** Describes the model: interface, memory, machine. */
void report_info(FILE *out, const edge_model *model, int json);

typedef struct latency {
  double *microseconds; /* one per run; sorted by report_latency */
  uint32_t runs;
  uint32_t threads;
  uint32_t handover_nanoseconds; /* 0 with one thread */
  double load_microseconds; /* loading the model and creating the session */
  uint64_t huge_page_bytes; /* of weights that were moved into huge pages */
} latency;

/** Prints minimum, median, 90th percentile and maximum. runs >= 1. */
void report_latency(FILE *out, latency *measured, int json);

/** Prints which alternative the last run chose and which computed the outputs,
 *  what it was expected to take, and what it took. */
void report_choice(FILE *out, const edge_session *session, int json);

/** Prints a warning with the first fault of the last run, which has one. */
void report_fault(FILE *out, const edge_session *session);

/** Describes devices, jobs and alternatives, as a part of report_info. */
void report_info_devices(FILE *out, const edge_model *model, int json);

/** Prints one line, or one JSON object, for output `index`. */
void report_output(FILE *out, const edge_tensor_info *tensor, uint32_t index,
                   const void *buffer, int json);

/** Prints the outcome of -expect for output `index`, likewise. */
void report_comparison(FILE *out, const edge_tensor_info *tensor,
                       uint32_t index, const comparison *result, int json);

/** Prints the mean time per kernel, in the order of execution. `records` are
 * the session's. */
void report_profile(FILE *out, const edge_model *model,
                    const edge_profile_record *records, uint32_t threads,
                    int json);

/** Writes the last run as a trace that chrome://tracing and ui.perfetto.dev
 * read. Returns EDGE_OK, EDGE_ERROR_FILE or EDGE_ERROR_OUT_OF_MEMORY. */
edge_status report_trace(const char *path, const edge_model *model,
                         const edge_profile_record *records,
                         edge_message *message);

#endif /* EDGE_RUN_REPORT_H */

/*===- options.h - edge-run's command line --------------------------------===*\
|*
|* Turns the command line into one struct. Nothing here knows a model: which
input
|* `-input=x=FILE` means is decided after loading.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_RUN_OPTIONS_H
#define EDGE_RUN_OPTIONS_H

#include "edge/runtime.h"

/** A list of option values of the form TENSOR=FILE (of -shape, TENSOR=1x3x8),
 *  in the order given. */
typedef struct option_list {
  const char **values; /* point into argv */
  uint32_t count;
} option_list;

typedef struct options {
  const char *model;        /* file */
  option_list inputs;       /* -input= */
  option_list expects;      /* -expect= */
  option_list shapes;       /* -shape= */
  option_list drivers;      /* -load-driver= */
  const char *output_dir;   /* NULL: do not write outputs */
  const char *profile_file; /* NULL: no trace */
  double rtol, atol;        /* < 0: the default of the element type */
  uint32_t threads;         /* default 1; 0: one per CPU */
  uint32_t *cpus;           /* -affinity= */
  uint32_t cpu_count;       /* 0: threads run where the system puts them */
  uint32_t handover_ns;     /* -handover=, if set_handover */
  uint32_t benchmark;       /* runs; 0: no benchmark */

  const char *alternative;                   /* label, or NULL */
  const char *fallback;                      /* label, or NULL for none */
  double deadline_ms, energy_uj, timeout_ms; /* <= 0: no limit */
  uint64_t device_mask; /* of the devices to attach, if only_devices */
  uint32_t inject_kind; /* EDGE_INJECT_ of fault_injector.h */
  uint32_t inject_job, inject_command;

  const char *trace_file; /* of the simulation, or NULL */
  uint32_t frames, depth; /* of a simulated pipeline; default 1 and 2 */
  uint32_t clusters;      /* of CPUs in it; default 1 */
  uint8_t profile, info, json, help, simulate, only_devices, set_handover,
      huge_pages;
} options;

/** Parses the arguments. On success the caller gives `result` to options_free;
 *  strings point into `argv`.
 *
 *  Returns EDGE_OK, EDGE_ERROR_INVALID_ARGUMENT or EDGE_ERROR_OUT_OF_MEMORY. */
edge_status options_parse(int argc, char **argv, options *result,
                          edge_message *message);

void options_free(options *result);

/** What -help prints. */
extern const char options_help[];

#endif /* EDGE_RUN_OPTIONS_H */

/* The tests' accelerator: int32 vectors, one command per operation. Its driver
   (tally_driver.c) is a complete one, and what docs/devices.md shows. */

#ifndef EDGE_TEST_TALLY_H
#define EDGE_TEST_TALLY_H

#include "edge/device.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  TALLY_ADD = 1, /* to[i] = from[i] + with[i] */
  TALLY_MUL = 2, /* to[i] = from[i] * with[i] */
  TALLY_HANG = 3 /* until the job is cancelled */
};

/* `to`, `from` and `with` are indices of the job's buffers. */
typedef struct tally_command {
  uint32_t operation, to, from, with;
} tally_command;

enum {
  TALLY_NANOSECONDS_PER_COMMAND = 1000000,
  TALLY_NANOJOULES_PER_COMMAND = 10
};

/* What a test sets through edge_driver::user; may be NULL. */
typedef struct tally_options {
  uint32_t own_memory;  /* 1: a device that does not see the host's memory;
                           2: one that can import it */
  uint32_t copies;      /* written: buffers that were allocated and not freed */
  uint32_t imports;     /* written: imported and not forgotten */
  uint32_t delay_us;    /* each job takes so long on the host */
  uint32_t most_copies; /* buffers that can be allocated at once; 0: any */
  uint32_t hangs;       /* written, atomically: hanging commands that began */
} tally_options;

/* Drivers of kind "tally"; the second lets every allocated buffer pass through
   the device's own memory. */
void tally_driver(tally_options *options, edge_driver *driver);

#ifdef __cplusplus
}
#endif

#endif /* EDGE_TEST_TALLY_H */

/*===- fault_injector.h - a device that fails on purpose ------------------===*\
|*
|* Wraps any driver and lets one submission go wrong, in the ways in which real
|* devices do. For tests, and for finding out what a product does when its
|* accelerator fails: `edge-run MODEL.so -inject=timeout@2:17`.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_FAULT_INJECTOR_H
#define EDGE_FAULT_INJECTOR_H

#include "edge/device.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What goes wrong (`edge_injection::kind`). */
enum {
  EDGE_INJECT_NOTHING = 0,
  EDGE_INJECT_REJECTED,      /* the device refuses a command, after it has
                                written nonsense to the results */
  EDGE_INJECT_TIMEOUT,       /* the job hangs until it is cancelled */
  EDGE_INJECT_LOST,          /* the device never answers again */
  EDGE_INJECT_CHECKSUM,      /* a bit of a result flips on its way */
  EDGE_INJECT_OUT_OF_MEMORY, /* the job does not even start */
  EDGE_INJECT_KINDS
};

/** A driver that opens devices of another and lets one submission go wrong.
 *  What, is changed only while nothing is on its way. */
typedef struct edge_fault_injector {
  edge_driver driver; /* to be given to edge_device_open */
  const edge_driver *inner;

  uint32_t kind;    /* EDGE_INJECT_ */
  uint32_t job;     /* which submission, counted from 0 over all its devices */
  uint32_t command; /* to blame; for a checksum, the byte that changes */

  /* Written by the injector. */
  uint32_t submissions; /* seen so far */
  uint32_t injected;    /* faults so far */
} edge_fault_injector;

/** Fills in an injector that injects nothing yet. The caller owns both and
 *  keeps them for as long as a device is open. */
void edge_fault_injector_init(edge_fault_injector *injector,
                              const edge_driver *inner);

/** Returns the name of a kind ("timeout"), NULL if there is none. */
const char *edge_injection_name(uint32_t kind);

#ifdef __cplusplus
}
#endif

#endif /* EDGE_FAULT_INJECTOR_H */

/*===- machine.h - what the processor we run on can do --------------------===*\
|*
|* Answers one question for the loader: does this processor, under this
operating
|* system, have the extension that LLVM calls NAME? There is one source file per
|* architecture; each is empty on the others.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_SRC_MACHINE_H
#define EDGE_SRC_MACHINE_H

#include "edge/model.h"

typedef enum edge_presence {
  EDGE_PRESENT, /* usable, or part of every processor of the architecture */
  EDGE_ABSENT,  /* known, but the processor or the system lacks it */
  EDGE_UNKNOWN  /* this runtime has no way to find out */
} edge_presence;

/** Architecture that the runtime itself was compiled for. */
edge_architecture edge_machine_architecture(void);

/** Name of an architecture as in `edgec -target=`: "x86_64"; "unknown" for a
 *  value that is not an EDGE_ARCHITECTURE_. A constant string. */
const char *edge_architecture_name(edge_architecture architecture);

/** Looks for one extension by its LLVM name ("avx2", "dotprod", "zvl256b").
 *  Does not allocate; any thread. May ask the system for permission to use AMX,
 *  and may try out a RISC-V vector instruction (see edge_model_check). */
edge_presence edge_machine_feature(const char *name);

#endif /* EDGE_SRC_MACHINE_H */

/*===- artifact.h - a model that was loaded from a file -------------------===*\
|*
|* What load.c makes and others of the runtime look into.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_SRC_ARTIFACT_H
#define EDGE_SRC_ARTIFACT_H

#include "edge/runtime.h"

struct edge_artifact {
  void *handle; /* dlopen's */
  const edge_model *model;
  uint64_t moved_bytes; /* the first of its weights, to huge pages */
};

#endif /* EDGE_SRC_ARTIFACT_H */

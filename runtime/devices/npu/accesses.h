/*===- accesses.h - which SRAM bytes a command touches --------------------===*\
|*
|* Every command is described by a short list of views: strided boxes of SRAM
|* that it reads or writes. Bounds, alignment, overlap, races and traffic are
|* all decided on them, so that no command has checks of its own for these.
|*
|*     mac -> input (read), weights (read), output (write), residual (read) ...
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_NPU_ACCESSES_H
#define EDGE_NPU_ACCESSES_H

#include "failure.h"
#include "program.h"

/** The elements at address + sum of i[d] * stride[d], 0 <= i[d] < extent[d]. */
typedef struct npu_view {
  const char *name; /* for messages: "input" */
  uint32_t address;
  uint32_t element_bytes; /* 1, 2, 4, or more for whole rows */
  uint32_t alignment;     /* of address and strides */
  uint32_t extent[4];     /* each at least 1 */
  int64_t stride[4];      /* bytes */
  int is_write;
  int in_place; /* may coincide with the output, element for element */
} npu_view;

enum { NPU_MAX_VIEWS = 8 };

/** The views of one command. */
typedef struct npu_accesses {
  npu_view views[NPU_MAX_VIEWS];
  uint32_t count;
} npu_accesses;

/** Lists the views of `command`, whose fields were found legal one by one
 *  (dtypes, sizes of at least 1). `program` is the command's, if it has one. */
void npu_list_accesses(const npu_command *command, const npu_program *program,
                       npu_accesses *accesses);

/** First byte of the view and the byte behind its last one. False if that is
 *  beyond 2^40 bytes. */
int npu_view_range(const npu_view *view, int64_t *begin, int64_t *end);

/** Elements of the view; each counts as often as it is reached. */
uint64_t npu_view_elements(const npu_view *view);

/** Checks alignment (T4), bounds (T5), that outputs are distinct (T6) and that
 *  nothing is overwritten before it is read (T7). */
int32_t npu_check_accesses(const npu_command *command,
                           const npu_accesses *accesses, uint32_t sram_bytes,
                           edge_npu_error *error);

#endif /* EDGE_NPU_ACCESSES_H */

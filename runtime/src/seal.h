/*===- seal.h - whether a shared object is as edgec wrote it --------------===*\
|*
|* See edge_seal in edge/model.h.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_SRC_SEAL_H
#define EDGE_SRC_SEAL_H

#include <stdint.h>

/** Whether the file `file` of `size` bytes is undamaged as far as its seal
 *  tells; 1 also for files without one. Reads by position, allocates nothing.
 */
int edge_seal_holds(int file, uint64_t size);

#endif /* EDGE_SRC_SEAL_H */

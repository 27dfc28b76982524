/*===- npy.h - NumPy's array files ----------------------------------------===*\
|*
|* Reads and writes `.npy` files: a short header (a Python dict as text) and the
|* elements. Files come from anywhere, so the reader trusts no byte of them:
|* every length is checked against the file's size before it is used.
|* Format: NumPy Enhancement Proposal 1, versions 1.0, 2.0 and 3.0.
|*
\*===----------------------------------------------------------------------===*/

#ifndef EDGE_RUN_NPY_H
#define EDGE_RUN_NPY_H

#include "edge/runtime.h"

#define NPY_MAX_RANK 32

/** Longest header that is read, in bytes, magic string and length included.
 *  NumPy writes 128 bytes for arrays of up to a dozen dimensions. */
#define NPY_MAX_HEADER_BYTES 65536

/** What a header says. */
typedef struct npy_header {
  /** 'f' float, 'i' signed, 'u' unsigned (also NumPy's raw 'V', which is how it
   *  stores bfloat16), 'b' boolean. */
  char kind;
  uint8_t item_bytes; /* 1, 2, 4 or 8 */
  uint8_t big_endian; /* 1: the elements' bytes are in the wrong order */
  uint8_t fortran_order;
  uint32_t rank;
  int64_t shape[NPY_MAX_RANK];
  uint64_t item_count;   /* product of the shape */
  uint64_t header_bytes; /* offset of the first element in the file */
} npy_header;

/** An array in memory: row-major, in this machine's byte order. */
typedef struct npy_array {
  npy_header header; /* big_endian = fortran_order = 0 */
  void *data;        /* item_count * item_bytes bytes, aligned to 64 */
} npy_array;

/** Reads the header in the first `size` bytes of a file of `file_bytes` bytes.
 *  `size` must be the smaller of file_bytes and NPY_MAX_HEADER_BYTES. Checks
 * that the file has exactly the elements that the header promises.
 *
 *  Returns EDGE_OK or EDGE_ERROR_INVALID_ARGUMENT. Does not allocate. */
edge_status npy_parse_header(const uint8_t *bytes, size_t size,
                             uint64_t file_bytes, npy_header *header,
                             edge_message *message);

/** Reads the file at `path`. The caller frees the array with npy_free.
 *
 *  Returns EDGE_OK, EDGE_ERROR_FILE, EDGE_ERROR_INVALID_ARGUMENT (not a valid
 *  file) or EDGE_ERROR_OUT_OF_MEMORY; the message begins with the path. */
edge_status npy_read(const char *path, npy_array *array, edge_message *message);

/** Frees the data of an array that npy_read filled in, or of a zeroed one. */
void npy_free(npy_array *array);

/** Writes `header` (kind, item_bytes, rank, shape and item_count) and the
 *  elements in `data` as a file of version 1.0. An existing file is replaced
 * only when the new one is complete.
 *
 *  Returns EDGE_OK, EDGE_ERROR_FILE or EDGE_ERROR_OUT_OF_MEMORY. */
edge_status npy_write(const char *path, const npy_header *header,
                      const void *data, edge_message *message);

/** Formats the type as NumPy names it ("float32", "uint8", "bool"). */
void npy_type_name(const npy_header *header, char name[16]);

#endif /* EDGE_RUN_NPY_H */

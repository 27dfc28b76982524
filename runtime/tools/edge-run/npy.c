/*===- npy.c - NumPy's array files ----------------------------------------===*\
|*
|* The header is a Python dict literal; only the three keys that NumPy writes
are
|* accepted, each once, in any order:
|*
|*     {'descr': '<f4', 'fortran_order': False, 'shape': (1, 3, 224, 224), }
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "npy.h"
#include "message.h"
#include "output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static edge_status bad(edge_message *message, const char *what) {
  return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                   "not a valid .npy file: %s; write it with numpy.save", what);
}

/*===----------------------------------------------------------------------===*\
 * The dict
\*===----------------------------------------------------------------------===*/

typedef struct {
  const char *at;
  const char *end;
} cursor;

static void skip_space(cursor *c) {
  while (c->at < c->end &&
         (*c->at == ' ' || *c->at == '\t' || *c->at == '\n' || *c->at == '\r'))
    c->at++;
}

/* Takes `expected` if it comes next. */
static int take(cursor *c, char expected) {
  skip_space(c);
  if (c->at >= c->end || *c->at != expected)
    return 0;
  c->at++;
  return 1;
}

static int take_word(cursor *c, const char *word) {
  const size_t length = strlen(word);
  skip_space(c);
  if ((size_t)(c->end - c->at) < length || memcmp(c->at, word, length) != 0)
    return 0;
  c->at += length;
  return 1;
}

/* Takes a quoted string without escapes that fits in `text`. */
static int take_string(cursor *c, char *text, size_t size) {
  skip_space(c);
  if (c->at >= c->end || (*c->at != '\'' && *c->at != '"'))
    return 0;
  const char quote = *c->at++;
  const char *close = memchr(c->at, quote, (size_t)(c->end - c->at));
  if (!close || (size_t)(close - c->at) >= size)
    return 0;
  const size_t length = (size_t)(close - c->at);
  memcpy(text, c->at, length);
  text[length] = '\0';
  c->at = close + 1;
  return strlen(text) == length; /* no NUL inside */
}

/* Takes a decimal number below 2^62. */
static int take_size(cursor *c, int64_t *value) {
  skip_space(c);
  const char *begin = c->at;
  int64_t number = 0;
  for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
    if (number > (INT64_C(1) << 62) / 10 - 1)
      return 0;
    number = number * 10 + (*c->at - '0');
  }
  *value = number;
  return c->at > begin;
}

/* Takes "(2, 3)", "(7,)" or "()". */
static int take_shape(cursor *c, npy_header *header) {
  header->rank = 0;
  if (!take(c, '('))
    return 0;
  while (!take(c, ')')) {
    if (header->rank == NPY_MAX_RANK ||
        !take_size(c, &header->shape[header->rank]))
      return 0;
    header->rank++;
    take(c, 'L'); /* Python 2 wrote long integers so */
    if (!take(c, ',') && header->rank == 1)
      return 0; /* "(7)" is a number, not a tuple */
  }
  return 1;
}

/* Takes a type such as "<f4", "|i1", "|b1" or "<V2". */
static int take_type(cursor *c, npy_header *header) {
  char text[8];
  if (!take_string(c, text, sizeof(text)) || strlen(text) != 3)
    return 0;
  if (!strchr("<>|=", text[0]) || !strchr("1248", text[2]))
    return 0;
  header->big_endian = text[0] == '>';
  header->kind = text[1] == 'V' ? 'u' : text[1];
  header->item_bytes = (uint8_t)(text[2] - '0');
  switch (text[1]) {
  case 'f':
    return header->item_bytes > 1;
  case 'i':
  case 'u':
    return 1;
  case 'b':
    return header->item_bytes == 1;
  case 'V':
    return header->item_bytes <= 2;
  default:
    return 0;
  }
}

static edge_status parse_dict(cursor c, npy_header *header,
                              edge_message *message) {
  enum { DESCR = 1, ORDER = 2, SHAPE = 4, ALL = 7 };
  int seen = 0;
  if (!take(&c, '{'))
    return bad(message, "its header is no dict");
  while (!take(&c, '}')) {
    char key[16];
    if (!take_string(&c, key, sizeof(key)) || !take(&c, ':'))
      return bad(message, "its header is no dict");
    int this_key;
    if (strcmp(key, "descr") == 0) {
      this_key = DESCR;
      if (!take_type(&c, header))
        return bad(message,
                   "its element type is not a boolean, an integer or a "
                   "floating-point number of 16 to 64 bits");
    } else if (strcmp(key, "fortran_order") == 0) {
      this_key = ORDER;
      header->fortran_order = (uint8_t)take_word(&c, "True");
      if (!header->fortran_order && !take_word(&c, "False"))
        return bad(message, "its order is neither True nor False");
    } else if (strcmp(key, "shape") == 0) {
      this_key = SHAPE;
      if (!take_shape(&c, header))
        return bad(message, "its shape is damaged");
    } else {
      return bad(message, "its header has an unknown key");
    }
    if (seen & this_key)
      return bad(message, "its header has a key twice");
    seen |= this_key;
    if (!take(&c, ',')) {
      if (!take(&c, '}'))
        return bad(message, "its header is no dict");
      break;
    }
  }
  skip_space(&c);
  if (seen != ALL || c.at != c.end)
    return bad(message, "its header is incomplete");
  return EDGE_OK;
}

/*===----------------------------------------------------------------------===*\
 * Headers
\*===----------------------------------------------------------------------===*/

/* Multiplies the shape; the result fits any buffer that can be addressed. */
static int count_items(npy_header *header) {
  const uint64_t limit = (uint64_t)SIZE_MAX / 16;
  uint64_t count = 1;
  int empty = 0;
  for (uint32_t i = 0; i < header->rank; i++) {
    const uint64_t size = (uint64_t)header->shape[i];
    if (size == 0)
      empty = 1;
    else if (count > limit / size)
      return 0;
    else
      count *= size;
  }
  header->item_count = empty ? 0 : count;
  return 1;
}

edge_status npy_parse_header(const uint8_t *bytes, size_t size,
                             uint64_t file_bytes, npy_header *header,
                             edge_message *message) {
  memset(header, 0, sizeof(*header));
  if (size < 10 || memcmp(bytes, "\x93NUMPY", 6) != 0)
    return bad(message, "it does not begin with NumPy's magic string");
  const int version = bytes[6];
  if (version < 1 || version > 3)
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                     ".npy version %d is not known; versions 1 to 3 are",
                     version);
  const size_t start = version == 1 ? 10 : 12;
  if (size < start)
    return bad(message, "it is cut off");
  uint64_t length = bytes[8] | (uint64_t)bytes[9] << 8;
  if (version > 1)
    length |= (uint64_t)bytes[10] << 16 | (uint64_t)bytes[11] << 24;
  if (length > file_bytes - start)
    return bad(message, "it is cut off");
  if (length > size - start)
    return bad(message, "its header is too long");

  const cursor c = {(const char *)bytes + start,
                    (const char *)bytes + start + length};
  const edge_status status = parse_dict(c, header, message);
  if (status)
    return status;
  if (!count_items(header))
    return bad(message, "its shape is too large");
  header->header_bytes = start + length;
  const uint64_t want = header->item_count * header->item_bytes;
  const uint64_t have = file_bytes - header->header_bytes;
  if (want != have)
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                     "not a valid .npy file: its shape needs %" PRIu64
                     " bytes of elements but it has %" PRIu64
                     "; write it with numpy.save",
                     want, have);
  return EDGE_OK;
}

void npy_type_name(const npy_header *header, char name[16]) {
  if (header->kind == 'b') {
    strcpy(name, "bool");
    return;
  }
  const char *base = header->kind == 'f'   ? "float"
                     : header->kind == 'i' ? "int"
                                           : "uint";
  snprintf(name, 16, "%s%d", base, header->item_bytes * 8);
}

/*===----------------------------------------------------------------------===*\
 * Reading
\*===----------------------------------------------------------------------===*/

static void swap_bytes(uint8_t *data, uint64_t count, size_t item) {
  for (uint64_t i = 0; i < count; i++, data += item)
    for (size_t low = 0, high = item - 1; low < high; low++, high--) {
      const uint8_t byte = data[low];
      data[low] = data[high];
      data[high] = byte;
    }
}

/* Copies column-major `from` to row-major `to`. */
static void to_row_major(const npy_header *header, const uint8_t *from,
                         uint8_t *to) {
  uint64_t stride[NPY_MAX_RANK];
  int64_t index[NPY_MAX_RANK] = {0};
  uint64_t step = header->item_bytes;
  for (uint32_t i = 0; i < header->rank; i++) {
    stride[i] = step;
    step *= (uint64_t)header->shape[i];
  }
  for (uint64_t n = 0; n < header->item_count; n++) {
    uint64_t offset = 0;
    for (uint32_t i = 0; i < header->rank; i++)
      offset += (uint64_t)index[i] * stride[i];
    memcpy(to + n * header->item_bytes, from + offset, header->item_bytes);
    for (uint32_t i = header->rank; i-- > 0;) {
      if (++index[i] < header->shape[i])
        break;
      index[i] = 0;
    }
  }
}

static void *allocate(uint64_t bytes) {
  void *memory;
  return posix_memalign(&memory, 64, bytes ? bytes : 1) ? NULL : memory;
}

/* Reads exactly `size` bytes from `offset`. */
static int read_exactly(int file, uint8_t *data, uint64_t size,
                        uint64_t offset) {
  while (size) {
    const size_t part = size > (1u << 30) ? (1u << 30) : (size_t)size;
    const ssize_t got = pread(file, data, part, (off_t)offset);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return 0;
    data += got;
    size -= (uint64_t)got;
    offset += (uint64_t)got;
  }
  return 1;
}

static edge_status read_elements(int file, npy_array *array,
                                 edge_message *message) {
  npy_header *header = &array->header;
  const uint64_t bytes = header->item_count * header->item_bytes;
  array->data = allocate(bytes);
  if (!array->data)
    return edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY,
                     "no memory for its elements");
  if (!read_exactly(file, array->data, bytes, header->header_bytes))
    return edge_fail(message, EDGE_ERROR_FILE, "cannot be read");
  if (header->big_endian)
    swap_bytes(array->data, header->item_count, header->item_bytes);
  header->big_endian = 0;
  if (header->fortran_order && header->rank > 1) {
    uint8_t *rows = allocate(bytes);
    if (!rows)
      return edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY,
                       "no memory for its elements");
    to_row_major(header, array->data, rows);
    free(array->data);
    array->data = rows;
  }
  header->fortran_order = 0;
  return EDGE_OK;
}

static edge_status read_file(int file, npy_array *array,
                             edge_message *message) {
  struct stat information;
  if (fstat(file, &information) != 0 || !S_ISREG(information.st_mode))
    return edge_fail(message, EDGE_ERROR_FILE, "not a regular file");
  const uint64_t file_bytes = (uint64_t)information.st_size;
  const size_t size = file_bytes < NPY_MAX_HEADER_BYTES ? (size_t)file_bytes
                                                        : NPY_MAX_HEADER_BYTES;
  uint8_t *bytes = malloc(size ? size : 1);
  if (!bytes)
    return edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY,
                     "no memory for its header");
  edge_status status = EDGE_OK;
  if (!read_exactly(file, bytes, size, 0))
    status = edge_fail(message, EDGE_ERROR_FILE, "cannot be read");
  else
    status = npy_parse_header(bytes, size, file_bytes, &array->header, message);
  free(bytes);
  return status ? status : read_elements(file, array, message);
}

edge_status npy_read(const char *path, npy_array *array,
                     edge_message *message) {
  edge_message reason = {""};
  memset(array, 0, sizeof(*array));
  const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0)
    return edge_fail(message, EDGE_ERROR_FILE, "%s: cannot be opened: %s", path,
                     strerror(errno));
  const edge_status status = read_file(file, array, &reason);
  close(file);
  if (status) {
    npy_free(array);
    edge_fail(message, status, "%s: %s", path, reason.text);
  }
  return status;
}

void npy_free(npy_array *array) {
  free(array->data);
  array->data = NULL;
}

/*===----------------------------------------------------------------------===*\
 * Writing
\*===----------------------------------------------------------------------===*/

/* Formats the header of version 1.0 so that the elements begin at a multiple of
   64 bytes. Returns its length. */
static size_t format_header(const npy_header *header, char *text, size_t size) {
  size_t length = 10;
  length += (size_t)snprintf(
      text + length, size - length,
      "{'descr': '%c%c%d', 'fortran_order': False, 'shape': (",
      header->item_bytes == 1 ? '|' : '<', header->kind, header->item_bytes);
  for (uint32_t i = 0; i < header->rank; i++)
    length += (size_t)snprintf(text + length, size - length, "%s%" PRId64 "%s",
                               i ? ", " : "", header->shape[i],
                               header->rank == 1 ? "," : "");
  length += (size_t)snprintf(text + length, size - length, "), }");
  while (length % 64 != 63)
    text[length++] = ' ';
  text[length++] = '\n';
  memcpy(text, "\x93NUMPY\x01\x00", 8);
  text[8] = (char)((length - 10) & 0xff);
  text[9] = (char)((length - 10) >> 8);
  return length;
}

edge_status npy_write(const char *path, const npy_header *header,
                      const void *data, edge_message *message) {
  char text[128 + NPY_MAX_RANK * 24];
  output_file file;
  const edge_status status = output_file_open(&file, path, message);
  if (status)
    return status;
  fwrite(text, 1, format_header(header, text, sizeof(text)), file.stream);
  fwrite(data, header->item_bytes, (size_t)header->item_count, file.stream);
  return output_file_commit(&file, message);
}

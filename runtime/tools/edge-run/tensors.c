/*===- tensors.c - the model's buffers and their files --------------------===*\
|*
|* Everything here is driven by one table of element types: how each is stored
in
|* a file, and, for the small floats, how its bits are laid out.
|*
\*===----------------------------------------------------------------------===*/

#define _GNU_SOURCE
#include "tensors.h"
#include "message.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  char kind;             /* as npy_header::kind */
  uint8_t item_bytes;    /* in a file */
  uint8_t mantissa_bits; /* of a float of 8 or 16 bits, else 0 */
  uint8_t exponent_bits;
} encoding;

static const encoding encodings[] = {
    [EDGE_DTYPE_F32] = {'f', 4, 0, 0},    [EDGE_DTYPE_F64] = {'f', 8, 0, 0},
    [EDGE_DTYPE_F16] = {'f', 2, 10, 5},   [EDGE_DTYPE_BF16] = {'u', 2, 7, 8},
    [EDGE_DTYPE_I8] = {'i', 1, 0, 0},     [EDGE_DTYPE_U8] = {'u', 1, 0, 0},
    [EDGE_DTYPE_I16] = {'i', 2, 0, 0},    [EDGE_DTYPE_U16] = {'u', 2, 0, 0},
    [EDGE_DTYPE_I32] = {'i', 4, 0, 0},    [EDGE_DTYPE_U32] = {'u', 4, 0, 0},
    [EDGE_DTYPE_I64] = {'i', 8, 0, 0},    [EDGE_DTYPE_U64] = {'u', 8, 0, 0},
    [EDGE_DTYPE_BOOL] = {'b', 1, 0, 0},   [EDGE_DTYPE_I4] = {'i', 1, 0, 0},
    [EDGE_DTYPE_U4] = {'u', 1, 0, 0},     [EDGE_DTYPE_F8E4M3] = {'u', 1, 3, 4},
    [EDGE_DTYPE_F8E5M2] = {'u', 1, 2, 5},
};

static int is_nibble(edge_dtype dtype) {
  return dtype == EDGE_DTYPE_I4 || dtype == EDGE_DTYPE_U4;
}

uint64_t tensor_elements(const edge_tensor_info *tensor) {
  uint64_t count = 1;
  for (uint32_t i = 0; i < tensor->rank; i++)
    count *= (uint64_t)tensor->shape[i];
  return count;
}

void tensor_header(const edge_tensor_info *tensor, npy_header *header) {
  memset(header, 0, sizeof(*header));
  header->kind = encodings[tensor->dtype].kind;
  header->item_bytes = encodings[tensor->dtype].item_bytes;
  header->rank = tensor->rank;
  for (uint32_t i = 0; i < tensor->rank; i++)
    header->shape[i] = tensor->shape[i];
  header->item_count = tensor_elements(tensor);
}

void *tensor_allocate(const edge_tensor_info *tensor) {
  void *buffer;
  const size_t bytes = (size_t)tensor->size_bytes;
  return posix_memalign(&buffer, 64, bytes ? bytes : 1) ? NULL : buffer;
}

static void format_shape(const int64_t *shape, uint32_t rank, char *text,
                         size_t size) {
  size_t length = (size_t)snprintf(text, size, "[");
  for (uint32_t i = 0; i < rank && length < size; i++)
    length += (size_t)snprintf(text + length, size - length, "%s%" PRId64,
                               i ? ", " : "", shape[i]);
  if (length < size)
    snprintf(text + length, size - length, "]");
}

void tensor_type_text(const edge_tensor_info *tensor, char *text, size_t size) {
  const size_t length =
      (size_t)snprintf(text, size, "%s", edge_dtype_name(tensor->dtype));
  if (length < size)
    format_shape(tensor->shape, tensor->rank, text + length, size - length);
}

edge_status tensor_find(const char *value, const edge_tensor_info *tensors,
                        uint32_t count, const char *kind, uint32_t *index,
                        const char **rest, edge_message *message) {
  size_t best = 0;
  for (uint32_t i = 0; i < count; i++) {
    const size_t length = strlen(tensors[i].name);
    if (length > best && strncmp(value, tensors[i].name, length) == 0 &&
        value[length] == '=') {
      best = length;
      *index = i;
    }
  }
  if (best == 0) {
    char *end;
    const unsigned long number = strtoul(value, &end, 10);
    if (*value < '0' || *value > '9' || *end != '=' || number >= count)
      return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                       "the model has no %s '%.*s'; see edge-run -info", kind,
                       (int)(strchr(value, '=') - value), value);
    best = (size_t)(end - value);
    *index = (uint32_t)number;
  }
  *rest = value + best + 1;
  return EDGE_OK;
}

/*===----------------------------------------------------------------------===*\
 * Files
\*===----------------------------------------------------------------------===*/

/* The file's type and shape must be the tensor's. */
static edge_status check_header(const edge_tensor_info *tensor,
                                const char *path, const npy_header *have,
                                edge_message *message) {
  npy_header want;
  char have_type[16], want_type[16], type[96], shape[96];
  tensor_header(tensor, &want);
  tensor_type_text(tensor, type, sizeof(type));
  npy_type_name(&want, want_type);
  npy_type_name(have, have_type);
  if (have->kind != want.kind || have->item_bytes != want.item_bytes)
    return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                     "%s: holds %s but '%s' is %s; save it as %s", path,
                     have_type, tensor->name, type, want_type);
  if (have->rank == want.rank &&
      memcmp(have->shape, want.shape, want.rank * sizeof(want.shape[0])) == 0)
    return EDGE_OK;
  format_shape(have->shape, have->rank, shape, sizeof(shape));
  return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                   "%s: has shape %s but '%s' is %s; reshape it", path, shape,
                   tensor->name, type);
}

/* Joins one-byte entries to two elements per byte. */
static edge_status pack_nibbles(const edge_tensor_info *tensor,
                                const char *path, const int8_t *entries,
                                uint8_t *buffer, edge_message *message) {
  const int low = tensor->dtype == EDGE_DTYPE_I4 ? -8 : 0;
  const uint64_t count = tensor_elements(tensor);
  memset(buffer, 0, (size_t)tensor->size_bytes);
  for (uint64_t i = 0; i < count; i++) {
    const int value = entries[i];
    if (value < low || value > low + 15)
      return edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                       "%s: element %" PRIu64 " is outside of %d to %d, the "
                       "range of '%s'",
                       path, i, low, low + 15, tensor->name);
    buffer[i / 2] |= (uint8_t)((value & 15) << (i % 2 * 4));
  }
  return EDGE_OK;
}

edge_status tensor_read(const edge_tensor_info *tensor, const char *path,
                        void *buffer, edge_message *message) {
  npy_array array;
  edge_status status = npy_read(path, &array, message);
  if (status)
    return status;
  status = check_header(tensor, path, &array.header, message);
  if (!status && is_nibble(tensor->dtype))
    status = pack_nibbles(tensor, path, array.data, buffer, message);
  else if (!status)
    memcpy(buffer, array.data, (size_t)tensor->size_bytes);
  if (tensor->dtype == EDGE_DTYPE_BOOL && !status)
    for (uint64_t i = 0; i < array.header.item_count; i++)
      ((uint8_t *)buffer)[i] = ((uint8_t *)buffer)[i] != 0;
  npy_free(&array);
  return status;
}

edge_status tensor_write(const edge_tensor_info *tensor, const char *path,
                         const void *buffer, edge_message *message) {
  npy_header header;
  tensor_header(tensor, &header);
  if (!is_nibble(tensor->dtype))
    return npy_write(path, &header, buffer, message);
  int8_t *entries = malloc((size_t)header.item_count + 1);
  if (!entries)
    return edge_fail(message, EDGE_ERROR_OUT_OF_MEMORY, "%s: no memory", path);
  for (uint64_t i = 0; i < header.item_count; i++)
    entries[i] = (int8_t)tensor_value(tensor, buffer, i);
  const edge_status status = npy_write(path, &header, entries, message);
  free(entries);
  return status;
}

/*===----------------------------------------------------------------------===*\
 * Elements
\*===----------------------------------------------------------------------===*/

/* 2^exponent for a normal exponent, without the math library. */
static double power_of_two(int exponent) {
  const uint64_t bits = (uint64_t)(exponent + 1023) << 52;
  double value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

/* Decodes a float of 8 or 16 bits. E4M3 has no infinities: only the highest
   exponent with all mantissa bits set is a NaN. */
static double decode_float(const encoding *e, edge_dtype dtype, uint32_t bits) {
  const uint32_t mantissa = bits & ((1u << e->mantissa_bits) - 1);
  const uint32_t top = (1u << e->exponent_bits) - 1;
  const uint32_t exponent = bits >> e->mantissa_bits & top;
  const int bias = (int)(top >> 1);
  const double sign =
      bits >> (e->mantissa_bits + e->exponent_bits) & 1 ? -1 : 1;
  if (exponent == top) {
    const int no_infinity = dtype == EDGE_DTYPE_F8E4M3;
    if (!no_infinity && mantissa == 0)
      return sign * __builtin_inf();
    if (!no_infinity || mantissa == (1u << e->mantissa_bits) - 1)
      return __builtin_nan("");
  }
  const double fraction = mantissa * power_of_two(-e->mantissa_bits);
  if (exponent == 0)
    return sign * fraction * power_of_two(1 - bias);
  return sign * (1 + fraction) * power_of_two((int)exponent - bias);
}

#define ELEMENT(type)                                                          \
  do {                                                                         \
    type element;                                                              \
    memcpy(&element, (const uint8_t *)buffer + index * sizeof(element),        \
           sizeof(element));                                                   \
    return (double)element;                                                    \
  } while (0)

double tensor_value(const edge_tensor_info *tensor, const void *buffer,
                    uint64_t index) {
  const uint8_t *bytes = buffer;
  const encoding *e = &encodings[tensor->dtype];
  switch (tensor->dtype) {
  case EDGE_DTYPE_F32:
    ELEMENT(float);
  case EDGE_DTYPE_F64:
    ELEMENT(double);
  case EDGE_DTYPE_I8:
    ELEMENT(int8_t);
  case EDGE_DTYPE_U8:
  case EDGE_DTYPE_BOOL:
    ELEMENT(uint8_t);
  case EDGE_DTYPE_I16:
    ELEMENT(int16_t);
  case EDGE_DTYPE_U16:
    ELEMENT(uint16_t);
  case EDGE_DTYPE_I32:
    ELEMENT(int32_t);
  case EDGE_DTYPE_U32:
    ELEMENT(uint32_t);
  case EDGE_DTYPE_I64:
    ELEMENT(int64_t);
  case EDGE_DTYPE_U64:
    ELEMENT(uint64_t);
  case EDGE_DTYPE_I4:
  case EDGE_DTYPE_U4: {
    const int nibble = bytes[index / 2] >> (index % 2 * 4) & 15;
    return tensor->dtype == EDGE_DTYPE_I4 && nibble > 7 ? nibble - 16 : nibble;
  }
  case EDGE_DTYPE_F16:
  case EDGE_DTYPE_BF16:
    return decode_float(e, tensor->dtype,
                        (uint32_t)bytes[2 * index + 1] << 8 | bytes[2 * index]);
  default:
    return decode_float(e, tensor->dtype, bytes[index]);
  }
}

/* One step of SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t next_random(uint64_t *state) {
  uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

/* Bits of a small float in (-1, 1): any sign and mantissa, and one of the six
   exponents below that of 1. */
static uint32_t random_small_float(const encoding *e, uint64_t random) {
  const uint32_t bias = (1u << (e->exponent_bits - 1)) - 1;
  const uint32_t exponent = bias - 1 - (uint32_t)(random >> 32) % 6;
  const uint32_t mantissa = (uint32_t)random & ((1u << e->mantissa_bits) - 1);
  const uint32_t sign = (uint32_t)(random >> 63);
  return sign << (e->mantissa_bits + e->exponent_bits) |
         exponent << e->mantissa_bits | mantissa;
}

void tensor_clear(const edge_tensor_info *tensor, void *buffer) {
  const size_t item = encodings[tensor->dtype].item_bytes;
  memset(buffer, 0, tensor->size_bytes);
  if (tensor->quant_count != 1 || is_nibble(tensor->dtype))
    return;
  const int64_t zero = tensor->zero_points[0];
  const uint64_t count = tensor_elements(tensor);
  for (uint64_t i = 0; zero && i < count; i++)
    memcpy((uint8_t *)buffer + i * item, &zero, item); /* little-endian */
}

void tensor_fill(const edge_tensor_info *tensor, uint32_t seed, void *buffer) {
  const encoding *e = &encodings[tensor->dtype];
  const uint64_t count =
      is_nibble(tensor->dtype) ? tensor->size_bytes : tensor_elements(tensor);
  const size_t item = e->item_bytes;
  uint64_t state = seed;
  for (uint64_t i = 0; i < count; i++) {
    const uint64_t random = next_random(&state);
    uint64_t bits = random;
    if (tensor->dtype == EDGE_DTYPE_F32) {
      const float value = (float)((int64_t)random >> 40) / 8388608.0f;
      memcpy(&bits, &value, sizeof(value));
    } else if (tensor->dtype == EDGE_DTYPE_F64) {
      const double value = (double)((int64_t)random >> 11) / 4503599627370496.0;
      memcpy(&bits, &value, sizeof(value));
    } else if (e->mantissa_bits) {
      bits = random_small_float(e, random);
    } else if (tensor->dtype == EDGE_DTYPE_BOOL) {
      bits = random & 1;
    } else if (item >= 4) {
      bits = random & 7;
    }
    memcpy((uint8_t *)buffer + i * item, &bits, item); /* little-endian */
  }
  if (is_nibble(tensor->dtype) && tensor_elements(tensor) % 2)
    ((uint8_t *)buffer)[tensor->size_bytes - 1] &= 15;
}

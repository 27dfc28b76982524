/*===- compare.c - is an output what was expected -------------------------===*\
|*
|* The expected array is viewed as a tensor of its own, so that both sides are
|* read by the same function whatever their types.
|*
\*===----------------------------------------------------------------------===*/

#include "compare.h"
#include "message.h"

#include <string.h>

static int is_integer(edge_dtype dtype) {
  switch (dtype) {
  case EDGE_DTYPE_F32:
  case EDGE_DTYPE_F64:
  case EDGE_DTYPE_F16:
  case EDGE_DTYPE_BF16:
  case EDGE_DTYPE_F8E4M3:
  case EDGE_DTYPE_F8E5M2:
    return 0;
  default:
    return 1;
  }
}

tolerance default_tolerance(const edge_tensor_info *tensor) {
  if (is_integer(tensor->dtype))
    return (tolerance){0, 0, 0};
  if (edge_dtype_bits(tensor->dtype) >= 32)
    return (tolerance){1e-3, 1e-5, 1e-5};
  return (tolerance){1e-2, 1e-3, 1e-3};
}

static edge_dtype file_dtype(const npy_header *header) {
  static const struct {
    char kind;
    uint8_t item_bytes;
    uint8_t dtype;
  } types[] = {
      {'f', 4, EDGE_DTYPE_F32}, {'f', 8, EDGE_DTYPE_F64},
      {'f', 2, EDGE_DTYPE_F16}, {'i', 1, EDGE_DTYPE_I8},
      {'u', 1, EDGE_DTYPE_U8},  {'i', 2, EDGE_DTYPE_I16},
      {'u', 2, EDGE_DTYPE_U16}, {'i', 4, EDGE_DTYPE_I32},
      {'u', 4, EDGE_DTYPE_U32}, {'i', 8, EDGE_DTYPE_I64},
      {'u', 8, EDGE_DTYPE_U64}, {'b', 1, EDGE_DTYPE_BOOL},
  };
  for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
    if (types[i].kind == header->kind &&
        types[i].item_bytes == header->item_bytes)
      return types[i].dtype;
  return EDGE_DTYPE_INVALID;
}

/* Type of the expected elements. A file of the tensor's own storage type holds
   the tensor's bits (bfloat16 as uint16); a 4-bit tensor's file has one element
   per byte. */
static edge_dtype expected_dtype(const edge_tensor_info *tensor,
                                 const npy_header *header) {
  npy_header own;
  tensor_header(tensor, &own);
  if (edge_dtype_bits(tensor->dtype) >= 8 && own.kind == header->kind &&
      own.item_bytes == header->item_bytes)
    return tensor->dtype;
  return file_dtype(header);
}

static double absolute(double value) { return value < 0 ? -value : value; }

static double square_root(double value) { return __builtin_sqrt(value); }

/* |got - want|; infinity if either alone is NaN or infinite. */
static double difference(double got, double want) {
  if (got == want || (got != got && want != want))
    return 0;
  const double result = absolute(got - want);
  return result != result ? __builtin_inf() : result;
}

/* A double cannot tell all 64-bit integers apart, but their bits can. */
static int bits_differ(edge_dtype dtype, edge_dtype other, const void *a,
                       const void *b, uint64_t index) {
  if (dtype != other || (dtype != EDGE_DTYPE_I64 && dtype != EDGE_DTYPE_U64))
    return 0;
  return memcmp((const uint8_t *)a + index * 8, (const uint8_t *)b + index * 8,
                8) != 0;
}

/* The largest finite magnitude of a tensor, 0 if there is none. */
static double magnitude(const edge_tensor_info *tensor, const void *buffer) {
  double largest = 0;
  for (uint64_t i = 0, count = tensor_elements(tensor); i < count; i++) {
    const double value = absolute(tensor_value(tensor, buffer, i));
    if (value > largest && value < __builtin_inf())
      largest = value;
  }
  return largest;
}

static void compare(const edge_tensor_info *tensor, const void *buffer,
                    const edge_tensor_info *expected, const void *wanted,
                    const tolerance *allowed, comparison *result) {
  double error_squares = 0, want_squares = 0, worst_excess = -__builtin_inf();
  const double floor =
      allowed->atol +
      (allowed->stol > 0 ? allowed->stol * magnitude(expected, wanted) : 0);
  memset(result, 0, sizeof(*result));
  result->count = tensor_elements(tensor);
  for (uint64_t i = 0; i < result->count; i++) {
    const double got = tensor_value(tensor, buffer, i);
    const double want = tensor_value(expected, wanted, i);
    double off = difference(got, want);
    if (off == 0 &&
        bits_differ(tensor->dtype, expected->dtype, buffer, wanted, i))
      off = 1;
    const double limit = floor + allowed->rtol * absolute(want);
    /* An infinity allows any finite value by that formula; ask for equality. */
    const int within = off == 0 || (off <= limit && limit < __builtin_inf());
    double excess = off > limit ? off - limit : off;
    if (within)
      excess = limit < __builtin_inf() ? off - limit : -__builtin_inf();
    result->wrong += !within;
    if (off > result->max_difference)
      result->max_difference = off;
    if (i == 0 || excess > worst_excess) {
      worst_excess = excess;
      result->worst = i;
      result->worst_got = got;
      result->worst_want = want;
      result->worst_allowed = limit;
    }
    error_squares += off * off;
    if (want == want && absolute(want) < __builtin_inf())
      want_squares += want * want;
  }
  if (error_squares > 0)
    result->relative_l2 = want_squares > 0
                              ? square_root(error_squares / want_squares)
                              : __builtin_inf();
}

edge_status compare_with_file(const edge_tensor_info *tensor,
                              const void *buffer, const char *path,
                              const tolerance *allowed, comparison *result,
                              edge_message *message) {
  npy_array array;
  edge_status status = npy_read(path, &array, message);
  if (status)
    return status;
  edge_tensor_info expected = *tensor;
  expected.dtype = expected_dtype(tensor, &array.header);
  if (array.header.rank != tensor->rank ||
      memcmp(array.header.shape, tensor->shape,
             tensor->rank * sizeof(int64_t)) != 0) {
    char type[96];
    tensor_type_text(tensor, type, sizeof(type));
    status = edge_fail(message, EDGE_ERROR_INVALID_ARGUMENT,
                       "%s: has another shape than output '%s', which is %s; "
                       "reshape it",
                       path, tensor->name, type);
  } else {
    compare(tensor, buffer, &expected, array.data, allowed, result);
  }
  npy_free(&array);
  return status;
}

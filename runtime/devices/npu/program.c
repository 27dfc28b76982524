/*===- program.c - micro-operations on lanes ------------------------------===*\
|*
|* The arithmetic is the data sheet's, written once per operation. Sums and
|* products wrap modulo 2^32, so they are done on unsigned numbers.
|*
\*===----------------------------------------------------------------------===*/

#include "program.h"
#include <math.h>
#include <string.h>

/*===-- checking ----------------------------------------------------------===*/

static uint32_t source_count(uint8_t operation) {
#define NPU_SOURCES(name, macro, code, sources) sources,
  static const uint8_t counts[] = {NPU_MICRO_OPERATIONS(NPU_SOURCES)};
#undef NPU_SOURCES
  return counts[operation];
}

/* Notes what a source uses. */
static void use_source(npu_program *program, uint8_t source,
                       uint32_t *written) {
  if (source >= NPU_LIMIT_REGISTERS) {
    const uint32_t parameter = source - NPU_LIMIT_REGISTERS;
    if (program->parameters <= parameter)
      program->parameters = parameter + 1;
  } else if (!(*written >> source & 1)) {
    program->cleared |= 1u << source;
  }
}

static int32_t check_operation(const npu_command *command, npu_program *program,
                               uint32_t at, uint32_t *written,
                               edge_npu_error *error) {
  const uint8_t *code = program->code + (size_t)at * NPU_MICRO_BYTES;
  const uint8_t operation = code[0];
  if (operation >= NPU_MICRO_OPERATIONS_COUNT)
    return npu_reject(error, command, "P1",
                      "micro-operation %u: there is no code %u", at, operation);
  if (code[1] >= NPU_LIMIT_REGISTERS)
    return npu_reject(error, command, "P2",
                      "micro-operation %u: there is no register %u", at,
                      code[1]);
  const uint32_t sources = source_count(operation);
  const uint32_t used = operation == NPU_MICRO_CONST ? 6 : sources;
  for (uint32_t i = 0; i < 6; i++) {
    const uint8_t source = code[2 + i];
    if (i < sources && source >= NPU_LIMIT_REGISTERS + NPU_LIMIT_PARAMETERS)
      return npu_reject(error, command, "P2",
                        "micro-operation %u: there is no source %u", at,
                        source);
    const int is_padding = operation == NPU_MICRO_CONST && i < 2;
    if ((i >= used || is_padding) && source != 0)
      return npu_reject(error, command, "P2",
                        "micro-operation %u: byte %u is not used and must be 0",
                        at, 2 + i);
    if (i < sources)
      use_source(program, source, written);
  }
  *written |= 1u << code[1];
  program->operations += operation != NPU_MICRO_CONST;
  program->uses_table |= operation == NPU_MICRO_TABLE;
  return EDGE_NPU_OK;
}

int32_t npu_read_program(const npu_command *command, uint8_t result,
                         npu_program *program, edge_npu_error *error) {
  memset(program, 0, sizeof(*program));
  program->code = command->program;
  program->length = command->program_length;
  program->result = result;
  if (program->length > NPU_LIMIT_PROGRAM_LENGTH)
    return npu_reject(error, command, "P1", "programLength %u is more than %u",
                      program->length, NPU_LIMIT_PROGRAM_LENGTH);
  if (result >= NPU_LIMIT_REGISTERS)
    return npu_reject(error, command, "P3",
                      "resultRegister: there is no register %u", result);
  uint32_t written = 0;
  for (uint32_t i = 0; i < program->length; i++) {
    const int32_t status =
        check_operation(command, program, i, &written, error);
    if (status)
      return status;
  }
  use_source(program, result, &written);
  return EDGE_NPU_OK;
}

uint32_t npu_program_passes(const npu_program *program, uint32_t stages) {
  const uint32_t passes = (program->operations + stages - 1) / stages;
  return passes ? passes : 1;
}

/*===-- arithmetic --------------------------------------------------------===*/

static inline int32_t as_int(uint32_t bits) { return (int32_t)bits; }

static inline float as_float(int32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

/* There is one NaN, whatever the host makes of it. */
static inline int32_t float_bits(float value) {
  int32_t bits;
  memcpy(&bits, &value, sizeof(bits));
  return value != value ? 0x7fc00000 : bits;
}

static inline int32_t divide(int32_t a, int32_t b) {
  if (b == 0)
    return 0;
  return b == -1 ? as_int(0u - (uint32_t)a) : a / b;
}

static inline int32_t rescale_double(int32_t x, int32_t multiplier,
                                     int32_t shift) {
  const int64_t product = (int64_t)x * multiplier + (INT64_C(1) << 30);
  const int64_t high = as_int((uint32_t)((uint64_t)(product >> 31)));
  const int exponent = shift & 31;
  const int64_t half = exponent ? INT64_C(1) << (exponent - 1) : 0;
  const int64_t magnitude = ((high < 0 ? -high : high) + half) >> exponent;
  return as_int((uint32_t)(high < 0 ? -magnitude : magnitude));
}

/* The sum may need 65 bits: |x * multiplier| is at most 2^62 and the rounding
 * constant at most 2^61, so 64 bits hold it. */
static inline int32_t rescale_single(int32_t x, int32_t multiplier,
                                     int32_t shift) {
  const int exponent = shift & 31;
  const int64_t sum = (int64_t)x * multiplier + (INT64_C(1) << (30 + exponent));
  return as_int((uint32_t)((uint64_t)(sum >> (31 + exponent))));
}

/* Adding and taking away 1.5 * 2^52 rounds a double of up to 2^51 to a whole
 * number, halves to even; larger ones are cut off at 2^31 before. */
static inline int32_t round_even(float value) {
  double wide = value;
  wide = wide >= -2147483648.0 ? wide : -2147483648.0; /* also for a NaN */
  wide = wide <= 2147483647.0 ? wide : 2147483647.0;
  wide += 6755399441055744.0;
  int64_t bits;
  memcpy(&bits, &wide, sizeof(bits));
  return as_int((uint32_t)(uint64_t)bits);
}

static int32_t table_entry(const npu_table *table, int32_t index) {
  const int32_t last = (int32_t)table->entries - 1;
  const int32_t entry = index < 0 ? 0 : index > last ? last : index;
  int32_t value;
  npu_load_elements(&value,
                    table->sram + table->address +
                        (size_t)entry * npu_dtype_bytes(table->dtype),
                    table->dtype, 0, 1);
  return value;
}

/*===-- execution ---------------------------------------------------------===*/

/* One operation on all lanes. Four loops of a fixed length would be no faster:
 * the registers lie in the first-level cache. */
static void run_operation(uint8_t operation, int32_t *restrict d,
                          const int32_t *a, const int32_t *b, const int32_t *c,
                          uint32_t count, const npu_table *table) {
#define EACH(expression)                                                       \
  for (uint32_t i = 0; i < count; i++)                                         \
    d[i] = (expression);                                                       \
  break
#define U(value) ((uint32_t)(value))
  switch (operation) {
  case NPU_MICRO_MOV:
    EACH(a[i]);
  case NPU_MICRO_ADD:
    EACH(as_int(U(a[i]) + U(b[i])));
  case NPU_MICRO_SUB:
    EACH(as_int(U(a[i]) - U(b[i])));
  case NPU_MICRO_MUL:
    EACH(as_int(U(a[i]) * U(b[i])));
  case NPU_MICRO_DIV:
    EACH(divide(a[i], b[i]));
  case NPU_MICRO_MIN:
    EACH(a[i] < b[i] ? a[i] : b[i]);
  case NPU_MICRO_MAX:
    EACH(a[i] > b[i] ? a[i] : b[i]);
  case NPU_MICRO_SHL:
    EACH(as_int(U(a[i]) << (b[i] & 31)));
  case NPU_MICRO_SHR:
    EACH(a[i] >> (b[i] & 31));
  case NPU_MICRO_AND:
    EACH(a[i] & b[i]);
  case NPU_MICRO_OR:
    EACH(a[i] | b[i]);
  case NPU_MICRO_XOR:
    EACH(a[i] ^ b[i]);
  case NPU_MICRO_NEG:
    EACH(as_int(0u - U(a[i])));
  case NPU_MICRO_ABS:
    EACH(a[i] < 0 ? as_int(0u - U(a[i])) : a[i]);
  case NPU_MICRO_RESCALE_DOUBLE:
    EACH(rescale_double(a[i], b[i], c[i]));
  case NPU_MICRO_RESCALE_SINGLE:
    EACH(rescale_single(a[i], b[i], c[i]));
  case NPU_MICRO_REQUANTIZE:
    EACH(round_even((float)a[i] * as_float(b[i])));
  case NPU_MICRO_TO_FLOAT:
    EACH(float_bits((float)a[i]));
  case NPU_MICRO_FMUL:
    EACH(float_bits(as_float(a[i]) * as_float(b[i])));
  case NPU_MICRO_FADD:
    EACH(float_bits(as_float(a[i]) + as_float(b[i])));
  case NPU_MICRO_FSUB:
    EACH(float_bits(as_float(a[i]) - as_float(b[i])));
  case NPU_MICRO_FDIV:
    EACH(float_bits(as_float(a[i]) / as_float(b[i])));
  case NPU_MICRO_ROUND_EVEN:
    EACH(round_even(as_float(a[i])));
  case NPU_MICRO_SEXT8:
    EACH((int8_t)U(a[i]));
  case NPU_MICRO_ZEXT8:
    EACH((uint8_t)U(a[i]));
  case NPU_MICRO_SEXT16:
    EACH((int16_t)U(a[i]));
  case NPU_MICRO_ZEXT16:
    EACH((uint16_t)U(a[i]));
  case NPU_MICRO_TABLE:
    EACH(table_entry(table, a[i]));
  default:
    break;
  }
#undef EACH
#undef U
}

static const int32_t *source_lanes(const npu_lanes *lanes, uint8_t source) {
  return source < NPU_LIMIT_REGISTERS
             ? lanes->registers[source]
             : lanes->parameters[source - NPU_LIMIT_REGISTERS];
}

void npu_run_program(const npu_program *program, npu_lanes *lanes,
                     uint32_t operands, uint32_t count,
                     const npu_table *table) {
  for (uint32_t r = 0; r < NPU_LIMIT_REGISTERS; r++)
    if (program->cleared >> r & 1 && !(operands >> r & 1))
      memset(lanes->registers[r], 0, count * sizeof(int32_t));
  int32_t result[NPU_LANES];
  for (uint32_t i = 0; i < program->length; i++) {
    const uint8_t *code = program->code + (size_t)i * NPU_MICRO_BYTES;
    int32_t *destination = lanes->registers[code[1]];
    if (code[0] == NPU_MICRO_CONST) {
      const int32_t value = npu_read_i32(code + 4);
      for (uint32_t lane = 0; lane < count; lane++)
        destination[lane] = value;
      continue;
    }
    run_operation(code[0], result, source_lanes(lanes, code[2]),
                  source_lanes(lanes, code[3]), source_lanes(lanes, code[4]),
                  count, table);
    memcpy(destination, result, count * sizeof(int32_t));
  }
}

void npu_load_parameters(const npu_program *program, npu_lanes *lanes,
                         const uint8_t *sram, uint32_t address, uint32_t stride,
                         uint32_t first, uint32_t channels, uint32_t repeat) {
  for (uint32_t j = 0; j < program->parameters; j++) {
    int32_t *row = lanes->parameters[j];
    npu_load_elements(row, sram + address + 4 * ((size_t)j * stride + first),
                      NPU_DTYPE_I32, 4, channels);
    for (uint32_t i = 1; i < repeat; i++)
      memcpy(row + (size_t)i * channels, row, channels * sizeof(int32_t));
  }
}

/*===-- elements ----------------------------------------------------------===*/

static void load_bytes(int32_t *restrict lanes, const uint8_t *restrict data,
                       int is_signed, uint32_t count) {
  if (is_signed) {
    for (uint32_t i = 0; i < count; i++)
      lanes[i] = (int8_t)data[i];
  } else {
    for (uint32_t i = 0; i < count; i++)
      lanes[i] = data[i];
  }
}

void npu_load_elements(int32_t *lanes, const uint8_t *data, uint8_t dtype,
                       int64_t stride, uint32_t count) {
  if (stride == 1 && npu_dtype_bytes(dtype) == 1) {
    load_bytes(lanes, data, dtype == NPU_DTYPE_I8, count);
    return;
  }
#define EACH(expression)                                                       \
  for (uint32_t i = 0; i < count; i++) {                                       \
    const uint8_t *element = data + (int64_t)i * stride;                       \
    lanes[i] = (expression);                                                   \
  }                                                                            \
  break
  switch (dtype) {
  case NPU_DTYPE_I8:
    EACH((int8_t)*element);
  case NPU_DTYPE_U8:
    EACH(*element);
  case NPU_DTYPE_I16:
    EACH(npu_read_i16(element));
  case NPU_DTYPE_U16:
    EACH(npu_read_u16(element));
  default:
    EACH(npu_read_i32(element));
  }
#undef EACH
}

void npu_store_elements(uint8_t *data, uint8_t dtype, int64_t stride,
                        const int32_t *lanes, uint32_t count) {
  const uint32_t bytes = npu_dtype_bytes(dtype);
  if (bytes == 1 && stride == 1) {
    for (uint32_t i = 0; i < count; i++)
      data[i] = (uint8_t)(uint32_t)lanes[i];
    return;
  }
  for (uint32_t i = 0; i < count; i++) {
    uint8_t *element = data + (int64_t)i * stride;
    for (uint32_t b = 0; b < bytes; b++)
      element[b] = (uint8_t)((uint32_t)lanes[i] >> 8 * b);
  }
}

/*===- races.c - unsynchronised accesses ----------------------------------===*\
|*
|* Happens-before as race detectors for threads decide it (vector clocks:
|* F. Mattern, Virtual Time and Global States of Distributed Systems, 1989);
|* units are the threads, semaphores the messages. Commands of one unit are done
|* in order.
|*
\*===----------------------------------------------------------------------===*/

#include "races.h"
#include <string.h>

/* How many commands of each unit are done. */
typedef struct unit_clock {
  uint32_t done[NPU_UNITS_COUNT];
} unit_clock;

typedef struct command_note {
  uint32_t number;   /* of the command within its unit, from 1 */
  uint32_t offset;   /* in the stream */
  uint32_t previous; /* transfer of the same unit, or signal of the same
                        semaphore: its index + 1; 0: none */
  uint8_t unit;
  unit_clock clock; /* of signals */
} command_note;

/* Indices + 1 of the last writer and of the last readers since. */
typedef struct line_note {
  uint32_t writer;
  uint32_t readers[NPU_UNITS_COUNT];
} line_note;

struct npu_races {
  uint32_t line_count, max_commands;
  unit_clock clocks[NPU_UNITS_COUNT];
  uint32_t last_transfer[NPU_UNITS_COUNT]; /* index + 1 */
  uint32_t last_signal[256], signal_count[256];
  line_note *lines;
  command_note *commands;
};

uint64_t npu_races_bytes(const npu_machine *machine, uint32_t max_commands) {
  return sizeof(npu_races) +
         (uint64_t)machine->sramBytes / NPU_LIMIT_LINE_BYTES *
             sizeof(line_note) +
         (uint64_t)max_commands * sizeof(command_note);
}

npu_races *npu_races_place(void *memory, const npu_machine *machine,
                           uint32_t max_commands) {
  npu_races *races = memory;
  races->line_count = machine->sramBytes / NPU_LIMIT_LINE_BYTES;
  races->max_commands = max_commands;
  races->lines = (line_note *)(races + 1);
  races->commands = (command_note *)(races->lines + races->line_count);
  return races;
}

void npu_races_begin(npu_races *races) {
  memset(races->clocks, 0, sizeof(races->clocks));
  memset(races->last_transfer, 0, sizeof(races->last_transfer));
  memset(races->last_signal, 0, sizeof(races->last_signal));
  memset(races->signal_count, 0, sizeof(races->signal_count));
  memset(races->lines, 0, races->line_count * sizeof(line_note));
}

/*===-- order -------------------------------------------------------------===*/

/* Whether command `other` (index + 1, 0: none) is done when `unit` runs its
 * current command. */
static int is_before(const npu_races *races, uint32_t other, uint32_t unit) {
  if (other == 0)
    return 1;
  const command_note *note = &races->commands[other - 1];
  return note->unit == unit ||
         races->clocks[unit].done[note->unit] >= note->number;
}

static void add_signal(npu_races *races, const npu_command *command) {
  const uint32_t semaphore = command->fields.signal.semaphore;
  command_note *note = &races->commands[command->index];
  note->clock = races->clocks[command->unit];
  note->previous = races->last_signal[semaphore];
  races->last_signal[semaphore] = command->index + 1;
  races->signal_count[semaphore]++;
}

static void add_wait(npu_races *races, const npu_command *command) {
  const npu_wait *wait = &command->fields.wait;
  uint32_t signal = races->last_signal[wait->semaphore];
  for (uint32_t i = races->signal_count[wait->semaphore]; i > wait->value; i--)
    signal = races->commands[signal - 1].previous;
  const unit_clock *theirs = &races->commands[signal - 1].clock;
  unit_clock *ours = &races->clocks[command->unit];
  for (int u = 0; u < NPU_UNITS_COUNT; u++)
    if (theirs->done[u] > ours->done[u])
      ours->done[u] = theirs->done[u];
}

/*===-- SRAM --------------------------------------------------------------===*/

static int32_t report(const npu_command *command, uint32_t other,
                      const char *name, uint64_t address, const char *deeds,
                      edge_npu_error *error) {
  return npu_fail(error, EDGE_NPU_ERROR_RACE, command, "R1",
                  "%s: 0x%llx is %s command %u, and nothing orders the two",
                  name, (unsigned long long)address, deeds, other - 1);
}

static int32_t touch_line(npu_races *races, const npu_command *command,
                          const npu_view *view, uint32_t line,
                          edge_npu_error *error) {
  line_note *note = &races->lines[line];
  const uint64_t address = (uint64_t)line * NPU_LIMIT_LINE_BYTES;
  if (!is_before(races, note->writer, command->unit))
    return report(command, note->writer, view->name, address,
                  view->is_write ? "written here and by"
                                 : "read here, written by",
                  error);
  if (!view->is_write) {
    if (note->writer == 0)
      return npu_fail(error, EDGE_NPU_ERROR_RACE, command, "R2",
                      "%s: nothing has written 0x%llx before it is read",
                      view->name, (unsigned long long)address);
    note->readers[command->unit] = command->index + 1;
    return EDGE_NPU_OK;
  }
  for (int u = 0; u < NPU_UNITS_COUNT; u++)
    if (!is_before(races, note->readers[u], command->unit))
      return report(command, note->readers[u], view->name, address,
                    "written here, read by", error);
  memset(note, 0, sizeof(*note));
  note->writer = command->index + 1;
  return EDGE_NPU_OK;
}

/* The lines of [begin, end), of which those up to *done were touched. */
static int32_t touch_bytes(npu_races *races, const npu_command *command,
                           const npu_view *view, int64_t begin, int64_t end,
                           int64_t *done, edge_npu_error *error) {
  int64_t line = begin / NPU_LIMIT_LINE_BYTES;
  const int64_t last = (end - 1) / NPU_LIMIT_LINE_BYTES;
  if (line == *done)
    line++;
  for (; line <= last; line++) {
    const int32_t status =
        touch_line(races, command, view, (uint32_t)line, error);
    if (status)
      return status;
  }
  *done = last;
  return EDGE_NPU_OK;
}

static int32_t touch_view(npu_races *races, const npu_command *command,
                          const npu_view *view, edge_npu_error *error) {
  /* What does not move need not be touched twice. */
  uint32_t extent[4];
  for (int d = 0; d < 4; d++)
    extent[d] = view->stride[d] ? view->extent[d] : 1;
  const int is_run = view->stride[3] == view->element_bytes;
  const uint32_t inner = is_run ? 1 : extent[3];
  const int64_t bytes =
      is_run ? (int64_t)view->element_bytes * extent[3] : view->element_bytes;
  int64_t done = -1;
  for (uint32_t a = 0; a < extent[0]; a++) {
    for (uint32_t b = 0; b < extent[1]; b++) {
      for (uint32_t c = 0; c < extent[2]; c++) {
        for (uint32_t d = 0; d < inner; d++) {
          const int64_t at = view->address + a * view->stride[0] +
                             b * view->stride[1] + c * view->stride[2] +
                             d * view->stride[3];
          const int32_t status =
              touch_bytes(races, command, view, at, at + bytes, &done, error);
          if (status)
            return status;
        }
      }
    }
  }
  return EDGE_NPU_OK;
}

/*===-- buffers -----------------------------------------------------------===*/

/* Whether two transfers touch a common byte of a buffer. Rows with the same
 * stride are compared within it, others by their ranges. */
static int share_bytes(const npu_transfer *a, const npu_transfer *b) {
  if (a->buffer != b->buffer)
    return 0;
  const uint64_t span_a = (uint64_t)(a->rows - 1) * a->bufferStride,
                 span_b = (uint64_t)(b->rows - 1) * b->bufferStride;
  const uint64_t end_a = a->bufferOffset + span_a + a->rowBytes,
                 end_b = b->bufferOffset + span_b + b->rowBytes;
  if (a->bufferOffset >= end_b || b->bufferOffset >= end_a)
    return 0;
  const uint32_t stride = a->bufferStride;
  if (stride == 0 || stride != b->bufferStride || a->rowBytes > stride ||
      b->rowBytes > stride)
    return 1;
  const uint32_t distance =
      (b->bufferOffset % stride + stride - a->bufferOffset % stride) % stride;
  return distance < a->rowBytes || distance + b->rowBytes > stride;
}

static int32_t add_transfer(npu_races *races, const uint8_t *stream,
                            const npu_command *command, edge_npu_error *error) {
  const uint32_t other =
      command->unit == NPU_UNIT_LOAD ? NPU_UNIT_STORE : NPU_UNIT_LOAD;
  for (uint32_t at = races->last_transfer[other];
       !is_before(races, at, command->unit);
       at = races->commands[at - 1].previous) {
    npu_command transfer;
    npu_read_command(stream + races->commands[at - 1].offset, &transfer);
    if (share_bytes(&command->fields.transfer, &transfer.fields.transfer))
      return npu_fail(error, EDGE_NPU_ERROR_RACE, command, "R3",
                      "buffer %u at offset %u is moved by command %u as well, "
                      "and nothing orders the two",
                      command->fields.transfer.buffer,
                      command->fields.transfer.bufferOffset, at - 1);
  }
  command_note *note = &races->commands[command->index];
  note->previous = races->last_transfer[command->unit];
  races->last_transfer[command->unit] = command->index + 1;
  return EDGE_NPU_OK;
}

int32_t npu_races_add(npu_races *races, const uint8_t *stream,
                      const npu_command *command, const npu_accesses *accesses,
                      edge_npu_error *error) {
  if (command->index >= races->max_commands)
    return npu_fail(error, EDGE_NPU_ERROR_ARGUMENT, command, "",
                    "races are checked in streams of up to %u commands; raise "
                    "edge_npu_options.max_commands",
                    races->max_commands);
  if (command->unit >= NPU_UNITS_COUNT)
    return EDGE_NPU_OK;
  command_note *note = &races->commands[command->index];
  memset(note, 0, sizeof(*note));
  note->unit = command->unit;
  note->offset = command->offset;
  if (command->opcode == NPU_OPCODE_SIGNAL) {
    add_signal(races, command);
    return EDGE_NPU_OK;
  }
  if (command->opcode == NPU_OPCODE_WAIT) {
    add_wait(races, command);
    return EDGE_NPU_OK;
  }
  note->number = ++races->clocks[command->unit].done[command->unit];
  int32_t status = EDGE_NPU_OK;
  if (command->unit == NPU_UNIT_LOAD || command->unit == NPU_UNIT_STORE)
    status = add_transfer(races, stream, command, error);
  /* Reads first: a command may write what it has read itself. */
  for (uint32_t i = accesses->count; i-- > 0 && !status;)
    status = touch_view(races, command, &accesses->views[i], error);
  return status;
}

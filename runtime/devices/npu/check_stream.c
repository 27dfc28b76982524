/*===- check_stream.c - rules on the whole stream -------------------------===*\
|*
|* Header, lengths, semaphores: rules S1 to S14.
|*
\*===----------------------------------------------------------------------===*/

#include "check.h"
#include "crc32.h"
#include <string.h>

/*===-- header ------------------------------------------------------------===*/

static int32_t check_machine(const edge_npu_simulator *npu,
                             const npu_header *header, edge_npu_error *error) {
  const npu_machine *machine = &npu->machine;
  if (header->macRows != machine->macRows ||
      header->macColumns != machine->macColumns ||
      header->sramBytes != machine->sramBytes ||
      header->vectorLanes != machine->vectorLanes)
    return npu_reject(error, NULL, "S4",
                      "made for an NPU of %u x %u with %u bytes of SRAM and %u "
                      "lanes, this one has %u x %u, %u and %u",
                      header->macRows, header->macColumns, header->sramBytes,
                      header->vectorLanes, machine->macRows,
                      machine->macColumns, machine->sramBytes,
                      machine->vectorLanes);
  if (header->semaphoreCount > machine->semaphores)
    return npu_reject(error, NULL, "S4", "uses %u semaphores, this NPU has %u",
                      header->semaphoreCount, machine->semaphores);
  return EDGE_NPU_OK;
}

static int32_t check_buffers(const npu_header *header,
                             const edge_npu_buffer *buffers,
                             uint32_t buffer_count, edge_npu_error *error) {
  if (header->bufferCount != buffer_count)
    return npu_reject(error, NULL, "S7",
                      "takes %u buffers, the submission brings %u",
                      header->bufferCount, buffer_count);
  const uint64_t constants = buffer_count > 0 ? buffers[0].size_bytes : 0;
  const uint64_t scratch = buffer_count > 1 ? buffers[1].size_bytes : 0;
  if (header->constantsBytes > constants || header->scratchBytes > scratch)
    return npu_reject(error, NULL, "S7",
                      "takes %u bytes of constants and %u of scratch, the "
                      "submission brings %llu and %llu",
                      header->constantsBytes, header->scratchBytes,
                      (unsigned long long)constants,
                      (unsigned long long)scratch);
  return EDGE_NPU_OK;
}

static int32_t check_header(const edge_npu_simulator *npu,
                            const uint8_t *stream, uint64_t stream_bytes,
                            npu_header *header, edge_npu_error *error) {
  if (stream_bytes < NPU_HEADER_BYTES || stream_bytes % 4 != 0 ||
      stream_bytes > UINT32_MAX)
    return npu_reject(error, NULL, "S1",
                      "%llu bytes are no stream: a header of %u and whole "
                      "words below 4 GB",
                      (unsigned long long)stream_bytes, NPU_HEADER_BYTES);
  npu_read_header(stream, header);
  if (header->magic != NPU_MAGIC)
    return npu_reject(error, NULL, "S2",
                      "begins with 0x%08x, not with 0x%08x (ENPU)",
                      header->magic, NPU_MAGIC);
  if (header->formatVersion != NPU_FORMAT_VERSION ||
      header->headerBytes != NPU_HEADER_BYTES)
    return npu_reject(error, NULL, "S3",
                      "format version %u with a header of %u bytes, expected "
                      "version %u with %u",
                      header->formatVersion, header->headerBytes,
                      NPU_FORMAT_VERSION, NPU_HEADER_BYTES);
  if (header->totalBytes != stream_bytes)
    return npu_reject(error, NULL, "S1",
                      "the header says %u bytes, the stream has %llu",
                      header->totalBytes, (unsigned long long)stream_bytes);
  if (header->reserved0 | header->reserved1 | header->reserved2 |
      header->reserved3 | header->reserved4)
    return npu_reject(error, NULL, "S5",
                      "reserved words of the header are "
                      "not 0");
  const uint32_t crc =
      npu_crc32(stream + NPU_HEADER_BYTES, stream_bytes - NPU_HEADER_BYTES);
  if (crc != header->crc32)
    return npu_reject(error, NULL, "S6",
                      "damaged: CRC-32 is 0x%08x, the header says 0x%08x", crc,
                      header->crc32);
  return check_machine(npu, header, error);
}

/*===-- commands ----------------------------------------------------------===*/

/* Opcode, length and byte 1; then all fields may be read. */
static int32_t check_frame(const uint8_t *bytes, uint32_t left,
                           npu_command *command, edge_npu_error *error) {
  command->opcode = bytes[0];
  const uint32_t fixed = npu_command_bytes(bytes[0]);
  if (!fixed)
    return npu_reject(error, command, "S9", "there is no opcode %u", bytes[0]);
  const uint32_t length = 4u * npu_read_u16(bytes + 2);
  if (length < fixed || length > left)
    return npu_reject(error, command, "S10",
                      "length is %u bytes, the command has at least %u and the "
                      "stream %u more",
                      length, fixed, left);
  npu_read_command(bytes, command);
  const uint32_t expected = fixed + command->program_length * NPU_MICRO_BYTES;
  if (length != expected)
    return npu_reject(error, command, "S10",
                      "length is %u bytes, the command has %u", length,
                      expected);
  const int has_unit = command->opcode == NPU_OPCODE_WAIT ||
                       command->opcode == NPU_OPCODE_SIGNAL;
  if (has_unit && command->flags >= NPU_UNITS_COUNT)
    return npu_reject(error, command, "S11", "there is no unit %u",
                      command->flags);
  uint8_t known = 0;
  if (command->opcode == NPU_OPCODE_MAC)
    known = NPU_MAC_FLAGS;
  if (command->opcode == NPU_OPCODE_POOL)
    known = NPU_POOL_FLAGS;
  if (!has_unit && command->flags & ~known)
    return npu_reject(error, command, "S11", "unknown flags 0x%02x",
                      command->flags & ~known);
  return EDGE_NPU_OK;
}

static int32_t check_semaphore(edge_npu_simulator *npu,
                               const npu_header *header,
                               const npu_command *command,
                               edge_npu_error *error) {
  const int is_wait = command->opcode == NPU_OPCODE_WAIT;
  const uint32_t semaphore = is_wait ? command->fields.wait.semaphore
                                     : command->fields.signal.semaphore;
  if (semaphore >= header->semaphoreCount)
    return npu_reject(error, command, "S12",
                      "semaphore %u, the header says %u semaphores", semaphore,
                      header->semaphoreCount);
  const uint32_t signals = npu->signals[semaphore];
  if (!is_wait) {
    if (signals && npu->signal_units[semaphore] != command->unit)
      return npu_reject(error, command, "S14",
                        "semaphore %u is signalled by the units %s and %s",
                        semaphore, npu_unit_name(npu->signal_units[semaphore]),
                        npu_unit_name(command->unit));
    npu->signal_units[semaphore] = command->unit;
    npu->signals[semaphore]++;
    return EDGE_NPU_OK;
  }
  const uint32_t value = command->fields.wait.value;
  if (value == 0 || value > signals)
    return npu_reject(error, command, "S13",
                      "waits for semaphore %u to reach %u, %u signals come "
                      "before: for ever, or not at all",
                      semaphore, value, signals);
  return EDGE_NPU_OK;
}

int32_t npu_check_stream(edge_npu_simulator *npu, const uint8_t *stream,
                         uint64_t stream_bytes, const edge_npu_buffer *buffers,
                         uint32_t buffer_count, edge_npu_error *error) {
  npu_header header;
  int32_t status = check_header(npu, stream, stream_bytes, &header, error);
  if (!status)
    status = check_buffers(&header, buffers, buffer_count, error);
  if (status)
    return status;
  memset(npu->signals, 0, sizeof(npu->signals));
  npu_command command = {.note = UINT32_MAX, .offset = NPU_HEADER_BYTES};
  const uint32_t end = (uint32_t)stream_bytes;
  while (command.offset < end) {
    const uint8_t *bytes = stream + command.offset;
    npu_program program;
    status = check_frame(bytes, end - command.offset, &command, error);
    if (!status && (command.opcode == NPU_OPCODE_WAIT ||
                    command.opcode == NPU_OPCODE_SIGNAL))
      status = check_semaphore(npu, &header, &command, error);
    if (!status)
      status = npu_check_command(npu, &command, buffers, buffer_count, &program,
                                 error);
    if (status)
      return status;
    if (command.opcode == NPU_OPCODE_NOTE)
      command.note = npu_read_u32(bytes + NPU_NOTE_VALUE);
    command.offset += 4u * npu_read_u16(bytes + 2);
    command.index++;
    if (command.opcode == NPU_OPCODE_END)
      break;
  }
  if (command.opcode != NPU_OPCODE_END || command.offset != end ||
      command.index != header.commandCount)
    return npu_reject(error, NULL, "S8",
                      "%u commands and the end at byte %u, the header says %u "
                      "commands and %u bytes; the last one must be end",
                      command.index, command.offset, header.commandCount, end);
  return EDGE_NPU_OK;
}

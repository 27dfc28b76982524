/*===- transfer.c - DMA between buffers and SRAM --------------------------===*\
|*
|* Rows of bytes; the checks have shown that they lie within both memories.
|*
\*===----------------------------------------------------------------------===*/

#include "state.h"
#include <string.h>

void npu_run_transfer(edge_npu_simulator *npu, const npu_command *command,
                      const edge_npu_buffer *buffers) {
  const npu_transfer *transfer = &command->fields.transfer;
  uint8_t *outside =
      (uint8_t *)buffers[transfer->buffer].data + transfer->bufferOffset;
  uint8_t *sram = npu->sram + transfer->sramAddress;
  for (uint32_t row = 0; row < transfer->rows; row++) {
    uint8_t *far = outside + (size_t)row * transfer->bufferStride;
    uint8_t *near = sram + (size_t)row * transfer->sramStride;
    if (command->opcode == NPU_OPCODE_LOAD)
      memcpy(near, far, transfer->rowBytes);
    else
      memcpy(far, near, transfer->rowBytes);
  }
}

/*===- vector.c - elementwise commands ------------------------------------===*\
|*
|* Channels are cut into segments of up to NPU_LANES; where there are fewer,
|* several positions of the outer loops share the lanes.
|*
\*===----------------------------------------------------------------------===*/

#include "state.h"

/* An operand or the output. */
typedef struct lane_stream {
  int64_t address; /* at index 0, 0, 0, 0 */
  uint8_t dtype;
  int64_t stride[4];
} lane_stream;

typedef struct vector_job {
  edge_npu_simulator *npu;
  const npu_program *program;
  npu_table table;
  lane_stream operands[3], output;
  uint32_t extent[4];
  uint32_t first_channel, channels; /* of the segment */
} vector_job;

/* Position number `position` of the outer loops. */
static uint8_t *lanes_at(const vector_job *job, const lane_stream *stream,
                         uint64_t position) {
  const int64_t i2 = (int64_t)(position % job->extent[2]);
  const uint64_t rest = position / job->extent[2];
  const int64_t i1 = (int64_t)(rest % job->extent[1]);
  const int64_t i0 = (int64_t)(rest / job->extent[1]);
  const int64_t address = stream->address + i0 * stream->stride[0] +
                          i1 * stream->stride[1] + i2 * stream->stride[2] +
                          job->first_channel * stream->stride[3];
  return job->npu->sram + address;
}

static void run_positions(const vector_job *job, uint64_t first,
                          uint32_t count) {
  npu_lanes *lanes = &job->npu->lanes;
  uint32_t operands = 0;
  for (uint32_t r = 0; r < 3; r++) {
    const lane_stream *operand = &job->operands[r];
    if (operand->dtype == NPU_DTYPE_NONE)
      continue;
    operands |= 1u << r;
    for (uint32_t p = 0; p < count; p++)
      npu_load_elements(lanes->registers[r] + (size_t)p * job->channels,
                        lanes_at(job, operand, first + p), operand->dtype,
                        operand->stride[3], job->channels);
  }
  npu_run_program(job->program, lanes, operands, count * job->channels,
                  &job->table);
  for (uint32_t p = 0; p < count; p++)
    npu_store_elements(lanes_at(job, &job->output, first + p),
                       job->output.dtype, job->output.stride[3],
                       lanes->registers[job->program->result] +
                           (size_t)p * job->channels,
                       job->channels);
}

void npu_run_vector(edge_npu_simulator *npu, const npu_command *command,
                    const npu_program *program) {
  const npu_vector *vector = &command->fields.vector;
#define STREAM(prefix)                                                         \
  {                                                                            \
    vector->prefix##Address, vector->prefix##Dtype, {                          \
      vector->prefix##Stride0, vector->prefix##Stride1,                        \
          vector->prefix##Stride2, vector->prefix##Stride3                     \
    }                                                                          \
  }
  vector_job job = {
      .npu = npu,
      .program = program,
      .table = {npu->sram, vector->tableAddress, vector->tableEntries,
                vector->tableDtype},
      .operands = {STREAM(operand0), STREAM(operand1), STREAM(operand2)},
      .output = STREAM(output),
      .extent = {vector->extent0, vector->extent1, vector->extent2,
                 vector->extent3}};
#undef STREAM
  const uint64_t positions =
      (uint64_t)job.extent[0] * job.extent[1] * job.extent[2];
  for (uint32_t c = 0; c < vector->extent3; c += job.channels) {
    const uint32_t rest = vector->extent3 - c;
    job.first_channel = c;
    job.channels = rest < NPU_LANES ? rest : NPU_LANES;
    const uint32_t group = NPU_LANES / job.channels;
    npu_load_parameters(program, &npu->lanes, npu->sram,
                        vector->parametersAddress, vector->parametersStride, c,
                        job.channels, group);
    for (uint64_t at = 0; at < positions; at += group) {
      const uint64_t left = positions - at;
      run_positions(&job, at, left < group ? (uint32_t)left : group);
    }
  }
}

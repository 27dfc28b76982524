/*===- trace.c - the units' time line -------------------------------------===*\
|*
|* The JSON that chrome://tracing and ui.perfetto.dev read: complete events
|* ("ph": "X") in microseconds, one thread per unit. Signals take no time and
|* are left out; a wait is what the unit stood still for.
|*
\*===----------------------------------------------------------------------===*/

#include "commands.h"
#include "state.h"

enum { TRACE_PROCESS = 1 };

void edge_npu_trace_begin(edge_npu_trace *trace, FILE *file,
                          const edge_npu_simulator *simulator) {
  trace->file = file;
  trace->microseconds_per_cycle = 1000.0 / simulator->machine.clockKilohertz;
  trace->start_microseconds = 0;
  trace->records = 0;
  fprintf(file,
          "{\"displayTimeUnit\": \"ns\", \"traceEvents\": [\n"
          "{\"ph\": \"M\", \"name\": \"process_name\", \"pid\": %d, "
          "\"args\": {\"name\": \"NPU %ux%u\"}}",
          TRACE_PROCESS, simulator->machine.macRows,
          simulator->machine.macColumns);
  for (uint8_t unit = 0; unit < NPU_UNITS_COUNT; unit++)
    fprintf(file,
            ",\n{\"ph\": \"M\", \"name\": \"thread_name\", \"pid\": %d, "
            "\"tid\": %u, \"args\": {\"name\": \"%s\"}}",
            TRACE_PROCESS, unit, npu_unit_name(unit));
}

void edge_npu_trace_record(void *user, const edge_npu_record *record) {
  edge_npu_trace *trace = user;
  if (record->end_cycle == record->begin_cycle)
    return;
  const double scale = trace->microseconds_per_cycle;
  fprintf(trace->file,
          ",\n{\"ph\": \"X\", \"name\": \"%s\", \"pid\": %d, \"tid\": %u, "
          "\"ts\": %.4f, \"dur\": %.4f, \"args\": {\"command\": %u, "
          "\"cycles\": %llu",
          npu_opcode_name(record->opcode), TRACE_PROCESS, record->unit,
          trace->start_microseconds + (double)record->begin_cycle * scale,
          (double)(record->end_cycle - record->begin_cycle) * scale,
          record->command,
          (unsigned long long)(record->end_cycle - record->begin_cycle));
  if (record->note != UINT32_MAX)
    fprintf(trace->file, ", \"note\": %u", record->note);
  fprintf(trace->file, "}}");
  trace->records++;
}

void edge_npu_trace_end(edge_npu_trace *trace) {
  fprintf(trace->file, "\n]}\n");
}

//===- Report.cpp - a report as JSON --------------------------------------===//
//
// See Report.h.
//
//===----------------------------------------------------------------------===//
#include "compiler/report/Report.h"

using namespace edgec;
namespace json = llvm::json;

/// The names of a model may be any bytes.
static json::Value text(llvm::StringRef bytes) { return json::fixUTF8(bytes); }

static json::Value jsonOf(const ReportProcessor &processor) {
  return json::Object{
      {"name", text(processor.name)},
      {"machine", text(processor.machine)},
      {"clock_hertz", processor.clockHertz},
      {"integer_operations_per_second", processor.integerOperationsPerSecond},
      {"float_operations_per_second", processor.floatOperationsPerSecond},
      {"memory_bytes_per_second", processor.memoryBytesPerSecond},
      {"local_bytes", processor.localBytes},
      {"busy_nanoseconds", processor.busyNanoseconds},
      {"nanojoules", processor.nanojoules},
      {"memory_bytes", processor.memoryBytes},
      {"operations", processor.operations},
      {"kernels", processor.kernels},
      {"submissions", processor.submissions}};
}

static json::Value jsonOf(const ReportStep &step) {
  return json::Object{
      {"name", text(step.name)},       {"layers", text(step.layers)},
      {"processor", step.processor},   {"nanoseconds", step.nanoseconds},
      {"operations", step.operations}, {"bytes", step.bytes},
      {"is_wait", step.isWait}};
}

static json::Value jsonOf(const ReportBuffer &buffer) {
  return json::Object{
      {"name", text(buffer.name)},      {"offset_bytes", buffer.offsetBytes},
      {"size_bytes", buffer.sizeBytes}, {"first_step", buffer.firstStep},
      {"last_step", buffer.lastStep},   {"processor", buffer.processor}};
}

static json::Value jsonOf(const ReportCommand &command) {
  return json::Object{{"unit", text(command.unit)},
                      {"name", text(command.name)},
                      {"layer", text(command.layer)},
                      {"begin_nanoseconds", command.beginNanoseconds},
                      {"end_nanoseconds", command.endNanoseconds},
                      {"memory_bytes", command.memoryBytes},
                      {"macs", command.macs}};
}

static json::Value jsonOf(const ReportLocalBuffer &buffer) {
  return json::Object{{"name", text(buffer.name)},
                      {"offset_bytes", buffer.offsetBytes},
                      {"size_bytes", buffer.sizeBytes},
                      {"begin_nanoseconds", buffer.beginNanoseconds},
                      {"end_nanoseconds", buffer.endNanoseconds}};
}

static json::Value jsonOf(const ReportJob &job);

template <typename T> static json::Array arrayOf(const std::vector<T> &list) {
  json::Array array;
  for (const T &each : list)
    array.push_back(jsonOf(each));
  return array;
}

static json::Value jsonOf(const ReportJob &job) {
  return json::Object{{"name", text(job.name)},
                      {"layers", text(job.layers)},
                      {"processor", job.processor},
                      {"nanoseconds", job.nanoseconds},
                      {"nanojoules", job.nanojoules},
                      {"macs", job.macs},
                      {"scratch_bytes", job.scratchBytes},
                      {"commands", arrayOf(job.commands)},
                      {"local_buffers", arrayOf(job.localBuffers)}};
}

json::Value Report::json() const {
  return json::Object{
      {"model", text(model)},
      {"processors", arrayOf(processors)},
      {"placement", placement.json()},
      {"steps", arrayOf(steps)},
      {"memory", json::Object{{"arena_bytes", memory.arenaBytes},
                              {"live_bytes", memory.liveBytes},
                              {"weights_bytes", memory.weightsBytes},
                              {"buffers", arrayOf(memory.buffers)}}},
      {"jobs", arrayOf(jobs)}};
}

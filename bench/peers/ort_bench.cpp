//===- ort_bench.cpp - latency of one model under ONNX Runtime ------------===//
//
// Measures ONNX Runtime beside us without its headers or its package: the
// shared library is loaded by name, and its C API is a table of functions whose
// order is fixed for ever (new functions are appended), so the slots that are
// used here are simply numbered. The process stays alive and runs on command,
// which lets bench/compare interleave the two contestants without paying for
// ONNX Runtime's loading time in every round.
//
//   ort-bench [-as-defined] LIBRARY MODEL THREADS OUTPUT.npy INPUT.npy...
//   (inputs float32 or int64; -as-defined: without graph optimizations)
//
// prints {"version", "load_ms", "rss_mb"} once loaded, then reads a number of
// runs per line from standard input and answers {"min_us", "median_us"}. After
// the first line the first output stands in OUTPUT.npy.
//
//===----------------------------------------------------------------------===//

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace {

/// Positions in OrtApi (onnxruntime_c_api.h, stable since version 1).
enum Slot {
  GetErrorMessage = 2,
  CreateEnv = 3,
  CreateSession = 7,
  Run = 9,
  CreateSessionOptions = 10,
  SetSessionGraphOptimizationLevel = 23,
  SetIntraOpNumThreads = 24,
  SetInterOpNumThreads = 25,
  SessionGetInputCount = 30,
  SessionGetInputName = 36,
  SessionGetOutputName = 37,
  CreateTensorWithDataAsOrtValue = 49,
  GetTensorMutableData = 51,
  GetDimensionsCount = 61,
  GetDimensions = 62,
  GetTensorTypeAndShape = 65,
  CreateCpuMemoryInfo = 69,
  GetAllocatorWithDefaultOptions = 78,
  ReleaseValue = 96
};

constexpr int LoggingError = 3, NoOptimizations = 0, AllOptimizations = 99,
              ArenaAllocator = 1, DefaultMemory = 0, ElementFloat = 1,
              ElementInt64 = 7;

struct ApiBase {
  void *const *(*getApi)(uint32_t version);
  const char *(*getVersion)();
};

void *const *api;

[[noreturn]] void fail(const std::string &message) {
  std::fprintf(stderr, "ort-bench: %s\n", message.c_str());
  std::exit(1);
}

/// Calls a function of the table; all used here return a status or nothing.
template <typename... Arguments> void call(Slot slot, Arguments... arguments) {
  auto function = reinterpret_cast<void *(*)(Arguments...)>(api[slot]);
  if (void *status = function(arguments...))
    fail(reinterpret_cast<const char *(*)(void *)>(api[GetErrorMessage])(
        status));
}

double microseconds() {
  using namespace std::chrono;
  return duration<double, std::micro>(steady_clock::now().time_since_epoch())
      .count();
}

/// Resident now, not at its peak: the first field but one of /proc's statm.
double residentMegabytes() {
  long total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return double(resident) * double(sysconf(_SC_PAGESIZE)) / 1e6;
}

struct Array {
  std::vector<int64_t> shape;
  /// of float, or of 64-bit integers (a text's tokens)
  std::string bytes;
  int element = ElementFloat;
};

Array readNpy(const char *path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), {});
  if (bytes.size() < 10 || bytes.compare(0, 7, "\x93NUMPY\x01") != 0)
    fail(std::string(path) + ": not a version 1 .npy file");
  size_t start = 10 + uint8_t(bytes[8]) + 256 * size_t(uint8_t(bytes[9]));
  std::string header = bytes.substr(10, start - 10);
  bool isInteger = header.find("'<i8'") != std::string::npos;
  if ((!isInteger && header.find("'<f4'") == std::string::npos) ||
      header.find("'fortran_order': False") == std::string::npos)
    fail(std::string(path) + ": not a row-major float32 or int64 array");
  Array array;
  array.element = isInteger ? ElementInt64 : ElementFloat;
  size_t count = 1;
  const char *at = header.c_str() + header.find('(') + 1;
  while (*at && *at != ')') {
    char *end;
    long long size = std::strtoll(at, &end, 10);
    if (end != at) {
      array.shape.push_back(size);
      count *= size_t(size);
    }
    at = end == at ? at + 1 : end;
  }
  if (bytes.size() - start != count * (isInteger ? 8 : 4))
    fail(std::string(path) + ": wrong size");
  array.bytes = bytes.substr(start);
  return array;
}

void writeNpy(const char *path, const float *values,
              const std::vector<int64_t> &shape) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  size_t count = 1;
  for (int64_t size : shape) {
    header += std::to_string(size) + ",";
    count *= size_t(size);
  }
  header += "), }";
  header.resize((header.size() + 11 + 63) / 64 * 64 - 11, ' ');
  header += '\n';
  std::ofstream file(path, std::ios::binary);
  file << "\x93NUMPY" << '\x01' << '\x00' << char(header.size() & 255)
       << char(header.size() >> 8) << header;
  file.write(reinterpret_cast<const char *>(values),
             std::streamsize(count * sizeof(float)));
}

} // namespace

int main(int argc, char **argv) {
  bool asDefined = argc > 1 && std::string(argv[1]) == "-as-defined";
  if (asDefined) {
    ++argv;
    --argc;
  }
  if (argc < 6) {
    std::fprintf(stderr, "usage: ort-bench [-as-defined] LIBRARY MODEL THREADS "
                         "OUTPUT.npy INPUT.npy...\n");
    return 2;
  }
  void *library = dlopen(argv[1], RTLD_NOW);
  if (!library)
    fail(dlerror());
  auto *base =
      reinterpret_cast<ApiBase *(*)()>(dlsym(library, "OrtGetApiBase"))();
  api = base->getApi(1);
  int threads = std::atoi(argv[3]);

  double start = microseconds();
  void *environment, *options, *session, *memory, *allocator;
  call(CreateEnv, LoggingError, "bench", &environment);
  call(CreateSessionOptions, &options);
  call(SetSessionGraphOptimizationLevel, options,
       asDefined ? NoOptimizations : AllOptimizations);
  call(SetIntraOpNumThreads, options, threads);
  call(SetInterOpNumThreads, options, 1);
  call(CreateSession, environment, (const char *)argv[2], options, &session);
  double loaded = microseconds() - start;

  size_t count;
  call(SessionGetInputCount, session, &count);
  if (count != size_t(argc - 5))
    fail("the model has " + std::to_string(count) + " inputs");
  call(CreateCpuMemoryInfo, ArenaAllocator, DefaultMemory, &memory);
  call(GetAllocatorWithDefaultOptions, &allocator);
  std::vector<Array> arrays;
  std::vector<const char *> names(count);
  std::vector<void *> inputs(count);
  for (size_t i = 0; i < count; ++i)
    arrays.push_back(readNpy(argv[5 + i]));
  for (size_t i = 0; i < count; ++i) {
    Array &array = arrays[i];
    call(SessionGetInputName, session, i, allocator, &names[i]);
    call(CreateTensorWithDataAsOrtValue, memory, array.bytes.data(),
         array.bytes.size(), array.shape.data(), array.shape.size(),
         array.element, &inputs[i]);
  }
  const char *outputName;
  void *output = nullptr;
  call(SessionGetOutputName, session, size_t(0), allocator, &outputName);
  auto run = [&] {
    if (output)
      reinterpret_cast<void (*)(void *)>(api[ReleaseValue])(output);
    output = nullptr;
    call(Run, session, nullptr, names.data(), inputs.data(), count, &outputName,
         size_t(1), &output);
  };

  run();
  std::printf("{\"version\": \"%s\", \"load_ms\": %.3f, \"rss_mb\": %.1f}\n",
              base->getVersion(), loaded / 1e3, residentMegabytes());
  std::fflush(stdout);

  float *values;
  void *type;
  size_t rank;
  call(GetTensorMutableData, output, &values);
  call(GetTensorTypeAndShape, output, &type);
  call(GetDimensionsCount, type, &rank);
  std::vector<int64_t> shape(rank);
  call(GetDimensions, type, shape.data(), rank);
  writeNpy(argv[4], values, shape);

  char line[64];
  while (std::fgets(line, sizeof line, stdin)) {
    std::vector<double> times(std::max(1, std::atoi(line)));
    for (double &time : times) {
      double before = microseconds();
      run();
      time = microseconds() - before;
    }
    std::sort(times.begin(), times.end());
    std::printf("{\"min_us\": %.2f, \"median_us\": %.2f}\n", times.front(),
                times[times.size() / 2]);
    std::fflush(stdout);
  }
  // Its thread pool does not like to be torn down by static destructors.
  _exit(0);
}

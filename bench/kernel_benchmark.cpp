//===- kernel_benchmark.cpp - one kernel of each kind beside its roofline -===//
//
// Compiles models of one operator for this processor and measures their kernels
// with Google's benchmark library:
//
//   kernel-benchmark --benchmark_filter=conv2d
//
// Counters: GFLOP/s; peak, its share of what the processor's multiply-adds can
// do; roofline, the same of what the shape allows, the longer of the time for
// the operations at that rate and the time for the bytes (each operand and
// result once) from the cache that holds them all; predicted, the cost model's
// time over the measured one. Operands stay warm: the same run is repeated.
//
// Depthwise convolutions stand between two other kernels, as in a network, and
// are counted alone. They have counters of their own: memory_us, what reading
// the input and writing the result takes a loop that does nothing else,
// measured behind the kernel's runs; fma_us, the multiply-adds at the
// processor's peak; bound%, the longer of the two over the measured time. All
// of them:
//
//   kernel-benchmark --benchmark_filter=depthwise --benchmark_min_time=0.05s
//
// The wall time also has the copy of the input.
//
//===----------------------------------------------------------------------===//
#include "bench/stream_time.h"
#include "compiler/Compiler.h"
#include "compiler/tune/TimedModel.h"
#include "runtime/include/edge/model.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <benchmark/benchmark.h>

using namespace edgec;

namespace {

/// A function in the edge dialect; the model's inputs are its arguments.
struct Shape {
  std::string name, text;
  /// how the names of the kernels that count begin
  std::string kernel = {};
  /// of the input and the result, where memory is measured beside the kernel
  size_t readBytes = 0, writtenBytes = 0;
};

/// What bounds a kernel on this processor.
class Roofline {
public:
  explicit Roofline(const Machine &machine) : machine(machine) {}

  double flopsPerSecond() const {
    return 2.0 * double(machine.vectorBits) / 32 * machine.fmaPerCycle *
           hertz();
  }
  /// The least seconds for so many operations on so many bytes.
  double seconds(double flops, double bytes) const {
    return std::max(flops / flopsPerSecond(), bytes / bytesPerSecond(bytes));
  }

private:
  double hertz() const { return double(machine.clockMegahertz) * 1e6; }
  double bytesPerSecond(double bytes) const {
    if (bytes <= double(machine.l1Bytes))
      return double(machine.vectorBits) / 8 * machine.loadsPerCycle * hertz();
    if (bytes <= double(machine.l2Bytes))
      return machine.l2BytesPerCycle * hertz();
    if (bytes <= double(machine.l3Bytes))
      return machine.l3BytesPerCycle * hertz();
    return double(machine.memoryMegabytesPerSecond) * 1e6;
  }

  Machine machine;
};

} // namespace

static std::string tensor(std::initializer_list<int64_t> shape) {
  std::string text = "tensor<";
  for (int64_t size : shape)
    text += std::to_string(size) + "x";
  return text + "f32>";
}

static std::string splat(const std::string &name, const std::string &type) {
  return "  %" + name + " = edge.constant {value = dense<0.01> : " + type +
         "} : " + type + "\n";
}

/// side x side pixels of `inputs` channels, "same" pads.
static Shape convolution(int64_t side, int64_t inputs, int64_t outputs,
                         int64_t kernel) {
  std::string x = tensor({1, side, side, inputs}),
              y = tensor({1, side, side, outputs}),
              f = tensor({outputs, kernel, kernel, inputs});
  int64_t pad = kernel / 2;
  std::string attributes =
      llvm::formatv("{{pads = array<i64: {0}, {0}, {0}, {0}>}", pad);
  return {llvm::formatv("conv2d_{0}x{0}/{1}x{1}x{2}to{3}", kernel, side, inputs,
                        outputs),
          "func.func @m(%x: " + x + ") -> " + y + " {\n" + splat("f", f) +
              "  %r = edge.conv2d %x, %f " + attributes + " : (" + x + ", " +
              f + ") -> " + y + "\n  return %r : " + y + "\n}\n"};
}

/// A depthwise convolution, "same" pads, behind an activation and before a
/// product, neither of which is counted.
static Shape depthwise(int64_t side, int64_t channels, int64_t kernel,
                       int64_t stride, int64_t dilation) {
  int64_t outputs = (side + stride - 1) / stride;
  std::string x = tensor({1, side, side, channels}),
              y = tensor({1, outputs, outputs, channels}),
              z = tensor({1, outputs, outputs, 16}),
              f = tensor({channels, kernel, kernel, 1}),
              g = tensor({16, 1, 1, channels});
  std::string attributes = llvm::formatv(
      "{{groups = {0} : i64, pads = array<i64: {1}, {1}, {1}, {1}>, strides = "
      "array<i64: {2}, {2}>, dilations = array<i64: {3}, {3}>}",
      channels, kernel / 2 * dilation, stride, dilation);
  return {llvm::formatv("depthwise_{0}x{0}_s{1}_d{2}/{3}x{3}x{4}", kernel,
                        stride, dilation, side, channels),
          "func.func @m(%x: " + x + ") -> " + z + " {\n" + splat("f", f) +
              splat("g", g) + "  %a = edge.relu %x : (" + x + ") -> " + x +
              "\n  %b = edge.conv2d %a, %f " + attributes + " : (" + x + ", " +
              f + ") -> " + y + "\n  %c = edge.relu %b : (" + y + ") -> " + y +
              "\n  %r = edge.conv2d %c, %g : (" + y + ", " + g + ") -> " + z +
              "\n  return %r : " + z + "\n}\n",
          "depthwise", size_t(side * side * channels) * sizeof(float),
          size_t(outputs * outputs * channels) * sizeof(float)};
}

static Shape product(int64_t rows, int64_t depth, int64_t columns) {
  std::string x = tensor({1, rows, depth}), w = tensor({1, depth, columns}),
              y = tensor({1, rows, columns});
  return {llvm::formatv("matmul/{0}x{1}x{2}", rows, depth, columns),
          "func.func @m(%x: " + x + ") -> " + y + " {\n" + splat("w", w) +
              "  %r = edge.matmul %x, %w : (" + x + ", " + w + ") -> " + y +
              "\n  return %r : " + y + "\n}\n"};
}

static Shape unary(const std::string &operation, int64_t rows, int64_t columns,
                   const std::string &attributes = "") {
  std::string type = tensor({rows, columns});
  return {llvm::formatv("{0}/{1}x{2}", operation, rows, columns),
          "func.func @m(%x: " + type + ") -> " + type + " {\n  %r = edge." +
              operation + " %x " + attributes + " : (" + type + ") -> " + type +
              "\n  return %r : " + type + "\n}\n"};
}

/// Layers of the networks in docs/performance.md.
static std::vector<Shape> layers() {
  return {convolution(112, 32, 64, 1),
          convolution(56, 64, 256, 1),
          convolution(14, 512, 512, 1),
          convolution(7, 512, 1024, 1),
          convolution(56, 64, 64, 3),
          convolution(14, 256, 256, 3),
          convolution(7, 512, 512, 3),
          product(1, 1280, 1000),
          product(197, 192, 576),
          product(128, 768, 768),
          unary("relu", 64, 4096),
          unary("gelu", 197, 768),
          unary("silu", 56 * 56, 96),
          unary("tanh", 64, 1024),
          unary("softmax", 591, 197, "{axis = 1 : i64}")};
}

/// Depthwise convolutions of every kind at the sizes of mobile networks;
/// channels that are a power of two make pixels share sets of a cache.
static std::vector<Shape> depthwiseShapes() {
  constexpr int64_t sizes[][2] = {{112, 32},  {56, 128}, {56, 144}, {28, 192},
                                  {28, 256},  {14, 384}, {14, 512}, {14, 672},
                                  {14, 1024}, {7, 512},  {7, 960},  {7, 1024}};
  std::vector<Shape> shapes;
  for (int64_t kernel : {3, 5, 7}) {
    for (int64_t stride : {1, 2}) {
      for (int64_t dilation : {1, 2}) {
        for (auto [side, channels] : sizes)
          shapes.push_back(depthwise(side, channels, kernel, stride, dilation));
      }
    }
  }
  return shapes;
}

static llvm::Expected<TimedModel> compileShape(const Shape &shape) {
  llvm::SmallString<64> path;
  int file = 0;
  if (std::error_code error =
          llvm::sys::fs::createTemporaryFile("kernel", "mlir", file, path))
    return llvm::createStringError(error, "no temporary file");
  llvm::raw_fd_ostream(file, /*shouldClose=*/true) << shape.text;
  CompileOptions options;
  options.stages.winograd = schedule::WinogradChoice::on;
  // Each kernel by itself.
  options.stages.chainBytes = std::numeric_limits<int64_t>::max();
  llvm::Expected<Artifact> artifact = compile({path.str().str()}, options);
  llvm::sys::fs::remove(path);
  if (!artifact)
    return artifact.takeError();
  return TimedModel::load(*artifact);
}

static void measure(benchmark::State &state, const Shape &shape,
                    const Roofline &roofline) {
  llvm::Expected<TimedModel> model = compileShape(shape);
  if (!model)
    return state.SkipWithError(llvm::toString(model.takeError()).c_str());
  for ([[maybe_unused]] auto iteration : state) {
    if (llvm::Error error = model->run())
      return state.SkipWithError(llvm::toString(std::move(error)).c_str());
  }
  double flops = 0, bytes = 0, predicted = 0, seconds = 0;
  const edge_model &descriptor = model->descriptor();
  for (uint32_t i = 0; i < descriptor.kernel_count; ++i) {
    llvm::StringRef name = descriptor.kernels[i].name;
    if (!name.starts_with(shape.kernel))
      continue;
    seconds += double(model->leastTime(i)) * 1e-9;
    flops += double(descriptor.kernels[i].flops);
    bytes += double(descriptor.kernels[i].bytes_moved);
    predicted +=
        double(descriptor.kernels[i].predicted_cycles) / descriptor.clock_hz;
  }
  state.counters["us"] = seconds * 1e6;
  state.counters["predicted%"] = 100 * predicted / seconds;
  if (shape.readBytes > 0) {
    double memory = streamSeconds(shape.readBytes, shape.writtenBytes),
           multiplyAdds = flops / roofline.flopsPerSecond();
    state.counters["memory_us"] = memory * 1e6;
    state.counters["fma_us"] = multiplyAdds * 1e6;
    state.counters["bound%"] = 100 * std::max(memory, multiplyAdds) / seconds;
    return;
  }
  state.counters["GFLOP/s"] = flops / seconds * 1e-9;
  state.counters["peak%"] = 100 * flops / seconds / roofline.flopsPerSecond();
  state.counters["roofline%"] = 100 * roofline.seconds(flops, bytes) / seconds;
}

int main(int argc, char **argv) {
  llvm::Expected<Machine> machine = resolveMachine({});
  if (!machine) {
    llvm::errs() << llvm::toString(machine.takeError()) << "\n";
    return 1;
  }
  Roofline roofline(*machine);
  std::vector<Shape> shapes = layers();
  llvm::append_range(shapes, depthwiseShapes());
  for (const Shape &shape : shapes) {
    benchmark::RegisterBenchmark(shape.name.c_str(),
                                 [shape, roofline](benchmark::State &state) {
                                   measure(state, shape, roofline);
                                 });
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

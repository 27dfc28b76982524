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
// The wall time also has the copy of the input.
//
//===----------------------------------------------------------------------===//
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
                         int64_t kernel, bool isDepthwise = false) {
  std::string x = tensor({1, side, side, inputs}),
              y = tensor({1, side, side, outputs}),
              f = tensor({outputs, kernel, kernel, isDepthwise ? 1 : inputs});
  int64_t pad = kernel / 2;
  std::string attributes =
      llvm::formatv("{{groups = {0} : i64, pads = array<i64: {1}, {1}, {1}, "
                    "{1}>}",
                    isDepthwise ? inputs : 1, pad);
  return {llvm::formatv("{0}_{1}x{1}/{2}x{2}x{3}to{4}",
                        isDepthwise ? "depthwise" : "conv2d", kernel, side,
                        inputs, outputs),
          "func.func @m(%x: " + x + ") -> " + y + " {\n" + splat("f", f) +
              "  %r = edge.conv2d %x, %f " + attributes + " : (" + x + ", " +
              f + ") -> " + y + "\n  return %r : " + y + "\n}\n"};
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
static std::vector<Shape> shapes() {
  return {convolution(112, 32, 64, 1),
          convolution(56, 64, 256, 1),
          convolution(14, 512, 512, 1),
          convolution(7, 512, 1024, 1),
          convolution(56, 64, 64, 3),
          convolution(14, 256, 256, 3),
          convolution(7, 512, 512, 3),
          convolution(112, 32, 32, 3, true),
          convolution(28, 192, 192, 3, true),
          convolution(14, 480, 480, 5, true),
          product(1, 1280, 1000),
          product(197, 192, 576),
          product(128, 768, 768),
          unary("relu", 64, 4096),
          unary("gelu", 197, 768),
          unary("silu", 56 * 56, 96),
          unary("tanh", 64, 1024),
          unary("softmax", 591, 197, "{axis = 1 : i64}")};
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
  double flops = 0, bytes = 0, predicted = 0;
  const edge_model &descriptor = model->descriptor();
  for (uint32_t i = 0; i < descriptor.kernel_count; ++i) {
    flops += double(descriptor.kernels[i].flops);
    bytes += double(descriptor.kernels[i].bytes_moved);
    predicted +=
        double(descriptor.kernels[i].predicted_cycles) / descriptor.clock_hz;
  }
  double seconds = model->seconds();
  state.counters["us"] = seconds * 1e6;
  state.counters["GFLOP/s"] = flops / seconds * 1e-9;
  state.counters["peak%"] = 100 * flops / seconds / roofline.flopsPerSecond();
  state.counters["roofline%"] = 100 * roofline.seconds(flops, bytes) / seconds;
  state.counters["predicted%"] = 100 * predicted / seconds;
}

int main(int argc, char **argv) {
  llvm::Expected<Machine> machine = resolveMachine({});
  if (!machine) {
    llvm::errs() << llvm::toString(machine.takeError()) << "\n";
    return 1;
  }
  Roofline roofline(*machine);
  for (const Shape &shape : shapes()) {
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

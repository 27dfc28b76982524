//===- TimedModel.cpp - times of a compiled model's kernels ---------------===//
#include "compiler/tune/TimedModel.h"
#include "runtime/include/edge/model.h"
#include <chrono>
#include <cstring>
#include <random>

using namespace edgec;

static uint64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// Numbers of ordinary size; integers are zeros, which are valid indices.
static std::vector<char> makeInput(const edge_tensor_info &tensor) {
  std::vector<char> bytes(tensor.size_bytes);
  if (tensor.dtype != EDGE_DTYPE_F32)
    return bytes;
  // The same numbers for every build.
  std::minstd_rand random(1); // NOLINT(bugprone-random-generator-seed)
  std::uniform_real_distribution<float> distribution(-1, 1);
  for (size_t at = 0; at + sizeof(float) <= bytes.size(); at += sizeof(float)) {
    float value = distribution(random);
    std::memcpy(&bytes[at], &value, sizeof(value));
  }
  return bytes;
}

TimedModel::TimedModel(HostModel loaded) : model(std::move(loaded)) {
  const edge_model &descriptor = model.descriptor();
  for (uint32_t i = 0; i < descriptor.input_count; ++i)
    inputs.push_back(makeInput(descriptor.inputs[i]));
  least.resize(descriptor.kernel_count);
}

llvm::Expected<TimedModel> TimedModel::load(const Artifact &artifact) {
  llvm::Expected<HostModel> host = HostModel::load(artifact);
  if (!host)
    return host.takeError();
  return TimedModel(std::move(*host));
}

namespace {
/// What the profile callback writes to.
struct Watch {
  std::vector<uint64_t> &least;
  uint64_t begin = 0;
};
} // namespace

static void takeTime(const edge_context *context, uint32_t kernel,
                     uint32_t phase) {
  auto &watch = *static_cast<Watch *>(context->user);
  uint64_t time = now();
  if (phase == EDGE_PROFILE_BEGIN) {
    watch.begin = time;
    return;
  }
  uint64_t &least = watch.least[kernel];
  // At least one, so that 0 means that it never ran.
  uint64_t taken = std::max<uint64_t>(time - watch.begin, 1);
  least = least ? std::min(least, taken) : taken;
}

llvm::Error TimedModel::run() {
  Watch watch{least};
  edge_context context = {};
  context.struct_size = sizeof(context);
  context.thread_count = 1;
  context.user = &watch;
  context.profile = takeTime;
  std::vector<llvm::ArrayRef<char>> values(inputs.begin(), inputs.end());
  return model.run(values, &context);
}

double TimedModel::seconds() const {
  uint64_t sum = 0;
  for (uint64_t time : least)
    sum += time;
  return double(sum) * 1e-9;
}

llvm::StringRef TimedModel::layers(size_t kernel) const {
  return model.descriptor().kernels[kernel].layers;
}

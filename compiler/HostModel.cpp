//===- HostModel.cpp - a compiled model in this process -------------------===//
//
// A small loader of its own: the runtime knows no compiler and the compiler no
// runtime. The artifact comes from this very process, so the checks that the
// runtime makes of foreign files are not needed.
//
//===----------------------------------------------------------------------===//
#include "compiler/HostModel.h"

#include "compiler/Compiler.h"
#include "runtime/include/edge/model.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include <dlfcn.h>
#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif

using namespace edgec;

/// Linux gives a process AMX's tile registers only when it asks. An old kernel
/// or another processor says no; then the machine description has no AMX.
static void permitTiles() {
#if defined(__linux__) && defined(__x86_64__)
  constexpr int requestPermission = 0x1023; // ARCH_REQ_XCOMP_PERM
  constexpr int tileData = 18;              // XFEATURE_XTILEDATA
  syscall(SYS_arch_prctl, requestPermission, tileData);
#endif
}

HostModel::Buffer HostModel::makeBuffer(size_t size, size_t alignment) {
  Buffer buffer;
  buffer.memory = std::make_unique<char[]>(size + alignment);
  auto address = reinterpret_cast<uintptr_t>(buffer.memory.get());
  buffer.begin =
      buffer.memory.get() + (llvm::alignTo(address, alignment) - address);
  buffer.size = size;
  return buffer;
}

llvm::Expected<HostModel> HostModel::load(const Artifact &artifact) {
  llvm::SmallString<128> path;
  if (std::error_code error =
          llvm::sys::fs::createTemporaryFile("edgec", "so", path)) {
    return llvm::createStringError(error,
                                   "no temporary file: " + error.message());
  }
  // The loader has mapped it by then.
  llvm::scope_exit remove([&] {
    // What cannot be removed lies in the system's temporary folder.
    std::error_code ignored = llvm::sys::fs::remove(path);
    (void)ignored;
  });
  if (llvm::Error error = artifact.write(path))
    return std::move(error);
  HostModel host;
  host.library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!host.library)
    return llvm::createStringError(dlerror());
  auto function =
      reinterpret_cast<edge_model_function>(dlsym(host.library, "edge_model"));
  if (!function)
    return llvm::createStringError("the artifact has no model");
  host.model = function();
  if (llvm::Error error = host.prepare())
    return std::move(error);
  return host;
}

llvm::Error HostModel::prepare() {
  permitTiles();
  constexpr size_t alignment = 64;
  for (uint32_t i = 0; i < model->input_count; ++i)
    inputs.push_back(makeBuffer(model->inputs[i].size_bytes, alignment));
  for (uint32_t i = 0; i < model->output_count; ++i)
    outputs.push_back(makeBuffer(model->outputs[i].size_bytes, alignment));
  arena = makeBuffer(model->arena_bytes,
                     std::max<size_t>(model->arena_alignment, alignment));
  return llvm::Error::success();
}

HostModel::HostModel(HostModel &&other) noexcept
    : library(std::exchange(other.library, nullptr)), model(other.model),
      inputs(std::move(other.inputs)), outputs(std::move(other.outputs)),
      arena(std::move(other.arena)) {}

HostModel::~HostModel() {
  if (library)
    dlclose(library);
}

llvm::Error HostModel::run(llvm::ArrayRef<llvm::ArrayRef<char>> values,
                           const edge_context *context) {
  std::vector<const void *> in;
  std::vector<void *> out;
  in.reserve(inputs.size());
  out.reserve(outputs.size());
  for (auto [buffer, value] : llvm::zip_equal(inputs, values)) {
    std::memcpy(buffer.begin, value.data(),
                std::min(buffer.size, value.size()));
    in.push_back(buffer.begin);
  }
  for (Buffer &buffer : outputs)
    out.push_back(buffer.begin);
  int32_t status = model->entry(context, in.data(), out.data(), arena.begin);
  if (status != 0)
    return llvm::createStringError("the model's entry function returned " +
                                   llvm::Twine(status));
  return llvm::Error::success();
}

llvm::ArrayRef<char> HostModel::output(unsigned index) const {
  return {outputs[index].begin, outputs[index].size};
}

static llvm::ArrayRef<float> asFloats(const char *begin, size_t size) {
  return {reinterpret_cast<const float *>(begin), size / sizeof(float)};
}

llvm::ArrayRef<float> HostModel::floats(unsigned index) const {
  return asFloats(outputs[index].begin, outputs[index].size);
}

llvm::ArrayRef<float> HostModel::inputFloats(unsigned index) const {
  return asFloats(inputs[index].begin, inputs[index].size);
}

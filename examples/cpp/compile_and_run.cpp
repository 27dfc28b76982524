//===- compile_and_run.cpp - compiler and runtime in one process ----------===//
//
// Compiles a model for the processor it runs on, loads the artifact and runs
// it: what an application does that receives its models in the field. The
// artifact could be kept and loaded at the next start without the compiler.
//
//     cpp-compile-and-run MODEL.onnx ARTIFACT.so
//
//===----------------------------------------------------------------------===//

#include "compiler/Compiler.h"
#include "edge/runtime.h"
#include "llvm/Support/raw_ostream.h"

#include <memory>
#include <vector>

using Buffer = std::unique_ptr<char[]>;

/// One buffer per tensor, cleared; new char[] is aligned for every element
/// type.
static std::vector<Buffer> makeBuffers(const edge_tensor_info *tensors,
                                       uint32_t count) {
  std::vector<Buffer> buffers;
  buffers.reserve(count);
  for (uint32_t i = 0; i < count; ++i)
    buffers.push_back(std::make_unique<char[]>(tensors[i].size_bytes));
  return buffers;
}

static std::vector<void *> pointers(const std::vector<Buffer> &buffers) {
  std::vector<void *> result;
  result.reserve(buffers.size());
  for (const Buffer &buffer : buffers)
    result.push_back(buffer.get());
  return result;
}

static int run(const char *path) {
  edge_artifact *artifact = nullptr;
  edge_session *session = nullptr;
  edge_message message;
  edge_status status = edge_model_load(path, &artifact, &message);
  if (!status)
    status = edge_session_create(edge_artifact_model(artifact), 0, &session,
                                 &message);
  if (!status) {
    const edge_model *model = edge_artifact_model(artifact);
    std::vector<Buffer> inputs = makeBuffers(model->inputs, model->input_count);
    std::vector<Buffer> outputs =
        makeBuffers(model->outputs, model->output_count);
    status = edge_session_run(session, pointers(inputs).data(),
                              pointers(outputs).data(), &message);
    if (!status) {
      llvm::outs() << model->name << " for " << model->target << ", "
                   << model->cpu << ": " << model->kernel_count << " kernels, "
                   << model->arena_bytes << " bytes of arena\n";
      const auto *first = reinterpret_cast<const float *>(outputs[0].get());
      llvm::outs() << model->outputs[0].name << "[0] of an all-zero input: "
                   << llvm::format("%.4f", double(*first)) << "\n";
    }
  }
  if (status)
    llvm::errs() << path << ": " << message.text << "\n";
  edge_session_destroy(session);
  if (artifact)
    edge_model_unload(artifact);
  return status ? 1 : 0;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    llvm::errs() << "usage: " << argv[0] << " MODEL.onnx ARTIFACT.so\n";
    return 2;
  }
  edgec::CompileOptions options; // the host's machine, a shared object
  llvm::Expected<edgec::Artifact> artifact =
      edgec::compile(edgec::Source{argv[1]}, options);
  if (!artifact) {
    llvm::errs() << llvm::toString(artifact.takeError()) << "\n";
    return 1;
  }
  if (llvm::Error error = artifact->write(argv[2])) {
    llvm::errs() << llvm::toString(std::move(error)) << "\n";
    return 1;
  }
  return run(argv[2]);
}

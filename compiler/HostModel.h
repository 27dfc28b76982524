//===- HostModel.h - a compiled model in this process ----------*- C++ -*-===//
//
// The compiler runs what it compiled for this processor, to see which values
// come up in a model, how far quantized results are off, and what takes time.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_HOSTMODEL_H
#define EDGEC_COMPILER_HOSTMODEL_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <vector>

struct edge_context; // NOLINT(readability-identifier-naming): the ABI's
struct edge_model;   // NOLINT(readability-identifier-naming): likewise

namespace edgec {

class Artifact;

/// A model with memory for one run at a time.
class HostModel {
public:
  /// Links `artifact`, which was compiled for this processor as Emit::Shared,
  /// and loads it. What it writes lies in the system's temporary folder and is
  /// gone when this returns.
  static llvm::Expected<HostModel> load(const Artifact &artifact);
  HostModel(HostModel &&other) noexcept;
  HostModel &operator=(HostModel &&) = delete;
  ~HostModel();

  /// Runs the model; `inputs` has the bytes of each. The outputs stay until the
  /// next run. The error says what the model's entry function returned.
  llvm::Error run(llvm::ArrayRef<llvm::ArrayRef<char>> inputs,
                  const edge_context *context = nullptr);

  const edge_model &descriptor() const { return *model; }

  llvm::ArrayRef<char> output(unsigned index) const;
  /// An output, or an input of the last run, of 32-bit floats.
  llvm::ArrayRef<float> floats(unsigned index) const;
  llvm::ArrayRef<float> inputFloats(unsigned index) const;

private:
  HostModel() = default;
  llvm::Error prepare();

  /// A block aligned as the ABI asks for.
  struct Buffer {
    std::unique_ptr<char[]> memory;
    char *begin = nullptr;
    size_t size = 0;
  };
  static Buffer makeBuffer(size_t size, size_t alignment);

  void *library = nullptr;
  const edge_model *model = nullptr;
  std::vector<Buffer> inputs, outputs;
  Buffer arena;
};

} // namespace edgec

#endif // EDGEC_COMPILER_HOSTMODEL_H

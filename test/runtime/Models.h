// The hand-written models of models/*.c, seen from the tests: where the shared
// objects lie, and a copy of the affine model's descriptor that a test may
// damage.

#ifndef EDGE_TEST_RUNTIME_MODELS_H
#define EDGE_TEST_RUNTIME_MODELS_H

#include "edge/runtime.h"

#include <array>
#include <string>

/// Path of the shared object models/NAME.so.
inline std::string modelPath(const std::string &name) {
  return std::string(EDGE_TEST_MODELS) + "/" + name + ".so";
}

/// Loads a model and unloads it at the end of the scope.
struct LoadedModel {
  edge_artifact *artifact = nullptr;
  edge_message message = {};
  edge_status status;

  explicit LoadedModel(const std::string &name)
      : status(edge_model_load(modelPath(name).c_str(), &artifact, &message)) {}
  ~LoadedModel() { edge_model_unload(artifact); }
  LoadedModel(const LoadedModel &) = delete;
  LoadedModel &operator=(const LoadedModel &) = delete;

  const edge_model *model() const { return edge_artifact_model(artifact); }
};

/// Buffers for the affine model, y = 2 * x + b.
struct AffineBuffers {
  std::array<float, 24> x{};
  std::array<float, 4> b{};
  std::array<float, 24> y{};
  const void *inputs[2] = {x.data(), b.data()};
  void *outputs[1] = {y.data()};

  explicit AffineBuffers(float start = 0) {
    for (size_t i = 0; i < x.size(); ++i)
      x[i] = start + static_cast<float>(i);
    b = {10, 20, 30, 40};
  }
  AffineBuffers(const AffineBuffers &) = delete;
  AffineBuffers &operator=(const AffineBuffers &) = delete;

  bool correct() const {
    for (size_t i = 0; i < y.size(); ++i)
      if (y[i] != 2 * x[i] + b[i % 4])
        return false;
    return true;
  }
};

#endif // EDGE_TEST_RUNTIME_MODELS_H

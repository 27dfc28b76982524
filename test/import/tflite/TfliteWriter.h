//===- TfliteWriter.h - TFLite models for tests -----------------*- C++ -*-===//
//
// Builds a model with the FlatBuffers builder, tensor by tensor:
//
//   TfliteWriter w;
//   int x = w.input("x", {1, 4}), y = w.output("y", {1, 4});
//   w.op(Builtin::RELU, {x}, {y});
//   std::string bytes = w.bytes();
//
// Nothing is checked, so that tests can also write what no converter would.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_IMPORT_TFLITE_TFLITEWRITER_H
#define EDGEC_TEST_IMPORT_TFLITE_TFLITEWRITER_H

#include "compiler/import/tflite/schema_generated.h"
#include <map>
#include <string>
#include <vector>

namespace edgec::test {

namespace schema = edgec::tflite::schema;
using schema::Builtin;
using schema::ElementType;

/// What may be said of a tensor beyond name, type and shape.
struct TensorExtras {
  std::vector<float> scales;
  std::vector<int64_t> zeroPoints;
  int quantizedDimension = 0;
  std::vector<int32_t> signature;
  bool isVariable = false;
  flatbuffers::Offset<schema::Sparsity> sparsity = 0;
};

class TfliteWriter {
public:
  using Shape = std::vector<int32_t>;

  flatbuffers::FlatBufferBuilder builder;
  int version = 3;

  TfliteWriter() { buffers.emplace_back(); }

  int tensor(const std::string &name, const Shape &shape,
             ElementType type = ElementType::FLOAT32,
             const TensorExtras &extras = {}, int buffer = 0);
  int input(const std::string &name, const Shape &shape,
            ElementType type = ElementType::FLOAT32,
            const TensorExtras &extras = {}) {
    inputs.push_back(tensor(name, shape, type, extras));
    return inputs.back();
  }
  int output(const std::string &name, const Shape &shape,
             ElementType type = ElementType::FLOAT32,
             const TensorExtras &extras = {}) {
    outputs.push_back(tensor(name, shape, type, extras));
    return outputs.back();
  }
  template <typename T>
  int constant(const std::string &name, const Shape &shape, ElementType type,
               const std::vector<T> &elements,
               const TensorExtras &extras = {}) {
    const auto *bytes = reinterpret_cast<const uint8_t *>(elements.data());
    buffers.emplace_back(bytes, bytes + elements.size() * sizeof(T));
    return tensor(name, shape, type, extras, int(buffers.size()) - 1);
  }
  int floats(const std::string &name, const Shape &shape,
             const std::vector<float> &elements) {
    return constant(name, shape, ElementType::FLOAT32, elements);
  }
  int ints(const std::string &name, const std::vector<int32_t> &elements) {
    return constant(name, {int32_t(elements.size())}, ElementType::INT32,
                    elements);
  }
  int scalar(const std::string &name, int32_t element) {
    return constant<int32_t>(name, {}, ElementType::INT32, {element});
  }

  /// An operator without options.
  void op(Builtin code, const std::vector<int32_t> &from,
          const std::vector<int32_t> &to, int opVersion = 1) {
    add(code, "", opVersion, from, to, schema::Options::NONE, 0, {});
  }
  /// An operator with options: `table` is one of schema::Create...Options.
  template <typename OptionsT>
  void op(Builtin code, const std::vector<int32_t> &from,
          const std::vector<int32_t> &to, flatbuffers::Offset<OptionsT> table,
          int opVersion = 1) {
    add(code, "", opVersion, from, to,
        schema::OptionsTraits<OptionsT>::enum_value, table.Union(), {});
  }
  void custom(const std::string &name, const std::vector<int32_t> &from,
              const std::vector<int32_t> &to,
              const std::vector<uint8_t> &options = {}, int opVersion = 1) {
    add(Builtin::CUSTOM, name, opVersion, from, to, schema::Options::NONE, 0,
        options);
  }

  /// Ends the present graph and begins another one.
  void endGraph();
  void signature(const std::string &key,
                 const std::vector<std::pair<std::string, int>> &from,
                 const std::vector<std::pair<std::string, int>> &to,
                 unsigned graph = 0);

  /// The model; the writer is used up.
  std::string bytes();

private:
  void add(Builtin code, const std::string &customName, int opVersion,
           const std::vector<int32_t> &from, const std::vector<int32_t> &to,
           schema::Options optionsType, flatbuffers::Offset<void> options,
           const std::vector<uint8_t> &customOptions);

  std::vector<int32_t> inputs, outputs;
  std::vector<std::vector<uint8_t>> buffers;
  std::vector<flatbuffers::Offset<schema::Tensor>> tensors;
  std::vector<flatbuffers::Offset<schema::Operator>> operators;
  std::vector<flatbuffers::Offset<schema::SubGraph>> graphs;
  std::vector<flatbuffers::Offset<schema::OperatorCode>> codes;
  std::vector<flatbuffers::Offset<schema::Signature>> signatures;
};

} // namespace edgec::test

#endif // EDGEC_TEST_IMPORT_TFLITE_TFLITEWRITER_H

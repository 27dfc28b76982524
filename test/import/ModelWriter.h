//===- ModelWriter.h - ONNX models for tests, byte by byte ------*- C++ -*-===//
//
// Writes the protobuf wire format of onnx.proto directly, so that tests hold
// their models as readable C++ and can also write what no exporter would:
//
//   ModelWriter(13).input("x", {1, 4}).output("y")
//       .node("LeakyRelu", {"x"}, {"y"}, {attribute("alpha", 0.5F)}).bytes()
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_IMPORT_MODELWRITER_H
#define EDGEC_TEST_IMPORT_MODELWRITER_H

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace edgec::test {

/// One protobuf message under construction.
class Message {
public:
  Message &integer(int field, int64_t value) {
    varint(uint64_t(field) << 3);
    return varint(static_cast<uint64_t>(value));
  }
  Message &real(int field, float value) {
    varint(uint64_t(field) << 3 | 5);
    content.append(reinterpret_cast<const char *>(&value), sizeof value);
    return *this;
  }
  Message &text(int field, const std::string &value) {
    varint(uint64_t(field) << 3 | 2).varint(value.size());
    content += value;
    return *this;
  }
  Message &message(int field, const Message &value) {
    return text(field, value.content);
  }
  const std::string &bytes() const { return content; }

private:
  Message &varint(uint64_t value) {
    for (; value >= 128; value >>= 7)
      content += static_cast<char>(value | 128);
    content += static_cast<char>(value);
    return *this;
  }
  std::string content;
};

enum ElementType { Float32 = 1, Uint8 = 2, Int32 = 6, Int64 = 7, Bool = 9 };

template <typename T> std::string rawBytes(const std::vector<T> &elements) {
  return {reinterpret_cast<const char *>(elements.data()),
          elements.size() * sizeof(T)};
}

/// A dimension is a size or the name of one that is not fixed.
struct Dim {
  Dim(int64_t size) : size(size) {}
  Dim(const char *symbol) : symbol(symbol) {}
  int64_t size = -1;
  std::string symbol;
};

inline Message tensor(const std::string &name, std::vector<int64_t> dims,
                      int64_t type, const std::string &raw) {
  Message result;
  for (int64_t dim : dims)
    result.integer(1, dim);
  return result.integer(2, type).text(8, name).text(9, raw);
}
inline Message tensor(const std::string &name, std::vector<int64_t> dims,
                      const std::vector<float> &elements) {
  return tensor(name, dims, Float32, rawBytes(elements));
}
inline Message tensor(const std::string &name, std::vector<int64_t> dims,
                      const std::vector<int64_t> &elements) {
  return tensor(name, dims, Int64, rawBytes(elements));
}

inline Message attribute(const std::string &name, float value) {
  return Message().text(1, name).real(2, value).integer(20, 1);
}
inline Message attribute(const std::string &name, int value) {
  return Message().text(1, name).integer(3, value).integer(20, 2);
}
inline Message attribute(const std::string &name, const char *value) {
  return Message().text(1, name).text(4, value).integer(20, 3);
}
inline Message attribute(const std::string &name, const Message &tensor) {
  return Message().text(1, name).message(5, tensor).integer(20, 4);
}
inline Message attribute(const std::string &name,
                         const std::vector<int64_t> &list) {
  Message result;
  result.text(1, name).integer(20, 7);
  for (int64_t element : list)
    result.integer(8, element);
  return result;
}
inline Message attribute(const std::string &name,
                         const std::vector<std::string> &list) {
  Message result;
  result.text(1, name).integer(20, 8);
  for (const std::string &element : list)
    result.text(9, element);
  return result;
}

/// One node of a graph or function, named after its first result, so that tests
/// can look for "node_y".
inline Message makeNode(const std::string &opType,
                        const std::vector<std::string> &inputs,
                        const std::vector<std::string> &outputs,
                        const std::vector<Message> &attributes = {},
                        const std::string &domain = "") {
  Message result;
  for (const std::string &name : inputs)
    result.text(1, name);
  for (const std::string &name : outputs)
    result.text(2, name);
  if (!outputs.empty())
    result.text(3, "node_" + outputs.front());
  result.text(4, opType);
  for (const Message &attribute : attributes)
    result.message(5, attribute);
  if (!domain.empty())
    result.text(7, domain);
  return result;
}

/// An attribute of a function's node that takes the value of the call's.
inline Message referenceAttribute(const std::string &name,
                                  const std::string &reference, int64_t type) {
  return Message().text(1, name).text(21, reference).integer(20, type);
}

inline Message attribute(const std::string &name,
                         const std::vector<float> &list) {
  Message result;
  result.text(1, name).integer(20, 6);
  for (float element : list)
    result.real(7, element);
  return result;
}

class ModelWriter {
public:
  explicit ModelWriter(int64_t opset = 13) : opset(opset) {}

  ModelWriter &input(const std::string &name, const std::vector<Dim> &shape,
                     int64_t type = Float32) {
    graph.message(11, valueInfo(name, type, shape));
    return *this;
  }
  /// Without a shape the output states nothing but its type.
  ModelWriter &output(const std::string &name) {
    return typedOutput(name, Float32);
  }
  ModelWriter &typedOutput(const std::string &name, int64_t elementType) {
    Message tensorType, type, info;
    type.message(1, tensorType.integer(1, elementType));
    graph.message(12, info.text(1, name).message(2, type));
    return *this;
  }
  ModelWriter &output(const std::string &name, const std::vector<Dim> &shape,
                      int64_t type = Float32) {
    graph.message(12, valueInfo(name, type, shape));
    return *this;
  }
  ModelWriter &value(const std::string &name, const std::vector<Dim> &shape) {
    graph.message(13, valueInfo(name, Float32, shape));
    return *this;
  }
  ModelWriter &initializer(const Message &tensor) {
    graph.message(5, tensor);
    return *this;
  }
  template <typename T>
  ModelWriter &initializer(const std::string &name, std::vector<int64_t> dims,
                           const std::vector<T> &elements) {
    return initializer(tensor(name, dims, elements));
  }
  /// A float32 weight in a file beside the model.
  ModelWriter &external(const std::string &name, std::vector<int64_t> dims,
                        const std::string &location, int64_t offset,
                        int64_t length) {
    Message result;
    for (int64_t dim : dims)
      result.integer(1, dim);
    result.integer(2, Float32).text(8, name).integer(14, 1);
    auto property = [&](const char *key, const std::string &value) {
      result.message(13, Message().text(1, key).text(2, value));
    };
    property("location", location);
    property("offset", std::to_string(offset));
    property("length", std::to_string(length));
    return initializer(result);
  }
  ModelWriter &node(const std::string &opType,
                    const std::vector<std::string> &inputs,
                    const std::vector<std::string> &outputs,
                    const std::vector<Message> &attributes = {},
                    const std::string &domain = "") {
    graph.message(1, makeNode(opType, inputs, outputs, attributes, domain));
    return *this;
  }
  /// An operator that the model defines itself, of the domain "local".
  ModelWriter &function(const std::string &name,
                        const std::vector<std::string> &inputs,
                        const std::vector<std::string> &outputs,
                        const std::vector<Message> &nodes,
                        const std::vector<std::string> &attributes = {}) {
    Message result;
    result.text(1, name).text(10, "local");
    for (const std::string &input : inputs)
      result.text(4, input);
    for (const std::string &output : outputs)
      result.text(5, output);
    for (const std::string &attribute : attributes)
      result.text(6, attribute);
    for (const Message &node : nodes)
      result.message(7, node);
    functions.push_back(result);
    return *this;
  }
  /// What was written so far as an attribute: a branch or a body.
  Message asAttribute(const std::string &name) const {
    return Message().text(1, name).message(6, graph).integer(20, 5);
  }
  std::string bytes() const {
    Message set, model;
    set.text(1, "").integer(2, opset);
    model.integer(1, 8).message(7, graph).message(8, set);
    for (const Message &function : functions)
      model.message(25, function);
    return model.bytes();
  }

private:
  static Message valueInfo(const std::string &name, int64_t type,
                           const std::vector<Dim> &dims) {
    Message shape;
    for (const Dim &dim : dims)
      shape.message(1, dim.symbol.empty() ? Message().integer(1, dim.size)
                                          : Message().text(2, dim.symbol));
    Message tensorType;
    tensorType.integer(1, type).message(2, shape);
    return Message().text(1, name).message(2, Message().message(1, tensorType));
  }
  int64_t opset;
  Message graph;
  std::vector<Message> functions;
};

} // namespace edgec::test

#endif // EDGEC_TEST_IMPORT_MODELWRITER_H

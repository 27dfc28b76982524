//===- OnnxModel.cpp - the parts of an ONNX file we read ------------------===//
//
// One function per message of onnx.proto, with the schema's field numbers. A
// file cannot make us allocate much more than its own size: every struct is
// counted against a budget, since an empty message costs two bytes in the file
// and a hundred in memory.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/onnx/OnnxModel.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/Twine.h"
#include <cstring>

using namespace edgec::onnx;
using llvm::StringRef;

std::string edgec::onnx::dataTypeName(DataType type) {
  static const char *const names[] = {
      "undefined",      "float32",      "uint8",          "int8",
      "uint16",         "int16",        "int32",          "int64",
      "string",         "bool",         "float16",        "float64",
      "uint32",         "uint64",       "complex64",      "complex128",
      "bfloat16",       "float8e4m3fn", "float8e4m3fnuz", "float8e5m2",
      "float8e5m2fnuz", "uint4",        "int4",           "float4e2m1"};
  auto number = static_cast<int64_t>(type);
  if (number >= 0 && number < static_cast<int64_t>(std::size(names)))
    return names[number];
  return "type " + std::to_string(number);
}

unsigned edgec::onnx::dataTypeBytes(DataType type) {
  switch (type) {
  case DataType::Uint8:
  case DataType::Int8:
  case DataType::Bool:
    return 1;
  case DataType::Uint16:
  case DataType::Int16:
  case DataType::Float16:
  case DataType::BFloat16:
    return 2;
  case DataType::Float:
  case DataType::Int32:
  case DataType::Uint32:
    return 4;
  case DataType::Int64:
  case DataType::Uint64:
  case DataType::Double:
    return 8;
  default:
    return 0;
  }
}

bool edgec::onnx::isIntegerType(DataType type) {
  switch (type) {
  case DataType::Uint8:
  case DataType::Int8:
  case DataType::Uint16:
  case DataType::Int16:
  case DataType::Int32:
  case DataType::Int64:
  case DataType::Uint32:
  case DataType::Uint64:
  case DataType::Bool:
    return true;
  default:
    return false;
  }
}

namespace {

/// Reads messages of one file; after a fault every function returns early.
class Reader {
public:
  Reader(StringRef file, WireFault &fault) : file(file), fault(fault) {}

  void model(StringRef message, Model &result);
  void tensor(StringRef message, Tensor &result);

private:
  void graph(StringRef message, Graph &result);
  void node(StringRef message, Node &result);
  void attribute(StringRef message, Attribute &result);
  void valueInfo(StringRef message, ValueInfo &result);
  void type(StringRef message, ValueInfo &result);
  void tensorType(StringRef message, ValueInfo &result);
  void shape(StringRef message, ValueInfo &result);
  void dimension(StringRef message, Dimension &result);
  void operatorSet(StringRef message, OperatorSet &result);
  void function(StringRef message, Function &result);
  void property(StringRef message, Property &result);

  WireReader open(StringRef message) { return {file, message, fault}; }
  /// Appends an element, unless the file has had its share of memory.
  template <typename T> T &append(std::vector<T> &list, WireReader &reader) {
    if (++parts > maxParts)
      reader.fail("the model has more than " + llvm::Twine(maxParts) +
                  " parts");
    return list.emplace_back();
  }
  void integers(WireReader &reader, std::vector<int64_t> &list);

  static constexpr size_t maxParts = 4'000'000;
  static constexpr size_t maxRank = 64;
  StringRef file;
  WireFault &fault;
  size_t parts = 0;
  unsigned depth = 0;
};

} // namespace

void Reader::integers(WireReader &reader, std::vector<int64_t> &list) {
  StringRef payload = reader.packed(WireReader::Kind::Varint);
  google::protobuf::io::CodedInputStream stream(
      reinterpret_cast<const uint8_t *>(payload.data()),
      static_cast<int>(payload.size()));
  while (static_cast<size_t>(stream.CurrentPosition()) < payload.size()) {
    uint64_t value;
    if (!stream.ReadVarint64(&value))
      return reader.fail("a list of numbers is cut off");
    append(list, reader) = static_cast<int64_t>(value);
    if (fault.found)
      return;
  }
}

void Reader::property(StringRef message, Property &result) {
  for (WireReader r = open(message); r.next();) {
    if (r.field() == 1)
      result.key = r.bytes();
    else if (r.field() == 2)
      result.value = r.bytes();
    else
      r.skip();
  }
}

void Reader::tensor(StringRef message, Tensor &result) {
  using Kind = WireReader::Kind;
  for (WireReader r = open(message); r.next();) {
    switch (r.field()) {
    case 1:
      integers(r, result.dimensions);
      if (result.dimensions.size() > maxRank)
        r.fail("a tensor has more than 64 dimensions");
      break;
    case 2:
      result.type = static_cast<DataType>(r.integer());
      break;
    case 4:
      append(result.floats, r) = r.packed(Kind::Fixed32);
      break;
    case 5:
      append(result.int32s, r) = r.packed(Kind::Varint);
      break;
    case 7:
      append(result.int64s, r) = r.packed(Kind::Varint);
      break;
    case 8:
      result.name = r.bytes();
      break;
    case 9:
      result.rawData = r.bytes();
      result.hasRawData = true;
      break;
    case 10:
      append(result.doubles, r) = r.packed(Kind::Fixed64);
      break;
    case 11:
      append(result.uint64s, r) = r.packed(Kind::Varint);
      break;
    case 13:
      property(r.bytes(), append(result.external, r));
      break;
    case 14:
      result.isExternal = r.integer() == 1;
      break;
    default:
      r.skip();
    }
  }
}

void Reader::attribute(StringRef message, Attribute &result) {
  using Kind = WireReader::Kind;
  // Writers older than IR version 2 leave the type out; the field tells it.
  int64_t seen = Attribute::Undefined;
  for (WireReader r = open(message); r.next();) {
    switch (r.field()) {
    case 1:
      result.name = r.bytes();
      break;
    case 2:
      result.real = r.real();
      seen = Attribute::Float;
      break;
    case 3:
      result.integer = r.integer();
      seen = Attribute::Int;
      break;
    case 4:
      result.string = r.bytes();
      seen = Attribute::String;
      break;
    case 5:
      result.tensor.resize(1);
      tensor(r.bytes(), result.tensor.front());
      seen = Attribute::TensorValue;
      break;
    case 6:
      result.graph.resize(1);
      graph(r.bytes(), result.graph.front());
      seen = Attribute::GraphValue;
      break;
    case 7: {
      StringRef payload = r.packed(Kind::Fixed32);
      for (; payload.size() >= 4; payload = payload.drop_front(4))
        memcpy(&append(result.reals, r), payload.data(), 4);
      seen = Attribute::Floats;
      break;
    }
    case 8:
      integers(r, result.integers);
      seen = Attribute::Ints;
      break;
    case 9:
      append(result.strings, r) = r.bytes();
      seen = Attribute::Strings;
      break;
    case 20:
      result.type = r.integer();
      break;
    case 21:
      result.reference = r.bytes();
      break;
    default:
      r.skip();
    }
  }
  if (result.type == Attribute::Undefined)
    result.type = seen;
}

void Reader::node(StringRef message, Node &result) {
  for (WireReader r = open(message); r.next();) {
    switch (r.field()) {
    case 1:
      append(result.inputs, r) = r.bytes();
      break;
    case 2:
      append(result.outputs, r) = r.bytes();
      break;
    case 3:
      result.name = r.bytes();
      break;
    case 4:
      result.opType = r.bytes();
      break;
    case 5:
      attribute(r.bytes(), append(result.attributes, r));
      break;
    case 7:
      result.domain = r.bytes();
      break;
    default:
      r.skip();
    }
  }
}

void Reader::dimension(StringRef message, Dimension &result) {
  for (WireReader r = open(message); r.next();) {
    if (r.field() == 1)
      result.size = r.integer();
    else if (r.field() == 2)
      result.symbol = r.bytes();
    else
      r.skip();
  }
}

void Reader::shape(StringRef message, ValueInfo &result) {
  for (WireReader r = open(message); r.next();) {
    if (r.field() != 1) {
      r.skip();
      continue;
    }
    dimension(r.bytes(), append(result.shape, r));
    if (result.shape.size() > maxRank)
      r.fail("a shape has more than 64 dimensions");
  }
}

void Reader::tensorType(StringRef message, ValueInfo &result) {
  for (WireReader r = open(message); r.next();) {
    if (r.field() == 1) {
      result.type = static_cast<DataType>(r.integer());
    } else if (r.field() == 2) {
      result.hasShape = true;
      shape(r.bytes(), result);
    } else {
      r.skip();
    }
  }
}

void Reader::type(StringRef message, ValueInfo &result) {
  for (WireReader r = open(message); r.next();) {
    if (r.field() == 1) {
      result.isTensor = true;
      tensorType(r.bytes(), result);
    } else {
      // 6 is a free-text denotation; the others are the types that are no
      // tensor.
      result.isTensor &= r.field() == 6;
      r.skip();
    }
  }
}

void Reader::valueInfo(StringRef message, ValueInfo &result) {
  for (WireReader r = open(message); r.next();) {
    if (r.field() == 1)
      result.name = r.bytes();
    else if (r.field() == 2)
      type(r.bytes(), result);
    else
      r.skip();
  }
}

void Reader::graph(StringRef message, Graph &result) {
  if (++depth > maxGraphDepth)
    open(message).fail("graphs are nested more than " +
                       llvm::Twine(maxGraphDepth) + " deep");
  auto leave = llvm::scope_exit([&] { --depth; });
  for (WireReader r = open(message); r.next();) {
    switch (r.field()) {
    case 1:
      node(r.bytes(), append(result.nodes, r));
      break;
    case 2:
      result.name = r.bytes();
      break;
    case 5:
      tensor(r.bytes(), append(result.initializers, r));
      break;
    case 11:
      valueInfo(r.bytes(), append(result.inputs, r));
      break;
    case 12:
      valueInfo(r.bytes(), append(result.outputs, r));
      break;
    case 13:
      valueInfo(r.bytes(), append(result.values, r));
      break;
    case 15:
      ++result.sparseInitializers;
      r.skip();
      break;
    default:
      r.skip();
    }
  }
}

void Reader::operatorSet(StringRef message, OperatorSet &result) {
  for (WireReader r = open(message); r.next();) {
    if (r.field() == 1)
      result.domain = r.bytes();
    else if (r.field() == 2)
      result.version = r.integer();
    else
      r.skip();
  }
}

void Reader::function(StringRef message, Function &result) {
  for (WireReader r = open(message); r.next();) {
    switch (r.field()) {
    case 1:
      result.name = r.bytes();
      break;
    case 4:
      append(result.inputs, r) = r.bytes();
      break;
    case 5:
      append(result.outputs, r) = r.bytes();
      break;
    case 6:
      append(result.attributes, r) = r.bytes();
      break;
    case 7:
      node(r.bytes(), append(result.nodes, r));
      break;
    case 9:
      operatorSet(r.bytes(), append(result.operatorSets, r));
      break;
    case 10:
      result.domain = r.bytes();
      break;
    case 11:
      attribute(r.bytes(), append(result.defaults, r));
      break;
    case 12:
      valueInfo(r.bytes(), append(result.values, r));
      break;
    default:
      r.skip();
    }
  }
}

void Reader::model(StringRef message, Model &result) {
  for (WireReader r = open(message); r.next();) {
    switch (r.field()) {
    case 1:
      result.irVersion = r.integer();
      break;
    case 7:
      if (result.hasGraph)
        r.fail("the model has two graphs");
      result.hasGraph = true;
      graph(r.bytes(), result.graph);
      break;
    case 8:
      operatorSet(r.bytes(), append(result.operatorSets, r));
      break;
    case 25:
      function(r.bytes(), append(result.functions, r));
      break;
    default:
      r.skip();
    }
  }
}

bool edgec::onnx::readModel(StringRef file, Model &model, WireFault &fault) {
  Reader(file, fault).model(file, model);
  return !fault.found;
}

bool edgec::onnx::readTensor(StringRef file, Tensor &tensor, WireFault &fault) {
  Reader(file, fault).tensor(file, tensor);
  return !fault.found;
}

//===- OnnxModel.h - the parts of an ONNX file we read ----------*- C++ -*-===//
//
// Our own minimal reading of onnx.proto: plain structs whose strings and tensor
// data are views into the mapped file. Only what the importer needs is kept.
// Subgraphs (If, Loop, Scan) nest to a stated depth, so that reading cannot use
// up the stack.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_ONNX_ONNXMODEL_H
#define EDGEC_COMPILER_IMPORT_ONNX_ONNXMODEL_H

#include "compiler/import/onnx/OnnxWire.h"
#include "llvm/ADT/SmallVector.h"
#include <vector>

namespace edgec::onnx {

/// TensorProto.DataType; other numbers may occur in a file.
enum class DataType : int64_t {
  Undefined = 0,
  Float = 1,
  Uint8 = 2,
  Int8 = 3,
  Uint16 = 4,
  Int16 = 5,
  Int32 = 6,
  Int64 = 7,
  String = 8,
  Bool = 9,
  Float16 = 10,
  Double = 11,
  Uint32 = 12,
  Uint64 = 13,
  BFloat16 = 16,
  Uint4 = 21,
  Int4 = 22,
};

/// "float32", "int64", ...; "type 42" for one we do not know.
std::string dataTypeName(DataType type);
/// Bytes per element; 0 for types without a fixed whole number of bytes.
unsigned dataTypeBytes(DataType type);
bool isIntegerType(DataType type);

struct Property {
  llvm::StringRef key, value;
};

struct Tensor {
  llvm::StringRef name;
  DataType type = DataType::Undefined;
  std::vector<int64_t> dimensions;
  bool hasRawData = false;
  llvm::StringRef rawData;
  /// float_data, int32_data, ... in packed form, in pieces; at most one of
  /// these is used, as the element type says.
  std::vector<llvm::StringRef> floats, int32s, int64s, doubles, uint64s;
  bool isExternal = false;
  std::vector<Property> external;
};

struct Graph;

struct Attribute {
  /// AttributeProto.AttributeType.
  enum Type {
    Undefined,
    Float,
    Int,
    String,
    TensorValue,
    GraphValue,
    Floats,
    Ints,
    Strings
  };
  llvm::StringRef name, reference;
  int64_t type = Undefined;
  float real = 0;
  int64_t integer = 0;
  llvm::StringRef string;
  std::vector<float> reals;
  std::vector<int64_t> integers;
  std::vector<llvm::StringRef> strings;
  /// At most one; a vector keeps the struct small.
  std::vector<Tensor> tensor;
  /// At most one: the body or branch of a control flow operator.
  std::vector<Graph> graph;
};

struct Node {
  llvm::StringRef name, opType, domain;
  std::vector<llvm::StringRef> inputs, outputs;
  std::vector<Attribute> attributes;
};

struct Dimension {
  /// The size, or -1 when it is not fixed; then `symbol` may name it.
  int64_t size = -1;
  llvm::StringRef symbol;
};

struct ValueInfo {
  llvm::StringRef name;
  /// False for sequences, maps, optionals and sparse tensors.
  bool isTensor = true;
  DataType type = DataType::Undefined;
  bool hasShape = false;
  std::vector<Dimension> shape;
};

struct OperatorSet {
  llvm::StringRef domain;
  int64_t version = 0;
};

struct Graph {
  llvm::StringRef name;
  std::vector<Node> nodes;
  std::vector<Tensor> initializers;
  std::vector<ValueInfo> inputs, outputs, values;
  size_t sparseInitializers = 0;
};

/// An operator that the model itself defines by other operators.
struct Function {
  llvm::StringRef name, domain;
  std::vector<llvm::StringRef> inputs, outputs;
  /// Attributes that a caller has to give, and those with a default.
  std::vector<llvm::StringRef> attributes;
  std::vector<Attribute> defaults;
  std::vector<Node> nodes;
  std::vector<OperatorSet> operatorSets;
  std::vector<ValueInfo> values;
};

struct Model {
  int64_t irVersion = 0;
  std::vector<OperatorSet> operatorSets;
  bool hasGraph = false;
  Graph graph;
  std::vector<Function> functions;
};

/// Graphs within graphs, the model's own counted: deeper files are refused.
constexpr unsigned maxGraphDepth = 16;

/// Reads a whole file of at most 2^31 - 1 bytes; false with `fault` set when it
/// is not an intact ONNX model.
bool readModel(llvm::StringRef file, Model &model, WireFault &fault);

/// Reads a file that holds one tensor (the `.pb` files of ONNX's tests).
bool readTensor(llvm::StringRef file, Tensor &tensor, WireFault &fault);

} // namespace edgec::onnx

#endif // EDGEC_COMPILER_IMPORT_ONNX_ONNXMODEL_H

//===- Model.cpp - an intact TFLite file ----------------------------------===//
//
// The structure is checked by FlatBuffers' own verifier, the meaning here, kind
// by kind: of the first kind that has faults all are reported, as far as
// anybody would read them, and the others may follow from those.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/Model.h"
#include "compiler/import/Elements.h"

using namespace edgec;
using namespace edgec::tflite;
using llvm::ArrayRef;
using llvm::StringRef;
using mlir::failure;
using mlir::LogicalResult;
using mlir::success;

StringRef tflite::text(const flatbuffers::String *string) {
  return string ? StringRef(string->c_str(), string->size()) : StringRef();
}

std::string OperatorKind::name() const {
  if (isCustom())
    return customName.empty() ? "CUSTOM" : customName.str();
  StringRef known = schema::EnumNameBuiltin(code);
  return known.empty() ? "operator " + std::to_string(int(code)) : known.str();
}

/// Files from before the codes outgrew a byte have only the short code; later
/// ones have the larger of the two.
OperatorKind Model::kind(const schema::Operator &op) const {
  const schema::OperatorCode &code =
      *root->operator_codes()->Get(op.opcode_index());
  OperatorKind kind;
  kind.code = std::max(code.code(),
                       static_cast<schema::Builtin>(int(code.short_code())));
  kind.customName = text(code.custom_code());
  kind.version = code.version();
  return kind;
}

StringRef Model::bytes(const flatbuffers::Vector<uint8_t> *inside,
                       uint64_t offset, uint64_t sizeBytes) const {
  if (offset > 1)
    return mapped.bytes().substr(offset, sizeBytes);
  ArrayRef<uint8_t> data = list(inside);
  return StringRef(reinterpret_cast<const char *>(data.data()), data.size());
}

StringRef Model::data(const schema::Tensor &tensor) const {
  if (tensor.buffer() == 0)
    return {};
  const schema::Buffer &buffer = *root->buffers()->Get(tensor.buffer());
  return bytes(buffer.data(), buffer.offset(), buffer.size());
}

StringRef Model::customOptions(const schema::Operator &op) const {
  return bytes(op.custom_options(), op.large_custom_options_offset(),
               op.large_custom_options_size());
}

//===-- checks
//-------------------------------------------------------------===//

namespace edgec::tflite {
class ModelChecks {
public:
  ModelChecks(const Model &model, FileError error)
      : model(model), error(error) {}

  LogicalResult run();

private:
  void checkBuffers();
  void checkSignatures();
  void checkTensors(unsigned graph);
  void checkTensor(const schema::Tensor &tensor, const std::string &named);
  void checkOperators(unsigned graph);
  void checkOperator(const schema::Operator &op, unsigned tensors,
                     StringRef where);
  bool checkIndices(ArrayRef<int32_t> indices, unsigned tensors, int lowest,
                    StringRef where);
  bool isInside(uint64_t offset, uint64_t sizeBytes) const {
    uint64_t total = model.file().bytes().size();
    return offset <= 1 || (offset <= total && sizeBytes <= total - offset);
  }
  /// How a diagnostic names a part of a graph.
  static std::string partOf(unsigned graph, const llvm::Twine &part) {
    std::string prefix =
        graph == 0 ? "" : "graph " + std::to_string(graph) + ", ";
    return prefix + part.str();
  }

  void damaged(const llvm::Twine &fault) {
    report("the TFLite model is damaged: " + fault +
           "; convert or download it again");
  }
  void report(const llvm::Twine &fault) {
    constexpr unsigned most = 20;
    if (++faults <= most)
      error() << fault;
    else if (faults == most + 1)
      error() << "the TFLite model has more faults of this kind";
  }

  const Model &model;
  FileError error;
  unsigned faults = 0;
  uint64_t operands = 0;
};
} // namespace edgec::tflite

LogicalResult ModelChecks::run() {
  if (model->version() != 3) {
    error() << "the TFLite model has schema version " << model->version()
            << ", but version 3 is supported; convert it with a converter of "
               "TensorFlow 2";
    return failure();
  }
  unsigned graphs = count(model->subgraphs());
  if (graphs == 0)
    damaged("it has no graph");
  checkBuffers();
  if (faults == 0)
    checkSignatures();
  for (unsigned i = 0; i < graphs && faults == 0; ++i)
    checkTensors(i);
  for (unsigned i = 0; i < graphs && faults == 0; ++i)
    checkOperators(i);
  return success(faults == 0);
}

void ModelChecks::checkBuffers() {
  for (unsigned i = 0; i < count(model->buffers()); ++i) {
    const schema::Buffer &buffer = *model->buffers()->Get(i);
    if (!isInside(buffer.offset(), buffer.size()))
      damaged("buffer " + llvm::Twine(i) + " lies outside the file");
  }
}

void ModelChecks::checkSignatures() {
  for (unsigned i = 0; i < count(model->signatures()); ++i) {
    const schema::Signature &signature = *model->signatures()->Get(i);
    if (signature.subgraph_index() >= model->subgraphs()->size()) {
      damaged("signature '" + text(signature.key()) +
              "' refers to a graph that is not there");
      continue;
    }
    unsigned tensors =
        count(model.subgraph(signature.subgraph_index()).tensors());
    for (const auto *maps : {signature.inputs(), signature.outputs()}) {
      for (unsigned k = 0; k < count(maps); ++k) {
        if (maps->Get(k)->tensor_index() >= tensors)
          damaged("signature '" + text(signature.key()) +
                  "' refers to a tensor that is not there");
      }
    }
  }
}

void ModelChecks::checkTensors(unsigned graph) {
  const auto *tensors = model.subgraph(graph).tensors();
  for (unsigned i = 0; i < count(tensors); ++i) {
    const schema::Tensor &tensor = *tensors->Get(i);
    checkTensor(tensor, partOf(graph, "tensor " + llvm::Twine(i)) + " ('" +
                            text(tensor.name()).str() + "')");
  }
}

void ModelChecks::checkTensor(const schema::Tensor &tensor,
                              const std::string &named) {
  if (tensor.buffer() != 0 && tensor.buffer() >= count(model->buffers()))
    damaged(named + " refers to a buffer that is not there");
  ArrayRef<int32_t> shape = list(tensor.shape());
  if (shape.size() > Limits::rank) {
    return report(named + " has " + llvm::Twine(shape.size()) +
                  " dimensions, but at most " + llvm::Twine(Limits::rank) +
                  " are supported; reshape it in the model");
  }
  llvm::SmallVector<int64_t> sizes(shape.begin(), shape.end());
  if (!countElements(sizes))
    report(named + " has the impossible shape " + shapeText(sizes) +
           "; the model is damaged, convert or download it again");
  if (tensor.shape_signature() &&
      tensor.shape_signature()->size() != shape.size() && !shape.empty())
    damaged(named + " has a shape signature of another rank");
}

void ModelChecks::checkOperators(unsigned graph) {
  const schema::SubGraph &parts = model.subgraph(graph);
  unsigned tensors = count(parts.tensors());
  for (unsigned i = 0; i < count(parts.operators()); ++i)
    checkOperator(*parts.operators()->Get(i), tensors,
                  partOf(graph, "operator " + llvm::Twine(i)));
  checkIndices(list(parts.inputs()), tensors, 0,
               partOf(graph, "the list of inputs"));
  checkIndices(list(parts.outputs()), tensors, 0,
               partOf(graph, "the list of outputs"));
}

void ModelChecks::checkOperator(const schema::Operator &op, unsigned tensors,
                                StringRef where) {
  if (op.opcode_index() >= count(model->operator_codes()))
    damaged(where + " refers to an operator code that is not there");
  if (!isInside(op.large_custom_options_offset(),
                op.large_custom_options_size()))
    damaged(where + " has options outside the file");
  uint64_t before = operands;
  operands += count(op.inputs()) + count(op.outputs());
  if (operands > Limits::operands) {
    if (before <= Limits::operands) {
      report("the operators of the model have more than " +
             llvm::Twine(Limits::operands) +
             " operands, which is not supported");
    }
    return;
  }
  if (checkIndices(list(op.inputs()), tensors, -1, where))
    checkIndices(list(op.outputs()), tensors, 0, where);
}

/// One fault of a list is enough.
bool ModelChecks::checkIndices(ArrayRef<int32_t> indices, unsigned tensors,
                               int lowest, StringRef where) {
  for (int32_t index : indices) {
    if (index < lowest || index >= int64_t(tensors)) {
      damaged(where + " refers to a tensor that is not there");
      return false;
    }
  }
  return true;
}

mlir::FailureOr<Model> tflite::readModel(const MappedFile &file,
                                         FileError error) {
  // What lies behind the first 2 GB is data that buffers refer to by offset.
  StringRef bytes = file.bytes().take_front(Limits::verifiedBytes);
  const auto *start = reinterpret_cast<const uint8_t *>(bytes.data());
  flatbuffers::Verifier::Options options;
  options.max_depth = Limits::nesting;
  options.max_tables = Limits::tables;
  flatbuffers::Verifier verifier(start, bytes.size(), options);
  if (!schema::VerifyModelBuffer(verifier)) {
    error() << "not an intact TFLite model: its FlatBuffer does not verify; "
               "the file is cut off, damaged or larger than we read";
    return failure();
  }
  Model model(file, schema::GetModel(start));
  if (failed(ModelChecks(model, error).run()))
    return failure();
  return model;
}

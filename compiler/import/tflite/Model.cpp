//===- Model.cpp - an intact TFLite file ----------------------------------===//
//
// The structure is checked by FlatBuffers' own verifier, the meaning here. One
// fault is enough to refuse a file: it is damaged, and its other faults follow
// from the first.
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
  LogicalResult checkBuffers();
  LogicalResult checkSubgraph(unsigned index);
  LogicalResult checkTensor(const schema::Tensor &tensor, StringRef where);
  LogicalResult checkOperator(const schema::Operator &op, unsigned tensors,
                              StringRef where);
  LogicalResult checkTensors(ArrayRef<int32_t> indices, unsigned tensors,
                             int lowest, StringRef where);
  LogicalResult checkSignatures();
  bool isInside(uint64_t offset, uint64_t sizeBytes) const {
    uint64_t total = model.file().bytes().size();
    return offset <= 1 || (offset <= total && sizeBytes <= total - offset);
  }
  LogicalResult damaged(const llvm::Twine &fault) {
    error() << "the TFLite model is damaged: " << fault
            << "; convert or download it again";
    return failure();
  }

  const Model &model;
  FileError error;
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
  if (count(model->subgraphs()) == 0)
    return damaged("it has no graph");
  if (failed(checkBuffers()) || failed(checkSignatures()))
    return failure();
  for (unsigned i = 0; i < model->subgraphs()->size(); ++i)
    if (failed(checkSubgraph(i)))
      return failure();
  return success();
}

LogicalResult ModelChecks::checkBuffers() {
  for (unsigned i = 0; i < count(model->buffers()); ++i) {
    const schema::Buffer &buffer = *model->buffers()->Get(i);
    if (!isInside(buffer.offset(), buffer.size()))
      return damaged("buffer " + llvm::Twine(i) + " lies outside the file");
  }
  return success();
}

LogicalResult ModelChecks::checkSignatures() {
  for (unsigned i = 0; i < count(model->signatures()); ++i) {
    const schema::Signature &signature = *model->signatures()->Get(i);
    if (signature.subgraph_index() >= model->subgraphs()->size()) {
      return damaged("signature '" + text(signature.key()) +
                     "' refers to a graph that is not there");
    }
    unsigned tensors =
        count(model.subgraph(signature.subgraph_index()).tensors());
    for (const auto *maps : {signature.inputs(), signature.outputs()}) {
      for (unsigned k = 0; k < count(maps); ++k) {
        if (maps->Get(k)->tensor_index() >= tensors) {
          return damaged("signature '" + text(signature.key()) +
                         "' refers to a tensor that is not there");
        }
      }
    }
  }
  return success();
}

LogicalResult ModelChecks::checkSubgraph(unsigned index) {
  const schema::SubGraph &graph = model.subgraph(index);
  std::string prefix =
      index == 0 ? "" : "graph " + std::to_string(index) + ", ";
  unsigned tensors = count(graph.tensors());
  for (unsigned i = 0; i < tensors; ++i) {
    if (failed(checkTensor(*graph.tensors()->Get(i),
                           prefix + "tensor " + std::to_string(i))))
      return failure();
  }
  for (unsigned i = 0; i < count(graph.operators()); ++i) {
    if (failed(checkOperator(*graph.operators()->Get(i), tensors,
                             prefix + "operator " + std::to_string(i))))
      return failure();
  }
  if (failed(checkTensors(list(graph.inputs()), tensors, 0,
                          prefix + "the list of inputs")) ||
      failed(checkTensors(list(graph.outputs()), tensors, 0,
                          prefix + "the list of outputs")))
    return failure();
  return success();
}

LogicalResult ModelChecks::checkTensor(const schema::Tensor &tensor,
                                       StringRef where) {
  std::string named = (where + " ('" + text(tensor.name()) + "')").str();
  if (tensor.buffer() != 0 && tensor.buffer() >= count(model->buffers()))
    return damaged(named + " refers to a buffer that is not there");
  ArrayRef<int32_t> shape = list(tensor.shape());
  if (shape.size() > Limits::rank) {
    error() << named << " has " << shape.size() << " dimensions, but at most "
            << Limits::rank << " are supported; reshape it in the model";
    return failure();
  }
  llvm::SmallVector<int64_t> sizes(shape.begin(), shape.end());
  if (!countElements(sizes)) {
    error() << named << " has the impossible shape " << shapeText(sizes)
            << "; the model is damaged, convert or download it again";
    return failure();
  }
  if (tensor.shape_signature() &&
      tensor.shape_signature()->size() != shape.size() && !shape.empty())
    return damaged(named + " has a shape signature of another rank");
  return success();
}

LogicalResult ModelChecks::checkOperator(const schema::Operator &op,
                                         unsigned tensors, StringRef where) {
  if (op.opcode_index() >= count(model->operator_codes()))
    return damaged(where + " refers to an operator code that is not there");
  if (!isInside(op.large_custom_options_offset(),
                op.large_custom_options_size()))
    return damaged(where + " has options outside the file");
  operands += count(op.inputs()) + count(op.outputs());
  if (operands > Limits::operands) {
    error() << "the operators of the model have more than " << Limits::operands
            << " operands, which is not supported";
    return failure();
  }
  if (failed(checkTensors(list(op.inputs()), tensors, -1, where)) ||
      failed(checkTensors(list(op.outputs()), tensors, 0, where)))
    return failure();
  return success();
}

LogicalResult ModelChecks::checkTensors(ArrayRef<int32_t> indices,
                                        unsigned tensors, int lowest,
                                        StringRef where) {
  for (int32_t index : indices)
    if (index < lowest || index >= int64_t(tensors))
      return damaged(where + " refers to a tensor that is not there");
  return success();
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

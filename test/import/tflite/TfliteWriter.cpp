//===- TfliteWriter.cpp - TFLite models for tests -------------------------===//
#include "test/import/tflite/TfliteWriter.h"

using namespace edgec::test;

int TfliteWriter::tensor(const std::string &name, const Shape &shape,
                         ElementType type, const TensorExtras &extras,
                         int buffer) {
  flatbuffers::Offset<schema::Quantization> quantization = 0;
  if (!extras.scales.empty()) {
    quantization = schema::CreateQuantizationDirect(
        builder, nullptr, nullptr, &extras.scales, &extras.zeroPoints, 0,
        extras.quantizedDimension);
  }
  tensors.push_back(schema::CreateTensorDirect(
      builder, &shape, type, buffer, name.c_str(), quantization,
      extras.isVariable, extras.sparsity,
      extras.signature.empty() ? nullptr : &extras.signature));
  return int(tensors.size()) - 1;
}

void TfliteWriter::add(Builtin code, const std::string &customName,
                       int opVersion, const std::vector<int32_t> &from,
                       const std::vector<int32_t> &to,
                       schema::Options optionsType,
                       flatbuffers::Offset<void> options,
                       const std::vector<uint8_t> &customOptions) {
  int shortCode = std::min(int(code), 127);
  codes.push_back(schema::CreateOperatorCodeDirect(
      builder, int8_t(shortCode),
      customName.empty() ? nullptr : customName.c_str(), opVersion, code));
  operators.push_back(schema::CreateOperatorDirect(
      builder, unsigned(codes.size()) - 1, &from, &to, optionsType, options,
      customOptions.empty() ? nullptr : &customOptions));
}

void TfliteWriter::endGraph() {
  graphs.push_back(schema::CreateSubGraphDirect(builder, &tensors, &inputs,
                                                &outputs, &operators, "graph"));
  tensors.clear();
  inputs.clear();
  outputs.clear();
  operators.clear();
}

void TfliteWriter::signature(
    const std::string &key,
    const std::vector<std::pair<std::string, int>> &from,
    const std::vector<std::pair<std::string, int>> &to, unsigned graph) {
  auto maps = [&](const std::vector<std::pair<std::string, int>> &ports) {
    std::vector<flatbuffers::Offset<schema::TensorMap>> result;
    for (const auto &[name, index] : ports)
      result.push_back(
          schema::CreateTensorMapDirect(builder, name.c_str(), index));
    return result;
  };
  auto inputMaps = maps(from), outputMaps = maps(to);
  signatures.push_back(schema::CreateSignatureDirect(
      builder, &inputMaps, &outputMaps, key.c_str(), graph));
}

std::string TfliteWriter::bytes() {
  if (!tensors.empty())
    endGraph();
  std::vector<flatbuffers::Offset<schema::Buffer>> data;
  for (const std::vector<uint8_t> &buffer : buffers)
    data.push_back(schema::CreateBufferDirect(
        builder, buffer.empty() ? nullptr : &buffer));
  schema::FinishModelBuffer(
      builder, schema::CreateModelDirect(builder, version, &codes, &graphs,
                                         "test", &data, &signatures));
  return {reinterpret_cast<const char *>(builder.GetBufferPointer()),
          builder.GetSize()};
}

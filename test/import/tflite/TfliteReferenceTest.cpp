//===- TfliteReferenceTest.cpp - the bits of TensorFlow Lite Micro --------===//
//
// Small quantized models on random data against what TensorFlow Lite Micro's
// interpreter gives, in Inputs/reference-bits.txt. With
// EDGEC_DUMP_REFERENCE=DIR the models and their inputs are written there, so
// that the table can be made again: run each NAME.tflite on NAME.in (the bytes
// of its inputs one after the other, three runs from the initial state each),
// and note the 64-bit FNV-1a hash of all outputs.
//
//===----------------------------------------------------------------------===//
#include "compiler/import/tflite/TfliteImport.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "targets/evaluator/Evaluator.h"
#include "test/import/tflite/QuantizedModels.h"
#include "llvm/ADT/StringExtras.h"
#include <fstream>
#include <gtest/gtest.h>
#include <random>

using namespace edgec;
using namespace edgec::test;
using evaluator::HostTensor;

namespace {
/// One model and the outputs of all runs.
class ReferenceModel {
public:
  explicit ReferenceModel(std::string name) : name(std::move(name)) {}
  void runAll(const QuantizedModel &model);

  std::string name, bytes;
  /// Those that the model does not hand on to its next run.
  std::string inputs, outputs;

private:
  void run(mlir::func::FuncOp function, std::mt19937_64 &engine, bool extreme);
};
} // namespace

/// State begins with what stands for 0; numbers cover their whole range, or are
/// its two ends.
static HostTensor prepare(mlir::func::FuncOp function, unsigned index,
                          bool isState, std::mt19937_64 &engine, bool extreme) {
  HostTensor tensor(
      mlir::cast<mlir::RankedTensorType>(function.getArgumentTypes()[index]));
  if (isState) {
    auto type = function.getArgAttrOfType<mlir::TypeAttr>(index, "edge.type");
    auto quantized = mlir::cast<mlir::quant::UniformQuantizedType>(
        mlir::cast<mlir::RankedTensorType>(type.getValue()).getElementType());
    tensor.integers.assign(tensor.integers.size(), quantized.getZeroPoint());
    return tensor;
  }
  evaluator::IntegerRange range = evaluator::integerRange(tensor.elementType());
  auto span = uint64_t(range.high - range.low + 1);
  for (int64_t &element : tensor.integers) {
    uint64_t random = engine();
    element = !extreme       ? range.low + int64_t(random % span)
              : (random & 1) ? range.low
                             : range.high;
  }
  return tensor;
}

static void append(std::string &bytes, const HostTensor &tensor) {
  std::vector<char> more = evaluator::toBytes(tensor);
  bytes.append(more.begin(), more.end());
}

void ReferenceModel::runAll(const QuantizedModel &model) {
  TfliteWriter writer;
  model.write(writer);
  bytes = writer.bytes();
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  ImportOptions options;
  options.modelName = "model";
  auto module = tflite::importTflite(MappedFile::view(bytes), "model.tflite",
                                     options, context);
  ASSERT_TRUE(succeeded(module)) << name;
  auto function = evaluator::findModel(**module);
  std::mt19937_64 engine(11);
  for (bool extreme : {false, false, true})
    run(*function, engine, extreme);
}

void ReferenceModel::run(mlir::func::FuncOp function, std::mt19937_64 &engine,
                         bool extreme) {
  // State stands behind the model's own inputs and outputs.
  unsigned states = 0;
  for (unsigned i = 0; i < function.getNumResults(); ++i)
    for (unsigned k = 0; k < function.getNumArguments(); ++k)
      states += function.getResultAttr(i, "edge.name") ==
                function.getArgAttr(k, "edge.name");
  std::vector<HostTensor> arguments;
  unsigned own = function.getNumArguments() - states;
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    arguments.push_back(prepare(function, i, i >= own, engine, extreme));
    if (i < own)
      append(inputs, arguments.back());
  }
  auto results = evaluator::evaluate(function, arguments);
  ASSERT_TRUE(succeeded(results)) << name;
  for (const HostTensor &result :
       llvm::ArrayRef<HostTensor>(*results).drop_back(states))
    append(outputs, result);
}

static uint64_t hash(llvm::StringRef bytes) {
  uint64_t value = 0xcbf29ce484222325;
  for (char byte : bytes)
    value = (value ^ uint8_t(byte)) * 0x100000001b3;
  return value;
}

/// Lines of a name and a hash in hexadecimal; lines with # say where from.
static std::map<std::string, std::string> readTable() {
  std::map<std::string, std::string> table;
  std::ifstream file(EDGEC_REFERENCE_BITS);
  EXPECT_TRUE(file.is_open()) << EDGEC_REFERENCE_BITS;
  for (std::string line; std::getline(file, line);) {
    auto [name, bits] = llvm::StringRef(line).split(' ');
    if (!name.starts_with("#"))
      table[name.str()] = bits.str();
  }
  return table;
}

TEST(TfliteReference, ModelsGiveItsBits) {
  std::map<std::string, std::string> table = readTable();
  const char *folder = std::getenv("EDGEC_DUMP_REFERENCE");
  size_t compared = 0;
  for (const QuantizedModel &model : quantizedModels(/*seed=*/1)) {
    ReferenceModel reference(model.name);
    reference.runAll(model);
    if (HasFatalFailure())
      return;
    if (folder) {
      std::string path = std::string(folder) + "/" + model.name;
      std::ofstream(path + ".tflite", std::ios::binary) << reference.bytes;
      std::ofstream(path + ".in", std::ios::binary) << reference.inputs;
    }
    auto row = table.find(model.name);
    if (row == table.end())
      continue;
    ++compared;
    EXPECT_EQ(llvm::utohexstr(hash(reference.outputs), /*LowerCase=*/true),
              row->second)
        << model.name;
  }
  EXPECT_EQ(compared, table.size());
}

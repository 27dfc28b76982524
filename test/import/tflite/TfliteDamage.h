//===- TfliteDamage.h - a real model, to be broken by hand ------*- C++ -*-===//
//
// A trained network of MLPerf Tiny (keyword spotting: convolutions, depthwise
// ones, a pool, a fully connected layer, softmax; int8), as objects that a test
// changes, writes and has compiled by edgec.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_TEST_IMPORT_TFLITE_TFLITEDAMAGE_H
#define EDGEC_TEST_IMPORT_TFLITE_TFLITEDAMAGE_H

#include "test/import/tflite/tflite_objects_generated.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include <functional>
#include <gmock/gmock.h>

namespace edgec::test {

using namespace objects;

/// Tensors and operators of the network that are damaged.
enum TensorNumber {
  image = 0,
  firstBias = 3,
  depthwiseFilter = 5,
  denseWeights = 16,
  firstFilter = 17,
  secondFilter = 18,
  flatShape = 2,
  firstResult = 22,
  depthwiseResult = 23,
  secondResult = 24,
  lastResult = 30,
  flat = 32,
  scores = 33
};
enum OperatorNumber {
  first = 0,
  depthwise = 1,
  second = 2,
  averagePool = 9,
  dense = 11,
  softmax = 12
};

/// The model as objects.
struct Network {
  ModelT model;

  SubGraphT &graph() { return *model.subgraphs[0]; }
  TensorT &tensor(TensorNumber i) { return *graph().tensors[i]; }
  QuantizationT &quantization(TensorNumber i) {
    return *tensor(i).quantization;
  }
  void setScale(TensorNumber i, float scale) {
    quantization(i).scale.back() = scale;
  }
  void setZeroPoint(TensorNumber i, int64_t point) {
    quantization(i).zero_point.back() = point;
  }
  /// Of any size in any run.
  void setShape(TensorNumber i, std::vector<int32_t> shape) {
    tensor(i).shape = std::move(shape);
    tensor(i).shape_signature.clear();
  }
  BufferT &buffer(TensorNumber i) { return *model.buffers[tensor(i).buffer]; }
  OperatorT &op(OperatorNumber i) { return *graph().operators[i]; }
  OperatorCodeT &code(OperatorNumber i) {
    return *model.operator_codes[op(i).opcode_index];
  }
  void setCode(OperatorNumber i, Builtin builtin) {
    code(i).short_code = int8_t(std::min(int(builtin), 127));
    code(i).code = builtin;
  }
  Conv2DOptionsT &convolution() { return *op(first).options.AsConv2DOptions(); }
  Pool2DOptionsT &pool() { return *op(averagePool).options.AsPool2DOptions(); }
  float &beta() { return op(softmax).options.AsSoftmaxOptions()->beta; }
  SignatureT &addSignature() {
    model.signatures.push_back(std::make_unique<SignatureT>());
    model.signatures.back()->key = "serve";
    return *model.signatures.back();
  }
};

/// One way to break the network, and what must be said of it.
struct Damage {
  std::string name;
  std::function<void(Network &)> breakIt;
  std::vector<std::string> said;
};

class TfliteDamage : public testing::Test {
protected:
  void SetUp() override {
    auto file = llvm::MemoryBuffer::getFile(
        EDGEC_MODELS_DIR "/tflite/mlperf-tiny/kws_dscnn_int8.tflite");
    if (!file)
      GTEST_SKIP() << "EDGEC_MODELS_DIR has no MLPerf Tiny";
    intact = (*file)->getBuffer().str();
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("tflite-damage", folder));
  }
  void TearDown() override {
    if (!folder.empty())
      llvm::sys::fs::remove_directories(folder);
  }

  /// The exit status of edgec on a file, and what it says of it.
  std::pair<int, std::string> compile(llvm::StringRef bytes) {
    std::string model = in("m.tflite"), errors = in("errors");
    std::error_code error;
    llvm::raw_fd_ostream(model, error) << bytes;
    llvm::sys::fs::remove(errors);
    std::optional<llvm::StringRef> redirects[] = {"", "",
                                                  llvm::StringRef(errors)};
    std::string failure;
    int status = llvm::sys::ExecuteAndWait(
        EDGEC_EDGEC, {EDGEC_EDGEC, model, "-o", in("m.so")}, std::nullopt,
        redirects, /*SecondsToWait=*/120, /*MemoryLimit=*/0, &failure);
    auto text = llvm::MemoryBuffer::getFile(errors);
    return {status, text ? (*text)->getBuffer().str() : failure};
  }

  void expectRefused(const std::string &name, llvm::StringRef bytes,
                     const std::vector<std::string> &words) {
    SCOPED_TRACE(name);
    auto [status, text] = compile(bytes);
    EXPECT_EQ(status, 1) << text;
    EXPECT_FALSE(llvm::sys::fs::exists(in("m.so")));
    for (const std::string &word : words)
      EXPECT_THAT(text, testing::HasSubstr(word));
    llvm::SmallVector<llvm::StringRef> lines;
    llvm::StringRef(text).rtrim().split(lines, '\n');
    for (llvm::StringRef line : lines)
      EXPECT_TRUE(line.starts_with(in("m.tflite") + ": ")) << line.str();
  }

  void expectRefused(const std::vector<Damage> &ways) {
    for (const Damage &way : ways) {
      Network network;
      GetModel(intact.data())->UnPackTo(&network.model);
      way.breakIt(network);
      flatbuffers::FlatBufferBuilder builder;
      FinishModelBuffer(builder, Model::Pack(builder, &network.model));
      expectRefused(way.name,
                    {reinterpret_cast<const char *>(builder.GetBufferPointer()),
                     builder.GetSize()},
                    way.said);
    }
  }

  std::string in(llvm::StringRef name) const {
    return (folder + "/" + name).str();
  }

  std::string intact;
  llvm::SmallString<128> folder;
};

} // namespace edgec::test

#endif // EDGEC_TEST_IMPORT_TFLITE_TFLITEDAMAGE_H

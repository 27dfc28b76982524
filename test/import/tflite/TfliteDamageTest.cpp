//===- TfliteDamageTest.cpp - a real model, broken by hand ----------------===//
//
// One thing is wrong at a time, or several of a kind: exit status 1, no
// artifact, and a diagnostic for each that says where and what.
//
//===----------------------------------------------------------------------===//
#include "test/import/tflite/TfliteDamage.h"
#include <cmath>

using namespace edgec::test;

namespace {

//===-- the file ----------------------------------------------------------===//

/// Bytes of the model, and where its tables lie in them.
class File {
public:
  explicit File(const std::string &intact) : bytes(intact) {}

  std::string bytes;

  const SubGraph &graph() const {
    return *GetModel(bytes.data())->subgraphs()->Get(0);
  }
  /// Where a vector or a string of the model begins: with its length.
  size_t at(const void *part) const {
    return size_t(static_cast<const char *>(part) - bytes.data());
  }
  uint32_t word(size_t at) const {
    uint32_t value;
    memcpy(&value, bytes.data() + at, sizeof value);
    return value;
  }
  void setWord(size_t at, uint32_t value) {
    memcpy(bytes.data() + at, &value, sizeof value);
  }
};

struct FileDamage {
  std::string name;
  std::function<void(File &)> breakIt;
};

} // namespace

TEST_F(TfliteDamage, IntactItCompiles) {
  auto [status, text] = compile(intact);
  EXPECT_EQ(status, 0) << text;
  EXPECT_EQ(text, "");
}

TEST_F(TfliteDamage, OfTheFileIsRefused) {
  const FileDamage ways[] = {
      {"eight bytes", [](File &f) { f.bytes.resize(8); }},
      {"half of it", [](File &f) { f.bytes.resize(f.bytes.size() / 2); }},
      {"without an end", [](File &f) { f.bytes.resize(f.bytes.size() - 64); }},
      {"root behind the end", [](File &f) { f.setWord(0, 1 << 30); }},
      {"root in itself", [](File &f) { f.setWord(0, 4); }},
      {"root without fields", [](File &f) { f.setWord(f.word(0), 1 << 30); }},
      {"2^31 tensors",
       [](File &f) { f.setWord(f.at(f.graph().tensors()), 1U << 31); }},
      {"40000 operators",
       [](File &f) { f.setWord(f.at(f.graph().operators()), 40000); }},
      {"a tensor that is the model",
       [](File &f) {
         size_t entry = f.at(f.graph().tensors()) + 4;
         f.setWord(entry, f.word(0) - uint32_t(entry));
       }},
      {"a graph that is the list of graphs",
       [](File &f) {
         f.setWord(f.at(GetModel(f.bytes.data())->subgraphs()) + 4, -4U);
       }},
      {"a name longer than the file",
       [](File &f) {
         f.setWord(f.at(f.graph().tensors()->Get(0)->name()), 1 << 20);
       }},
      {"a name without an end",
       [](File &f) {
         const auto *name = f.graph().tensors()->Get(0)->name();
         f.bytes[f.at(name) + 4 + name->size()] = 'x';
       }},
  };
  for (const FileDamage &way : ways) {
    File file(intact);
    way.breakIt(file);
    expectRefused(way.name, file.bytes, {"error: not an intact TFLite model"});
  }
  expectRefused("empty", "", {"error: the model is an empty file"});
}

//===-- what refers to what -----------------------------------------------===//

TEST_F(TfliteDamage, OfTablesIsRefused) {
  expectRefused(std::vector<Damage>{
      {"version 2",
       [](Network &n) { n.model.version = 2; },
       {"has schema version 2, but version 3 is supported"}},
      {"no graph",
       [](Network &n) { n.model.subgraphs.clear(); },
       {"it has no graph"}},
      {"no operator codes",
       [](Network &n) { n.model.operator_codes.clear(); },
       {"operator 0 refers to an operator code that is not there",
        "operator 12 refers to an operator code that is not there"}},
      {"no buffers",
       [](Network &n) { n.model.buffers.clear(); },
       {"tensor 0 ('input_1') refers to a buffer that is not there",
        "tensor 1 (", "the TFLite model has more faults of this kind"}},
      {"no tensors",
       [](Network &n) { n.graph().tensors.clear(); },
       {"operator 0 refers to a tensor that is not there",
        "the list of inputs refers to a tensor that is not there",
        "the list of outputs refers to a tensor that is not there"}},
      {"no operators",
       [](Network &n) { n.graph().operators.clear(); },
       {"node 'Identity'", "nothing computes it before it is used"}},
      {"no outputs",
       [](Network &n) { n.graph().outputs.clear(); },
       {"the model has no outputs"}},
      {"no inputs",
       [](Network &n) { n.graph().inputs.clear(); },
       {"CONV_2D (operator 0, version 3): tensor 'input_1': nothing computes "
        "it before it is used"}},
      {"buffers that are not there",
       [](Network &n) {
         n.tensor(firstFilter).buffer = 99;
         n.tensor(secondFilter).buffer = 1U << 31;
       },
       {"tensor 17 ('functional_1/conv2d/Conv2D') refers to a buffer",
        "tensor 18 ('functional_1/conv2d_1/Conv2D') refers to a buffer"}},
      {"a buffer behind the end",
       [](Network &n) {
         n.buffer(firstFilter).data.clear();
         n.buffer(firstFilter).offset = 1 << 20;
         n.buffer(firstFilter).size = 2560;
       },
       {"buffer 18 lies outside the file"}},
      {"a buffer whose end wraps around",
       [](Network &n) {
         n.buffer(firstFilter).data.clear();
         n.buffer(firstFilter).offset = 4096;
         n.buffer(firstFilter).size = UINT64_MAX - 100;
       },
       {"buffer 18 lies outside the file"}},
      {"operands that are not there",
       [](Network &n) {
         n.op(second).inputs[0] = 35;
         n.op(dense).inputs[1] = -2;
       },
       {"operator 2 refers to a tensor that is not there",
        "operator 11 refers to a tensor that is not there"}},
      {"a result that is not there",
       [](Network &n) { n.op(second).outputs[0] = -1; },
       {"operator 2 refers to a tensor that is not there"}},
      {"an output that is not there",
       [](Network &n) { n.graph().outputs[0] = 1000; },
       {"the list of outputs refers to a tensor that is not there"}},
      {"an input that is not there",
       [](Network &n) { n.graph().inputs[0] = -1; },
       {"the list of inputs refers to a tensor that is not there"}},
      {"a signature of no graph",
       [](Network &n) { n.addSignature().subgraph_index = 7; },
       {"signature 'serve' refers to a graph that is not there"}},
      {"a signature of no tensor",
       [](Network &n) {
         auto &inputs = n.addSignature().inputs;
         inputs.push_back(std::make_unique<TensorMapT>());
         inputs[0]->tensor_index = 77;
       },
       {"signature 'serve' refers to a tensor that is not there"}},
  });
}

TEST_F(TfliteDamage, OfTheGraphIsRefused) {
  expectRefused(std::vector<Damage>{
      {"a cycle",
       [](Network &n) { n.op(first).inputs[0] = lastResult; },
       {"CONV_2D (operator 0, version 3): ", "nothing computes it before"}},
      {"an operator on its own result",
       [](Network &n) { n.op(second).inputs[0] = secondResult; },
       {"CONV_2D (operator 2, version 3): ", "nothing computes it before"}},
      {"operators in another order",
       [](Network &n) {
         std::swap(n.graph().operators[1], n.graph().operators[2]);
       },
       {"CONV_2D (operator 1, version 3): ", "nothing computes it before"}},
      {"a result of two operators",
       [](Network &n) { n.op(second).outputs[0] = depthwiseResult; },
       {"CONV_2D (operator 2, version 3): ", "is computed twice"}},
      {"a result that is the input",
       [](Network &n) { n.op(first).outputs[0] = image; },
       {"node 'input_1'", "tensor 'input_1' is computed twice"}},
      {"an output that nothing computes",
       [](Network &n) { n.graph().operators.pop_back(); },
       {"output 'Identity': tensor 'Identity': nothing computes it"}},
      {"one operand",
       [](Network &n) { n.op(second).inputs.resize(1); },
       {"operator 2, version 3): input 1 is missing, it takes at least 2"}},
      {"nine operands",
       [](Network &n) { n.op(second).inputs.assign(9, depthwiseResult); },
       {"operator 2, version 3): 9 inputs are too many, it takes 3"}},
      {"a filter left out",
       [](Network &n) { n.op(second).inputs[1] = -1; },
       {"operator 2, version 3): input 1 is missing"}},
      {"no result",
       [](Network &n) { n.op(second).outputs.clear(); },
       {"CONV_2D (operator 2, version 3): it has no result"}},
      {"unsupported operators",
       [](Network &n) {
         n.setCode(first, Builtin::SKIP_GRAM);
         n.setCode(depthwise, Builtin(9999));
         n.setCode(softmax, Builtin(-5));
       },
       {"operator 'SKIP_GRAM' version 3 is not supported (5 times: ",
        "operator 'operator 9999' version 3 is not supported (4 times: ",
        "node 'Identity': error: operator 'operator -5' version 2 is not"}},
      {"a custom operator without a name",
       [](Network &n) { n.setCode(first, Builtin::CUSTOM); },
       {"custom operator 'CUSTOM' version 3 is not supported"}},
  });
}

//===-- shapes, types, data -----------------------------------------------===//

TEST_F(TfliteDamage, OfShapesIsRefused) {
  expectRefused(std::vector<Damage>{
      {"impossible dimensions",
       [](Network &n) {
         n.tensor(firstFilter).shape[1] = -10;
         n.tensor(secondFilter).shape[3] = -1;
         n.tensor(image).shape = {INT32_MAX, INT32_MAX, INT32_MAX, 1};
         n.tensor(scores).shape.assign(9, 1);
         n.tensor(firstResult).shape_signature = {1, 2};
       },
       {"tensor 0 ('input_1') has the impossible shape "
        "2147483647x2147483647x2147483647x1",
        "has the impossible shape 64x-10x4x1",
        "has the impossible shape 64x1x1x-1",
        "tensor 33 ('functional_1/dense/BiasAdd') has 9 dimensions, but at "
        "most 8 are supported",
        "has a shape signature of another rank"}},
      {"an image of nothing",
       [](Network &n) { n.setShape(image, {1, 49, 0, 1}); },
       {"input 'input_1': the shape 1x49x0x1 is impossible"}},
      {"an image of 2^39 pixels",
       [](Network &n) { n.setShape(image, {1, 1 << 20, 1 << 19, 1}); },
       {"result would have more than 2^40 elements"}},
      {"an image of rank 3",
       [](Network &n) { n.setShape(image, {49, 10, 1}); },
       {"input 0 of shape 49x10x1 should have 4 dimensions"}},
      {"an image smaller than the filter",
       [](Network &n) {
         n.setShape(image, {1, 5, 3, 1});
         n.convolution().padding = Padding::VALID;
       },
       {"is larger than the padded input"}},
      {"a filter of nothing",
       [](Network &n) {
         n.setShape(firstFilter, {64, 0, 4, 1});
         n.buffer(firstFilter).data.clear();
       },
       {"input 1 ('functional_1/conv2d/Conv2D') has no elements"}},
      {"a filter of rank 2",
       [](Network &n) { n.setShape(secondFilter, {64, 64}); },
       {"input 1 of shape 64x64 should have 4 dimensions"}},
      {"a filter of other channels",
       [](Network &n) {
         n.setShape(secondFilter, {64, 1, 1, 48});
         n.buffer(secondFilter).data.resize(size_t(64) * 48);
       },
       {"the input has 64 channels, but the filter of shape 64x1x1x48 takes 48 "
        "per group"}},
      {"a bias of 32 for 64 channels",
       [](Network &n) {
         n.setShape(firstBias, {32});
         n.buffer(firstBias).data.resize(128);
         n.quantization(firstBias).scale.resize(32);
         n.quantization(firstBias).zero_point.resize(32);
       },
       {"the bias 'tensor<32xi32>' must have 64 elements"}},
      {"weights of another depth",
       [](Network &n) { n.setShape(denseWeights, {16, 48}); },
       {"an input of shape 1x64 does not divide into rows of 48"}},
      {"a result of another shape",
       [](Network &n) { n.setShape(firstResult, {1, 24, 5, 64}); },
       {"of shape 1x24x5x64, but it is computed as 1x25x5x64"}},
      {"a shape that the elements do not fit",
       [](Network &n) { n.buffer(flatShape).data = {1, 0, 0, 0, 65, 0, 0, 0}; },
       {"a tensor of shape 1x1x1x64 cannot take the shape 1x65"}},
      {"a shape of two unknown sizes",
       [](Network &n) { n.buffer(flatShape).data.assign(8, 0xff); },
       {"the shape -1x-1 is impossible"}},
  });
}

TEST_F(TfliteDamage, OfTypesAndDataIsRefused) {
  expectRefused(std::vector<Damage>{
      {"an image of no type",
       [](Network &n) { n.tensor(image).type = ElementType(99); },
       {"input 'input_1': element type 99 is not supported"}},
      {"a filter of strings",
       [](Network &n) { n.tensor(firstFilter).type = ElementType::STRING; },
       {"tensor 'functional_1/conv2d/Conv2D': element type string is not"}},
      {"a result of complex numbers",
       [](Network &n) { n.tensor(firstResult).type = ElementType::COMPLEX64; },
       {"result 0 of type complex64 should be quantized"}},
      {"a filter of floats",
       [](Network &n) {
         n.tensor(firstFilter).type = ElementType::FLOAT32;
         n.buffer(firstFilter).data.resize(size_t(4) * 2560);
       },
       {"input 1 of type float32 should be quantized"}},
      {"a bias of bytes",
       [](Network &n) {
         n.tensor(firstBias).type = ElementType::INT8;
         n.buffer(firstBias).data.resize(64);
       },
       {"the bias 'tensor<64xi8>' must have 64 elements of i32"}},
      {"an image of other bytes than the result",
       [](Network &n) { n.tensor(image).type = ElementType::UINT8; },
       {"input and result should have one type"}},
      {"a byte too few",
       [](Network &n) { n.buffer(firstFilter).data.pop_back(); },
       {"need 2560 bytes, but its buffer has 2559"}},
      {"a byte too many",
       [](Network &n) { n.buffer(firstFilter).data.push_back(0); },
       {"need 2560 bytes, but its buffer has 2561"}},
      {"a filter without data",
       [](Network &n) { n.buffer(secondFilter).data.clear(); },
       {"tensor 'functional_1/conv2d_1/Conv2D': nothing computes it"}},
      {"a sparse filter without dimensions",
       [](Network &n) {
         n.tensor(secondFilter).sparsity = std::make_unique<SparsityT>();
       },
       {"its sparse weights are damaged: its dimensions are not those"}},
  });
}

//===-- options -----------------------------------------------------------===//

TEST_F(TfliteDamage, OfOptionsIsRefused) {
  expectRefused(std::vector<Damage>{
      {"stride 0",
       [](Network &n) { n.convolution().stride_h = 0; },
       {"operator 0, version 3): strides 0x2, dilations 1x1 and window 10x4 "
        "must be positive"}},
      {"stride -1",
       [](Network &n) { n.convolution().stride_w = -1; },
       {"strides 2x-1, dilations 1x1 and window 10x4 must be positive"}},
      {"dilation 0",
       [](Network &n) { n.convolution().dilation_h = 0; },
       {"strides 2x2, dilations 0x1 and window 10x4 must be positive"}},
      {"dilation 2^31 - 1",
       [](Network &n) { n.convolution().dilation_h = INT32_MAX; },
       {"reaches more than 65536 beyond the input"}},
      {"padding 7",
       [](Network &n) { n.convolution().padding = Padding(7); },
       {"the padding is neither SAME nor VALID, but 7"}},
      {"activation 77",
       [](Network &n) { n.convolution().activation = Activation(77); },
       {"the fused activation 77 is not supported"}},
      {"an activation that bytes do not have",
       [](Network &n) { n.convolution().activation = Activation::TANH; },
       {"the fused activation TANH is not supported"}},
      {"options of another operator",
       [](Network &n) { n.op(first).options.Set(Pool2DOptionsT()); },
       {"CONV_2D (operator 0, version 3): strides 0x0"}},
      {"no options",
       [](Network &n) { n.op(first).options.Reset(); },
       {"CONV_2D (operator 0, version 3): strides 0x0"}},
      {"a window of no row",
       [](Network &n) { n.pool().filter_h = 0; },
       {"AVERAGE_POOL_2D (operator 9, version 2): strides 25x5, dilations 1x1 "
        "and window 0x5 must be positive"}},
      {"a window larger than the image",
       [](Network &n) { n.pool().filter_h = 26; },
       {"is larger than the padded input"}},
      {"a window of 2^31 - 1 rows",
       [](Network &n) {
         n.pool().filter_h = INT32_MAX;
         n.pool().padding = Padding::SAME;
       },
       {"reaches more than 65536 beyond the input"}},
      {"weights in another format",
       [](Network &n) {
         n.op(dense).options.AsFullyConnectedOptions()->weights_format = 1;
       },
       {"FULLY_CONNECTED (operator 11, version 4): shuffled weights"}},
      {"beta NaN",
       [](Network &n) { n.beta() = NAN; },
       {"node 'Identity'", "the option 'beta' is nan, but should be finite"}},
      {"beta infinite",
       [](Network &n) { n.beta() = INFINITY; },
       {"the option 'beta' is INF, but should be finite"}},
      {"beta -1",
       [](Network &n) { n.beta() = -1; },
       {"the option 'beta' is -1", "but should be positive"}},
  });
}

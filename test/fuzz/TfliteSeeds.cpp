//===- TfliteSeeds.cpp - models to start fuzzing from ---------------------===//
//
// Each seed imports without an error, so that a mutation of it gets past the
// first checks.
//
//===----------------------------------------------------------------------===//
#include "test/fuzz/TfliteSeeds.h"
#include "test/import/tflite/TfliteWriter.h"

using namespace edgec::test;
using schema::Activation;
using schema::Padding;

static std::string convolutions() {
  TfliteWriter w;
  auto &b = w.builder;
  int x = w.input("x", {1, 6, 6, 2});
  int f = w.floats("f", {4, 3, 3, 2}, std::vector<float>(72, 0.5F));
  int bias = w.floats("b", {4}, {1, 2, 3, 4});
  int c = w.tensor("c", {1, 3, 3, 4}), d = w.tensor("d", {1, 3, 3, 4});
  w.op(Builtin::CONV_2D, {x, f, bias}, {c},
       schema::CreateConv2DOptions(b, Padding::SAME, 2, 2, Activation::RELU6));
  int g = w.floats("g", {1, 3, 3, 4}, std::vector<float>(36, 0.5F));
  w.op(Builtin::DEPTHWISE_CONV_2D, {c, g, bias}, {d},
       schema::CreateDepthwiseConv2DOptions(b, Padding::SAME, 1, 1, 1));
  int p = w.tensor("p", {1, 2, 2, 4});
  w.op(Builtin::MAX_POOL_2D, {d}, {p},
       schema::CreatePool2DOptions(b, Padding::VALID, 1, 1, 2, 2));
  int t = w.tensor("t", {1, 4, 4, 4});
  int h = w.floats("h", {4, 3, 3, 4}, std::vector<float>(144, 0.5F));
  w.op(Builtin::TRANSPOSE_CONV, {w.ints("s", {1, 4, 4, 4}), h, p}, {t},
       schema::CreateTransposeConvOptions(b, Padding::SAME, 2, 2));
  int pads = w.constant<int32_t>("pads", {4, 2}, ElementType::INT32,
                                 {0, 0, 1, 1, 1, 1, 0, 0});
  int q = w.tensor("q", {1, 6, 6, 4});
  w.op(Builtin::PAD, {t, pads}, {q});
  int m = w.tensor("m", {1, 4});
  w.op(Builtin::MEAN, {q, w.ints("axes", {1, 2})}, {m});
  int k = w.floats("k", {3, 4}, std::vector<float>(12, 1));
  int n = w.tensor("n", {1, 3});
  w.op(Builtin::FULLY_CONNECTED, {m, k, -1}, {n},
       schema::CreateFullyConnectedOptions(b, Activation::RELU));
  w.op(Builtin::SOFTMAX, {n}, {w.output("y", {1, 3})},
       schema::CreateSoftmaxOptions(b, 2.0F));
  return w.bytes();
}

static std::string shapes() {
  TfliteWriter w;
  auto &b = w.builder;
  int x = w.input("x", {2, 3, 4});
  int shape = w.tensor("shape", {3}, ElementType::INT32);
  int batch = w.tensor("batch", {}, ElementType::INT32);
  int wanted = w.tensor("wanted", {2}, ElementType::INT32);
  w.op(Builtin::SHAPE, {x}, {shape});
  w.op(Builtin::STRIDED_SLICE,
       {shape, w.ints("b", {0}), w.ints("e", {1}), w.ints("s", {1})}, {batch},
       schema::CreateStridedSliceOptions(b, 0, 0, 0, 0, 1));
  w.op(Builtin::PACK, {batch, w.scalar("rest", -1)}, {wanted},
       schema::CreatePackOptions(b, 2, 0));
  int r = w.tensor("r", {2, 12}), l = w.tensor("l", {2, 6});
  int u = w.tensor("u", {2, 6});
  w.op(Builtin::RESHAPE, {x, wanted}, {r});
  w.op(Builtin::SPLIT, {w.scalar("axis", 1), r}, {l, u},
       schema::CreateSplitOptions(b, 2));
  int c = w.tensor("c", {2, 12}), t = w.tensor("t", {12, 2});
  w.op(Builtin::CONCATENATION, {l, u}, {c},
       schema::CreateConcatenationOptions(b, 1));
  w.op(Builtin::TRANSPOSE, {c, w.ints("perm", {1, 0})}, {t});
  int v = w.tensor("v", {6, 2});
  w.op(Builtin::STRIDED_SLICE,
       {t, w.ints("b2", {0, 0}), w.ints("e2", {12, 2}), w.ints("s2", {2, 1})},
       {v}, schema::CreateStridedSliceOptions(b));
  int g = w.tensor("g", {3, 2});
  w.op(Builtin::GATHER, {v, w.ints("rows", {5, 0, 1})}, {g},
       schema::CreateGatherOptions(b, 0));
  int tiled = w.tensor("tiled", {3, 4}), e = w.tensor("e", {3, 1, 4});
  w.op(Builtin::TILE, {g, w.ints("times", {1, 2})}, {tiled});
  w.op(Builtin::EXPAND_DIMS, {tiled, w.scalar("at", 1)}, {e});
  w.op(Builtin::SQUEEZE, {e}, {w.output("y", {3, 4})},
       schema::CreateSqueezeOptions(b));
  w.op(
      Builtin::TOPK_V2, {tiled, w.scalar("k", 2)},
      {w.output("values", {3, 2}), w.output("at", {3, 2}, ElementType::INT32)});
  return w.bytes();
}

/// Float16, per-channel, 4-bit and sparse weights; a signature.
static std::string weights() {
  TfliteWriter w;
  int x = w.input("x", {2, 2});
  int half =
      w.constant<uint16_t>("half", {2}, ElementType::FLOAT16, {0x3c00, 0xc000});
  int full = w.tensor("full", {2}), a = w.tensor("a", {2, 2});
  w.op(Builtin::DEQUANTIZE, {half}, {full});
  w.op(Builtin::MUL, {x, full}, {a});
  TensorExtras channels;
  channels.scales = {0.5F, 2};
  channels.zeroPoints = {0, 0};
  int bytes = w.constant<int8_t>("bytes", {2, 2}, ElementType::INT8,
                                 {1, 2, 3, 4}, channels);
  TensorExtras whole;
  whole.scales = {1};
  int nibbles =
      w.constant<uint8_t>("nibbles", {2}, ElementType::INT4, {0x8f}, whole);
  int c = w.tensor("c", {2, 2}), d = w.tensor("d", {2, 2});
  w.op(Builtin::ADD, {a, bytes}, {c});
  w.op(Builtin::SUB, {c, nibbles}, {d});
  std::vector<int32_t> order = {0, 1}, segments = {0, 1, 2};
  std::vector<uint8_t> indices = {1, 0};
  auto rows = schema::CreateInt32VectorDirect(w.builder, &segments);
  auto columns = schema::CreateUint8VectorDirect(w.builder, &indices);
  std::vector metadata = {
      schema::CreateDimensionMetadata(w.builder, schema::DimensionFormat::DENSE,
                                      2),
      schema::CreateDimensionMetadata(
          w.builder, schema::DimensionFormat::SPARSE_CSR, 0,
          schema::IndexVector::Int32Vector, rows.Union(),
          schema::IndexVector::Uint8Vector, columns.Union())};
  TensorExtras sparse;
  sparse.sparsity =
      schema::CreateSparsityDirect(w.builder, &order, nullptr, &metadata);
  int stored =
      w.constant<float>("stored", {2, 2}, ElementType::FLOAT32, {7, 8}, sparse);
  int dense = w.tensor("dense", {2, 2});
  w.op(Builtin::DENSIFY, {stored}, {dense});
  int y = w.output("y", {2, 2});
  w.op(Builtin::DIV, {d, dense}, {y});
  w.signature("serve", {{"in", x}}, {{"out", y}});
  return w.bytes();
}

static std::string state() {
  TfliteWriter w;
  auto &b = w.builder;
  TensorExtras variable;
  variable.isVariable = true;
  int x = w.input("x", {1, 2, 3}),
      h = w.tensor("h", {1, 4}, ElementType::FLOAT32, variable);
  int c = w.tensor("c", {1, 4}, ElementType::FLOAT32, variable);
  std::vector<int32_t> operands(24, -1);
  operands[0] = x;
  for (int gate = 0; gate < 4; ++gate) {
    operands[1 + gate] = w.floats("w", {4, 3}, std::vector<float>(12, 0.5F));
    operands[5 + gate] = w.floats("r", {4, 4}, std::vector<float>(16, 0.5F));
    operands[12 + gate] = w.floats("bias", {4}, {1, 2, 3, 4});
  }
  operands[18] = h;
  operands[19] = c;
  int y = w.tensor("y", {1, 2, 4});
  w.op(Builtin::UNIDIRECTIONAL_SEQUENCE_LSTM, operands, {y},
       schema::CreateUnidirectionalSequenceLSTMOptions(b, Activation::TANH));
  int handle = w.tensor("handle", {}, ElementType::RESOURCE);
  int before = w.tensor("before", {1, 2, 4}), sum = w.output("sum", {1, 2, 4});
  w.op(Builtin::VAR_HANDLE, {}, {handle},
       schema::CreateVarHandleOptionsDirect(b, nullptr, "v"));
  w.op(Builtin::READ_VARIABLE, {handle}, {before});
  w.op(Builtin::ADD, {before, y}, {sum});
  w.op(Builtin::ASSIGN_VARIABLE, {handle, sum}, {});
  int svdf = w.tensor("s", {1, 8}, ElementType::FLOAT32, variable);
  int flat = w.tensor("flat", {1, 8});
  w.op(Builtin::RESHAPE, {sum, w.ints("to", {1, 8})}, {flat});
  w.op(Builtin::SVDF,
       {flat, w.floats("feature", {4, 8}, std::vector<float>(32, 1)),
        w.floats("time", {4, 2}, std::vector<float>(8, 1)), -1, svdf},
       {w.output("z", {1, 2})}, schema::CreateSVDFOptions(b, 2));
  return w.bytes();
}

static std::string control() {
  TfliteWriter w;
  int c = w.input("c", {1}, ElementType::BOOL), x = w.input("x", {2});
  w.op(Builtin::IF, {c, x}, {w.output("y", {2})},
       schema::CreateIfOptions(w.builder, 1, 2));
  w.op(Builtin::CALL, {x}, {w.output("z", {2})},
       schema::CreateCallOptions(w.builder, 2));
  w.endGraph();
  x = w.input("x", {2});
  w.op(Builtin::ADD, {x, x}, {w.output("y", {2})});
  w.endGraph();
  x = w.input("x", {2});
  w.op(Builtin::NEG, {x}, {w.output("y", {2})});
  return w.bytes();
}

std::vector<std::string> edgec::test::tfliteSeeds() {
  return {convolutions(), shapes(), weights(), state(), control()};
}

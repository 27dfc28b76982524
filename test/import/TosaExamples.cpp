//===- TosaExamples.cpp - functions of TOSA -------------------------------===//
#include "test/import/MlirExamples.h"
#include "llvm/ADT/StringRef.h"

using namespace edgec::test;

/// One operation on `%x` and `%y` of shapes that broadcast.
static MlirExample onTwo(std::string name, std::string operation,
                         std::string element = "f32", std::string result = "",
                         Range range = {}) {
  if (result.empty())
    result = element;
  std::string x = "tensor<3x5x" + element + ">",
              y = "tensor<1x5x" + element + ">",
              r = "tensor<3x5x" + result + ">";
  return {name,
          "(%x: " + x + ", %y: " + y + ") -> " + r + " {\n  %r = tosa." +
              operation + " %x, %y : (" + x + ", " + y + ") -> " + r +
              "\n  return %r : " + r + "\n}",
          range};
}

static MlirExample onOne(std::string name, std::string operation,
                         std::string element = "f32", std::string result = "",
                         Range range = {}) {
  if (result.empty())
    result = element;
  std::string x = "tensor<3x5x" + element + ">",
              r = "tensor<3x5x" + result + ">";
  return {name,
          "(%x: " + x + ") -> " + r + " {\n  %r = tosa." + operation + " : (" +
              x + ") -> " + r + "\n  return %r : " + r + "\n}",
          range};
}

static MlirExample reduction(std::string name, std::string operation,
                             std::string element = "f32", Range range = {}) {
  std::string x = "tensor<3x5x2x" + element + ">",
              r = "tensor<3x1x2x" + element + ">";
  return {name,
          "(%x: " + x + ") -> " + r + " {\n  %r = tosa." + operation +
              " %x {axis = 1 : i32} : (" + x + ") -> " + r +
              "\n  return %r : " + r + "\n}",
          range};
}

static std::vector<MlirExample> elementwise() {
  return {
      onTwo("TosaAdd", "add"),
      onTwo("TosaSub", "sub"),
      onTwo("TosaMaximum", "maximum"),
      onTwo("TosaMinimum", "minimum"),
      onTwo("TosaPow", "pow", "f32", "", {0.1, 3}),
      onTwo("TosaEqual", "equal", "i32", "i1", {-2, 3}),
      onTwo("TosaGreater", "greater", "f32", "i1"),
      onTwo("TosaGreaterEqual", "greater_equal", "i32", "i1", {-2, 3}),
      onTwo("TosaIntDiv", "intdiv", "i32", "", {1, 50}),
      onTwo("TosaBitwiseAnd", "bitwise_and", "i32", "", {-99, 99}),
      onTwo("TosaBitwiseOr", "bitwise_or", "i16", "", {-99, 99}),
      onTwo("TosaBitwiseXor", "bitwise_xor", "i8", "", {-99, 99}),
      onTwo("TosaLogicalAnd", "logical_and", "i1", "", {0, 2}),
      onTwo("TosaLogicalOr", "logical_or", "i1", "", {0, 2}),
      onTwo("TosaLogicalXor", "logical_xor", "i1", "", {0, 2}),
      onTwo("TosaShiftLeft", "logical_left_shift", "i32", "", {0, 9}),
      onTwo("TosaShiftRight", "logical_right_shift", "i32", "", {0, 9}),
      {"TosaArithmeticShift",
       R"((%x: tensor<3x5xi32>, %y: tensor<1x5xi32>) -> tensor<3x5xi32> {
  %n = "tosa.const"() <{values = dense<-100> : tensor<1x5xi32>}> : () -> tensor<1x5xi32>
  %s = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z = tosa.mul %x, %n, %s : (tensor<3x5xi32>, tensor<1x5xi32>, tensor<1xi8>) -> tensor<3x5xi32>
  %r = tosa.arithmetic_right_shift %z, %y {round = false} : (tensor<3x5xi32>, tensor<1x5xi32>) -> tensor<3x5xi32>
  return %r : tensor<3x5xi32>
})",
       {0, 9}},
      onOne("TosaAbs", "abs %x"),
      onOne("TosaCeil", "ceil %x", "f32", "", {-9, 9}),
      onOne("TosaFloor", "floor %x", "f32", "", {-9, 9}),
      onOne("TosaClamp",
            "clamp %x {min_val = -1.0 : f32, max_val = 0.5 : f32}"),
      onOne("TosaClampOfIntegers",
            "clamp %x {min_val = -3 : i8, max_val = 4 : i8}", "i8", "",
            {-9, 9}),
      onOne("TosaErf", "erf %x"),
      onOne("TosaExp", "exp %x"),
      onOne("TosaLog", "log %x", "f32", "", {0.1, 9}),
      onOne("TosaSin", "sin %x", "f32", "", {-9, 9}),
      onOne("TosaCos", "cos %x", "f32", "", {-9, 9}),
      onOne("TosaReciprocal", "reciprocal %x", "f32", "", {0.5, 9}),
      onOne("TosaRsqrt", "rsqrt %x", "f32", "", {0.5, 9}),
      onOne("TosaSigmoid", "sigmoid %x"),
      onOne("TosaTanh", "tanh %x"),
      onOne("TosaBitwiseNot", "bitwise_not %x", "i32", "", {-9, 9}),
      onOne("TosaLogicalNot", "logical_not %x", "i1", "", {0, 2}),
      onOne("TosaClz", "clz %x", "i32", "", {-9, 9000}),
      onOne("TosaCastToInteger", "cast %x", "f32", "i32", {-9, 9}),
      onOne("TosaCastToByte", "cast %x", "f32", "i8", {-300, 300}),
      onOne("TosaCastToFloat", "cast %x", "i32", "f32", {-9, 9}),
      onOne("TosaCastToWider", "cast %x", "i8", "i32", {-99, 99}),
      onOne("TosaCastToNarrower", "cast %x", "i32", "i8", {-999, 999}),
      onOne("TosaCastToBool", "cast %x", "i32", "i1", {-2, 2}),
      onOne("TosaCastFromBool", "cast %x", "i1", "f32", {0, 2}),
      {"TosaMul",
       R"((%x: tensor<3x5xf32>, %y: tensor<1x5xf32>) -> tensor<3x5xf32> {
  %s = "tosa.const"() <{values = dense<0> : tensor<1xi8>}> : () -> tensor<1xi8>
  %r = tosa.mul %x, %y, %s : (tensor<3x5xf32>, tensor<1x5xf32>, tensor<1xi8>) -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
})"},
      {"TosaNegate", R"((%x: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %r = tosa.negate %x, %z, %z : (tensor<3x5xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
})"},
      {"TosaSelect",
       R"((%c: tensor<3x1xi1>, %x: tensor<3x5xf32>, %y: tensor<1x5xf32>) -> tensor<3x5xf32> {
  %r = tosa.select %c, %x, %y : (tensor<3x1xi1>, tensor<3x5xf32>, tensor<1x5xf32>) -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
})",
       {0, 2}},
      {"TosaTable",
       R"((%x: tensor<3x5xi8>, %t: tensor<256xi8>) -> tensor<3x5xi8> {
  %r = tosa.table %x, %t : (tensor<3x5xi8>, tensor<256xi8>) -> tensor<3x5xi8>
  return %r : tensor<3x5xi8>
})",
       {-128, 128}},
  };
}

static std::vector<MlirExample> reductions() {
  return {
      reduction("TosaReduceSum", "reduce_sum"),
      reduction("TosaReduceMax", "reduce_max"),
      reduction("TosaReduceMin", "reduce_min"),
      reduction("TosaReduceProduct", "reduce_product"),
      reduction("TosaReduceSumOfIntegers", "reduce_sum", "i32", {-9, 9}),
      reduction("TosaReduceMaxOfIntegers", "reduce_max", "i8", {-9, 9}),
      reduction("TosaReduceAll", "reduce_all", "i1", {0, 2}),
      reduction("TosaReduceAny", "reduce_any", "i1", {0, 2}),
      {"TosaArgMax", R"((%x: tensor<3x5x2xf32>) -> tensor<3x2xi32> {
  %r = tosa.argmax %x {axis = 1 : i32} : (tensor<3x5x2xf32>) -> tensor<3x2xi32>
  return %r : tensor<3x2xi32>
})"},
  };
}

/// A convolution with its weights, bias and zero points.
static MlirExample convolution(std::string name, std::string operation,
                               std::string attributes, std::string x,
                               std::string w, std::string b, std::string r) {
  return {name, "(%x: " + x + ", %w: " + w + ", %b: " + b + ") -> " + r + R"( {
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %r = tosa.)" + operation +
                    " %x, %w, %b, %z, %z {acc_type = f32, " + attributes +
                    "} : (" + x + ", " + w + ", " + b +
                    ", tensor<1xf32>, tensor<1xf32>) -> " + r +
                    "\n  return %r : " + r + "\n}"};
}

static std::vector<MlirExample> windows() {
  return {
      convolution("TosaConv2D", "conv2d",
                  "pad = array<i64: 1, 0, 1, 1>, stride = array<i64: 2, 1>, "
                  "dilation = array<i64: 1, 2>",
                  "tensor<2x8x9x3xf32>", "tensor<4x3x3x3xf32>", "tensor<4xf32>",
                  "tensor<2x4x7x4xf32>"),
      convolution("TosaDepthwise", "depthwise_conv2d",
                  "pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>, "
                  "dilation = array<i64: 1, 1>",
                  "tensor<1x8x9x3xf32>", "tensor<3x3x3x2xf32>", "tensor<6xf32>",
                  "tensor<1x8x9x6xf32>"),
      convolution("TosaConv3D", "conv3d",
                  "pad = array<i64: 1, 1, 0, 0, 1, 0>, stride = array<i64: 1, "
                  "1, 2>, dilation = array<i64: 1, 1, 1>",
                  "tensor<1x4x5x6x2xf32>", "tensor<3x2x3x3x2xf32>",
                  "tensor<3xf32>", "tensor<1x5x3x3x3xf32>"),
      convolution("TosaTransposeConv2D", "transpose_conv2d",
                  "out_pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>",
                  "tensor<1x4x5x2xf32>", "tensor<3x3x3x2xf32>", "tensor<3xf32>",
                  "tensor<1x9x11x3xf32>"),
      convolution("TosaTransposeConv2DCut", "transpose_conv2d",
                  "out_pad = array<i64: -1, -1, -1, 0>, stride = array<i64: 2, "
                  "1>",
                  "tensor<1x4x5x2xf32>", "tensor<3x3x3x2xf32>", "tensor<3xf32>",
                  "tensor<1x7x6x3xf32>"),
      {"TosaMatmulOfIntegers",
       R"((%x: tensor<2x4x5xi8>, %y: tensor<2x5x3xi8>) -> tensor<2x4x3xi32> {
  %a = "tosa.const"() <{values = dense<3> : tensor<1xi8>}> : () -> tensor<1xi8>
  %b = "tosa.const"() <{values = dense<-7> : tensor<1xi8>}> : () -> tensor<1xi8>
  %r = tosa.matmul %x, %y, %a, %b : (tensor<2x4x5xi8>, tensor<2x5x3xi8>, tensor<1xi8>, tensor<1xi8>) -> tensor<2x4x3xi32>
  return %r : tensor<2x4x3xi32>
})",
       {-128, 128}},
      {"TosaMaxPool", R"((%x: tensor<1x8x9x3xf32>) -> tensor<1x4x5x3xf32> {
  %r = tosa.max_pool2d %x {kernel = array<i64: 3, 2>, pad = array<i64: 1, 0, 1, 0>, stride = array<i64: 2, 2>}
      : (tensor<1x8x9x3xf32>) -> tensor<1x4x5x3xf32>
  return %r : tensor<1x4x5x3xf32>
})"},
      {"TosaAvgPool", R"((%x: tensor<1x8x9x3xf32>) -> tensor<1x4x5x3xf32> {
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %r = tosa.avg_pool2d %x, %z, %z {acc_type = f32, kernel = array<i64: 3, 2>, pad = array<i64: 1, 0, 1, 0>,
      stride = array<i64: 2, 2>} : (tensor<1x8x9x3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x5x3xf32>
  return %r : tensor<1x4x5x3xf32>
})"},
      {"TosaMatmul",
       R"((%x: tensor<2x4x5xf32>, %y: tensor<2x5x3xf32>) -> tensor<2x4x3xf32> {
  %z = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %r = tosa.matmul %x, %y, %z, %z : (tensor<2x4x5xf32>, tensor<2x5x3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<2x4x3xf32>
  return %r : tensor<2x4x3xf32>
})"},
  };
}

static std::vector<MlirExample> moves() {
  return {
      {"TosaMoves",
       R"((%x: tensor<2x3xf32>) -> (tensor<3x2xf32>, tensor<4x3xf32>, tensor<2x3xf32>, tensor<4x9xf32>, tensor<1x2xf32>, tensor<4x6xf32>, tensor<6xf32>) {
  %a = tosa.transpose %x {perms = array<i32: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %b = tosa.concat %x, %x {axis = 0 : i32} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<4x3xf32>
  %c = tosa.reverse %x {axis = 1 : i32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %p = tosa.const_shape {values = dense<[1, 1, 2, 4]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %v = "tosa.const"() <{values = dense<1.5> : tensor<1xf32>}> : () -> tensor<1xf32>
  %d = tosa.pad %x, %p, %v : (tensor<2x3xf32>, !tosa.shape<4>, tensor<1xf32>) -> tensor<4x9xf32>
  %o = tosa.const_shape {values = dense<[1, 0]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %s = tosa.const_shape {values = dense<[1, 2]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %e = tosa.slice %x, %o, %s : (tensor<2x3xf32>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<1x2xf32>
  %m = tosa.const_shape {values = dense<2> : tensor<2xindex>} : () -> !tosa.shape<2>
  %f = tosa.tile %x, %m : (tensor<2x3xf32>, !tosa.shape<2>) -> tensor<4x6xf32>
  %h = tosa.const_shape {values = dense<6> : tensor<1xindex>} : () -> !tosa.shape<1>
  %g = tosa.reshape %x, %h : (tensor<2x3xf32>, !tosa.shape<1>) -> tensor<6xf32>
  return %a, %b, %c, %d, %e, %f, %g : tensor<3x2xf32>, tensor<4x3xf32>, tensor<2x3xf32>, tensor<4x9xf32>, tensor<1x2xf32>, tensor<4x6xf32>, tensor<6xf32>
})"},
      {"TosaGather",
       R"((%x: tensor<2x6x3xf32>, %n: tensor<2x4xi32>) -> tensor<2x4x3xf32> {
  %r = tosa.gather %x, %n : (tensor<2x6x3xf32>, tensor<2x4xi32>) -> tensor<2x4x3xf32>
  return %r : tensor<2x4x3xf32>
})",
       {0, 6}},
      {"TosaScatter",
       R"((%x: tensor<2x6x3xf32>, %u: tensor<2x2x3xf32>) -> tensor<2x6x3xf32> {
  %n = "tosa.const"() <{values = dense<[[4, 1], [0, 5]]> : tensor<2x2xi32>}> : () -> tensor<2x2xi32>
  %r = tosa.scatter %x, %n, %u : (tensor<2x6x3xf32>, tensor<2x2xi32>, tensor<2x2x3xf32>) -> tensor<2x6x3xf32>
  return %r : tensor<2x6x3xf32>
})"},
      {"TosaResizeBilinear",
       R"((%x: tensor<1x4x5x2xf32>) -> tensor<1x7x9x2xf32> {
  %s = tosa.const_shape {values = dense<[2, 1, 2, 1]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %o = tosa.const_shape {values = dense<0> : tensor<2xindex>} : () -> !tosa.shape<2>
  %r = tosa.resize %x, %s, %o, %o {mode = BILINEAR} : (tensor<1x4x5x2xf32>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<1x7x9x2xf32>
  return %r : tensor<1x7x9x2xf32>
})"},
      {"TosaResizeNearest",
       R"((%x: tensor<1x4x5x2xf32>) -> tensor<1x8x10x2xf32> {
  %s = tosa.const_shape {values = dense<[4, 2, 4, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %o = tosa.const_shape {values = dense<-1> : tensor<2xindex>} : () -> !tosa.shape<2>
  %b = tosa.const_shape {values = dense<1> : tensor<2xindex>} : () -> !tosa.shape<2>
  %r = tosa.resize %x, %s, %o, %b {mode = NEAREST_NEIGHBOR} : (tensor<1x4x5x2xf32>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<1x8x10x2xf32>
  return %r : tensor<1x8x10x2xf32>
})"},
  };
}

/// A convolution of bytes with zero points.
static MlirExample byteConvolution(std::string name, std::string operation,
                                   std::string w, std::string r) {
  std::string x = "tensor<1x5x7x3xi8>", b = "tensor<6xi32>";
  return {name,
          "(%x: " + x + ", %w: " + w + ", %b: " + b + ") -> " + r + R"( {
  %i = "tosa.const"() <{values = dense<-11> : tensor<1xi8>}> : () -> tensor<1xi8>
  %z = "tosa.const"() <{values = dense<3> : tensor<1xi8>}> : () -> tensor<1xi8>
  %r = tosa.)" +
              operation +
              " %x, %w, %b, %i, %z {acc_type = i32, pad = array<i64: 1, 0, 1, "
              "1>, stride = array<i64: 1, 2>, dilation = array<i64: 1, 1>} : "
              "(" +
              x + ", " + w + ", " + b + ", tensor<1xi8>, tensor<1xi8>) -> " +
              r + "\n  return %r : " + r + "\n}",
          {-128, 128}};
}

/// A rescale of three channels, each with its multiplier and shift.
static MlirExample rescale(std::string name, std::string from, std::string to,
                           std::string rounding, std::string shifts,
                           std::string zeros, Range range) {
  std::string x = "tensor<40x3x" + from + ">", r = "tensor<40x3x" + to + ">",
              zi = "tensor<1x" + from + ">", zo = "tensor<1x" + to + ">";
  auto [input, result] = llvm::StringRef(zeros).split(' ');
  return {
      name,
      "(%x: " + x + ") -> " + r +
          " {\n  %m = \"tosa.const\"() <{values = "
          "dense<[1073741824, 2147483647, 1345678901]> : tensor<3xi32>}> : () "
          "-> tensor<3xi32>\n  %s = \"tosa.const\"() <{values = dense<" +
          shifts +
          "> : tensor<3xi8>}> : () -> tensor<3xi8>\n  %i = "
          "\"tosa.const\"() <{values = dense<" +
          input.str() + "> : " + zi + "}> : () -> " + zi +
          "\n  %o = \"tosa.const\"() <{values = dense<" + result.str() +
          "> : " + zo + "}> : () -> " + zo +
          "\n  %r = tosa.rescale %x, %m, %s, %i, %o {scale32 = true, "
          "rounding_mode = " +
          rounding +
          ", per_channel = true, input_unsigned = false, output_unsigned = "
          "false} : (" +
          x + ", tensor<3xi32>, tensor<3xi8>, " + zi + ", " + zo + ") -> " + r +
          "\n  return %r : " + r + "\n}",
      range};
}

static std::vector<MlirExample> integers() {
  Range all = {-2147483000.0, 2147483000.0}, bytes = {-128, 128},
        some = {-3000, 3000};
  return {
      byteConvolution("TosaConv2DOfBytes", "conv2d", "tensor<6x3x3x3xi8>",
                      "tensor<1x4x4x6xi32>"),
      byteConvolution("TosaDepthwiseOfBytes", "depthwise_conv2d",
                      "tensor<3x3x3x2xi8>", "tensor<1x4x4x6xi32>"),
      rescale("TosaRescaleDouble", "i32", "i8", "DOUBLE_ROUND", "[38, 55, 32]",
              "0 -7", some),
      rescale("TosaRescaleDoubleOfLarge", "i32", "i32", "DOUBLE_ROUND",
              "[31, 33, 62]", "0 0", all),
      rescale("TosaRescaleSingle", "i32", "i16", "SINGLE_ROUND", "[38, 55, 32]",
              "0 0", some),
      rescale("TosaRescaleSingleOfLarge", "i32", "i32", "SINGLE_ROUND",
              "[31, 33, 62]", "0 0", all),
      rescale("TosaRescaleOfBytes", "i8", "i32", "DOUBLE_ROUND", "[10, 31, 29]",
              "-128 0", bytes),
      // By way of linalg: a factor above one, and what is not rounded alike.
      rescale("TosaRescaleUp", "i32", "i32", "SINGLE_ROUND", "[31, 25, 32]",
              "0 0", some),
      {"TosaClampOfBytes", R"((%x: tensor<3x50xi8>) -> tensor<3x50xi8> {
  %r = tosa.clamp %x {min_val = -7 : i8, max_val = 100 : i8} : (tensor<3x50xi8>) -> tensor<3x50xi8>
  return %r : tensor<3x50xi8>
})",
       bytes},
  };
}

std::vector<MlirExample> edgec::test::tosaExamples() {
  std::vector<MlirExample> all;
  for (auto family : {elementwise, reductions, windows, moves, integers}) {
    std::vector<MlirExample> examples = family();
    all.insert(all.end(), examples.begin(), examples.end());
  }
  return all;
}

//===- LinalgExamples.cpp - functions of linalg, tensor, arith, math ------===//
#include "test/import/MlirExamples.h"

using namespace edgec::test;

/// An elementwise region over [3, 5] and a row of 5.
static MlirExample onElements(std::string name, std::string region,
                              Range range = {}, double tolerance = 1e-5) {
  return {name,
          R"((%x: tensor<3x5xf32>, %y: tensor<5xf32>) -> tensor<3x5xf32> {
  %e = tensor.empty() : tensor<3x5xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>,
      affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%x, %y : tensor<3x5xf32>, tensor<5xf32>) outs(%e : tensor<3x5xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    )" + region +
              R"(
    linalg.yield %r : f32
  } -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
})",
          range, tolerance};
}

/// A named operation that reads an input, a second operand and an init.
static MlirExample named(std::string name, std::string operation, std::string x,
                         std::string f, std::string init) {
  std::string types = x + ", " + f;
  return {name, "(%x: " + x + ", %f: " + f + ", %i: " + init + ") -> " + init +
                    " {\n  %r = linalg." + operation +
                    " ins(%x, %f : " + types + ") outs(%i : " + init + ") -> " +
                    init + "\n  return %r : " + init + "\n}"};
}

/// A convolution or pooling with its strides and dilations.
static MlirExample window(std::string name, std::string operation,
                          std::string strides, std::string dilations,
                          std::string x, std::string f, std::string init) {
  std::string rank = operation.find("1d") != std::string::npos ||
                             operation.find("_ncw") != std::string::npos ||
                             operation.find("_nwc") != std::string::npos
                         ? "1"
                     : operation.find("3d") != std::string::npos ||
                             operation.find("ndhwc") != std::string::npos
                         ? "3"
                         : "2";
  std::string attributes = " {strides = dense<" + strides + "> : vector<" +
                           rank + "xi64>, dilations = dense<" + dilations +
                           "> : vector<" + rank + "xi64>}";
  return named(name, operation + attributes, x, f, init);
}

static std::vector<MlirExample> contractions() {
  return {
      named("Matmul", "matmul", "tensor<4x8xf32>", "tensor<8x3xf32>",
            "tensor<4x3xf32>"),
      named("MatmulTransposed",
            "matmul indexing_maps = [affine_map<(m, n, k) -> (k, m)>, "
            "affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]",
            "tensor<8x4xf32>", "tensor<3x8xf32>", "tensor<4x3xf32>"),
      named("BatchMatmul", "batch_matmul", "tensor<2x4x8xf32>",
            "tensor<2x8x3xf32>", "tensor<2x4x3xf32>"),
      named("BatchReduceMatmul", "batch_reduce_matmul", "tensor<2x4x8xf32>",
            "tensor<2x8x3xf32>", "tensor<4x3xf32>"),
      named("Matvec", "matvec", "tensor<4x8xf32>", "tensor<8xf32>",
            "tensor<4xf32>"),
      named("Vecmat", "vecmat", "tensor<8xf32>", "tensor<8x3xf32>",
            "tensor<3xf32>"),
      named("BatchMatvec", "batch_matvec", "tensor<2x4x8xf32>",
            "tensor<2x8xf32>", "tensor<2x4xf32>"),
      named("Dot", "dot", "tensor<8xf32>", "tensor<8xf32>", "tensor<f32>"),
      named("Mmt4d", "mmt4d", "tensor<2x3x4x5xf32>", "tensor<6x3x2x5xf32>",
            "tensor<2x6x4x2xf32>"),
      named("Contract",
            "contract indexing_maps = [affine_map<(a, b, m, k) -> (k, a, m)>, "
            "affine_map<(a, b, m, k) -> (b, k)>, affine_map<(a, b, m, k) -> "
            "(m, b, a)>]",
            "tensor<5x2x3xf32>", "tensor<4x5xf32>", "tensor<3x4x2xf32>"),
      named("MatmulOfIntegers", "matmul", "tensor<4x8xi32>", "tensor<8x3xi32>",
            "tensor<4x3xi32>"),
  };
}

static std::vector<MlirExample> windows() {
  return {
      window("Conv2DNhwc", "conv_2d_nhwc_hwcf", "2", "1", "tensor<2x9x8x3xf32>",
             "tensor<3x2x3x5xf32>", "tensor<2x4x4x5xf32>"),
      window("Conv2DNchw", "conv_2d_nchw_fchw", "[1, 2]", "[2, 1]",
             "tensor<1x3x9x9xf32>", "tensor<5x3x3x3xf32>",
             "tensor<1x5x5x4xf32>"),
      window("Conv2DNhwcFhwc", "conv_2d_nhwc_fhwc", "1", "1",
             "tensor<1x5x5x3xf32>", "tensor<4x3x3x3xf32>",
             "tensor<1x3x3x4xf32>"),
      window("Conv2DGrouped", "conv_2d_ngchw_fgchw", "1", "1",
             "tensor<1x2x3x5x5xf32>", "tensor<4x2x3x3x3xf32>",
             "tensor<1x2x4x3x3xf32>"),
      window("Conv2DGroupedNhwgc", "conv_2d_nhwgc_gfhwc", "1", "1",
             "tensor<1x5x5x2x3xf32>", "tensor<2x4x3x3x3xf32>",
             "tensor<1x3x3x2x4xf32>"),
      window("Conv1DNcw", "conv_1d_ncw_fcw", "2", "1", "tensor<2x3x12xf32>",
             "tensor<5x3x3xf32>", "tensor<2x5x5xf32>"),
      window("Conv1DNwc", "conv_1d_nwc_wcf", "1", "2", "tensor<2x12x3xf32>",
             "tensor<3x3x5xf32>", "tensor<2x8x5xf32>"),
      window("Conv3D", "conv_3d_ndhwc_dhwcf", "1", "1", "tensor<1x4x5x6x2xf32>",
             "tensor<2x3x3x2x3xf32>", "tensor<1x3x3x4x3xf32>"),
      named("Conv2DBare", "conv_2d", "tensor<7x8xf32>", "tensor<3x2xf32>",
            "tensor<5x7xf32>"),
      named("Conv1DBare", "conv_1d", "tensor<9xf32>", "tensor<3xf32>",
            "tensor<7xf32>"),
      window("DepthwiseNhwc", "depthwise_conv_2d_nhwc_hwc", "2", "1",
             "tensor<1x9x9x4xf32>", "tensor<3x3x4xf32>", "tensor<1x4x4x4xf32>"),
      window("DepthwiseMultiplied", "depthwise_conv_2d_nhwc_hwcm", "1", "2",
             "tensor<1x9x9x3xf32>", "tensor<3x3x3x2xf32>",
             "tensor<1x5x5x3x2xf32>"),
      window("DepthwiseNchw", "depthwise_conv_2d_nchw_chw", "1", "1",
             "tensor<1x3x6x6xf32>", "tensor<3x3x3xf32>", "tensor<1x3x4x4xf32>"),
      window("Depthwise1D", "depthwise_conv_1d_nwc_wc", "1", "1",
             "tensor<2x9x3xf32>", "tensor<3x3xf32>", "tensor<2x7x3xf32>"),
      window("MaxPoolNhwc", "pooling_nhwc_max", "2", "1", "tensor<2x9x8x3xf32>",
             "tensor<3x2xf32>", "tensor<2x4x4x3xf32>"),
      window("MaxPoolNchw", "pooling_nchw_max", "1", "2", "tensor<2x3x9x8xf32>",
             "tensor<3x2xf32>", "tensor<2x3x5x6xf32>"),
      window("MaxPoolNcw", "pooling_ncw_max", "2", "1", "tensor<2x3x9xf32>",
             "tensor<3xf32>", "tensor<2x3x4xf32>"),
      window("SumPoolNhwc", "pooling_nhwc_sum", "2", "1", "tensor<2x9x8x3xf32>",
             "tensor<3x2xf32>", "tensor<2x4x4x3xf32>"),
      window("SumPoolDilated", "pooling_nchw_sum", "1", "2",
             "tensor<2x3x9x8xf32>", "tensor<3x2xf32>", "tensor<2x3x5x6xf32>"),
      window("MinPool", "pooling_nhwc_min", "2", "1", "tensor<2x9x8x3xf32>",
             "tensor<3x2xf32>", "tensor<2x4x4x3xf32>"),
      window("MaxPool3D", "pooling_ndhwc_max", "1", "1",
             "tensor<1x4x5x6x2xf32>", "tensor<2x3x3xf32>",
             "tensor<1x3x3x4x2xf32>"),
  };
}

static std::vector<MlirExample> elementwise() {
  return {
      onElements("Arithmetic", "%0 = arith.mulf %a, %b : f32\n"
                               "%1 = arith.subf %0, %a : f32\n"
                               "%2 = arith.negf %1 : f32\n"
                               "%r = arith.divf %2, %b : f32"),
      onElements("Relu", "%c = arith.constant 0.0 : f32\n"
                         "%0 = arith.cmpf ugt, %a, %c : f32\n"
                         "%r = arith.select %0, %a, %c : f32"),
      onElements("Choice", "%0 = arith.cmpf olt, %a, %b : f32\n"
                           "%r = arith.select %0, %a, %b : f32"),
      onElements("Extremes", "%0 = arith.maximumf %a, %b : f32\n"
                             "%1 = arith.minimumf %a, %b : f32\n"
                             "%2 = arith.maxnumf %0, %b : f32\n"
                             "%3 = arith.minnumf %1, %b : f32\n"
                             "%r = arith.subf %2, %3 : f32"),
      onElements("Exponentials", "%0 = math.exp %a : f32\n"
                                 "%1 = math.log %0 : f32\n"
                                 "%2 = math.exp2 %b : f32\n"
                                 "%r = arith.addf %1, %2 : f32"),
      onElements("Roots", "%0 = math.absf %a : f32\n"
                          "%1 = math.sqrt %0 : f32\n"
                          "%2 = math.rsqrt %0 : f32\n"
                          "%r = arith.addf %1, %2 : f32"),
      onElements("Sigmoids", "%0 = math.tanh %a : f32\n"
                             "%1 = math.erf %b : f32\n"
                             "%r = arith.addf %0, %1 : f32"),
      onElements("Rounding",
                 "%0 = math.floor %a : f32\n"
                 "%1 = math.ceil %b : f32\n"
                 "%2 = math.roundeven %a : f32\n"
                 "%3 = math.trunc %b : f32\n"
                 "%4 = math.round %a : f32\n"
                 "%5 = arith.addf %0, %1 : f32\n"
                 "%6 = arith.mulf %2, %3 : f32\n"
                 "%7 = arith.addf %5, %6 : f32\n"
                 "%r = arith.subf %7, %4 : f32",
                 {-9, 9}),
      onElements("Powers", "%0 = math.absf %a : f32\n"
                           "%1 = math.powf %0, %b : f32\n"
                           "%r = math.copysign %1, %a : f32"),
      onElements("Fma", "%r = math.fma %a, %b, %a : f32"),
      onElements("Conversions",
                 "%0 = arith.fptosi %a : f32 to i32\n"
                 "%1 = arith.sitofp %0 : i32 to f32\n"
                 "%r = arith.subf %b, %1 : f32",
                 {-9, 9}),
      onElements("Bits", "%0 = arith.bitcast %a : f32 to i32\n"
                         "%c = arith.constant 2147483647 : i32\n"
                         "%1 = arith.andi %0, %c : i32\n"
                         "%2 = arith.bitcast %1 : i32 to f32\n"
                         "%r = arith.addf %2, %b : f32"),
      onElements("Indices", "%0 = linalg.index 0 : index\n"
                            "%1 = linalg.index 1 : index\n"
                            "%2 = arith.subi %0, %1 : index\n"
                            "%3 = arith.index_cast %2 : index to i32\n"
                            "%4 = arith.sitofp %3 : i32 to f32\n"
                            "%r = arith.mulf %4, %a : f32"),
      {"NamedElementwise",
       R"((%x: tensor<3x5xf32>, %y: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %e = tensor.empty() : tensor<3x5xf32>
  %0 = linalg.add ins(%x, %y : tensor<3x5xf32>, tensor<3x5xf32>) outs(%e : tensor<3x5xf32>) -> tensor<3x5xf32>
  %1 = linalg.exp ins(%0 : tensor<3x5xf32>) outs(%e : tensor<3x5xf32>) -> tensor<3x5xf32>
  %2 = linalg.max ins(%1, %y : tensor<3x5xf32>, tensor<3x5xf32>) outs(%e : tensor<3x5xf32>) -> tensor<3x5xf32>
  %3 = linalg.square ins(%2 : tensor<3x5xf32>) outs(%e : tensor<3x5xf32>) -> tensor<3x5xf32>
  %4 = linalg.negf ins(%3 : tensor<3x5xf32>) outs(%e : tensor<3x5xf32>) -> tensor<3x5xf32>
  %r = linalg.div ins(%4, %1 : tensor<3x5xf32>, tensor<3x5xf32>) outs(%e : tensor<3x5xf32>) -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
})"},
      {"Map", R"((%x: tensor<3x5xf32>, %y: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %e = tensor.empty() : tensor<3x5xf32>
  %r = linalg.map { arith.mulf } ins(%x, %y : tensor<3x5xf32>, tensor<3x5xf32>) outs(%e : tensor<3x5xf32>)
  return %r : tensor<3x5xf32>
})"},
      {"OnWholeTensors",
       R"((%x: tensor<3x5xf32>, %y: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %0 = arith.addf %x, %y : tensor<3x5xf32>
  %1 = math.exp2 %0 : tensor<3x5xf32>
  %2 = arith.cmpf ogt, %1, %y : tensor<3x5xf32>
  %r = arith.select %2, %1, %x : tensor<3x5xi1>, tensor<3x5xf32>
  return %r : tensor<3x5xf32>
})"},
  };
}

static std::vector<MlirExample> loops() {
  return {
      {"ReduceNamed",
       R"((%x: tensor<3x4x5xf32>, %i: tensor<4xf32>) -> tensor<4xf32> {
  %r = linalg.reduce { arith.mulf } ins(%x : tensor<3x4x5xf32>) outs(%i : tensor<4xf32>) dimensions = [0, 2]
  return %r : tensor<4xf32>
})"},
      {"ReduceInAnyOrder",
       R"((%x: tensor<3x4x5xf32>, %i: tensor<5x3xf32>) -> tensor<5x3xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (k, i)>],
      iterator_types = ["parallel", "reduction", "parallel"]} ins(%x : tensor<3x4x5xf32>) outs(%i : tensor<5x3xf32>) {
  ^bb0(%a: f32, %s: f32):
    %0 = arith.minimumf %a, %s : f32
    linalg.yield %0 : f32
  } -> tensor<5x3xf32>
  return %r : tensor<5x3xf32>
})"},
      {"SumOfSquares",
       R"((%x: tensor<3x17xf32>, %i: tensor<3xf32>) -> tensor<3xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>],
      iterator_types = ["parallel", "reduction"]} ins(%x : tensor<3x17xf32>) outs(%i : tensor<3xf32>) {
  ^bb0(%a: f32, %s: f32):
    %0 = arith.mulf %a, %a : f32
    %1 = arith.addf %0, %s : f32
    linalg.yield %1 : f32
  } -> tensor<3xf32>
  return %r : tensor<3xf32>
})"},
      {"ArgMax", R"((%x: tensor<3x7xf32>) -> (tensor<3xf32>, tensor<3xi32>) {
  %low = arith.constant dense<-1.0e30> : tensor<3xf32>
  %none = arith.constant dense<0> : tensor<3xi32>
  %r:2 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i)>,
      affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<3x7xf32>) outs(%low, %none : tensor<3xf32>, tensor<3xi32>) {
  ^bb0(%a: f32, %best: f32, %at: i32):
    %0 = linalg.index 1 : index
    %1 = arith.index_cast %0 : index to i32
    %2 = arith.cmpf ogt, %a, %best : f32
    %3 = arith.select %2, %a, %best : f32
    %4 = arith.select %2, %1, %at : i32
    linalg.yield %3, %4 : f32, i32
  } -> (tensor<3xf32>, tensor<3xi32>)
  return %r#0, %r#1 : tensor<3xf32>, tensor<3xi32>
})"},
      {"Gather",
       R"((%x: tensor<6x4xf32>, %n: tensor<5xi64>) -> tensor<5x4xf32> {
  %e = tensor.empty() : tensor<5x4xf32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]} ins(%n : tensor<5xi64>) outs(%e : tensor<5x4xf32>) {
  ^bb0(%a: i64, %out: f32):
    %0 = arith.index_cast %a : i64 to index
    %1 = linalg.index 1 : index
    %2 = tensor.extract %x[%0, %1] : tensor<6x4xf32>
    linalg.yield %2 : f32
  } -> tensor<5x4xf32>
  return %r : tensor<5x4xf32>
})",
       {0, 6}},
      {"Softmax", R"((%x: tensor<3x7xf32>) -> tensor<3x7xf32> {
  %e = tensor.empty() : tensor<3xf32>
  %f = tensor.empty() : tensor<3x7xf32>
  %low = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %l = linalg.fill ins(%low : f32) outs(%e : tensor<3xf32>) -> tensor<3xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3xf32>) -> tensor<3xf32>
  %m = linalg.reduce { arith.maximumf } ins(%x : tensor<3x7xf32>) outs(%l : tensor<3xf32>) dimensions = [1]
  %b = linalg.broadcast ins(%m : tensor<3xf32>) outs(%f : tensor<3x7xf32>) dimensions = [1]
  %d = linalg.sub ins(%x, %b : tensor<3x7xf32>, tensor<3x7xf32>) outs(%f : tensor<3x7xf32>) -> tensor<3x7xf32>
  %p = linalg.exp ins(%d : tensor<3x7xf32>) outs(%f : tensor<3x7xf32>) -> tensor<3x7xf32>
  %s = linalg.reduce { arith.addf } ins(%p : tensor<3x7xf32>) outs(%z : tensor<3xf32>) dimensions = [1]
  %q = linalg.broadcast ins(%s : tensor<3xf32>) outs(%f : tensor<3x7xf32>) dimensions = [1]
  %r = linalg.div ins(%p, %q : tensor<3x7xf32>, tensor<3x7xf32>) outs(%f : tensor<3x7xf32>) -> tensor<3x7xf32>
  return %r : tensor<3x7xf32>
})"},
      {"AddToInit",
       R"((%x: tensor<3x5xf32>, %i: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]} ins(%x : tensor<3x5xf32>) outs(%i : tensor<3x5xf32>) {
  ^bb0(%a: f32, %s: f32):
    %0 = arith.addf %a, %s : f32
    linalg.yield %0 : f32
  } -> tensor<3x5xf32>
  return %r : tensor<3x5xf32>
})"},
  };
}

static std::vector<MlirExample> tensors() {
  return {
      {"Views", R"((%x: tensor<2x6xf32>) -> tensor<6x2xf32> {
  %0 = tensor.collapse_shape %x [[0, 1]] : tensor<2x6xf32> into tensor<12xf32>
  %r = tensor.expand_shape %0 [[0, 1]] output_shape [6, 2] : tensor<12xf32> into tensor<6x2xf32>
  return %r : tensor<6x2xf32>
})"},
      {"Slices",
       R"((%x: tensor<4x6xf32>, %y: tensor<1x3xf32>) -> (tensor<3xf32>, tensor<4x6xf32>, tensor<4x6xf32>) {
  %a = tensor.extract_slice %x[1, 0] [1, 3] [1, 2] : tensor<4x6xf32> to tensor<3xf32>
  %b = tensor.insert_slice %y into %x[1, 2] [1, 3] [1, 1] : tensor<1x3xf32> into tensor<4x6xf32>
  %c = tensor.insert_slice %a into %x[3, 1] [1, 3] [1, 2] : tensor<3xf32> into tensor<4x6xf32>
  return %a, %b, %c : tensor<3xf32>, tensor<4x6xf32>, tensor<4x6xf32>
})"},
      {"ComputedOffsets",
       R"((%x: tensor<6x4xf32>, %n: tensor<2xi64>) -> (tensor<3x4xf32>, tensor<6x4xf32>, tensor<f32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0 = tensor.extract %n[%c0] : tensor<2xi64>
  %1 = arith.index_cast %0 : i64 to index
  %2 = tensor.extract %n[%c1] : tensor<2xi64>
  %3 = arith.index_cast %2 : i64 to index
  %4 = arith.subi %3, %1 : index
  %5 = arith.muli %4, %4 : index
  %6 = arith.minui %5, %c1 : index
  %a = tensor.extract_slice %x[%1, 0] [3, 4] [1, 1] : tensor<6x4xf32> to tensor<3x4xf32>
  %b = tensor.insert_slice %a into %x[%3, 0] [3, 4] [1, 1] : tensor<3x4xf32> into tensor<6x4xf32>
  %7 = tensor.extract %x[%1, %6] : tensor<6x4xf32>
  %c = tensor.from_elements %7 : tensor<f32>
  return %a, %b, %c : tensor<3x4xf32>, tensor<6x4xf32>, tensor<f32>
})",
       {0, 3}},
      {"Pads", R"((%x: tensor<2x3xf32>) -> (tensor<4x6xf32>, tensor<4x6xf32>) {
  %c = arith.constant 1.5 : f32
  %a = tensor.pad %x low[1, 2] high[1, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %c : f32
  } : tensor<2x3xf32> to tensor<4x6xf32>
  %b = tensor.pad %x low[0, 1] high[2, 2] {
  ^bb0(%i: index, %j: index):
    %0 = arith.muli %i, %j : index
    %1 = arith.index_cast %0 : index to i32
    %2 = arith.sitofp %1 : i32 to f32
    tensor.yield %2 : f32
  } : tensor<2x3xf32> to tensor<4x6xf32>
  return %a, %b : tensor<4x6xf32>, tensor<4x6xf32>
})"},
      {"Makes",
       R"((%x: tensor<2x3xf32>) -> (tensor<3x4xf32>, tensor<2x2xf32>, tensor<5xf32>, tensor<2x6xf32>) {
  %c1 = arith.constant 1 : index
  %c0 = arith.constant 0 : index
  %e = tensor.extract %x[%c1, %c0] : tensor<2x3xf32>
  %k = arith.constant 0.5 : f32
  %a = tensor.generate {
  ^bb0(%i: index, %j: index):
    %0 = arith.addi %i, %j : index
    %1 = arith.index_cast %0 : index to i32
    %2 = arith.sitofp %1 : i32 to f32
    %3 = arith.mulf %2, %e : f32
    tensor.yield %3 : f32
  } : tensor<3x4xf32>
  %b = tensor.from_elements %e, %k, %k, %e : tensor<2x2xf32>
  %c = tensor.splat %e : tensor<5xf32>
  %d = tensor.concat dim(1) %x, %x : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x6xf32>
  return %a, %b, %c, %d : tensor<3x4xf32>, tensor<2x2xf32>, tensor<5xf32>, tensor<2x6xf32>
})"},
      {"Insert",
       R"((%x: tensor<2x3xf32>, %n: tensor<2xi64>) -> tensor<2x3xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0 = tensor.extract %n[%c0] : tensor<2xi64>
  %1 = arith.index_cast %0 : i64 to index
  %e = tensor.extract %x[%c1, %c0] : tensor<2x3xf32>
  %r = tensor.insert %e into %x[%1, %c1] : tensor<2x3xf32>
  return %r : tensor<2x3xf32>
})",
       {0, 2}},
      {"Moves",
       R"((%x: tensor<2x3xf32>) -> (tensor<3x2xf32>, tensor<2x4x3xf32>, tensor<2x3xf32>) {
  %e = tensor.empty() : tensor<3x2xf32>
  %f = tensor.empty() : tensor<2x4x3xf32>
  %g = tensor.empty() : tensor<2x3xf32>
  %a = linalg.transpose ins(%x : tensor<2x3xf32>) outs(%e : tensor<3x2xf32>) permutation = [1, 0]
  %b = linalg.broadcast ins(%x : tensor<2x3xf32>) outs(%f : tensor<2x4x3xf32>) dimensions = [1]
  %c = linalg.copy ins(%x : tensor<2x3xf32>) outs(%g : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %a, %b, %c : tensor<3x2xf32>, tensor<2x4x3xf32>, tensor<2x3xf32>
})"},
  };
}

std::vector<MlirExample> edgec::test::linalgExamples() {
  std::vector<MlirExample> all;
  for (auto family : {contractions, windows, elementwise, loops, tensors}) {
    std::vector<MlirExample> examples = family();
    all.insert(all.end(), examples.begin(), examples.end());
  }
  return all;
}

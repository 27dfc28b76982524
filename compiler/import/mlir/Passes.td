//===- Passes.td - the import stage -----------------------*- tablegen -*-===//
//
// What happens to a model that comes as MLIR before it is an edge graph.
//
//===----------------------------------------------------------------------===//
#ifndef EDGEC_COMPILER_IMPORT_MLIR_PASSES
#define EDGEC_COMPILER_IMPORT_MLIR_PASSES

include "mlir/Pass/PassBase.td"

def ConvertTosa : Pass<"edge-convert-tosa", "::mlir::func::FuncOp"> {
  let summary = "TOSA 1.0 to edge";
  let description = [{
    Replaces each TOSA operator by edge operators of the same meaning. TOSA is
    NHWC like edge, so convolutions and pools need no transposes; a depthwise
    filter [KH, KW, C, M] becomes [C * M, KH, KW, 1]. Shape operands must be
    `tosa.const_shape`; zero points of float operators are zero and vanish.

    Needs: one block of TOSA and edge operators on static float tensors.
    Leaves: edge operators and `func.return`; or one error for each operator that
    has no counterpart, and the function as it was.

    Example:
    ```mlir
    %r = tosa.clamp %x {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<1x8xf32>) -> tensor<1x8xf32>
    ```
    becomes
    ```mlir
    %r = edge.clamp %x {min = 0.0 : f32, max = 6.0 : f32} : (tensor<1x8xf32>) -> tensor<1x8xf32>
    ```
  }];
  let dependentDialects = ["::edgec::edge::EdgeDialect"];
  let statistics = [
    Statistic<"numConverted", "converted", "TOSA operators replaced">
  ];
}

def ConvertStructured : Pass<"edge-convert-linalg", "::mlir::func::FuncOp"> {
  let summary = "linalg on tensors, tensor, arith and math to edge";
  let description = [{
    What has an operator becomes that operator, whatever its name in linalg: sums of products are matrix products or,
    with a window, convolutions; sliding sums and maxima are pools; reductions and elementwise computations likewise.
    Everything else becomes `edge.generic`, which holds the same scalar computation. Scalars between tensors become
    tensors without dimensions, indices 64-bit integers.

    Needs: one block of operations on static tensors and scalars.
    Leaves: edge operators where those operations were; or an error at each that has no counterpart.

    Example:
    ```mlir
    %r = linalg.matmul ins(%a, %b : tensor<4x8xf32>, tensor<8x3xf32>) outs(%zero : tensor<4x3xf32>) -> tensor<4x3xf32>
    ```
    becomes
    ```mlir
    %r = edge.matmul %a, %b : (tensor<4x8xf32>, tensor<8x3xf32>) -> tensor<4x3xf32>
    ```
  }];
  let dependentDialects = ["::edgec::edge::EdgeDialect", "::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numConverted", "converted", "operations replaced">
  ];
}

#endif

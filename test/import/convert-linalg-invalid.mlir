// What has no counterpart is refused where it stands.
// RUN: edge-opt %s -split-input-file -edge-convert-linalg -verify-diagnostics

func.func @region_operation(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{linalg.generic: its region holds 'math.cbrt' on 'f32', which no kernel computes; write it with other operations of arith and math on f32 and integers}}
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%x : tensor<4xf32>) outs(%x : tensor<4xf32>) {
  ^bb0(%a: f32, %b: f32):
    %0 = math.cbrt %a : f32
    linalg.yield %0 : f32
  } -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

func.func @captured_scalar(%x: tensor<4xf32>, %s: f32) -> tensor<4xf32> {
  // expected-error @below {{linalg.fill: its operand of type 'f32' is not computed by an operation that is supported}}
  %r = linalg.fill ins(%s : f32) outs(%x : tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

func.func @pad(%x: tensor<4xf32>, %n: index) -> tensor<?xf32> {
  %zero = arith.constant 0.0 : f32
  // expected-error @below {{its result 'tensor<?xf32>' has no static shape; write the model for inputs of static shape}}
  %r = tensor.pad %x low[0] high[%n] {
  ^bb0(%i: index):
    tensor.yield %zero : f32
  } : tensor<4xf32> to tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

func.func @computed_size(%x: tensor<8xf32>, %n: tensor<1xi64>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %0 = tensor.extract %n[%c0] : tensor<1xi64>
  %1 = arith.index_cast %0 : i64 to index
  // expected-error @below {{tensor.extract_slice: its sizes or strides are not constants; only offsets may be computed}}
  %r = tensor.extract_slice %x[0] [4] [%1] : tensor<8xf32> to tensor<4xf32>
  return %r : tensor<4xf32>
}

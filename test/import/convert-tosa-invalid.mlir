// Every operator without a counterpart is reported, each at its place.
// RUN: edge-opt %s -edge-convert-tosa -split-input-file -verify-diagnostics

func.func @unsupported(%x: tensor<2x4xf32>, %i: tensor<2x4xi32>) -> tensor<2x4xf32> {
  // expected-error @+1 {{'tosa.custom' is not supported yet; write it with supported operators}}
  %0 = tosa.custom %x {domain_name = "d", implementation_attrs = "", operator_name = "a"} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  // expected-error @+1 {{'tosa.custom' is not supported yet}}
  %1 = tosa.custom %0 {domain_name = "d", implementation_attrs = "", operator_name = "b"} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %2 = arith.addf %1, %1 : tensor<2x4xf32>
  return %2 : tensor<2x4xf32>
}

// -----

// expected-error @+1 {{argument 0 is 'tensor<?x4xf32>'; give it a static shape in the file}}
func.func @dynamic(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // expected-error @+1 {{has no static shape; run tosa-infer-shapes}}
  %0 = tosa.abs %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// -----

func.func @rescale(%x: tensor<2x4xi8>, %m: tensor<1xi32>, %s: tensor<1xi8>, %a: tensor<1xi8>, %b: tensor<1xi8>) -> tensor<2x4xi8> {
  // expected-error @+1 {{make its multiplier, shift and zero points constants}}
  %0 = tosa.rescale %x, %m, %s, %a, %b {input_unsigned = false, output_unsigned = false, per_channel = false, rounding_mode = SINGLE_ROUND, scale32 = true} : (tensor<2x4xi8>, tensor<1xi32>, tensor<1xi8>, tensor<1xi8>, tensor<1xi8>) -> tensor<2x4xi8>
  return %0 : tensor<2x4xi8>
}

// -----

// expected-error @+1 {{a model is one function of one block}}
func.func @blocks(%x: tensor<2xf32>) -> tensor<2xf32> {
  cf.br ^next
^next:
  return %x : tensor<2xf32>
}

// Each labelled error of the place dialect.
// RUN: edge-opt %s -split-input-file -verify-diagnostics

module attributes {place.devices = [#place.device<kind = "npu", name = "npu">]} {
  func.func @arguments(%x: tensor<4xi8>) -> tensor<4xi8> {
    // expected-error @+1 {{C1: block arguments must match the operands}}
    %r = place.region 0 (%x) : (tensor<4xi8>) -> tensor<4xi8> {
    ^bb0(%a: tensor<5xi8>):
      %0 = edge.constant {value = dense<1> : tensor<4xi8>} : tensor<4xi8>
      place.yield %0 : tensor<4xi8>
    }
    return %r : tensor<4xi8>
  }
}

// -----

module attributes {place.devices = [#place.device<kind = "npu", name = "npu">]} {
  func.func @results(%x: tensor<4xi8>) -> tensor<5xi8> {
    // expected-error @+1 {{C2: yielded values must match the results}}
    %r = place.region 0 (%x) : (tensor<4xi8>) -> tensor<5xi8> {
    ^bb0(%a: tensor<4xi8>):
      place.yield %a : tensor<4xi8>
    }
    return %r : tensor<5xi8>
  }
}

// -----

module attributes {place.devices = [#place.device<kind = "npu", name = "npu">]} {
  func.func @device(%x: tensor<4xi8>) -> tensor<4xi8> {
    // expected-error @+1 {{C3: the module has no device 1}}
    %r = place.region 1 (%x) : (tensor<4xi8>) -> tensor<4xi8> {
    ^bb0(%a: tensor<4xi8>):
      place.yield %a : tensor<4xi8>
    }
    return %r : tensor<4xi8>
  }
}

// -----

module attributes {place.devices = [#place.device<kind = "npu", name = "npu">]} {
  func.func @body(%x: tensor<4xi8>) -> tensor<4xi8> {
    %r = place.region 0 (%x) : (tensor<4xi8>) -> tensor<4xi8> {
    ^bb0(%a: tensor<4xi8>):
      // expected-error @+1 {{C4: cannot stand in a place.region}}
      %0 = edge.add %a, %a : (tensor<4xi8>, tensor<4xi8>) -> tensor<4xi8>
      place.yield %0 : tensor<4xi8>
    }
    return %r : tensor<4xi8>
  }
}

// RUN: edge-opt %s -split-input-file -verify-diagnostics

// Each constraint of the operators that decide what runs, by its label.

func.func @if_no_function(%c: tensor<i1>) -> tensor<4xf32> {
  // expected-error @+1 {{C1: @nowhere is no function}}
  %r = edge.if %c then @nowhere() else @nowhere() : (tensor<i1>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

func.func @if_other_type(%c: tensor<i1>) -> tensor<4xf32> {
  // expected-error @+1 {{C1: @branch is of type}}
  %r = edge.if %c then @branch() else @branch() : (tensor<i1>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
func.func private @branch() -> tensor<2xf32> {
  %zero = edge.constant {value = dense<0.0> : tensor<2xf32>} : tensor<2xf32>
  return %zero : tensor<2xf32>
}

// -----

func.func @if_condition(%c: tensor<2xi1>) {
  // expected-error @+1 {{C2: the condition must be one i1}}
  edge.if %c then @branch() else @branch() : (tensor<2xi1>) -> ()
  return
}
func.func private @branch() {
  return
}

// -----

func.func @if_cycle(%c: tensor<i1>) {
  edge.if %c then @first() else @first() : (tensor<i1>) -> ()
  return
}
func.func private @first() {
  %c = edge.constant {value = dense<true> : tensor<i1>} : tensor<i1>
  edge.if %c then @second() else @second() : (tensor<i1>) -> ()
  return
}
func.func private @second() {
  %c = edge.constant {value = dense<true> : tensor<i1>} : tensor<i1>
  // expected-error @+1 {{C3: @first leads back to the function around the operator}}
  edge.if %c then @first() else @first() : (tensor<i1>) -> ()
  return
}

// -----

func.func @loop_state_changes(%s: tensor<2xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{C1: the states' types change}}
  %r = edge.loop @body(%s) slices() captures() {trips = 3 : i64} : (tensor<2xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
func.func private @body(%i: tensor<i64>, %s: tensor<2xf32>) -> tensor<2xf32> {
  return %s : tensor<2xf32>
}

// -----

func.func @loop_fewer_results(%s: tensor<2xf32>) {
  // expected-error @+1 {{C1: there are fewer results than states}}
  edge.loop @body(%s) slices() captures() {trips = 3 : i64} : (tensor<2xf32>) -> ()
  return
}

// -----

func.func @loop_count(%n: tensor<i32>) {
  // expected-error @+1 {{C2: the count must be one i64}}
  edge.loop @body count %n () slices() captures() : (tensor<i32>) -> ()
  return
}

// -----

func.func @loop_condition(%n: tensor<i32>) {
  // expected-error @+1 {{C2: the condition must be one i1}}
  edge.loop @body while %n () slices() captures() : (tensor<i32>) -> ()
  return
}

// -----

func.func @loop_cycle(%s: tensor<2xf32>) {
  edge.loop @body() slices() captures() {trips = 3 : i64} : () -> ()
  return
}
func.func private @body(%i: tensor<i64>) {
  // expected-error @+1 {{C3: @body leads back to the function around the operator}}
  edge.loop @body() slices() captures() {trips = 3 : i64} : () -> ()
  return
}

// -----

func.func @loop_without_trips(%x: tensor<3x2xf32>) {
  // expected-error @+1 {{C4: sliced operands and stacked results need 'trips'}}
  edge.loop @body() slices(%x) captures() : (tensor<3x2xf32>) -> ()
  return
}

// -----

func.func @loop_other_trips(%x: tensor<3x2xf32>) {
  // expected-error @+1 {{C4: sliced operands and stacked results need 'trips'}}
  edge.loop @body() slices(%x) captures() {trips = 4 : i64} : (tensor<3x2xf32>) -> ()
  return
}

// -----

func.func @loop_negative_trips() {
  // expected-error @+1 {{C4: trips must not be negative}}
  edge.loop @body() slices() captures() {trips = -1 : i64} : () -> ()
  return
}

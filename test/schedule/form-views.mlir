// Producers write into their places in a joined buffer, readers read parts of
// one; what has a place already, or is seen from outside, is copied.
// RUN: edge-opt %s -edge-form-kernels -edge-form-views -edge-assign-layouts | FileCheck %s

// CHECK-LABEL: func @channels
// CHECK: %[[A:.*]] = schedule.kernel "conv2d_1x1"{{.*}}layouts = [#schedule.memory<shape = [1, 8, 8, 12], offsets = [0, 0, 0, 0], halo = [0, 0, 0, 0] + [0, 0, 0, 0]>]
// CHECK: %[[B:.*]] = schedule.kernel "relu"{{.*}}layouts = [#schedule.memory<shape = [1, 8, 8, 12], offsets = [0, 0, 0, 8], halo = [0, 0, 0, 0] + [0, 0, 0, 0]>]
// CHECK: %[[C:.*]] = edge.concat %[[A]], %[[B]] {axis = 3 : i64}
// CHECK: schedule.kernel "conv2d_1x1"(%[[C]],
func.func @channels(%x: tensor<1x8x8x4xf32>, %f: tensor<8x1x1x4xf32>, %g: tensor<2x1x1x12xf32>) -> tensor<1x8x8x2xf32> {
  %a = edge.conv2d %x, %f : (tensor<1x8x8x4xf32>, tensor<8x1x1x4xf32>) -> tensor<1x8x8x8xf32>
  %b = edge.relu %x : (tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  %c = edge.concat %a, %b {axis = 3 : i64} : (tensor<1x8x8x8xf32>, tensor<1x8x8x4xf32>) -> tensor<1x8x8x12xf32>
  %r = edge.conv2d %c, %g : (tensor<1x8x8x12xf32>, tensor<2x1x1x12xf32>) -> tensor<1x8x8x2xf32>
  return %r : tensor<1x8x8x2xf32>
}

// Each part writes its share of the halo that the joined value's reader wants;
// one of them has a padded reader of its own.
// CHECK-LABEL: func @halo
// CHECK: schedule.kernel "relu"{{.*}}layouts = [#schedule.memory<shape = [1, 10, 10, 8], offsets = [0, 1, 1, 0], halo = [0, 1, 1, 0] + [0, 1, 1, 0]>]
// CHECK: schedule.kernel "depthwise{{.*}}layouts = [#schedule.memory<shape = [1, 10, 10, 8], offsets = [0, 1, 1, 4], halo = [0, 1, 1, 0] + [0, 1, 1, 0]>]
// CHECK: edge.concat
// CHECK-NOT: "copy"
func.func @halo(%x: tensor<1x8x8x4xf32>, %d: tensor<4x3x3x1xf32>, %f: tensor<2x3x3x8xf32>) -> tensor<1x8x8x2xf32> {
  %a = edge.relu %x : (tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  %b = edge.conv2d %a, %d {groups = 4 : i64, pads = array<i64: 1, 1, 1, 1>} : (tensor<1x8x8x4xf32>, tensor<4x3x3x1xf32>) -> tensor<1x8x8x4xf32>
  %c = edge.concat %a, %b {axis = 3 : i64} : (tensor<1x8x8x4xf32>, tensor<1x8x8x4xf32>) -> tensor<1x8x8x8xf32>
  %r = edge.conv2d %c, %f {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x8x8x8xf32>, tensor<2x3x3x8xf32>) -> tensor<1x8x8x2xf32>
  return %r : tensor<1x8x8x2xf32>
}

// Rows beside rows: only the outer ones have a halo above and below.
// CHECK-LABEL: func @rows
// CHECK: schedule.kernel "relu"{{.*}}layouts = [#schedule.memory<shape = [1, 10, 6, 4], offsets = [0, 1, 1, 0], halo = [0, 1, 1, 0] + [0, 0, 1, 0]>]
// CHECK: schedule.kernel "abs"{{.*}}layouts = [#schedule.memory<shape = [1, 10, 6, 4], offsets = [0, 5, 1, 0], halo = [0, 0, 1, 0] + [0, 1, 1, 0]>]
func.func @rows(%x: tensor<1x4x4x4xf32>, %f: tensor<2x3x3x4xf32>) -> tensor<1x8x4x2xf32> {
  %a = edge.relu %x : (tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %b = edge.abs %x : (tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %c = edge.concat %a, %b {axis = 1 : i64} : (tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>) -> tensor<1x8x4x4xf32>
  %r = edge.conv2d %c, %f {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x8x4x4xf32>, tensor<2x3x3x4xf32>) -> tensor<1x8x4x2xf32>
  return %r : tensor<1x8x4x2xf32>
}

// Each concatenation holds the one before: one growing buffer.
// CHECK-LABEL: func @growing
// CHECK: schedule.kernel "relu"{{.*}}shape = [1, 4, 4, 12], offsets = [0, 0, 0, 0], halo
// CHECK: schedule.kernel "abs"{{.*}}shape = [1, 4, 4, 12], offsets = [0, 0, 0, 4], halo
// CHECK: %[[AB:.*]] = edge.concat
// CHECK: schedule.kernel "reduce_mean"(%[[AB]])
// CHECK: schedule.kernel "exp"{{.*}}shape = [1, 4, 4, 12], offsets = [0, 0, 0, 8], halo
// CHECK: edge.concat
// CHECK: edge.concat
func.func @growing(%x: tensor<1x4x4x4xf32>) -> (tensor<1x1x1x8xf32>, tensor<1x1x1x12xf32>) {
  %a = edge.relu %x : (tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %b = edge.abs %x : (tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %ab = edge.concat %a, %b {axis = 3 : i64} : (tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>) -> tensor<1x4x4x8xf32>
  %m = edge.reduce_mean %ab {axes = array<i64: 1, 2>, keep_dims = true} : (tensor<1x4x4x8xf32>) -> tensor<1x1x1x8xf32>
  %c = edge.exp %x : (tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %ab2 = edge.concat %a, %b {axis = 3 : i64} : (tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>) -> tensor<1x4x4x8xf32>
  %abc = edge.concat %ab2, %c {axis = 3 : i64} : (tensor<1x4x4x8xf32>, tensor<1x4x4x4xf32>) -> tensor<1x4x4x12xf32>
  %n = edge.reduce_mean %abc {axes = array<i64: 1, 2>, keep_dims = true} : (tensor<1x4x4x12xf32>) -> tensor<1x1x1x12xf32>
  return %m, %n : tensor<1x1x1x8xf32>, tensor<1x1x1x12xf32>
}

// The argument and the second time of %a are copied, neighbours by one kernel.
// CHECK-LABEL: func @copies
// CHECK-SAME: %[[X:[^:]*]]: tensor<1x8x8x4xf32>
// CHECK: %[[A:.*]] = schedule.kernel "relu"(%[[X]]) {layouts = [#schedule.memory<shape = [1, 8, 8, 12], offsets = [0, 0, 0, 0], halo
// CHECK: %[[COPIES:.*]] = schedule.kernel "concat"(%[[A]], %[[X]]) {layouts = [#schedule.memory<shape = [1, 8, 8, 12], offsets = [0, 0, 0, 4], halo
// CHECK: edge.concat %[[A]], %[[COPIES]]
func.func @copies(%x: tensor<1x8x8x4xf32>) -> tensor<1x1x1x12xf32> {
  %a = edge.relu %x : (tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  %c = edge.concat %a, %a, %x {axis = 3 : i64} : (tensor<1x8x8x4xf32>, tensor<1x8x8x4xf32>, tensor<1x8x8x4xf32>) -> tensor<1x8x8x12xf32>
  %r = edge.reduce_mean %c {axes = array<i64: 1, 2>, keep_dims = true} : (tensor<1x8x8x12xf32>) -> tensor<1x1x1x12xf32>
  return %r : tensor<1x1x1x12xf32>
}

// The parts of a result are written into it; one that is a result itself is
// copied.
// CHECK-LABEL: func @results
// CHECK: %[[A:.*]] = schedule.kernel "relu"{{.*}}layouts = [#schedule.memory<shape = [1, 4, 4, 4], offsets = [0, 0, 0, 0]>]
// CHECK: schedule.kernel "abs"{{.*}}shape = [1, 4, 4, 8], offsets = [0, 0, 0, 0], halo
// CHECK: schedule.kernel "copy"(%[[A]]){{.*}}shape = [1, 4, 4, 8], offsets = [0, 0, 0, 4], halo
// CHECK: %[[C:.*]] = edge.concat
// CHECK: return %[[A]], %[[C]]
func.func @results(%x: tensor<1x4x4x4xf32>) -> (tensor<1x4x4x4xf32>, tensor<1x4x4x8xf32>) {
  %a = edge.relu %x : (tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %b = edge.abs %x : (tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %c = edge.concat %b, %a {axis = 3 : i64} : (tensor<1x4x4x4xf32>, tensor<1x4x4x4xf32>) -> tensor<1x4x4x8xf32>
  return %a, %c : tensor<1x4x4x4xf32>, tensor<1x4x4x8xf32>
}

// Reshaped parts are runs of elements.
// CHECK-LABEL: func @reshaped
// CHECK: schedule.kernel "relu"{{.*}}layouts = [#schedule.memory<shape = [1, 4, 4, 6], offsets = [0, 0, 0, 0], allocated = 120>]
// CHECK: schedule.kernel "abs"{{.*}}layouts = [#schedule.memory<shape = [1, 2, 2, 6], offsets = [0, 0, 0, 0], base = 96, allocated = 120>]
// CHECK: %[[C:.*]] = edge.concat
// CHECK: return %[[C]]
func.func @reshaped(%x: tensor<1x4x4x6xf32>, %y: tensor<1x2x2x6xf32>) -> tensor<1x40x3xf32> {
  %a = edge.relu %x : (tensor<1x4x4x6xf32>) -> tensor<1x4x4x6xf32>
  %b = edge.abs %y : (tensor<1x2x2x6xf32>) -> tensor<1x2x2x6xf32>
  %c = edge.reshape %a : (tensor<1x4x4x6xf32>) -> tensor<1x32x3xf32>
  %d = edge.reshape %b : (tensor<1x2x2x6xf32>) -> tensor<1x8x3xf32>
  %r = edge.concat %c, %d {axis = 1 : i64} : (tensor<1x32x3xf32>, tensor<1x8x3xf32>) -> tensor<1x40x3xf32>
  return %r : tensor<1x40x3xf32>
}

// Halves are read where they lie, an argument's too.
// CHECK-LABEL: func @slices
// CHECK: %[[A:.*]] = schedule.kernel "relu"
// CHECK: %[[HALF:.*]] = edge.slice %[[A]]
// CHECK: schedule.kernel "abs"(%[[HALF]])
// CHECK: edge.slice
// CHECK-NOT: schedule.kernel "slice"
func.func @slices(%x: tensor<1x4x4x8xf32>) -> (tensor<1x4x4x4xf32>, tensor<1x2x4x8xf32>) {
  %a = edge.relu %x : (tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32>
  %s = edge.slice %a {offsets = array<i64: 0, 0, 0, 4>, sizes = array<i64: 1, 4, 4, 4>, strides = array<i64: 1, 1, 1, 1>} : (tensor<1x4x4x8xf32>) -> tensor<1x4x4x4xf32>
  %r = edge.abs %s : (tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %t = edge.slice %x {offsets = array<i64: 0, 2, 0, 0>, sizes = array<i64: 1, 2, 4, 8>, strides = array<i64: 1, 1, 1, 1>} : (tensor<1x4x4x8xf32>) -> tensor<1x2x4x8xf32>
  %q = edge.exp %t : (tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32>
  return %r, %q : tensor<1x4x4x4xf32>, tensor<1x2x4x8xf32>
}

// A padded reader of some of the rows would find others around them: its slice
// is a kernel, which writes zeros. One of channels finds the halo of all.
// CHECK-LABEL: func @padded_slices
// CHECK: schedule.kernel "relu"{{.*}}layouts = [#schedule.memory<shape = [1, 8, 6, 4], offsets = [0, 0, 0, 0]>]
// CHECK: schedule.kernel "slice"{{.*}}shape = [1, 6, 8, 4], offsets = [0, 1, 1, 0]
// CHECK: schedule.kernel "abs"{{.*}}shape = [1, 10, 8, 4], offsets = [0, 1, 1, 0]
// CHECK: edge.slice
// CHECK-NOT: schedule.kernel "slice"
func.func @padded_slices(%x: tensor<1x8x6x4xf32>, %f: tensor<2x3x3x4xf32>, %g: tensor<2x3x3x2xf32>) -> (tensor<1x4x6x2xf32>, tensor<1x8x6x2xf32>) {
  %a = edge.relu %x : (tensor<1x8x6x4xf32>) -> tensor<1x8x6x4xf32>
  %s = edge.slice %a {offsets = array<i64: 0, 2, 0, 0>, sizes = array<i64: 1, 4, 6, 4>, strides = array<i64: 1, 1, 1, 1>} : (tensor<1x8x6x4xf32>) -> tensor<1x4x6x4xf32>
  %r = edge.conv2d %s, %f {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x4x6x4xf32>, tensor<2x3x3x4xf32>) -> tensor<1x4x6x2xf32>
  %b = edge.abs %x : (tensor<1x8x6x4xf32>) -> tensor<1x8x6x4xf32>
  %t = edge.slice %b {offsets = array<i64: 0, 0, 0, 1>, sizes = array<i64: 1, 8, 6, 2>, strides = array<i64: 1, 1, 1, 1>} : (tensor<1x8x6x4xf32>) -> tensor<1x8x6x2xf32>
  %q = edge.conv2d %t, %g {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x8x6x2xf32>, tensor<2x3x3x2xf32>) -> tensor<1x8x6x2xf32>
  return %r, %q : tensor<1x4x6x2xf32>, tensor<1x8x6x2xf32>
}

// A slice at the end of a concatenation may reach beyond it.
// CHECK-LABEL: func @reaching_beyond
// CHECK: schedule.kernel "relu"{{.*}}shape = [1, 4, 4, 10], offsets = [0, 0, 0, 2], halo
// CHECK: schedule.kernel "abs"{{.*}}shape = [1, 4, 4, 10], offsets = [0, 0, 0, 0], halo
func.func @reaching_beyond(%x: tensor<1x4x4x8xf32>, %y: tensor<1x4x4x2xf32>) -> tensor<1x1x1x6xf32> {
  %a = edge.relu %x : (tensor<1x4x4x8xf32>) -> tensor<1x4x4x8xf32>
  %s = edge.slice %a {offsets = array<i64: 0, 0, 0, 0>, sizes = array<i64: 1, 4, 4, 4>, strides = array<i64: 1, 1, 1, 1>} : (tensor<1x4x4x8xf32>) -> tensor<1x4x4x4xf32>
  %b = edge.abs %y : (tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  %c = edge.concat %b, %s {axis = 3 : i64} : (tensor<1x4x4x2xf32>, tensor<1x4x4x4xf32>) -> tensor<1x4x4x6xf32>
  %r = edge.reduce_mean %c {axes = array<i64: 1, 2>, keep_dims = true} : (tensor<1x4x4x6xf32>) -> tensor<1x1x1x6xf32>
  return %r : tensor<1x1x1x6xf32>
}

// What works on dense tensors only keeps them.
// CHECK-LABEL: func @dense_only
// CHECK: %[[T:.*]] = schedule.kernel "cumulate"{{.*}}layouts = [#schedule.memory<shape = [4, 4], offsets = [0, 0]>]
// CHECK: schedule.kernel "copy"(%[[T]])
// CHECK: edge.concat
func.func @dense_only(%x: tensor<4x4xf32>) -> tensor<4x8xf32> {
  %a = edge.relu %x : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %t = edge.cumulate sum %x {axis = 1 : i64} : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %c = edge.concat %a, %t {axis = 1 : i64} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x8xf32>
  return %c : tensor<4x8xf32>
}

// An argument's slice lies in the argument.
// CHECK-LABEL: func @argument_slice
// CHECK: %[[S:.*]] = edge.slice
// CHECK: schedule.kernel "copy"(%[[S]])
// CHECK: edge.concat
func.func @argument_slice(%x: tensor<1x4x4x8xf32>, %y: tensor<1x4x4x2xf32>) -> tensor<1x4x4x6xf32> {
  %s = edge.slice %x {offsets = array<i64: 0, 0, 0, 0>, sizes = array<i64: 1, 4, 4, 4>, strides = array<i64: 1, 1, 1, 1>} : (tensor<1x4x4x8xf32>) -> tensor<1x4x4x4xf32>
  %b = edge.abs %y : (tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  %c = edge.concat %b, %s {axis = 3 : i64} : (tensor<1x4x4x2xf32>, tensor<1x4x4x4xf32>) -> tensor<1x4x4x6xf32>
  return %c : tensor<1x4x4x6xf32>
}

// What is reshaped is known as a run of elements: joined by rows it is one run,
// which cannot be spread over the rows of another.
// CHECK-LABEL: func @runs
// CHECK: edge.concat {{.*}} {axis = 0 : i64}
// CHECK: schedule.kernel "copy"
// CHECK: edge.concat {{.*}} {axis = 2 : i64}
func.func @runs(%x: tensor<1x4xf32>, %y: tensor<1x4xf32>, %z: tensor<2x1x6xf32>) -> tensor<2x1x10xf32> {
  %a = edge.relu %x : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %b = edge.relu %y : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %c = edge.reshape %a : (tensor<1x4xf32>) -> tensor<1x1x4xf32>
  %d = edge.reshape %b : (tensor<1x4xf32>) -> tensor<1x1x4xf32>
  %e = edge.concat %c, %d {axis = 0 : i64} : (tensor<1x1x4xf32>, tensor<1x1x4xf32>) -> tensor<2x1x4xf32>
  %f = edge.abs %z : (tensor<2x1x6xf32>) -> tensor<2x1x6xf32>
  %g = edge.concat %e, %f {axis = 2 : i64} : (tensor<2x1x4xf32>, tensor<2x1x6xf32>) -> tensor<2x1x10xf32>
  %r = edge.neg %g : (tensor<2x1x10xf32>) -> tensor<2x1x10xf32>
  return %r : tensor<2x1x10xf32>
}

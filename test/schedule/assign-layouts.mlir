// Producers write the zeros that padded convolutions read; what must stay dense
// is copied for them; each result of the function has a kernel.
// RUN: edge-opt %s -edge-form-kernels -edge-assign-layouts | FileCheck %s

// CHECK-LABEL: func @producer_writes_halo
// CHECK: %[[A:.*]] = schedule.kernel "relu"{{.*}} {layouts = [#schedule.memory<shape = [1, 10, 10, 4], offsets = [0, 1, 1, 0]>]}
// CHECK: schedule.kernel "conv2d_3x3"(%[[A]], %{{.*}}) {layouts = [#schedule.memory<shape = [1, 8, 8, 2], offsets = [0, 0, 0, 0]>]}
func.func @producer_writes_halo(%x: tensor<1x8x8x4xf32>, %f: tensor<2x3x3x4xf32>) -> tensor<1x8x8x2xf32> {
  %a = edge.relu %x : (tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  %r = edge.conv2d %a, %f {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x8x8x4xf32>, tensor<2x3x3x4xf32>) -> tensor<1x8x8x2xf32>
  return %r : tensor<1x8x8x2xf32>
}

// The largest pads count; a stride of 2 leaves the last row of pads unread.
// CHECK-LABEL: func @largest_halo
// CHECK: schedule.kernel "relu"{{.*}} {layouts = [#schedule.memory<shape = [1, 12, 11, 1], offsets = [0, 2, 1, 0]>]}
func.func @largest_halo(%x: tensor<1x8x8x1xf32>, %f: tensor<2x5x3x1xf32>, %g: tensor<2x3x3x1xf32>) -> (tensor<1x8x8x2xf32>, tensor<1x4x5x2xf32>) {
  %a = edge.relu %x : (tensor<1x8x8x1xf32>) -> tensor<1x8x8x1xf32>
  %r = edge.conv2d %a, %f {pads = array<i64: 2, 1, 2, 1>} : (tensor<1x8x8x1xf32>, tensor<2x5x3x1xf32>) -> tensor<1x8x8x2xf32>
  %s = edge.conv2d %a, %g {pads = array<i64: 1, 1, 1, 2>, strides = array<i64: 2, 2>} : (tensor<1x8x8x1xf32>, tensor<2x3x3x1xf32>) -> tensor<1x4x5x2xf32>
  return %r, %s : tensor<1x8x8x2xf32>, tensor<1x4x5x2xf32>
}

// CHECK-LABEL: func @unread_pads
// CHECK: schedule.kernel "relu"{{.*}} {layouts = [#schedule.memory<shape = [1, 9, 9, 1], offsets = [0, 1, 1, 0]>]}
func.func @unread_pads(%x: tensor<1x8x8x1xf32>, %f: tensor<2x3x3x1xf32>) -> tensor<1x4x4x2xf32> {
  %a = edge.relu %x : (tensor<1x8x8x1xf32>) -> tensor<1x8x8x1xf32>
  %r = edge.conv2d %a, %f {pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>} : (tensor<1x8x8x1xf32>, tensor<2x3x3x1xf32>) -> tensor<1x4x4x2xf32>
  return %r : tensor<1x4x4x2xf32>
}

// An argument has the caller's layout: one copy serves both readers.
// CHECK-LABEL: func @argument
// CHECK-SAME: %[[X:[^:]*]]: tensor<1x8x8x4xf32>
// CHECK: %[[COPY:.*]] = schedule.kernel "copy"(%[[X]]) {layouts = [#schedule.memory<shape = [1, 10, 10, 4], offsets = [0, 1, 1, 0]>]}
// CHECK: edge.copy
// CHECK: schedule.kernel "conv2d_3x3"(%[[COPY]]
// CHECK-NOT: schedule.kernel "copy"
// CHECK: schedule.kernel "conv2d_3x3"(%[[COPY]]
func.func @argument(%x: tensor<1x8x8x4xf32>, %f: tensor<2x3x3x4xf32>) -> (tensor<1x8x8x2xf32>, tensor<1x8x8x2xf32>) {
  %r = edge.conv2d %x, %f {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x8x8x4xf32>, tensor<2x3x3x4xf32>) -> tensor<1x8x8x2xf32>
  %s = edge.conv2d %x, %f {pads = array<i64: 1, 1, 1, 1>, groups = 1 : i64} : (tensor<1x8x8x4xf32>, tensor<2x3x3x4xf32>) -> tensor<1x8x8x2xf32>
  return %r, %s : tensor<1x8x8x2xf32>, tensor<1x8x8x2xf32>
}

// A returned value and a viewed value stay dense.
// CHECK-LABEL: func @returned_and_viewed
// CHECK: %[[A:.*]] = schedule.kernel "relu"{{.*}} {layouts = [#schedule.memory<shape = [1, 8, 8, 4], offsets = [0, 0, 0, 0]>]}
// CHECK: %[[COPY:.*]] = schedule.kernel "copy"(%[[A]]) {layouts = [#schedule.memory<shape = [1, 10, 10, 4]
// CHECK: schedule.kernel "conv2d_3x3"(%[[COPY]]
// CHECK: %[[B:.*]] = schedule.kernel "exp"{{.*}} {layouts = [#schedule.memory<shape = [1, 8, 8, 4], offsets = [0, 0, 0, 0]>]}
// CHECK: edge.reshape %[[B]]
func.func @returned_and_viewed(%x: tensor<1x8x8x4xf32>, %f: tensor<2x3x3x4xf32>) -> (tensor<1x8x8x4xf32>, tensor<1x8x8x2xf32>, tensor<1x8x8x2xf32>, tensor<256xf32>) {
  %a = edge.relu %x : (tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  %r = edge.conv2d %a, %f {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x8x8x4xf32>, tensor<2x3x3x4xf32>) -> tensor<1x8x8x2xf32>
  %b = edge.exp %x : (tensor<1x8x8x4xf32>) -> tensor<1x8x8x4xf32>
  %view = edge.reshape %b : (tensor<1x8x8x4xf32>) -> tensor<256xf32>
  %s = edge.conv2d %b, %f {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x8x8x4xf32>, tensor<2x3x3x4xf32>) -> tensor<1x8x8x2xf32>
  return %a, %r, %s, %view : tensor<1x8x8x4xf32>, tensor<1x8x8x2xf32>, tensor<1x8x8x2xf32>, tensor<256xf32>
}

// Arguments, constants and values returned twice are copied into the results.
// CHECK-LABEL: func @results
// CHECK-SAME: %[[X:[^:]*]]:
// CHECK: %[[C:.*]] = edge.constant
// CHECK: %[[A:.*]] = schedule.kernel "relu"
// CHECK: %[[XCOPY:.*]] = schedule.kernel "copy"(%[[X]])
// CHECK: %[[CCOPY:.*]] = schedule.kernel "copy"(%[[C]])
// CHECK: %[[ACOPY:.*]] = schedule.kernel "copy"(%[[A]])
// CHECK: return %[[A]], %[[XCOPY]], %[[CCOPY]], %[[ACOPY]]
func.func @results(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %c = edge.constant {value = dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>} : tensor<4xf32>
  %a = edge.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  return %a, %x, %c, %a : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// Each of several copies is one of its own.
// CHECK-LABEL: func @results_thrice
// CHECK: %[[A:.*]] = schedule.kernel "relu"
// CHECK: %[[SECOND:.*]] = schedule.kernel "copy"(%[[A]])
// CHECK: %[[THIRD:.*]] = schedule.kernel "copy"(%[[SECOND]])
// CHECK: return %[[A]], %[[SECOND]], %[[THIRD]]
func.func @results_thrice(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %a = edge.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  return %a, %a, %a : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// An integer convolution reads its pad value; a reader of other pads has a copy.
// CHECK-LABEL: func @filled_halo
// CHECK: %[[A:.*]] = schedule.kernel "max"{{.*}} {layouts = [#schedule.memory<shape = [1, 10, 10, 4], offsets = [0, 1, 1, 0], fill = -5>]}
// CHECK: schedule.kernel "integer_conv2d_3x3"(%[[A]], %{{.*}}) {layouts = [#schedule.memory<shape = [1, 8, 8, 2], offsets = [0, 0, 0, 0]>]}
// CHECK: %[[C:.*]] = schedule.kernel "copy"(%[[A]]) {layouts = [#schedule.memory<shape = [1, 10, 10, 4], offsets = [0, 1, 1, 0]>]}
// CHECK: schedule.kernel "integer_depthwise_3x3"(%[[C]],
func.func @filled_halo(%x: tensor<1x8x8x4xi8>, %f: tensor<2x3x3x4xi8>, %g: tensor<4x3x3x1xi8>) -> (tensor<1x8x8x2xi32>, tensor<1x8x8x4xi32>) {
  %a = edge.max %x, %x : (tensor<1x8x8x4xi8>, tensor<1x8x8x4xi8>) -> tensor<1x8x8x4xi8>
  %r = edge.integer_conv2d %a, %f {pads = array<i64: 1, 1, 1, 1>, input_zero_point = -5 : i64, pad_value = -5 : i64} : (tensor<1x8x8x4xi8>, tensor<2x3x3x4xi8>) -> tensor<1x8x8x2xi32>
  %s = edge.integer_conv2d %a, %g {pads = array<i64: 1, 1, 1, 1>, groups = 4 : i64} : (tensor<1x8x8x4xi8>, tensor<4x3x3x1xi8>) -> tensor<1x8x8x4xi32>
  return %r, %s : tensor<1x8x8x2xi32>, tensor<1x8x8x4xi32>
}

// A halo lies around pixels, however their channels are grouped: a shuffle
// writes it.
// CHECK-LABEL: func @regrouped
// CHECK: %[[T:.*]] = schedule.kernel "transpose"{{.*}} {layouts = [#schedule.memory<shape = [1, 10, 10, 2, 3], offsets = [0, 1, 1, 0, 0]>]}
// CHECK-NOT: schedule.kernel "copy"
// CHECK: %[[S:.*]] = edge.reshape %[[T]]
// CHECK: schedule.kernel "depthwise_3x3"(%[[S]]
func.func @regrouped(%x: tensor<1x8x8x6xf32>, %d: tensor<6x3x3x1xf32>) -> tensor<1x8x8x6xf32> {
  %g = edge.reshape %x : (tensor<1x8x8x6xf32>) -> tensor<1x8x8x3x2xf32>
  %t = edge.transpose %g {permutation = array<i64: 0, 1, 2, 4, 3>} : (tensor<1x8x8x3x2xf32>) -> tensor<1x8x8x2x3xf32>
  %s = edge.reshape %t : (tensor<1x8x8x2x3xf32>) -> tensor<1x8x8x6xf32>
  %r = edge.conv2d %s, %d {groups = 6 : i64, pads = array<i64: 1, 1, 1, 1>} : (tensor<1x8x8x6xf32>, tensor<6x3x3x1xf32>) -> tensor<1x8x8x6xf32>
  return %r : tensor<1x8x8x6xf32>
}

// 256 channels of four bytes are 1 KB: pixels would begin in four of 64 sets of a
// cache, so that a line lies between those that a depthwise convolution reads or
// writes, inside of the halo's rows too. What is returned or viewed is dense, and
// 240 channels need no room.
// CHECK-LABEL: func @room_between_pixels
// CHECK: schedule.kernel "conv2d_1x1"{{.*}} {layouts = [#schedule.memory<shape = [1, 10, 10, 272], offsets = [0, 1, 1, 0]>]}
// CHECK: schedule.kernel "depthwise_3x3"{{.*}} {layouts = [#schedule.memory<shape = [1, 8, 8, 272], offsets = [0, 0, 0, 0]>]}
// CHECK: schedule.kernel "conv2d_1x1"{{.*}} {layouts = [#schedule.memory<shape = [1, 10, 10, 240], offsets = [0, 1, 1, 0]>]}
// CHECK: schedule.kernel "depthwise_3x3"{{.*}} {layouts = [#schedule.memory<shape = [1, 8, 8, 240], offsets = [0, 0, 0, 0]>]}
func.func @room_between_pixels(%x: tensor<1x8x8x4xf32>, %f: tensor<256x1x1x4xf32>, %d: tensor<256x3x3x1xf32>, %g: tensor<240x1x1x256xf32>, %e: tensor<240x3x3x1xf32>) -> tensor<1x8x8x240xf32> {
  %a = edge.conv2d %x, %f : (tensor<1x8x8x4xf32>, tensor<256x1x1x4xf32>) -> tensor<1x8x8x256xf32>
  %b = edge.conv2d %a, %d {pads = array<i64: 1, 1, 1, 1>, groups = 256 : i64} : (tensor<1x8x8x256xf32>, tensor<256x3x3x1xf32>) -> tensor<1x8x8x256xf32>
  %c = edge.conv2d %b, %g : (tensor<1x8x8x256xf32>, tensor<240x1x1x256xf32>) -> tensor<1x8x8x240xf32>
  %r = edge.conv2d %c, %e {pads = array<i64: 1, 1, 1, 1>, groups = 240 : i64} : (tensor<1x8x8x240xf32>, tensor<240x3x3x1xf32>) -> tensor<1x8x8x240xf32>
  return %r : tensor<1x8x8x240xf32>
}

// 224 channels are fourteen lines: a line of channels of every pixel would be in
// one half of a cache's banks. Of ten lines one more would be too many.
// CHECK-LABEL: func @even_lines
// CHECK: schedule.kernel "conv2d_1x1"{{.*}} {layouts = [#schedule.memory<shape = [1, 10, 10, 240], offsets = [0, 1, 1, 0]>]}
// CHECK: schedule.kernel "depthwise_3x3"{{.*}} {layouts = [#schedule.memory<shape = [1, 8, 8, 240], offsets = [0, 0, 0, 0]>]}
// CHECK: schedule.kernel "conv2d_1x1"{{.*}} {layouts = [#schedule.memory<shape = [1, 10, 10, 160], offsets = [0, 1, 1, 0]>]}
func.func @even_lines(%x: tensor<1x8x8x4xf32>, %f: tensor<224x1x1x4xf32>, %d: tensor<224x3x3x1xf32>, %g: tensor<160x1x1x224xf32>, %e: tensor<160x3x3x1xf32>) -> tensor<1x8x8x160xf32> {
  %a = edge.conv2d %x, %f : (tensor<1x8x8x4xf32>, tensor<224x1x1x4xf32>) -> tensor<1x8x8x224xf32>
  %b = edge.conv2d %a, %d {pads = array<i64: 1, 1, 1, 1>, groups = 224 : i64} : (tensor<1x8x8x224xf32>, tensor<224x3x3x1xf32>) -> tensor<1x8x8x224xf32>
  %c = edge.conv2d %b, %g : (tensor<1x8x8x224xf32>, tensor<160x1x1x224xf32>) -> tensor<1x8x8x160xf32>
  %r = edge.conv2d %c, %e {pads = array<i64: 1, 1, 1, 1>, groups = 160 : i64} : (tensor<1x8x8x160xf32>, tensor<160x3x3x1xf32>) -> tensor<1x8x8x160xf32>
  return %r : tensor<1x8x8x160xf32>
}

// Pixels that a tile reads side by side 4 KB apart, or at every second column
// 2 KB apart, would begin in one set or two; not where windows overlap, or where a
// row is a single pixel.
// CHECK-LABEL: func @room_across
// CHECK: schedule.kernel "conv2d_1x1"{{.*}} {layouts = [#schedule.memory<shape = [1, 8, 8, 1040], offsets = [0, 0, 0, 0]>]}
// CHECK: schedule.kernel "conv2d_1x1"{{.*}} {layouts = [#schedule.memory<shape = [1, 8, 8, 272], offsets = [0, 0, 0, 0]>]}
// CHECK: schedule.kernel "conv2d_1x1_s2"{{.*}} {layouts = [#schedule.memory<shape = [1, 6, 6, 1024], offsets = [0, 1, 1, 0]>]}
// CHECK: schedule.kernel "conv2d_3x3"{{.*}} {layouts = [#schedule.memory<shape = [1, 4, 4, 256], offsets = [0, 0, 0, 0]>]}
// CHECK: schedule.kernel "conv2d_4x4"{{.*}} {layouts = [#schedule.memory<shape = [1, 1, 1, 1024], offsets = [0, 0, 0, 0]>]}
func.func @room_across(%x: tensor<1x8x8x4xf32>, %f: tensor<1024x1x1x4xf32>, %g: tensor<256x1x1x1024xf32>, %h: tensor<1024x1x1x256xf32>, %i: tensor<256x3x3x1024xf32>, %j: tensor<1024x4x4x256xf32>, %k: tensor<8x1x1x1024xf32>) -> tensor<1x1x1x8xf32> {
  %a = edge.conv2d %x, %f : (tensor<1x8x8x4xf32>, tensor<1024x1x1x4xf32>) -> tensor<1x8x8x1024xf32>
  %b = edge.conv2d %a, %g : (tensor<1x8x8x1024xf32>, tensor<256x1x1x1024xf32>) -> tensor<1x8x8x256xf32>
  %c = edge.conv2d %b, %h {strides = array<i64: 2, 2>} : (tensor<1x8x8x256xf32>, tensor<1024x1x1x256xf32>) -> tensor<1x4x4x1024xf32>
  %d = edge.conv2d %c, %i {pads = array<i64: 1, 1, 1, 1>} : (tensor<1x4x4x1024xf32>, tensor<256x3x3x1024xf32>) -> tensor<1x4x4x256xf32>
  %e = edge.conv2d %d, %j : (tensor<1x4x4x256xf32>, tensor<1024x4x4x256xf32>) -> tensor<1x1x1x1024xf32>
  %r = edge.conv2d %e, %k : (tensor<1x1x1x1024xf32>, tensor<8x1x1x1024xf32>) -> tensor<1x1x1x8xf32>
  return %r : tensor<1x1x1x8xf32>
}

// CHECK-LABEL: func @no_room
// CHECK: schedule.kernel "depthwise_3x3"{{.*}} {layouts = [#schedule.memory<shape = [1, 6, 6, 256], offsets = [0, 0, 0, 0]>]}
// CHECK: schedule.kernel "depthwise_1x1"{{.*}} {layouts = [#schedule.memory<shape = [1, 6, 6, 256], offsets = [0, 0, 0, 0]>]}
// CHECK: schedule.kernel "relu"{{.*}} {layouts = [#schedule.memory<shape = [1, 8, 8, 256], offsets = [0, 0, 0, 0]>]}
func.func @no_room(%x: tensor<1x8x8x256xf32>, %d: tensor<256x3x3x1xf32>, %e: tensor<256x1x1x1xf32>) -> (tensor<9216xf32>, tensor<1x6x6x256xf32>, tensor<1x8x8xf32>) {
  %a = edge.conv2d %x, %d {groups = 256 : i64} : (tensor<1x8x8x256xf32>, tensor<256x3x3x1xf32>) -> tensor<1x6x6x256xf32>
  %view = edge.reshape %a : (tensor<1x6x6x256xf32>) -> tensor<9216xf32>
  %b = edge.conv2d %a, %e {groups = 256 : i64} : (tensor<1x6x6x256xf32>, tensor<256x1x1x1xf32>) -> tensor<1x6x6x256xf32>
  %y = edge.relu %x : (tensor<1x8x8x256xf32>) -> tensor<1x8x8x256xf32>
  %m = edge.reduce_max %y {axes = array<i64: 3>} : (tensor<1x8x8x256xf32>) -> tensor<1x8x8xf32>
  return %view, %b, %m : tensor<9216xf32>, tensor<1x6x6x256xf32>, tensor<1x8x8xf32>
}

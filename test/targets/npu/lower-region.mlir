// A convolution becomes transfers and one tile: the unit that reads waits for the unit that wrote, weights lie in a
// bank of their own, the clamp is a program.
// RUN: sh -c 'printf "{\"*\": \"npu-64\"}" > %t.json'
// RUN: edgec %s -target=x86_64,npu-64 -place=%t.json -emit=mlir -stop-after=offload -o - | FileCheck %s

// CHECK: npu.program @[[PROGRAM:.*]] attributes {buffer_sizes = array<i64: [[CONSTANTS:[0-9]+]], 0, 128, 128>
// CHECK-DAG: npu.load {address = [[INPUT:[0-9]+]] : i64, buffer = 2 : i64
// CHECK-DAG: npu.load {address = [[WEIGHTS:[0-9]+]] : i64, buffer = 0 : i64
// CHECK: npu.signal {semaphore = 0 : i64, unit = 0 : i32}
// CHECK: npu.wait {semaphore = 0 : i64, unit = 2 : i32
// CHECK: npu.mac {input = #npu.tile<address = [[INPUT]], element = i8, height = 4, width = 4, channels = 8
// CHECK-SAME: program = [#npu.micro<op = const, dst = 1, value = -100>, #npu.micro<op = max, dst = 0, b = 1>, #npu.micro<op = const, dst = 1, value = 100>, #npu.micro<op = min, dst = 0, b = 1>]
// CHECK-SAME: weights = #npu.weights<address = [[WEIGHTS]]
// CHECK: npu.signal {semaphore = 2 : i64, unit = 2 : i32}
// CHECK: npu.wait {semaphore = 2 : i64, unit = 1 : i32, value = 1 : i64}
// CHECK: npu.store {{.*}} buffer = 3 : i64
func.func @clamped(%x: tensor<1x4x4x8xi8>) -> tensor<1x4x4x8xi8> {
  %w = edge.constant {value = dense<3> : tensor<8x1x1x8xi8>} : tensor<8x1x1x8xi8>
  %low = edge.constant {value = dense<-100> : tensor<i32>} : tensor<i32>
  %high = edge.constant {value = dense<100> : tensor<i32>} : tensor<i32>
  %c = edge.integer_conv2d %x, %w : (tensor<1x4x4x8xi8>, tensor<8x1x1x8xi8>) -> tensor<1x4x4x8xi32>
  %a = edge.max %c, %low : (tensor<1x4x4x8xi32>, tensor<i32>) -> tensor<1x4x4x8xi32>
  %b = edge.min %a, %high : (tensor<1x4x4x8xi32>, tensor<i32>) -> tensor<1x4x4x8xi32>
  %r = edge.cast %b : (tensor<1x4x4x8xi32>) -> tensor<1x4x4x8xi8>
  return %r : tensor<1x4x4x8xi8>
}

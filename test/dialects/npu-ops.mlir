// Every npu operation is printed as it is read.
// RUN: edge-opt %s | edge-opt | FileCheck %s

// CHECK-LABEL: npu.program @tile
// CHECK-SAME: machine = #npu.machine<name = "m", macRows = 8, macColumns = 8
npu.program @tile attributes {machine = #npu.machine<name = "m", macRows = 8, macColumns = 8, sramBytes = 65536, sramBanks = 8, vectorLanes = 8, semaphores = 32>,
    buffer_sizes = array<i64: 1024, 256, 4096, 4096>, outputs = 1 : i64} {
  // CHECK: npu.note {value = 3 : i64}
  npu.note {value = 3 : i64}
  // CHECK: npu.load {address = 0 : i64, buffer = 2 : i64, buffer_stride = 64 : i64, offset = 0 : i64, row_bytes = 60 : i64, rows = 4 : i64, sram_stride = 64 : i64}
  npu.load {buffer = 2 : i64, offset = 0 : i64, address = 0 : i64, row_bytes = 60 : i64, rows = 4 : i64, buffer_stride = 64 : i64, sram_stride = 64 : i64}
  // CHECK: npu.signal {semaphore = 0 : i64, unit = 0 : i32}
  npu.signal {unit = 0 : i32, semaphore = 0 : i64}
  // CHECK: npu.wait {semaphore = 0 : i64, unit = 2 : i32, value = 1 : i64}
  npu.wait {unit = 2 : i32, semaphore = 0 : i64, value = 1 : i64}
  // CHECK: npu.mac
  // CHECK-SAME: program = [#npu.micro<op = const, dst = 1, value = -5>, #npu.micro<op = add, dst = 0, b = 1>]
  // CHECK-SAME: weights = #npu.weights<address = 8192, bytes = 64, encoding = dense, element = i8>
  // CHECK-SAME: window = #npu.window<y0 = -1, x0 = 0, kernelY = 1, kernelX = 1>
  npu.mac {input = #npu.tile<address = 0, element = i8, height = 2, width = 4, channels = 8, rowStride = 64, pixelStride = 8, ringRows = 4, ringFirst = 3>,
    window = #npu.window<y0 = -1, x0 = 0, kernelY = 1, kernelX = 1>,
    weights = #npu.weights<address = 8192, bytes = 64, encoding = dense, element = i8>,
    output = #npu.tile<address = 1024, element = i8, height = 2, width = 4, channels = 8, rowStride = 64, pixelStride = 8>,
    residual = #npu.operand<address = 2048, element = i8, strides = [64, 8]>,
    program = [#npu.micro<op = const, dst = 1, value = -5>, #npu.micro<op = add, dst = 0, a = 0, b = 1>]}
  // CHECK: npu.pool {input = {{.*}} kind = 1 : i32
  npu.pool {kind = 1 : i32, input = #npu.tile<address = 0, element = i8, height = 2, width = 4, channels = 8, rowStride = 64, pixelStride = 8>,
    window = #npu.window<y0 = 0, x0 = 0, kernelY = 2, kernelX = 2, strideY = 2, strideX = 2>,
    output = #npu.tile<address = 1024, element = i32, height = 1, width = 2, channels = 8, rowStride = 64, pixelStride = 32>}
  // CHECK: npu.vector {extents = array<i64: 1, 1, 4, 8>
  // CHECK-SAME: table = #npu.table<address = 4096, element = i8>
  npu.vector {extents = array<i64: 1, 1, 4, 8>, inputs = [#npu.operand<address = 0, element = i8, strides = [0, 64, 8, 1]>],
    output = #npu.operand<address = 1024, element = i8, strides = [0, 64, 8, 1]>,
    parameters = #npu.parameters<address = 2048, stride = 8, count = 1>, table = #npu.table<address = 4096, element = i8>,
    program = [#npu.micro<op = add, dst = 0, a = 0, b = 16>, #npu.micro<op = table, dst = 0, a = 0>]}
  // CHECK: npu.store {address = 1024 : i64
  npu.store {buffer = 3 : i64, offset = 0 : i64, address = 1024 : i64, row_bytes = 64 : i64}
}

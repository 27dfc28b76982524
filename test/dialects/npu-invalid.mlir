// Every constraint of the npu operations, by its label.
// RUN: edge-opt %s -split-input-file -verify-diagnostics

#m = #npu.machine<name = "m", macRows = 8, macColumns = 8, sramBytes = 65536, sramBanks = 8, vectorLanes = 8, semaphores = 2>
// expected-error@+1 {{C1: needs the sizes of constants and scratch memory}}
npu.program @p attributes {machine = #m, buffer_sizes = array<i64: 0, 0, 4>, outputs = 2 : i64} {
}

// -----

#m = #npu.machine<name = "m", macRows = 8, macColumns = 8, sramBytes = 65536, sramBanks = 8, vectorLanes = 8, semaphores = 2>
npu.program @p attributes {machine = #m, buffer_sizes = array<i64: 0, 0>, outputs = 0 : i64} {
  // expected-error@+1 {{C2: is no command of the npu}}
  %c = "edge.constant"() {value = dense<1> : tensor<i8>} : () -> tensor<i8>
}

// -----

#m = #npu.machine<name = "m", macRows = 8, macColumns = 8, sramBytes = 65536, sramBanks = 8, vectorLanes = 8, semaphores = 2>
npu.program @p attributes {machine = #m, buffer_sizes = array<i64: 0, 0>, outputs = 0 : i64} {
  npu.signal {unit = 0 : i32, semaphore = 0 : i64}
  // expected-error@+1 {{C3: waits for 2, but 1 signals precede it}}
  npu.wait {unit = 2 : i32, semaphore = 0 : i64, value = 2 : i64}
}

// -----

#m = #npu.machine<name = "m", macRows = 0, macColumns = 8, sramBytes = 65536, sramBanks = 8, vectorLanes = 8, semaphores = 2>
// expected-error@+1 {{C4: a number of the machine is 0}}
npu.program @p attributes {machine = #m, buffer_sizes = array<i64: 0, 0>, outputs = 0 : i64} {
}

// -----

#m = #npu.machine<name = "m", macRows = 8, macColumns = 8, sramBytes = 65536, sramBanks = 8, vectorLanes = 8, semaphores = 2>
npu.program @p attributes {machine = #m, buffer_sizes = array<i64: 0, 0>, outputs = 0 : i64} {
  npu.signal {unit = 0 : i32, semaphore = 0 : i64}
  // expected-error@+1 {{C5: another unit signals semaphore 0}}
  npu.signal {unit = 1 : i32, semaphore = 0 : i64}
}

// -----

#m = #npu.machine<name = "m", macRows = 8, macColumns = 8, sramBytes = 65536, sramBanks = 8, vectorLanes = 8, semaphores = 2>
npu.program @p attributes {machine = #m, buffer_sizes = array<i64: 0, 0, 64>, outputs = 1 : i64} {
  // expected-error@+1 {{C1: buffer 2 cannot be read}}
  npu.load {buffer = 2 : i64, offset = 0 : i64, address = 0 : i64, row_bytes = 64 : i64}
}

// -----

#m = #npu.machine<name = "m", macRows = 8, macColumns = 8, sramBytes = 65536, sramBanks = 8, vectorLanes = 8, semaphores = 2>
npu.program @p attributes {machine = #m, buffer_sizes = array<i64: 64, 0>, outputs = 0 : i64} {
  // expected-error@+1 {{C2: reaches byte 65 of buffer 0, which has 64}}
  npu.load {buffer = 0 : i64, offset = 1 : i64, address = 0 : i64, row_bytes = 64 : i64}
}

// -----

#m = #npu.machine<name = "m", macRows = 8, macColumns = 8, sramBytes = 65536, sramBanks = 8, vectorLanes = 8, semaphores = 2>
npu.program @p attributes {machine = #m, buffer_sizes = array<i64: 64, 64>, outputs = 0 : i64} {
  // expected-error@+1 {{C3: the transfer takes bytes [65500, 65564) of 65536 bytes of SRAM}}
  npu.store {buffer = 1 : i64, offset = 0 : i64, address = 65500 : i64, row_bytes = 64 : i64}
}

// -----

#m = #npu.machine<name = "m", macRows = 8, macColumns = 8, sramBytes = 65536, sramBanks = 8, vectorLanes = 8, semaphores = 2>
npu.program @p attributes {machine = #m, buffer_sizes = array<i64: 64, 64>, outputs = 0 : i64} {
  // expected-error@+1 {{C4: a size is 0}}
  npu.store {buffer = 1 : i64, offset = 0 : i64, address = 0 : i64, row_bytes = 0 : i64}
}

// -----

#m = #npu.machine<name = "m", macRows = 8, macColumns = 8, sramBytes = 65536, sramBanks = 8, vectorLanes = 8, semaphores = 2>
npu.program @p attributes {machine = #m, buffer_sizes = array<i64: 0, 0>, outputs = 0 : i64} {
  // expected-error@+1 {{C1: no semaphore 2 with value 1}}
  npu.wait {unit = 2 : i32, semaphore = 2 : i64, value = 1 : i64}
}

// -----

#m = #npu.machine<name = "m", macRows = 8, macColumns = 8, sramBytes = 65536, sramBanks = 8, vectorLanes = 8, semaphores = 2>
npu.program @p attributes {machine = #m, buffer_sizes = array<i64: 0, 0>, outputs = 0 : i64} {
  // expected-error@+1 {{C1: no semaphore 2}}
  npu.signal {unit = 2 : i32, semaphore = 2 : i64}
}

// -----

#m = #npu.machine<name = "m", macRows = 8, macColumns = 8, sramBytes = 65536, sramBanks = 8, vectorLanes = 8, semaphores = 2>
#in = #npu.tile<address = 0, element = i8, height = 1, width = 4, channels = 8, rowStride = 64, pixelStride = 8>
#out = #npu.tile<address = 1024, element = i8, height = 1, width = 4, channels = 8, rowStride = 64, pixelStride = 8>
#w = #npu.window<y0 = 0, x0 = 0, kernelY = 1, kernelX = 1>
npu.program @p attributes {machine = #m, buffer_sizes = array<i64: 0, 0>, outputs = 0 : i64} {
  // expected-error@+1 {{C1: the weights' address 8200 is not aligned}}
  npu.mac {input = #in, window = #w, weights = #npu.weights<address = 8200, bytes = 64, encoding = dense, element = i8>, output = #out}
}

// -----

#m = #npu.machine<name = "m", macRows = 8, macColumns = 8, sramBytes = 65536, sramBanks = 8, vectorLanes = 8, semaphores = 2>
#in = #npu.tile<address = 65530, element = i8, height = 1, width = 4, channels = 8, rowStride = 64, pixelStride = 8>
#out = #npu.tile<address = 1024, element = i8, height = 1, width = 4, channels = 8, rowStride = 64, pixelStride = 8>
#w = #npu.window<y0 = 0, x0 = 0, kernelY = 1, kernelX = 1>
npu.program @p attributes {machine = #m, buffer_sizes = array<i64: 0, 0>, outputs = 0 : i64} {
  // expected-error@+1 {{C2: the input takes bytes [65530, 65562) of 65536 bytes of SRAM}}
  npu.mac {input = #in, window = #w, weights = #npu.weights<address = 8192, bytes = 64, encoding = dense, element = i8>, output = #out}
}

// -----

#m = #npu.machine<name = "m", macRows = 8, macColumns = 8, sramBytes = 65536, sramBanks = 8, vectorLanes = 8, semaphores = 2>
#in = #npu.tile<address = 0, element = i8, height = 1, width = 4, channels = 8, rowStride = 64, pixelStride = 8>
#out = #npu.tile<address = 1024, element = i8, height = 1, width = 4, channels = 8, rowStride = 64, pixelStride = 8>
#w = #npu.window<y0 = 0, x0 = 0, kernelY = 1, kernelX = 1>
npu.program @p attributes {machine = #m, buffer_sizes = array<i64: 0, 0>, outputs = 0 : i64} {
  // expected-error@+1 {{C3: input and weights share bank 0}}
  npu.mac {input = #in, window = #w, weights = #npu.weights<address = 4096, bytes = 64, encoding = dense, element = i8>, output = #out}
}

// -----

#m = #npu.machine<name = "m", macRows = 8, macColumns = 8, sramBytes = 65536, sramBanks = 8, vectorLanes = 8, semaphores = 2>
#in = #npu.tile<address = 0, element = i8, height = 1, width = 4, channels = 8, rowStride = 64, pixelStride = 8>
#out = #npu.tile<address = 1024, element = i8, height = 1, width = 4, channels = 8, rowStride = 64, pixelStride = 8>
#w = #npu.window<y0 = 0, x0 = 0, kernelY = 1, kernelX = 1>
npu.program @p attributes {machine = #m, buffer_sizes = array<i64: 0, 0>, outputs = 0 : i64} {
  // expected-error@+1 {{C4: needs input and weights of 8 bits, and i32 for sums}}
  npu.mac {input = #in, window = #w, weights = #npu.weights<address = 8192, bytes = 64, encoding = dense, element = i8>, output = #out, raw}
}

// -----

#m = #npu.machine<name = "m", macRows = 8, macColumns = 8, sramBytes = 65536, sramBanks = 8, vectorLanes = 8, semaphores = 2>
#in = #npu.tile<address = 0, element = i8, height = 0, width = 4, channels = 8, rowStride = 64, pixelStride = 8>
#out = #npu.tile<address = 1024, element = i8, height = 1, width = 4, channels = 8, rowStride = 64, pixelStride = 8>
#w = #npu.window<y0 = 0, x0 = 0, kernelY = 1, kernelX = 1>
npu.program @p attributes {machine = #m, buffer_sizes = array<i64: 0, 0>, outputs = 0 : i64} {
  // expected-error@+1 {{C5: a size of the input is 0}}
  npu.mac {input = #in, window = #w, weights = #npu.weights<address = 8192, bytes = 64, encoding = dense, element = i8>, output = #out}
}

// -----

#m = #npu.machine<name = "m", macRows = 8, macColumns = 8, sramBytes = 65536, sramBanks = 8, vectorLanes = 8, semaphores = 2>
#in = #npu.tile<address = 0, element = i8, height = 1, width = 4, channels = 5, rowStride = 64, pixelStride = 8>
#out = #npu.tile<address = 1024, element = i8, height = 1, width = 4, channels = 8, rowStride = 64, pixelStride = 8>
#w = #npu.window<y0 = 0, x0 = 0, kernelY = 1, kernelX = 1>
npu.program @p attributes {machine = #m, buffer_sizes = array<i64: 0, 0>, outputs = 0 : i64} {
  // expected-error@+1 {{C6: a depthwise tile has a multiple of its inputs as outputs}}
  npu.mac {input = #in, window = #w, weights = #npu.weights<address = 8192, bytes = 64, encoding = dense, element = i8>, output = #out, depthwise}
}

// -----

#m = #npu.machine<name = "m", macRows = 8, macColumns = 8, sramBytes = 65536, sramBanks = 8, vectorLanes = 8, semaphores = 2>
#in = #npu.tile<address = 0, element = i8, height = 1, width = 4, channels = 8, rowStride = 64, pixelStride = 8>
#out = #npu.tile<address = 1024, element = i8, height = 1, width = 4, channels = 8, rowStride = 64, pixelStride = 8>
#w = #npu.window<y0 = 0, x0 = 0, kernelY = 1, kernelX = 1>
npu.program @p attributes {machine = #m, buffer_sizes = array<i64: 0, 0>, outputs = 0 : i64} {
  // expected-error@+1 {{C7: there is no source 16}}
  npu.mac {input = #in, window = #w, weights = #npu.weights<address = 8192, bytes = 64, encoding = dense, element = i8>, output = #out,
    program = [#npu.micro<op = mov, dst = 0, a = 16>]}
}

// -----

#m = #npu.machine<name = "m", macRows = 8, macColumns = 8, sramBytes = 65536, sramBanks = 8, vectorLanes = 8, semaphores = 2>
#in = #npu.tile<address = 0, element = i8, height = 3, width = 4, channels = 8, rowStride = 64, pixelStride = 8, ringRows = 2>
#out = #npu.tile<address = 1024, element = i8, height = 1, width = 4, channels = 8, rowStride = 64, pixelStride = 8>
#w = #npu.window<y0 = 0, x0 = 0, kernelY = 1, kernelX = 1>
npu.program @p attributes {machine = #m, buffer_sizes = array<i64: 0, 0>, outputs = 0 : i64} {
  // expected-error@+1 {{C8: the ring of the input does not hold its rows}}
  npu.mac {input = #in, window = #w, weights = #npu.weights<address = 8192, bytes = 64, encoding = dense, element = i8>, output = #out}
}

// -----

#m = #npu.machine<name = "m", macRows = 8, macColumns = 8, sramBytes = 65536, sramBanks = 8, vectorLanes = 8, semaphores = 2>
#in = #npu.tile<address = 0, element = i8, height = 1, width = 4, channels = 8, rowStride = 64, pixelStride = 8>
#out = #npu.tile<address = 1024, element = i32, height = 1, width = 4, channels = 4, rowStride = 64, pixelStride = 32>
#w = #npu.window<y0 = 0, x0 = 0, kernelY = 1, kernelX = 1>
npu.program @p attributes {machine = #m, buffer_sizes = array<i64: 0, 0>, outputs = 0 : i64} {
  // expected-error@+1 {{C6: input and output differ in channels}}
  npu.pool {kind = 0 : i32, input = #in, window = #w, output = #out}
}

// -----

#m = #npu.machine<name = "m", macRows = 8, macColumns = 8, sramBytes = 65536, sramBanks = 8, vectorLanes = 8, semaphores = 2>
#x = #npu.operand<address = 0, element = i8, strides = [0, 0, 0, 1]>
npu.program @p attributes {machine = #m, buffer_sizes = array<i64: 0, 0>, outputs = 0 : i64} {
  // expected-error@+1 {{C6: needs four extents and at most three operands}}
  npu.vector {extents = array<i64: 8>, inputs = [#x], output = #x}
}

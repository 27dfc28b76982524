// The cost model fills the machine's registers and never more: 14 x 2 vectors
// with AVX-512's 32, less with AVX2's 16; the tile divides the rows where it can.
// RUN: edge-opt %s -pass-pipeline='builtin.module(builtin.module(edge-choose-tiles))' | FileCheck %s

#avx512 = #schedule.machine<name = "avx512", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v4", features = "", vectorBits = 512, vectorRegisters = 32, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 1048576, l3Bytes = 8388608, l2BytesPerCycle = 4800, memoryBytesPerCycle = 700, cores = 4, clockMHz = 3000>
#far = #schedule.machine<name = "far", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v4", features = "", vectorBits = 512, vectorRegisters = 32, hasFma = true, hasMaskedLanes = true, hasScalarOperand = true, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 1048576, l3Bytes = 8388608, l2BytesPerCycle = 4800, l3BytesPerCycle = 950, memoryBytesPerCycle = 700, cores = 4, clockMHz = 3000>
#avx2 = #schedule.machine<name = "avx2", triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v3", features = "", vectorBits = 256, vectorRegisters = 16, hasFma = true, hasMaskedLanes = false, hasScalarOperand = false, fmaPerCycle = 200, loadsPerCycle = 200, fmaLatency = 4, inOrder = false, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 8388608, l2BytesPerCycle = 3200, memoryBytesPerCycle = 600, cores = 4, clockMHz = 3000>
#scalar = #schedule.machine<name = "scalar", triple = "riscv64-unknown-linux-gnu", cpu = "generic-rv64", features = "", vectorBits = 0, vectorRegisters = 32, hasFma = true, hasMaskedLanes = false, hasScalarOperand = true, fmaPerCycle = 100, loadsPerCycle = 100, fmaLatency = 5, inOrder = true, l1Bytes = 32768, l2Bytes = 262144, l3Bytes = 0, l2BytesPerCycle = 800, memoryBytesPerCycle = 400, cores = 1, clockMHz = 1500>

// CHECK-LABEL: module @wide
// CHECK: schedule.kernel "conv"
// CHECK-SAME: lanes = 16, rows = 1, columns = 14, vectors = 2, unroll = 4
module @wide attributes {schedule.machine = #avx512} {
  func.func @f(%x: tensor<1x14x14x256xf32>) -> tensor<1x14x14x256xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<256x1x1x256xf32>} : tensor<256x1x1x256xf32>
    %0 = schedule.kernel "conv" (%x, %f) : (tensor<1x14x14x256xf32>, tensor<256x1x1x256xf32>) -> tensor<1x14x14x256xf32> {
    ^bb0(%a: tensor<1x14x14x256xf32>, %b: tensor<256x1x1x256xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x14x14x256xf32>, tensor<256x1x1x256xf32>) -> tensor<1x14x14x256xf32>
      schedule.yield %r : tensor<1x14x14x256xf32>
    }
    return %0 : tensor<1x14x14x256xf32>
  }
}

// CHECK-LABEL: module @narrow
// CHECK: schedule.kernel "conv"
// CHECK-SAME: lanes = 8, rows = 1, columns = 4, vectors = 3
module @narrow attributes {schedule.machine = #avx2} {
  func.func @f(%x: tensor<1x14x14x96xf32>) -> tensor<1x14x14x96xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<96x1x1x96xf32>} : tensor<96x1x1x96xf32>
    %0 = schedule.kernel "conv" (%x, %f) : (tensor<1x14x14x96xf32>, tensor<96x1x1x96xf32>) -> tensor<1x14x14x96xf32> {
    ^bb0(%a: tensor<1x14x14x96xf32>, %b: tensor<96x1x1x96xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x14x14x96xf32>, tensor<96x1x1x96xf32>) -> tensor<1x14x14x96xf32>
      schedule.yield %r : tensor<1x14x14x96xf32>
    }
    return %0 : tensor<1x14x14x96xf32>
  }
}

// A panel of 12 KB stays in the first-level cache, but 14 tiles are over before
// the next one could come from memory unasked. Four steps fetch a line of it.
// CHECK-LABEL: module @short
// CHECK: schedule.kernel "conv"
// CHECK-SAME: columns = 14, vectors = 2, unroll = 4, prefetch = 16, prefetchNext = true
// Five times as many hide it.
// CHECK: schedule.kernel "long"
// CHECK-SAME: vectors = 2, unroll = 1, prefetch = 0, prefetchNext = false
module @short attributes {schedule.machine = #avx512} {
  func.func @f(%x: tensor<1x14x14x96xf32>, %y: tensor<1x32x32x96xf32>) -> (tensor<1x14x14x576xf32>, tensor<1x32x32x96xf32>) {
    %f = edge.constant {value = dense<1.0> : tensor<576x1x1x96xf32>} : tensor<576x1x1x96xf32>
    %g = edge.constant {value = dense<1.0> : tensor<96x1x1x96xf32>} : tensor<96x1x1x96xf32>
    %0 = schedule.kernel "conv" (%x, %f) : (tensor<1x14x14x96xf32>, tensor<576x1x1x96xf32>) -> tensor<1x14x14x576xf32> {
    ^bb0(%a: tensor<1x14x14x96xf32>, %b: tensor<576x1x1x96xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x14x14x96xf32>, tensor<576x1x1x96xf32>) -> tensor<1x14x14x576xf32>
      schedule.yield %r : tensor<1x14x14x576xf32>
    }
    %1 = schedule.kernel "long" (%y, %g) : (tensor<1x32x32x96xf32>, tensor<96x1x1x96xf32>) -> tensor<1x32x32x96xf32> {
    ^bb0(%a: tensor<1x32x32x96xf32>, %b: tensor<96x1x1x96xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x32x32x96xf32>, tensor<96x1x1x96xf32>) -> tensor<1x32x32x96xf32>
      schedule.yield %r : tensor<1x32x32x96xf32>
    }
    return %0, %1 : tensor<1x14x14x576xf32>, tensor<1x32x32x96xf32>
  }
}

// The result and what is added to it are 6 MB, and are gone through once, from
// front to back, if all panels of a tile follow each other. A single panel does
// so anyway; and a product of a whole cache of weights would read those again
// and again.
// CHECK-LABEL: module @large
// CHECK: schedule.kernel "sums"
// CHECK-SAME: split = rows
// CHECK-SAME: panelsInside = true
// CHECK: schedule.kernel "one"
// CHECK-NOT: panelsInside
// CHECK: schedule.kernel "weights"
// CHECK-NOT: panelsInside
// CHECK: return
module @large attributes {schedule.machine = #avx512} {
  func.func @f(%x: tensor<1x56x56x64xf32>, %s: tensor<1x56x56x256xf32>, %y: tensor<1x112x112x16xf32>, %z: tensor<1x28x28x512xf32>) -> (tensor<1x56x56x256xf32>, tensor<1x112x112x32xf32>, tensor<1x28x28x512xf32>) {
    %f = edge.constant {value = dense<1.0> : tensor<256x1x1x64xf32>} : tensor<256x1x1x64xf32>
    %g = edge.constant {value = dense<1.0> : tensor<32x1x1x16xf32>} : tensor<32x1x1x16xf32>
    %h = edge.constant {value = dense<1.0> : tensor<512x1x1x512xf32>} : tensor<512x1x1x512xf32>
    %0 = schedule.kernel "sums" (%x, %f, %s) : (tensor<1x56x56x64xf32>, tensor<256x1x1x64xf32>, tensor<1x56x56x256xf32>) -> tensor<1x56x56x256xf32> {
    ^bb0(%a: tensor<1x56x56x64xf32>, %b: tensor<256x1x1x64xf32>, %c: tensor<1x56x56x256xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x56x56x64xf32>, tensor<256x1x1x64xf32>) -> tensor<1x56x56x256xf32>
      %t = edge.add %r, %c : (tensor<1x56x56x256xf32>, tensor<1x56x56x256xf32>) -> tensor<1x56x56x256xf32>
      schedule.yield %t : tensor<1x56x56x256xf32>
    }
    %1 = schedule.kernel "one" (%y, %g) : (tensor<1x112x112x16xf32>, tensor<32x1x1x16xf32>) -> tensor<1x112x112x32xf32> {
    ^bb0(%a: tensor<1x112x112x16xf32>, %b: tensor<32x1x1x16xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x112x112x16xf32>, tensor<32x1x1x16xf32>) -> tensor<1x112x112x32xf32>
      schedule.yield %r : tensor<1x112x112x32xf32>
    }
    %2 = schedule.kernel "weights" (%z, %h) : (tensor<1x28x28x512xf32>, tensor<512x1x1x512xf32>) -> tensor<1x28x28x512xf32> {
    ^bb0(%a: tensor<1x28x28x512xf32>, %b: tensor<512x1x1x512xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x28x28x512xf32>, tensor<512x1x1x512xf32>) -> tensor<1x28x28x512xf32>
      schedule.yield %r : tensor<1x28x28x512xf32>
    }
    return %0, %1, %2 : tensor<1x56x56x256xf32>, tensor<1x112x112x32xf32>, tensor<1x28x28x512xf32>
  }
}

// Weights of 256 KB come from memory, and the few tiles leave no time for that
// with panels inside; outside each panel is fetched while the one before
// computes.
// CHECK-LABEL: module @cold_weights
// CHECK: schedule.kernel "sums"
// CHECK-SAME: prefetchNext = true
// CHECK-NOT: panelsInside
// CHECK: return
module @cold_weights attributes {schedule.machine = #avx512} {
  func.func @f(%x: tensor<1x14x14x128xf32>, %s: tensor<1x14x14x512xf32>) -> tensor<1x14x14x512xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<512x1x1x128xf32>} : tensor<512x1x1x128xf32>
    %0 = schedule.kernel "sums" (%x, %f, %s) : (tensor<1x14x14x128xf32>, tensor<512x1x1x128xf32>, tensor<1x14x14x512xf32>) -> tensor<1x14x14x512xf32> {
    ^bb0(%a: tensor<1x14x14x128xf32>, %b: tensor<512x1x1x128xf32>, %c: tensor<1x14x14x512xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x14x14x128xf32>, tensor<512x1x1x128xf32>) -> tensor<1x14x14x512xf32>
      %t = edge.add %r, %c : (tensor<1x14x14x512xf32>, tensor<1x14x14x512xf32>) -> tensor<1x14x14x512xf32>
      schedule.yield %t : tensor<1x14x14x512xf32>
    }
    return %0 : tensor<1x14x14x512xf32>
  }
}

// Of 1.6 MB of input strides read a quarter, which stays in the cache: few wide
// panels, which would read it less often, are not worth their loads.
// CHECK-LABEL: module @strided
// CHECK: schedule.kernel "quarter"
// CHECK-SAME: columns = 14, vectors = 2
module @strided attributes {schedule.machine = #far} {
  func.func @f(%x: tensor<1x28x28x528xf32>) -> tensor<1x14x14x1024xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<1024x1x1x528xf32>} : tensor<1024x1x1x528xf32>
    %0 = schedule.kernel "quarter" (%x, %f) : (tensor<1x28x28x528xf32>, tensor<1024x1x1x528xf32>) -> tensor<1x14x14x1024xf32> {
    ^bb0(%a: tensor<1x28x28x528xf32>, %b: tensor<1024x1x1x528xf32>):
      %r = edge.conv2d %a, %b {strides = array<i64: 2, 2>} : (tensor<1x28x28x528xf32>, tensor<1024x1x1x528xf32>) -> tensor<1x14x14x1024xf32>
      schedule.yield %r : tensor<1x14x14x1024xf32>
    }
    return %0 : tensor<1x14x14x1024xf32>
  }
}

// A tile of 576 channels is longer than the cache remembers: two lines of
// channels at a time go through the image. 256 bytes apart they do; 512 channels
// lie a multiple of 2 KB apart and meet in few sets.
// CHECK-LABEL: module @depthwise
// CHECK: schedule.kernel "blocks"
// CHECK-SAME: vectors = 2
// CHECK: schedule.kernel "whole"
// CHECK-SAME: vectors = 1
module @depthwise attributes {schedule.machine = #avx512} {
  func.func @f(%x: tensor<1x14x14x576xf32>, %y: tensor<1x14x14x512xf32>) -> (tensor<1x12x12x576xf32>, tensor<1x12x12x512xf32>) {
    %f = edge.constant {value = dense<1.0> : tensor<576x3x3x1xf32>} : tensor<576x3x3x1xf32>
    %g = edge.constant {value = dense<1.0> : tensor<512x3x3x1xf32>} : tensor<512x3x3x1xf32>
    %0 = schedule.kernel "blocks" (%x, %f) : (tensor<1x14x14x576xf32>, tensor<576x3x3x1xf32>) -> tensor<1x12x12x576xf32> {
    ^bb0(%a: tensor<1x14x14x576xf32>, %b: tensor<576x3x3x1xf32>):
      %r = edge.conv2d %a, %b {groups = 576 : i64} : (tensor<1x14x14x576xf32>, tensor<576x3x3x1xf32>) -> tensor<1x12x12x576xf32>
      schedule.yield %r : tensor<1x12x12x576xf32>
    }
    %1 = schedule.kernel "whole" (%y, %g) : (tensor<1x14x14x512xf32>, tensor<512x3x3x1xf32>) -> tensor<1x12x12x512xf32> {
    ^bb0(%a: tensor<1x14x14x512xf32>, %b: tensor<512x3x3x1xf32>):
      %r = edge.conv2d %a, %b {groups = 512 : i64} : (tensor<1x14x14x512xf32>, tensor<512x3x3x1xf32>) -> tensor<1x12x12x512xf32>
      schedule.yield %r : tensor<1x12x12x512xf32>
    }
    return %0, %1 : tensor<1x12x12x576xf32>, tensor<1x12x12x512xf32>
  }
}

// From far away whole pixels come faster than two lines of each, and take longer
// than what passes between the nearer caches.
// CHECK-LABEL: module @far
// CHECK: schedule.kernel "depthwise"
// CHECK-SAME: vectors = 1
module @far attributes {schedule.machine = #far} {
  func.func @f(%x: tensor<1x28x28x576xf32>) -> tensor<1x26x26x576xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<576x3x3x1xf32>} : tensor<576x3x3x1xf32>
    %0 = schedule.kernel "depthwise" (%x, %f) : (tensor<1x28x28x576xf32>, tensor<576x3x3x1xf32>) -> tensor<1x26x26x576xf32> {
    ^bb0(%a: tensor<1x28x28x576xf32>, %b: tensor<576x3x3x1xf32>):
      %r = edge.conv2d %a, %b {groups = 576 : i64} : (tensor<1x28x28x576xf32>, tensor<576x3x3x1xf32>) -> tensor<1x26x26x576xf32>
      schedule.yield %r : tensor<1x26x26x576xf32>
    }
    return %0 : tensor<1x26x26x576xf32>
  }
}

// 51,200 bytes of filter come from memory at seven bytes a cycle; the products
// take a fifth of that.
// CHECK-LABEL: module @cold_filter
// CHECK: schedule.kernel "depthwise"
// CHECK-SAME: cycles = {{9[0-9][0-9][0-9]|10[0-9][0-9][0-9]}}>
module @cold_filter attributes {schedule.machine = #avx512} {
  func.func @f(%x: tensor<1x5x5x512xf32>) -> tensor<1x1x1x512xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<512x5x5x1xf32>} : tensor<512x5x5x1xf32>
    %0 = schedule.kernel "depthwise" (%x, %f) : (tensor<1x5x5x512xf32>, tensor<512x5x5x1xf32>) -> tensor<1x1x1x512xf32> {
    ^bb0(%a: tensor<1x5x5x512xf32>, %b: tensor<512x5x5x1xf32>):
      %r = edge.conv2d %a, %b {groups = 512 : i64} : (tensor<1x5x5x512xf32>, tensor<512x5x5x1xf32>) -> tensor<1x1x1x512xf32>
      schedule.yield %r : tensor<1x1x1x512xf32>
    }
    return %0 : tensor<1x1x1x512xf32>
  }
}

// Nine cycles for each vector's SiLU beside five of multiply-adds.
// CHECK-LABEL: module @activated
// CHECK: schedule.kernel "depthwise"
// CHECK-SAME: cycles = 4{{[0-9][0-9][0-9]}}>
module @activated attributes {schedule.machine = #avx512} {
  func.func @f(%x: tensor<1x18x18x16xf32>) -> tensor<1x16x16x16xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<16x3x3x1xf32>} : tensor<16x3x3x1xf32>
    %0 = schedule.kernel "depthwise" (%x, %f) : (tensor<1x18x18x16xf32>, tensor<16x3x3x1xf32>) -> tensor<1x16x16x16xf32> {
    ^bb0(%a: tensor<1x18x18x16xf32>, %b: tensor<16x3x3x1xf32>):
      %s = edge.conv2d %a, %b {groups = 16 : i64} : (tensor<1x18x18x16xf32>, tensor<16x3x3x1xf32>) -> tensor<1x16x16x16xf32>
      %r = edge.silu %s : (tensor<1x16x16x16xf32>) -> tensor<1x16x16x16xf32>
      schedule.yield %r : tensor<1x16x16x16xf32>
    }
    return %0 : tensor<1x16x16x16xf32>
  }
}

// With dilation 2 every other row and column of a tile read the same inputs, so
// that squares of outputs read the fewest.
// CHECK-LABEL: module @dilated
// CHECK: schedule.kernel "depthwise"
// CHECK-SAME: rows = 4, columns = 4
module @dilated attributes {schedule.machine = #avx512} {
  func.func @f(%x: tensor<1x12x12x32xf32>) -> tensor<1x8x8x32xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<32x3x3x1xf32>} : tensor<32x3x3x1xf32>
    %0 = schedule.kernel "depthwise" (%x, %f) : (tensor<1x12x12x32xf32>, tensor<32x3x3x1xf32>) -> tensor<1x8x8x32xf32> {
    ^bb0(%a: tensor<1x12x12x32xf32>, %b: tensor<32x3x3x1xf32>):
      %r = edge.conv2d %a, %b {groups = 32 : i64, dilations = array<i64: 2, 2>} : (tensor<1x12x12x32xf32>, tensor<32x3x3x1xf32>) -> tensor<1x8x8x32xf32>
      schedule.yield %r : tensor<1x8x8x32xf32>
    }
    return %0 : tensor<1x8x8x32xf32>
  }
}

// The sums of a 5x5 filter are chains of 25 multiply-adds, of which a hundred wait
// in the core: two rows of outputs, as one would have four sums at a time.
// CHECK-LABEL: module @chains
// CHECK: schedule.kernel "depthwise"
// CHECK-SAME: rows = 2, columns = 4
module @chains attributes {schedule.machine = #avx512} {
  func.func @f(%x: tensor<1x11x11x64xf32>) -> tensor<1x4x4x64xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<64x5x5x1xf32>} : tensor<64x5x5x1xf32>
    %0 = schedule.kernel "depthwise" (%x, %f) : (tensor<1x11x11x64xf32>, tensor<64x5x5x1xf32>) -> tensor<1x4x4x64xf32> {
    ^bb0(%a: tensor<1x11x11x64xf32>, %b: tensor<64x5x5x1xf32>):
      %r = edge.conv2d %a, %b {groups = 64 : i64, strides = array<i64: 2, 2>} : (tensor<1x11x11x64xf32>, tensor<64x5x5x1xf32>) -> tensor<1x4x4x64xf32>
      schedule.yield %r : tensor<1x4x4x64xf32>
    }
    return %0 : tensor<1x4x4x64xf32>
  }
}

// A row of a 7x7 filter stays in registers for as long as two rows of outputs
// want it, so that 14 sums of two rows read fewer inputs than those of one.
// CHECK-LABEL: module @two_rows
// CHECK: schedule.kernel "depthwise"
// CHECK-SAME: rows = 2, columns = 7
module @two_rows attributes {schedule.machine = #avx512} {
  func.func @f(%x: tensor<1x20x20x32xf32>) -> tensor<1x14x14x32xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<32x7x7x1xf32>} : tensor<32x7x7x1xf32>
    %0 = schedule.kernel "depthwise" (%x, %f) : (tensor<1x20x20x32xf32>, tensor<32x7x7x1xf32>) -> tensor<1x14x14x32xf32> {
    ^bb0(%a: tensor<1x20x20x32xf32>, %b: tensor<32x7x7x1xf32>):
      %r = edge.conv2d %a, %b {groups = 32 : i64} : (tensor<1x20x20x32xf32>, tensor<32x7x7x1xf32>) -> tensor<1x14x14x32xf32>
      schedule.yield %r : tensor<1x14x14x32xf32>
    }
    return %0 : tensor<1x14x14x32xf32>
  }
}

// Five vectors each, but those of 72 channels lie in two lines every other time.
// CHECK-LABEL: module @straddling
// CHECK: schedule.kernel "whole"
// CHECK-SAME: cycles = 64{{[0-9][0-9]}}>
// CHECK: schedule.kernel "halves"
// CHECK-SAME: cycles = 65{{[0-9][0-9]}}>
module @straddling attributes {schedule.machine = #avx512} {
  func.func @f(%x: tensor<1x14x14x80xf32>, %y: tensor<1x14x14x72xf32>) -> (tensor<1x12x12x80xf32>, tensor<1x12x12x72xf32>) {
    %f = edge.constant {value = dense<1.0> : tensor<80x3x3x1xf32>} : tensor<80x3x3x1xf32>
    %g = edge.constant {value = dense<1.0> : tensor<72x3x3x1xf32>} : tensor<72x3x3x1xf32>
    %0 = schedule.kernel "whole" (%x, %f) : (tensor<1x14x14x80xf32>, tensor<80x3x3x1xf32>) -> tensor<1x12x12x80xf32> {
    ^bb0(%a: tensor<1x14x14x80xf32>, %b: tensor<80x3x3x1xf32>):
      %r = edge.conv2d %a, %b {groups = 80 : i64} : (tensor<1x14x14x80xf32>, tensor<80x3x3x1xf32>) -> tensor<1x12x12x80xf32>
      schedule.yield %r : tensor<1x12x12x80xf32>
    }
    %1 = schedule.kernel "halves" (%y, %g) : (tensor<1x14x14x72xf32>, tensor<72x3x3x1xf32>) -> tensor<1x12x12x72xf32> {
    ^bb0(%a: tensor<1x14x14x72xf32>, %b: tensor<72x3x3x1xf32>):
      %r = edge.conv2d %a, %b {groups = 72 : i64} : (tensor<1x14x14x72xf32>, tensor<72x3x3x1xf32>) -> tensor<1x12x12x72xf32>
      schedule.yield %r : tensor<1x12x12x72xf32>
    }
    return %0, %1 : tensor<1x12x12x80xf32>, tensor<1x12x12x72xf32>
  }
}

// A kernel that has a tiling keeps it; one without vectors gets one lane.
// CHECK-LABEL: module @none
// CHECK: schedule.kernel "kept"
// CHECK-SAME: rows = 9
// CHECK: schedule.kernel "chosen"
// CHECK-SAME: lanes = 1
module @none attributes {schedule.machine = #scalar} {
  func.func @f(%x: tensor<3x8xf32>) -> tensor<3x8xf32> {
    %f = edge.constant {value = dense<1.0> : tensor<8x8xf32>} : tensor<8x8xf32>
    %0 = schedule.kernel "kept" (%x, %f) {tiling = #schedule.tiling<lanes = 1, rows = 9, columns = 1, vectors = 1, unroll = 1, prefetch = 0, prefetchNext = false, split = rows, cycles = 0>} : (tensor<3x8xf32>, tensor<8x8xf32>) -> tensor<3x8xf32> {
    ^bb0(%a: tensor<3x8xf32>, %b: tensor<8x8xf32>):
      %r = edge.fully_connected %a, %b : (tensor<3x8xf32>, tensor<8x8xf32>) -> tensor<3x8xf32>
      schedule.yield %r : tensor<3x8xf32>
    }
    %1 = schedule.kernel "chosen" (%0, %f) : (tensor<3x8xf32>, tensor<8x8xf32>) -> tensor<3x8xf32> {
    ^bb0(%a: tensor<3x8xf32>, %b: tensor<8x8xf32>):
      %r = edge.fully_connected %a, %b : (tensor<3x8xf32>, tensor<8x8xf32>) -> tensor<3x8xf32>
      schedule.yield %r : tensor<3x8xf32>
    }
    return %1 : tensor<3x8xf32>
  }
}

// Weights are larger than the rows and would be divided, but 3 panels for two
// threads take as long as 4, where rows come out nearly even; 4 panels do, too.
// CHECK-LABEL: module @uneven
// CHECK: schedule.kernel "three"
// CHECK-SAME: vectors = 2,{{.*}} split = rows
// CHECK: schedule.kernel "four"
// CHECK-SAME: vectors = 2,{{.*}} split = columns
module @uneven attributes {schedule.machine = #avx512} {
  func.func @f(%x: tensor<1x7x7x576xf32>) -> (tensor<1x7x7x96xf32>, tensor<1x7x7x128xf32>) {
    %f = edge.constant {value = dense<1.0> : tensor<96x1x1x576xf32>} : tensor<96x1x1x576xf32>
    %g = edge.constant {value = dense<1.0> : tensor<128x1x1x576xf32>} : tensor<128x1x1x576xf32>
    %0 = schedule.kernel "three" (%x, %f) : (tensor<1x7x7x576xf32>, tensor<96x1x1x576xf32>) -> tensor<1x7x7x96xf32> {
    ^bb0(%a: tensor<1x7x7x576xf32>, %b: tensor<96x1x1x576xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x7x7x576xf32>, tensor<96x1x1x576xf32>) -> tensor<1x7x7x96xf32>
      schedule.yield %r : tensor<1x7x7x96xf32>
    }
    %1 = schedule.kernel "four" (%x, %g) : (tensor<1x7x7x576xf32>, tensor<128x1x1x576xf32>) -> tensor<1x7x7x128xf32> {
    ^bb0(%a: tensor<1x7x7x576xf32>, %b: tensor<128x1x1x576xf32>):
      %r = edge.conv2d %a, %b : (tensor<1x7x7x576xf32>, tensor<128x1x1x576xf32>) -> tensor<1x7x7x128xf32>
      schedule.yield %r : tensor<1x7x7x128xf32>
    }
    return %0, %1 : tensor<1x7x7x96xf32>, tensor<1x7x7x128xf32>
  }
}

// One row asks for weights that come from memory 2 KB ahead; those that a cache
// holds come by themselves.
// CHECK-LABEL: module @row
// CHECK: schedule.kernel "far"
// CHECK-SAME: lanes = 16, rows = 1, columns = 1, vectors = 8, unroll = 4, prefetch = 4, prefetchNext = false
// CHECK: schedule.kernel "near"
// CHECK-SAME: prefetch = 0, prefetchNext = false
module @row attributes {schedule.machine = #avx512} {
  func.func @f(%x: tensor<1x1024xf32>) -> (tensor<1x256xf32>, tensor<1x64xf32>) {
    %f = edge.constant {value = dense<1.0> : tensor<256x1024xf32>} : tensor<256x1024xf32>
    %g = edge.constant {value = dense<1.0> : tensor<64x1024xf32>} : tensor<64x1024xf32>
    %0 = schedule.kernel "far" (%x, %f) : (tensor<1x1024xf32>, tensor<256x1024xf32>) -> tensor<1x256xf32> {
    ^bb0(%a: tensor<1x1024xf32>, %b: tensor<256x1024xf32>):
      %r = edge.fully_connected %a, %b : (tensor<1x1024xf32>, tensor<256x1024xf32>) -> tensor<1x256xf32>
      schedule.yield %r : tensor<1x256xf32>
    }
    %1 = schedule.kernel "near" (%x, %g) : (tensor<1x1024xf32>, tensor<64x1024xf32>) -> tensor<1x64xf32> {
    ^bb0(%a: tensor<1x1024xf32>, %b: tensor<64x1024xf32>):
      %r = edge.fully_connected %a, %b : (tensor<1x1024xf32>, tensor<64x1024xf32>) -> tensor<1x64xf32>
      schedule.yield %r : tensor<1x64xf32>
    }
    return %0, %1 : tensor<1x256xf32>, tensor<1x64xf32>
  }
}

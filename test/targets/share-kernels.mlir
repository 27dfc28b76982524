// Which calls threads share depends on how long a handover takes, and on what
// the calls around do with the same bytes.
// RUN: edge-opt %s -edge-attach-machine="target=x86_64 cpu=znver4" -edge-share-kernels -split-input-file | FileCheck %s
// RUN: edge-opt %s -edge-attach-machine="target=x86_64 cpu=znver4" -edge-share-kernels=parallel-cycles=0 -split-input-file | FileCheck %s --check-prefix=ALL
// RUN: edge-opt %s -edge-attach-machine="target=x86_64 cpu=znver4" -edge-form-sections -edge-share-kernels=parallel-cycles=1 -split-input-file | FileCheck %s --check-prefix=SECTION
// RUN: not edge-opt %s -edge-share-kernels -split-input-file 2>&1 | FileCheck %s --check-prefix=NO-MACHINE
// NO-MACHINE: has no schedule.machine; run edge-attach-machine

// ALL-NOT: handover = 0
// ALL: handover = 9223372036854775807

func.func private @small(%x: memref<64xf32>, %r: memref<64xf32>, %begin: index, %end: index) {
  %c0 = arith.constant 0 : index
  %v = memref.load %x[%c0] : memref<64xf32>
  memref.store %v, %r[%c0] : memref<64xf32>
  return
}
// CHECK-LABEL: rt.program @apart
// The longer the kernel, the longer may a handover take.
// CHECK: handover = {{[0-9][0-9][0-9][0-9][0-9] .*}}kernel_name = "long"
// CHECK: handover = {{[0-9][0-9][0-9] .*}}kernel_name = "short"
// Too short, or nothing to share.
// CHECK-NOT: handover
// CHECK: kernel_name = "one"
// Saves too little of the run.
// CHECK-LABEL: rt.program @little
// CHECK-NOT: handover
// CHECK: kernel_name = "tenth"
rt.program @apart attributes {arena_bytes = 2048 : i64, weights_bytes = 0 : i64, input_names = [], input_types = [], output_names = [], output_types = []} {
  rt.call @small [#rt.address<arena, 0>, #rt.address<arena, 256>] {extent = 8 : i64, kernel_name = "long", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 400000 : i64}
  rt.call @small [#rt.address<arena, 512>, #rt.address<arena, 768>] {extent = 8 : i64, kernel_name = "short", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 8000 : i64}
  rt.call @small [#rt.address<arena, 1024>, #rt.address<arena, 1280>] {extent = 8 : i64, kernel_name = "shortest", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 2500 : i64}
  rt.call @small [#rt.address<arena, 1536>, #rt.address<arena, 1792>] {extent = 1 : i64, kernel_name = "one", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 400000 : i64}
}
rt.program @little attributes {arena_bytes = 2048 : i64, weights_bytes = 0 : i64, input_names = [], input_types = [], output_names = [], output_types = []} {
  rt.call @small [#rt.address<arena, 0>, #rt.address<arena, 256>] {extent = 1 : i64, kernel_name = "most", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 4000000 : i64}
  rt.call @small [#rt.address<arena, 512>, #rt.address<arena, 768>] {extent = 8 : i64, kernel_name = "tenth", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 400000 : i64}
}

// -----

// What a kernel that cannot be shared writes is read by the next, and the other
// way round: half of it would cross both times.
func.func private @large(%x: memref<32768xf32>, %r: memref<32768xf32>, %begin: index, %end: index) {
  %c0 = arith.constant 0 : index
  %v = memref.load %x[%c0] : memref<32768xf32>
  memref.store %v, %r[%c0] : memref<32768xf32>
  return
}
// CHECK-LABEL: rt.program @together
// CHECK-NOT: handover
// CHECK-LABEL: rt.program @alike
// CHECK: handover = {{.*}}kernel_name = "first"
// CHECK: handover = {{.*}}kernel_name = "second"
rt.program @together attributes {arena_bytes = 262144 : i64, weights_bytes = 0 : i64, input_names = [], input_types = [], output_names = [], output_types = []} {
  rt.call @large [#rt.address<arena, 0>, #rt.address<arena, 131072>] {extent = 1 : i64, kernel_name = "alone", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 10000 : i64}
  rt.call @large [#rt.address<arena, 131072>, #rt.address<arena, 0>] {extent = 8 : i64, kernel_name = "between", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 10000 : i64}
  rt.call @large [#rt.address<arena, 0>, #rt.address<arena, 131072>] {extent = 1 : i64, kernel_name = "alone_too", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 10000 : i64}
}
rt.program @alike attributes {arena_bytes = 262144 : i64, weights_bytes = 0 : i64, input_names = [], input_types = [], output_names = [], output_types = []} {
  rt.call @large [#rt.address<arena, 0>, #rt.address<arena, 131072>] {extent = 8 : i64, kernel_name = "first", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 10000 : i64}
  rt.call @large [#rt.address<arena, 131072>, #rt.address<arena, 0>] {extent = 8 : i64, kernel_name = "second", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 10000 : i64}
}

// -----

// Between two calls that stay on one thread a handover is due before and after;
// calls that follow each other and are all shared wait once for each.
func.func private @small(%x: memref<64xf32>, %r: memref<64xf32>, %begin: index, %end: index) {
  %c0 = arith.constant 0 : index
  %v = memref.load %x[%c0] : memref<64xf32>
  memref.store %v, %r[%c0] : memref<64xf32>
  return
}
// SECTION-LABEL: rt.program @between
// SECTION-NOT: handover
// SECTION-LABEL: rt.program @chain
// SECTION-COUNT-4: handover
rt.program @between attributes {arena_bytes = 2048 : i64, weights_bytes = 0 : i64, input_names = [], input_types = [], output_names = [], output_types = []} {
  rt.call @small [#rt.address<arena, 0>, #rt.address<arena, 256>] {extent = 1 : i64, kernel_name = "call", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 2000 : i64}
  rt.call @small [#rt.address<arena, 256>, #rt.address<arena, 512>] {extent = 8 : i64, kernel_name = "call", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 2000 : i64}
  rt.call @small [#rt.address<arena, 512>, #rt.address<arena, 768>] {extent = 1 : i64, kernel_name = "call", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 2000 : i64}
}
rt.program @chain attributes {arena_bytes = 2048 : i64, weights_bytes = 0 : i64, input_names = [], input_types = [], output_names = [], output_types = []} {
  rt.call @small [#rt.address<arena, 0>, #rt.address<arena, 256>] {extent = 8 : i64, kernel_name = "call", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 2000 : i64}
  rt.call @small [#rt.address<arena, 256>, #rt.address<arena, 512>] {extent = 8 : i64, kernel_name = "call", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 2000 : i64}
  rt.call @small [#rt.address<arena, 512>, #rt.address<arena, 768>] {extent = 8 : i64, kernel_name = "call", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 2000 : i64}
  rt.call @small [#rt.address<arena, 768>, #rt.address<arena, 1024>] {extent = 8 : i64, kernel_name = "call", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 2000 : i64}
}

// -----

// Over columns, half of what the other thread wrote crosses. What nobody reads
// is scratch memory, of which each thread uses its own part.
func.func private @scratch(%x: memref<16xf32>, %r: memref<16xf32>, %s: memref<65536xf32>, %begin: index, %end: index) {
  %c0 = arith.constant 0 : index
  %v = memref.load %x[%c0] : memref<16xf32>
  memref.store %v, %s[%c0] : memref<65536xf32>
  memref.store %v, %r[%c0] : memref<16xf32>
  return
}
func.func private @read(%x: memref<65536xf32>, %r: memref<65536xf32>, %begin: index, %end: index) {
  %c0 = arith.constant 0 : index
  %v = memref.load %x[%c0] : memref<65536xf32>
  memref.store %v, %r[%c0] : memref<65536xf32>
  return
}
// SECTION-LABEL: rt.program @own_scratch
// SECTION: handover = {{[0-9][0-9][0-9][0-9] .*}}kernel_name = "first"
// SECTION: handover = {{[0-9][0-9][0-9][0-9] .*}}kernel_name = "second"
// SECTION-LABEL: rt.program @crosses
// SECTION-NOT: handover = {{[0-9][0-9][0-9][0-9]}}
// SECTION: kernel_name = "second"
rt.program @own_scratch attributes {arena_bytes = 262400 : i64, weights_bytes = 0 : i64, input_names = [], input_types = [], output_names = [], output_types = []} {
  rt.call @scratch [#rt.address<arena, 0>, #rt.address<arena, 128>, #rt.address<arena, 256>] {columns, extent = 8 : i64, kernel_name = "first", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 100000 : i64}
  rt.call @scratch [#rt.address<arena, 128>, #rt.address<arena, 0>, #rt.address<arena, 256>] {columns, extent = 8 : i64, kernel_name = "second", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 100000 : i64}
}
rt.program @crosses attributes {arena_bytes = 524288 : i64, weights_bytes = 0 : i64, input_names = [], input_types = [], output_names = [], output_types = []} {
  rt.call @read [#rt.address<arena, 0>, #rt.address<arena, 262144>] {columns, extent = 8 : i64, kernel_name = "first", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 100000 : i64}
  rt.call @read [#rt.address<arena, 262144>, #rt.address<arena, 0>] {columns, extent = 8 : i64, kernel_name = "second", layers = "", flops = 0 : i64, bytes = 0 : i64, cycles = 100000 : i64}
}

// Which calls wait for which, by the bytes that they touch.
// RUN: edge-opt %s -edge-form-sections -split-input-file | FileCheck %s

func.func private @map(%x: memref<64xf32>, %r: memref<64xf32>, %begin: index, %end: index) {
  %c0 = arith.constant 0 : index
  %v = memref.load %x[%c0] : memref<64xf32>
  memref.store %v, %r[%c0] : memref<64xf32>
  return
}
func.func private @join(%x: memref<64xf32>, %y: memref<64xf32>, %r: memref<64xf32>, %begin: index, %end: index) {
  %c0 = arith.constant 0 : index
  %v = memref.load %x[%c0] : memref<64xf32>
  %w = memref.load %y[%c0] : memref<64xf32>
  %s = arith.addf %v, %w : f32
  memref.store %s, %r[%c0] : memref<64xf32>
  return
}

// Two branches wait for nobody; their sum waits for both.
// CHECK-LABEL: rt.program @branches
// CHECK-NEXT: rt.section {
// CHECK-NOT: after
// CHECK: kernel_name = "left"
// CHECK-NOT: after
// CHECK: kernel_name = "right"
// CHECK: after = array<i64: 1, 0>{{.*}} kernel_name = "sum"
rt.program @branches attributes {arena_bytes = 512 : i64, weights_bytes = 0 : i64, input_names = ["x"], input_types = [tensor<64xf32>], output_names = ["y"], output_types = [tensor<64xf32>]} {
  rt.call @map [#rt.address<input, 0>, #rt.address<arena, 0>] {extent = 8 : i64, kernel_name = "left", layers = "", flops = 0 : i64, bytes = 0 : i64}
  rt.call @map [#rt.address<input, 0>, #rt.address<arena, 256>] {extent = 8 : i64, kernel_name = "right", layers = "", flops = 0 : i64, bytes = 0 : i64}
  rt.call @join [#rt.address<arena, 0>, #rt.address<arena, 256>, #rt.address<output, 0>] {extent = 8 : i64, kernel_name = "sum", layers = "", flops = 0 : i64, bytes = 0 : i64}
}

// Memory that is used again: a writer waits for those who read, and for who
// wrote a part of it, whoever else has touched the rest.
// CHECK-LABEL: rt.program @reuse
// CHECK: kernel_name = "first"
// CHECK: after = array<i64: 0>{{.*}} kernel_name = "reader"
// CHECK: after = array<i64: 0>{{.*}} kernel_name = "other_reader"
// CHECK: after = array<i64: 2, 1>{{.*}} kernel_name = "overwrites"
// Half of what "overwrites" wrote and half of what "reader" did, which is over.
// CHECK: after = array<i64: 3>{{.*}} kernel_name = "half"
// What was read before it was ever written in this section.
// CHECK-NOT: after
// CHECK: kernel_name = "reads_old"
// CHECK: after = array<i64: 5>{{.*}} kernel_name = "overwrites_old"
rt.program @reuse attributes {arena_bytes = 4096 : i64, weights_bytes = 0 : i64, input_names = ["x"], input_types = [tensor<64xf32>], output_names = ["y"], output_types = [tensor<64xf32>]} {
  rt.call @map [#rt.address<input, 0>, #rt.address<arena, 0>] {extent = 8 : i64, kernel_name = "first", layers = "", flops = 0 : i64, bytes = 0 : i64}
  rt.call @map [#rt.address<arena, 0>, #rt.address<arena, 256>] {extent = 8 : i64, kernel_name = "reader", layers = "", flops = 0 : i64, bytes = 0 : i64}
  rt.call @map [#rt.address<arena, 0>, #rt.address<arena, 512>] {extent = 8 : i64, kernel_name = "other_reader", layers = "", flops = 0 : i64, bytes = 0 : i64}
  rt.call @map [#rt.address<input, 0>, #rt.address<arena, 0>] {extent = 8 : i64, kernel_name = "overwrites", layers = "", flops = 0 : i64, bytes = 0 : i64}
  rt.call @map [#rt.address<arena, 128>, #rt.address<output, 0>] {extent = 8 : i64, kernel_name = "half", layers = "", flops = 0 : i64, bytes = 0 : i64}
  rt.call @map [#rt.address<arena, 2048>, #rt.address<arena, 3072>] {extent = 8 : i64, kernel_name = "reads_old", layers = "", flops = 0 : i64, bytes = 0 : i64}
  rt.call @map [#rt.address<input, 0>, #rt.address<arena, 2048>] {extent = 8 : i64, kernel_name = "overwrites_old", layers = "", flops = 0 : i64, bytes = 0 : i64}
}

// A result in the place of its operand; an output as an operand; other outputs
// and inputs are other memory.
// CHECK-LABEL: rt.program @places
// CHECK: kernel_name = "a"
// CHECK: after = array<i64: 0>{{.*}} kernel_name = "in_place"
// CHECK: after = array<i64: 1>{{.*}} kernel_name = "b"
// CHECK: after = array<i64: 2>{{.*}} kernel_name = "from_output"
// CHECK-NOT: after
// CHECK: kernel_name = "other"
rt.program @places attributes {arena_bytes = 512 : i64, weights_bytes = 0 : i64, input_names = ["x"], input_types = [tensor<64xf32>], output_names = ["y", "z", "w"], output_types = [tensor<64xf32>, tensor<64xf32>, tensor<64xf32>]} {
  rt.call @map [#rt.address<input, 0>, #rt.address<arena, 0>] {extent = 8 : i64, kernel_name = "a", layers = "", flops = 0 : i64, bytes = 0 : i64}
  rt.call @map [#rt.address<arena, 0>, #rt.address<arena, 0>] {extent = 8 : i64, kernel_name = "in_place", layers = "", flops = 0 : i64, bytes = 0 : i64}
  rt.call @map [#rt.address<arena, 0>, #rt.address<output, 0>] {extent = 8 : i64, kernel_name = "b", layers = "", flops = 0 : i64, bytes = 0 : i64}
  rt.call @map [#rt.address<output, 0>, #rt.address<output, 1>] {extent = 8 : i64, kernel_name = "from_output", layers = "", flops = 0 : i64, bytes = 0 : i64}
  rt.call @map [#rt.address<input, 0>, #rt.address<output, 2>] {extent = 8 : i64, kernel_name = "other", layers = "", flops = 0 : i64, bytes = 0 : i64}
}

// -----

// Branches, loops and copies end a section; each body has its own.
func.func private @map(%x: memref<64xf32>, %r: memref<64xf32>, %begin: index, %end: index) {
  %c0 = arith.constant 0 : index
  %v = memref.load %x[%c0] : memref<64xf32>
  memref.store %v, %r[%c0] : memref<64xf32>
  return
}
// CHECK-LABEL: rt.program @control
// CHECK-NEXT: rt.section {
// CHECK: kernel_name = "before", layers = ""}
// CHECK-NEXT: }
// CHECK-NEXT: rt.loop
// CHECK-NEXT: rt.copy
// CHECK-NEXT: rt.section {
// CHECK-NOT: after
// CHECK: kernel_name = "body"
// CHECK: after = array<i64: 0>{{.*}} kernel_name = "body_end", layers = ""}
// CHECK-NEXT: }
// CHECK-NEXT: }
// CHECK-NEXT: rt.section {
// CHECK-NOT: after
// CHECK: kernel_name = "after_loop"
rt.program @control attributes {arena_bytes = 1024 : i64, weights_bytes = 0 : i64, input_names = ["x"], input_types = [tensor<64xf32>], output_names = ["y"], output_types = [tensor<64xf32>]} {
  rt.call @map [#rt.address<input, 0>, #rt.address<arena, 0>] {extent = 8 : i64, kernel_name = "before", layers = "", flops = 0 : i64, bytes = 0 : i64}
  rt.loop counter <arena, 768> attributes {trips = 3 : i64} {
    rt.copy <arena, 0> <arena, 256> {bytes = 256 : i64}
    rt.call @map [#rt.address<arena, 256>, #rt.address<arena, 512>] {extent = 8 : i64, kernel_name = "body", layers = "", flops = 0 : i64, bytes = 0 : i64}
    rt.call @map [#rt.address<arena, 512>, #rt.address<arena, 0>] {extent = 8 : i64, kernel_name = "body_end", layers = "", flops = 0 : i64, bytes = 0 : i64}
  }
  rt.call @map [#rt.address<arena, 0>, #rt.address<output, 0>] {extent = 8 : i64, kernel_name = "after_loop", layers = "", flops = 0 : i64, bytes = 0 : i64}
}

// -----

// What a kernel may do with a buffer: an address may be written through, unless
// it is loaded from; a prefetch changes nothing; a view is the buffer itself.
func.func private @view(%x: memref<64xf32>, %r: memref<64xf32>, %begin: index, %end: index) {
  %c0 = arith.constant 0 : index
  %v = memref.load %x[%c0] : memref<64xf32>
  memref.prefetch %x[%c0], read, locality<3>, data : memref<64xf32>
  %part = memref.subview %r[0] [8] [1] : memref<64xf32> to memref<8xf32, strided<[1]>>
  memref.store %v, %part[%c0] : memref<8xf32, strided<[1]>>
  return
}
func.func private @address(%x: memref<64xf32>, %r: memref<64xf32>, %begin: index, %end: index) {
  %at = memref.extract_aligned_pointer_as_index %x : memref<64xf32> -> index
  %number = arith.index_cast %at : index to i64
  %from = llvm.inttoptr %number : i64 to !llvm.ptr
  %v = llvm.load %from : !llvm.ptr -> f32
  %to = memref.extract_aligned_pointer_as_index %r : memref<64xf32> -> index
  %other = arith.index_cast %to : index to i64
  %place = llvm.inttoptr %other : i64 to !llvm.ptr
  llvm.store %v, %place : f32, !llvm.ptr
  return
}
// CHECK-LABEL: rt.program @effects
// CHECK: kernel_name = "writer"
// CHECK: after = array<i64: 0>{{.*}} kernel_name = "view"
// CHECK: after = array<i64: 0>{{.*}} kernel_name = "address"
// CHECK: after = array<i64: 2>{{.*}} kernel_name = "reads_address"
// CHECK: after = array<i64: 1>{{.*}} kernel_name = "reads_view"
rt.program @effects attributes {arena_bytes = 1024 : i64, weights_bytes = 0 : i64, input_names = ["x"], input_types = [tensor<64xf32>], output_names = ["y", "z"], output_types = [tensor<64xf32>, tensor<64xf32>]} {
  rt.call @view [#rt.address<input, 0>, #rt.address<arena, 0>] {extent = 8 : i64, kernel_name = "writer", layers = "", flops = 0 : i64, bytes = 0 : i64}
  rt.call @view [#rt.address<arena, 0>, #rt.address<arena, 256>] {extent = 8 : i64, kernel_name = "view", layers = "", flops = 0 : i64, bytes = 0 : i64}
  rt.call @address [#rt.address<arena, 0>, #rt.address<arena, 512>] {extent = 8 : i64, kernel_name = "address", layers = "", flops = 0 : i64, bytes = 0 : i64}
  rt.call @view [#rt.address<arena, 512>, #rt.address<output, 0>] {extent = 8 : i64, kernel_name = "reads_address", layers = "", flops = 0 : i64, bytes = 0 : i64}
  rt.call @view [#rt.address<arena, 256>, #rt.address<output, 1>] {extent = 8 : i64, kernel_name = "reads_view", layers = "", flops = 0 : i64, bytes = 0 : i64}
}

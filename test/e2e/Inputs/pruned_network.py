"""Writes a network of which half of the filters are zeros, as pruning leaves it.

    pruned_network.py > FILE.mlir

A dense convolution, a depthwise one, a gate of the channels' means, and at the
end a convolution and a fully connected layer over all pixels; weights are
pseudo-random, the same every time.
"""
import random

random.seed(3)
CHANNELS = 48
PRUNED = set(random.sample(range(CHANNELS), CHANNELS // 2))


def constant(name, shape, is_zero):
    """`is_zero` tells from an index; the first dimension is the slowest."""
    def part(index):
        if len(index) == len(shape):
            return "0.0" if is_zero(index) else f"{random.uniform(-0.3, 0.3):.6f}"
        return "[" + ", ".join(part(index + (i,)) for i in range(shape[len(index)])) + "]"

    kind = f"tensor<{'x'.join(map(str, shape))}xf32>"
    print(f"  %{name} = edge.constant {{value = dense<{part(())}> : {kind}}} : {kind}")


def pruned(index):
    return index[0] in PRUNED


image = f"tensor<1x8x8x{CHANNELS}xf32>"
row = f"tensor<1x1x1x{CHANNELS}xf32>"
print('func.func @pruned(%x: tensor<1x8x8x3xf32> {edge.name = "x"}) -> (tensor<1x4x4x5xf32> {edge.name = "y"}, tensor<1x10xf32> {edge.name = "z"}) {')
constant("f", (CHANNELS, 3, 3, 3), pruned)
constant("b", (CHANNELS,), pruned)
constant("d", (CHANNELS, 3, 3, 1), pruned)
constant("c", (CHANNELS,), pruned)
constant("e", (CHANNELS, CHANNELS), lambda _: False)
constant("g", (10, 16 * CHANNELS // 4), lambda _: False)
constant("q", (5, 1, 1, CHANNELS // 4), lambda _: False)
constant("p", (CHANNELS // 4, 1, 1, CHANNELS), lambda index: index[0] % 3 == 0)
print(f"""\
  %0 = edge.conv2d %x, %f, %b {{pads = array<i64: 1, 1, 1, 1>}} : (tensor<1x8x8x3xf32>, tensor<{CHANNELS}x3x3x3xf32>, tensor<{CHANNELS}xf32>) -> {image}
  %1 = edge.relu %0 : ({image}) -> {image}
  %2 = edge.conv2d %1, %d, %c {{groups = {CHANNELS} : i64, pads = array<i64: 1, 1, 1, 1>}} : ({image}, tensor<{CHANNELS}x3x3x1xf32>, tensor<{CHANNELS}xf32>) -> {image}
  %3 = edge.clamp %2 {{min = 0.0 : f32, max = 6.0 : f32}} : ({image}) -> {image}
  %4 = edge.reduce_mean %3 {{axes = array<i64: 1, 2>, keep_dims = true}} : ({image}) -> {row}
  %5 = edge.fully_connected %4, %e : ({row}, tensor<{CHANNELS}x{CHANNELS}xf32>) -> {row}
  %6 = edge.sigmoid %5 : ({row}) -> {row}
  %7 = edge.mul %3, %6 : ({image}, {row}) -> {image}
  %8 = edge.max_pool2d %7 {{window = array<i64: 2, 2>, strides = array<i64: 2, 2>}} : ({image}) -> tensor<1x4x4x{CHANNELS}xf32>
  %9 = edge.conv2d %8, %p : (tensor<1x4x4x{CHANNELS}xf32>, tensor<{CHANNELS // 4}x1x1x{CHANNELS}xf32>) -> tensor<1x4x4x{CHANNELS // 4}xf32>
  %10 = edge.hard_swish %9 : (tensor<1x4x4x{CHANNELS // 4}xf32>) -> tensor<1x4x4x{CHANNELS // 4}xf32>
  %11 = edge.reshape %10 : (tensor<1x4x4x{CHANNELS // 4}xf32>) -> tensor<1x{16 * CHANNELS // 4}xf32>
  %y = edge.conv2d %10, %q : (tensor<1x4x4x{CHANNELS // 4}xf32>, tensor<5x1x1x{CHANNELS // 4}xf32>) -> tensor<1x4x4x5xf32>
  %z = edge.fully_connected %11, %g : (tensor<1x{16 * CHANNELS // 4}xf32>, tensor<10x{16 * CHANNELS // 4}xf32>) -> tensor<1x10xf32>
  return %y, %z : tensor<1x4x4x5xf32>, tensor<1x10xf32>
}}""")

"""Writes a network of bytes with blocks of zeros, as structured pruning leaves it.

    pruned_blocks.py > FILE.mlir

A 1x1 convolution without some of its blocks of 16 x 16 weights, a 3x3 one of which
the middle is left, and a branch of zeros that is added; weights are pseudo-random,
the same every time.
"""
import random

random.seed(5)
CHANNELS, BLOCK = 64, 16
KEPT = {(0, 0), (1, 0), (2, 2), (2, 3), (3, 3)}


def constant(name, shape, is_zero):
    """`is_zero` tells from an index; the first dimension is the slowest."""
    def part(index):
        if len(index) == len(shape):
            return "0" if is_zero(index) else str(random.randint(-127, 127))
        return "[" + ", ".join(part(index + (i,)) for i in range(shape[len(index)])) + "]"

    kind = f"tensor<{'x'.join(map(str, shape))}xi8>"
    print(f"  %{name} = edge.constant {{value = dense<{part(())}> : {kind}}} : {kind}")


def narrowed(name, sums, words, image):
    print(f"""\
  %{name}s = edge.rescale double %{sums}, %m, %s : ({words}, tensor<i32>, tensor<i32>) -> {words}
  %{name}l = edge.max %{name}s, %low : ({words}, tensor<i32>) -> {words}
  %{name}h = edge.min %{name}l, %high : ({words}, tensor<i32>) -> {words}
  %{name} = edge.cast %{name}h : ({words}) -> {image}""")


image = f"tensor<1x12x12x{CHANNELS}xi8>"
words = f"tensor<1x12x12x{CHANNELS}xi32>"
print(f'func.func @pruned(%x: {image} {{edge.name = "x"}}) -> ({image} {{edge.name = "y"}}) {{')
constant("f", (CHANNELS, 1, 1, CHANNELS), lambda i: (i[0] // BLOCK, i[3] // BLOCK) not in KEPT)
constant("g", (CHANNELS, 3, 3, CHANNELS), lambda i: i[1:3] != (1, 1))
constant("z", (CHANNELS, 3, 3, CHANNELS), lambda _: True)
for name, number in (("m", 1518500250), ("s", 8), ("low", -128), ("high", 127)):
    print(f"  %{name} = edge.constant {{value = dense<{number}> : tensor<i32>}} : tensor<i32>")
print(f"  %0 = edge.integer_conv2d %x, %f : ({image}, tensor<{CHANNELS}x1x1x{CHANNELS}xi8>) -> {words}")
narrowed("a", "0", words, image)
filters = f"tensor<{CHANNELS}x3x3x{CHANNELS}xi8>"
print(f"  %1 = edge.integer_conv2d %a, %g {{pads = array<i64: 1, 1, 1, 1>}} : ({image}, {filters}) -> {words}")
narrowed("b", "1", words, image)
print(f"  %2 = edge.integer_conv2d %x, %z {{pads = array<i64: 1, 1, 1, 1>}} : ({image}, {filters}) -> {words}")
narrowed("c", "2", words, image)
print(f"  %y = edge.add %b, %c : ({image}, {image}) -> {image}")
print(f"  return %y : {image}\n}}")

"""Prints a model of two chains of equal int8 convolutions side by side, or of one chain.

    convolutions.py LEFT RIGHT

LEFT and RIGHT are their lengths; each layer is a 3x3 convolution of 64 channels on 32x32 pixels, rescaled to int8, with
weights of its own. With RIGHT = 0 there is one chain and one result.
"""
import sys

IMAGE = "tensor<1x32x32x64xi8>"
SUMS = "tensor<1x32x32x64xi32>"
FILTER = "tensor<64x3x3x64xi8>"


def layer(name, source, weight):
    return f"""  %{name}_f = edge.constant {{value = dense<{weight}> : {FILTER}}} : {FILTER}
  %{name}_s = edge.integer_conv2d %{source}, %{name}_f {{pads = array<i64: 1, 1, 1, 1>, pad_value = -3 : i64, input_zero_point = -3 : i64}} : ({IMAGE}, {FILTER}) -> {SUMS}
  %{name}_r = edge.rescale double %{name}_s, %multiplier, %shift : ({SUMS}, tensor<i32>, tensor<i32>) -> {SUMS}
  %{name}_m = edge.max %{name}_r, %low : ({SUMS}, tensor<i32>) -> {SUMS}
  %{name}_n = edge.min %{name}_m, %high : ({SUMS}, tensor<i32>) -> {SUMS}
  %{name} = edge.cast %{name}_n : ({SUMS}) -> {IMAGE}
"""


def chain(side, length, sign):
    text, last = "", "x"
    for i in range(length):
        text += layer(f"{side}{i}", last, sign * (i + 1))
        last = f"{side}{i}"
    return text, last


def main():
    left, right = int(sys.argv[1]), int(sys.argv[2])
    bodies, results = zip(*(chain(side, length, sign) for side, length, sign in (("l", left, 1), ("r", right, -1)) if length))
    names = ", ".join(f'{IMAGE} {{edge.name = "y{i}"}}' for i in range(len(results)))
    print(f'func.func @convolutions(%x: {IMAGE} {{edge.name = "x"}}) -> ({names}) {{')
    for name, value in (("multiplier", 1312345678), ("shift", 9), ("low", -128), ("high", 127)):
        print(f"  %{name} = edge.constant {{value = dense<{value}> : tensor<i32>}} : tensor<i32>")
    print("".join(bodies), end="")
    print(f"  return {', '.join('%' + result for result in results)} : {', '.join([IMAGE] * len(results))}\n}}")


main()

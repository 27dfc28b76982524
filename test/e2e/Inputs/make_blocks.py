"""Writes a function of one product with weights in blocks.

    make_blocks.py ROWS DEPTH UNITS BLOCK MOST > FILE.mlir

Weights are pseudo-random from -MOST to MOST, the same ones every time.
"""
import random
import sys

rows, depth, units, block, most = map(int, sys.argv[1:])
random.seed(5)


def dense(height, width, number):
    lines = ("[" + ", ".join(number() for _ in range(width)) + "]" for _ in range(height))
    return "[" + ", ".join(lines) + "]"


x, f, s, y = (f"tensor<{shape}>" for shape in (
    f"{rows}x{depth}xf32", f"{units}x{depth}xi8", f"{depth // block}x{units}xf32", f"{rows}x{units}xf32"))
filters = dense(units, depth, lambda: str(random.randint(-most, most)))
scales = dense(depth // block, units, lambda: f"{random.uniform(-1, 1):.6f}")
print(f"""func.func @blocks(%x: {x} {{edge.name = "x"}}) -> ({y} {{edge.name = "y"}}) {{
  %f = edge.constant {{value = dense<{filters}> : {f}}} : {f}
  %s = edge.constant {{value = dense<{scales}> : {s}}} : {s}
  %r = edge.block_product %x, %f, %s : ({x}, {f}, {s}) -> {y}
  %y = edge.relu %r : ({y}) -> {y}
  return %y : {y}
}}""")

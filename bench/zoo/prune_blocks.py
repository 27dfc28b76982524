#!/usr/bin/python3
"""Zeros blocks of the weights of an ONNX model's dense 1x1 convolutions and products,
as block-structured pruning does.

    bench/zoo/prune_blocks.py MODEL.onnx SHARE SIZE PRUNED.onnx

Weights are seen as matrices of outputs by inputs, cut into blocks of SIZE x SIZE; of
those SHARE become zero, the ones that weigh least. Shapes stay. `edgec` finds the
zeros of integers by itself, those of floats with -assume-finite.
"""
import sys

import numpy
import onnx
from onnx import numpy_helper


def prune(weights, share, size):
    """A copy of [outputs, inputs, ...] with zeros; whole blocks only."""
    outputs, inputs = weights.shape[0] // size, weights.shape[1] // size
    if outputs * inputs < 4:
        return weights
    blocks = weights[: outputs * size, : inputs * size]
    blocks = blocks.reshape(outputs, size, inputs, size, *weights.shape[2:])
    sizes = numpy.abs(blocks).sum(axis=(1, 3) + tuple(range(4, blocks.ndim)))
    lightest = numpy.argsort(sizes, axis=None, kind="stable")[: int(share * sizes.size)]
    pruned = weights.copy()
    for row, column in zip(*numpy.unravel_index(lightest, sizes.shape)):
        pruned[row * size : (row + 1) * size, column * size : (column + 1) * size] = 0
    return pruned


def is_dense(node):
    if node.op_type == "Conv":
        return next((a.i for a in node.attribute if a.name == "group"), 1) == 1
    return node.op_type == "Gemm"


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    model = onnx.load(sys.argv[1])
    share, size = float(sys.argv[2]), int(sys.argv[3])
    constants = {each.name: each for each in model.graph.initializer}
    for node in model.graph.node:
        if not is_dense(node) or node.input[1] not in constants:
            continue
        tensor = constants[node.input[1]]
        weights = prune(numpy_helper.to_array(tensor), share, size)
        tensor.CopyFrom(numpy_helper.from_array(weights, tensor.name))
    onnx.save(model, sys.argv[4])


if __name__ == "__main__":
    main()

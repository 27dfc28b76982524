#!/usr/bin/python3
"""Zeros the filters of an ONNX model's convolutions that weigh least, as structured
pruning does.

    bench/zoo/prune_channels.py MODEL.onnx SHARE PRUNED.onnx

Of every dense convolution SHARE of the filters becomes zero, with their biases, and
so do the filters and biases of a depthwise convolution of those channels. Shapes
stay; `edgec -assume-finite` finds the zeros.
"""
import sys

import numpy
import onnx
from onnx import numpy_helper

SAME_CHANNELS = ("Relu", "Clip", "HardSwish")


def zero(constants, name, channels):
    values = numpy_helper.to_array(constants[name]).copy()
    values[channels] = 0
    constants[name].CopyFrom(numpy_helper.from_array(values, name))


def pruned_channels(node, constants, zeros, share):
    """Of a convolution's outputs; nothing of a grouped one's."""
    weights = numpy_helper.to_array(constants[node.input[1]])
    groups = next((a.i for a in node.attribute if a.name == "group"), 1)
    if groups == len(weights) > 1:
        return zeros.get(node.input[0], [])
    if groups > 1:
        return []
    sizes = numpy.abs(weights).reshape(len(weights), -1).sum(axis=1)
    return numpy.argsort(sizes, kind="stable")[: int(share * len(weights))]


def prune(model, share):
    constants = {each.name: each for each in model.graph.initializer}
    zeros = {}  # the zero channels of a tensor
    for node in model.graph.node:
        if node.op_type in SAME_CHANNELS and node.input[0] in zeros:
            zeros[node.output[0]] = zeros[node.input[0]]
        if node.op_type != "Conv":
            continue
        zeros[node.output[0]] = channels = pruned_channels(node, constants, zeros, share)
        for name in node.input[1:3]:
            zero(constants, name, channels)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    model = onnx.load(sys.argv[1])
    prune(model, float(sys.argv[2]))
    onnx.save(model, sys.argv[3])


if __name__ == "__main__":
    main()

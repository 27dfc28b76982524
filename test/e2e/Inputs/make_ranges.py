#!/usr/bin/python3
"""Writes small models with symbolic dimensions: digits_batch.onnx (examples/digits
with a batch N), encoder.onnx (one transformer layer, batch N and sequence S, with
an attention mask and the shape arithmetic of exporters), gru.onnx (batch, sequence
and lengths, both directions) and mixed.onnx (operators that mix the rows of the
batch). Needs python3-onnx.
"""
import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

here = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(1)


def weights(name, *shape):
    values = random.standard_normal(shape).astype(np.float32) / np.sqrt(shape[0])
    return numpy_helper.from_array(values, name)


def integers(name, *values):
    return numpy_helper.from_array(np.array(values, np.int64), name)


def value(name, shape, element=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, element, shape)


def node(op, inputs, outputs, **attributes):
    return helper.make_node(op, inputs.split(), outputs.split(), outputs.split()[0], **attributes)


def save(name, nodes, inputs, outputs, constants):
    graph = helper.make_graph(nodes, name, inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, os.path.join(here, name + ".onnx"))


digits = onnx.load(os.path.join(here, "..", "..", "..", "examples", "digits", "digits.onnx"))
for port in list(digits.graph.input) + list(digits.graph.output):
    port.type.tensor_type.shape.dim[0].dim_param = "N"
onnx.save(digits, os.path.join(here, "digits_batch.onnx"))

HIDDEN, HEADS = 16, 2
save(
    "encoder",
    [
        node("Gather", "words ids", "embedded"),
        # A position's row of the table, as many as there are tokens.
        node("Shape", "ids", "shape"),
        node("Slice", "shape zero one zero", "batch"),
        node("Slice", "shape one two zero", "length"),
        node("Slice", "positions zero length zero", "position"),
        node("Add", "embedded position", "x"),
        node("MatMul", "x wq", "q"),
        node("MatMul", "x wk", "k"),
        node("MatMul", "x wv", "v"),
        node("Concat", "batch length heads", "split", axis=0),
        node("Reshape", "q split", "q4"),
        node("Reshape", "k split", "k4"),
        node("Reshape", "v split", "v4"),
        node("Transpose", "q4", "qh", perm=[0, 2, 1, 3]),
        node("Transpose", "k4", "kh", perm=[0, 2, 3, 1]),
        node("Transpose", "v4", "vh", perm=[0, 2, 1, 3]),
        node("MatMul", "qh kh", "scores"),
        node("Unsqueeze", "mask middle", "mask4"),
        node("Cast", "mask4", "kept", to=TensorProto.BOOL),
        node("Where", "kept scores low", "masked"),
        node("Softmax", "masked", "share", axis=-1),
        node("MatMul", "share vh", "mixed"),
        node("Transpose", "mixed", "back", perm=[0, 2, 1, 3]),
        node("Concat", "batch length hidden", "join", axis=0),
        node("Reshape", "back join", "joined"),
        node("Add", "joined x", "sum"),
        node("ReduceMean", "sum", "mean", axes=[1], keepdims=0),
        node("Relu", "sum", "tokens"),
        node("Tanh", "mean", "pooled"),
    ],
    [value("ids", ["N", "S"], TensorProto.INT64), value("mask", ["N", "S"], TensorProto.INT64)],
    [value("tokens", ["N", "S", HIDDEN]), value("pooled", ["N", HIDDEN])],
    [
        weights("words", 8, HIDDEN),
        weights("positions", 32, HIDDEN),
        weights("wq", HIDDEN, HIDDEN),
        weights("wk", HIDDEN, HIDDEN),
        weights("wv", HIDDEN, HIDDEN),
        integers("zero", 0),
        integers("one", 1),
        integers("two", 2),
        integers("heads", HEADS, HIDDEN // HEADS),
        integers("hidden", HIDDEN),
        integers("middle", 1, 2),
        numpy_helper.from_array(np.array(-1e9, np.float32), "low"),
    ],
)

UNITS = 12
save(
    "gru",
    [
        node("Transpose", "x", "steps", perm=[1, 0, 2]),
        node("GRU", "steps w r b", "all last", hidden_size=UNITS, direction="bidirectional"),
        node("ReduceMax", "all", "most", axes=[0], keepdims=0),
        node("Softmax", "last", "probabilities", axis=-1),
    ],
    [value("x", ["N", "T", 5])],
    [value("most", [2, "N", UNITS]), value("probabilities", [2, "N", UNITS])],
    [weights("w", 2, 3 * UNITS, 5), weights("r", 2, 3 * UNITS, UNITS), weights("b", 2, 6 * UNITS)],
)

save(
    "mixed",
    [
        node("ReduceMean", "x", "mean", axes=[0]),
        node("Sub", "x mean", "centred"),
        node("Softmax", "centred", "share", axis=0),
        node("CumSum", "share zero", "sums"),
        node("Shape", "x", "shape"),
        node("Cast", "shape", "sizes", to=TensorProto.FLOAT),
        node("Mul", "sums sizes", "y"),
        node("Reshape", "x flat", "rows"),
        node("Concat", "rows y", "z", axis=0),
    ],
    [value("x", ["N", 2])],
    [value("y", ["N", 2]), value("z", ["M", 2])],
    [numpy_helper.from_array(np.array(0, np.int64), "zero"), integers("flat", -1, 2)],
)

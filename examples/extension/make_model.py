#!/usr/bin/python3
"""Writes sensor.onnx, a reading that is freed of outliers and scaled by operators of
the domain com.example, and a reading with the level that NumPy computes for it.
Needs Debian's python3-onnx and python3-numpy."""
import os

import numpy as np
import onnx
from onnx import TensorProto, helper

FLOAT = TensorProto.FLOAT
nodes = [
    helper.make_node("Median3", ["reading"], ["steady"], name="median", domain="com.example", window=3),
    helper.make_node("ClampedLine", ["steady"], ["scaled"], name="line", domain="com.example", slope=0.5, offset=0.25),
    helper.make_node("Relu", ["scaled"], ["level"], name="relu"),
]
graph = helper.make_graph(
    nodes,
    "sensor",
    [helper.make_tensor_value_info("reading", FLOAT, [2, 6])],
    [helper.make_tensor_value_info("level", FLOAT, [2, 6])],
    # The types of what only com.example knows must stand in the model.
    value_info=[helper.make_tensor_value_info("steady", FLOAT, [2, 6])],
)
model = helper.make_model(
    graph, opset_imports=[helper.make_opsetid("", 13), helper.make_opsetid("com.example", 1)], producer_name="edgec example"
)
model.ir_version = 8
folder = os.path.dirname(os.path.abspath(__file__))
onnx.save(model, os.path.join(folder, "sensor.onnx"))

reading = np.array([[0, 9, 0.5, 1, 1.5, -9], [-1, -0.25, -0.5, 40, 2, 0.125]], np.float32)
padded = np.pad(reading, ((0, 0), (1, 1)), mode="edge")
steady = np.median([padded[:, :-2], padded[:, 1:-1], padded[:, 2:]], axis=0)
level = np.clip(0.5 * steady + 0.25, 0, 1).astype(np.float32)
np.save(os.path.join(folder, "reading.npy"), reading)
np.save(os.path.join(folder, "level.npy"), level)

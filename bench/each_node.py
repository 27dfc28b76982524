"""Quantized models cut at every quantized tensor, for bench/compare-quantized.

What a network computes between two quantizations (a convolution, a sum, a softmax with
the float operators around it) is a *node* here. All nodes of a model get the same
inputs, those that ONNX Runtime computed in one run of the whole model, so that an
error of one node is seen where it comes from and moves no other.
"""
import collections
import os
import subprocess

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from harness import Failure, measured, scratch_file, tool

ORT_RUN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers", "ort_run.cjs")
GIVEN = "/given"
# Nodes compiled together: ONNX Runtime's package for Node.js crashes beyond 256 inputs.
MOST_NODES = 80
# Of ONNX Runtime's graph optimizations.
LEVELS = ("all", "disabled")
PAIRS = ("QuantizeLinear", "DequantizeLinear")


class Cut:
    """A model of which every quantized tensor is an output, and an input for what reads it."""

    def __init__(self, path):
        self.model = onnx.load(path)
        graph = self.model.graph
        self.constants = {tensor.name: tensor for tensor in graph.initializer}
        self.inputs = [value.name for value in graph.input if value.name not in self.constants]
        self.producers = {name: node for node in graph.node for name in node.output}
        self.stored = [
            node.output[0]
            for node in graph.node
            if node.op_type == "QuantizeLinear" and node.input[0] not in self.constants
        ]
        if not self.stored:
            raise Failure(f"{path}: no QuantizeLinear of a value")

    def element(self, name):
        """The element type of a quantized tensor: that of its zero point."""
        quantize = self.producers[name]
        if len(quantize.input) < 3:
            return TensorProto.UINT8
        return self.constants[quantize.input[2]].data_type

    def operators(self, name):
        """The operators between a quantized tensor and those in front of it, the last first."""
        found, seen, waiting = [], set(), [self.producers[name].input[0]]
        while waiting:
            tensor = waiting.pop(0)
            node = self.producers.get(tensor)
            if node is None or tensor in seen or tensor in self.stored:
                continue
            seen.add(tensor)
            if node.op_type not in PAIRS:
                found.append(node)
            waiting += node.input
        return found

    def ending_in(self, names):
        """The model with some quantized tensors as its outputs."""
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        del model.graph.output[:]
        model.graph.output.extend(helper.make_tensor_value_info(name, self.element(name), None) for name in names)
        return model

    def separate(self, names, shapes):
        """The nodes of some quantized tensors, which all read inputs; `shapes` are those of all quantized tensors."""
        model = self.ending_in(names)
        for node in model.graph.node:
            for i, name in enumerate(node.input):
                if name in shapes:
                    node.input[i] = name + GIVEN
        for name, shape in shapes.items():
            model.graph.input.append(helper.make_tensor_value_info(name + GIVEN, self.element(name), shape))
        drop_unread(model)
        return model


def drop_unread(model):
    """Without the nodes that no output needs: those behind the last quantization."""
    graph = model.graph
    needed = {value.name for value in graph.output}
    kept = []
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            kept.append(node)
            needed.update(node.input)
    del graph.node[:]
    graph.node.extend(reversed(kept))
    for values in (graph.input, graph.initializer):
        live = [value for value in values if value.name in needed]
        del values[:]
        values.extend(live)
    del graph.value_info[:]


def save(model, name):
    path = scratch_file(name)
    onnx.save(model, path)
    return path


def run_theirs(library, path, files, level, folder):
    """All outputs under ONNX Runtime by name; `files`: one of each input."""
    modules = library[: library.index("node_modules") + len("node_modules")]
    folder = scratch_file(folder)
    os.makedirs(folder, exist_ok=True)
    inputs = [f"{name}={file}" for name, file in files.items()]
    command = ["node", ORT_RUN, f"-level={level}", modules, path, folder, *inputs]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(done.stderr.strip()[-600:])
    names = [value.name for value in onnx.load(path, load_external_data=False).graph.output]
    return {name: os.path.join(folder, f"{i}.npy") for i, name in enumerate(names)}


def run_ours(path, files, options, compiler_options):
    artifact, folder = scratch_file("cut.so"), scratch_file("cut-ours")
    measured([tool("edgec"), path, "-o", artifact, *compiler_options])
    os.makedirs(folder, exist_ok=True)
    inputs = [f"-input={name}={file}" for name, file in files.items()]
    measured([tool("edge-run"), artifact, *inputs, f"-threads={options.threads}", f"-output-dir={folder}"])
    names = [value.name for value in onnx.load(path, load_external_data=False).graph.output]
    return {name: os.path.join(folder, f"output_{i}.npy") for i, name in enumerate(names)}


def distances(ours, theirs):
    """In units of the last place; both hold integers."""
    return np.abs(np.load(ours).astype(np.int64) - np.load(theirs).astype(np.int64)).reshape(-1)


def compare_nodes(path, image, library, options, compiler_options):
    """For each quantized tensor, in the model's order: its node's name, the kinds of its operators, how many elements it has,
    and beside ONNX Runtime's optimized and unoptimized node the share of equal elements and the largest distance."""
    cut = Cut(path)
    given = run_theirs(library, save(cut.ending_in(cut.stored), "whole.onnx"), {cut.inputs[0]: image}, "disabled", "given")
    shapes = {name: np.load(file).shape for name, file in given.items()}
    figures = []
    for first in range(0, len(cut.stored), MOST_NODES):
        names = cut.stored[first : first + MOST_NODES]
        separate = cut.separate(names, shapes)
        files = {}
        for value in separate.graph.input:
            name = value.name
            files[name] = given[name[: -len(GIVEN)]] if name.endswith(GIVEN) else image
        separate = save(separate, "cut.onnx")
        ours = run_ours(separate, files, options, compiler_options)
        theirs = {level: run_theirs(library, separate, files, level, "cut-" + level) for level in LEVELS}
        figures += [compare_node(cut, name, shapes[name], ours, theirs) for name in names]
    return figures


def compare_node(cut, name, shape, ours, theirs):
    operators = cut.operators(name)
    node = {
        "tensor": name,
        "node": operators[0].name if operators else name,
        "operators": "+".join(node.op_type for node in reversed(operators)) or "QuantizeLinear",
        "elements": int(np.prod(shape)),
    }
    for level, outputs in theirs.items():
        apart = distances(ours[name], outputs[name])
        node[level] = {"equal": int(np.count_nonzero(apart == 0)), "units": int(apart.max(initial=0))}
    return node


def by_operators(figures):
    """The same, all nodes of the same operators together."""
    sums = collections.OrderedDict()
    for node in figures:
        row = sums.setdefault(node["operators"], {"nodes": 0, "elements": 0})
        row["nodes"] += 1
        row["elements"] += node["elements"]
        for level in LEVELS:
            kind = row.setdefault(level, {"equal": 0, "units": 0})
            kind["equal"] += node[level]["equal"]
            kind["units"] = max(kind["units"], node[level]["units"])
    return sums


def share(row, level):
    return f"{100 * row[level]['equal'] / max(row['elements'], 1):9.4f} %, {row[level]['units']:3}"


def print_nodes(name, figures, most=8):
    """One line for each kind of node, then the worst of those that differ."""
    print(f"{name}: nodes with the same inputs; equal elements, most units apart: beside ONNX Runtime optimized | as defined")
    for operators, row in by_operators(figures).items():
        print(f"  {row['nodes']:4} {row['elements']:10}  {share(row, 'all')} | {share(row, 'disabled')}  {operators}")
    differing = [node for node in figures if node["all"]["units"] or node["disabled"]["units"]]
    differing.sort(key=lambda node: min(node[level]["equal"] for level in LEVELS) / node["elements"])
    for node in differing[:most]:
        print(f"    {share(node, 'all')} | {share(node, 'disabled')}  {node['node']} ({node['operators']})", flush=True)

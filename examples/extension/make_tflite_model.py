#!/usr/bin/python3
"""Writes sensor.tflite, the model of make_model.py with TFLite's custom operators.
Needs flatc (Debian's flatbuffers-compiler); the description of the file is ours."""
import json
import os
import shutil
import subprocess
import tempfile

folder = os.path.dirname(os.path.abspath(__file__))
schema = os.path.join(folder, "../../compiler/import/tflite/schema.fbs")


def flatc(*arguments):
    subprocess.run(["flatc", *arguments], check=True)


def custom(name, index, inputs, outputs, options):
    return {"custom_code": name, "short_code": 32, "code": "CUSTOM"}, {
        "opcode_index": index, "inputs": inputs, "outputs": outputs, "custom_options": list(options)}


with tempfile.TemporaryDirectory() as work:
    options = os.path.join(work, "line.json")
    with open(options, "w") as file:
        json.dump({"slope": 0.5, "offset": 0.25}, file)
    flatc("--flexbuffers", "--binary", "-o", work, options)
    with open(os.path.join(work, "line.bin"), "rb") as file:
        line = file.read()
    nodes = [
        custom("Median3", 0, [0], [1], b""),
        custom("ClampedLine", 1, [1], [2], line),
        ({"short_code": 19, "code": "RELU"}, {"opcode_index": 2, "inputs": [2], "outputs": [3]}),
    ]
    tensors = [{"name": name, "shape": [2, 6], "type": "FLOAT32", "buffer": 0, "has_rank": True}
               for name in ("reading", "steady", "scaled", "level")]
    model = {
        "version": 3,
        "operator_codes": [code for code, _ in nodes],
        "subgraphs": [{"name": "sensor", "tensors": tensors, "inputs": [0], "outputs": [3],
                       "operators": [operator for _, operator in nodes]}],
        "description": "edgec example",
        "buffers": [{}],
    }
    source = os.path.join(work, "sensor.json")
    with open(source, "w") as file:
        json.dump(model, file)
    flatc("--binary", "-o", work, schema, source)
    written = next(f for f in os.listdir(work) if f.startswith("sensor.") and not f.endswith(".json"))
    shutil.copy(os.path.join(work, written), os.path.join(folder, "sensor.tflite"))

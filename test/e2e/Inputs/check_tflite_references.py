"""Compares compiled TFLite models with recorded results, bit for bit.

    check_tflite_references.py operators FOLDER -- EDGE-RUN-COMMAND [-- edgec options]
    check_tflite_references.py samples MODEL FOLDER -- EDGE-RUN-COMMAND [-- edgec options]

operators: every NAME.tflite below FOLDER, with NAME_inputI_TYPE.csv and
NAME_golden_TYPE.csv beside it. samples: inputs and outputs of one quantized
model as real numbers (input_I.bin, output_tflite_I.bin; pixels are bytes, all
others f32).
"""
import array
import glob
import json
import os
import re
import struct
import subprocess
import sys
import tempfile

import npy_file
from command_parts import parts

CODES = {"int8": ("|i1", "b"), "uint8": ("|u1", "B"), "int16": ("<i2", "h"), "int32": ("<i4", "i"), "float32": ("<f4", "f")}


class Compiled:
    """One model, compiled into `folder`."""

    def __init__(self, model, folder, runner, options):
        self.folder, self.runner = folder, runner
        self.path = os.path.join(folder, "m.so")
        subprocess.run(["edgec", model, "-name=m", "-o", self.path] + options, check=True)
        info = subprocess.run(runner + [self.path, "-info", "-json"], check=True, stdout=subprocess.PIPE)
        self.info = json.loads(info.stdout)

    def run(self, inputs):
        command = self.runner + [self.path, "-output-dir=" + self.folder]
        for index, (tensor, numbers) in enumerate(zip(self.info["inputs"], inputs)):
            path = os.path.join(self.folder, f"in{index}.npy")
            descr, code = CODES[tensor["dtype"]]
            npy_file.write(path, descr, tensor["shape"], array.array(code, numbers).tobytes())
            command.append(f"-input={index}={path}")
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        _, _, data = npy_file.read(os.path.join(self.folder, "output_0.npy"))
        return array.array(CODES[self.info["outputs"][0]["dtype"]][1], data)


def numbers_of(path):
    return [int(text) for text in re.findall(r"-?\d+", open(path).read())]


def check_operators(root, runner, options, folder):
    models = sorted(glob.glob(os.path.join(root, "**", "*.tflite"), recursive=True))
    different = []
    for model in models:
        stem = model[: -len(".tflite")]
        (golden,) = glob.glob(stem + "_golden_*.csv")
        inputs = [numbers_of(path) for path in sorted(glob.glob(stem + "_input*.csv"))]
        if list(Compiled(model, folder, runner, options).run(inputs)) != numbers_of(golden):
            different.append(os.path.basename(stem))
    return len(models), different


def read_reals(path, count):
    data = open(path, "rb").read()
    return list(array.array("B" if len(data) == count else "f", data))


def product(shape):
    result = 1
    for size in shape:
        result *= size
    return result


def as_f32(number):
    return struct.unpack("<f", struct.pack("<f", number))[0]


def check_samples(model, root, runner, options, folder):
    compiled = Compiled(model, folder, runner, options)
    source, target = compiled.info["inputs"][0], compiled.info["outputs"][0]
    paths = sorted(glob.glob(os.path.join(root, "input_*.bin")))
    different = []
    for path in paths:
        reals = read_reals(path, product(source["shape"]))
        quantized = [min(127, max(-128, round(x / source["scale"]) + source["zero_point"])) for x in reals]
        got = compiled.run([quantized])
        want = read_reals(path.replace("input_", "output_tflite_"), 0)
        if [as_f32(target["scale"] * (q - target["zero_point"])) for q in got] != want:
            different.append(os.path.basename(path))
    return len(paths), different


(kind, *paths), runner, options = parts(sys.argv[1:])
with tempfile.TemporaryDirectory() as folder:
    check = {"operators": check_operators, "samples": check_samples}[kind]
    count, different = check(*paths, runner, options, folder)
if not count:
    sys.exit("nothing to compare")
if different:
    sys.exit(f"{len(different)} of {count} differ: {' '.join(different)}")
print(f"{count} are equal")

#!/usr/bin/python3
"""Compiles damaged copies of real models and reports whatever is not an orderly end.

    mutate_models.py EDGEC FOLDER... [-count=1000] [-seed=1] [-keep=DIR]

Takes the model files (.onnx, .tflite, .mlir) under the folders, flips bits,
overwrites fields, cuts, drops, copies and inserts bytes, and compiles each result.
An orderly end is exit status 0 or 1 within 20 s and 8 GB of address space, with no
output file after status 1. Files that end otherwise are kept with -keep. Needs
Python's standard library only.
"""
import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile

ENDINGS = (".onnx", ".tflite", ".mlir")
SECONDS, MEMORY_BYTES = 20, 8 << 30
LARGEST_FILE = 4 << 20
# Values at the borders of what a length, an index or a size can be.
FIELDS = [b"\x00" * 4, b"\xff" * 4, b"\xff\xff\xff\x7f", b"\x00\x00\x00\x80", b"\x01\x00\x00\x00",
          b"\xff" * 9 + b"\x01", b"\x80\x80\x80\x80\x10", b"\x00" * 8]


def find_models(folders):
    models = []
    for folder in folders:
        for root, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(root, name)
                if name.endswith(ENDINGS) and 0 < os.path.getsize(path) <= LARGEST_FILE:
                    models.append(path)
    return sorted(models)


def position(draw, size):
    """Half of the damage falls into the first kilobyte, where the structure is."""
    return draw.randrange(min(size, 1024)) if draw.random() < 0.5 else draw.randrange(size)


def mutate(content, draw):
    for _ in range(draw.randint(1, 4)):
        at = position(draw, len(content))
        length = draw.randint(1, 16)
        kind = draw.randrange(7)
        if kind == 0:
            content[at] ^= 1 << draw.randrange(8)
        elif kind == 1:
            content[at] = draw.randrange(256)
        elif kind == 2:
            field = draw.choice(FIELDS)
            content[at : at + len(field)] = field
        elif kind == 3:
            del content[at + 1 :]
        elif kind == 4:
            del content[at : at + length]
        elif kind == 5:
            source = position(draw, len(content))
            content[at:at] = content[source : source + length]
        else:
            content[at:at] = bytes(draw.randrange(256) for _ in range(length))
        if not content:
            content.append(0)
    return content


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def compile_model(edgec, model, output):
    """None for an orderly end, else what happened; and the exit status."""
    if os.path.exists(output):
        os.remove(output)
    try:
        done = subprocess.run([edgec, model, "-o", output, "-compile-threads=1"], capture_output=True, timeout=SECONDS,
                              preexec_fn=limit_memory, check=False)
    except subprocess.TimeoutExpired:
        return f"not done after {SECONDS} s", None
    if done.returncode not in (0, 1):
        return f"exit status {done.returncode}: {done.stderr.decode(errors='replace')[:400]}", done.returncode
    if done.returncode == 1 and os.path.exists(output):
        return "an output file after exit status 1", 1
    if done.returncode == 1 and b"error" not in done.stderr:
        return "exit status 1 without a diagnostic", 1
    return None, done.returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("edgec")
    parser.add_argument("folders", nargs="+")
    parser.add_argument("-count", type=int, default=1000)
    parser.add_argument("-seed", type=int, default=1)
    parser.add_argument("-keep", metavar="DIR", help="where files that end otherwise are copied to")
    options = parser.parse_args()
    models = find_models(options.folders)
    if not models:
        print(f"UNSUPPORTED: EdgeC: no models under {', '.join(options.folders)}")
        return 0
    draw = random.Random(options.seed)
    compiled = refused = 0
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        for round_number in range(options.count):
            source = draw.choice(models)
            with open(source, "rb") as file:
                content = mutate(bytearray(file.read()), draw)
            model = os.path.join(folder, "model" + os.path.splitext(source)[1])
            with open(model, "wb") as file:
                file.write(content)
            fault, status = compile_model(options.edgec, model, os.path.join(folder, "model.so"))
            compiled += fault is None and status == 0
            refused += fault is None and status == 1
            if fault:
                faults.append(fault)
                print(f"round {round_number}, {source}: {fault}", flush=True)
                if options.keep:
                    os.makedirs(options.keep, exist_ok=True)
                    os.rename(model, os.path.join(options.keep, f"{round_number}_{os.path.basename(source)}"))
    print(f"{options.count} damaged models: {compiled} compiled, {refused} refused, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

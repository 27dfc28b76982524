"""Compares an artifact for a range of sizes, at each of them, bit for bit with
one that was compiled for that size alone.

usage: check_ranges.py MODEL RANGES SIZES... -- EDGE-RUN-COMMAND [-- edgec options]

RANGES and each of SIZES are shapes of inputs joined by commas, as -shape takes
them: ids=1..4x1..3,mask=1..4x1..3 and ids=2x3,mask=2x3.
"""
import filecmp
import os
import subprocess
import sys
import tempfile

from command_parts import parts


def compile_model(model, shapes, options, output):
    options = options + ["-shape=" + shape for shape in shapes.split(",")]
    subprocess.run(["edgec", model, "-name=m", "-o", output] + options, check=True)


(model, ranges, *sizes), runner, options = parts(sys.argv[1:])
with tempfile.TemporaryDirectory() as folder:
    every = os.path.join(folder, "every.so")
    compile_model(model, ranges, options, every)
    for shapes in sizes:
        one = os.path.join(folder, "one.so")
        compile_model(model, shapes, options, one)
        got, want = (os.path.join(folder, name, shapes) for name in ("got", "want"))
        os.makedirs(got)
        os.makedirs(want)
        chosen = ["-shape=" + shape for shape in shapes.split(",")]
        subprocess.run(runner + [every, "-output-dir=" + got] + chosen, check=True, stdout=subprocess.DEVNULL)
        subprocess.run(runner + [one, "-output-dir=" + want], check=True, stdout=subprocess.DEVNULL)
        names = sorted(os.listdir(want))
        assert names, "no outputs"
        different = filecmp.cmpfiles(got, want, names, shallow=False)[1:]
        if different != ([], []):
            sys.exit(f"{shapes}: {different[0] + different[1]} differ")
print(f"{len(sizes)} sizes are equal")

"""Compares a model's rows in batches of every size with those of one input.

    check_batches.py MODEL.so INPUT.npy OUTPUT.npy FOLDER [MOST]

INPUT has one row, OUTPUT is what the model gives for it. Batches of 1 to MOST
(default 8) equal rows are run; all rows of their first output are OUTPUT's, but
for the last bits of floats.
"""
import pathlib
import struct
import subprocess
import sys

import npy_file


def floats(path):
    descr, _, data = npy_file.read(path)
    assert descr == "<f4", descr
    return struct.unpack(f"<{len(data) // 4}f", data)


model, source, expected, folder = sys.argv[1:5]
most = int(sys.argv[5]) if len(sys.argv) > 5 else 8
descr, shape, row = npy_file.read(source)
want = floats(expected)
for count in range(1, most + 1):
    batch = pathlib.Path(folder) / f"batch{count}"
    npy_file.write(batch / "in.npy", descr, (count, *shape[1:]), row * count)
    subprocess.run(["edge-run", model, f"-input=0={batch}/in.npy", f"-output-dir={batch}"], check=True,
                   stdout=subprocess.DEVNULL)
    got = floats(batch / "output_0.npy")
    assert len(got) == count * len(want)
    for index, number in enumerate(got):
        assert abs(number - want[index % len(want)]) < 1e-5, (count, index, number, want[index % len(want)])
print(f"{most} sizes agree")

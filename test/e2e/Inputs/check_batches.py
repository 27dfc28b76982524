"""Compares a model's rows in batches of every size with those of one input.

    check_batches.py MODEL.so INPUT.npy OUTPUT.npy FOLDER [MOST]

INPUT has one row, OUTPUT is what the model gives for it. Batches of 1 to MOST
(default 8) equal rows are run; all rows of their first output are OUTPUT's, but
for the last bits of floats.
"""
import ast
import pathlib
import struct
import subprocess
import sys


def read(path):
    """Shape and elements of a file of float32."""
    data = pathlib.Path(path).read_bytes()
    length = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10:10 + length].decode())
    assert header["descr"] == "<f4" and not header["fortran_order"], header
    return header["shape"], data[10 + length:]


def write(path, shape, data):
    header = str({"descr": "<f4", "fortran_order": False, "shape": shape}) + "\n"
    pathlib.Path(path).write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data)


def floats(data):
    return struct.unpack(f"<{len(data) // 4}f", data)


model, source, expected, folder = sys.argv[1:5]
most = int(sys.argv[5]) if len(sys.argv) > 5 else 8
shape, row = read(source)
want = floats(read(expected)[1])
for count in range(1, most + 1):
    batch = pathlib.Path(folder) / f"batch{count}"
    batch.mkdir(exist_ok=True)
    write(batch / "in.npy", (count, *shape[1:]), row * count)
    subprocess.run(["edge-run", model, f"-input=0={batch}/in.npy", f"-output-dir={batch}"], check=True,
                   stdout=subprocess.DEVNULL)
    got = floats(read(batch / "output_0.npy")[1])
    assert len(got) == count * len(want)
    for index, number in enumerate(got):
        assert abs(number - want[index % len(want)]) < 1e-5, (count, index, number, want[index % len(want)])
print(f"{most} sizes agree")

#!/usr/bin/env python3
"""Writes an .npy file without NumPy.

    make_npy.py FILE DTYPE SHAPE CONTENT [OPTION]

DTYPE is '<f4', '|u1', '|i1' or '<i8', SHAPE like 4x1x8x8. CONTENT is ramp (numbers
from -1 to 1, of integers 0, 1, 2, ... modulo 10), nan or inf (a ramp whose last
element is one). OPTION: fortran (column-major in the header), short (the last
byte is missing).
"""
import struct
import sys

import npy_file

FORMATS = {"<f4": "f", "|u1": "B", "|i1": "b", "<i8": "q", "<f8": "d"}


def main():
    path, dtype, shape, content = sys.argv[1:5]
    options = sys.argv[5:]
    shape = [int(size) for size in shape.split("x")]
    count = 1
    for size in shape:
        count *= size
    if FORMATS[dtype] in "fd":
        numbers = [2 * i / max(1, count - 1) - 1 for i in range(count)]
        if content in ("nan", "inf"):
            numbers[-1] = float(content)
    else:
        numbers = [i % 10 for i in range(count)]
    data = struct.pack(f"<{count}{FORMATS[dtype]}", *numbers)
    npy_file.write(path, dtype, shape, data[:-1] if "short" in options else data, "fortran" in options)


if __name__ == "__main__":
    main()

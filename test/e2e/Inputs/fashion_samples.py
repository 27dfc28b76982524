#!/usr/bin/env python3
"""Fashion-MNIST images as .npy files, without NumPy.

    fashion_samples.py DATA_DIRECTORY OUTPUT_DIRECTORY

writes calibrate/images.npy, 200 of the images that examples/quantize/train.py
trained with, and held-out/images.npy and labels.npy, the last 2,000, which it
held out.
"""
import gzip
import os
import struct
import sys


def write_npy(path, shape, data):
    header = "{'descr': '|u1', 'fortran_order': False, 'shape': (%s), }" % "".join(
        f"{size}, " for size in shape
    )
    header += " " * (-(len(header) + 11) % 64) + "\n"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data)


def main():
    source, target = sys.argv[1:]
    with gzip.open(os.path.join(source, "t10k-images-idx3-ubyte.gz")) as file:
        images = file.read()[16:]
    with gzip.open(os.path.join(source, "t10k-labels-idx1-ubyte.gz")) as file:
        labels = file.read()[8:]
    size = 28 * 28
    write_npy(os.path.join(target, "calibrate/images.npy"), (200, 1, 28, 28), images[: 200 * size])
    write_npy(os.path.join(target, "held-out/images.npy"), (2000, 1, 28, 28), images[8000 * size :])
    write_npy(os.path.join(target, "held-out/labels.npy"), (2000,), labels[8000:])


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Fashion-MNIST images as .npy files, without NumPy.

    fashion_samples.py DATA_DIRECTORY OUTPUT_DIRECTORY

writes calibrate/images.npy, 200 of the images that examples/quantize/train.py
trained with, and held-out/images.npy and labels.npy, the last 2,000, which it
held out.
"""
import gzip
import os
import sys

import npy_file


def main():
    source, target = sys.argv[1:]
    with gzip.open(os.path.join(source, "t10k-images-idx3-ubyte.gz")) as file:
        images = file.read()[16:]
    with gzip.open(os.path.join(source, "t10k-labels-idx1-ubyte.gz")) as file:
        labels = file.read()[8:]
    size = 28 * 28
    npy_file.write(os.path.join(target, "calibrate/images.npy"), "|u1", (200, 1, 28, 28), images[: 200 * size])
    npy_file.write(os.path.join(target, "held-out/images.npy"), "|u1", (2000, 1, 28, 28), images[8000 * size :])
    npy_file.write(os.path.join(target, "held-out/labels.npy"), "|u1", (2000,), labels[8000:])


if __name__ == "__main__":
    main()

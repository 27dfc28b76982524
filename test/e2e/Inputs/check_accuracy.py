#!/usr/bin/env python3
"""Checks the accuracies in a report of edgec -quantize-report.

    check_accuracy.py REPORT.json -most-points-lost=P

fails when top-1 of the quantized model is more than P points (of 100) below
that of the float model.
"""
import json
import sys


def main():
    path, bound = sys.argv[1:]
    most = float(bound.split("=")[1])
    with open(path) as file:
        accuracy = json.load(file)["evaluation"]["accuracy"]
    lost = 100 * (accuracy["float"]["top1"] - accuracy["quantized"]["top1"])
    print(f"{lost:.2f} points of top-1 lost on {accuracy['rows']} rows")
    sys.exit(0 if lost <= most + 1e-9 else f"that is more than {most}")


if __name__ == "__main__":
    main()

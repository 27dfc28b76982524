#!/usr/bin/env python3
"""Checks the frontier in a report of edgec -quantize=auto.

    check_frontier.py REPORT.json LAYERS [-max-error=E] [-max-size=BYTES] [-more-than=OTHER.json]

The frontier has LAYERS + 1 points, of none and one layer more each, sizes and
cycles fall with those that save some, exactly one point is taken, and it keeps
the bound; -more-than: it has more layers than the one of another report.
"""
import json
import sys


def taken(path):
    with open(path) as file:
        return [point for point in json.load(file)["frontier"] if point["taken"]]


def main():
    path, layers = sys.argv[1], int(sys.argv[2])
    bounds = dict(argument[1:].split("=") for argument in sys.argv[3:])
    with open(path) as file:
        report = json.load(file)
    points = report["frontier"]
    assert [point["int8_layers"] for point in points] == list(range(layers + 1))
    assert points[0]["relative_error"] == 0 and points[-1]["relative_error"] > 0
    sizes = [point["weights_bytes"] for point in points]
    assert all(a > b > 0 for a, b in zip(sizes, sizes[1:])), sizes
    assert len({point["added"] for point in points}) == layers + 1
    (chosen,) = taken(path)
    integers = [layer for layer in report["layers"] if layer["type"] == "int8"]
    assert chosen["int8_layers"] == len(integers)
    if "max-error" in bounds:
        assert chosen["relative_error"] <= float(bounds["max-error"])
    if "max-size" in bounds:
        assert chosen["weights_bytes"] <= int(bounds["max-size"])
        # The point before it does not.
        assert sizes[chosen["int8_layers"] - 1] > int(bounds["max-size"])
    if "more-than" in bounds:
        assert chosen["int8_layers"] > taken(bounds["more-than"])[0]["int8_layers"]


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Checks the layers and the frontier in a report of edgec -quantize=A,B,...

    check_precisions.py REPORT.json TYPE... [-max-error=E] [-max-size=BYTES]

Layers have no other types than those named; a float layer has a reason. With a
bound exactly one point of the frontier is taken, it keeps the bound, and as many
layers are not float as it says.
"""
import json
import sys


def main():
    path, types = sys.argv[1], [a for a in sys.argv[2:] if not a.startswith("-")]
    bounds = dict(a[1:].split("=") for a in sys.argv[2:] if a.startswith("-"))
    with open(path) as file:
        report = json.load(file)
    layers = report["layers"]
    assert {layer["type"] for layer in layers} <= set(types), layers
    assert all(layer.get("reason") for layer in layers if layer["type"] == "float32")
    if not bounds:
        assert "frontier" not in report
        return
    points = report["frontier"]
    assert points[0]["relative_error"] == 0 and points[0]["added"] == ""
    assert all(point["added_type"] in types for point in points[1:])
    (taken,) = [point for point in points if point["taken"]]
    assert taken["int8_layers"] == sum(layer["type"] != "float32" for layer in layers)
    if "max-error" in bounds:
        assert taken["relative_error"] <= float(bounds["max-error"])
    if "max-size" in bounds:
        assert taken["weights_bytes"] <= int(bounds["max-size"])


if __name__ == "__main__":
    main()

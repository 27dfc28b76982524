"""Makes one tiling of each kernel of a tuning database the fastest.

    favour_tiling.py IN.json INDEX OUT.json
"""
import json
import sys

source, index, target = sys.argv[1:]
with open(source, encoding="utf-8") as file:
    database = json.load(file)
for kernel in database["kernels"].values():
    tilings = sorted(kernel["microseconds"])
    kernel["microseconds"] = {tiling: 1.0 for tiling in tilings}
    kernel["microseconds"][tilings[int(index)]] = 0.001
with open(target, "w", encoding="utf-8") as file:
    json.dump(database, file)

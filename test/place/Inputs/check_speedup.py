"""check_speedup.py LEAST SLOW... FAST: fails unless the simulated latency in FAST (edge-run -simulate -json) is LEAST times below all of SLOW."""
import json
import sys

least, *paths = sys.argv[1:]
*slow, fast = (json.load(open(path, encoding="utf-8"))["simulation"]["latency_us"] for path in paths)
ratio = min(slow) / fast
print(f"{ratio:.2f} times the better one alone")
sys.exit(ratio < float(least))

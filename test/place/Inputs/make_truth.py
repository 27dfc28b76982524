"""make_truth.py FILE 0|1: writes a truth value without dimensions as .npy."""
import sys

header = "{'descr': '|b1', 'fortran_order': False, 'shape': (), }".ljust(117) + "\n"
with open(sys.argv[1], "wb") as file:
    file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + bytes([int(sys.argv[2])]))

"""make_truth.py FILE 0|1: writes a truth value without dimensions as .npy."""
import sys

import npy_file

npy_file.write(sys.argv[1], "|b1", (), bytes([int(sys.argv[2])]))

"""Files of NumPy's format (NEP 1), version 1.0, without NumPy. Tests' scripts find
this by the PYTHONPATH of test/lit.cfg.py."""
import ast
import os
import struct

MAGIC = b"\x93NUMPY\x01\x00"


def write(path, descr, shape, data, fortran_order=False):
    """`data` is the elements' bytes, of the type that `descr` names ('<f4', '|u1', ...)."""
    header = str({"descr": descr, "fortran_order": fortran_order, "shape": tuple(shape)})
    header += " " * (-(len(header) + 11) % 64) + "\n"
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "wb") as file:
        file.write(MAGIC + struct.pack("<H", len(header)) + header.encode() + data)


def read(path):
    """(descr, shape, the elements' bytes) of a row-major file."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<H", data[8:10])
    header = ast.literal_eval(data[10 : 10 + length].decode())
    if header["fortran_order"]:
        raise ValueError(f"{path}: column-major")
    return header["descr"], header["shape"], data[10 + length :]

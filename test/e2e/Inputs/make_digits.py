#!/usr/bin/python3
"""Writes digit_<k>.in.npy and digit_<k>.out.npy: images of examples/digits and
the probabilities that PyTorch computes for them in float64, from the parameters
in digits.onnx. Needs what training needs (`scripts/setup train`) and python3-onnx.
"""
import os
import sys

import numpy as np
import onnx
import onnx.numpy_helper
import torch

here = os.path.dirname(os.path.abspath(__file__))
digits = os.path.join(here, "..", "..", "..", "examples", "digits")
sys.path.insert(0, digits)
from train import Digits  # noqa: E402

model = Digits()
stored = {
    tensor.name: torch.from_numpy(onnx.numpy_helper.to_array(tensor).copy())
    for tensor in onnx.load(os.path.join(digits, "digits.onnx")).graph.initializer
}
missing, unexpected = model.load_state_dict(stored, strict=False)
assert all(name.endswith("num_batches_tracked") for name in missing), missing
model.eval().double()
images = np.load(os.path.join(digits, "images.npy"))
labels = np.load(os.path.join(digits, "labels.npy"))
for k in (0, 1, 2):
    image = images[k : k + 1]
    with torch.no_grad():
        result = model(torch.from_numpy(image).double()).numpy()
    print(k, labels[k], result.argmax(), result.shape, result.sum())
    np.save(os.path.join(here, f"digit_{k}.in.npy"), image)
    np.save(os.path.join(here, f"digit_{k}.out.npy"), result.astype(np.float32))

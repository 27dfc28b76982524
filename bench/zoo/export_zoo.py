#!/usr/bin/python3
"""Exports the models that bench/compare measures: real architectures with random
weights, because latency, memory and rounding do not depend on what was learned.

    export_zoo.py OUTPUT_DIRECTORY [MODEL]...     (default: all; --list lists)

writes for each MODEL

    MODEL.onnx      static shapes, batch 1
    MODEL.in.npy    one float32 input
    MODEL.ref.npy   its output, computed by PyTorch in float64

Random networks tend to explode or to die out, and then an error relative to the
output says nothing. So weights are drawn for unit variance, BatchNormalization
measures its statistics on random batches, and the last layer is scaled until its
output has a standard deviation of 2.

Needs Debian's python3-torch, python3-torchvision and python3-onnx
(`scripts/setup bench`). Equal seeds give equal files on one version of PyTorch.
"""
import argparse
import math
import os
import zlib

import numpy as np
import torch
import torch.nn as nn
import torchvision.models as architectures

OUTPUT_DEVIATION = 2.0
CALIBRATION_BATCHES = 2
CALIBRATION_BATCH = 8


def convolution(inputs, outputs, kernel=3, stride=1, padding=None, groups=1):
    """Convolution, BatchNormalization and ReLU, the unit of the small networks."""
    if padding is None:
        padding = kernel // 2
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


def separable(inputs, outputs, stride=1):
    """A depthwise 3x3 and a pointwise convolution."""
    return nn.Sequential(
        convolution(inputs, inputs, 3, stride, groups=inputs), convolution(inputs, outputs, 1)
    )


def mobilenet_v1():
    """MobileNet 1.0 at 224 (Howard et al. 2017, table 1); torchvision has none."""
    widths = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)]
    widths += [(512, 1)] * 5 + [(1024, 2), (1024, 1)]
    layers, channels = [convolution(3, 32, 3, 2)], 32
    for width, stride in widths:
        layers.append(separable(channels, width, stride))
        channels = width
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 1000)]
    return nn.Sequential(*layers)


def kws_dscnn():
    """The keyword spotter DS-CNN-S (Zhang et al. 2017): 49 frames of 10 MFCCs."""
    layers = [convolution(1, 64, (10, 4), 2, (5, 1))]
    layers += [separable(64, 64) for _ in range(4)]
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 12), nn.Softmax(dim=1)]
    return nn.Sequential(*layers)


def torchvision(name):
    return lambda: getattr(architectures, name)(weights=None)


PHOTO = (1, 3, 224, 224)
ZOO = {
    "kws_dscnn": (kws_dscnn, (1, 1, 49, 10)),
    "squeezenet1_1": (torchvision("squeezenet1_1"), PHOTO),
    "mobilenet_v2": (torchvision("mobilenet_v2"), PHOTO),
    "mobilenet_v1": (mobilenet_v1, PHOTO),
    "resnet18": (torchvision("resnet18"), PHOTO),
    "resnet50": (torchvision("resnet50"), PHOTO),
    "vgg16": (torchvision("vgg16"), PHOTO),
}


def draw_parameters(model):
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.weight.uniform_(0.75, 1.25)
            layer.bias.normal_(0, 0.2)
            layer.reset_running_stats()
            layer.momentum = None  # a plain mean over the calibration batches
        elif isinstance(layer, (nn.Conv2d, nn.Linear)):
            # A ReLU behind a convolution halves the variance; the factor 2 restores it.
            gain = 2.0 if isinstance(layer, nn.Conv2d) else 1.0
            layer.weight.normal_(0, math.sqrt(gain / layer.weight[0].numel()))
            if layer.bias is not None:
                layer.bias.normal_(0, 0.1)


def measure_statistics(model, shape):
    normalisations = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    if normalisations:
        for layer in normalisations:
            layer.train()
        for _ in range(CALIBRATION_BATCHES):
            model(torch.randn((CALIBRATION_BATCH,) + shape[1:]))
        for layer in normalisations:
            layer.eval()


def scale_last_layer(model, image):
    last = [m for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))][-1]
    seen = []
    hook = last.register_forward_hook(lambda layer, inputs, output: seen.append(output))
    model(image)
    hook.remove()
    last.weight.mul_(OUTPUT_DEVIATION / seen[0].std().item())


@torch.no_grad()
def export(name, folder):
    make, shape = ZOO[name]
    torch.manual_seed(zlib.crc32(name.encode()))
    model = make().eval()
    draw_parameters(model)
    measure_statistics(model, shape)
    image = torch.randn(shape)
    scale_last_layer(model, image)

    stem = os.path.join(folder, name)
    torch.onnx.export(
        model, image, stem + ".onnx", opset_version=13, input_names=["input"], output_names=["output"]
    )
    reference = model.double()(image.double())
    np.save(stem + ".in.npy", image.numpy())
    np.save(stem + ".ref.npy", reference.numpy())
    print(
        f"{name:14s} {os.path.getsize(stem + '.onnx') / 1e6:7.1f} MB  output {tuple(reference.shape)},"
        f" standard deviation {reference.std().item():.3f}",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description="exports the benchmark models")
    parser.add_argument("--list", action="store_true", help="list the models and stop")
    parser.add_argument("folder", nargs="?", help="where the files go")
    parser.add_argument("models", nargs="*", help="which models (default: all)")
    options = parser.parse_args()
    if options.list:
        print("\n".join(ZOO))
        return
    unknown = [name for name in options.models if name not in ZOO]
    if not options.folder or unknown:
        parser.error(f"unknown model {', '.join(unknown)}; see --list" if unknown else "no output directory")
    os.makedirs(options.folder, exist_ok=True)
    for name in options.models or ZOO:
        export(name, options.folder)


if __name__ == "__main__":
    main()

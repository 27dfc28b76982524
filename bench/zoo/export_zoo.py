#!/usr/bin/python3
"""Exports the models that bench/compare and bench/accuracy measure: real architectures with random
weights, because latency, memory and rounding do not depend on what was learned.

    export_zoo.py OUTPUT_DIRECTORY [MODEL]...     (default: all; --list lists)

writes for each MODEL

    MODEL.onnx      static shapes, batch 1
    MODEL.in.npy    one input, float32 or int64
    MODEL.ref.npy   its output, computed by PyTorch in float64 (further outputs:
                    MODEL.ref1.npy, ...)

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

import networks

OUTPUT_DEVIATION = 2.0
CALIBRATION_BATCHES = 2
CALIBRATION_BATCH = 8


def torchvision(name, **options):
    return lambda: getattr(architectures, name)(weights=None, **options)


PHOTO, SPEECH = (1, 3, 224, 224), (1, 98, 40)
BRANCHED = {"aux_logits": False, "init_weights": True}
ZOO = {  # the network, its input's shape, the opset
    "kws_dscnn": (networks.kws_dscnn, (1, 1, 49, 10), 13),
    "squeezenet1_1": (torchvision("squeezenet1_1"), PHOTO, 13),
    "mobilenet_v2": (torchvision("mobilenet_v2"), PHOTO, 13),
    "mobilenet_v1": (networks.mobilenet_v1, PHOTO, 13),
    "resnet18": (torchvision("resnet18"), PHOTO, 13),
    "resnet50": (torchvision("resnet50"), PHOTO, 13),
    "vgg16": (torchvision("vgg16"), PHOTO, 13),
    "mobilenet_v3_small": (torchvision("mobilenet_v3_small"), PHOTO, 14),
    "mobilenet_v3_large": (torchvision("mobilenet_v3_large"), PHOTO, 14),
    "shufflenet_v1": (networks.ShuffleNetV1, PHOTO, 13),
    "shufflenet_v2_x1_0": (torchvision("shufflenet_v2_x1_0"), PHOTO, 13),
    "mnasnet1_0": (torchvision("mnasnet1_0"), PHOTO, 15),
    "ghostnet": (networks.ghostnet, PHOTO, 14),
    "efficientnet_b0": (torchvision("efficientnet_b0"), PHOTO, 15),
    "regnet_y_400mf": (torchvision("regnet_y_400mf"), PHOTO, 16),
    "densenet121": (torchvision("densenet121"), PHOTO, 13),
    "googlenet": (torchvision("googlenet", **BRANCHED), PHOTO, 13),
    "inception_v3": (torchvision("inception_v3", **BRANCHED), (1, 3, 299, 299), 16),
    "ssdlite320_raw": (networks.SsdLite, (1, 3, 320, 320), 14),
    "vit_tiny": (lambda: networks.VisionTransformer(192, 3), PHOTO, 17),
    "vit_b_16": (lambda: networks.VisionTransformer(768, 12), PHOTO, 17),
    "tiny_bert": (networks.TinyBert, (1, 64), 17),
    "tiny_bert_op13": (networks.TinyBert, (1, 64), 13),
    "kws_lstm": (lambda: networks.RecurrentSpotter(nn.LSTM), SPEECH, 14),
    "kws_gru": (lambda: networks.RecurrentSpotter(nn.GRU), SPEECH, 14),
    "kws_bilstm": (lambda: networks.RecurrentSpotter(nn.LSTM, 64, True), SPEECH, 14),
    "mobilenet_v2_bn": (torchvision("mobilenet_v2"), PHOTO, 13),
}
# Exported with their BatchNormalization nodes, which PyTorch folds otherwise.
UNFOLDED = {"mobilenet_v2_bn"}


def draw_parameters(model):
    for layer in model.modules():
        if isinstance(layer, (nn.BatchNorm2d, nn.LayerNorm)):
            layer.weight.uniform_(0.75, 1.25)
            layer.bias.normal_(0, 0.2)
        if isinstance(layer, nn.BatchNorm2d):
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


def make_input(model, shape):
    if isinstance(model, networks.TinyBert):
        return torch.randint(0, model.VOCABULARY, shape)
    return torch.randn(shape)


@torch.no_grad()
def export(name, folder):
    make, shape, opset = ZOO[name]
    torch.manual_seed(zlib.crc32(name.encode()))
    model = make().eval()
    draw_parameters(model)
    measure_statistics(model, shape)
    value = make_input(model, shape)
    scale_last_layer(model, value)

    stem = os.path.join(folder, name)
    count = 1 if torch.is_tensor(model(value)) else len(model(value))
    names = ["output"] if count == 1 else [f"output_{i}" for i in range(count)]
    mode = torch.onnx.TrainingMode.PRESERVE if name in UNFOLDED else torch.onnx.TrainingMode.EVAL
    torch.onnx.export(
        model, value, stem + ".onnx", opset_version=opset, input_names=["input"], output_names=names, training=mode
    )
    outputs = model.double()(value.double() if value.is_floating_point() else value)
    outputs = [outputs] if count == 1 else outputs
    np.save(stem + ".in.npy", value.numpy())
    for i, output in enumerate(outputs):
        np.save(stem + (".ref.npy" if i == 0 else f".ref{i}.npy"), output.numpy())
    print(
        f"{name:18s} {os.path.getsize(stem + '.onnx') / 1e6:7.1f} MB  output {tuple(outputs[0].shape)},"
        f" standard deviation {outputs[0].std().item():.3f}",
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

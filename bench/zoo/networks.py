"""The zoo's networks that torchvision lacks, each after its paper's table. Weights
are the exporter's affair."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision.models as architectures


def convolution(inputs, outputs, kernel=3, stride=1, padding=None, groups=1, activation=True):
    """Convolution, BatchNormalization and (mostly) ReLU, the unit of these networks."""
    if padding is None:
        padding = kernel // 2
    layers = [
        nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    return nn.Sequential(*layers, *([nn.ReLU()] if activation else []))


def separable(inputs, outputs, stride=1):
    """A depthwise 3x3 and a pointwise convolution."""
    return nn.Sequential(
        convolution(inputs, inputs, 3, stride, groups=inputs), convolution(inputs, outputs, 1)
    )


def mobilenet_v1():
    """MobileNet 1.0 at 224 (Howard et al. 2017, table 1)."""
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


class ShuffleUnit(nn.Module):
    """Grouped 1x1, channel shuffle, depthwise 3x3, grouped 1x1, beside a shortcut."""

    def __init__(self, inputs, outputs, groups, stride, first):
        super().__init__()
        self.stride, self.groups = stride, groups
        middle = outputs // 4
        added = outputs - (inputs if stride == 2 else 0)
        self.squeeze = convolution(inputs, middle, 1, groups=1 if first else groups)
        self.depthwise = convolution(middle, middle, 3, stride, groups=middle, activation=False)
        self.expand = convolution(middle, added, 1, groups=groups, activation=False)

    def forward(self, x):
        y = self.squeeze(x)
        n, c, h, w = y.shape
        y = y.view(n, self.groups, c // self.groups, h, w).transpose(1, 2).reshape(n, c, h, w)
        y = self.expand(self.depthwise(y))
        if self.stride == 2:
            return F.relu(torch.cat([F.avg_pool2d(x, 3, 2, 1), y], 1))
        return F.relu(x + y)


class ShuffleNetV1(nn.Module):
    """ShuffleNet 1x with 3 groups (Zhang et al. 2017, table 1)."""

    def __init__(self, groups=3):
        super().__init__()
        self.stem = nn.Sequential(convolution(3, 24, 3, 2), nn.MaxPool2d(3, 2, 1))
        units, channels = [], 24
        for stage, (outputs, repeats) in enumerate([(240, 4), (480, 8), (960, 4)]):
            for unit in range(repeats):
                first = stage == 0 and unit == 0
                units.append(ShuffleUnit(channels, outputs, groups, 2 if unit == 0 else 1, first))
                channels = outputs
        self.units, self.classifier = nn.Sequential(*units), nn.Linear(channels, 1000)

    def forward(self, x):
        return self.classifier(self.units(self.stem(x)).mean([2, 3]))


class GhostModule(nn.Module):
    """Half of the channels by a convolution, the other half from them, depthwise."""

    def __init__(self, inputs, outputs, activation=True):
        super().__init__()
        self.outputs, primary = outputs, math.ceil(outputs / 2)
        self.primary = convolution(inputs, primary, 1, activation=activation)
        self.cheap = convolution(primary, primary, 3, groups=primary, activation=activation)

    def forward(self, x):
        y = self.primary(x)
        return torch.cat([y, self.cheap(y)], 1)[:, : self.outputs]


class SqueezeExcite(nn.Module):
    def __init__(self, channels):
        super().__init__()
        middle = max(8, (channels // 4 + 3) // 4 * 4)
        self.reduce, self.expand = nn.Conv2d(channels, middle, 1), nn.Conv2d(middle, channels, 1)

    def forward(self, x):
        scale = self.expand(F.relu(self.reduce(F.adaptive_avg_pool2d(x, 1))))
        return x * F.hardsigmoid(scale)


class GhostBottleneck(nn.Module):
    def __init__(self, inputs, middle, outputs, kernel, stride, excite):
        super().__init__()
        layers = [GhostModule(inputs, middle)]
        if stride == 2:
            layers.append(convolution(middle, middle, kernel, 2, groups=middle, activation=False))
        if excite:
            layers.append(SqueezeExcite(middle))
        self.layers = nn.Sequential(*layers, GhostModule(middle, outputs, activation=False))
        self.shortcut = nn.Identity()
        if stride == 2 or inputs != outputs:
            self.shortcut = nn.Sequential(
                convolution(inputs, inputs, kernel, stride, groups=inputs, activation=False),
                convolution(inputs, outputs, 1, activation=False),
            )

    def forward(self, x):
        return self.layers(x) + self.shortcut(x)


def ghostnet():
    """GhostNet 1.0x (Han et al. 2020, table 7)."""
    plan = [(3, 16, 16, 0, 1), (3, 48, 24, 0, 2), (3, 72, 24, 0, 1), (5, 72, 40, 1, 2)]
    plan += [(5, 120, 40, 1, 1), (3, 240, 80, 0, 2), (3, 200, 80, 0, 1), (3, 184, 80, 0, 1)]
    plan += [(3, 184, 80, 0, 1), (3, 480, 112, 1, 1), (3, 672, 112, 1, 1), (5, 672, 160, 1, 2)]
    plan += [(5, 960, 160, 0, 1), (5, 960, 160, 1, 1), (5, 960, 160, 0, 1), (5, 960, 160, 1, 1)]
    layers, channels = [convolution(3, 16, 3, 2)], 16
    for kernel, middle, outputs, excite, stride in plan:
        layers.append(GhostBottleneck(channels, middle, outputs, kernel, stride, excite))
        channels = outputs
    layers += [convolution(channels, 960, 1), nn.AdaptiveAvgPool2d(1), nn.Conv2d(960, 1280, 1)]
    layers += [nn.ReLU(), nn.Flatten(), nn.Linear(1280, 1000)]
    return nn.Sequential(*layers)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.projection, self.output = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        b, t, d = x.shape
        parts = self.projection(x).reshape(b, t, 3, self.heads, d // self.heads)
        q, k, v = parts.permute(2, 0, 3, 1, 4).unbind(0)
        weights = ((q @ k.transpose(-2, -1)) * (d // self.heads) ** -0.5).softmax(-1)
        return self.output((weights @ v).transpose(1, 2).reshape(b, t, d))


class TransformerBlock(nn.Module):
    """Normalisation before (vision) or after (BERT) attention and perceptron."""

    def __init__(self, width, heads, normalise_first):
        super().__init__()
        self.normalise_first = normalise_first
        self.attention = Attention(width, heads)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.perceptron = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        if self.normalise_first:
            x = x + self.attention(self.norm1(x))
            return x + self.perceptron(self.norm2(x))
        x = self.norm1(x + self.attention(x))
        return self.norm2(x + self.perceptron(x))


class VisionTransformer(nn.Module):
    """ViT on 16x16 patches (Dosovitskiy et al. 2020)."""

    def __init__(self, width, heads, depth=12):
        super().__init__()
        self.patches = nn.Conv2d(3, width, 16, 16)
        self.token = nn.Parameter(torch.randn(1, 1, width))
        self.positions = nn.Parameter(torch.randn(1, 14 * 14 + 1, width) * 0.5)
        self.blocks = nn.Sequential(*[TransformerBlock(width, heads, True) for _ in range(depth)])
        self.norm, self.classifier = nn.LayerNorm(width), nn.Linear(width, 1000)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.positions
        return self.classifier(self.norm(self.blocks(x))[:, 0])


class TinyBert(nn.Module):
    """A BERT of 4 layers on 64 tokens out of VOCABULARY."""

    VOCABULARY = 8000

    def __init__(self, width=128, heads=2, depth=4, tokens=64):
        super().__init__()
        self.embedding = nn.Embedding(self.VOCABULARY, width)
        self.positions = nn.Parameter(torch.randn(1, tokens, width) * 0.5)
        self.norm = nn.LayerNorm(width)
        self.blocks = nn.Sequential(*[TransformerBlock(width, heads, False) for _ in range(depth)])
        self.classifier = nn.Linear(width, 16)

    def forward(self, tokens):
        x = self.blocks(self.norm(self.embedding(tokens) + self.positions))
        return self.classifier(torch.tanh(x[:, 0]))


class RecurrentSpotter(nn.Module):
    """Two recurrent layers over 98 frames of 40 features, averaged over time."""

    def __init__(self, layer, width=128, bidirectional=False):
        super().__init__()
        self.layers = layer(40, width, 2, batch_first=True, bidirectional=bidirectional)
        self.classifier = nn.Linear(width * (2 if bidirectional else 1), 12)

    def forward(self, x):
        y, _ = self.layers(x)
        return self.classifier(y.mean(1)).softmax(-1)


class SsdLite(nn.Module):
    """torchvision's ssdlite320, backbone and heads, without anchors and suppression."""

    def __init__(self):
        super().__init__()
        model = architectures.detection.ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None)
        self.backbone, self.head = model.backbone, model.head

    def forward(self, x):
        found = self.head(list(self.backbone(x).values()))
        return found["bbox_regression"], found["cls_logits"].softmax(-1)

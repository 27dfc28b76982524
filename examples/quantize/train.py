#!/usr/bin/python3
"""Trains the models on which quantization is shown and tested.

    train.py digits [OUTPUT_DIRECTORY]
    train.py fashion DATA_DIRECTORY [OUTPUT_DIRECTORY]

digits: a residual CNN with depthwise convolutions, an MLP and a transformer of
two layers (a row of the image is a token) that read the 8x8 UCI digits of scikit-learn; the 500 images that examples/digits holds out are
held out here too. Some training images are written beside the models: samples
for `edgec -calibrate`.

fashion: the same CNN for the 28x28 images of Fashion-MNIST, bytes in, class
scores out. DATA_DIRECTORY holds t10k-images-idx3-ubyte.gz and
t10k-labels-idx1-ubyte.gz (https://github.com/zalandoresearch/fashion-mnist);
of those 10,000 images the first 8,000 train and the last 2,000 are held out.

needs Debian's python3-torch, python3-sklearn and python3-numpy
(`scripts/setup train`). The models that it wrote are committed.
"""
import gzip
import os
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = 17
BATCH = 64


def conv(inputs, outputs, kernel, stride=1, groups=1, activation=True):
    """A convolution without bias, its normalisation and its activation."""
    layers = [
        nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    return nn.Sequential(*layers, *([nn.ReLU()] if activation else []))


class Residual(nn.Module):
    """An inverted bottleneck: expand, depthwise, project, add."""

    def __init__(self, channels, factor):
        super().__init__()
        wide = channels * factor
        self.branch = nn.Sequential(
            conv(channels, wide, 1),
            conv(wide, wide, 3, groups=wide),
            conv(wide, channels, 1, activation=False),
        )

    def forward(self, x):
        return x + self.branch(x)


class Cnn(nn.Module):
    """Bytes or floats in [0, largest] in, ten scores out."""

    def __init__(self, largest, stem_stride):
        super().__init__()
        self.largest = largest
        self.layers = nn.Sequential(
            conv(1, 16, 3, stem_stride),
            Residual(16, 3),
            conv(16, 16, 3, 2, groups=16),
            conv(16, 32, 1),
            Residual(32, 3),
            Residual(32, 3),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(32, 10),
        )

    def forward(self, image):
        if self.largest != 1:
            image = image.float() / self.largest
        return self.layers(image)


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(), nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 48), nn.ReLU(), nn.Linear(48, 10)
        )

    def forward(self, image):
        return self.layers(image)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.all = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        parts = self.all(x).reshape(batch, tokens, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
        weights = (query @ key.transpose(-1, -2) * (width // self.heads) ** -0.5).softmax(-1)
        return self.out((weights @ value).transpose(1, 2).reshape(batch, tokens, width))


class Layer(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x):
        x = x + self.attention(self.before(x))
        return x + self.mlp(self.between(x))


class Transformer(nn.Module):
    def __init__(self, width=40, heads=4):
        super().__init__()
        self.embed = nn.Linear(8, width)
        self.place = nn.Parameter(0.02 * torch.randn(1, 8, width))
        self.layers = nn.Sequential(Layer(width, heads), Layer(width, heads), nn.LayerNorm(width))
        self.classify = nn.Linear(width, 10)

    def forward(self, image):
        rows = image.reshape(-1, 8, 8)
        return self.classify(self.layers(self.embed(rows) + self.place).mean(1))


def shifted(images):
    """Moves every image by up to one pixel each way."""
    padded = F.pad(images, (1, 1, 1, 1))
    top, left = np.random.randint(0, 3, 2)
    return padded[:, :, top : top + images.shape[2], left : left + images.shape[3]]


def train(model, images, labels, epochs):
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-4)
    steps = (len(images) + BATCH - 1) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=1e-2, epochs=epochs, steps_per_epoch=steps
    )
    model.train()
    for epoch in range(epochs):
        total = 0.0
        for batch in torch.from_numpy(np.random.permutation(len(images))).split(BATCH):
            loss = F.cross_entropy(model(shifted(images[batch])), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(batch)
        if (epoch + 1) % 5 == 0:
            print(f"epoch {epoch + 1:3d}  loss {total / len(images):.4f}", flush=True)
    model.eval()


def finish(model, path, data, held_out_images, held_out_labels):
    """Prints the accuracy and writes the model, its normalisation unfolded."""
    with torch.no_grad():
        predicted = torch.cat([model(batch) for batch in held_out_images.split(500)]).argmax(1)
    accuracy = (predicted == held_out_labels).float().mean().item()
    print(f"{path}: held-out accuracy {accuracy:.4f} on {len(held_out_labels)} images", flush=True)
    torch.onnx.export(
        model,
        data[:1],
        path,
        opset_version=13,
        input_names=["image"],
        output_names=["scores"],
        training=torch.onnx.TrainingMode.PRESERVE,
        do_constant_folding=False,
    )


def digits(out):
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    data = load_digits()
    images = (data.images / 16.0).astype(np.float32)[:, None]
    # The split of examples/digits/train.py.
    split = train_test_split(
        images, data.target.astype(np.int64), test_size=500, random_state=SEED, stratify=data.target
    )
    train_x, test_x, train_y, test_y = [torch.from_numpy(part) for part in split]
    models = (
        ("digits_cnn", lambda: Cnn(1, 1), 40),
        ("digits_mlp", Mlp, 60),
        ("digits_transformer", Transformer, 80),
    )
    for name, make, epochs in models:
        torch.manual_seed(SEED)
        np.random.seed(SEED)
        model = make()
        train(model, train_x, train_y, epochs)
        finish(model, os.path.join(out, name + ".onnx"), train_x, test_x, test_y)
    np.save(os.path.join(out, "digits_samples.npy"), train_x[:128].numpy())


def read_idx(path):
    with gzip.open(path) as file:
        content = file.read()
    rank = content[3]
    shape = np.frombuffer(content, ">i4", rank, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)


def fashion(folder, out):
    images = torch.from_numpy(read_idx(os.path.join(folder, "t10k-images-idx3-ubyte.gz"))[:, None].copy())
    labels = torch.from_numpy(read_idx(os.path.join(folder, "t10k-labels-idx1-ubyte.gz")).astype(np.int64))
    torch.manual_seed(SEED)
    np.random.seed(SEED)
    model = Cnn(255, 2)
    train(model, images[:8000], labels[:8000], 20)
    finish(model, os.path.join(out, "fashion_cnn.onnx"), images, images[8000:], labels[8000:])


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    arguments = sys.argv[1:]
    if arguments[:1] == ["digits"] and len(arguments) <= 2:
        digits(*(arguments[1:] or [here]))
    elif arguments[:1] == ["fashion"] and 2 <= len(arguments) <= 3:
        fashion(*arguments[1:], *([here] if len(arguments) == 2 else []))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()

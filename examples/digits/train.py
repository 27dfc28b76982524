#!/usr/bin/python3
"""Trains the demo's model: a small CNN that reads handwritten digits.

The data are the 1797 UCI digits (8x8 grey images) that scikit-learn bundles,
so nothing is downloaded. Five hundred of them are held out before training and
written beside the model; the demo runs exactly those. BatchNormalization stays
in the exported file, because folding it is the compiler's work.

    train.py [OUTPUT_DIRECTORY]

needs Debian's python3-torch, python3-sklearn and python3-numpy
(`scripts/setup train`). Training is not part of the demo: the model it wrote is
committed, and the same seed gives the same accuracy.
"""
import os
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SEED = 17
HELD_OUT = 500
EPOCHS = 60
BATCH = 64


def conv(inputs, outputs, kernel, groups=1):
    """A convolution without bias, its normalisation and its activation."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


class Digits(nn.Module):
    """Dense stem, two depthwise-separable blocks, global pooling, classifier."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            conv(1, 32, 3),
            conv(32, 32, 3, groups=32),
            conv(32, 64, 1),
            nn.MaxPool2d(2),
            conv(64, 64, 3, groups=64),
            conv(64, 96, 1),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )
        self.classifier = nn.Linear(96, 10)

    def forward(self, image):
        scores = self.classifier(self.features(image))
        return scores if self.training else scores.softmax(1)


def shifted(images):
    """Moves every image by up to one pixel each way; the digits are not centred."""
    padded = F.pad(images, (1, 1, 1, 1))
    top, left = np.random.randint(0, 3, 2)
    return padded[:, :, top : top + 8, left : left + 8]


def train(model, images, labels):
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3, weight_decay=1e-4)
    steps = (len(images) + BATCH - 1) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=1e-2, epochs=EPOCHS, steps_per_epoch=steps
    )
    model.train()
    for epoch in range(EPOCHS):
        order = torch.from_numpy(np.random.permutation(len(images)))
        total = 0.0
        for batch in order.split(BATCH):
            loss = F.cross_entropy(model(shifted(images[batch])), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(batch)
        if (epoch + 1) % 10 == 0:
            print(f"epoch {epoch + 1:3d}  loss {total / len(images):.4f}", flush=True)
    model.eval()


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    np.random.seed(SEED)
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)

    data = load_digits()
    images = (data.images / 16.0).astype(np.float32)[:, None]
    labels = data.target.astype(np.int64)
    train_x, test_x, train_y, test_y = train_test_split(
        images, labels, test_size=HELD_OUT, random_state=SEED, stratify=labels
    )

    model = Digits()
    train(model, torch.from_numpy(train_x), torch.from_numpy(train_y))
    with torch.no_grad():
        predicted = model(torch.from_numpy(test_x)).argmax(1).numpy()
    print(f"held-out accuracy {np.mean(predicted == test_y):.3f} on {len(test_y)} images")

    torch.onnx.export(
        model,
        torch.zeros(1, 1, 8, 8),
        os.path.join(out, "digits.onnx"),
        opset_version=17,
        input_names=["image"],
        output_names=["probabilities"],
        training=torch.onnx.TrainingMode.PRESERVE,  # keep BatchNormalization
        do_constant_folding=False,
    )
    np.save(os.path.join(out, "images.npy"), test_x)
    np.save(os.path.join(out, "labels.npy"), test_y.astype(np.uint8))


if __name__ == "__main__":
    main()

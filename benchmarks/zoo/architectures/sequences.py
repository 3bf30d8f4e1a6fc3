"""Convolutions along one dimension."""

import torch
from torch import nn

from .registry import add, floats, ids


class Tcn(nn.Module):
    """Dilated convolutions that look back only."""

    def __init__(self, channels=64):
        super().__init__()
        self.first = nn.Conv1d(8, channels, 1)
        self.layers = nn.ModuleList(
            nn.Sequential(nn.ConstantPad1d((2 * d, 0), 0.0), nn.Conv1d(channels, channels, 3, dilation=d), nn.ReLU(),
                          nn.ConstantPad1d((2 * d, 0), 0.0), nn.Conv1d(channels, channels, 3, dilation=d), nn.ReLU())
            for d in (1, 2, 4, 8))
        self.out = nn.Linear(channels, 5)

    def forward(self, signal):
        x = self.first(signal)
        for layer in self.layers:
            x = torch.relu(x + layer(x))
        return self.out(x[:, :, -1])


class Residual(nn.Module):
    def __init__(self, channels, kernel):
        super().__init__()
        self.inner = nn.Sequential(
            nn.BatchNorm1d(channels), nn.ReLU(), nn.Conv1d(channels, channels, kernel, padding=kernel // 2),
            nn.BatchNorm1d(channels), nn.ReLU(), nn.Conv1d(channels, channels, kernel, padding=kernel // 2))

    def forward(self, x):
        return x + self.inner(x)


def ecg():
    layers, channels = [nn.Conv1d(12, 32, 15, stride=2, padding=7)], 32
    for width in (32, 64, 96):
        layers += [nn.Conv1d(channels, width, 7, stride=2, padding=3), Residual(width, 7)]
        channels = width
    return nn.Sequential(*layers, nn.BatchNorm1d(96), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(96, 5))


class TextCnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(5000, 64)
        self.convolutions = nn.ModuleList(nn.Conv1d(64, 64, k) for k in (3, 4, 5))
        self.out = nn.Linear(192, 6)

    def forward(self, tokens):
        x = self.embed(tokens).transpose(1, 2)
        return self.out(torch.cat([torch.relu(c(x)).amax(2) for c in self.convolutions], 1))


class WaveNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv1d(1, 32, 1)
        dilations = [2**i for i in range(7)]
        self.gates = nn.ModuleList(nn.Conv1d(32, 64, 2, dilation=d) for d in dilations)
        self.mixes = nn.ModuleList(nn.Conv1d(32, 32, 1) for _ in dilations)
        self.skips = nn.ModuleList(nn.Conv1d(32, 64, 1) for _ in dilations)
        self.out = nn.Sequential(nn.ReLU(), nn.Conv1d(64, 64, 1), nn.ReLU(), nn.Conv1d(64, 256, 1))

    def forward(self, signal):
        x = self.first(signal)
        total = torch.zeros(1, dtype=signal.dtype)
        for gate, mix, skip in zip(self.gates, self.mixes, self.skips):
            a, b = gate(x).chunk(2, 1)
            y = torch.tanh(a) * torch.sigmoid(b)
            x = x[:, :, -y.shape[2]:] + mix(y)
            total = total[..., -1:] + skip(y)[:, :, -64:]
        return self.out(total)


class Separable(nn.Module):
    """QuartzNet-like: depthwise convolutions with large kernels, and 1 x 1."""

    def __init__(self):
        super().__init__()
        layers, channels = [], 64
        for width, kernel in ((128, 33), (128, 39), (128, 51), (256, 63)):
            layers += [nn.Conv1d(channels, channels, kernel, padding=kernel // 2, groups=channels), nn.Conv1d(channels, width, 1),
                       nn.BatchNorm1d(width), nn.ReLU()]
            channels = width
        self.layers = nn.Sequential(*layers, nn.Conv1d(256, 29, 1))

    def forward(self, features):
        return self.layers(features).log_softmax(1)


def oneway(name, description, build, inputs, *others):
    add(name, "1-d convolution", description, build, inputs, *others)


oneway("ecg", "ECG CNN, 1-d", ecg, [floats(1, 12, 1000)], [floats(2, 12, 1300)])
oneway("tcn", "TCN, dilated 1-d", Tcn, [floats(1, 8, 128)], [floats(2, 8, 100)])
oneway("textcnn", "TextCNN", TextCnn, [ids(5000, 1, 64)], [ids(5000, 2, 45)])
oneway("wavenet", "WaveNet-like, gated and dilated", WaveNet, [floats(1, 1, 512)], [floats(1, 1, 700)])
oneway("quartznet", "QuartzNet-like, separable 1-d", Separable, [floats(1, 64, 200)], [floats(2, 64, 150)])

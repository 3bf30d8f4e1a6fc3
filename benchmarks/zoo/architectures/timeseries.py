"""Networks that forecast."""

import torch
from torch import nn

from .registry import add, floats


class NBeats(nn.Module):
    def __init__(self, back=64, ahead=16):
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Linear(back, 96), nn.ReLU(), nn.Linear(96, 96), nn.ReLU(), nn.Linear(96, back + ahead)) for _ in range(4))
        self.back = back

    def forward(self, x):
        total = torch.zeros(1, dtype=x.dtype)
        for block in self.blocks:
            y = block(x)
            x, total = x - y[:, :self.back], total + y[:, self.back:]
        return total


class Patches(nn.Module):
    """PatchTST-like: normalised by itself, cut into patches, each channel for itself."""

    def __init__(self, width=64):
        super().__init__()
        self.embed, self.place = nn.Linear(16, width), nn.Parameter(torch.randn(31, width))
        layer = nn.TransformerEncoderLayer(width, 4, 128, activation="gelu", batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.out = nn.Linear(31 * width, 24)

    def forward(self, x):
        mean, spread = x.mean(2, keepdim=True), x.var(2, keepdim=True, unbiased=False).add(1e-5).sqrt()
        patches = ((x - mean) / spread).unfold(2, 16, 8)
        y = self.encoder((self.embed(patches) + self.place).flatten(0, 1))
        return self.out(y.flatten(1)).unflatten(0, (-1, 7)) * spread + mean


class Mixer(nn.Module):
    """TSMixer."""

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = nn.LayerNorm(7), nn.LayerNorm(7)
            self.time = nn.Linear(96, 96)
            self.features = nn.Sequential(nn.Linear(7, 32), nn.ReLU(), nn.Linear(32, 7))

        def forward(self, x):
            x = x + torch.relu(self.time(self.one(x).transpose(1, 2))).transpose(1, 2)
            return x + self.features(self.two(x))

    def __init__(self):
        super().__init__()
        self.blocks, self.out = nn.Sequential(*(Mixer.Block() for _ in range(3))), nn.Linear(96, 24)

    def forward(self, x):
        return self.out(self.blocks(x).transpose(1, 2))


class Policy(nn.Module):
    """An actor for continuous control, and its critic."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(24, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh())
        self.mean, self.spread, self.value = nn.Linear(64, 6), nn.Linear(64, 6), nn.Linear(64, 1)

    def forward(self, seen):
        x = self.body(seen)
        return torch.tanh(self.mean(x)), self.spread(x).clamp(-5, 2).exp(), self.value(x)


for name, description, build, inputs, other in (
    ("nbeats", "N-BEATS", NBeats, [floats(1, 64)], [floats(5, 64)]),
    ("patchtst", "PatchTST-like", Patches, [floats(1, 7, 256)], [floats(2, 7, 256)]),
    ("tsmixer", "TSMixer", Mixer, [floats(1, 96, 7)], [floats(3, 96, 7)]),
    ("policy", "actor and critic", Policy, [floats(1, 24)], [floats(5, 24)]),
):
    add(name, "time series", description, build, inputs, other)

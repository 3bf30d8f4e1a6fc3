"""Networks for tables."""

import torch
from torch import nn

from .registry import add, floats, ids


def mlp():
    return nn.Sequential(nn.Linear(32, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 3))


class ResNet(nn.Module):
    def __init__(self, width=96):
        super().__init__()
        self.first = nn.Linear(32, width)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.BatchNorm1d(width), nn.Linear(width, 2 * width), nn.ReLU(), nn.Dropout(0.1), nn.Linear(2 * width, width))
            for _ in range(3))
        self.out = nn.Sequential(nn.BatchNorm1d(width), nn.ReLU(), nn.Linear(width, 1))

    def forward(self, x):
        x = self.first(x)
        for block in self.blocks:
            x = x + block(x)
        return self.out(x)


class FeatureTokens(nn.Module):
    """FT-Transformer: every column a token."""

    def __init__(self, width=64):
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.randn(20, width)), nn.Parameter(torch.randn(20, width))
        self.embed, self.token = nn.Embedding(100, width), nn.Parameter(torch.randn(1, 1, width))
        layer = nn.TransformerEncoderLayer(width, 4, 128, batch_first=True, norm_first=True, activation="gelu")
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.out = nn.Sequential(nn.LayerNorm(width), nn.ReLU(), nn.Linear(width, 2))

    def forward(self, numbers, categories):
        x = torch.cat([self.token.expand(numbers.shape[0], -1, -1), numbers.unsqueeze(2) * self.scale + self.shift, self.embed(categories)], 1)
        return self.out(self.encoder(x)[:, 0])


class TabNet(nn.Module):
    """TabNet-like: masks choose columns step by step, gated linear units."""

    def __init__(self, steps=3):
        super().__init__()
        self.norm = nn.BatchNorm1d(32)
        self.shared = nn.Linear(32, 64)
        self.steps = nn.ModuleList(nn.Linear(32, 64) for _ in range(steps))
        self.masks = nn.ModuleList(nn.Sequential(nn.Linear(16, 32), nn.BatchNorm1d(32)) for _ in range(steps))
        self.out = nn.Linear(16, 2)

    def forward(self, x):
        x = self.norm(x)
        prior, a, total = torch.ones_like(x), x[:, :16], torch.zeros_like(x[:, :16])
        for step, mask in zip(self.steps, self.masks):
            m = torch.softmax(mask(a) * prior, 1)
            prior = prior * (1.3 - m)
            y = nn.functional.glu(self.shared(m * x), 1)
            y = (y + nn.functional.glu(step(y), 1)) * 0.7071
            d, a = y.split(16, 1)
            total = total + torch.relu(d)
        return self.out(total)


class AutoInt(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(2000, 16)
        self.layers = nn.ModuleList(nn.MultiheadAttention(16, 2, batch_first=True) for _ in range(2))
        self.beside = nn.ModuleList(nn.Linear(16, 16) for _ in range(2))
        self.out = nn.Linear(16 * 20, 1)

    def forward(self, fields):
        x = self.embed(fields)
        for layer, beside in zip(self.layers, self.beside):
            x = torch.relu(layer(x, x, x, need_weights=False)[0] + beside(x))
        return self.out(x.flatten(1)).sigmoid()


class Selu(nn.Module):
    """A self-normalising autoencoder that scores how odd a row is."""

    def __init__(self):
        super().__init__()
        widths = (32, 24, 12, 24, 32)
        self.layers = nn.ModuleList(nn.Linear(i, o) for i, o in zip(widths, widths[1:]))

    def forward(self, x):
        y = x
        for layer in self.layers:
            y = nn.functional.selu(layer(y))
        return (x - y).square().mean(1)


for name, description, build, inputs, other in (
    ("tabular_mlp", "MLP with batch norm", mlp, [floats(1, 32)], [floats(7, 32)]),
    ("tabular_resnet", "ResNet for tables", ResNet, [floats(1, 32)], [floats(7, 32)]),
    ("ft_transformer", "FT-Transformer", FeatureTokens, [floats(1, 20), ids(100, 1, 6)], [floats(3, 20), ids(100, 3, 6)]),
    ("tabnet", "TabNet-like", TabNet, [floats(1, 32)], [floats(7, 32)]),
    ("autoint", "AutoInt", AutoInt, [ids(2000, 1, 20)], [ids(2000, 3, 20)]),
    ("autoencoder", "autoencoder, SELU", Selu, [floats(1, 32)], [floats(7, 32)]),
):
    add(name, "tabular", description, build, inputs, other)

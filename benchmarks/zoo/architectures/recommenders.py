"""Recommenders: embeddings, crossed features, small networks. All overhead at batch 1."""

import torch
from torch import nn

from .registry import add, floats, ids

ROWS, FIELDS, WIDTH = 5000, 13, 16


def tower(*widths):
    layers = []
    for i, o in zip(widths, widths[1:]):
        layers += [nn.Linear(i, o), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class DeepFm(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.embed = nn.Embedding(ROWS, 1), nn.Embedding(ROWS, WIDTH)
        self.deep = tower(FIELDS * WIDTH, 64, 32, 1)

    def forward(self, fields):
        e = self.embed(fields)
        pairs = 0.5 * (e.sum(1).square() - e.square().sum(1)).sum(1, keepdim=True)
        return torch.sigmoid(self.first(fields).sum(1) + pairs + self.deep(e.flatten(1)))


class WideDeep(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.wide, self.deep = nn.Embedding(ROWS, 8), nn.Linear(8, 1), tower(FIELDS * 8 + 8, 64, 32, 1)

    def forward(self, fields, numbers):
        return torch.sigmoid(self.wide(numbers) + self.deep(torch.cat([self.embed(fields).flatten(1), numbers], 1)))


class Dlrm(nn.Module):
    def __init__(self):
        super().__init__()
        self.tables = nn.ModuleList(nn.EmbeddingBag(ROWS, WIDTH, mode="sum") for _ in range(4))
        self.bottom, self.top = tower(FIELDS, 64, WIDTH), tower(WIDTH + 10, 64, 1)
        rows, columns = torch.tril_indices(5, 5, -1)
        self.register_buffer("rows", rows)
        self.register_buffer("columns", columns)

    def forward(self, numbers, fields):
        x = self.bottom(numbers)
        all = torch.stack([x] + [table(fields[:, 3 * i:3 * i + 3]) for i, table in enumerate(self.tables)], 1)
        crossed = torch.bmm(all, all.transpose(1, 2))[:, self.rows, self.columns]
        return torch.sigmoid(self.top(torch.cat([x, crossed], 1)))


class Cross(nn.Module):
    """DCN v2."""

    def __init__(self):
        super().__init__()
        n = FIELDS * WIDTH
        self.embed = nn.Embedding(ROWS, WIDTH)
        self.crosses = nn.ModuleList(nn.Linear(n, n) for _ in range(2))
        self.deep, self.out = tower(n, 64, 32), nn.Linear(n + 32, 1)

    def forward(self, fields):
        first = x = self.embed(fields).flatten(1)
        for cross in self.crosses:
            x = first * cross(x) + x
        return torch.sigmoid(self.out(torch.cat([x, self.deep(first)], 1)))


class Interest(nn.Module):
    """DIN: a candidate weighs what was seen before."""

    def __init__(self):
        super().__init__()
        self.embed, self.weigh, self.out = nn.Embedding(ROWS, WIDTH), tower(4 * WIDTH, 32, 1), tower(2 * WIDTH, 64, 1)

    def forward(self, history, candidate):
        h, c = self.embed(history), self.embed(candidate)
        wide = c.unsqueeze(1).expand_as(h)
        weights = self.weigh(torch.cat([h, wide, h - wide, h * wide], 2))
        return torch.sigmoid(self.out(torch.cat([(weights * h).sum(1), c], 1)))


class Sequential(nn.Module):
    """SASRec: attention over what came before, scores for every item."""

    def __init__(self):
        super().__init__()
        self.embed, self.place = nn.Embedding(ROWS, 48), nn.Embedding(64, 48)
        layer = nn.TransformerEncoderLayer(48, 2, 96, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)

    def forward(self, history):
        n = history.shape[1]
        x = self.embed(history) + self.place(torch.arange(n))
        future = torch.triu(torch.full((n, n), float("-inf"), dtype=x.dtype), diagonal=1)
        return self.encoder(x, mask=future)[:, -1] @ self.embed.weight.t()


class TwoTower(nn.Module):
    def __init__(self):
        super().__init__()
        self.users, self.items = nn.Embedding(ROWS, 32), nn.Embedding(ROWS, 32)
        self.user, self.item = tower(32, 64, 32), tower(32, 64, 32)

    def forward(self, user, items):
        u = nn.functional.normalize(self.user(self.users(user)), dim=-1)
        i = nn.functional.normalize(self.item(self.items(items)), dim=-1)
        return (i @ u.unsqueeze(2)).squeeze(2)


class Experts(nn.Module):
    """MMoE: experts, and a gate for each task."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(ROWS, WIDTH)
        n = FIELDS * WIDTH
        self.experts = nn.ModuleList(tower(n, 64, 32) for _ in range(4))
        self.gates, self.heads = nn.ModuleList(nn.Linear(n, 4) for _ in range(2)), nn.ModuleList(tower(32, 16, 1) for _ in range(2))

    def forward(self, fields):
        x = self.embed(fields).flatten(1)
        known = torch.stack([torch.relu(e(x)) for e in self.experts], 1)
        return torch.cat([h((g(x).softmax(1).unsqueeze(2) * known).sum(1)) for g, h in zip(self.gates, self.heads)], 1).sigmoid()


fields = ids(ROWS, 1, FIELDS)
for name, description, build, inputs, other in (
    ("deepfm", "DeepFM", DeepFm, [fields], [ids(ROWS, 5, FIELDS)]),
    ("wide_deep", "wide & deep", WideDeep, [fields, floats(1, 8)], [ids(ROWS, 5, FIELDS), floats(5, 8)]),
    ("dlrm", "DLRM", Dlrm, [floats(1, FIELDS), fields], [floats(5, FIELDS), ids(ROWS, 5, FIELDS)]),
    ("dcn", "DCN v2", Cross, [fields], [ids(ROWS, 5, FIELDS)]),
    ("din", "DIN, attention over history", Interest, [ids(ROWS, 1, 40), ids(ROWS, 1)], [ids(ROWS, 3, 25), ids(ROWS, 3)]),
    ("sasrec", "SASRec", Sequential, [ids(ROWS, 1, 30)], [ids(ROWS, 2, 21)]),
    ("two_tower", "two towers, 50 candidates", TwoTower, [ids(ROWS, 1), ids(ROWS, 1, 50)], [ids(ROWS, 3), ids(ROWS, 3, 20)]),
    ("mmoe", "MMoE", Experts, [fields], [ids(ROWS, 5, FIELDS)]),
):
    add(name, "recommender", description, build, inputs, other)

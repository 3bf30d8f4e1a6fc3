"""Networks over graphs and sets of points; edges are an input."""

import torch
from torch import nn

from .registry import add, floats, ids

NODES, EDGES, WIDTH = 64, 256, 32


class Attention(nn.Module):
    """Graph attention: a softmax over each node's edges, by scatter."""

    def __init__(self, i, heads=4):
        super().__init__()
        self.heads = heads
        self.project = nn.Linear(i, heads * 16, bias=False)
        self.source, self.target = nn.Parameter(torch.randn(1, heads, 16)), nn.Parameter(torch.randn(1, heads, 16))

    def forward(self, x, edges):
        h = self.project(x).view(-1, self.heads, 16)
        e = nn.functional.leaky_relu((h * self.source).sum(2)[edges[0]] + (h * self.target).sum(2)[edges[1]], 0.2).exp()
        total = torch.zeros(x.shape[0], self.heads, dtype=x.dtype).index_add(0, edges[1], e)
        alpha = e / (total[edges[1]] + 1e-9)
        message = h[edges[0]] * alpha.unsqueeze(2)
        where = edges[1].view(-1, 1, 1).expand_as(message)
        return torch.zeros_like(h).scatter_add(0, where, message).flatten(1)


class Gat(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two, self.out = Attention(WIDTH), Attention(64), nn.Linear(64, 7)

    def forward(self, x, edges):
        x = nn.functional.elu(self.one(x, edges))
        return self.out(nn.functional.elu(self.two(x, edges)))


class Isomorphism(nn.Module):
    """GIN: sums of neighbours, then a small network."""

    def __init__(self):
        super().__init__()
        widths = (WIDTH, 64, 64, 64)
        self.layers = nn.ModuleList(
            nn.Sequential(nn.Linear(i, o), nn.BatchNorm1d(o), nn.ReLU(), nn.Linear(o, o), nn.ReLU()) for i, o in zip(widths, widths[1:]))
        self.out = nn.Linear(64, 3)

    def forward(self, x, edges):
        for layer in self.layers:
            x = layer(x + torch.zeros_like(x).index_add(0, edges[1], x[edges[0]]))
        return self.out(x.mean(0))


class Dense(nn.Module):
    """GCN over a batch of small graphs, each with its matrix of neighbours."""

    def __init__(self):
        super().__init__()
        self.one, self.two, self.out = nn.Linear(WIDTH, 64), nn.Linear(64, 64), nn.Linear(64, 5)

    def forward(self, x, neighbours):
        a = neighbours.abs() + torch.eye(x.shape[1], dtype=x.dtype)
        scale = a.sum(2).rsqrt()
        a = scale.unsqueeze(2) * a * scale.unsqueeze(1)
        return self.out(torch.relu(a @ self.two(torch.relu(a @ self.one(x)))).amax(1))


class PointNet(nn.Module):
    def __init__(self):
        super().__init__()
        layers = []
        for i, o in ((3, 64), (64, 128), (128, 256)):
            layers += [nn.Conv1d(i, o, 1), nn.BatchNorm1d(o), nn.ReLU()]
        self.points = nn.Sequential(*layers)
        self.head = nn.Sequential(nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))

    def forward(self, cloud):
        return self.head(self.points(cloud).amax(2))


class Mesh(nn.Module):
    """MeshGraphNet-like: edges and nodes updated in turns."""

    def __init__(self):
        super().__init__()

        def small(i):
            return nn.Sequential(nn.Linear(i, 32), nn.ReLU(), nn.Linear(32, 32), nn.LayerNorm(32))

        self.edge, self.node = nn.ModuleList(small(96) for _ in range(3)), nn.ModuleList(small(64) for _ in range(3))
        self.first = nn.Linear(4, 32)

    def forward(self, x, along, edges):
        e = self.first(along)
        for edge, node in zip(self.edge, self.node):
            e = e + edge(torch.cat([e, x[edges[0]], x[edges[1]]], 1))
            x = x + node(torch.cat([x, torch.zeros_like(x).index_add(0, edges[1], e)], 1))
        return x


def graph(name, description, build, inputs, *others, batched=False):
    add(name, "graph", description, build, inputs, *others, batched=batched)


edges, fewer = ids(NODES, 2, EDGES), ids(40, 2, 150)
graph("gat", "graph attention, scatter", Gat, [floats(NODES, WIDTH), edges], [floats(40, WIDTH), fewer])
graph("gin", "GIN, index_add", Isomorphism, [floats(NODES, WIDTH), edges], [floats(40, WIDTH), fewer])
graph("gcn_dense", "GCN, dense", Dense, [floats(1, 32, WIDTH), floats(1, 32, 32)], [floats(2, 20, WIDTH), floats(2, 20, 20)], batched=True)
graph("meshgraphnet", "MeshGraphNet-like", Mesh, [floats(NODES, WIDTH), floats(EDGES, 4), edges], [floats(40, WIDTH), floats(150, 4), fewer])
graph("pointnet", "PointNet", PointNet, [floats(1, 3, 512)], [floats(2, 3, 400)], batched=True)

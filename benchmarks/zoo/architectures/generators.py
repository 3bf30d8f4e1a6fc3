"""Networks that make images."""

import math

import torch
from torch import nn

from .registry import add, floats, ids, image


def dcgan():
    layers, channels = [], 100
    for width, stride, padding in ((128, 1, 0), (64, 2, 1), (32, 2, 1)):
        layers += [nn.ConvTranspose2d(channels, width, 4, stride, padding, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
        channels = width
    return nn.Sequential(*layers, nn.ConvTranspose2d(32, 3, 4, 2, 1), nn.Tanh())


class Modulated(nn.Module):
    """A convolution whose channels a style scales before and after."""

    def __init__(self, i, o, width):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(o, i, 3, 3) / math.sqrt(9 * i))
        self.style = nn.Linear(width, i)
        self.bias = nn.Parameter(torch.zeros(1, o, 1, 1))

    def forward(self, x, w):
        style = 1 + self.style(w)
        scale = torch.rsqrt((self.weight.square().sum((2, 3)) @ style.square().unsqueeze(2)) + 1e-8)
        y = nn.functional.conv2d(x * style[:, :, None, None], self.weight, padding=1)
        return nn.functional.leaky_relu(y * scale.unsqueeze(3) + self.bias, 0.2)


class StyleGan(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.mapping = nn.Sequential(*(nn.Sequential(nn.Linear(width, width), nn.LeakyReLU(0.2)) for _ in range(4)))
        self.start = nn.Parameter(torch.randn(1, 64, 4, 4))
        self.layers = nn.ModuleList(Modulated(64, 64, width) for _ in range(4))
        self.out = nn.Conv2d(64, 3, 1)

    def forward(self, z):
        w = self.mapping(z * torch.rsqrt(z.square().mean(1, keepdim=True) + 1e-8))
        x = self.start.expand(z.shape[0], -1, -1, -1)
        for layer in self.layers:
            x = layer(nn.functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False), w)
        return self.out(x)


class Vae(nn.Module):
    """Its encoder and decoder, by way of the mean."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(3, 32, 4, 2, 1), nn.ReLU(), nn.Conv2d(32, 64, 4, 2, 1), nn.ReLU(), nn.Flatten(), nn.Linear(4096, 64))
        self.decoder = nn.Sequential(nn.Linear(32, 4096), nn.Unflatten(1, (64, 8, 8)), nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.ReLU(),
                                     nn.ConvTranspose2d(32, 3, 4, 2, 1), nn.Sigmoid())

    def forward(self, x):
        mean, spread = self.encoder(x).chunk(2, 1)
        return self.decoder(mean), mean, spread


class Pix2Pix(nn.Module):
    def __init__(self):
        super().__init__()
        widths = (3, 16, 32, 64, 64)
        self.downs = nn.ModuleList(
            nn.Sequential(nn.LeakyReLU(0.2) if i else nn.Identity(), nn.Conv2d(a, b, 4, 2, 1), nn.InstanceNorm2d(b))
            for i, (a, b) in enumerate(zip(widths, widths[1:])))
        self.ups = nn.ModuleList(
            nn.Sequential(nn.ReLU(), nn.ConvTranspose2d(a, b, 4, 2, 1), nn.InstanceNorm2d(b)) for a, b in ((64, 64), (128, 32), (64, 16), (32, 3)))

    def forward(self, x):
        kept = []
        for down in self.downs:
            x = down(x)
            kept.append(x)
        x = self.ups[0](kept.pop())
        for up in self.ups[1:]:
            x = up(torch.cat([x, kept.pop()], 1))
        return torch.tanh(x)


class Diffusion(nn.Module):
    """A small denoising network: time embedded by sines, group norm, SiLU, attention at the lowest size."""

    class Block(nn.Module):
        def __init__(self, i, o):
            super().__init__()
            self.one = nn.Sequential(nn.GroupNorm(8, i), nn.SiLU(), nn.Conv2d(i, o, 3, padding=1))
            self.time = nn.Linear(64, o)
            self.two = nn.Sequential(nn.GroupNorm(8, o), nn.SiLU(), nn.Conv2d(o, o, 3, padding=1))
            self.beside = nn.Conv2d(i, o, 1) if i != o else nn.Identity()

        def forward(self, x, t):
            return self.beside(x) + self.two(self.one(x) + self.time(t)[:, :, None, None])

    def __init__(self):
        super().__init__()
        self.register_buffer("steps", torch.exp(-math.log(1e4) * torch.arange(16) / 16))
        self.time = nn.Sequential(nn.Linear(32, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU())
        block = Diffusion.Block
        self.first, self.one, self.two = nn.Conv2d(3, 32, 3, padding=1), block(32, 32), block(32, 64)
        self.down, self.middle, self.norm = nn.Conv2d(32, 32, 3, 2, 1), block(64, 64), nn.GroupNorm(8, 64)
        self.attention = nn.MultiheadAttention(64, 4, batch_first=True)
        self.up, self.three = nn.Conv2d(64, 32, 3, padding=1), block(64, 32)
        self.out = nn.Sequential(nn.GroupNorm(8, 32), nn.SiLU(), nn.Conv2d(32, 3, 3, padding=1))

    def forward(self, x, t):
        angles = t.to(self.steps.dtype)[:, None] * self.steps
        t = self.time(torch.cat([angles.sin(), angles.cos()], 1))
        kept = x = self.one(self.first(x), t)
        x = self.middle(self.two(self.down(x), t), t)
        y = self.norm(x).flatten(2).transpose(1, 2)
        x = x + self.attention(y, y, y, need_weights=False)[0].transpose(1, 2).reshape(x.shape)
        x = self.up(nn.functional.interpolate(x, scale_factor=2.0))
        return self.out(self.three(torch.cat([x, kept], 1), t))


def generator(name, description, build, inputs, *others):
    add(name, "generator", description, build, inputs, *others)


generator("dcgan", "DCGAN generator", dcgan, [floats(1, 100, 1, 1)], [floats(3, 100, 1, 1)])
generator("stylegan", "StyleGAN-like generator", StyleGan, [floats(1, 64)], [floats(3, 64)])
generator("vae", "convolutional VAE", Vae, image(32), image(32, items=3))
generator("pix2pix", "pix2pix generator", Pix2Pix, image(128), image(96))
generator("diffusion", "diffusion U-Net, small", Diffusion, [floats(1, 3, 32, 32), ids(1000, 1)], [floats(2, 3, 24, 24), ids(1000, 2)])

"""Images from images: super-resolution, restoration, style."""

import torch
from torch import nn

from .registry import add, image


class Edsr(nn.Module):
    def __init__(self, width=32, blocks=6):
        super().__init__()
        self.first = nn.Conv2d(3, width, 3, padding=1)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.ReLU(), nn.Conv2d(width, width, 3, padding=1)) for _ in range(blocks))
        self.up = nn.Sequential(nn.Conv2d(width, 4 * width, 3, padding=1), nn.PixelShuffle(2), nn.Conv2d(width, 3, 3, padding=1))

    def forward(self, x):
        first = x = self.first(x)
        for block in self.blocks:
            x = x + 0.1 * block(x)
        return self.up(x + first)


def espcn():
    return nn.Sequential(nn.Conv2d(1, 64, 5, padding=2), nn.Tanh(), nn.Conv2d(64, 32, 3, padding=1), nn.Tanh(),
                         nn.Conv2d(32, 9, 3, padding=1), nn.PixelShuffle(3))


class Denoiser(nn.Module):
    def __init__(self, width=48, layers=8):
        super().__init__()
        inner = [nn.Conv2d(1, width, 3, padding=1), nn.ReLU()]
        for _ in range(layers):
            inner += [nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
        self.noise = nn.Sequential(*inner, nn.Conv2d(width, 1, 3, padding=1))

    def forward(self, x):
        return x - self.noise(x)


class Style(nn.Module):
    """Instance norm, reflected borders, nearest upsampling."""

    class Residual(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.inner = nn.Sequential(
                nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3), nn.InstanceNorm2d(width, affine=True), nn.ReLU(),
                nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3), nn.InstanceNorm2d(width, affine=True))

        def forward(self, x):
            return x + self.inner(x)

    def __init__(self):
        super().__init__()

        def layer(i, o, kernel, stride=1):
            return [nn.ReflectionPad2d(kernel // 2), nn.Conv2d(i, o, kernel, stride), nn.InstanceNorm2d(o, affine=True), nn.ReLU()]

        self.layers = nn.Sequential(
            *layer(3, 16, 9), *layer(16, 32, 3, 2), *layer(32, 64, 3, 2), *(Style.Residual(64) for _ in range(4)),
            nn.Upsample(scale_factor=2), *layer(64, 32, 3), nn.Upsample(scale_factor=2), *layer(32, 16, 3),
            nn.ReflectionPad2d(4), nn.Conv2d(16, 3, 9))

    def forward(self, x):
        return self.layers(x)


class Attentive(nn.Module):
    """RCAN-like: channels weighed by what is in them, bilinear upsampling beside."""

    class Block(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.inner = nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.LeakyReLU(0.2), nn.Conv2d(width, width, 3, padding=1))
            self.weigh = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(width, 4, 1), nn.ReLU(), nn.Conv2d(4, width, 1), nn.Sigmoid())

        def forward(self, x):
            y = self.inner(x)
            return x + y * self.weigh(y)

    def __init__(self, width=32):
        super().__init__()
        self.first = nn.Conv2d(3, width, 3, padding=1)
        self.blocks = nn.Sequential(*(Attentive.Block(width) for _ in range(4)))
        self.up = nn.Sequential(nn.ConvTranspose2d(width, width, 4, 2, 1), nn.PReLU(width), nn.Conv2d(width, 3, 3, padding=1))

    def forward(self, x):
        beside = nn.functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
        return beside + self.up(self.blocks(self.first(x)))


for name, description, build, inputs, other in (
    ("edsr", "EDSR-like super-resolution", Edsr, image(64), image(80)),
    ("espcn", "ESPCN super-resolution", espcn, image(96, 1), image(80, 1)),
    ("dncnn", "DnCNN-like denoising", Denoiser, image(64, 1), image(80, 1)),
    ("style", "style transfer", Style, image(128), image(160)),
    ("rcan", "RCAN-like super-resolution with channel attention", Attentive, image(64), image(72)),
):
    add(name, "image to image", description, build, inputs, other)

"""Networks whose answer is an image's size: segmentation and detection."""

import timm
import torch
import torchvision.models as tv
from torch import nn

from .registry import add, image


class UNet(nn.Module):
    def __init__(self, width=16):
        super().__init__()

        def twice(i, o):
            return nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU(),
                                 nn.Conv2d(o, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU())

        widths = [width * 2**i for i in range(4)]
        self.downs = nn.ModuleList(twice(i, o) for i, o in zip([3, *widths], widths))
        self.ups = nn.ModuleList(nn.ConvTranspose2d(w, w // 2, 2, stride=2) for w in widths[:0:-1])
        self.joins = nn.ModuleList(twice(w, w // 2) for w in widths[:0:-1])
        self.out = nn.Conv2d(width, 2, 1)

    def forward(self, x):
        kept = []
        for i, down in enumerate(self.downs):
            x = down(x if i == 0 else nn.functional.max_pool2d(x, 2))
            kept.append(x)
        kept.pop()
        for up, join in zip(self.ups, self.joins):
            x = join(torch.cat([kept.pop(), up(x)], 1))
        return self.out(x)


def activated(i, o, kernel=3, stride=1):
    return nn.Sequential(nn.Conv2d(i, o, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(o), nn.SiLU())


class Csp(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.left, self.right = activated(width, width // 2, 1), activated(width, width // 2, 1)
        self.inner = nn.Sequential(activated(width // 2, width // 2, 1), activated(width // 2, width // 2))
        self.out = activated(width, width, 1)

    def forward(self, x):
        left = self.left(x)
        return self.out(torch.cat([left + self.inner(left), self.right(x)], 1))


class Yolo(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(activated(3, 16, stride=2), activated(16, 32, stride=2), Csp(32))
        self.p3 = nn.Sequential(activated(32, 64, stride=2), Csp(64))
        self.p4 = nn.Sequential(activated(64, 128, stride=2), Csp(128))
        self.p5 = nn.Sequential(activated(128, 256, stride=2), Csp(256))
        self.join4, self.join3 = activated(384, 128, 1), activated(192, 64, 1)
        self.heads = nn.ModuleList(nn.Conv2d(w, 85, 1) for w in (64, 128, 256))

    def forward(self, x):
        p3 = self.p3(self.first(x))
        p4 = self.p4(p3)
        p5 = self.p5(p4)
        up = nn.functional.interpolate
        p4 = self.join4(torch.cat([p4, up(p5, scale_factor=2.0)], 1))
        p3 = self.join3(torch.cat([p3, up(p4, scale_factor=2.0)], 1))
        return torch.cat([head(p).flatten(2) for head, p in zip(self.heads, (p3, p4, p5))], 2).sigmoid()


class Pyramid(nn.Module):
    """RetinaNet-like: a feature pyramid on ResNet-18 and heads of shared weights with group norm."""

    def __init__(self):
        super().__init__()
        self.body = tv._utils.IntermediateLayerGetter(tv.resnet18(weights=None), {"layer2": "0", "layer3": "1", "layer4": "2"})
        self.laterals = nn.ModuleList(nn.Conv2d(w, 64, 1) for w in (128, 256, 512))
        self.smooth = nn.ModuleList(nn.Conv2d(64, 64, 3, padding=1) for _ in range(3))
        self.head = nn.Sequential(nn.Conv2d(64, 64, 3, padding=1), nn.GroupNorm(16, 64), nn.ReLU(), nn.Conv2d(64, 36, 3, padding=1))

    def forward(self, x):
        levels = [lateral(level) for lateral, level in zip(self.laterals, self.body(x).values())]
        for i in (1, 0):
            levels[i] = levels[i] + nn.functional.interpolate(levels[i + 1], size=levels[i].shape[-2:], mode="nearest")
        found = [self.head(s(level)) for s, level in zip(self.smooth, levels)]
        return torch.cat([f.permute(0, 2, 3, 1).flatten(1) for f in found], 1)


class Points(nn.Module):
    """CenterNet-like: deconvolutions on a MobileNet, heat map and offsets.

    Which points are peaks is left to the caller: that is asked with ==, and rounding decides it.
    """

    def __init__(self):
        super().__init__()
        self.body = tv.mobilenet_v2(weights=None).features
        layers, channels = [], 1280
        for width in (128, 64, 32):
            layers += [nn.ConvTranspose2d(channels, width, 4, 2, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
            channels = width
        self.up = nn.Sequential(*layers)
        self.heat, self.offset = nn.Conv2d(32, 20, 1), nn.Conv2d(32, 2, 1)

    def forward(self, x):
        x = self.up(self.body(x))
        heat = self.heat(x).sigmoid()
        return heat, nn.functional.max_pool2d(heat, 3, 1, 1), self.offset(x)


class Mask(nn.Module):
    """One of torchvision's segmentation models, without the dictionary."""

    def __init__(self, name):
        super().__init__()
        self.model = getattr(tv.segmentation, name)(weights=None, weights_backbone=None)

    def forward(self, x):
        return self.model(x)["out"]


add("unet", "segmentation", "U-Net", UNet, image(128), image(160))
add("deeplab_mobile", "segmentation", "torchvision deeplabv3_mobilenet_v3_large", lambda: Mask("deeplabv3_mobilenet_v3_large"), image(192), image(224))
add("lraspp", "segmentation", "torchvision lraspp_mobilenet_v3_large", lambda: Mask("lraspp_mobilenet_v3_large"), image(224), image(256))
add("hrnet_w18_small", "segmentation", "timm hrnet_w18_small", lambda: timm.create_model("hrnet_w18_small"), image(224), image(128))
add("yolo", "detection", "YOLO-like (SiLU, upsample, concat)", Yolo, image(224), image(256))
add("retinanet", "detection", "feature pyramid on ResNet-18, group norm", Pyramid, image(224), image(256))
add("centernet", "detection", "CenterNet-like on MobileNet v2", Points, image(224), image(256))

"""Convolutional networks of full width."""

import timm
import torchvision.models as tv

from .registry import add, floats, image

for name, build in {
    "resnet18": lambda: tv.resnet18(weights=None),
    "resnet50": lambda: tv.resnet50(weights=None),
    "resnext50_32x4d": lambda: tv.resnext50_32x4d(weights=None),
    "densenet121": lambda: tv.densenet121(weights=None),
    "vgg11_bn": lambda: tv.vgg11_bn(weights=None),
    "googlenet": lambda: tv.googlenet(weights=None, init_weights=False, aux_logits=False),
    "squeezenet1_1": lambda: tv.squeezenet1_1(weights=None),
    "alexnet": lambda: tv.alexnet(weights=None),
}.items():
    add(name, "cnn", f"torchvision {name}", build, image(224), image(256))
add("inception_v3", "cnn", "torchvision inception_v3",
    lambda: tv.inception_v3(weights=None, init_weights=False, aux_logits=False), image(299), image(267))
for name in ("repvgg_a0", "darknet53", "dla34", "nf_regnet_b0", "seresnet18"):
    add(name, "cnn", f"timm {name}", lambda name=name: timm.create_model(name), image(224), image(256))
add("r3d_18", "cnn", "torchvision r3d_18, video", lambda: tv.video.r3d_18(weights=None).eval(),
    [floats(1, 3, 8, 64, 64)],
    [floats(1, 3, 6, 80, 80)])

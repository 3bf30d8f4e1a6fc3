"""Small convolutional networks: depthwise convolutions, squeeze and excitation."""

import timm
import torchvision.models as tv

from .registry import add, image

for name in ("mobilenet_v2", "mobilenet_v3_large", "mobilenet_v3_small", "mnasnet0_5", "shufflenet_v2_x1_0", "efficientnet_b0", "regnet_y_400mf"):
    add(name, "mobile", f"torchvision {name}", lambda name=name: getattr(tv, name)(weights=None), image(224), image(256))
for name in ("tf_efficientnet_lite0", "ghostnet_100", "mixnet_s", "hardcorenas_a", "regnetz_b16", "mobilenetv4_conv_small", "lcnet_050"):
    add(name, "mobile", f"timm {name}", lambda name=name: timm.create_model(name), image(224), image(256))

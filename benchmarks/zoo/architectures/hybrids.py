"""Convolution and attention, or neither of them, in one network for images."""

import timm

from .registry import add, image

for name in ("levit_128s", "efficientformer_l1", "mobilevit_xs", "mixer_s32_224", "fastvit_t8", "repvit_m0_9", "edgenext_xx_small",
             "poolformer_s12", "convnext_atto", "convmixer_768_32", "coat_lite_tiny", "resmlp_12_224", "gmlp_s16_224", "efficientvit_b0"):
    if name == "convmixer_768_32":
        build = lambda: timm.models.convmixer.ConvMixer(dim=256, depth=8, kernel_size=7, patch_size=7)
        add("convmixer", "hybrid", "timm ConvMixer, 256 wide, 8 deep", build, image(224), image(252))
    else:
        add(name, "hybrid", f"timm {name}", lambda name=name: timm.create_model(name), image(224), image(256))

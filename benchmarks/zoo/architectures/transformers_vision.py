"""Transformers that look at images."""

import timm
import torch
import torchvision.models as tv
import transformers

from .registry import add, floats, ids, image
from .text import Last

for name in ("deit_tiny_patch16_224", "swin_tiny_patch4_window7_224", "pvt_v2_b0", "xcit_nano_12_p16_224", "pit_ti_224", "beit_base_patch16_224"):
    if name.startswith("beit"):
        build = lambda: timm.models.beit.Beit(embed_dim=192, depth=6, num_heads=3, use_shared_rel_pos_bias=True, use_abs_pos_emb=False)
        add("beit_small", "vision transformer", "timm BEiT, 192 wide, 6 layers", build, image(224))
    else:
        add(name.removesuffix("_224"), "vision transformer", f"timm {name}", lambda name=name: timm.create_model(name), image(224), image(256))

add("vit_4_layers", "vision transformer", "transformers ViT, 4 layers",
    lambda: Last(transformers.ViTModel(transformers.ViTConfig(
        hidden_size=256, num_hidden_layers=4, num_attention_heads=4, intermediate_size=1024), add_pooling_layer=False)), image(224))
add("segformer", "vision transformer", "transformers SegFormer, B0",
    lambda: Last(transformers.SegformerForSemanticSegmentation(transformers.SegformerConfig(num_labels=19))), image(224), image(256))
add("swinv2", "vision transformer", "transformers Swin v2, small",
    lambda: Last(transformers.Swinv2Model(transformers.Swinv2Config(
        image_size=224, embed_dim=48, depths=[2, 2, 2, 2], num_heads=[2, 4, 8, 16], window_size=7))), image(224))
add("dinov2", "vision transformer", "transformers DINOv2, 192 wide, 4 layers",
    lambda: Last(transformers.Dinov2Model(transformers.Dinov2Config(
        image_size=224, hidden_size=192, num_hidden_layers=4, num_attention_heads=3, patch_size=14))), image(224), image(252))
add("vit_torchvision", "vision transformer", "torchvision VisionTransformer, 192 wide, 6 layers",
    lambda: tv.VisionTransformer(image_size=224, patch_size=16, num_layers=6, num_heads=3, hidden_dim=192, mlp_dim=768), image(224))


class Clip(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.clip = transformers.CLIPModel(transformers.CLIPConfig(
            text_config=dict(vocab_size=1000, hidden_size=128, intermediate_size=512, num_hidden_layers=2, num_attention_heads=4, eos_token_id=999),
            vision_config=dict(hidden_size=192, intermediate_size=768, num_hidden_layers=3, num_attention_heads=3, image_size=224, patch_size=32),
            projection_dim=128))

    def forward(self, tokens, pixels):
        found = self.clip(input_ids=tokens, pixel_values=pixels, return_dict=True)
        return found.image_embeds, found.text_embeds


add("clip", "vision transformer", "transformers CLIP, both towers", Clip, [ids(998, 1, 32), floats(1, 3, 224, 224)],
    [ids(998, 3, 20), floats(1, 3, 224, 224)])

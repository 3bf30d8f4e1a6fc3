"""What TorchServe's image_classifier does to a picture, as a service of one's own would write it."""

import io

from PIL import Image
from torchvision import transforms

TOP = 5
TRANSFORM = transforms.Compose(
    [
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
    ]
)


def prepare(data):
    return TRANSFORM(Image.open(io.BytesIO(data)).convert("RGB"))

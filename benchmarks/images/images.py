"""Makes the pictures of ImageToTensorBenchmark, and times Pillow and torchvision on them, as TorchServe's image_classifier calls
them: images.py make FOLDER | images.py time FOLDER"""

import io
import statistics
import sys
import time
from importlib.metadata import version
from pathlib import Path

import torch
from PIL import Image
from torchvision import transforms

SIZES = [(640, 480), (1920, 1080)]
PHOTO = Path(__file__).resolve().parents[2] / "fixtures" / "photos" / "china.jpg"
PIPELINE = transforms.Compose(
    [
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
    ]
)


def tensor(data):
    return PIPELINE(Image.open(io.BytesIO(data)))


def decode(data):
    Image.open(io.BytesIO(data)).load()


def make(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for width, height in SIZES:
        file = folder / f"{width}x{height}.jpg"
        Image.open(PHOTO).resize((width, height), Image.LANCZOS).save(file, quality=85)
        tensor(file.read_bytes()).contiguous().numpy().astype("<f4").tofile(file.with_suffix(".f32"))


def median(call, data):
    for _ in range(20):
        call(data)
    times = []
    while sum(times) < 5:
        start = time.perf_counter()
        call(data)
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e6


if __name__ == "__main__":
    command, folder = sys.argv[1], Path(sys.argv[2])
    if command == "make":
        make(folder)
    else:
        torch.set_num_threads(1)
        for width, height in SIZES:
            data = (folder / f"{width}x{height}.jpg").read_bytes()
            for name, call in (("toTensor", tensor), ("decoder", decode)):
                print(f"python.{name} {width}x{height} {median(call, data):.0f}")
        print("Pillow", version("pillow"), "torchvision", version("torchvision"), file=sys.stderr)

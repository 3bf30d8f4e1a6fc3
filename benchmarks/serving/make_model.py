"""Makes out/: photographs, resnet18.mar around a ResNet-18 of random weights, and PyTorch's own answers."""

import io
import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import torch
import torchvision
from PIL import Image

from pipeline import TOP, prepare

OUT = Path(__file__).resolve().parent / "out"
PHOTOS = {
    "sklearn.datasets.images": ["china.jpg", "flower.jpg"],
    "skimage.data": ["rocket.jpg", "retina.jpg", "astronaut.png", "chelsea.png", "coffee.png", "motorcycle_left.png"],
}


def photos():
    """Name -> JPEG; what is kept as PNG is written as a camera would."""
    found = {}
    for package, names in PHOTOS.items():
        for name in names:
            data = (files(package) / name).read_bytes()
            if name.endswith(".png"):
                file = io.BytesIO()
                Image.open(io.BytesIO(data)).convert("RGB").save(file, "JPEG", quality=90)
                data = file.getvalue()
            found[Path(name).stem] = data
    return found


def resnet(images):
    """Random weights, with statistics measured on the photographs so that their answers differ and the scores are of ordinary size."""
    torch.manual_seed(0)
    model = torchvision.models.resnet18(weights=None)
    with torch.no_grad():
        model.train()
        for _ in range(40):
            model(images)
        model.eval()
        scores = model(images)
        # Every photograph its own classes, some much likelier than others, as a trained model has it.
        model.fc.bias -= scores.mean(0)
        factor = 2 / scores.std(0).mean()
        model.fc.weight *= factor
        model.fc.bias *= factor
    return model


def archive(module):
    module.save(OUT / "resnet18.pt")
    (OUT / "index_to_name.json").write_text(json.dumps({i: f"class {i}" for i in range(1000)}))
    command = ["--model-name", "resnet18", "--version", "1.0", "--serialized-file", OUT / "resnet18.pt"]
    command += ["--handler", "image_classifier", "--extra-files", OUT / "index_to_name.json"]
    command += ["--export-path", OUT, "--force"]
    subprocess.run([Path(sys.executable).with_name("torch-model-archiver"), *map(str, command)], check=True)


def answers(model, inputs):
    """Name -> {label: probability}, and a refusal of answers that could not tell right from wrong."""
    found = {}
    for name, image in inputs.items():
        with torch.inference_mode():
            best, places = torch.softmax(model(image.unsqueeze(0))[0], 0).topk(TOP + 1)
        assert (best[:-1] - best[1:]).min() > 1e-5, f"{name}: two classes are too close to call"
        found[name] = {f"class {i}": p for i, p in zip(places.tolist()[:TOP], best.tolist())}
    firsts = {next(iter(answer)) for answer in found.values()}
    assert len(firsts) == len(found), f"only {len(firsts)} different answers to {len(found)} photographs"
    return found


if __name__ == "__main__":
    (OUT / "photos").mkdir(parents=True, exist_ok=True)
    pictures = photos()
    for name, data in pictures.items():
        (OUT / "photos" / f"{name}.jpg").write_bytes(data)
    inputs = {name: prepare(data) for name, data in pictures.items()}
    model = resnet(torch.stack(list(inputs.values())))
    traced = torch.jit.trace(model, next(iter(inputs.values())).unsqueeze(0))
    archive(traced)
    # Last: who finds it, finds everything.
    (OUT / "answers.json").write_text(json.dumps(answers(traced, inputs), indent=1))

"""Makes the benchmarks' models into models/out: TorchScript, programs of torch.export and ONNX, with an input and PyTorch's answer as
raw float32.

Inputs and answers are of the largest batch that is timed; a smaller one is its beginning. python make_models.py [NAME...]
"""

import sys
from pathlib import Path

import torch
import torchvision

HERE = Path(__file__).resolve().parent
OUT = HERE / "out"
MLP = HERE.parent.parent / "fixtures" / "risk" / "mlp-16-32-32-4.pt"


class Encoder(torch.nn.Module):
    """A transformer's encoder over 128 embedded tokens, and the mean of what it makes of them."""

    def __init__(self, layers, width, heads):
        super().__init__()
        layer = torch.nn.TransformerEncoderLayer(width, heads, 4 * width, batch_first=True)
        self.encoder = torch.nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        # The layers are copies of one; equal weights would be stored once by some exporters, and stay in the cache.
        for parameter in self.parameters():
            if parameter.dim() > 1:
                torch.nn.init.xavier_uniform_(parameter)

    def forward(self, tokens):
        return self.encoder(tokens).mean(1)


def vision(build):
    """Statistics that were measured, so that batch normalisation does something and the scores are of ordinary size."""

    def make():
        model = build(weights=None).train()
        with torch.no_grad():
            for _ in range(5):
                model(torch.randn(8, 3, 224, 224))
        return model.eval()

    return make


def mlp():
    layers = torch.nn.Sequential(
        torch.nn.Linear(16, 32), torch.nn.ReLU(), torch.nn.Linear(32, 32), torch.nn.ReLU(), torch.nn.Linear(32, 4)
    )
    for mine, recorded in zip(layers.parameters(), torch.jit.load(MLP).parameters(), strict=True):
        mine.data = recorded.data.clone()
    return layers.eval()


IMAGE = (3, 224, 224)

# What makes a model, its input's sizes without the first, the largest batch.
MODELS = {
    "mlp": (mlp, (16,), 32),
    "resnet18": (vision(torchvision.models.resnet18), IMAGE, 32),
    "resnet50": (vision(torchvision.models.resnet50), IMAGE, 32),
    "mobilenet": (vision(torchvision.models.mobilenet_v3_small), IMAGE, 32),
    "transformer": (lambda: Encoder(4, 256, 4).eval(), (128, 256), 32),
    "bert": (lambda: Encoder(12, 768, 12).eval(), (128, 768), 8),
}


def build(name):
    """A model, the same in every process, and the input of its largest batch."""
    torch.manual_seed(0)
    make, sizes, batch = MODELS[name]
    return make(), torch.randn(batch, *sizes)


def save(name):
    module, batch = build(name)
    # PyTorch's shortcut for encoders is one operator that no exporter knows.
    torch.backends.mha.set_fastpath_enabled(False)
    with torch.no_grad():
        traced = torch.jit.load(MLP) if name == "mlp" else torch.jit.trace(module, batch[:1])
        traced.save(OUT / f"{name}.pt")
        program = torch.export.export(module, (batch[:2],), dynamic_shapes=({0: torch.export.Dim("batch", min=1, max=64)},))
        torch.export.save(program, OUT / f"{name}.pt2")
        torch.export.save(program.run_decompositions(), OUT / f"{name}.decomposed.pt2")
        answer = torch.cat([module(one) for one in batch.split(1)])
        batch.numpy().tofile(OUT / f"{name}.input.f32")
        answer.numpy().tofile(OUT / f"{name}.output.f32")
        torch.onnx.export(
            module,
            (batch[:1],),
            OUT / f"{name}.onnx",
            dynamo=False,
            input_names=["input"],
            output_names=["output"],
            dynamic_axes={"input": {0: "batch"}, "output": {0: "batch"}},
        )


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    for name in sys.argv[1:] or MODELS:
        print(name, flush=True)
        save(name)

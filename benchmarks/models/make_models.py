"""Makes the benchmarks' models into models/out: TorchScript and ONNX, with an input and PyTorch's answer as raw float32."""

from pathlib import Path

import torch
import torchvision

HERE = Path(__file__).resolve().parent
OUT = HERE / "out"
MLP = HERE.parent.parent / "fixtures" / "risk" / "mlp-16-32-32-4.pt"


def save(name, module, example):
    module.eval()
    module.save(OUT / f"{name}.pt")
    with torch.inference_mode():
        answer = module(example)
    example.numpy().tofile(OUT / f"{name}.input.f32")
    answer.numpy().tofile(OUT / f"{name}.output.f32")


def export(name, module, example):
    torch.onnx.export(
        module, (example,), OUT / f"{name}.onnx", dynamo=False, input_names=["input"], output_names=["output"]
    )


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    torch.manual_seed(0)
    image = torch.randn(1, 3, 224, 224)
    resnet = torchvision.models.resnet18(weights=None).eval()
    # Statistics that were measured, so that batch normalisation does something and the scores are of ordinary size.
    resnet.train()
    with torch.no_grad():
        for _ in range(5):
            resnet(torch.randn(8, 3, 224, 224))
    resnet.eval()
    save("resnet18", torch.jit.trace(resnet, image), image)
    export("resnet18", resnet, image)

    row = torch.randn(1, 16)
    mlp = torch.jit.load(MLP)
    save("mlp", mlp, row)
    layers = torch.nn.Sequential(
        torch.nn.Linear(16, 32), torch.nn.ReLU(), torch.nn.Linear(32, 32), torch.nn.ReLU(), torch.nn.Linear(32, 4)
    )
    for mine, recorded in zip(layers.parameters(), mlp.parameters(), strict=True):
        mine.data = recorded.data.clone()
    export("mlp", layers.eval(), row)

"""Makes the models that prove.sh times: ResNet-50 and a BERT-base, of random weights, in float32.

usage: models.py FOLDER     writes FOLDER/NAME-DTYPE.pt, each with FOLDER/NAME-DTYPE.json: the shape of its input for one, and its type
"""

import json
import pathlib
import sys

import torch


def resnet50():
    try:
        from torchvision.models import resnet50 as make

        return make(weights=None)
    except ImportError:
        return ResNet50()


class Bottleneck(torch.nn.Module):
    def __init__(self, channels, inner, stride):
        super().__init__()
        outer = 4 * inner

        def conv(i, o, size, step=1):
            return torch.nn.Sequential(
                torch.nn.Conv2d(i, o, size, step, size // 2, bias=False), torch.nn.BatchNorm2d(o)
            )

        self.a, self.b, self.c = conv(channels, inner, 1), conv(inner, inner, 3, stride), conv(inner, outer, 1)
        self.skip = conv(channels, outer, 1, stride) if stride > 1 or channels != outer else torch.nn.Identity()

    def forward(self, x):
        y = torch.relu(self.b(torch.relu(self.a(x))))
        return torch.relu(self.c(y) + self.skip(x))


class ResNet50(torch.nn.Module):
    """The network of torchvision's name, where there is no torchvision."""

    def __init__(self):
        super().__init__()
        layers = [
            torch.nn.Conv2d(3, 64, 7, 2, 3, bias=False),
            torch.nn.BatchNorm2d(64),
            torch.nn.ReLU(),
            torch.nn.MaxPool2d(3, 2, 1),
        ]
        channels = 64
        for inner, blocks in ((64, 3), (128, 4), (256, 6), (512, 3)):
            for block in range(blocks):
                layers.append(Bottleneck(channels, inner, 2 if block == 0 and inner > 64 else 1))
                channels = 4 * inner
        layers += [torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(2048, 1000)]
        self.layers = torch.nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x)


class BertBase(torch.nn.Module):
    """BERT-base's encoder, pooled: 12 layers of 768 numbers, 128 tokens. Of token ids as float32 or float16 numbers' type, as its input is int64."""

    def __init__(self):
        super().__init__()
        self.words = torch.nn.Embedding(30522, 768)
        self.places = torch.nn.Parameter(torch.randn(1, 128, 768) * 0.02)
        layer = torch.nn.TransformerEncoderLayer(768, 12, 3072, 0.0, "gelu", batch_first=True)
        self.layers = torch.nn.TransformerEncoder(layer, 12, enable_nested_tensor=False)
        self.pool = torch.nn.Linear(768, 768)

    def forward(self, ids):
        x = self.layers(self.words(ids) + self.places)
        return torch.tanh(self.pool(x[:, 0]))


MODELS = {
    "resnet50": (resnet50, [3, 224, 224], None),
    "bert-base": (BertBase, [128], torch.int64),
}


def example(shape, dtype, batch):
    if dtype == torch.int64:
        return torch.randint(0, 30522, [batch, *shape])
    return torch.randn([batch, *shape]).to(dtype)


def main(folder):
    folder = pathlib.Path(folder)
    torch.manual_seed(0)
    torch.backends.mha.set_fastpath_enabled(False)  # it is not traced well
    for name, (make, shape, input_type) in MODELS.items():
        model = make().eval()
        takes = input_type or torch.float32
        file = folder / f"{name}-float32"
        with torch.no_grad():
            traced = torch.jit.trace(model, example(shape, takes, 2), check_trace=False)
        traced.save(f"{file}.pt")
        pathlib.Path(f"{file}.json").write_text(
            json.dumps({"shape": shape, "type": str(takes).removeprefix("torch.")})
        )
        print(file)


if __name__ == "__main__":
    main(sys.argv[1])

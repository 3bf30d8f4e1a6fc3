"""Makes the zoo: for each architecture TorchScript, ONNX, inputs at two sizes, and PyTorch's answers to them.

    python make.py FOLDER [NAME...]

FOLDER/NAME gets model.pt, model.onnx, and for either size (a, b) its inputs and answers as raw little-endian numbers. case.txt says
what is there, a line each: "input a 0 float32 1,3,224,224" is in a.input.0, an answer in a.output.0; "error a 2e-7" is how far the
answer is from that in float64, relative to its largest number; "onnx a" says that ONNX Runtime answers the same from model.onnx.
FOLDER/index.tsv lists the names with family, description and path of what was made. What is there already is kept. Each model is made by a process of
its own, so that its memory is given back.
"""

import copy
import os
import pathlib
import sys
import traceback
import warnings

import onnxruntime
import torch

from architectures import ZOO
from architectures.registry import batches

warnings.filterwarnings("ignore")

# What the zoo of an earlier measurement had, first.
FIRST = """gru levit_128s bilstm ecg segformer gat deepfm tcn conformer t5_encoder ghostnet_100 tf_efficientnet_lite0 densenet121 deberta_v2 gpt2
efficientformer_l1 efficientnet_b0 squeezenet1_1 textcnn style shufflenet_v2_x1_0 mixer_s32_224 wide_deep mobilenet_v2 mobilenet_v3_large bert
deit_tiny_patch16 whisper_encoder vit_4_layers yolo repvgg_a0 resnet50 unet resnet18 crnn dlrm""".split()


torch.set_num_threads(1)
torch.set_grad_enabled(False)
torch.backends.mha.set_fastpath_enabled(False)


def flat(answer):
    """The tensors of an answer, in order."""
    if isinstance(answer, (tuple, list)):
        return [tensor for part in answer for tensor in flat(part)]
    return [answer]


def calibrate(module, inputs):
    """Weights that training would not leave at zero, and statistics that were measured, so that normalisation does something."""
    for parameter in module.parameters():
        if parameter.dim() > 1 and not parameter.any():
            torch.nn.init.normal_(parameter, std=0.02)
    norms = [m for m in module.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
        norm.train()
    for _ in range(2 if norms else 0):
        module(*(one.make() for one in inputs))
    module.eval()


def distance(found, expected):
    """The largest difference, relative to the largest number expected."""
    worst = 0.0
    for f, e in zip(found, expected, strict=True):
        if f.shape != e.shape:
            return float("inf")
        largest = e.abs().max().double().clamp_min(1e-30)
        one = ((f.double() - e.double()).abs().max() / largest).item()
        worst = max(worst, one if one == one else float("inf"))  # max() takes NaN for the smaller
    return worst


def double(tensors):
    return [t.double() if t.is_floating_point() else t for t in tensors]


def export(module, path, first, second):
    """To ONNX, by the exporter that can; dimensions that differ between the sizes are open where they can be."""
    names = [f"input{i}" for i in range(len(first))]
    axes = {n: {d: f"{n}_{d}" for d in range(a.dim()) if a.shape[d] != b.shape[d] or d == 0} for n, a, b in zip(names, first, second)}
    for dynamo, open_axes, opset in ((False, axes, 17), (True, None, 18), (False, None, 17)):
        try:
            how = dict(dynamic_axes=open_axes) if open_axes else {}
            torch.onnx.export(module, tuple(first), path, dynamo=dynamo, input_names=names, opset_version=opset, external_data=False, **how)
            if distance(onnx(path, first), flat(module(*first))) < 1e-3:
                return
        except Exception as failure:
            print(f"  onnx, dynamo={dynamo}: {str(failure)[:200]}", flush=True)
    raise RuntimeError("no exporter made an ONNX file of it that answers as PyTorch does")


def onnx(path, inputs):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(path), options)
    feeds = {i.name: t.numpy() for i, t in zip(session.get_inputs(), inputs, strict=True)}
    return [torch.from_numpy(answer) for answer in session.run(None, feeds)]


def built(name):
    """The module, the same in every process."""
    one = ZOO[name]
    torch.manual_seed(0)
    module = one.build().eval()
    for parameter in module.parameters():
        parameter.requires_grad_(False)
    calibrate(module, batches(one.inputs, 4) if one.batched else one.inputs)
    return module


def make(name, folder):
    one = ZOO[name]
    module = built(name)
    first = [spec.make() for spec in one.inputs]
    script = torch.jit.script(module) if one.script else torch.jit.trace(module, tuple(first), check_trace=False, strict=False)
    folder.mkdir(parents=True, exist_ok=True)
    script.save(folder / "model.pt")
    script = torch.jit.load(folder / "model.pt")
    sizes = {"a": first, "b": other(one.others, module, script)}
    lines = []
    for size, inputs in sizes.items():
        answer = flat(module(*inputs))
        assert all(a.isfinite().all() for a in answer), "an answer is not finite"
        assert max(a.abs().max().item() for a in answer) > 1e-6, "an answer is nothing but zeros"
        assert distance(flat(script(*inputs)), answer) < 1e-3, "the traced module answers otherwise"
        for kind, tensors in (("input", inputs), ("output", answer)):
            for i, tensor in enumerate(tensors):
                tensor.contiguous().numpy().tofile(folder / f"{size}.{kind}.{i}")
                lines.append(f"{kind} {size} {i} {str(tensor.dtype).removeprefix('torch.')} {','.join(map(str, tensor.shape))}")
        try:
            exact = flat(copy.deepcopy(module).double()(*double(inputs)))
            lines.append(f"error {size} {distance(answer, exact):.2e}")
        except Exception as failure:
            print(f"  float64: {str(failure)[:200]}", flush=True)
    export(module, folder / "model.onnx", sizes["a"], sizes["b"])
    for size, inputs in sizes.items():
        try:
            if distance(onnx(folder / "model.onnx", inputs), flat(module(*inputs))) < 1e-3:
                lines.append(f"onnx {size}")
        except Exception as failure:
            print(f"  onnx at {size}: {str(failure)[:200]}", flush=True)
    (folder / "case.txt").write_text("\n".join([f"family {one.family}", f"description {one.description}", f"batched {one.batched}", *lines]) + "\n")


def other(others, module, script):
    """The first of the other sizes that both the module and what was traced of it can take."""
    for specs in others:
        inputs = [spec.make() for spec in specs]
        try:
            if distance(flat(script(*inputs)), flat(module(*inputs))) < 1e-3:
                return inputs
        except Exception as failure:
            print(f"  another size: {str(failure).strip().splitlines()[-1][:200]}", flush=True)
    raise RuntimeError("it takes no other size")


def index(folder):
    rows = []
    for case in sorted(folder.glob("*/case.txt")):
        said = dict(line.split(" ", 1) for line in case.read_text().splitlines()[:2])
        rows.append(f"{case.parent.name}\t{said['family']}\t{said['description']}\t{case.parent.name}/model.pt\n")
    (folder / "index.tsv").write_text("".join(rows))
    return len(rows)


def forked(name, folder):
    """Makes it in a copy of this process, which has read the libraries already. Whether it was made."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    try:
        make(name, folder)
        sys.stdout.flush()
        os._exit(0)
    except Exception as failure:
        print("  " + "".join(traceback.format_exception(failure)[-3:])[-600:], flush=True)
    finally:
        os._exit(1)


def main(folder, names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or [*FIRST, *(n for n in ZOO if n not in FIRST)]:
        if (folder / name / "case.txt").exists():
            continue
        print(name, flush=True)
        if not forked(name, folder / name):
            print(f"  {name} was not made", flush=True)
        index(folder)
    print(f"{index(folder)} models are in {folder}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])

"""Makes int8 models of some of the zoo's, to be timed as int8 is: what PyTorch quantises, and what ONNX Runtime does.

    python quantize.py ZOO FOLDER [NAME...]

FOLDER/NAME gets model.pt, by PyTorch's graph mode quantisation for x86 (convolutions and products of matrices static, where the module can be
traced symbolically; else its linear layers dynamic), and model.onnx, of the zoo's, by ONNX Runtime's static quantisation (QDQ, which
OpenVINO reads, too); both calibrated with the same inputs. Inputs and answers are the float model's.
"""

import pathlib
import shutil
import sys
import warnings

import onnxruntime.quantization
import torch

import make
from architectures import ZOO

warnings.filterwarnings("ignore")

CALIBRATION = 4


def static(module, samples):
    from torch.ao.quantization import get_default_qconfig_mapping
    from torch.ao.quantization.quantize_fx import convert_fx, prepare_fx

    prepared = prepare_fx(module, get_default_qconfig_mapping("x86"), tuple(samples[0]))
    for sample in samples:
        prepared(*sample)
    return convert_fx(prepared)


def dynamic(module):
    return torch.ao.quantization.quantize_dynamic(module, {torch.nn.Linear}, torch.qint8)


class Samples(onnxruntime.quantization.CalibrationDataReader):
    def __init__(self, names, samples):
        self.left = [{n: t.numpy() for n, t in zip(names, sample)} for sample in samples]

    def get_next(self):
        return self.left.pop() if self.left else None


def quantize_onnx(source, target, samples):
    prepared = target.with_suffix(".prepared.onnx")
    onnxruntime.quantization.shape_inference.quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
    names = [i.name for i in onnxruntime.InferenceSession(str(prepared)).get_inputs()]
    onnxruntime.quantization.quantize_static(
        str(prepared), str(target), Samples(names, samples), quant_format=onnxruntime.quantization.QuantFormat.QDQ,
        per_channel=True, activation_type=onnxruntime.quantization.QuantType.QUInt8,
        weight_type=onnxruntime.quantization.QuantType.QInt8)
    prepared.unlink()


def quantize(name, zoo, folder):
    folder.mkdir(parents=True, exist_ok=True)
    module, one = make.built(name), ZOO[name]
    first = [spec.make() for spec in one.inputs]
    samples = [first] + [[spec.make() for spec in one.inputs] for _ in range(CALIBRATION - 1)]
    try:
        quantised = static(module, samples)
    except Exception as failure:
        print(f"  {name} is not traced symbolically: {str(failure)[:100]}", flush=True)
        quantised = dynamic(module)
    traced = torch.jit.freeze(torch.jit.trace(quantised, tuple(first), check_trace=False, strict=False).eval())
    traced.save(folder / "model.pt")
    print(f"  {name}: off by {make.distance(make.flat(traced(*first)), make.flat(module(*first))):.2e}", flush=True)
    quantize_onnx(zoo / name / "model.onnx", folder / "model.onnx", samples)
    for file in (zoo / name).iterdir():
        if not file.name.startswith("model."):
            shutil.copy(file, folder)


def main(zoo, folder, names):
    for name in names or ["resnet50", "mobilenet_v2", "bert"]:
        quantize(name, zoo, folder / name)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:])

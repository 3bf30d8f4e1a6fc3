"""Traces a call, saves it, loads it again, and writes down what PyTorch answers."""

import sys
import tempfile
import warnings
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "fixtures" / "python"))
from common import Traced, encode  # noqa: E402

HELD = {
    torch.float32, torch.float64, torch.float16, torch.bfloat16,
    torch.int8, torch.uint8, torch.int16, torch.int32, torch.int64, torch.bool,
}
MOST_BYTES = 1 << 17


class LeftOut(Exception):
    """A call that is no case: its kind, and the particulars."""

    def __init__(self, kind, detail=""):
        super().__init__(kind)
        self.kind, self.detail = kind, detail


def record(call, note):
    """The case's row and the bytes of its module."""
    if any(unheld(tensor) for tensor in call.tensors):
        raise LeftOut("takes what Java cannot hold")
    eager = answer(call.module, call.tensors, "fails in PyTorch")
    module = traced(call)
    kind = module.forward.schema.returns[0].type
    found = answer(module, call.tensors, "fails when loaded")
    row = {"name": call.name, "operator": call.operator, "dtype": call.dtype}
    row["args"] = [encode(tensor, torch._C.TensorType.get()) for tensor in call.tensors]
    refused = sorted({unheld(tensor) for tensor in tensors(found)} - {None})
    if refused:
        return row | {"refused": refused}, module.saved
    steady(module, call.tensors, found)
    if not all(map(close, tensors(eager), tensors(found))):
        note("traced answers other than eager, recorded as traced", call.name)
    row["result"] = encode(plain(found), kind)
    return row, module.saved


def traced(call):
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = Path(folder) / "case.pt"
        try:
            with torch.no_grad():
                made = torch.jit.trace(call.module, clones(call.tensors), check_trace=False, strict=False)
            Traced(made).save(file)
        except Exception as error:
            raise LeftOut("cannot be traced", first_line(error)) from error
        try:
            module = torch.jit.load(file).eval()
        except Exception as error:
            raise LeftOut("cannot be loaded by PyTorch", first_line(error)) from error
        module.saved = file.read_bytes()
        return module


def answer(module, arguments, failure):
    before = torch.get_rng_state()
    try:
        with torch.inference_mode(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = module(*clones(arguments))
    except Exception as error:
        raise LeftOut(failure, first_line(error)) from error
    if not torch.equal(before, torch.get_rng_state()):
        raise LeftOut("random")
    if sum(tensor.numel() * tensor.element_size() for tensor in tensors(found)) > MOST_BYTES:
        raise LeftOut("answers too much")
    return found


def steady(module, arguments, first):
    """The same again, and again with memory that nobody wrote full of what would be seen."""
    again = answer(module, arguments, "fails the second time")
    if not all(map(same, tensors(first), tensors(again))):
        raise LeftOut("answers otherwise each time")
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        filled = answer(module, arguments, "fails the third time")
    finally:
        torch.use_deterministic_algorithms(False)
    if not all(map(close, tensors(first), tensors(filled))):
        raise LeftOut("reads memory that nobody wrote")


def clones(arguments):
    return tuple(tensor.clone() for tensor in arguments)


def tensors(value):
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [tensor for item in value for tensor in tensors(item)] if isinstance(value, (list, tuple)) else []


def plain(value):
    """Laid out as it is written down: no stride of its own, no promise to negate later."""
    if isinstance(value, torch.Tensor):
        return value.detach().resolve_neg().clone(memory_format=torch.contiguous_format)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def unheld(tensor):
    """What about a tensor has no place in Java's; or nothing."""
    if tensor.layout != torch.strided:
        return str(tensor.layout).removeprefix("torch.")
    return None if tensor.dtype in HELD else str(tensor.dtype).removeprefix("torch.")


def same(one, other):
    return one.shape == other.shape and one.dtype == other.dtype and torch.equal(bits(one), bits(other))


def bits(tensor):
    return plain(tensor).reshape(-1).view(torch.uint8)


def close(one, other):
    return one.shape == other.shape and one.dtype == other.dtype and torch.allclose(
        one.double(), other.double(), rtol=2e-2 if one.dtype in (torch.float16, torch.bfloat16) else 1e-4,
        atol=1e-5, equal_nan=True)


def first_line(error):
    return (str(error).strip().splitlines() or [type(error).__name__])[0]

"""Turns of the peers that live in Python; Zoo.java tells when.

    python peers.py (openvino | torchscript | compile) FOLDER ITEMS THREADS (float32 | bfloat16 | int8)

FOLDER is a model's. Each computes the first size, checks its answer, says "zoo ready DISTANCE NOTE", and then answers every line that
holds a number of milliseconds with "zoo time" and nanoseconds a call: CPU (least, median), wall (least, median). OpenVINO is called
through its C interface, so that a small network is not charged with Python's part. Of bfloat16, OpenVINO decides itself where it
computes in it; PyTorch does under autocast, which is traced.
"""

import ctypes
import gc
import pathlib
import sys
import tempfile
import time

import numpy


def say(line):
    print("zoo " + " ".join(str(line).split("\n")), flush=True)


def numbers(folder, kind, items):
    found = []
    for line in (folder / "case.txt").read_text().splitlines():
        words = line.split(" ")
        if words[:2] == [kind, "a"]:
            shape = [int(n) for n in words[4].split(",")] if words[4] else []
            one = numpy.fromfile(folder / f"a.{kind}.{words[2]}", dtype=words[3]).reshape(shape)
            found.append(numpy.concatenate([one] * items) if items > 1 else one)
    return found


def distance(found, expected):
    worst = 0.0
    for f, e in zip(found, expected, strict=True):
        if f.shape != e.shape:
            return float("inf")
        one = numpy.abs(f.astype("float64") - e).max() / max(numpy.abs(e).max(), 1e-30)
        worst = max(worst, one if one == one else float("inf"))  # max() takes NaN for the smaller
    return worst


def serve(call, note):
    quickest, start, n = 1e9, time.perf_counter(), 0
    while n < 3 or time.perf_counter() - start < 0.3:
        before = time.perf_counter()
        call()
        quickest, n = min(quickest, time.perf_counter() - before), n + 1
    calls = range(max(1, int(200e-6 / quickest)))
    gc.collect()
    gc.disable()
    say(f"ready {note}")
    for line in sys.stdin:
        cpu, wall, start = [], [], time.perf_counter()
        while len(wall) < 3 or time.perf_counter() - start < int(line) / 1e3:
            # The whole process: a library may compute on a thread of its own.
            c, w = time.process_time_ns(), time.perf_counter_ns()
            for _ in calls:
                call()
            wall.append((time.perf_counter_ns() - w) / len(calls))
            cpu.append((time.process_time_ns() - c) / len(calls))
        say("time " + " ".join(f"{n:.1f}" for all in (cpu, wall) for n in (min(all), sorted(all)[len(all) // 2])))


class Shape(ctypes.Structure):
    _fields_ = [("rank", ctypes.c_int64), ("dims", ctypes.POINTER(ctypes.c_int64))]


class OpenVino:
    """What is needed of its C interface: a model with fixed sizes, and a request whose inputs stay where they are."""

    TYPES = {"bool": 1, "float32": 4, "float64": 5, "int64": 10}  # ov_element_type_e

    def __init__(self, onnx, inputs, threads, numerics):
        import openvino

        self.version, self.inputs = openvino.__version__, inputs
        library = next((pathlib.Path(openvino.__file__).parent / "libs").glob("libopenvino_c.so*"))
        self.c = ctypes.CDLL(str(library))
        model = openvino.Core().read_model(str(onnx))
        model.reshape({i: list(given.shape) for i, given in enumerate(inputs)})
        self.answers = [self.type(output) for output in model.outputs]
        core, compiled, self.request = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
        self.done(self.c.ov_core_create(ctypes.byref(core)))
        options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "bf16" if numerics == "bfloat16" else "f32",
                   "INFERENCE_NUM_THREADS": str(threads)}
        words = [ctypes.c_char_p(word.encode()) for pair in options.items() for word in pair]
        with tempfile.TemporaryDirectory() as folder:
            openvino.save_model(model, folder + "/model.xml", compress_to_fp16=False)
            del model
            self.done(self.c.ov_core_compile_model_from_file(
                core, ctypes.c_char_p((folder + "/model.xml").encode()), ctypes.c_char_p(b"CPU"), ctypes.c_size_t(len(words)),
                ctypes.byref(compiled), *words))
        self.done(self.c.ov_compiled_model_create_infer_request(compiled, ctypes.byref(self.request)))
        for i, given in enumerate(inputs):
            tensor = ctypes.c_void_p()
            dims = (ctypes.c_int64 * given.ndim)(*given.shape)
            self.done(self.c.ov_tensor_create_from_host_ptr(
                self.TYPES[str(given.dtype)], Shape(given.ndim, dims), ctypes.c_void_p(given.ctypes.data), ctypes.byref(tensor)))
            self.done(self.c.ov_infer_request_set_input_tensor_by_index(self.request, ctypes.c_size_t(i), tensor))
        infer, request, done = self.c.ov_infer_request_infer, self.request, self.done
        self.run = lambda: done(infer(request))

    @staticmethod
    def type(output):
        return output.get_element_type().to_dtype(), [int(d) for d in output.get_shape()]

    @staticmethod
    def done(status):
        if status:
            raise RuntimeError(f"OpenVINO's status is {status}")

    def outputs(self):
        found = []
        for i, (dtype, shape) in enumerate(self.answers):
            tensor, data = ctypes.c_void_p(), ctypes.c_void_p()
            self.done(self.c.ov_infer_request_get_output_tensor_by_index(self.request, ctypes.c_size_t(i), ctypes.byref(tensor)))
            self.done(self.c.ov_tensor_data(tensor, ctypes.byref(data)))
            one = numpy.empty(shape, dtype)
            ctypes.memmove(one.ctypes.data, data, one.nbytes)
            found.append(one)
        return found


def openvino_side(folder, inputs, threads, numerics):
    side = OpenVino(folder / "model.onnx", inputs, threads, numerics)
    return side.run, side.outputs, f"openvino {side.version}"


def torch_side(module, inputs, threads, note):
    import torch

    torch.set_num_threads(threads)
    tensors = [torch.from_numpy(given) for given in inputs]
    for _ in range(3):
        module(*tensors)

    def numbers_of(answer):
        return (answer.float() if answer.dtype == torch.bfloat16 else answer).numpy()  # numpy has no bfloat16

    def outputs():
        def flat(answer):
            return [t for part in answer for t in flat(part)] if isinstance(answer, (tuple, list)) else [numbers_of(answer)]

        return flat(module(*tensors))

    return lambda: module(*tensors), outputs, f"{note} {torch.__version__}"


def torchscript_side(folder, inputs, threads, numerics):
    import torch

    module = torch.jit.load(folder / "model.pt").eval()
    if numerics == "bfloat16":
        import make

        with torch.autocast("cpu", torch.bfloat16, cache_enabled=False):
            module = torch.jit.trace(make.built(folder.name), tuple(map(torch.from_numpy, inputs)), check_trace=False)
    return torch_side(torch.jit.freeze(module), inputs, threads, "torchscript")


def compile_side(folder, inputs, threads, numerics):
    import torch
    import torch._inductor.config

    import make

    torch._inductor.config.freezing = True
    torch.set_num_threads(threads)
    if numerics != "float32":
        raise ValueError(f"not asked of torch.compile: {numerics}")
    return torch_side(torch.compile(make.built(folder.name)), inputs, threads, "compile")


def main(side, folder, items, threads, numerics):
    inputs, expected = (numbers(folder, kind, items) for kind in ("input", "output"))
    inputs = [numpy.ascontiguousarray(given) for given in inputs]
    if side != "openvino":
        import torch

        torch.set_grad_enabled(False)
        guard = torch.inference_mode() if side == "torchscript" else torch.no_grad()
        guard.__enter__()
    sides = {"openvino": openvino_side, "torchscript": torchscript_side, "compile": compile_side}
    try:
        call, outputs, note = sides[side](folder, inputs, threads, numerics)
        call()
        worst = distance(outputs(), expected)
    except Exception as failure:
        say(f"refused {type(failure).__name__} {str(failure)[:300]}")
        return
    serve(call, f"{worst:.2e} {note}")


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])

"""Times PyTorch on the models of models.py as DeviceCalls times Cresset: from page-locked memory to page-locked memory.

First eager mode and a CUDA graph, for all; then torch.compile, which may take minutes for each, as long as COMPILE_UNTIL says, in seconds.

usage: peers.py FOLDER DEVICE SECONDS TSV
"""

import os
import pathlib
import sys
import time

import torch

from models import MODELS, example


def timed(call, seconds):
    for _ in range(3):
        call()
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 3:
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return sorted(times)[len(times) // 2] * 1e6


def cases(gpu):
    """Each model, with its numbers, TF32 and sizes."""
    for batch in (1, 8, 64):
        for name, (make, shape, input_type) in MODELS.items():
            for dtype, tf32 in ((torch.float32, False), (torch.float32, True), (torch.float16, False)):
                if tf32 and not gpu:
                    continue
                yield name, make, shape, input_type or dtype, dtype, tf32, batch


def main(folder, device, seconds, tsv):
    gpu = device != "cpu"
    compile_until = time.monotonic() + float(os.environ.get("COMPILE_UNTIL", "0"))

    def wait():
        if gpu:
            torch.cuda.synchronize()

    def graphed(model, x, y):
        there = x.to(device)
        stream = torch.cuda.Stream()
        with torch.cuda.stream(stream):
            for _ in range(3):
                model(there)
        stream.synchronize()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            answer = model(there)

        def replay():
            there.copy_(x, non_blocking=True)
            graph.replay()
            y.copy_(answer, non_blocking=True)
            wait()

        return replay

    with open(tsv, "w") as out, torch.inference_mode():
        for compiled in (False, True) if gpu else (False,):
            for name, make, shape, takes, dtype, tf32, batch in cases(gpu):
                if compiled and time.monotonic() > compile_until:
                    print(name, batch, "not compiled: no time")
                    continue
                torch.manual_seed(0)
                model = make().eval().to(dtype).to(device)
                torch.backends.cuda.matmul.allow_tf32 = tf32
                torch.backends.cudnn.allow_tf32 = tf32
                x = example(shape, takes, batch)
                x = x.pin_memory() if gpu else x
                y = model(x.to(device)).cpu()
                y = y.pin_memory() if gpu else y

                def row(mode, prepare):
                    try:
                        micros = timed(prepare(), seconds)
                    except Exception as failure:  # what one cannot do, the others can
                        print(name, batch, mode, failure)
                        return
                    numbers = "tf32" if tf32 else str(dtype).removeprefix("torch.")
                    print(name, numbers, batch, mode, f"{micros:.1f}", sep="\t", file=out, flush=True)

                def eager(module):
                    def call():
                        y.copy_(module(x.to(device, non_blocking=True)), non_blocking=True)
                        wait()

                    return call

                if compiled:
                    row("compiled", lambda: eager(torch.compile(model, mode="max-autotune")))
                    continue
                row("eager", lambda: eager(model))
                if gpu:
                    row("graph", lambda: graphed(model, x, y))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4])

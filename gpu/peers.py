"""Times PyTorch on the models of models.py as DeviceCalls times Cresset: from page-locked memory to page-locked memory.

usage: peers.py FOLDER DEVICE SECONDS TSV
"""

import json
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


def main(folder, device, seconds, tsv):
    gpu = device != "cpu"

    def wait():
        if gpu:
            torch.cuda.synchronize()

    with open(tsv, "w") as out, torch.inference_mode():
        for name, (make, shape, input_type) in MODELS.items():
            for dtype in (torch.float32, torch.float16):
                torch.manual_seed(0)
                model = make().eval().to(dtype).to(device)
                takes = input_type or dtype
                for tf32 in (False, True):
                    if tf32 and (dtype == torch.float16 or not gpu):
                        continue
                    torch.backends.cuda.matmul.allow_tf32 = tf32
                    torch.backends.cudnn.allow_tf32 = tf32
                    for batch in (1, 8, 64):
                        x = example(shape, takes, batch)
                        x = x.pin_memory() if gpu else x
                        y = model(x.to(device)).cpu()
                        y = y.pin_memory() if gpu else y

                        def row(mode, call):
                            try:
                                micros = timed(call, seconds)
                            except Exception as failure:  # what one cannot do, the others can
                                print(name, batch, mode, failure)
                                return
                            numbers = "tf32" if tf32 else str(dtype).removeprefix("torch.")
                            print(name, numbers, batch, mode, f"{micros:.1f}", sep="\t", file=out, flush=True)

                        def eager(module=model):
                            y.copy_(module(x.to(device, non_blocking=True)), non_blocking=True)
                            wait()

                        row("eager", eager)
                        if not gpu:
                            continue
                        compiled = torch.compile(model, mode="max-autotune")
                        row("compiled", lambda: eager(compiled))
                        try:
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

                            row("graph", replay)
                        except Exception as failure:
                            print(name, batch, "graph", failure)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4])

"""What Python itself needs: prints "python.WAY MODEL BATCH THREADS microseconds", the median of the rounds.

python loop.py BATCH THREADS NAME...; the models are those of make_models.py, in models/out.
"""

import sys
import time

import numpy
import torch

from make_models import MODELS, OUT, build


def median(call):
    start = time.perf_counter()
    for _ in range(3):
        call()
    calls = max(1, int(0.3 / ((time.perf_counter() - start) / 3)))
    rounds = []
    for _ in range(7):
        start = time.perf_counter()
        for _ in range(calls):
            call()
        rounds.append((time.perf_counter() - start) / calls)
    return sorted(rounds[1:])[3] * 1e6


def ways(name):
    module, _ = build(name)
    yield "eager", module
    yield "torchscript", torch.jit.freeze(torch.jit.load(OUT / f"{name}.pt").eval())
    yield "compile", torch.compile(module)


def main(batch, threads, names):
    torch.set_num_threads(threads)
    for name in names:
        sizes = MODELS[name][1]
        data = torch.from_numpy(numpy.fromfile(OUT / f"{name}.input.f32", dtype="float32")).reshape(-1, *sizes)[:batch]
        answer = torch.from_numpy(numpy.fromfile(OUT / f"{name}.output.f32", dtype="float32")).reshape(-1, 1)
        for way, module in ways(name):
            with torch.inference_mode():
                found = module(data).reshape(-1, 1)
                expected = answer[: found.shape[0]]
                assert (found - expected).abs().max() <= 2e-4 * max(1, expected.abs().max()), f"{name} {way} is wrong"
                print(f"python.{way} {name.upper()} {batch} {threads} {median(lambda: module(data)):.3f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])

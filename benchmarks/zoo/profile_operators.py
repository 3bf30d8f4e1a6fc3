"""Where LibTorch's time goes in a model of the zoo: operators of the frozen module, the costliest first.

    python profile_operators.py FOLDER/NAME... [--top N]

A line an operator: its share of the time, how often it is called, and microseconds of one call of the model. Profiling itself costs about a
microsecond an operator, so the shares of a model of a few microseconds say little.
"""

import argparse
import collections
import pathlib

import torch

from peers import numbers


def profile(folder, calls=9):
    """Operators and their own time, and the time of all."""
    module = torch.jit.freeze(torch.jit.load(folder / "model.pt").eval())
    inputs = [torch.from_numpy(given) for given in numbers(folder, "input", 1)]
    with torch.inference_mode():
        for _ in range(3):
            module(*inputs)
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profiler:
            for _ in range(calls):
                module(*inputs)
    each = collections.defaultdict(list)
    for event in profiler.events():
        each[event.name].append(event.self_cpu_time_total)
    rows = []
    for name, times in each.items():
        # The least of the calls, use by use: what else the machine did is no operator's cost.
        uses = len(times) // calls
        rows.append((sum(min(times[use::uses]) for use in range(uses)) if uses else 0, uses, name))
    return sorted(rows, reverse=True), sum(row[0] for row in rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    parser.add_argument("--top", type=int, default=12)
    options = parser.parse_args()
    torch.set_num_threads(1)
    for folder in options.models:
        rows, total = profile(folder)
        print(f"{folder.name}: {total:.0f} us")
        for micros, count, name in rows[: options.top]:
            print(f"  {micros / total:6.1%} {count:6.0f} x {micros:10.1f} us  {name}")

"""Makes the cases: python make.py FOLDER [--sample FILE]; every operator and module of the installed torch's own databases.

FOLDER gets one zip a shard, and summary.json: versions, counts, and what was left out and why. With --sample, the small
choice of them that `mvnw verify` runs is written to FILE.
"""

import argparse
import json
import multiprocessing
import os
import platform
import sys
import warnings
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "python"))
PER_SHARD = 45


def versions():
    import torch

    return {
        "python": platform.python_version(),
        "torch": version("torch"),
        "numpy": version("numpy"),
        "cpu": torch.backends.cpu.get_cpu_capability(),
    }


def make_shard(folder, number, deadly):
    """Records the entries of one shard, but for the calls that are known to kill Python; says before each what it is at."""
    import torch

    import databases
    import recording
    import shards

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    left_out, cases = defaultdict(list), []

    def note(kind, detail):
        left_out[kind].append(detail)

    for kind, info in databases.entries()[number * PER_SHARD:(number + 1) * PER_SHARD]:
        for call in databases.calls(kind, info, note):
            if call.name in deadly:
                note("kills Python", call.name)
                continue
            at(folder, number).write_text(call.name, encoding="utf-8")
            try:
                row, module = recording.record(call, note)
                # They are refused alike: one a shard shows it.
                if "refused" in row and any("refused" in other for other, _ in cases):
                    raise recording.LeftOut("answers what Java cannot hold", ", ".join(row["refused"]))
                cases.append((row, module))
            except recording.LeftOut as left:
                note(left.kind, f"{call.name}: {left.detail}")
    shards.write(folder / f"{number:02}.zip", versions(), cases)
    at(folder, number).unlink()
    notes(folder, number).write_text(json.dumps({"cases": len(cases), "left_out": left_out}), encoding="utf-8")


def at(folder, number):
    return folder / f"{number:02}.at"


def notes(folder, number):
    return folder / f"{number:02}.json"


def make_shard_whatever_dies(folder, number):
    """A process a shard: what one sets in torch is not left to the next, and what kills one is left out by the next."""
    deadly = []
    while True:
        process = multiprocessing.get_context("spawn").Process(target=make_shard, args=(folder, number, deadly))
        process.start()
        process.join()
        if process.exitcode == 0:
            made = json.loads(notes(folder, number).read_text(encoding="utf-8"))
            notes(folder, number).unlink()
            print(f"shard {number}: {made['cases']} cases", flush=True)
            return made
        if process.exitcode > 0:
            raise RuntimeError(f"shard {number} failed, see above")
        deadly.append(at(folder, number).read_text(encoding="utf-8"))
        print(f"{deadly[-1]} kills Python with signal {-process.exitcode}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=Path)
    options = parser.parse_args()

    import databases
    import shards

    options.folder.mkdir(parents=True, exist_ok=True)
    for old in options.folder.glob("*.zip"):
        old.unlink()
    entries = len(databases.entries())
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(partial(make_shard_whatever_dies, options.folder), range(-(-entries // PER_SHARD))))
    left_out = defaultdict(list)
    for made in results:
        for kind, details in made["left_out"].items():
            left_out[kind] += details
    summary = {
        "versions": versions(),
        "entries": entries,
        "cases": sum(made["cases"] for made in results),
        "left_out": {kind: len(details) for kind, details in sorted(left_out.items())},
        "details": left_out,
    }
    (options.folder / "summary.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({key: value for key, value in summary.items() if key != "details"}, indent=1))
    if options.sample:
        shards.write(options.sample, versions(), shards.sample(sorted(options.folder.glob("*.zip"))))


if __name__ == "__main__":
    main()

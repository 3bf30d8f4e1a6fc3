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
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "python"))
PER_SHARD = 40


def versions():
    import torch

    return {
        "python": platform.python_version(),
        "torch": version("torch"),
        "numpy": version("numpy"),
        "cpu": torch.backends.cpu.get_cpu_capability(),
    }


def make_shard(folder, number):
    """Records the entries of one shard; what it did, in numbers."""
    import torch

    import databases
    import recording
    import shards

    torch.set_num_threads(1)
    left_out, cases = defaultdict(list), []

    def note(kind, detail):
        left_out[kind].append(detail)

    for kind, info in databases.entries()[number * PER_SHARD:(number + 1) * PER_SHARD]:
        for call in databases.calls(kind, info, note):
            try:
                row, module = recording.record(call, note)
                # They are refused alike: one a shard shows it.
                if "refused" in row and any("refused" in other for other, _ in cases):
                    raise recording.LeftOut("answers what Java cannot hold", ", ".join(row["refused"]))
                cases.append((row, module))
            except recording.LeftOut as left:
                note(left.kind, f"{call.name}: {left.detail}")
    shards.write(folder / f"{number:02}.zip", versions(), cases)
    return len(cases), left_out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for old in options.folder.glob("*.zip"):
        old.unlink()
    # A process a shard: what one sets in torch is not left to the next.
    processes = multiprocessing.get_context("spawn")
    with processes.Pool(os.cpu_count(), maxtasksperchild=1) as pool:
        entries = pool.apply(entry_count)
        tasks = [(options.folder, number) for number in range(-(-entries // PER_SHARD))]
        results = pool.starmap(make_shard, tasks, chunksize=1)
    left_out = defaultdict(list)
    for _, kinds in results:
        for kind, details in kinds.items():
            left_out[kind] += details
    summary = {
        "versions": versions(),
        "entries": entries,
        "cases": sum(cases for cases, _ in results),
        "left_out": {kind: len(details) for kind, details in sorted(left_out.items())},
        "details": left_out,
    }
    (options.folder / "summary.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({key: value for key, value in summary.items() if key != "details"}, indent=1))
    if options.sample:
        import shards

        shards.write(options.sample, versions(), shards.sample(sorted(options.folder.glob("*.zip"))))


def entry_count():
    import databases

    return len(databases.entries())


if __name__ == "__main__":
    main()

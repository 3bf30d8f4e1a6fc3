"""Prints prove.sh's figures as one table: microseconds a call, and Cresset's best of PyTorch's best.

usage: table.py OUT
"""

import pathlib
import sys


def read(file):
    if not file.exists():
        return
    for line in file.read_text().splitlines():
        model, numbers, batch, mode, micros = line.split("\t")
        yield (model, numbers, int(batch)), mode, float(micros)


def main(folder):
    rows = {}
    for file in sorted(pathlib.Path(folder).glob("*.tsv")):
        for key, mode, micros in read(file):
            rows.setdefault(key, {})[mode] = micros
    modes = sorted({mode for row in rows.values() for mode in row})
    print("\n| model | numbers | batch | " + " | ".join(modes) + " | Cresset against the best |")
    print("|---|---|---|" + "---|" * (len(modes) + 1))
    for key in sorted(rows):
        row = rows[key]
        ours = min((v for m, v in row.items() if m.startswith("Cresset")), default=None)
        best = min((v for m, v in row.items() if not m.startswith("Cresset")), default=None)
        share = f"{best / ours:.2f}" if ours and best else ""
        figures = " | ".join(f"{row[m]:,.0f}" if m in row else "" for m in modes)
        print(f"| {key[0]} | {key[1]} | {key[2]} | {figures} | {share} |")


if __name__ == "__main__":
    main(sys.argv[1])

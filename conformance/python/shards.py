"""Shards: zip files of cases with their modules, and the sample drawn from them."""

import hashlib
import json
import random
import zipfile

SAMPLE = 400
MOST_BYTES = 6_000


def write(path, versions, cases):
    """cases: rows with the bytes of their modules. Equal modules are kept once."""
    names, rows = {}, []
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for row, module in cases:
            digest = hashlib.sha256(module).hexdigest()
            if digest not in names:
                names[digest] = f"{len(names):04}.pt"
                entry(archive, names[digest], module)
            rows.append({**row, "module": names[digest]})
        lines = ",\n".join(json.dumps(row, allow_nan=False) for row in rows)
        entry(archive, "cases.json", f'{{"versions": {json.dumps(versions)}, "cases": [\n{lines}\n]}}\n'.encode())


def entry(archive, name, data):
    # A fixed date: the same cases are the same file.
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, data)


def read(path):
    with zipfile.ZipFile(path) as archive:
        for row in json.loads(archive.read("cases.json"))["cases"]:
            yield row, archive.read(row["module"])


def sample(paths, size=SAMPLE):
    """A case of each of so many operators, so that every type has about as many."""
    by_operator = {}
    for path in paths:
        for row, module in read(path):
            if len(json.dumps(row)) + len(module) <= MOST_BYTES:
                by_operator.setdefault(row["operator"], []).append((row, module))
    draw = random.Random(2013)
    operators = draw.sample(sorted(by_operator), min(size, len(by_operator)))
    taken = {}
    for operator in operators:
        # Of the type that has the fewest so far.
        rarest = min({kind(row) for row, _ in by_operator[operator]}, key=lambda name: (taken.get(name, 0), name))
        taken[rarest] = taken.get(rarest, 0) + 1
        yield draw.choice([case for case in by_operator[operator] if kind(case[0]) == rarest])


def kind(row):
    """Stratum: the type; what is special, in place or refused is one of its own."""
    if "refused" in row:
        return "refused"
    variant = row["name"].split(" ", 2)[2].rstrip("0123456789 ")
    return variant or row["dtype"]

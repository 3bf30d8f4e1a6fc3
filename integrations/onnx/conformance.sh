#!/usr/bin/env bash
# Runs ONNX's own tests of its operators through Cresset, and writes docs/conformance-onnx.md.
#
#   integrations/onnx/conformance.sh [--sample] [FOLDER]
#
#   FOLDER     where the package onnx is unpacked to   the default: integrations/onnx/target/nodes
#   --sample   draws the sample that `mvnw verify` runs, nodes.zip, anew
#
# Needs a JDK 17+, and a Python 3.11 with pip (PYTHON names one), for the package alone: nothing of it is run. Takes a minute.
set -euo pipefail

version=1.19.1
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
folder=$here/target/nodes
sample=
for option in "$@"; do
    case $option in
        --sample) sample=yes ;;
        -*) echo "unknown option $option" >&2 && exit 2 ;;
        *) folder=$(realpath -m "$option") ;;
    esac
done

if [ ! -d "$folder/node" ]; then
    mkdir -p "$folder"
    "${PYTHON:-python3}" -m pip download -q --no-deps --only-binary :all: --dest "$folder" "onnx==$version"
    "${PYTHON:-python3}" - "$folder" <<'PYTHON'
import pathlib, sys, zipfile

folder = pathlib.Path(sys.argv[1])
inside = "onnx/backend/test/data/"
with zipfile.ZipFile(next(folder.glob("onnx-*.whl"))) as wheel:
    for name in wheel.namelist():
        if name.startswith(inside + "node/"):
            target = folder / name.removeprefix(inside)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(wheel.read(name))
PYTHON
fi

"$root/mvnw" -q -B -ntp -f "$root/pom.xml" -Dquick -pl integrations/onnx -am test -Dtest='NodeTestsTest#all*' \
    -Dsurefire.failIfNoSpecifiedTests=false -Dcresset.onnx.nodes="$folder/node" -Dcresset.onnx.package="$version" \
    -Dcresset.onnx.page="$root/docs/conformance-onnx.md"

if [ -n "$sample" ]; then
    "${PYTHON:-python3}" - "$folder" "$here/nodes.zip" <<'PYTHON'
import pathlib, sys, zipfile

folder, target = map(pathlib.Path, sys.argv[1:])
lines = (folder / "outcomes.txt").read_text().splitlines()
# What it makes of texts depends on the locales that a system has.
lines = [line for line in lines if "strnormalizer" not in line]
passed = [line for line in lines if line.endswith(": passed")]
other = {line.split(": ", 1)[1]: line for line in lines if not line.endswith(": passed")}
small = lambda line: sum(f.stat().st_size for f in (folder / "node" / line.split(":")[0]).rglob("*.*")) < 10_000
drawn = sorted([*filter(small, passed[::7]), *filter(small, [line for line in other.values() if "another" not in line])])
with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as sample:
    def add(name, content):
        entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        sample.writestr(entry, content)
    add("outcomes.txt", "\n".join(drawn) + "\n")
    for line in drawn:
        for file in sorted((folder / "node" / line.split(":")[0]).rglob("*.*")):
            add(str(file.relative_to(folder / "node")), file.read_bytes())
PYTHON
fi

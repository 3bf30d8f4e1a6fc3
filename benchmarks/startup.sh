#!/usr/bin/env bash
# Times a whole process that opens a model, predicts once and ends: Cresset's against a C++ program's, in turns.
#
#   benchmarks/startup.sh [ROUNDS]     10 rounds by default; prints the median seconds from main to the answer, of the whole
#                                      process, and of CPU. Rows with "pt" open the file that C++ opens, the others an archive of it
#
# Needs what run.sh needs: run that once first, it makes the models and unpacks LibTorch. Rows that end in "cds" start with a
# class archive, which a first start made, and with what else a process that answers little is best given. JDK25=DIR adds rows of a
# newer JDK with its own kind of archive.
set -euo pipefail
# Some machines hold OpenBLAS to an older CPU's kernels; a peer with another BLAS would not notice.
unset "${!OPENBLAS_@}"

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
models=$here/models/out
rounds=${1:-10}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$root/mvnw" -q -B -f "$root/pom.xml" -DskipTests -Dspotless.check.skip=true package \
    dependency:build-classpath -Dmdep.outputFile=target/classpath.txt -DincludeScope=runtime
# Jars only: a class archive takes no folders.
classpath=$(echo "$here"/target/cresset-benchmarks-*SNAPSHOT.jar):$(cat "$here/target/classpath.txt")

bridge=$root/natives/target/bridge
[ -d "$bridge/headers-2.13.0" ] && [ -d "$bridge/libraries-2.13.0" ] || "$root/natives/build-bridge.sh" "$bridge/rebuilt"
headers=$(echo "$bridge"/headers-*/torch/include)
libraries=$(echo "$bridge"/libraries-*[0-9])
java -cp "$classpath" dev.cresset.torch.Doctor >/dev/null
cache=$(dirname "$(find "${JAVACPP_CACHE:-$HOME/.javacpp/cache}" -name 'libgfortran.so.5' | head -n 1)")
g++ -std=c++20 -O2 -I"$headers" -I"$headers/torch/csrc/api/include" "$here/cpp/startup.cpp" -o "$work/startup" \
    -L"$libraries" -Wl,-rpath-link,"$libraries:$cache" -ltorch_cpu -lc10 -l:libopenblas.so.0 -l:libgomp.so.1

for model in mlp resnet18; do
    python3 - "$models/$model.pt" "$work/$model.mar" <<'PYTHON'
import sys, zipfile
with zipfile.ZipFile(sys.argv[2], "w", zipfile.ZIP_DEFLATED) as archive:
    archive.write(sys.argv[1], "model.pt")
    archive.writestr("MAR-INF/MANIFEST.json", '{"runtime": "python", "model": {"modelName": "m", "modelVersion": "1", "serializedFile": "model.pt"}}')
PYTHON
done

java=(java "-Dcresset.models=$models" "-Dcresset.cache=$work/cache" -cp "$classpath")
started=dev.cresset.benchmarks.StartUp
"${java[@]:0:1}" "-XX:ArchiveClassesAtExit=$work/classes.jsa" "${java[@]:1}" "$started" "$work/mlp.mar" MLP AUTO >"$work/log" 2>&1
cds=(java "-XX:SharedArchiveFile=$work/classes.jsa" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC "${java[@]:1}")

aot=()
if [ -n "${JDK25:-}" ]; then
    "$JDK25/bin/java" -XX:+UseSerialGC "-XX:AOTCacheOutput=$work/classes.aot" "${java[@]:1}" "$started" "$work/mlp.mar" MLP AUTO >"$work/log" 2>&1
    aot=("$JDK25/bin/java" "-XX:AOTCache=$work/classes.aot" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC "${java[@]:1}")
fi

timed() { # NAME COMMAND...
    local name=$1
    shift
    local TIMEFORMAT="$name %R %U %S"
    { time "$@" >"$work/log" 2>&1 || { cat "$work/log" && exit 1; }; } 2>"$work/time"
    # A line of its own: seconds from main to the answer. The C++ program has none; what it does before main is a part of its work.
    echo "$(tail -n 1 "$work/time") $(grep -E '^[0-9.]+$' "$work/log" || true)" >>"$work/times"
}

for ((round = 0; round < rounds; round++)); do
    for model in mlp resnet18; do
        shape=(1 16)
        [ $model = mlp ] || shape=(1 3 224 224)
        LD_LIBRARY_PATH=$libraries:$cache timed "$model C++" \
            "$work/startup" "$models/$model.pt" "$models/$model.input.f32" "$models/$model.output.f32" "${shape[@]}"
        timed "$model FROZEN,pt" "${java[@]}" "$started" "$models/$model.pt" ${model^^} FROZEN
        timed "$model FROZEN,pt,cds" "${cds[@]}" "$started" "$models/$model.pt" ${model^^} FROZEN
        timed "$model FROZEN" "${java[@]}" "$started" "$work/$model.mar" ${model^^} FROZEN
        timed "$model FROZEN,cds" "${cds[@]}" "$started" "$work/$model.mar" ${model^^} FROZEN
        rm -rf "$work/cache"
        timed "$model AUTO,first" "${java[@]}" "$started" "$work/$model.mar" ${model^^} AUTO
        timed "$model AUTO,remembered" "${java[@]}" "$started" "$work/$model.mar" ${model^^} AUTO
        timed "$model AUTO,remembered,cds" "${cds[@]}" "$started" "$work/$model.mar" ${model^^} AUTO
        [ ${#aot[@]} -eq 0 ] || timed "$model AUTO,remembered,aot" "${aot[@]}" "$started" "$work/$model.mar" ${model^^} AUTO
    done
done

python3 - "$work/times" <<'PYTHON'
import statistics, sys
rows = {}
for line in open(sys.argv[1]):
    model, name, wall, user, system, *inside = line.split()
    rows.setdefault((model, name), []).append((float(inside[0] if inside else wall), float(wall), float(user) + float(system)))
print("| model | start | from main, s | of C++ | whole process, s | of C++ | CPU s | of C++ |\n|---|---|---|---|---|---|---|---|")
for (model, name), times in rows.items():
    columns = [statistics.median(column) for column in zip(*times)]
    floor = [statistics.median(column) for column in zip(*rows[model, "C++"])]
    cells = [f"{column:.2f} | {column / least:.2f}" for column, least in zip(columns, floor)]
    print(f"| {model} | {name} | " + " | ".join(cells) + " |")
PYTHON

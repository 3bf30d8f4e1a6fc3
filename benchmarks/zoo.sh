#!/usr/bin/env bash
# Checks and times the zoo: over a hundred architectures, at two sizes, against PyTorch's answers and beside its peers.
#
#   benchmarks/zoo.sh [--zoo FOLDER] [OPTION...]
#
#   --models a,b        these only (a name, or how several begin); without it all, and a table and a plot at the end
#   --peers a,b         of ort, openvino, torchscript, compile (slow to start), cresset:WAY, cresset@CHECKOUT, cresset:WAY@CHECKOUT;
#                       ort,openvino,torchscript without it. CHECKOUT is another checkout whose classes are built
#   --rounds N          turns of each side, 5 without it; --millis N: how long a turn is, 400 without it
#   --threads N         that one call may use; the table then has wall time instead of CPU time
#   --batch N           the inputs repeated so often
#   --precision P       bfloat16: Cresset, OpenVINO and TorchScript (by autocast) may compute in it; ONNX Runtime does not on x86, and stays
#                       as it is. int8: the zoo is what zoo/quantize.py made of some models
#   --check, --no-check answers only, or none: Cresset's, in every way that Cresset may pick by itself, at both sizes
#   --every-way         check also the ways that are taken only by name
#   --resume            keep what is in the results' folder; --table: and add nothing
#   --results FOLDER    benchmarks/results/zoo without it
#   --profile           time nothing: say which of LibTorch's operators the chosen way leaves, of the models; needs g++. --way WAY: of another
#   --built             do not compile
#   --cresset CHECKOUT  time another checkout's built classes instead of this one's
#
# For a look while working on one kind of model: benchmarks/zoo.sh --built --models gru,levit --rounds 2 --peers ort --no-check
#
# PYTHON names a Python with zoo/requirements.txt (python3 without it). Models are made into the zoo's folder (benchmarks/zoo/out without
# --zoo) if there are none. Each side is a process; they take turns. A figure is the least CPU time of a call over all turns.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
python=${PYTHON:-python3}
zoo=$here/zoo/out
built=false
profile=false
way=AUTO
cresset=$root
options=()
while [ $# -gt 0 ]; do
    case $1 in
        --zoo) zoo=$2 && shift 2 ;;
        --built) built=true && shift ;;
        --profile) profile=true && shift ;;
        --way) way=$2 && shift 2 ;;
        --cresset) cresset=$2 && shift 2 ;;
        *) options+=("$1") && shift ;;
    esac
done

if ! $built || [ ! -f "$here/target/zoo-classpath.txt" ]; then
    "$root/mvnw" -q -B -ntp -f "$root/pom.xml" -Dquick -pl benchmarks -am test-compile \
        dependency:build-classpath -Dmdep.outputFile=target/zoo-classpath.txt -DincludeScope=runtime
fi
# Class directories come first: a jar of an earlier build would be taken for what is there now.
classpath=$here/target/classes
for module in core mar-format natives; do
    classpath=$classpath:$cresset/$module/target/classes
done
classpath=$classpath:$(tr ':' '\n' <"$here/target/zoo-classpath.txt" | grep -v -e /dev/cresset/ -e /target/ | paste -sd:)

[ -n "$(ls "$zoo"/*/case.txt 2>/dev/null)" ] || "$python" "$here/zoo/make.py" "$zoo"
if $profile; then
    bridge=$root/natives/target/bridge
    [ -d "$bridge/headers-2.13.0" ] && [ -d "$bridge/libraries-2.13.0" ] || "$root/natives/build-bridge.sh" "$bridge/rebuilt"
    headers=$(echo "$bridge"/headers-*/torch/include)
    java=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")/include
    library=$here/target/liboperators.so
    [ "$library" -nt "$here/cpp/operators.cpp" ] || g++ -std=c++20 -O2 -fPIC -shared -I"$headers" -I"$headers/torch/csrc/api/include" \
        -I"$java" -I"$java/linux" "$here/cpp/operators.cpp" -o "$library" -L"$(echo "$bridge"/libraries-*[0-9])" -ltorch_cpu -lc10
    names=$(printf '%s\n' "${options[@]}" | grep -A 1 -x -e --models | tail -n 1 | tr ',' ' ')
    # shellcheck disable=SC2086 # names are words
    exec java -Dcresset.cache=off -cp "$classpath" dev.cresset.benchmarks.zoo.Profile "$library" "$zoo" "$way" $names
fi
java -cp "$classpath" dev.cresset.benchmarks.zoo.Zoo --zoo "$zoo" --scripts "$here/zoo" --results "$here/results/zoo" --python "$python" \
    "${options[@]}"

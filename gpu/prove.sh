#!/usr/bin/env bash
# Builds the bridge against an installed PyTorch, tests it on its CPU and on its GPU, and times it beside PyTorch.
#
#   gpu/prove.sh PACK OUT       PACK is what gpu/pack.sh made
#
# PYTHON names a Python with PyTorch; DEVICE a device other than cuda:0, cpu to try the script; SECONDS_EACH how long each figure takes. To
# try parts of it: JAVA names a java instead of the packed one, BRIDGE a library that is built already, FIGURES=no leaves the benchmark out.
# What fails is written down and does not keep the rest from running; the exit code is the number of failed steps.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
pack=$(cd "$1" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
python=${PYTHON:-python3}
device=${DEVICE:-cuda:0}
each=${SECONDS_EACH:-2}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
results=$out/results.md
: >"$results"
say() { printf '%s\n' "$*" | tee -a "$results"; }
step() { # title, command...
    local title=$1 begin=$SECONDS
    shift
    if "$@" >"$out/${title// /-}.log" 2>&1; then
        say "- $title: done, $((SECONDS - begin)) s"
    else
        say "- $title: FAILED, $((SECONDS - begin)) s"
        tail -n 20 "$out/${title// /-}.log"
        failed=$((failed + 1))
    fi
}

torch=$("$python" -c 'import os, torch; print(os.path.dirname(torch.__file__))') || exit 1
say "# Cresset on $device"
say ""
say "$("$python" -c 'import torch; print("PyTorch", torch.__version__, "CUDA", torch.version.cuda)'); $(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null || echo "no GPU"); $(nproc) CPUs"
say ""
run=${JAVA:-$work/bin/java}
[ -n "${JAVA:-}" ] || tar -C "$work" -xJf "$pack/runtime.tar.xz" || exit 1

build() {
    local cpp=$root/natives/src/main/cpp digest
    digest=$(
        cd "$root/natives/src/main"
        {
            find cpp -name '*.cpp' -o -name '*.h'
            echo java/dev/cresset/torch/Bridge.java
        } | LC_ALL=C sort | while read -r source; do
            printf '%s\n' "$source"
            cat "$source"
        done | sha256sum | cut -d ' ' -f 1
    )
    mkdir -p "$work/objects"
    (cd "$cpp" && printf '%s\n' */*.cpp) | xargs -P "$(nproc)" -I{} sh -c '
        source=$1; shift
        exec "$@" -c "$source" -o "$WORK/objects/$(echo "${source%.cpp}" | tr / -).o"' sh {} \
        g++ -std=c++20 -O2 -fopenmp -fPIC -fvisibility=hidden -fno-plt -w -DCRESSET_SOURCE_DIGEST="\"$digest\"" \
        -I"$cpp" -I"$torch/include" -I"$torch/include/torch/csrc/api/include" -I"$pack/jni" || return 1
    g++ -shared -o "$work/libjnicresset.so" "$work"/objects/*.o -Wl,-soname,libjnicresset.so -L"$torch/lib" -Wl,--as-needed \
        -Wl,--allow-shlib-undefined -s -ltorch_cpu -lc10 -l:libgomp.so.1
}
export WORK=$work
if [ -n "${BRIDGE:-}" ]; then
    cp "$BRIDGE" "$work/libjnicresset.so"
else
    # Sources are named by their paths from the bridge's root.
    cd "$root/natives/src/main/cpp" && step "build" build
    cd "$root" || exit 1
fi
[ -f "$work/libjnicresset.so" ] || exit 1

classpath=$pack/classes:$(printf '%s:' "$pack"/lib/*.jar)
java=("$run" -Xmx4g -Dcresset.cache=off -Dcresset.firstCallTuning=NONE -Dcresset.libtorch="$torch/lib"
    -Dcresset.bridge="$work/libjnicresset.so" -Dcresset.fixtures="$pack/fixtures")
tests() { # options -- classes...
    local options=()
    while [ "$1" != -- ]; do options+=("$1") && shift; done
    shift
    local chosen=()
    for class in "$@"; do
        case $class in *#*) chosen+=(-m "dev.cresset.torch.$class") ;; *) chosen+=(-c "dev.cresset.torch.$class") ;; esac
    done
    "${java[@]}" "${options[@]}" -cp "$pack/junit-platform-console-standalone.jar:$classpath" \
        org.junit.platform.console.ConsoleLauncher execute "${chosen[@]}" \
        --details=tree --disable-banner --disable-ansi-colors
}
step "contract and recorded cases, CPU" tests -- BridgeContractTest RecordedCasesTest#bridge
gpu=(-Dcresset.test.gpu=true)
if [ "$device" = cpu ]; then
    gpu=() # the stand-in
fi
step "contract and recorded cases, $device" tests "${gpu[@]}" -- DeviceContractTest DeviceRecordedCasesTest
step "sessions and memory, $device" tests "${gpu[@]}" -- DeviceSessionTest DeviceMemoryTest DeviceFailuresTest
grep -h -E 'tests (successful|failed|skipped)' "$out"/*.log | tr -s ' ' | tee -a "$results"

if [ "${FIGURES:-yes}" = no ]; then
    say ""
    say "$failed steps failed"
    exit "$failed"
fi
step "models" "$python" "$here/models.py" "$work"
for model in "$work"/*.pt; do
    [ -f "$model" ] || continue
    for batch in 1 8 64; do
        for tf32 in false true; do
            case $model-$tf32-$device in *float16.pt-true-* | *-true-cpu) continue ;; esac
            step "Cresset $(basename "$model" .pt) batch $batch TF32 $tf32" "${java[@]}" -Dcresset.tf32=$tf32 -cp "$classpath" \
                dev.cresset.benchmarks.DeviceCalls "$model" "$device" "$batch" "$each" "$out/cresset-$tf32.tsv"
        done
    done
done
step "PyTorch" "$python" "$here/peers.py" "$work" "$device" "$each" "$out/pytorch.tsv"
"$python" "$here/table.py" "$out" | tee -a "$results"
say ""
say "$failed steps failed"
exit "$failed"

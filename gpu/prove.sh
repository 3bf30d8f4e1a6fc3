#!/usr/bin/env bash
# Builds the bridge against an installed PyTorch, tests it on its CPU and on its GPU, and times it beside PyTorch.
#
#   gpu/prove.sh PACK OUT       PACK is what gpu/pack.sh made
#
# PYTHON names a Python with PyTorch; DEVICE a device other than cuda:0, cpu to try the script; SECONDS_EACH how long each figure takes.
# PARTS says which parts to run (tests figures peers load), in this order; WORK a folder where what is built stays for the next run, so that
# parts may be run one by one; LIMIT after how many seconds no other step is begun. To try parts of it: JAVA names a java instead of the packed
# one, BRIDGE a library that is built already. What fails is written down and does not keep the rest from running; results.md and the table
# in it are written as they come. The exit code is the number of failed steps.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
pack=$(cd "$1" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
python=${PYTHON:-python3}
device=${DEVICE:-cuda:0}
each=${SECONDS_EACH:-1}
parts=" ${PARTS:-tests figures peers load} "
limit=${LIMIT:-570}
if [ -n "${WORK:-}" ]; then
    mkdir -p "$WORK"
    work=$(cd "$WORK" && pwd)
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi
wants() { [[ $parts == *" $1 "* ]]; }
failed=0
results=$out/results.md
: >"$results"
say() { printf '%s\n' "$*" | tee -a "$results"; }
step() { # title, command...
    local title=$1 begin=$SECONDS
    shift
    if [ "$SECONDS" -ge "$limit" ]; then
        say "- $title: left out, $limit s are over"
        return
    fi
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
[ -n "${JAVA:-}" ] || [ -x "$work/bin/java" ] || tar -C "$work" -xJf "$pack/runtime.tar.xz" || exit 1

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
elif [ ! -f "$work/libjnicresset.so" ]; then
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
gpu=(-Dcresset.test.gpu=true)
if [ "$device" = cpu ]; then
    gpu=() # the stand-in
fi
table() { "$python" "$here/table.py" "$out" >"$out/table.md"; }
# What is new to a GPU first.
if wants tests; then
    step "sessions, $device" tests "${gpu[@]}" -- DeviceSessionTest DeviceMemoryTest DeviceFailuresTest
    step "graphs, $device" tests "${gpu[@]}" -- DeviceGraphTest
    step "float16 and bfloat16, $device" tests "${gpu[@]}" -- DevicePrecisionTest
    step "contract, $device" tests "${gpu[@]}" -- DeviceContractTest
    step "recorded cases, $device" tests "${gpu[@]}" -- DeviceRecordedCasesTest
    step "contract and recorded cases, CPU" tests -- BridgeContractTest RecordedCasesTest#bridge
    for log in "$out"/*.log; do
        [ -f "$log" ] || continue
        counts=$(grep -h -o -E '[0-9]+ tests (successful|failed)' "$log" | tr '\n' ' ')
        [ -z "$counts" ] || say "- $(basename "$log" .log): $counts"
    done
fi

if wants figures || wants peers || wants load; then
    [ -f "$work/bert-base-float32.pt" ] || step "models" "$python" "$here/models.py" "$work"
fi
if wants figures; then
    # The smallest batch first: there a graph pays most.
    for batch in 1 8 64; do
        for model in "$work"/*-float32.pt; do
            [ -f "$model" ] || continue
            for tf32 in false true; do
                [ "$tf32-$device" != true-cpu ] || continue
                step "Cresset $(basename "$model" .pt) batch $batch TF32 $tf32" "${java[@]}" -Dcresset.tf32=$tf32 -cp "$classpath" \
                    dev.cresset.benchmarks.DeviceCalls "$model" "$device" "$batch" "$each" "$out/cresset-$tf32.tsv"
            done
        done
        table
    done
fi
if wants peers; then
    step "PyTorch" env COMPILE_UNTIL=$((limit - SECONDS)) "$python" "$here/peers.py" "$work" "$device" "$each" "$out/pytorch.tsv"
    table
fi
if wants load; then
    for model in "$work"/*-float32.pt; do
        [ -f "$model" ] || continue
        for graphs in 0 64; do
            busy=$work/busy.txt
            nvidia-smi --query-gpu=utilization.gpu --format=csv,noheader,nounits -lms 200 >"$busy" 2>/dev/null &
            watcher=$!
            step "64 callers, $(basename "$model" .pt), graphs $graphs" "${java[@]}" -Dcresset.tf32=true -cp "$classpath" \
                dev.cresset.benchmarks.DeviceLoad "$model" "$device" "$graphs" "$((5 * each))"
            kill "$watcher" 2>/dev/null
            wait "$watcher" 2>/dev/null
            grep -h -E 'requests' "$out/64-callers,-$(basename "$model" .pt),-graphs-$graphs.log" | sed 's/^/  /' | tee -a "$results"
            awk '{ if ($1 > most) most = $1 } END { if (NR) print "  nvidia-smi: busy for at most " most " % of a time" }' "$busy" | tee -a "$results"
        done
    done
fi
[ ! -f "$out/table.md" ] || tee -a "$results" <"$out/table.md"
say ""
say "$failed steps failed"
exit "$failed"

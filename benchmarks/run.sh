#!/usr/bin/env bash
# Times one prediction through Cresset and its peers, in one run, and prints a table.
#
#   benchmarks/run.sh [--quick] [--threads | --archives]     about 12 minutes; --quick about 3
#
# --threads times callers against intra-op threads instead, --archives the opening of archives.
#
# Needs Linux on x86-64, a JDK 17+, g++ (for the C++ loop), and once a Python with benchmarks/models/requirements.txt, which
# makes the models: PYTHON names it (default python3). Results go to benchmarks/results.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
models=$here/models/out
results=$here/results
mkdir -p "$results"
jmh=(-f 5 -wi 3 -w 1 -i 4 -r 1)
profiler=gc
suite='(CressetBenchmark|DjlBenchmark|OnnxRuntimeBenchmark|PresetsBenchmark)'
calls=1
for option in "$@"; do
    case $option in
        --quick) jmh=(-f 1 -wi 3 -w 1 -i 3 -r 1) ;;
        --threads) suite=ThreadGridBenchmark calls=0 ;;
        --archives) suite=OpenArchiveBenchmark calls=0 profiler=dev.cresset.benchmarks.BytesReadProfiler ;;
        *) echo "unknown option $option" >&2 && exit 2 ;;
    esac
done

if [ "$suite" != OpenArchiveBenchmark ] && [ ! -f "$models/mlp.onnx" ]; then
    "${PYTHON:-python3}" "$here/models/make_models.py"
fi

"$root/mvnw" -q -B -f "$root/pom.xml" -Dpeers -DskipTests -Dspotless.check.skip=true package \
    dependency:build-classpath -Dmdep.outputFile=target/classpath.txt -Dmdep.includeScope=runtime
classpath=$here/target/classes:$(cat "$here/target/classpath.txt")

if [ $calls = 1 ]; then
    bridge=$root/natives/target/bridge
    [ -d "$bridge/headers-2.10.0" ] && [ -d "$bridge/libraries-2.10.0" ] || "$root/natives/build-bridge.sh" "$bridge/rebuilt"
    headers=$(echo "$bridge"/headers-*/torch/include)
    libraries=$(echo "$bridge"/libraries-*[0-9])
    # What OpenBLAS itself needs lies where JavaCPP unpacked it for the bridge.
    java -cp "$classpath" dev.cresset.torch.Doctor >/dev/null
    cache=$(dirname "$(find "${JAVACPP_CACHE:-$HOME/.javacpp/cache}" -name 'libgfortran.so.5' | head -n 1)")
    g++ -std=c++17 -O2 -I"$headers" -I"$headers/torch/csrc/api/include" "$here/cpp/loop.cpp" -o "$here/target/loop" \
        -L"$libraries" -Wl,-rpath-link,"$libraries:$cache" \
        -ltorch_cpu -lc10 -l:libopenblas.so.0 -l:libgomp.so.1
    export LD_LIBRARY_PATH=$libraries:$cache
    rm -f "$results/loop.txt"
    for round in 1 2 3; do
        "$here/target/loop" "$models/mlp.pt" "$models/mlp.input.f32" "$models/mlp.output.f32" 50000 1 16 |
            sed 's/^/MLP /' >>"$results/loop.txt"
        "$here/target/loop" "$models/resnet18.pt" "$models/resnet18.input.f32" "$models/resnet18.output.f32" 30 1 3 224 224 |
            sed 's/^/RESNET18 /' >>"$results/loop.txt"
    done
    unset LD_LIBRARY_PATH
fi

java -cp "$classpath" org.openjdk.jmh.Main "$suite" "${jmh[@]}" -prof "$profiler" -rf json -rff "$results/jmh.json" \
    -jvmArgsAppend "-Dcresset.models=$models -Xmx2g"
java -cp "$classpath" dev.cresset.benchmarks.Table "$results" | tee "$results/table.md"

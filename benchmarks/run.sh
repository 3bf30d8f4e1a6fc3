#!/usr/bin/env bash
# Times Cresset and its peers in one run, and prints tables.
#
#   benchmarks/run.sh [--quick] [SUITE...]
#
#   calls      one call: its overhead (MLP) and its work (three larger models), all peers, and what exported does; about 25 minutes   the default
#   exported   four models as TorchScript and as torch.export writes them; about 10 minutes
#   grid       six models at batch 1, 8 and 32, one and two threads; about 20 minutes
#   callers    calls a second over callers, and over callers x threads of one call; about 15 minutes
#   batching   64 callers of one predictor, beside DJL's predictors and djl-serving's wlm; latency against load; about 15 minutes
#   archives   opening archives; about 6 minutes
#   images     from a JPEG to a tensor, beside Pillow and torchvision; about 3 minutes
#   tables     nothing is run: the tables and plots of what there is
#
# --quick takes a fraction of the time, and its figures are worth as much. start-up and the comparison with HTTP services have scripts of
# their own, startup.sh and serving.sh; all.sh runs everything.
#
# Needs Linux on x86-64, a JDK 17+, g++ (for the C++ loop), and a Python with benchmarks/models/requirements.txt, which makes the
# models and is itself a peer: PYTHON names it (default python3). Results go to benchmarks/results.
set -euo pipefail

# Some machines hold OpenBLAS to an older CPU's kernels; a peer with another BLAS would not notice.
unset "${!OPENBLAS_@}"

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
models=$here/models/out
results=$here/results
python=${PYTHON:-python3}
mkdir -p "$results"
jmh=(-f 5 -wi 2 -w 1 -i 3 -r 1)
long=(-f 5 -wi 5 -w 1 -i 3 -r 1) # 64 threads take longer to be compiled for
once=(-f 1 -wi 2 -w 1 -i 3 -r 1)
rounds=5
suites=()
for option in "$@"; do
    case $option in
        --quick) jmh=("${once[@]}") long=("${once[@]}") rounds=1 ;;
        calls | exported | grid | callers | batching | archives | images | tables) suites+=("$option") ;;
        *) echo "unknown option $option" >&2 && exit 2 ;;
    esac
done
[ ${#suites[@]} -gt 0 ] || suites=(calls)

"$root/mvnw" -q -B -f "$root/pom.xml" -Dpeers -DskipTests -Dspotless.check.skip=true package \
    dependency:build-classpath -Dmdep.outputFile=target/classpath.txt -DincludeScope=runtime
classpath=$here/target/classes:$(cat "$here/target/classpath.txt")

jmh() { # results' name, benchmarks, options
    java -cp "$classpath" org.openjdk.jmh.Main "$2" -rf json -rff "$results/$1.json" \
        -jvmArgsAppend "-Dcresset.models=$models -Dcresset.cache=off -Xmx3g ${properties:-}" "${@:3}"
}

models() {
    [ -f "$models/bert.onnx" ] && [ -f "$models/bert.decomposed.pt2" ] || "$python" "$here/models/make_models.py"
}

build_loop() {
    local bridge=$root/natives/target/bridge headers libraries cache
    [ -d "$bridge/headers-2.13.0" ] && [ -d "$bridge/libraries-2.13.0" ] || "$root/natives/build-bridge.sh" "$bridge/rebuilt"
    headers=$(echo "$bridge"/headers-*/torch/include)
    libraries=$(echo "$bridge"/libraries-*[0-9])
    # What OpenBLAS itself needs lies where JavaCPP unpacked it for the bridge.
    java -cp "$classpath" dev.cresset.torch.Doctor >/dev/null
    cache=$(dirname "$(find "${JAVACPP_CACHE:-$HOME/.javacpp/cache}" -name 'libgfortran.so.5' | head -n 1)")
    g++ -std=c++20 -O2 -I"$headers" -I"$headers/torch/csrc/api/include" "$here/cpp/loop.cpp" -o "$here/target/loop" \
        -L"$libraries" -Wl,-rpath-link,"$libraries:$cache" \
        -ltorch_cpu -lc10 -l:libopenblas.so.0 -l:libgomp.so.1
    loop_path=$libraries:$cache
}

loop() { # model, file, threads, sizes
    LD_LIBRARY_PATH=$loop_path "$here/target/loop" "$1" "$models/$2" "${@:3}" >>"$results/loop.txt"
}

calls() {
    models
    build_loop
    rm -f "$results/loop.txt" "$results"/calls-*.json
    jmh calls-mlp '(CressetBenchmark|DjlBenchmark|OnnxRuntimeBenchmark|PresetsBenchmark)' "${jmh[@]}" -prof gc -p model=MLP
    # A round has a fork of every side, so that a machine that grows slower is nobody's advantage.
    for round in $(seq "$rounds"); do
        loop MLP mlp 1 1 16
        loop RESNET18 resnet18 1 1 3 224 224
        loop MOBILENET mobilenet 1 1 3 224 224
        loop TRANSFORMER transformer 1 1 128 256
        for model in RESNET18 MOBILENET TRANSFORMER; do
            jmh "calls-$model-$round" '(CressetBenchmark.boundCall|DjlBenchmark.reusedNdList|OnnxRuntimeBenchmark.reusedTensors)' \
                "${once[@]}" -p model=$model
            bfloat16 "calls-$model-bfloat16-$round" "${once[@]}" -p model=$model
        done
    done
    "$python" "$here/models/loop.py" 1 1 mlp resnet18 mobilenet transformer >>"$results/loop.txt"
    exported
}

exported() {
    models
    rm -f "$results"/exported-*.json
    for round in $(seq "$rounds"); do
        for model in RESNET18 MOBILENET TRANSFORMER BERT; do
            jmh "exported-$model-$round" ExportedBenchmark "${once[@]}" -p model=$model
        done
    done
}

bfloat16() { # results' name, options
    if grep -q avx512_bf16 /proc/cpuinfo; then
        jmh "$1" Bfloat16Benchmark "${@:2}"
    fi
}

grid() {
    models
    local peers='(CressetBenchmark.boundCall|DjlBenchmark.reusedNdList|OnnxRuntimeBenchmark.reusedTensors)'
    jmh grid-small "$peers" "${once[@]}" -p batch=1,8,32 -p threads=1,2 -p model=MLP,RESNET18,RESNET50,MOBILENET,TRANSFORMER
    jmh grid-bert "$peers" -f 1 -wi 1 -w 1 -i 2 -r 1 -p batch=1,8 -p threads=1,2 -p model=BERT
    bfloat16 grid-bfloat16 "${once[@]}" -p batch=1,8,32 -p threads=1 -p model=RESNET18,RESNET50,MOBILENET,TRANSFORMER
}

callers() {
    models
    rm -f "$results"/callers-*.json "$results"/threads*.json
    for round in $(seq "$rounds"); do
        for callers in 1 2 4; do
            jmh "callers-$callers-$round" 'benchmarks\.CallersBenchmark' "${once[@]}" -t $callers \
                -p model=MLP,RESNET18,MOBILENET,TRANSFORMER
        done
        jmh "threads-$round" ThreadGridBenchmark "${once[@]}"
    done
}

# djl-serving is not to be had as an artifact everywhere; its sources are. WLM_SOURCES names a checkout of them.
build_wlm() {
    local sources=${WLM_SOURCES:-$here/target/djl-serving} processor
    [ -d "$sources/wlm" ] || git clone -q --depth 1 --branch v0.35.0 https://github.com/deepjavalibrary/djl-serving "$sources"
    wlm=$here/target/wlm
    mkdir -p "$wlm"
    javac -nowarn -proc:none -d "$wlm" -cp "$classpath" $(find "$sources/wlm/src/main/java" -name '*.java')
    processor=$(find "${MAVEN_REPOSITORY:-$HOME/.m2/repository}/org/openjdk/jmh" -name 'jmh-core-*.jar' -o -name 'jmh-generator-annprocess-*.jar' | paste -sd:)
    javac -nowarn -d "$wlm" -cp "$wlm:$classpath" -processorpath "$processor" "$here"/wlm/*.java
}

batching() {
    models
    jmh batching '(ManyCallersBenchmark|DjlCallersBenchmark|ParkingBenchmark)' "${long[@]}" -t 64
    jmh batching-lone 'ManyCallersBenchmark.blocking' "${jmh[@]}" -t 1
    build_wlm
    # Its benchmarks are listed beside it, under the same name as ours.
    # Some of its requests wait as long as others keep coming, so callers may stop at different times.
    classpath=$wlm:$classpath jmh batching-wlm DjlServingBenchmark "${long[@]}" -t 64 -si false
    rm -f "$results"/load-*.txt
    for way in cresset-64 cresset-1 djl; do
        java -cp "$classpath" -Dcresset.models="$models" -Dcresset.cache=off -Dai.djl.offline=true -DOPT_OUT_TRACKING=true -Xmx3g \
            dev.cresset.benchmarks.OpenLoop $way 10000,20000,40000,60000,80000,100000,150000,200000,300000,400000,500000 5 \
            "$results/load-$way.txt"
    done
}

archives() {
    jmh archives OpenArchiveBenchmark "${jmh[@]}" -prof dev.cresset.benchmarks.BytesReadProfiler
}

images() {
    local images=$here/images/out
    "$python" "$here/images/images.py" make "$images"
    # Before and after, so that a machine that grows slower is no advantage.
    "$python" "$here/images/images.py" time "$images" >"$results/images.txt"
    properties="-Dcresset.images=$images -Dcresset.archive=$root/fixtures/digits/digits.mar" \
        jmh images ImageToTensorBenchmark "${jmh[@]}" -prof gc
    "$python" "$here/images/images.py" time "$images" >>"$results/images.txt"
}

tables() { :; }

for suite in "${suites[@]}"; do
    $suite
done
java -cp "$classpath" dev.cresset.benchmarks.Table "$results" | tee "$results/tables.md"

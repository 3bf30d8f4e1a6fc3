#!/usr/bin/env bash
# Embeds segments with all-MiniLM-L6-v2 by LangChain4j's own model in the process and by Cresset on both engines, in turns, in one
# process; then each alone, for the memory that it keeps.
#
#   benchmarks/embeddings.sh [SEGMENTS] [SIDE...]    10000 by default; sides are langchain4j pt pt2 onnx pt-bfloat16, the first
#                                                    is what the others are compared with
#
# PYTHON names a Python with torch, transformers and onnx (python3 without it), which makes .pt and .pt2 of the weights in
# LangChain4j's jar, once, into benchmarks/embeddings/out.
set -euo pipefail
unset "${!OPENBLAS_@}"

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
python=${PYTHON:-python3}
segments=${1:-10000}
sides=("${@:2}")
[ ${#sides[@]} -gt 0 ] || sides=(langchain4j pt onnx)
model=$here/embeddings/out

"$root/mvnw" -q -B -f "$root/pom.xml" -DskipTests -Dspotless.check.skip=true -pl benchmarks -am package \
    dependency:build-classpath -Dmdep.outputFile=target/classpath.txt -DincludeScope=runtime
classpath=$here/target/classes:$(cat "$here/target/classpath.txt")
if [ ! -f "$model/model.pt2" ]; then
    jar=$(tr ':' '\n' <<<"$classpath" | grep all-minilm-l6-v2-)
    "$python" "$here/embeddings/minilm.py" "$jar" "$model"
fi

speed=(java -Xmx1g "-Dcresset.cache=off" -cp "$classpath" dev.cresset.benchmarks.embeddings.EmbeddingSpeed "$model")
"${speed[@]}" "$segments" "${sides[@]}"
for side in "${sides[@]}"; do
    echo "$side alone"
    "${speed[@]}" 256 "$side" | grep 'resident memory'
done

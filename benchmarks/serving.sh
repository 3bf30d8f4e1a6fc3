#!/usr/bin/env bash
# Measures JPEG to JSON with a ResNet-18: Cresset in process, against TorchServe and a FastAPI service on the same machine.
#
#   benchmarks/serving.sh [--quick] [NAME...]     about 20 minutes; --quick about 5; only rows whose names start so
#
# Needs Linux, a JDK 17.0.9+, and a Python with benchmarks/serving/requirements.txt: PYTHON names it (default python3). Results go
# to benchmarks/results. Nothing is left running, however it ends.
set -euo pipefail
# Some machines hold OpenBLAS to an older CPU's kernels; a peer with another BLAS would not notice.
unset "${!OPENBLAS_@}"

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
results=$here/results
python=${PYTHON:-python3}
mkdir -p "$results"

[ -f "$here/serving/out/answers.json" ] || "$python" "$here/serving/make_model.py"

"$root/mvnw" -q -B -f "$root/pom.xml" -DskipTests -Dspotless.check.skip=true package \
    dependency:build-classpath -Dmdep.outputFile=target/classpath.txt -DincludeScope=runtime
classpath=$here/target/classes:$(cat "$here/target/classpath.txt")

exec "$python" "$here/serving/measure.py" "$classpath" "$results" "$@"

#!/usr/bin/env bash
# Rows a second of two Spark executors of one core each: the risk model, Spark without a model, and a loop without Spark,
# in turns. Prints tables of CPU and wall time.
#
#   benchmarks/spark.sh [ARCHIVE FOLDER]
#
# With an archive of an image classifier and a folder of images, images too. ROWS and ROUNDS say how many (400000, 5).
# Needs Linux on x86-64 and a JDK 17; no Spark distribution.
set -euo pipefail

unset "${!OPENBLAS_@}"
here=$(cd "$(dirname "$0")" && pwd)
options=(-Dcresset.spark.throughput=1 "-Dcresset.spark.rows=${ROWS:-400000}" "-Dcresset.spark.rounds=${ROUNDS:-5}")
if [ $# -eq 2 ]; then
    options+=("-Dcresset.spark.archive=$(realpath "$1")" "-Dcresset.spark.images=$(realpath "$2")")
fi
cd "$here/.."
exec ./mvnw -B -ntp -q -Dquick -pl integrations/spark -am test -Dtest=ThroughputTest \
    -Dsurefire.failIfNoSpecifiedTests=false "${options[@]}"

#!/usr/bin/env bash
# Fuzzes the reading of archives, manifests, settings and exported programs, guided by coverage.
#
#   mar-format/fuzz.sh [SECONDS [TARGET]]     in all, 60 unless told; archives get four tenths of it, a target that is
#                                             named, such as FuzzProgram, gets all
#
# Stops at the first finding, names the input and how to run it again. Inputs that reached something new stay in
# target/fuzz and are taken up by the next run. A finding becomes a seed in FuzzSeeds.java beside the target, so that every
# build runs it.
set -euo pipefail

case ${2:-FuzzArchive} in
    FuzzArchive | FuzzManifest | FuzzConfig | FuzzProgram) ;;
    *) echo "no target '$2'; there are FuzzArchive, FuzzManifest, FuzzConfig and FuzzProgram" >&2; exit 2 ;;
esac

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
seconds=${1:-60}
only=${2:-}
work=$here/target/fuzz
mkdir -p "$work"

"$root/mvnw" -q -f "$root/pom.xml" -Dquick -Pfuzz -pl mar-format test-compile \
    dependency:build-classpath -Dmdep.outputFile="$work/classpath" -Dmdep.includeScope=test
classpath=$here/target/classes:$here/target/test-classes:$(cat "$work/classpath")
# Each run writes a file or two: in memory where there is such a folder.
temporary=$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")

fuzz() {
    local package=$1 target=$2 share=$((seconds * $3 / 100))
    case $only in
        "") ;;
        "$target") share=$seconds ;;
        *) return 0 ;;
    esac
    mkdir -p "$work/$target/corpus"
    java -Dcresset.fixtures="$root/fixtures" -cp "$classpath" "dev.cresset.$package.FuzzSeeds" "$target" "$work/$target/seeds"
    echo "$target: $share seconds"
    java -Xmx1g -Dcresset.fixtures="$root/fixtures" -Djava.io.tmpdir="$temporary" -cp "$classpath" com.code_intelligence.jazzer.Jazzer \
        --target_class="dev.cresset.$package.$target" --instrumentation_includes='dev.cresset.mar.**:dev.cresset.pt2.**:org.yaml.snakeyaml.**:tools.jackson.core.**' \
        --reproducer_path="$work/$target" -artifact_prefix="$work/$target/" -max_total_time="$share" \
        -timeout=10 -rss_limit_mb=3072 -max_len=16384 -print_final_stats=1 "$work/$target/corpus" "$work/$target/seeds"
}

fuzz mar FuzzArchive 40
fuzz mar FuzzManifest 15
fuzz mar FuzzConfig 15
fuzz pt2 FuzzProgram 30

#!/usr/bin/env bash
# Makes the cases of PyTorch's own databases, runs them on every engine in every way, and writes docs/conformance.md.
#
#   conformance/run.sh [--unsafe] [--sample] [--resume] [FOLDER]
#
#   FOLDER     where the cases are, or are made if there are none   the default: conformance/target/cases
#   --unsafe   also the ways that are only taken when asked for by name; what they answer is counted, and does not fail the run
#   --sample   makes the cases, and draws the sample that `mvnw verify` runs, anew
#   --resume   goes on with a run that was broken off: of the same build, for what it left is not tried again
#
# Needs a JDK 17+, and a Python 3.11 with requirements.txt: PYTHON names one; else, or where it lacks something, an environment is made under
# the user's cache folder. Ends with 1 if anything is red. PyTorch's cases take ten minutes of two cores, the run about as long.
set -euo pipefail

# Some machines hold OpenBLAS to an older CPU's kernels.
unset "${!OPENBLAS_@}"

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
cases=$here/target/cases
run=()
make=()
resume=
for option in "$@"; do
    case $option in
        --unsafe) run+=("$option") ;;
        --sample) make+=(--sample "$here/sample.zip") ;;
        --resume) resume=yes ;;
        -*) echo "unknown option $option" >&2 && exit 2 ;;
        *) cases=$(realpath -m "$option") ;;
    esac
done

# The given Python's packages, and beside them what they lack.
python() {
    local given=${PYTHON:-python3} own=${XDG_CACHE_HOME:-$HOME/.cache}/cresset-conformance
    if "$given" -c 'import expecttest, numpy, scipy, torch' 2>/dev/null; then
        echo "$given" && return
    fi
    "$given" -m venv "$own"
    "$given" -c 'import site; print("\n".join(site.getsitepackages()))' >"$(echo "$own"/lib/python*/site-packages)/given.pth"
    "$own/bin/pip" install -q -r "$here/requirements.txt" >&2
    echo "$own/bin/python"
}

if [ ! -f "$cases/summary.json" ] || [ ${#make[@]} -gt 0 ]; then
    "$(python)" "$here/make.py" "$cases" ${make[@]+"${make[@]}"}
fi
"$root/mvnw" -q -B -ntp -f "$root/pom.xml" -pl conformance -am -DskipTests -Dspotless.check.skip=true package \
    dependency:build-classpath -Dmdep.outputFile=target/classpath.txt -Dmdep.includeScope=runtime
[ -n "$resume" ] || rm -rf "$here/target/results"
cd "$here"
java -Dcresset.cache=off -cp "$here/target/classes:$(cat target/classpath.txt)" dev.cresset.conformance.Conformance \
    "$cases" target/results "$root/docs/conformance.md" ${run[@]+"${run[@]}"}

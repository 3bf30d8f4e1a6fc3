#!/usr/bin/env bash
# Builds this service from what `./mvnw install` left, starts its jar, asks it from 64 threads, changes a model, and ends it meanwhile.
# examples/spring-boot/run.sh [OPTIONS FOR MAVEN], such as -Dmaven.repo.local=FOLDER. Leaves nothing behind.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cresset=$(dirname "$(dirname "$here")")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$here/pom.xml" "$here/src" "$work"
cd "$work"
"$cresset/mvnw" -B -ntp -q verify -Dfixtures="$cresset/fixtures" "$@"

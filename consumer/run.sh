#!/usr/bin/env bash
# Builds this application from what `./mvnw install` left, and runs it: with its jars beside it, and as one jar.
# consumer/run.sh [OPTIONS FOR MAVEN], such as -Dmaven.repo.local=FOLDER. Leaves nothing behind.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cresset=$(dirname "$here")
fixtures=$cresset/fixtures

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$here/pom.xml" "$here/src" "$work"
cd "$work"
"$cresset/mvnw" -B -ntp -q package "$@"

run() { "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Dcresset.cache="$work/cache" "$@" 2>&1; }
# expect WHAT PATTERN OPTIONS...: what java says has it.
expect() {
    local what=$1 pattern=$2 output
    shift 2
    output=$(run "$@") || true
    if grep -Eq -- "$pattern" <<<"$output"; then
        echo "$what: as expected"
    else
        printf '%s: expected %s, but got\n%s\n' "$what" "$pattern" "$output"
        exit 1
    fi
}

natives=$(basename target/lib/cresset-natives-*.jar .jar)
version=${natives#cresset-natives-}
beside=target/consumer-1.0.jar:target/lib/*
one_jar=target/consumer-1.0-one-jar.jar
echo "Minister near minister the on summit treaty near a;" >text

expect "an image, jars beside it" '"six": 0\.9' \
    -cp "$beside" example.Predict "$fixtures/digits/digits.mar" "$fixtures/digits/images/0034-six.png"
expect "a text, jars beside it" '"World": 0\.90564' -cp "$beside" example.Predict "$fixtures/topics/topics.mar" text
expect "an image, one jar" '"six": 0\.9' \
    -jar "$one_jar" "$fixtures/digits/digits.mar" "$fixtures/digits/images/0034-six.png"
expect "a text, one jar" '"World": 0\.90564' -jar "$one_jar" "$fixtures/topics/topics.mar" text
expect "a text, services lost" 'can be loaded, but no META-INF/services/.*: ServicesResourceTransformer' \
    -cp target/consumer-1.0-services-lost.jar example.Predict "$fixtures/topics/topics.mar" text
expect "its version, jars beside it" "Cresset +$version\$" -cp "$beside" dev.cresset.torch.Doctor
expect "its version, one jar" "Cresset +$version\$" -cp "$one_jar" dev.cresset.torch.Doctor

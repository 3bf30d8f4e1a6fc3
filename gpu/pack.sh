#!/usr/bin/env bash
# Packs what gpu/prove.sh needs on a machine that has neither a JDK nor Maven: a Java runtime, classes, jars, fixtures, JNI's headers.
#
#   gpu/pack.sh FOLDER
#
# Needs a JDK 17 with jlink, and Maven's repository.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
mkdir -p "$1"
pack=$(cd "$1" && pwd)
version=$(sed -n 's:.*<junit.version>\(.*\)</junit.version>.*:\1:p' "$root/pom.xml" | head -n 1)

"$root/mvnw" -q -B -ntp -Dquick -f "$root/pom.xml" -pl natives -am test-compile dependency:build-classpath \
    -Dmdep.outputFile=target/gpu-classpath.txt -DincludeScope=test
rm -rf "${pack:?}"/{classes,lib,jni,fixtures,runtime.tar.xz}
mkdir -p "$pack"/{classes,lib,jni,fixtures}

# Later ones win where two have a file: nobody's tests are another's classes.
for module in mar-format core natives; do
    for kind in classes test-classes; do
        cp -r "$root/$module/target/$kind/." "$pack/classes/" 2>/dev/null || true
    done
done
rm -f "$pack/classes/module-info.class" # all of it is on one class path there
# What the classes need besides; LibTorch is the other machine's.
tr ':' '\n' <"$root/natives/target/gpu-classpath.txt" | grep '\.jar$' | grep -v -e linux-x86_64 -e '/cresset-' -e byte-buddy -e archunit | xargs cp -t "$pack/lib"
"$root/mvnw" -q -B -N -f "$root/pom.xml" dependency:copy \
    -Dartifact="org.junit.platform:junit-platform-console-standalone:$version" -DoutputDirectory="$pack" -Dmdep.stripVersion=true
javac -Xlint:none -d "$pack/classes" -cp "$pack/classes:$pack/lib/*" "$root"/benchmarks/src/main/java/dev/cresset/benchmarks/Device{Calls,Load}.java

jdk=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
cp "$jdk/include/jni.h" "$jdk/include/linux/jni_md.h" "$pack/jni"
runtime=$(mktemp -d)
trap 'rm -rf "$runtime"' EXIT
"$jdk/bin/jlink" --output "$runtime/jre" --strip-debug --no-header-files --no-man-pages --compress=2 \
    --add-modules java.base,java.logging,java.management,jdk.management,java.desktop,java.sql,java.instrument,jdk.jfr,jdk.zipfs,jdk.unsupported
tar -C "$runtime/jre" -cJf "$pack/runtime.tar.xz" .

# Those that the tests read; the large ones stay.
(cd "$root/fixtures" && find modules devices layers recurrent pt2 risk -type f -size -1024k -print0 | xargs -0 cp --parents -t "$pack/fixtures")
du -sh "$pack" | cut -f 1

#!/usr/bin/env bash
# Proves the bridge for linux-arm64, on a machine that is none, too: builds it if it is not committed, and runs an engine's
# contract and what PyTorch answered on LibTorch for ARM, in a JVM for ARM; on x86-64 on a processor that qemu imitates.
#
#   natives/arm64/prove.sh [TESTS]     as -Dtest takes them; without it those below
#
# Needs a JDK 17+, python3 with pip, and on x86-64 Debian with g++-aarch64-linux-gnu and qemu-user-static. Downloads
# 490 MB the first time; what it makes stays in natives/target/arm64 and bridge. On qemu its times say nothing about ARM.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$root/natives/target/arm64
platform=dev/cresset/torch/linux-arm64
standard=BridgeContractTest,BridgePillowResizeTest,StateTest,BoundCallTest,BridgeDigestTest
for test in RecordedCasesTest ConvolutionsTest LayersTest RecurrentTest EmbeddingsTest; do
    standard+=",$test,!$test#portable" # for that engine there is no LibTorch here
done
tests=${1:-$standard}
mkdir -p "$work"
SECONDS=0
say() { printf '\n== %s (after %d:%02d)\n' "$*" $((SECONDS / 60)) $((SECONDS % 60)); }

say "a JDK"
java=$work/jdk/bin/java
if [ "$(uname -m)" = aarch64 ]; then
    java=$(readlink -f "$(command -v java)")
elif [ ! -x "$java" ]; then
    "$here/jdk.sh" "$work"
fi
"$java" -version

say "LibTorch"
libtorch=$root/natives/target/bridge/libraries-$(sed -n 's:.*<pytorch.version>\([^-]*\)-.*:\1:p' "$root/pom.xml" | head -n 1)-arm64
if [ ! -d "$libtorch" ]; then
    "$here/libtorch.sh" "$libtorch.part"
    mv "$libtorch.part" "$libtorch"
fi

if [ ! -f "$root/natives/src/main/resources/$platform/libjnicresset.so" ]; then
    say "the bridge"
    "$root/natives/build-bridge.sh" --target linux-arm64 "$root/natives/target/classes/$platform"
fi

# On qemu the JVM's second compiler costs more than it saves.
say "the tests"
rm -f "$root"/natives/target/surefire-reports/TEST-*.xml
failed=0
"$root/mvnw" -B -ntp -q -Dquick -f "$root/pom.xml" -pl natives -am test -Dtest="$tests" \
    -Dsurefire.failIfNoSpecifiedTests=false -Djvm="$java" \
    -Dcresset.test.jvm="-Xmx2g -XX:TieredStopAtLevel=1 -Dcresset.libtorch=$libtorch/torch/lib" || failed=$?

say "what ran, by natives/target/surefire-reports"
python3 - "$root/natives/target/surefire-reports" "$tests" <<'PYTHON'
import pathlib, re, sys, xml.etree.ElementTree as xml
names = {re.sub("#.*", "", test) for test in sys.argv[2].split(",") if test[0] != "!"}
total = [0, 0, 0]
for file in sorted(pathlib.Path(sys.argv[1]).glob("TEST-*.xml")):
    suite = xml.parse(file).getroot()
    name = suite.get("name").rsplit(".", 1)[-1]
    if name in names:
        bad = int(suite.get("failures")) + int(suite.get("errors"))
        row = [int(suite.get("tests")), bad, int(suite.get("skipped"))]
        total = [a + b for a, b in zip(total, row)]
        print("%-24s %4d ran, %d failed, %d skipped, %6.1f s" % (name, *row, float(suite.get("time").replace(",", ""))))
print("%-24s %4d ran, %d failed, %d skipped" % ("all", *total))
PYTHON
exit "$failed"

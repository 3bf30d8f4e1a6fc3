#!/usr/bin/env bash
# Builds the bridge, libjnicresset.so, from src/main/cpp, and libcressetlinker.so, which loads it, from src/main/linker.
#
#   natives/build-bridge.sh [--target linux-x86_64|linux-arm64] [FOLDER]
#
# The target is linux-x86_64 if none is named. Without FOLDER the libraries go to where those of the target are looked for.
#
# Needs a JDK 17+, g++, and python3 with pip (which brings LibTorch's headers: they come from the wheel of the same
# PyTorch version; the macOS one is the smallest, and headers are the same everywhere). Work files stay in target/bridge.
# For linux-arm64, unless that is this machine: aarch64-linux-gnu-g++. LibTorch for it, in no jar, comes from 430 MB of
# PyTorch's wheel, which may lie in the folder $CRESSET_WHEELS already.
set -euo pipefail

target=linux-x86_64
if [ "${1:-}" = --target ]; then
    target=$2
    shift 2
fi
case $target in
linux-x86_64) tools= ;;
linux-arm64) tools=$([ "$(uname -m)" = aarch64 ] || echo aarch64-linux-gnu-) ;;
*)
    echo "build-bridge.sh: no such target: $target (linux-x86_64 and linux-arm64 are known)" >&2
    exit 2
    ;;
esac

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
output=${1:-$here/src/main/resources/dev/cresset/torch/$target}
work=$here/target/bridge
mkdir -p "$work" "$output"

property() { sed -n "s:.*<$1>\(.*\)</$1>.*:\1:p" "$root/pom.xml" | head -n 1; }
javacpp=$(property javacpp.version)
torch=$(property pytorch.version)
torch=${torch%%-*}
openblas=$(property openblas.version)

echo "bridge: LibTorch $torch, JavaCPP $javacpp, $target, $("${tools}g++" --version | head -n 1)"

# LibTorch's headers.
headers=$work/headers-$torch
if [ ! -d "$headers" ]; then
    python3 -m pip download --quiet --no-deps --only-binary=:all: --dest "$work" \
        --python-version 3.12 --platform macosx_14_0_arm64 "torch==$torch"
    mkdir -p "$headers.part"
    python3 - "$work"/torch-"$torch"-*.whl "$headers.part" <<'PYTHON'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    wheel.extractall(sys.argv[2], [n for n in wheel.namelist() if n.startswith("torch/include/")])
PYTHON
    mv "$headers.part" "$headers"
    rm "$work"/torch-"$torch"-*.whl
fi

# The very libraries that the bridge will run with.
libraries=$work/libraries-$torch
if [ $target = linux-arm64 ]; then
    libraries=$libraries-arm64
    if [ ! -d "$libraries" ]; then
        "$here/arm64/libtorch.sh" "$libraries.part"
        mv "$libraries.part" "$libraries"
    fi
fi
if [ ! -d "$libraries" ]; then
    for artifact in "org.bytedeco:pytorch:$torch-$javacpp:jar:linux-x86_64" \
        "org.bytedeco:openblas:$openblas:jar:linux-x86_64"; do
        "$root/mvnw" -q -B -N -f "$root/pom.xml" dependency:copy -Dartifact="$artifact" -DoutputDirectory="$work/jars"
    done
    mkdir -p "$libraries.part"
    python3 - "$libraries.part" "$work"/jars/*-linux-x86_64.jar <<'PYTHON'
import pathlib, sys, zipfile
wanted = ("libc10.so", "libtorch_cpu.so", "libgomp.so.1", "libopenblas.so.0")
for jar in sys.argv[2:]:
    with zipfile.ZipFile(jar) as entries:
        for name in entries.namelist():
            if name.endswith(wanted):
                (pathlib.Path(sys.argv[1]) / name.rsplit("/", 1)[-1]).write_bytes(entries.read(name))
PYTHON
    mv "$libraries.part" "$libraries"
fi

# What the library is built from, by path: BridgeDigestTest computes the same.
digest=$(
    cd "$here/src/main"
    {
        find cpp -name '*.cpp' -o -name '*.h'
        echo java/dev/cresset/torch/Bridge.java
    } | LC_ALL=C sort | while read -r source; do
        printf '%s\n' "$source"
        cat "$source"
    done | sha256sum | cut -d ' ' -f 1
)

objects=$work/objects-$target
rm -rf "$objects"
mkdir -p "$objects"

jdk=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
flags=(-std=c++20 -O2 -fopenmp -fPIC -fvisibility=hidden -fno-plt
    -ffile-prefix-map="$work"=bridge -ffile-prefix-map="$here"=natives
    -I"$here/src/main/cpp" -I"$headers/torch/include" -I"$headers/torch/include/torch/csrc/api/include"
    -I"$jdk/include" -I"$jdk/include/linux")
for source in "$here"/src/main/cpp/*/*.cpp; do
    # Only one asks for the digest; the others' objects are the same whatever else changes, which a compiler cache can use.
    asked=$(grep -q CRESSET_SOURCE_DIGEST "$source" && echo "-DCRESSET_SOURCE_DIGEST=\"$digest\"" || true)
    echo "$source -Wall -Wextra -Wno-unused-parameter $asked"
done >"$work/jobs"
compile() {
    local source=$1
    shift
    # Two rooms may have files of one name.
    local object=${source#"$here/src/main/cpp/"}
    object=${object%.cpp}
    "${tools}g++" "${flags[@]}" "$@" -c "$source" -o "$objects/${object//\//-}.o"
}
running=()
while read -r source warnings; do
    # shellcheck disable=SC2086
    compile "$source" $warnings &
    running+=($!)
    if [ ${#running[@]} -ge "$(nproc)" ]; then
        wait "${running[0]}"
        running=("${running[@]:1}")
    fi
done <"$work/jobs"
for job in "${running[@]}"; do
    wait "$job"
done

links=("$libraries")
if [ $target = linux-arm64 ]; then
    links=("$libraries/torch/lib" "$libraries"/nvidia/*/lib)
fi
# The linker knows the bridge by its soname, wherever it was loaded from.
"${tools}g++" -shared -o "$work/libjnicresset.so" "$objects"/*.o -Wl,-soname,libjnicresset.so "${links[@]/#/-L}" -Wl,--as-needed -Wl,--no-undefined \
    "${links[@]/#/-Wl,-rpath-link,}" -Wl,--build-id=none -s \
    -ltorch_cpu -lc10 -l:libgomp.so.1
mv "$work/libjnicresset.so" "$output/libjnicresset.so"

linker=$(sha256sum <"$here/src/main/linker/linker.c" | cut -d ' ' -f 1)
"${tools}gcc" -std=c17 -Os -Wall -Wextra -Wno-unused-parameter -fPIC -fvisibility=hidden -I"$jdk/include" -I"$jdk/include/linux" \
    -DCRESSET_SOURCE_DIGEST="\"$linker\"" -shared -Wl,--build-id=none -s \
    -o "$work/libcressetlinker.so" "$here/src/main/linker/linker.c"
mv "$work/libcressetlinker.so" "$output/libcressetlinker.so"
echo "bridge: $(du -k "$output/libjnicresset.so" | cut -f 1) KiB, sources $digest"

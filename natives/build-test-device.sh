#!/usr/bin/env bash
# Builds the device for tests, libcressettestdevice.so for linux-x86_64, from src/test/cpp.
#
#   natives/build-test-device.sh [FOLDER]     into FOLDER, or to where the library is committed
#
# Needs what build-bridge.sh needs, and what that has brought to target/bridge: LibTorch's headers and libraries.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
output=${1:-$here/src/test/resources/dev/cresset/torch/linux-x86_64}
work=$here/target/bridge
torch=$(sed -n 's:.*<pytorch.version>\(.*\)</pytorch.version>.*:\1:p' "$root/pom.xml" | head -n 1)
torch=${torch%%-*}
headers=$work/headers-$torch/torch/include
libraries=$work/libraries-$torch
[ -d "$headers" ] && [ -d "$libraries" ] || { echo "run natives/build-bridge.sh first, for LibTorch's headers" >&2 && exit 1; }
mkdir -p "$work/test-device" "$output"

# TestDeviceTest computes the same.
digest=$(
    cd "$here/src/test"
    find cpp -name '*.cpp' -o -name '*.h' | LC_ALL=C sort | while read -r source; do
        printf '%s\n' "$source"
        cat "$source"
    done | sha256sum | cut -d ' ' -f 1
)

jdk=$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")
flags=(-std=c++20 -O2 -fPIC -fvisibility=hidden -fno-plt -Wall -Wextra -Wno-unused-parameter
    -ffile-prefix-map="$work"=bridge -ffile-prefix-map="$here"=natives
    -I"$headers" -I"$headers/torch/csrc/api/include" -I"$jdk/include" -I"$jdk/include/linux"
    -DTEST_DEVICE_DIGEST="\"$digest\"")
for source in "$here"/src/test/cpp/*.cpp; do
    g++ "${flags[@]}" -c "$source" -o "$work/test-device/$(basename "$source" .cpp).o"
done
g++ -shared -o "$work/libcressettestdevice.so" "$work"/test-device/*.o -L"$libraries" -Wl,--as-needed -Wl,--no-undefined \
    -Wl,-rpath-link,"$libraries" -Wl,--build-id=none -s -ltorch_cpu -lc10
mv "$work/libcressettestdevice.so" "$output/libcressettestdevice.so"
echo "test device: $(du -k "$output/libcressettestdevice.so" | cut -f 1) KiB, sources $digest"

#!/usr/bin/env bash
# Gets a JDK 17 for linux-arm64 that this x86-64 machine can run, with qemu-user for its processor.
#
#   natives/arm64/jdk.sh FOLDER     250 MB; then FOLDER/jdk/bin/java is a java like any other
#
# Needs Debian, for its packages for arm64 are unpacked, not installed; and qemu-aarch64-static (Debian's
# qemu-user-static). The processor is that of a Graviton2, a Neoverse N1.
set -euo pipefail

mkdir -p "$1"
folder=$(cd "$1" && pwd)
root=$folder/root
mkdir -p "$root" "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial"
# An apt of our own: the machine's knows nothing of another processor's packages, and need not.
cat >"$folder/apt/apt.conf" <<EOF
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Sandbox::User "";
Dir::State::lists "$folder/apt/lists";
Dir::State::status "/dev/null";
Dir::Cache "$folder/apt/cache";
EOF
export APT_CONFIG=$folder/apt/apt.conf
apt-get -qq update
(cd "$folder/apt" && apt-get -qq download openjdk-17-jre-headless libc6 libgcc-s1 libstdc++6 zlib1g libjpeg62-turbo liblcms2-2)
for package in "$folder"/apt/*.deb; do
    dpkg-deb -x "$package" "$root"
    rm "$package"
done

jdk=$root/usr/lib/jvm/java-17-openjdk-arm64
# LibTorch asks Linux which processor this is; qemu answers the registers, but not the file, which would say x86.
mkdir -p "$root/proc"
for processor in $(seq 0 $(($(nproc) - 1))); do
    printf 'processor\t: %d\nFeatures\t: %s\n' "$processor" \
        "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp"
    printf 'CPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x3\nCPU part\t: 0xd0c\nCPU revision\t: 1\n\n'
done >"$root/proc/cpuinfo"

# A JVM starts others, and helpers; Linux does not run them by itself.
for program in bin/java lib/jspawnhelper; do
    mv "$jdk/$program" "$jdk/$program.arm64"
    cat >"$jdk/$program" <<EOF
#!/bin/sh
exec qemu-aarch64-static -cpu neoverse-n1 -L "$root" "$jdk/$program.arm64" "\$@"
EOF
    chmod +x "$jdk/$program"
done
rm -r "$folder/apt"
ln -sfn "$jdk" "$folder/jdk"

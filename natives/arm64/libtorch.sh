#!/usr/bin/env bash
# Gets LibTorch for linux-arm64, which no jar has, out of PyTorch's wheels.
#
#   natives/arm64/libtorch.sh FOLDER     292 MB: FOLDER/torch/lib and what that needs, laid out as pip would
#
# Needs python3 with pip, of any machine. The wheels, 440 MB, are kept in $CRESSET_WHEELS if that is set. PyTorch's wheel
# for ARM is made for CUDA, and its part for the CPU asks for two of CUDA's libraries, which come in wheels of their own.
set -euo pipefail

folder=$1
here=$(cd "$(dirname "$0")" && pwd)
torch=$(sed -n 's:.*<pytorch.version>\([^-]*\)-.*:\1:p' "$here/../../pom.xml" | head -n 1)

if [ -n "${CRESSET_WHEELS:-}" ]; then
    wheels=$CRESSET_WHEELS
    mkdir -p "$wheels"
else
    wheels=$(mktemp -d)
    trap 'rm -rf "$wheels"' EXIT
fi

platforms=()
for glibc in 17 24 25 26 27 28; do
    platforms+=(--platform "manylinux_2_${glibc}_aarch64")
done
download() {
    python3 -m pip download --quiet --no-deps --only-binary=:all: --dest "$wheels" --python-version 3.12 \
        --platform manylinux2014_aarch64 "${platforms[@]}" "$@"
}
download "torch==$torch"
cuda=$(python3 - "$wheels"/torch-"$torch"-*aarch64.whl <<'PYTHON'
import re, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    metadata = wheel.read(next(n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))).decode()
found = re.search(r"^Requires-Dist: cuda-toolkit.*==(\d+\.\d+)\.", metadata, re.MULTILINE)
print(found.group(1) if found else "")
PYTHON
)
if [ -n "$cuda" ]; then
    download "nvidia-cuda-runtime==$cuda.*" "nvidia-cuda-cupti==$cuda.*"
fi

python3 - "$folder" "$wheels"/torch-"$torch"-*aarch64.whl "$wheels"/nvidia_cuda_*aarch64.whl <<'PYTHON'
import re, sys, zipfile
# All but the parts for CUDA and for Python.
wanted = re.compile(r"torch/version\.py|torch/lib/lib(c10|torch|torch_cpu|torch_global_deps|arm_compute\w*|gomp|gfortran|nvpl_\w+|openblas)\.so.*"
                    r"|nvidia/cu\d+/lib/lib(cudart|cupti)\.so.*|torch\.libs/.*")
for file in sys.argv[2:]:
    with zipfile.ZipFile(file) as wheel:
        wheel.extractall(sys.argv[1], [n for n in wheel.namelist() if wanted.fullmatch(n)])
PYTHON

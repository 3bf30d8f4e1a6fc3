#!/bin/sh
# Makes the archives beside it with the real torch-model-archiver (0.12.0, from PyPI), which must be on the PATH.
# Their contents stand in for models: nothing here can be run, only read.
set -eu
out=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

printf 'weights of digits, weights of digits, weights of digits' > digits.pt
printf '{"0": "zero", "1": "one"}' > index_to_name.json
printf 'minWorkers: 1\nmaxWorkers: 2\n' > settings.yaml
printf 'numpy\n' > needs.txt
printf 'class Net:\n    pass\n' > net.py
printf 'def handle(data, context):\n    return data\n' > service.py
mkdir -p extra/deeper
printf 'first level\n' > extra/flat.txt
printf 'second level\n' > extra/deeper/nested.txt

archive() {
    torch-model-archiver --force --export-path "$out" "$@"
}

# Every kind of part at once: the model, settings, requirements, a file and a folder beside it.
archive --model-name full --version 1.10 --handler image_classifier --serialized-file digits.pt \
    --extra-files index_to_name.json,extra --config-file settings.yaml --requirements-file needs.txt
archive --model-name stored --version 2.0 --handler base_handler --serialized-file digits.pt \
    --extra-files index_to_name.json --archive-format zip-store
# An eager model: Python source, its weights, a handler of its own.
archive --model-name eager --version 1 --handler service.py --model-file net.py --serialized-file digits.pt
archive --model-name sourceonly --version 1 --handler base_handler --model-file net.py --runtime python3
archive --model-name native --version 1 --handler TorchScriptHandler --serialized-file digits.pt --runtime LSP
# What --archive-format tgz writes, which is no zip.
archive --model-name packed --version 1 --handler base_handler --serialized-file digits.pt --archive-format tgz

# One model in all four formats, for the writer to be compared with: folders that are dropped, a link, a version
# beyond ASCII, a file that is given twice.
mkdir -p tree/deeper/deepest tree/deeper/.git tree/__pycache__ tree/__MACOSX tree/empty
printf 'dotted\n' > tree/.dotfile
printf 'first level\n' > tree/flat.txt
printf 'second level\n' > tree/deeper/nested.txt
printf 'third level\n' > tree/deeper/deepest/notes.txt
for dropped in tree/deeper/.git tree/__pycache__ tree/__MACOSX; do printf 'dropped\n' > "$dropped/dropped.txt"; done
ln -s flat.txt tree/link.txt
rm -rf "$out/alike"
for format in default zip-store tgz no-archive; do
    mkdir -p "$out/alike/$format"
    torch-model-archiver --force --export-path "$out/alike/$format" --archive-format "$format" --model-name alike \
        --version '1.0 "größe" 😀' --handler ./service:handle --serialized-file digits.pt --model-file net.py \
        --extra-files tree,tree/flat.txt,index_to_name.json --config-file settings.yaml --requirements-file needs.txt
done

#!/bin/sh
# Records in expected.json what the real TorchServe's front end makes of each .yaml file beside this script.
# The first argument is the model-server.jar of torchserve 0.12.0 from PyPI (site-packages/ts/frontend).
set -eu
jar=$1
here=$(cd "$(dirname "$0")" && pwd)
java -cp "$jar" "$here/RecordConfigs.java" "$here"

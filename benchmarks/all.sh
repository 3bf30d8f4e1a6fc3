#!/usr/bin/env bash
# Every benchmark there is, one after the other, on a machine that does nothing else: about two and a half hours. PYTHON as for run.sh and serving.sh.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
"$here/run.sh" calls grid callers batching archives images
"$here/startup.sh"
"$here/serving.sh"

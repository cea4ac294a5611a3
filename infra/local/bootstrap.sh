#!/bin/sh
# Give this clone all that its commands need, below .venv and .local: uv, the environment of uv.lock, and the AWS
# emulator and the SAM command line in environments of their own. Needs Python 3.13, or a uv that can fetch it.
# Quick when all is there.
set -eu
cd "$(dirname "$0")/../.."
bin="$PWD/.local/bin"
mkdir -p "$bin"

# The interpreter itself, not a version manager's shim in front of it: `sam build` refuses those.
interpreter() {
    for name in "${PYTHON:-python3.13}" python3; do
        "$name" -c 'import sys; assert sys.version_info[:2] == (3, 13); print(sys.executable)' 2>/dev/null && return
    done
}

if ! [ -x "$bin/uv" ]; then
    if command -v uv >/dev/null; then
        ln -sf "$(command -v uv)" "$bin/uv"
    else
        python="$(interpreter)" || true
        if [ -z "$python" ]; then
            echo "Neither Python 3.13 nor uv is on PATH. Install one of them, or give PYTHON=/path/to/python3.13." >&2
            exit 1
        fi
        "$python" -m venv .local/uv
        .local/uv/bin/pip install --quiet uv
        ln -sf "$PWD/.local/uv/bin/uv" "$bin/uv"
    fi
fi

python="$(interpreter)" || true
"$bin/uv" sync --quiet --frozen ${python:+--python "$python"}
ln -sf "$(.venv/bin/python -c 'import os, sys; print(os.path.realpath(sys.executable))')" "$bin/python3.13"

# The pages are built with Node: the machine's where it has one that is new enough, else one from a wheel.
tools="emulator sam"
if ! { command -v npm && node -e 'process.exit(process.versions.node.split(".")[0] < 18)'; } >/dev/null 2>&1; then
    tools="$tools node"
fi

for tool in $tools; do
    wanted="infra/local/tools/$tool.txt"
    if ! cmp -s "$wanted" ".local/$tool/installed.txt"; then
        "$bin/uv" venv --quiet --clear --python "$bin/python3.13" ".local/$tool"
        "$bin/uv" pip sync --quiet --python ".local/$tool/bin/python" "$wanted"
        cp "$wanted" ".local/$tool/installed.txt"
    fi
done
ln -sf "$PWD/.local/sam/bin/sam" "$bin/sam"
if [ -x .local/node/bin/npm ]; then
    ln -sf "$PWD/.local/node/bin/node" "$PWD/.local/node/bin/npm" "$bin/"
fi

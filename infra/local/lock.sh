#!/bin/sh
# Pin all dependencies anew: the project's, the layers' that follow from them, and the tools'.
set -eu
cd "$(dirname "$0")/../.."
uv lock --upgrade
python -m local.requirements
for tool in emulator sam node; do
    uv pip compile --quiet --universal --python-version 3.13 --no-header --no-annotate --no-emit-index-url \
        "infra/local/tools/$tool.in" --output-file "infra/local/tools/$tool.txt" --upgrade
done
npm update --prefix infra/browser --package-lock-only

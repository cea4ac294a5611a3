#!/bin/sh
# `make docs`: the documentation as pages, with an environment of its own. A warning is an error.
set -eu
cd "$(dirname "$0")/../.."
UV_PROJECT_ENVIRONMENT="$PWD/.local/docs" uv sync --quiet --frozen --no-default-groups --group docs \
    --python "$PWD/.local/bin/python3.13"
NO_MKDOCS_2_WARNING=1 .local/docs/bin/python -m mkdocs build --quiet --config-file mkdocs.yml
echo "the pages are in .local/site: open .local/site/index.html"

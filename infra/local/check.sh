#!/bin/sh
# All that is checked without running anything: `make check`. Says which checks failed, and runs them all.
set -u
cd "$(dirname "$0")/../.."
failed=""

run() {
    name="$1"
    shift
    echo "==> $name"
    "$@" || failed="$failed $name"
}

run ruff ruff check
run format ruff format --check
run types mypy
run imports lint-imports
run layers python -m local.requirements --check
run cfn-lint cfn-lint template.yaml
run docs sh infra/local/docs.sh
run sam env SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 sam validate --lint

if [ -n "$failed" ]; then
    echo "failed:$failed" >&2
    exit 1
fi
echo "all checks passed"

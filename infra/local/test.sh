#!/bin/sh
# `make test`: the tests on the running stack. Unit and integration tests run side by side; end-to-end tests one after
# the other, since they share one stack. Arguments choose tests and replace both.
set -u
cd "$(dirname "$0")/../.."
if [ $# -gt 0 ]; then
    exec pytest "$@"
fi
failed=0
pytest tests/unit tests/integration -n auto --dist loadfile || failed=1
pytest tests/e2e || failed=1
exit $failed

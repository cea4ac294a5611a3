#!/bin/sh
# `make test`: the tests on the running stack. Unit and integration tests run side by side, and so do end-to-end tests
# in groups of those that would disturb each other (tests/e2e/conftest.py). Arguments choose tests and replace both.
set -u
cd "$(dirname "$0")/../.."
if [ $# -gt 0 ]; then
    exec pytest "$@"
fi
failed=0
# The longest first, so that no worker is alone with them in the end; three workers on two processors, since tests often
# wait for the search engine or for a process of their own.
workers=$(python -c 'import os; print(os.process_cpu_count() * 3 // 2)')
pytest tests/integration tests/unit -n "$workers" --dist loadfile --no-loadscope-reorder || failed=1
# Three of the groups at once, since tests often wait here, too; without plugins that they do not need, and that take each
# worker seconds to load.
pytest tests/e2e -n 3 -p no:schemathesis -p no:hypothesispytest || failed=1
exit $failed

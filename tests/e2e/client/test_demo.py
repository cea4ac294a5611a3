"""`make demo` on the running stack: it shows what it shows the first time, whatever was done there before."""

from __future__ import annotations

import subprocess
import sys

STEPS = (
    "the station has the session with 38 assets",
    "the session is staged",
    "the item is in the catalog",
    "a chunk is downloaded",
    "bob gets 404 for it",
    "bob finds nothing",
    "bob finds it",
)


def test_the_demo_passes_on_a_stack_in_use(stack):
    played = subprocess.run([sys.executable, "-m", "local.demo"], capture_output=True, text=True, timeout=600)
    assert played.returncode == 0, played.stdout + played.stderr
    for step in STEPS:
        assert f"✓ {step}" in played.stdout
    assert stack.keys["alice"] not in played.stdout + played.stderr

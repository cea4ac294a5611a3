"""Seconds that a station function's cold start spends on importing our own modules, third-party ones being there.

The modules are compiled first, as in the layer, and each import has a process of its own.
"""

from __future__ import annotations

import compileall
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from py_compile import PycInvalidationMode
from statistics import median

from bench.results import NotMeasured, Result

ROOT = Path(__file__).parents[2]
SERVICES = ("cadip", "auxip", "prip", "lta")
GOAL = 0.1

ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "eu-central-1",
    "BASE_URL_PARAMETER": "/bench/base-url",
    "ACCESS_TABLE": "access",
    "STATIONS_TABLE": "stations",
    "STATION_PROFILES": "operational",
    "STATION_SECRET_PREFIX": "bench/",
}

NAMES = """
import json, sys
sys.path.insert(0, {function!r})
import app
print(json.dumps(sorted(sys.modules)))
"""
"""Tells what a function imports, in no order that matters: a package is imported with its modules."""

TIMED = """
import importlib, json, sys, time
names = json.load(sys.stdin)
for name in names["others"]:
    try:
        importlib.import_module(name)
    except ImportError:
        pass
begun = time.process_time()
for name in names["own"]:
    importlib.import_module(name)
print(time.process_time() - begun)
"""


def run(rounds: int, folder: Path, say: Callable[[str], None]) -> list[Result]:
    """One result for each function. Raises NotMeasured when a function cannot be imported.

    The functions take turns, so that a processor that is slower for a while is so for all of them.
    """
    layers = _compiled(folder)
    modules = {service: _modules(layers, service) for service in SERVICES}
    seconds: dict[str, list[float]] = {service: [] for service in SERVICES}
    for _ in range(rounds):
        for service in SERVICES:
            seconds[service].append(float(_python(layers, TIMED, json.dumps(modules[service]))))
    results = []
    for service, taken in seconds.items():
        say(f"{service}: {len(modules[service]['own'])} modules of our own in {median(taken):.3f} s")
        results.append(Result(f"{service} import: seconds of our own", round(median(taken), 3), GOAL, "lower"))
    return results


def _modules(layers: Path, service: str) -> dict[str, list[str]]:
    """What a function imports: our `own` modules, and `others`."""
    names = json.loads(_python(layers, NAMES.format(function=str(ROOT / "functions" / service))))
    return {
        "own": [name for name in names if name.partition(".")[0] == "rs_server"],
        "others": [name for name in names if name.partition(".")[0] not in {"rs_server", "app", "__main__"}],
    }


def _compiled(folder: Path) -> Path:
    """A copy of our package as the layer has it."""
    layers = folder / "layers"
    shutil.rmtree(layers, ignore_errors=True)
    shutil.copytree(ROOT / "layers" / "rs_server", layers / "rs_server")
    compileall.compile_dir(layers, quiet=1, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
    return layers


def _python(layers: Path, code: str, given: str = "") -> str:
    """The last line that `code` writes."""
    environment = os.environ | ENVIRONMENT | {"PYTHONPATH": str(layers)}
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, env=environment, input=given, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise NotMeasured(f"The function's modules cannot be imported: {ran.stderr[-1000:]}")
    return ran.stdout.splitlines()[-1]

"""Each handler is imported with its own layers only, its own variables only, and no network.

The emulator lends functions its packages, and so does this environment; on AWS there are none but those of the layers
and of the Python runtime. So the handler is imported by another process, in which every other package is refused.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

from tests.unit.functions.environment import environment_of

ROOT = Path(__file__).parents[3]
LAYERS = {"AuthorizerLayer": "authorizer", "StacLayer": "stac"}
EXPECTED = {"authorizer", "access", "cadip", "catalog", "catalog_ingest", "deployment", "portal", "staging"}
EXPECTED |= {"lifecycle", "auxip", "prip", "lta", "staging_worker"}

IMPORT = """
import json, sys
refused = set(json.load(sys.stdin))

class Refuse:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in refused:
            raise ModuleNotFoundError(f"{name} is in no layer of this function", name=name)

sys.meta_path.insert(0, Refuse)
import socket
def connect(*_): raise OSError("a handler calls nothing while it is imported")
socket.socket.connect = connect
import app
assert callable(app.handler)
"""

AT_FIRST_MESSAGE = """
import os
from rs_server.staging.worker_wiring import connect_worker
connect_worker(os.environ)
"""
"""What the worker puts together when its first message comes, rather than while it is imported."""


def distribution(requirement: str) -> str:
    """The name of what is required, as package indices compare names."""
    return requirement.partition("==")[0].strip().lower().replace("_", "-")


def in_layers(properties: dict[str, Any]) -> set[str]:
    """Distributions in the third-party layers of a function."""
    layers = ["core", *(LAYERS[layer["Ref"]] for layer in properties.get("Layers", []))]
    files = [ROOT / "layers" / layer / "requirements.txt" for layer in layers]
    return {distribution(line) for file in files for line in file.read_text().splitlines()}


def in_runtime() -> set[str]:
    """Distributions that AWS's Python runtime brings: boto3 and what it needs."""
    packages = {each["name"]: each for each in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
    found: set[str] = set()
    wanted = ["boto3"]
    while wanted:
        name = wanted.pop()
        if name not in found:
            found.add(name)
            wanted += [each["name"] for each in packages[name].get("dependencies", [])]
    return found


providers_of_modules = cache(packages_distributions)
"""It looks through all that is installed."""


def refused_modules(allowed: set[str]) -> list[str]:
    """Top-level modules of this environment that come from none of the `allowed` distributions."""
    return [
        module
        for module, providers in providers_of_modules().items()
        if allowed.isdisjoint(map(distribution, providers)) and module != "rs_server"
    ]


def test_the_template_has_all_functions(functions: dict[str, dict[str, Any]]) -> None:
    assert functions.keys() == EXPECTED


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_handler_needs_only_its_layers_and_variables(name: str, functions: dict[str, dict[str, Any]]) -> None:
    properties = functions[name]
    answer = subprocess.run(
        [sys.executable, "-c", IMPORT + (AT_FIRST_MESSAGE if name == "staging_worker" else "")],
        input=json.dumps(refused_modules(in_layers(properties) | in_runtime())),
        cwd=ROOT / "functions" / name,
        env=environment_of(properties),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr

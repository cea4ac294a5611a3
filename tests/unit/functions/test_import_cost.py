"""What makes a cold start slow is kept few: classes whose methods are generated, and modules that it does not need.

Such a class (dataclass, attrs, pydantic) takes some 0.5 ms and more each time a function starts, a NamedTuple less than
half, a class as it is written nothing. They are counted, since seconds differ from machine to machine;
`make bench BENCH="--only station_imports"` measures those.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.unit.functions.environment import ROOT, environment_of

STATIONS = ("cadip", "auxip", "prip", "lta")
MOST_GENERATED = 12
MOST_MODULES = 90

LOADED = """
import json, sys
import app
GENERATED = {"__dataclass_fields__", "__attrs_attrs__", "__pydantic_fields__"}
own = {name: vars(module) for name, module in sys.modules.items() if name.split(".")[0] == "rs_server"}
classes = [
    f"{name}.{one.__name__}"
    for name, members in own.items()
    for one in members.values()
    if isinstance(one, type) and one.__module__ == name and not GENERATED.isdisjoint(vars(one))
]
print(json.dumps({"modules": sorted(own), "generated": sorted(classes)}))
"""

UNNEEDED = (
    "rs_server.access.api",
    "rs_server.catalog",
    "rs_server.portal",
    "rs_server.staging",
    "rs_server.storage",
    "rs_server.stations.orders",
    "rs_server.stations.filters.functions",
    "rs_server.stations.search.areas",
    "rs_server.stations.search.copies",
    "rs_server.stations.search.whole",
)
"""What a station function does without until a request asks for it, or always."""

WORKER = (
    "rs_server.catalog",
    "rs_server.stations.odata",
    "rs_server.staging.worker",
    "rs_server.staging.planning",
    "rs_server.staging.transferring",
    "rs_server.staging.subscriptions.polling",
)
"""What only the staging worker does."""


Functions = dict[str, dict[str, Any]]


def loaded_by(name: str, functions: Functions) -> dict[str, list[str]]:
    """Our own modules, and their classes with generated methods, that a function loads when it starts."""
    answer = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=ROOT / "functions" / name,
        env=environment_of(functions[name]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    found: dict[str, list[str]] = json.loads(answer.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("name", STATIONS)
def test_a_station_function_loads_little(name: str, functions: Functions) -> None:
    loaded = loaded_by(name, functions)
    assert len(loaded["generated"]) <= MOST_GENERATED, loaded["generated"]
    assert within(UNNEEDED, loaded["modules"]) == []
    assert len(loaded["modules"]) <= MOST_MODULES


def test_the_service_of_jobs_starts_without_the_worker(functions: Functions) -> None:
    assert within(WORKER, loaded_by("staging", functions)["modules"]) == []


def within(packages: tuple[str, ...], modules: list[str]) -> list[str]:
    """Those of `modules` that are one of `packages` or below it."""
    return [name for name in modules if any(f"{name}.".startswith(f"{package}.") for package in packages)]

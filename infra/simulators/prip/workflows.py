"""The workflows that an on-demand PRIP offers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

import yaml

from simulators.documents import LOADER
from simulators.odata.types import Edm, EntitySet, Property
from simulators.products.shelf import create
from simulators.storage import Database, Row

SCHEMA = """CREATE TABLE workflows (rowid INTEGER PRIMARY KEY, Id TEXT UNIQUE, Name TEXT, Description TEXT,
InputProductType TEXT, OutputProductType TEXT, WorkflowVersion TEXT, options TEXT)"""

WORKFLOWS = EntitySet(
    name="Workflows",
    table="workflows",
    properties=(
        Property("Id", Edm.GUID),
        Property("Name", Edm.STRING),
        Property("Description", Edm.STRING),
        Property("InputProductType", Edm.STRING),
        Property("OutputProductType", Edm.STRING),
        Property("WorkflowVersion", Edm.STRING),
    ),
    expands=("WorkflowOptions",),
    hidden=("options",),
)


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow: what it makes of what, and the values its options may have."""

    id: str
    name: str
    output: str
    options: Mapping[str, Sequence[str]]


@cache
def _declared() -> list[dict[str, Any]]:
    text = files("simulators.prip").joinpath("workflows.yaml").read_text(encoding="utf-8")
    declared: list[dict[str, Any]] = yaml.load(text, LOADER)
    return declared


def _id(name: str) -> str:
    return str(UUID(bytes=hashlib.md5(name.encode(), usedforsecurity=False).digest(), version=4))


def workflow(key: str, name: str) -> Workflow | None:
    """The workflow with this Id or Name; None if there is none, or if the two name different ones."""
    for each in _declared():
        if key in {"", _id(each["name"])} and name in {"", each["name"]} and (key or name):
            options = {option["Name"]: option["Value"] for option in each["options"]}
            return Workflow(_id(each["name"]), each["name"], each["output"], options)
    return None


def store_workflows(database: Database) -> None:
    """Put the workflows into their table."""
    create(database, [SCHEMA])
    if database.read("SELECT 1 FROM workflows LIMIT 1"):
        return
    columns = ("Id", "Name", "Description", "InputProductType", "OutputProductType", "WorkflowVersion", "options")
    rows = [
        (_id(each["name"]), each["name"], each["description"], each["input"], each["output"], each["version"],
         json.dumps(each["options"]))
        for each in _declared()
    ]  # fmt: skip
    database.insert("workflows", columns, rows)


def expand_options(rows: Sequence[Row], _: int) -> Mapping[int, Any]:
    """`$expand=WorkflowOptions`: from the hidden column, the one after the rowid."""
    return {row[0]: json.loads(row[1]) for row in rows}

"""The page of the HTTP API: every operation of every service, from the services' own OpenAPI documents."""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from fastapi import FastAPI

from reference.markdown import code, sentence, table
from reference.settings import classes
from rs_server.http import PublicAddress

ROOT = Path(__file__).parents[2]
SERVICES = ("portal", "access", "catalog", "cadip", "auxip", "prip", "lta", "staging")
INTRODUCTION = """# The HTTP API

Addresses are relative to the base URL of the deployment. A running server has the same as OpenAPI documents, with all
schemas, and shows them at `/docs`. Who may ask what is in [access](../access.md), and for each route in the
[authorization matrix](../authorization-matrix.md).

An error is `{"code", "description", "request_id"}`; under `/processes`, `/jobs` and `/subscriptions` it is a problem
document (RFC 7807).

"""


def page() -> str:
    """A section for each service."""
    with _environment():
        return INTRODUCTION + "".join(_section(*_application(service)) for service in SERVICES)


def _section(app: FastAPI, prefix: str) -> str:
    document = app.openapi()
    title = document["info"]["title"]
    operations = [
        _operation(f"{method.upper()} {prefix}{path}", operation)
        for path, methods in sorted(document["paths"].items())
        for method, operation in methods.items()
    ]
    return f"## {title}{f' ({prefix})' if prefix else ''}\n\n" + "".join(operations)


def _operation(name: str, operation: dict[str, Any]) -> str:
    name = name.rstrip("/") if not name.endswith(" /") else name
    text = sentence(operation.get("description") or operation.get("summary"))
    rows = [
        (code(each["name"]), each["in"], "yes" if each.get("required") else "", sentence(each.get("description")))
        for each in operation.get("parameters", ())
    ]
    parameters = table(("parameter", "in", "required", ""), rows) if rows else ""
    answers = ", ".join(code(status) for status in operation.get("responses", {}))
    body = "With a body. " if "requestBody" in operation else ""
    return f"### {name}\n\n{text}\n\n{parameters}{body}Described answers: {answers}.\n\n"


@contextmanager
def _environment() -> Iterator[None]:
    """Variables with which every function can be imported; nothing is connected to."""
    before = dict(os.environ)
    os.environ |= {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "AWS_DEFAULT_REGION": "eu-west-1"}
    for kind in classes():
        hints = get_type_hints(kind)
        for name in kind._fields:
            if name not in kind._field_defaults:
                os.environ[name.upper()] = _placeholder(name, hints[name])
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _placeholder(name: str, hint: Any) -> str:
    if get_origin(hint) is Literal:
        return str(get_args(hint)[0])
    return {"station_profiles": "simulators", "service_functions": "catalog=catalog"}.get(
        name, "http://127.0.0.1:1" if name.endswith("_url") else "1" if hint is int else "none"
    )


def _application(service: str) -> tuple[FastAPI, str]:
    """The application of a function, and the prefix of its addresses."""
    sys.path.insert(0, str(ROOT))
    with asyncio.Runner() as runner:
        asyncio.set_event_loop(runner.get_loop())
        app = importlib.import_module(f"functions.{service}.app").handler
    prefix = ""
    while not isinstance(app, FastAPI):
        prefix = app.prefix if isinstance(app, PublicAddress) else prefix
        app = app.app
    return app, prefix

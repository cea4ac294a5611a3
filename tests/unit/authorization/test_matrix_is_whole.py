"""Every route and method that can be asked for has its row in the authorization matrix, and the page shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from rs_server.http import PublicAddress
from tests.e2e.authorization.page import PAGE, render
from tests.e2e.authorization.sample import sample
from tests.e2e.authorization.table import Row, principals, rows
from tests.handlers import imported
from tests.unit.functions.conftest import ROOT, TemplateLoader

OPEN_METHODS = {"OPTIONS"}
"""What the gateway passes on without asking who calls: preflights."""


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path, whose segments may be `{parameters}`."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def is_of(self, row: Row) -> bool:
        """Whether the row's requests come to this route."""
        segments = tuple(self.path.strip("/").split("/"))
        return (
            row.method == self.method
            and len(segments) == len(row.segments)
            and all(mine == its or mine.startswith("{") for mine, its in zip(segments, row.segments, strict=True))
        )


@cache
def resources() -> Mapping[str, Any]:
    """The resources of the template."""
    found: Mapping[str, Any] = yaml.load((ROOT / "template.yaml").read_text(), TemplateLoader)["Resources"]
    return found


def gateway() -> Mapping[Route, dict[str, Any]]:
    """The gateway's routes, with what the template says of each."""
    paths = resources()["Api"]["Properties"]["DefinitionBody"]["paths"]
    return {
        Route(method.upper(), path): operation for path, each in paths.items() for method, operation in each.items()
    }


def functions() -> list[str]:
    """Folders of the functions that the gateway calls."""
    uris = {each["x-amazon-apigateway-integration"]["uri"]["Sub"] for each in gateway().values()}
    return sorted(
        Path(resource["Properties"]["CodeUri"]).name
        for name, resource in resources().items()
        if any(f"{{{name}.Arn}}" in uri for uri in uris)
    )


def application(handler: Any) -> tuple[FastAPI, str]:
    """The application within a handler, and the prefix under which it is served."""
    prefix, app = "", handler
    while not isinstance(app, FastAPI):
        prefix = app.prefix if isinstance(app, PublicAddress) else prefix
        app = app.app
    return app, prefix


def routes(app: FastAPI, prefix: str) -> Iterator[Route]:
    """All routes of an application, those that its OpenAPI document hides included."""
    for context in iter_route_contexts(app.routes):
        for method in context.methods or ():
            yield Route(method, prefix + str(context.path).rstrip("/") or "/")


def documented(app: FastAPI, prefix: str) -> Iterator[Route]:
    """The operations of an application's OpenAPI document."""
    for path, operations in app.openapi()["paths"].items():
        for method in operations:
            yield Route(method.upper(), prefix + path.rstrip("/") or "/")


@pytest.fixture(scope="module")
def applications() -> list[tuple[FastAPI, str]]:
    """All applications that the gateway leads to, with their prefixes."""
    found = []
    for function in functions():
        with imported(function) as module:
            found.append(application(module.handler))
    return found


@pytest.fixture(scope="module")
def all_routes(applications: list[tuple[FastAPI, str]]) -> set[Route]:
    """The routes of all applications, from their own lists and from their documents."""
    return {route for app, prefix in applications for route in (*routes(app, prefix), *documented(app, prefix))}


def resource_of(row: Row) -> Route:
    """The gateway's route that a row's requests come to: the path itself, else the nearest `{proxy+}`."""
    path = "/" + "/".join(row.segments)
    known = {route.path for route in gateway()}
    candidates = (path, f"/{row.segments[0]}/{{proxy+}}", "/{proxy+}")
    return Route(row.method, next(candidate for candidate in candidates if candidate in known))


def test_there_are_services_to_look_at(all_routes: set[Route]) -> None:
    assert {"access", "cadip", "catalog", "portal", "staging"} <= set(functions())
    assert Route("PATCH", "/catalog/collections/{collection_id}/items/{item_id}") in all_routes
    assert Route("HEAD", "/catalog/api") in all_routes


def test_no_service_redirects_to_a_path_that_is_spelt_otherwise(applications: list[tuple[FastAPI, str]]) -> None:
    assert [prefix for app, prefix in applications if app.router.redirect_slashes] == []


def test_every_route_of_every_service_has_a_row(all_routes: set[Route]) -> None:
    assert {str(route) for route in all_routes if not any(map(route.is_of, rows()))} == set()


def test_every_method_of_the_gateway_has_a_row() -> None:
    assert {*map(str, gateway())} <= {str(resource_of(row)) for row in rows()}


def test_rows_of_no_route_expect_nothing_there(all_routes: set[Route]) -> None:
    for row in rows():
        if not any(route.is_of(row) for route in all_routes) and row.method not in OPEN_METHODS:
            assert {answer.status for answer in row.answers.values()} <= {401, 403, 404, 405}, row


def test_the_authorizer_is_asked_where_the_matrix_refuses_bad_credentials() -> None:
    known = gateway()
    for row in rows():
        operation = known.get(resource_of(row))
        if operation is not None:
            assert ("security" in operation) == (row.answers["bad"].status == 401), row


def test_refused_credentials_are_refused_alike() -> None:
    for row in rows():
        assert len({row.answers[column] for column in ("bad", "exp", "rev", "dis")}) == 1, row


def test_the_sample_for_the_deployed_gateway_has_every_row_and_everyone_at_several_services() -> None:
    services: dict[str, set[str]] = {column: set() for column in principals()}
    for row, column in sample(rows()):
        services[column].add(row.segments[0])
    assert {row for row, _ in sample(rows())} == set(rows())
    assert min(map(len, services.values())) > 1


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == render(), "Run python -m tests.e2e.authorization.page."

"""Errors: the status of each, and the two forms they are written in."""

from __future__ import annotations

import pytest

from rs_server import errors
from rs_server.errors import RsServerError, problem_body, stac_body

STATUSES = {
    "RsServerError": 500,
    "InvalidRequest": 400,
    "Unauthenticated": 401,
    "Forbidden": 403,
    "NotFound": 404,
    "Conflict": 409,
    "PreconditionFailed": 412,
    "PreconditionRequired": 428,
    "PayloadTooLarge": 413,
    "TooManyRequests": 429,
    "BackendFailed": 502,
    "BackendUnavailable": 503,
    "BackendTimeout": 504,
}


def all_errors() -> dict[str, type[RsServerError]]:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, RsServerError)]
    return {kind.__name__: kind for kind in kinds}


def test_every_error_has_its_status():
    assert {name: kind("x").status for name, kind in all_errors().items()} == STATUSES


@pytest.mark.parametrize("name", [name for name in STATUSES if name != "RsServerError"])
def test_the_stac_form_names_the_error(name):
    assert stac_body(STATUSES[name], "Do this.", "id-1") == {
        "code": name,
        "description": "Do this.",
        "request_id": "id-1",
    }


@pytest.mark.parametrize(
    ("status", "code"), [(500, "InternalServerError"), (405, "MethodNotAllowed"), (415, "Unsupported Media Type")]
)
def test_other_statuses_have_a_code_too(status, code):
    assert stac_body(status, "x", "y")["code"] == code


def test_the_process_form_is_a_problem_document():
    assert problem_body(404, "There is no job x.", "id-1", "http://types/no-such-job") == {
        "type": "http://types/no-such-job",
        "title": "Not Found",
        "status": 404,
        "detail": "There is no job x.",
        "instance": "urn:request:id-1",
    }


def test_what_is_not_said_has_a_default():
    error = RsServerError("x")
    assert (error.problem, error.retry_after, error.refused) == ("about:blank", None, "")

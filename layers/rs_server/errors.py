"""Every failure rs-server answers with: one exception tree, one status map, two renderings.

RsServerError
├── InvalidRequest            what was sent cannot be understood or is not allowed in this form
├── Unauthenticated           no credential where one is needed, or one that is not valid
├── Forbidden                 the thing is seen, but this action on it is not allowed
├── NotFound                  the thing does not exist, or the caller may not know that it does
├── Conflict                  the thing is in a state that the request contradicts
├── PreconditionFailed        If-Match names another version than the stored one
├── PreconditionRequired      the deployment wants an If-Match on this request
├── PayloadTooLarge           the body is larger than the service takes
├── TooManyRequests           a limit of requests, connections or quota is reached
├── BackendFailed             a station or the search engine answered with an error
├── BackendUnavailable        a station, the search engine or a table is out of reach
└── BackendTimeout            a station or the search engine did not answer in time
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

PROBLEM_TYPES = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"
INTERNAL_ERROR = "The service failed. Try again; if it fails again, report the request id."


class RsServerError(Exception):
    """Base of all errors whose message is meant for the caller, and tells what to change."""

    def __init__(
        self, message: str, *, problem: str = "about:blank", retry_after: int | None = None, refused: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.problem = problem
        """RFC 7807 type; for OGC API Processes one of its own, such as `no-such-job`."""
        self.retry_after = retry_after
        """Seconds to wait before trying again, sent as Retry-After."""
        self.refused = refused
        """The action and resource that a right was missing for, as `write catalog:alice:s1`; for the audit trail."""

    @property
    def status(self) -> int:
        """HTTP status of this error, from the one map below."""
        return next(STATUS[kind] for kind in type(self).__mro__ if kind in STATUS)


class InvalidRequest(RsServerError):
    """What was sent cannot be understood, or is not allowed in this form."""


class Unauthenticated(RsServerError):
    """No credential where one is needed, or one that is wrong, expired or revoked."""


class Forbidden(RsServerError):
    """The caller sees the thing, but may not do this with it."""


class NotFound(RsServerError):
    """The thing does not exist, or the caller may not know that it does."""


class Conflict(RsServerError):
    """The thing is in a state that the request contradicts."""


class PreconditionFailed(RsServerError):
    """The stored version is not the one that If-Match names."""


class PreconditionRequired(RsServerError):
    """The request must carry If-Match."""


class PayloadTooLarge(RsServerError):
    """The body is larger than the service takes."""


class TooManyRequests(RsServerError):
    """A limit is reached; `retry_after` says when to come back."""


class BackendFailed(RsServerError):
    """A station or the search engine answered with an error."""


class BackendUnavailable(RsServerError):
    """A station, the search engine or a table is out of reach."""


class BackendTimeout(RsServerError):
    """A station or the search engine did not answer in time."""


STATUS: Mapping[type[RsServerError], int] = {
    RsServerError: HTTPStatus.INTERNAL_SERVER_ERROR,
    InvalidRequest: HTTPStatus.BAD_REQUEST,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    PreconditionRequired: HTTPStatus.PRECONDITION_REQUIRED,
    PayloadTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    BackendFailed: HTTPStatus.BAD_GATEWAY,
    BackendUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    BackendTimeout: HTTPStatus.GATEWAY_TIMEOUT,
}

CODES: Mapping[int, str] = {status: error.__name__ for error, status in STATUS.items()} | {
    HTTPStatus.INTERNAL_SERVER_ERROR: "InternalServerError",
    HTTPStatus.METHOD_NOT_ALLOWED: "MethodNotAllowed",
}
"""The `code` member of STAC errors by status: the class name of the error that has the status."""


def stac_body(status: int, message: str, request_id: str) -> dict[str, Any]:
    """Error body of the STAC and access services (the form of stac-fastapi, plus the request id)."""
    return {"code": CODES.get(status, HTTPStatus(status).phrase), "description": message, "request_id": request_id}


def problem_body(status: int, message: str, request_id: str, problem: str = "about:blank") -> dict[str, Any]:
    """Error body of the process service: `exception.yaml` of OGC API Processes 1.0, which is RFC 7807."""
    return {
        "type": problem,
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": message,
        "instance": f"urn:request:{request_id}",
    }

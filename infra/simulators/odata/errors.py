"""The one failure of the OData services: a status and an OData error body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CODES = {
    202: "Accepted",
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    409: "Conflict",
    416: "RangeNotSatisfiable",
    429: "TooManyRequests",
    503: "ServiceUnavailable",
}


class ODataError(Exception):
    """A request that the station does not serve; `status` and `message` are what the client gets."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """The OData error: `{"error": {"code", "message"}}`."""
        return {"error": {"code": CODES.get(self.status, str(self.status)), "message": self.message}}


def bad_request(message: str) -> ODataError:
    """A 400 with `message`."""
    return ODataError(400, message)

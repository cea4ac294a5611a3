"""Downloads that a station sends elsewhere: to a host that wants the token again, or to a URL signed beforehand."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from urllib.parse import urlencode

from fastapi import Request

from simulators.odata.errors import ODataError
from simulators.profiles.model import Redirect
from simulators.service.faults import Fault

ELSEWHERE = "/_elsewhere"
"""Where redirected downloads are served."""
SIGNED_SECONDS = 600

OTHER_NAME = {"localhost": "127.0.0.1", "127.0.0.1": "localhost"}


class Redirects:
    """Where downloads go, and which of those that arrive there may be served."""

    def __init__(self, habit: Redirect | None, real_seconds: Callable[[], float] = time.time) -> None:
        self._habit = habit
        self._real_seconds = real_seconds
        self._key = secrets.token_bytes(32)

    def location(self, request: Request, fault: Fault | None) -> str | None:
        """Where to send this download, or None where it is served at once."""
        presigned = fault.presigned if fault else bool(self._habit and self._habit.presigned)
        if fault is None and self._habit is None:
            return None
        path = ELSEWHERE + request.url.path
        origin = (fault and fault.host) or _other_name(request)
        return f"{origin.rstrip('/')}{path}" + (f"?{self._signature_query(path)}" if presigned else "")

    def is_signed(self, request: Request) -> bool:
        """Whether the URL carries a valid signature, so that no token is needed; raises 400 and 403 as S3 does."""
        expires = request.query_params.get("X-Amz-Expires-At")
        if expires is None:
            return False
        if "authorization" in request.headers:
            raise ODataError(400, "Only one authentication mechanism is allowed: the signature or Authorization.")
        expected = self._signature(request.url.path, expires)
        if not hmac.compare_digest(request.query_params.get("X-Amz-Signature", "").encode(), expected.encode()):
            raise ODataError(403, "The signature does not match.")
        if int(expires) <= self._real_seconds():
            raise ODataError(403, "Request has expired.")
        return True

    def _signature_query(self, path: str) -> str:
        expires = str(int(self._real_seconds()) + SIGNED_SECONDS)
        signature = self._signature(path, expires)
        return urlencode({"X-Amz-Credential": "rs-sim", "X-Amz-Expires-At": expires, "X-Amz-Signature": signature})

    def _signature(self, path: str, expires: str) -> str:
        return hmac.new(self._key, f"{path}\n{expires}".encode(), hashlib.sha256).hexdigest()


def _other_name(request: Request) -> str:
    """This station under another host name: clients must decide whether to trust it with the token."""
    url = request.url
    host = OTHER_NAME.get(url.hostname or "", url.hostname or "localhost")
    return f"{url.scheme}://{host}:{url.port}" if url.port else f"{url.scheme}://{host}"

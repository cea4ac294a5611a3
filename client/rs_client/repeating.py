"""What only reads is asked again while the service fails for a moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus

import httpx

READING = frozenset({"GET", "HEAD"})
FAILING = frozenset(
    {
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
"""500 is one of those: an API Gateway whose authorizer could not be started answers so."""
WAITS = (0.5, 1.0, 2.0)
"""Seconds before each further request."""
LONGEST_WAIT = 10.0
"""Seconds that a service may ask for in Retry-After."""


class RepeatingTransport(httpx.BaseTransport):
    """`transport`, which sends requests that change nothing up to three times more; others once."""

    def __init__(self, transport: httpx.BaseTransport, sleep: Callable[[float], None] = time.sleep) -> None:
        self._transport = transport
        self._sleep = sleep

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer `request`, at last with whatever the service answered last."""
        for wait in WAITS:
            answer = self._transport.handle_request(request)
            if request.method not in READING or answer.status_code not in FAILING:
                return answer
            answer.close()
            self._sleep(_asked_to_wait(answer) or wait)
        return self._transport.handle_request(request)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()


def _asked_to_wait(answer: httpx.Response) -> float:
    """Seconds that the answer's Retry-After asks for, no more than LONGEST_WAIT; 0 without any."""
    asked = answer.headers.get("retry-after", "")
    return min(float(asked), LONGEST_WAIT) if asked.isdecimal() else 0.0

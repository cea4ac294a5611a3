"""Plain HTTP to a station: deadlines, retries with backoff, and failures in our own words.

Nothing here knows of tokens. A failure names the station and what it did, never an address with a query, a header or a
body, so that no credential can get into a log or an answer.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import NamedTuple

import httpx

from rs_server.errors import BackendFailed, BackendTimeout, BackendUnavailable, NotFound, RsServerError
from rs_server.telemetry import logger

RETRIED = frozenset({429, 502, 503, 504})
LONGEST_PAUSE = 8.0
LONGEST_NUMBER = 9
"""Digits of a Retry-After; what has more is none."""
ATTEMPTS = 4


class Timing(NamedTuple):
    """The clock and the pause, given from outside so that tests need not wait."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = random.random


class Deadline(NamedTuple):
    """The moment after which the caller no longer waits."""

    at: float
    timing: Timing = Timing()

    @classmethod
    def after(cls, seconds: float, timing: Timing | None = None) -> Deadline:
        """A deadline `seconds` from now."""
        timing = timing or Timing()
        return cls(timing.monotonic() + seconds, timing)

    @property
    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self.at - self.timing.monotonic())


class AccessRefused(BackendFailed):
    """The station refuses us this (401, 403). Some archives answer so for what they have offline."""


class Retries:
    """How often and how long to try again: exponential pauses with jitter, or what Retry-After says."""

    def __init__(self, station: str, deadline: Deadline, attempts: int = ATTEMPTS) -> None:
        self.station = station
        self.deadline = deadline
        self.attempts = attempts
        self.failures = 0

    async def pause_or_raise(self, error: RsServerError) -> None:
        """Wait before the next attempt; raises `error` when there is none left or it would come too late."""
        self.failures += 1
        pause = float(error.retry_after) if error.retry_after is not None else self._backoff()
        if self.failures >= self.attempts or pause >= self.deadline.remaining:
            raise error
        logger.info("station is asked again", station=self.station, reason=error.message, pause=round(pause, 2))
        await self.deadline.timing.sleep(pause)

    def _backoff(self) -> float:
        return min(LONGEST_PAUSE, 0.25 * 2.0**self.failures) * (0.5 + self.deadline.timing.jitter() / 2)


def failure_of_status(station: str, response: httpx.Response, timing: Timing) -> RsServerError:
    """The error that a station's status means to our caller."""
    status = response.status_code
    if status == HTTPStatus.NOT_FOUND:
        return NotFound(f"Station {station} does not have it (any more).")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = retry_after(response, timing)
        return BackendUnavailable(f"Station {station} limits our requests (429). Try again later.", retry_after=wait)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        wait = retry_after(response, timing)
        return BackendUnavailable(f"Station {station} is not available (503).", retry_after=wait)
    if status == HTTPStatus.GATEWAY_TIMEOUT:
        return BackendTimeout(f"Station {station} did not answer in time (504).")
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return AccessRefused(f"Station {station} refuses our credentials ({status}). The operator must renew them.")
    return BackendFailed(f"Station {station} answered with status {status}.")


def failure_of_transport(station: str, error: httpx.HTTPError | TimeoutError) -> RsServerError:
    """The error that a failed exchange means to our caller."""
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return BackendTimeout(f"Station {station} did not answer in time.")
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError):
        return BackendFailed(f"Station {station} broke off its answer.")
    return BackendUnavailable(f"Station {station} is out of reach.")


def retry_after(response: httpx.Response, timing: Timing) -> int | None:
    """Seconds that Retry-After asks for (RFC 9110 10.2.3: a number or a date); None without a readable one."""
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return int(text) if len(text) <= LONGEST_NUMBER else None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0, round((moment - datetime.fromtimestamp(timing.now(), UTC)).total_seconds()))

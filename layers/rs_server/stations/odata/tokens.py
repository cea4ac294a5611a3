"""One token for each station, shared by all our instances, renewed by one of them at a time.

Stations limit concurrent sessions and ban clients that log in for every request. So a token lives in the `stations`
table; whoever finds it about to expire takes a lease, renews it and stores it, while the others go on with the old
one or wait. A login that the station refuses is not tried again before the lease is over.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field
from typing import Protocol

from rs_server.errors import BackendFailed, BackendTimeout
from rs_server.stations.odata.http import Deadline, Timing

MARGIN = 60.0
"""Seconds before its expiry from which a token is renewed (half of its life where that is shorter)."""
LEASE_SECONDS = 15.0
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and what renews it. Moments are epoch seconds; `repr` shows no secret."""

    access_token: str = field(repr=False)
    issued: float
    expires: float
    refresh_token: str = field(default="", repr=False)
    refresh_expires: float = 0.0

    def fresh(self, now: float) -> bool:
        """Whether it need not be renewed yet."""
        return now < self.expires - min(MARGIN, (self.expires - self.issued) / 2)

    def usable(self, now: float) -> bool:
        """Whether the station still takes it, with two seconds for the way there."""
        return now < self.expires - 2.0

    def renewable(self, now: float) -> bool:
        """Whether the refresh token still holds."""
        return bool(self.refresh_token) and now < self.refresh_expires - 2.0


class TokenStore(Protocol):
    """Where the one token of a station and the lease to renew it are kept."""

    async def load(self) -> Token | None:
        """The stored token, if any."""

    async def save(self, token: Token) -> None:
        """Replace the stored token."""

    async def lease(self, owner: str, now: float, until: float) -> str | None:
        """Take the lease for `owner`: None when taken, else the refusal that its holder noted, or ''."""

    async def release(self, owner: str, refusal: str = "") -> None:
        """Give the lease up, or with `refusal` keep it to its end and say why no one should try before."""


class LoginRefused(Exception):
    """The station does not take our login; asking again at once could get us banned."""


class TokenIssuer(Protocol):
    """Gets a token from the station, with `previous` for its refresh token."""

    async def __call__(self, previous: Token | None, deadline: Deadline) -> Token:
        """A new token; raises LoginRefused, or what a failed exchange means."""


class StationTokens:
    """Gives the current access token of one station."""

    def __init__(self, station: str, issuer: TokenIssuer, store: TokenStore, timing: Timing | None = None) -> None:
        self.station = station
        self.issuer = issuer
        self.store = store
        self.timing = timing or Timing()
        self._current: Token | None = None
        self._turn = asyncio.Lock()

    async def current(self, deadline: Deadline, rejected: str = "") -> str:
        """The access token to send; never `rejected`, the one that the station has just answered 401 to."""
        async with self._turn:
            token = self._current
            if token is None or not self._good(token, rejected):
                token = self._current = await self._shared(deadline, rejected)
            return token.access_token

    def _good(self, token: Token, rejected: str) -> bool:
        return token.fresh(self.timing.now()) and token.access_token != rejected

    async def _shared(self, deadline: Deadline, rejected: str) -> Token:
        owner = uuid.uuid4().hex
        while True:
            stored = await self.store.load()
            if stored and self._good(stored, rejected):
                return stored
            now = self.timing.now()
            refusal = await self.store.lease(owner, now, now + LEASE_SECONDS)
            if refusal is None:
                return await self._renew(owner, deadline, rejected)
            if refusal:
                raise BackendFailed(refusal)
            if stored and stored.usable(now) and stored.access_token != rejected:
                return stored
            if deadline.remaining <= POLL_SECONDS:
                raise BackendTimeout(f"Station {self.station} gave us no token in time.")
            await self.timing.sleep(POLL_SECONDS)

    async def _renew(self, owner: str, deadline: Deadline, rejected: str) -> Token:
        """With the lease held: look again, since another may have renewed in between, then ask the station."""
        refusal = ""
        try:
            stored = await self.store.load()
            if stored and self._good(stored, rejected):
                return stored
            token = await self.issuer(stored, deadline)
            await self.store.save(token)
        except LoginRefused as error:
            refusal = str(error)
            raise BackendFailed(refusal) from None
        else:
            return token
        finally:
            await self.store.release(owner, refusal)

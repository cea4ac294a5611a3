"""Reading rights: the grants of a principal's subjects from the table, cached for a few seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from rs_server.access.instants import Clock, utc_now
from rs_server.access.principals import Principal
from rs_server.access.rights import Grant, Rights
from rs_server.access.store.grants import GrantStore
from rs_server.access.store.table import connect
from rs_server.access.store.tokens import KEY_ID_PREFIX, TokenStore

CACHE_SECONDS = 5.0
"""How old rights may be. A grant, and its withdrawal, take effect everywhere within this time."""
CACHE_SUBJECTS = 2000


class GrantReader:
    """Gives principals their rights. One instance a container; raises BackendUnavailable when the table is away.

    What is cached belongs to a subject, never to a request; principals without any grant are cached as well.
    """

    def __init__(
        self,
        grants: GrantStore,
        tokens: TokenStore,
        *,
        cache_seconds: float = CACHE_SECONDS,
        now: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.grants = grants
        self.tokens = tokens
        self.cache_seconds = cache_seconds
        self.now = now
        self.monotonic = monotonic
        self._cached: dict[str, tuple[float, Sequence[Grant]]] = {}

    @classmethod
    def of_table(cls, name: str) -> GrantReader:
        """A reader of the access table with this name."""
        table = connect(name)
        return cls(GrantStore(table), TokenStore(table))

    async def rights_of(self, principal: Principal) -> Rights:
        """What `principal` may do now: the grants of its subjects, and the roles of its bearer token."""
        names = [f"subject:{subject}" for subject in principal.subjects]
        if principal.key_id.startswith(KEY_ID_PREFIX):
            names.append(principal.key_id)
        found = await asyncio.gather(*map(self._grants_of, names))
        return Rights.of(principal, [grant for grants in found for grant in grants], self.now())

    async def _grants_of(self, name: str) -> Sequence[Grant]:
        moment = self.monotonic()
        cached = self._cached.get(name)
        if cached is not None and moment - cached[0] < self.cache_seconds:
            return cached[1]
        grants = await asyncio.to_thread(self._read, name)
        self._keep(name, moment, grants)
        return grants

    def _read(self, name: str) -> Sequence[Grant]:
        if name.startswith(KEY_ID_PREFIX):
            return self.tokens.grants(name)
        return [stored.grant for stored in self.grants.of_subject(name.removeprefix("subject:"))]

    def _keep(self, name: str, moment: float, grants: Sequence[Grant]) -> None:
        self._cached.pop(name, None)
        self._cached[name] = (moment, grants)
        while len(self._cached) > CACHE_SUBJECTS:
            del self._cached[next(iter(self._cached))]

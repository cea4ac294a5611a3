"""Readiness: whether the services behind the API answer, found out as any caller would.

Each service's landing page is asked for without a credential, through the gateway: that takes the authorizer, the
service, its table of rights and (for the catalog) the search engine, and no permission that the portal would have to
be given.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

import httpx

TIMEOUT = 20.0
REMEMBERED = 10.0
"""Seconds that a finding is answered with again, so that asking often costs the services nothing."""


class Readiness:
    """Asks services whether they answer."""

    def __init__(
        self,
        services: Sequence[str],
        transport: httpx.AsyncBaseTransport | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.services = services
        self.transport = transport
        self.monotonic = monotonic
        self._found: tuple[float, dict[str, str]] | None = None

    async def problems(self, base_url: str) -> dict[str, str]:
        """What is wrong, by service; empty when all answer."""
        moment = self.monotonic()
        if self._found is None or moment - self._found[0] >= REMEMBERED:
            self._found = (moment, await self._ask_all(base_url))
        return self._found[1]

    async def _ask_all(self, base_url: str) -> dict[str, str]:
        async with httpx.AsyncClient(transport=self.transport, timeout=TIMEOUT, follow_redirects=True) as client:
            answers = await asyncio.gather(*(_ask(client, f"{base_url}/{name}/") for name in self.services))
        return {name: problem for name, problem in zip(self.services, answers, strict=True) if problem}


async def _ask(client: httpx.AsyncClient, url: str) -> str:
    try:
        answer = await client.get(url)
    except httpx.HTTPError as error:
        return f"does not answer ({type(error).__name__})"
    return "" if answer.is_success else f"answers {answer.status_code}"

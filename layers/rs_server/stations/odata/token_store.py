"""Where tokens are shared: the `stations` table, or the process alone (tests, tools)."""

from __future__ import annotations

from rs_server.stations.odata.state import DAY, StationState, number
from rs_server.stations.odata.tokens import Token


class TableTokenStore:
    """The record `token` of a station, and the lease to renew it in the record `lease`.

    A token is a secret: the table is encrypted, and only the functions that talk to stations may read it.
    """

    def __init__(self, state: StationState) -> None:
        self.state = state

    async def load(self) -> Token | None:
        """The stored token; raises BackendUnavailable when the table is out of reach."""
        item = await self.state.get("token")
        if not item:
            return None
        return Token(
            access_token=item["access_token"]["S"],
            issued=float(item["issued"]["N"]),
            expires=float(item["expires"]["N"]),
            refresh_token=item["refresh_token"]["S"],
            refresh_expires=float(item["refresh_expires"]["N"]),
        )

    async def save(self, token: Token) -> None:
        """Store the token; only the holder of the lease does."""
        item = {
            "access_token": {"S": token.access_token},
            "issued": number(token.issued),
            "expires": number(token.expires),
            "refresh_token": {"S": token.refresh_token},
            "refresh_expires": number(token.refresh_expires),
            "ttl": number(int(max(token.expires, token.refresh_expires)) + DAY),
        }
        await self.state.put("token", item)

    async def lease(self, owner: str, now: float, until: float) -> str | None:
        """Take the lease if no one holds it; the condition makes sure of one holder."""
        holder = await self.state.take("lease", owner, now, until)
        return None if holder is None else str(holder.get("refusal", {}).get("S", ""))

    async def release(self, owner: str, refusal: str = "") -> None:
        """Delete the lease, or note the refusal in it; a lease that another has taken since stays as it is."""
        await self.state.leave("lease", owner, {"refusal": {"S": refusal}} if refusal else None)


class MemoryTokenStore:
    """The same for one process: what tests and tools without a table use."""

    def __init__(self) -> None:
        self.token: Token | None = None
        self.holder: tuple[str, float, str] | None = None

    async def load(self) -> Token | None:
        """The stored token, if any."""
        return self.token

    async def save(self, token: Token) -> None:
        """Replace the stored token."""
        self.token = token

    async def lease(self, owner: str, now: float, until: float) -> str | None:
        """Take the lease if no one holds it."""
        if self.holder and self.holder[1] >= now:
            return self.holder[2]
        self.holder = (owner, until, "")
        return None

    async def release(self, owner: str, refusal: str = "") -> None:
        """Give the lease up, or note the refusal in it."""
        if self.holder and self.holder[0] == owner:
            self.holder = (owner, self.holder[1], refusal) if refusal else None

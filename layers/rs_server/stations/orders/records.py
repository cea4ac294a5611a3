"""What we ordered: so that a product is ordered once however often it is asked for, and only its orderer cancels.

Records of the archive in the `stations` table: `order#{product id}` (the order that is under way or done),
`placed#{order id}` (what it is for), `ordering#{product id}` (a short lease while an order is being placed).
"""

from __future__ import annotations

from collections.abc import Callable

from rs_server.stations.odata.state import DAY, StationState, number
from rs_server.stations.orders.model import Ordered

KEPT_DAYS = 30
PLACING_SECONDS = 30.0


class OrderRecords:
    """The orders that we placed at the archives."""

    def __init__(self, state_of: Callable[[str], StationState]) -> None:
        self.state_of = state_of

    async def order_of(self, station: str, product: str) -> str | None:
        """The id of our last order of a product there."""
        record = await self.state_of(station).get(f"order#{product}")
        return str(record["order"]["S"]) if record else None

    async def placed(self, station: str, order: str) -> Ordered | None:
        """What an order of ours is for."""
        record = await self.state_of(station).get(f"placed#{order}")
        if record is None:
            return None
        return Ordered(**{name: record[name]["S"] for name in ("collection", "item", "product", "login")})

    async def begin(self, station: str, product: str, owner: str, now: float) -> bool:
        """Take the turn to order a product; whether it is ours."""
        taken = await self.state_of(station).take(f"ordering#{product}", owner, now, now + PLACING_SECONDS)
        return taken is None

    async def end(self, station: str, product: str, owner: str) -> None:
        """Give the turn back."""
        await self.state_of(station).leave(f"ordering#{product}", owner)

    async def keep(self, station: str, order: str, ordered: Ordered, now: float) -> None:
        """Remember an order."""
        state, ttl = self.state_of(station), {"ttl": number(int(now) + KEPT_DAYS * DAY)}
        await state.put(
            f"placed#{order}",
            {
                "collection": {"S": ordered.collection},
                "item": {"S": ordered.item},
                "product": {"S": ordered.product},
                "login": {"S": ordered.login},
            }
            | ttl,
        )
        await state.put(f"order#{ordered.product}", {"order": {"S": order}} | ttl)

"""What to search for, in words of this package; pystac-client is loaded once something is searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from rs_client.errors import InvalidCriteria

if TYPE_CHECKING:
    from pystac_client.item_search import ItemSearch

Service = Literal["catalog", "cadip", "auxip", "prip", "lta"]
PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What to search for; everything left out matches all."""

    collections: Sequence[str] = ()
    ids: Sequence[str] = ()
    datetime: str = ""
    """A time or an interval, such as `2024-11-14` (that day) or `2024-11-14T12:00:00Z/..` (from then on)."""
    filter: str = ""
    """CQL2 text, such as `platform = 'sentinel-1a'`."""
    bbox: Sequence[float] = ()
    """West, south, east, north, in degrees."""
    sortby: str = ""
    """Properties to sort by, such as `-datetime,id`; `-` puts the largest first."""

    def on(self, url: str, limit: int | None = None, **connection: Any) -> ItemSearch:
        """The search of pystac-client at `url`; `connection` is its `client` and `stac_io`.

        CQL2 text goes out as it is, so that the server explains what is wrong with it.
        """
        from pystac_client.item_search import ItemSearch

        try:
            return ItemSearch(
                url,
                method="GET" if self.filter else "POST",
                max_items=limit,
                limit=min(limit or PAGE, PAGE),
                collections=list(self.collections) or None,
                ids=list(self.ids) or None,
                datetime=self.datetime or None,
                bbox=list(self.bbox) or None,
                sortby=self.sortby or None,
                filter=self.filter or None,
                filter_lang="cql2-text" if self.filter else None,
                **connection,
            )
        except Exception as error:  # pystac-client raises bare exceptions for criteria it cannot read
            raise InvalidCriteria(
                f"The search cannot be sent: {error}.", "Write a time as 2024-11-14, 2024-11-14T12:00:00Z or FROM/TO."
            ) from error

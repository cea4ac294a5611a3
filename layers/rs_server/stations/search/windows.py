"""Windows of publication, for stations that refuse a query which finds too much in all (429), however small its page.

The search goes through time window by window. Where nothing is found the next window is twice as long, so that a long
time without products costs few requests.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from rs_server.stations.filters import odata
from rs_server.stations.profiles.model import Station
from rs_server.stations.search.order import KeySet

MARGIN = timedelta(hours=1)
"""How far a station's clock may be ahead of ours."""


class Windows:
    """The windows of one stream, from where it begins to where its collections begin, or the other way round."""

    def __init__(self, order: KeySet, begin: datetime, now: datetime, span: timedelta) -> None:
        self.order = order
        self.begin = begin
        self.end = now + MARGIN
        self.span = self.shortest = span
        self.edge = self.end if order.descending else begin
        """Where the window begins that is being asked for: its later edge where the search goes back in time."""

    def start_at(self, key: datetime) -> None:
        """Go on at a sort key that was taken."""
        self.edge = key + timedelta(milliseconds=1) if self.order.descending else key

    def condition(self, station: Station) -> str:
        """The condition for what was published in this window."""
        earlier, later = sorted((self.edge, self._far_edge()))
        column = self.order.column
        bounds = [odata.comparison(station, column, ">=", earlier), odata.comparison(station, column, "<", later)]
        return odata.all_of(bounds).text or ""

    def advance(self, *, found: bool) -> bool:
        """Go to the next window; whether there is one."""
        self.edge = self._far_edge()
        self.span = self.shortest if found else self.span * 2
        return self.edge > self.begin if self.order.descending else self.edge < self.end

    @property
    def long(self) -> bool:
        """Whether the window may be more than the station likes to search."""
        return self.span > self.shortest

    def shorten(self) -> None:
        """Make a long window shorter, since the station refused it."""
        self.span = max(self.shortest, self.span / 4)

    def _far_edge(self) -> datetime:
        if self.order.descending:
            return max(self.edge - self.span, self.begin)
        return min(self.edge + self.span, self.end)

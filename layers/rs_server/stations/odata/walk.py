"""All rows of a query, page after page along a date: constant cost a page, equal dates and new rows handled."""

from __future__ import annotations

from collections.abc import AsyncIterator

from rs_server.errors import BackendFailed
from rs_server.stations.odata.client import ODataClient, Row
from rs_server.stations.odata.http import Deadline
from rs_server.stations.odata.query import ODataQuery


async def walk(
    client: ODataClient, entity_set: str, query: ODataQuery, path: str, deadline: Deadline
) -> AsyncIterator[Row]:
    """Rows of `query` in ascending order of the date `path`, each once.

    A page begins at the last date seen, and leaves out the rows of that date that came already. Where one date fills a
    whole page, `$skip` goes on within it.
    """
    top = client.station.limits.max_top
    last, seen, skip = "", set[str](), 0
    while True:
        bound = f"{path} ge {last}" if last else ""
        condition = " and ".join(filter(None, (query.filter, bound)))
        page = await client.get_page(
            entity_set, query._replace(filter=condition, orderby=f"{path} asc", top=top, skip=skip), deadline
        )
        before = last
        for row in page.rows:
            date, key = str(row.get(path) or ""), str(row.get("Id"))
            if not date:
                raise BackendFailed(f"Station {client.station.id} has an entity without {path}.")
            if key in seen:
                continue
            if date != last:
                last, seen = date, set()
            seen.add(key)
            yield row
        if len(page.rows) < top and not page.next_link:
            return
        skip = skip + len(page.rows) if last == before else 0

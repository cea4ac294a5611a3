"""Pages of many documents: read in steps, and no further than an answer can hold."""

from __future__ import annotations

from typing import Any

import pytest

from rs_server.catalog.engine.client import Engine
from rs_server.catalog.orders import newest_first
from rs_server.catalog.searches import ENOUGH_BYTES, FIRST_STEP, NEXT_STEP, find_page


class Numbers(Engine):
    """An engine that holds documents of one size, numbered from nought, and notes how many it was asked for."""

    def __init__(self, count: int, size: int) -> None:
        self.count = count
        self.text = "x" * size
        self.asked: list[int] = []

    async def search(self, index: str, body: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(body["size"])
        start = body["search_after"][0] + 1 if "search_after" in body else 0
        numbers = range(start, min(self.count, start + body["size"]))
        hits = [{"_source": {"n": number, "text": self.text}, "sort": [number, "i", "c"]} for number in numbers]
        return {"hits": {"hits": hits, "total": {"value": self.count, "relation": "eq"}}}


@pytest.mark.parametrize("limit", [1, FIRST_STEP, FIRST_STEP + 1, FIRST_STEP + NEXT_STEP, 1000])
@pytest.mark.parametrize("count", [0, 1, FIRST_STEP, FIRST_STEP + 1, FIRST_STEP + NEXT_STEP + 2, 1000, 1001])
async def test_a_page_has_all_that_it_should(count: int, limit: int) -> None:
    page = await find_page(Numbers(count, 10), "items", {}, newest_first(), limit, None)
    assert [source["n"] for source in page.sources] == list(range(min(count, limit)))
    assert (page.more, page.matched) == (count > limit, count)


async def test_no_more_than_an_answer_holds_is_read_and_the_next_page_goes_on_there() -> None:
    engine = Numbers(1000, ENOUGH_BYTES // 50)
    first = await find_page(engine, "items", {}, newest_first(), 1000, None)
    assert engine.asked == [FIRST_STEP + 1]
    assert first.more
    second = await find_page(engine, "items", {}, newest_first(), 1000, first.cursors[-1])
    assert second.sources[0]["n"] == len(first.sources) == FIRST_STEP

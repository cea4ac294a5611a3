"""What the benchmarks of stations measure: the whole page, with the station's answers from memory."""

from __future__ import annotations

import json

import pytest

from bench.results import NotMeasured
from bench.station_search import Page, _depth
from bench.station_service import StationService


async def test_a_page_is_asked_for_once_and_then_given_from_memory():
    service = StationService("auxip", "adgs", 30)
    first = await service.get("/search?limit=20")
    asked = list(service.answers.asked)
    handled = service.simulator.stats.answers_by_status.total()
    assert json.loads(first)["numberReturned"] == 20
    assert await service.get("/search?limit=20") == first
    assert service.answers.asked[len(asked) :] == [address for address in asked if "Products" in address]
    assert service.simulator.stats.answers_by_status.total() == handled
    service.close()


async def test_a_failure_is_not_taken_for_a_quick_answer():
    service = StationService("auxip", "adgs", 5)
    with pytest.raises(ValueError, match="gave 400"):
        await service.get("/search?limit=x")
    service.close()


async def test_a_walk_that_is_too_short_is_not_measured():
    with pytest.raises(NotMeasured, match="only 2 pages"):
        await _depth(Page("auxip", "adgs", 20, 40), 1, lambda line: None)

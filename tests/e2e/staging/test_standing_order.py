"""A standing order on a session that is being delivered: it is staged once, when it is whole, and byte for byte."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

SESSION = "S1A_20241114143038056552"
BEFORE = "2024-11-14T14:29:00Z"
MEANWHILE = "2024-11-14T14:32:30Z"
"""Its files have been appearing for a minute, and will for another."""
AFTER = "2024-11-14T14:40:00Z"
SECONDS = 240


@pytest.fixture
def station_at(stack) -> Iterator[Callable[[str], None]]:
    """Sets the station's clock, which then stands still; afterwards it is today there again."""
    with httpx.Client(base_url=f"{stack.stations['cadip']['url']}/_sim", timeout=30) as station:
        today = station.get("/clock").raise_for_status().json()
        yield lambda now: station.post("/clock", json={"now": now, "speed": 0}).raise_for_status()
        station.post("/clock", json={"now": today["now"], "speed": today["speed"]}).raise_for_status()


def test_a_session_is_staged_once_when_it_is_whole(stack, aws, api, alice, collection, station_at, station_bytes):
    station_at(MEANWHILE)
    http = api("alice")
    body = {
        "source": {"service": "cadip", "collections": ["s1_mti"], "filter": f"id = '{SESSION}'"},
        "collection": collection,
        "label": f"passes into {collection}",
        "since": BEFORE,
    }
    answer = http.post("/subscriptions", json=body)
    assert answer.status_code == 201, answer.text
    address = f"/subscriptions/{answer.json()['id']}"
    try:
        shown = _poll(stack, aws, http, address, until=lambda shown: shown["items"]["found"])
        assert [item["state"] for item in shown["under_way"]["items"]] == ["waiting"]
        station_at(AFTER)
        shown = _poll(stack, aws, http, address, until=lambda shown: shown["items"]["staged"])
        assert shown["items"] == {"found": 1, "staged": 1, "failed": 0, "dismissed": 0}
    finally:
        http.delete(address).raise_for_status()
    jobs = [job for job in alice.jobs.find(limit=1000) if job.document.get("label") == body["label"]]
    assert [job.status for job in jobs] == ["successful"]
    item = alice.catalog.item(collection, SESSION)
    objects = aws.client("s3").list_objects_v2(Bucket=stack.bucket, Prefix=f"alice/{collection}/")["Contents"]
    assert len(item.assets) == len(objects) > 30
    (published,) = alice.search("cadip", collections=["s1_mti"], ids=[SESSION]).items()
    assert set(item.assets) == set(published.assets)
    name = min(item.assets)
    stored = aws.client("s3").get_object(Bucket=stack.bucket, Key=f"alice/{collection}/{SESSION}/{name}")
    assert stored["Body"].read() == station_bytes(published.assets[name].href)


def _poll(stack, aws, http, address, until: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """Poll as the schedule does, twice each time, until what is shown of the order is as wanted."""
    functions, end = aws.client("lambda"), time.monotonic() + SECONDS
    while True:
        for _ in range(2):
            functions.invoke(FunctionName=stack.outputs["StagingWorkerFunctionName"], Payload=b"{}")
        shown = http.get(address).raise_for_status().json()
        if until(shown):
            return shown
        assert time.monotonic() < end, shown
        time.sleep(1)

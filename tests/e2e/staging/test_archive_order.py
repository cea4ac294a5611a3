"""Archives: what is offline, or goes offline before it is read, is ordered, waited for by nobody, and staged."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from pystac import Item

from local.stack_file import Stack
from rs_client import Client

COLLECTION = "s1_lta"
OLD = "2023-11-01T00:00:00Z/2024-06-01T00:00:00Z"
"""Products that no other test orders: those take new ones."""
ORDERED = re.compile(r"0 of 1 files are there\. 1 item is ordered at lta:acri, expected by \S+Z\.")
SECONDS = 180


@dataclass(frozen=True, slots=True)
class Archive:
    """The simulated archive: its time, and what it has been asked for since the test began."""

    administration: httpx.Client
    read: Callable[[str], Any]
    since: str

    def finish_orders(self) -> None:
        """Let its time go on, so fast that an order is done at once."""
        self.administration.post("/clock", json={"speed": 60}).raise_for_status()

    def evict(self, product: str) -> None:
        """Take a product offline."""
        self.administration.post("/evictions", json={"product": product}).raise_for_status()

    def orders_of(self, product: str) -> list[str]:
        """The status of each order of a product."""
        orders = self.read(f"Orders?$filter=SubmissionDate ge {self.since}")["value"]
        return [order["Status"] for order in orders if self.read(f"Orders({order['Id']})/Product")["Id"] == product]


@pytest.fixture
def archive(stack: Stack, station_bytes: Callable[[str], bytes]) -> Iterator[Archive]:
    """The archive while its time stands still, and with it all orders; afterwards it goes on as before."""
    station = stack.stations["lta"]
    with httpx.Client(base_url=f"{station['url']}/_sim", timeout=30) as administration:
        clock = administration.post("/clock", json={"speed": 0}).raise_for_status().json()
        root = station["service_root"]
        yield Archive(administration, lambda path: json.loads(station_bytes(root + path)), clock["now"])
        administration.post("/clock", json={"speed": 1}).raise_for_status()


@pytest.fixture
def nobody_works(stack: Stack, aws: Any) -> Callable[[], bool]:
    """Whether no message of staging is at a worker, while at least one is still to come."""

    sqs, queue = aws.client("sqs"), stack.outputs["TransferQueueUrl"]

    def look() -> bool:
        counts = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
        at_work, to_come = (int(counts[f"ApproximateNumberOfMessages{which}"]) for which in ("NotVisible", "Delayed"))
        return at_work == 0 and to_come > 0

    return look


@pytest.fixture
def is_as_archived(alice: Client, collection: str, station_bytes, tmp_path) -> Callable[[Item], None]:
    """Checks that an item is published, with the archive's bytes."""

    def check(item: Item) -> None:
        published = alice.catalog.item(collection, item.id)
        assert set(published.assets) == set(item.assets)
        for name, asset in published.assets.items():
            done = alice.downloads.fetch(asset, name, tmp_path)
            assert done.path.read_bytes() == station_bytes(item.assets[name].href)

    return check


def product_that_is(status: str, alice: Client) -> tuple[Item, str]:
    """The item of a product that is `orderable`, or online (`succeeded`), and its Id at the archive."""
    wanted = {"collections": [COLLECTION], "datetime": OLD, "filter": f"\"order:status\" = '{status}'"}
    (item,) = alice.search("lta", limit=1, **wanted).items()
    (asset,) = item.assets.values()
    return item, asset.extra_fields["externalIds"][0]["value"]


def until(fits: Callable[[], Any], told: Callable[[], Any] = lambda: None) -> None:
    """Wait for something that must come soon; `told` is what is known if it does not."""
    end = time.monotonic() + SECONDS
    while not fits():
        assert time.monotonic() < end, told()
        time.sleep(0.2)


def test_what_is_offline_is_ordered_waited_for_without_a_function_and_staged(
    alice, collection, archive, nobody_works, ended, is_as_archived
):
    item, product = product_that_is("orderable", alice)
    job = alice.jobs.stage(collection, [item]).id
    until(lambda: ORDERED.fullmatch(alice.jobs.get(job).message), lambda: alice.jobs.get(job))
    until(nobody_works)
    waiting = alice.jobs.get(job)
    assert ORDERED.fullmatch(waiting.message)
    assert (waiting.status, waiting.bytes_done) == ("running", 0)
    assert archive.orders_of(product) in (["queued"], ["in_progress"])

    archive.finish_orders()
    assert ended(job, SECONDS).status == "successful"
    assert archive.orders_of(product) == ["completed"]
    is_as_archived(item)


def test_what_was_online_and_is_evicted_before_it_is_read_is_ordered_and_staged(
    alice, collection, archive, ended, is_as_archived
):
    item, product = product_that_is("succeeded", alice)
    archive.evict(product)
    job = alice.jobs.stage(collection, [item]).id
    until(lambda: ORDERED.fullmatch(alice.jobs.get(job).message), lambda: alice.jobs.get(job))
    assert archive.orders_of(product) in (["queued"], ["in_progress"])

    archive.finish_orders()
    assert ended(job, SECONDS).status == "successful"
    assert archive.orders_of(product) == ["completed"]
    is_as_archived(item)

"""Standing orders in a staging deployment, and the station search that they poll.

The search answers as the station services do: items by publication date, from a bound on, a page at a time with a
token that says where the next one begins, and one item by its address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from rs_server.access.principals import Principal
from rs_server.stac.ids import parse_collection_id
from rs_server.staging.delivery import Delivery
from rs_server.staging.jobs import Failure, Job, timestamp
from rs_server.staging.leases import Lease
from rs_server.staging.messages import Message
from rs_server.staging.subscriptions.model import Source, Subscription
from rs_server.staging.subscriptions.polling import Poller
from rs_server.staging.subscriptions.store import SubscriptionStore
from tests.unit.staging.cast import ALICE, BASE_URL, COLLECTION, START
from tests.unit.staging.processes import Killed, Process
from tests.unit.staging.services import missing, reply
from tests.unit.staging.world import World

HOUR = 60
DAY = 24 * HOUR
"""In minutes, as rounds and publications are told."""
PUBLISHED = re.compile(r"published >= TIMESTAMP\('([^']+)'\)")
PLATFORM = re.compile(r"platform = '([^']+)'")


class SearchedStation:
    """The cadip service over one station."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.items: list[dict[str, Any]] = []
        self.page_size = 100
        self.refusal: tuple[int, str] | None = None
        """Status and reason with which it refuses everything."""
        self.missing_stations: list[dict[str, str]] = []
        self.forgets_tokens = False
        self.searches: list[dict[str, Any]] = []
        self.asked_as: list[dict[str, Any]] = []
        """The principals of all calls."""

    def publish(self, name: str, minutes: float, *, complete: bool | None = True, **properties: Any) -> None:
        """A session of two files, published so many minutes after the world began."""
        session = self.world.session(name, {f"{name}-1.raw": 10, f"{name}-2.raw": 20})
        session["properties"] |= {"published": timestamp(START + timedelta(minutes=minutes)), **properties}
        if complete is not None:
            session["properties"]["rs:complete"] = complete
        self.items.append(session)

    def complete(self, name: str) -> None:
        """The station has all of it now."""
        next(item for item in self.items if item["id"] == name)["properties"]["rs:complete"] = True

    def answer(self, event: dict[str, Any]) -> dict[str, Any]:
        """What the service answers."""
        self.asked_as.append(event["requestContext"]["authorizer"])
        if self.refusal:
            return reply(self.refusal[0], {"code": "x", "description": self.refusal[1]})
        if event["path"] == "/cadip/search":
            return self._search(event["queryStringParameters"] or {})
        name = event["path"].rpartition("/")[2]
        return next((reply(200, item) for item in self.items if item["id"] == name), missing(event["path"]))

    def _search(self, query: dict[str, str]) -> dict[str, Any]:
        self.searches.append(query)
        token = query.get("token", "")
        if token and self.forgets_tokens:
            return reply(400, {"code": "InvalidRequest", "description": "The page token is not one of ours."})
        if "sortby" not in query:
            unknown = {"rs:unknown_properties": ["platfrom"]} if "platfrom" in query.get("filter", "") else {}
            return reply(200, {"type": "FeatureCollection", "features": [], "links": [], **unknown})  # a trial
        since = PUBLISHED.search(query["filter"])
        platform = PLATFORM.search(query["filter"])
        assert since
        assert query["sortby"] == "published"
        found = sorted(self.items, key=lambda item: (item["properties"]["published"], item["id"]))
        found = [
            item
            for item in found
            if datetime.fromisoformat(item["properties"]["published"]) >= datetime.fromisoformat(since[1])
            and (platform is None or item["properties"].get("platform") == platform[1])
            and f"{item['properties']['published']} {item['id']}" > token
        ]
        page = found[: min(self.page_size, int(query["limit"]))]
        links = []
        if len(found) > len(page):
            last = f"{page[-1]['properties']['published']} {page[-1]['id']}"
            links = [{"rel": "next", "href": f"{BASE_URL}/cadip/search?{urlencode({**query, 'token': last})}"}]
        partial = {"rs:partial": self.missing_stations} if self.missing_stations else {}
        slim = [{**item, "assets": {}} for item in page]
        return reply(200, {"type": "FeatureCollection", "features": slim, "links": links, **partial})


class Orders:
    """Subscriptions, polled in the world's time."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.station = SearchedStation(world)
        world.services.functions["cadip-fn"] = self.station.answer
        self.store = SubscriptionStore(world.stores().jobs.table, world.clock.now)
        self.staged: list[str] = []
        """Items whose jobs were successful, in order."""
        self.outcomes: dict[str, Iterator[Failure | str | None]] = {}
        """How the jobs of an item end, one after the other: failed, "dismissed", or (None) successful."""
        self.killed = 0

    async def subscribe(self, principal: Principal = ALICE, **members: Any) -> str:
        """A subscription to what is published from now on; its id."""
        now = timestamp(self.world.clock.now())
        given: dict[str, Any] = {
            "id": "order-1",
            "principal": principal,
            "source": Source("cadip", ("s1_mti",)),
            "collection": parse_collection_id(COLLECTION),
            "created": now,
            "updated": now,
            "since": now,
        }
        subscription = Subscription(**given | members)
        await self.store.create(subscription)
        return subscription.id

    async def get(self, subscription_id: str = "order-1") -> Subscription:
        found = await self.store.get(subscription_id)
        assert found is not None
        return found

    def poller(self, process: Process | None = None) -> Poller:
        return self.world.poller(process or Process())

    async def round(self, minutes: float = 5, process: Process | None = None) -> None:
        """So many minutes later every subscription is polled, and the jobs that come of it end as `outcomes` say.

        A `process` makes all polls of the round, and may die.
        """
        self.world.clock.seconds += minutes * 60
        await self.poller().call_all()
        await self.work(process)

    async def work(self, process: Process | None = None) -> None:
        """Do what is in the queue, at this moment of the world."""
        while (queued := self.world.queue.receive(visibility=90, most=6)) and not (process and process.dead):
            message = Message.from_body(queued.body)
            if message.kind == "poll":
                await self.poll(message, process)
            else:
                await self._end(message.job)
            self.world.queue.delete(queued)

    async def poll(self, message: Message, process: Process | None = None) -> None:
        """Poll a subscription."""
        monotonic = self.world.clock.monotonic
        delivery = Delivery(self.world.stores().queue, "receipt", 1, monotonic() + 60, monotonic)
        try:
            await self.poller(process).handle(message, delivery)
        except Killed:
            self.killed += 1

    async def _end(self, job_id: str) -> None:
        """End a job that waits to be planned."""
        jobs, lease = self.world.stores().jobs, Lease(job_id)
        await self.world.stores().leases.take(lease)
        job = await jobs.get(job_id)
        if job is None or job.stage != "planning":
            return
        request = await self.world.documents().read_request(job_id)
        assert request.address
        item = request.address.path.rpartition("/")[2]
        outcome = next(self.outcomes.get(item, iter(())), None)
        if isinstance(outcome, Failure):
            await jobs.fail(job_id, outcome)
        elif outcome == "dismissed":
            await jobs.dismiss(job_id)
        else:
            self.staged.append(item)
        await jobs.close(
            lease,
            "planning" if outcome is None else "closing",
            "failed" if isinstance(outcome, Failure) else "successful" if outcome is None else "dismissed",
        )

    async def jobs(self) -> list[Job]:
        """All jobs, the oldest first."""
        jobs, _ = await self.world.stores().jobs.page("alice")
        return sorted(jobs, key=lambda job: (job.created, job.id))

    async def make_paused(self, subscription_id: str = "order-1") -> None:
        await self.store.amend(subscription_id, status="paused")

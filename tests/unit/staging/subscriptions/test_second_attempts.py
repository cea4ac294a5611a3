"""Jobs of subscriptions that fail: tried again where that may help, and not for ever."""

from __future__ import annotations

import itertools

from rs_server.staging.jobs import Failure
from tests.unit.staging.subscriptions.orders import DAY, HOUR, Orders

BUSY = Failure(503, "Station cadip:mti does not answer.")
GONE = Failure(404, "Station cadip:mti does not have it (any more).")


async def test_a_job_that_failed_for_what_may_pass_is_tried_again(orders: Orders) -> None:
    await orders.subscribe()
    orders.station.publish("S1", 1)
    orders.outcomes["S1"] = iter([BUSY])
    await orders.round()
    await orders.round()
    assert [job.status for job in await orders.jobs()] == ["failed"], "not at once"
    await orders.round(11)
    await orders.round()
    assert [job.status for job in await orders.jobs()] == ["failed", "successful"]
    current = await orders.get()
    assert (current.staged, current.failed, current.found) == (1, 0, 1)


async def test_a_job_that_cannot_succeed_is_not_tried_again(orders: Orders) -> None:
    await orders.subscribe()
    orders.station.publish("S1", 1)
    orders.outcomes["S1"] = iter([GONE])
    for _ in range(3):
        await orders.round(DAY)
    [job] = await orders.jobs()
    [failure] = await orders.store.failures("order-1")
    assert (failure["job"], failure["reason"]) == (job.id, GONE.reason)


async def test_a_job_that_its_owner_dismissed_is_not_tried_again(orders: Orders) -> None:
    await orders.subscribe()
    orders.station.publish("S1", 1)
    orders.outcomes["S1"] = iter(["dismissed"])
    for _ in range(3):
        await orders.round(DAY)
    assert len(await orders.jobs()) == 1
    assert (await orders.get()).dismissed == 1


async def test_attempts_come_to_an_end(orders: Orders) -> None:
    await orders.subscribe()
    orders.station.publish("S1", 1)
    orders.outcomes["S1"] = itertools.repeat(BUSY)
    for _ in range(14):
        await orders.round(8 * HOUR)
    assert [job.status for job in await orders.jobs()] == ["failed"] * 5
    assert (await orders.get()).failed == 1

"""Archives whose copies of a product differ: each is measured by its own word, and their bytes never meet."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import httpx
import pytest

from rs_server.staging.awaited import AwaitedItem
from rs_server.staging.leases import Lease
from tests.unit.staging.archives import Archives, collection
from tests.unit.staging.checks import check_idle, check_nothing_left, reason_of
from tests.unit.staging.station import streamed
from tests.unit.staging.world import World


def packed(world: World, product: dict[str, Any], **bodies: bytes) -> dict[str, Any]:
    """The product, of which each archive has other bytes, and says so."""
    (name, asset), *_ = product["assets"].items()
    for archive, body in bodies.items():
        world.stations[f"lta:{archive}"].files[name] = body
        copy = asset["alternate"].get(f"lta:{archive}", asset)
        copy |= {"file:size": len(body), "file:checksum": f"d50110{hashlib.md5(body).hexdigest()}"}
    return product


@pytest.mark.parametrize("read", [0, 9_000_000])
async def test_an_archive_that_packs_a_product_differently(world: World, archives: Archives, read: int) -> None:
    """The first one breaks off, before or behind the first part, and then has it no more."""
    acri, second, served = world.stations["lta:acri"], b"c" * 10_000_000, [0]

    def breaks_and_is_gone(request: httpx.Request) -> httpx.Response:
        served[0] += 1
        right = acri.serve(request)
        if served[0] > 1 or not read:
            return httpx.Response(404)
        return streamed(right.status_code, acri.files["P1.zip"], right.headers, breaks_after=read)

    acri.fault = breaks_and_is_gone
    product = archives.product("P1", **{"order:status": "succeeded"})
    await world.submit(collection(packed(world, product, acri=b"a" * 12_000_000, cloudferro=second)))
    await world.run()
    assert world.objects() == {"alice/s1-l0/P1/P1.zip": second}
    asset = world.items["P1"]["assets"]["P1.zip"]
    assert asset["file:size"] == len(second)
    assert asset["file:checksum"] == f"d50110{hashlib.md5(second).hexdigest()}"
    check_idle(world)


async def test_an_archive_whose_copy_is_not_what_it_says(world: World, archives: Archives) -> None:
    """Its bytes are those of another archive's copy: they are refused, as any others with a wrong checksum are."""
    product = packed(world, archives.product("P1"), acri=b"a" * 1000, cloudferro=b"c" * 1000)
    archives.failing.add("acri")
    world.stations["lta:cloudferro"].files["P1.zip"] = b"a" * 1000
    job_id = await world.submit(collection(product))
    await world.run()
    assert "another checksum" in reason_of(await world.job(job_id))[1]
    check_nothing_left(world)


async def test_an_item_that_is_missed_while_it_is_released_stays_awaited(world: World, archives: Archives) -> None:
    """The look that brought it online forgets it only as it knew it, and while its job is not another's."""
    stores = world.stores()
    awaited, lease = stores.awaited, Lease(await world.submit(collection(archives.product("P1"))))
    assert await stores.leases.take(lease)
    before = AwaitedItem(job=lease.job, item="P1", collection="s1_lta", first=0, last=0)
    again = replace(before, missed=("lta:acri",))
    assert [await awaited.add(one) for one in (before, before, again, again)] == [True, False, True, False]
    for late in ((lease, before), (Lease(lease.job), again)):
        await awaited.delete(*late)
        assert await awaited.of_job(lease.job) == [again]
    await awaited.delete(lease, again)
    assert await awaited.of_job(lease.job) == []

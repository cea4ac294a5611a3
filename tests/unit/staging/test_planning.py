"""Planning: which items and assets a job brings, and what stands against it before a byte is transferred."""

from __future__ import annotations

import time
from typing import Any

import pytest

from rs_server.access.principals import Principal, Scope
from rs_server.access.resources import ResourcePattern
from rs_server.access.rights import Grant, Rights
from rs_server.errors import BackendUnavailable, Forbidden
from tests.unit.staging.cast import ALICE, BASE_URL, ROOT, item
from tests.unit.staging.checks import check_idle, check_nothing_left, reason_of
from tests.unit.staging.world import World

HREF = f"{BASE_URL}/cadip/search?ids=S1,S2&limit=1"


def page(*items: dict[str, Any], following: str = "") -> dict[str, Any]:
    """A page of a search."""
    links = [{"rel": "next", "href": following, "method": "GET"}] if following else []
    return {"type": "FeatureCollection", "features": list(items), "links": links}


async def test_every_page_of_a_search_is_followed(world: World) -> None:
    one, two = world.session("S1", {"a.raw": 10}), world.session("S2", {"b.raw": 20})
    world.pages = {"": page(one, following=f"{BASE_URL}/cadip/search?token=t2"), "t2": page(two)}
    job_id = await world.submit({"href": HREF})
    await world.run()
    assert (await world.job(job_id)).status == "successful"
    assert set(world.items) == {"S1", "S2"}
    check_idle(world)


async def test_a_service_is_called_with_the_owners_principal_and_no_host(world: World) -> None:
    world.pages = {"": page(world.session("S1", {"a.raw": 10}))}
    await world.submit({"href": HREF})
    await world.run()
    event = next(event for function, event in world.services.calls if function == "cadip-fn")
    assert event["requestContext"]["authorizer"] == ALICE.to_context()
    assert event["path"] == "/cadip/search"
    assert event["multiValueQueryStringParameters"] == {"ids": ["S1,S2"], "limit": ["1"]}
    assert "host" not in {name.lower() for name in event["headers"]}


@pytest.mark.parametrize("following", ["https://evil.test/v1/cadip/search?token=x", f"{BASE_URL}/access/keys"])
async def test_a_next_page_elsewhere_is_not_followed(world: World, following: str) -> None:
    world.pages = {"": page(world.session("S1", {"a.raw": 10}), following=following)}
    job_id = await world.submit({"href": HREF})
    await world.run()
    assert reason_of(await world.job(job_id))[0] == 400
    check_nothing_left(world)


async def test_pages_in_a_circle_end(world: World) -> None:
    again = f"{BASE_URL}/cadip/search?token=t2"
    world.pages = {"": page(following=again), "t2": page(following=again)}
    job_id = await world.submit({"href": HREF})
    await world.run()
    assert "circles" in reason_of(await world.job(job_id))[1]


async def test_more_pages_than_a_function_has_time_for(world: World) -> None:
    """Each worker comes two pages further; what was read is read from the bucket, and none of these attempts counts."""
    world.lease_beat_seconds = 0.01
    asked: list[str] = []
    cadip = world.services.functions["cadip-fn"]

    def slow(event: dict[str, Any]) -> dict[str, Any]:
        asked.append((event["queryStringParameters"] or {}).get("token", ""))
        world.clock.seconds += 25
        time.sleep(0.05 if len(asked) % 3 == 0 else 0)
        return cadip(event)

    world.services.functions["cadip-fn"] = slow
    tokens = ["", *(f"t{number}" for number in range(1, 20))]
    for number, token in enumerate(tokens):
        following = f"{BASE_URL}/cadip/search?token=t{number + 1}" if number < 19 else ""
        world.pages[token] = page(world.session(f"S{number}", {f"{number}.raw": 1}), following=following)
    job_id = await world.submit({"href": HREF})
    await world.run()
    job = await world.job(job_id)
    assert (job.status, job.files) == ("successful", 20), job.message
    assert list(dict.fromkeys(asked)) == tokens
    assert len(asked) < 2 * len(tokens)
    kept = world.s3.list_objects_v2(Bucket=world.bucket, Prefix=f"jobs/{job_id}/pages/")
    assert kept["KeyCount"] <= 1  # a write that ran on when its worker was out of time may come after the others went
    check_idle(world)


async def test_an_item_on_two_pages_is_brought_once(world: World) -> None:
    session = world.session("S1", {"a.raw": 10})
    world.pages = {"": page(session, following=f"{BASE_URL}/cadip/search?token=t2"), "t2": page(session)}
    job_id = await world.submit({"href": HREF})
    await world.run()
    assert (await world.job(job_id)).files == 1


async def test_a_search_without_items_is_no_failure(world: World) -> None:
    world.pages = {"": page()}
    job_id = await world.submit({"href": HREF})
    await world.run()
    job = await world.job(job_id)
    assert (job.status, job.files, job.progress) == ("successful", 0, 100)
    check_nothing_left(world)


async def test_an_item_at_its_own_address(world: World) -> None:
    world.pages = {"": world.session("S1", {"a.raw": 10})}
    await world.submit({"href": f"{BASE_URL}/cadip/collections/s1_mti/items/S1"})
    await world.run()
    assert set(world.items) == {"S1"}


@pytest.mark.parametrize(
    ("names", "patterns", "expected"),
    [
        ([], [], {"ch1_1.raw", "ch1_2.raw", "ch2_1.raw"}),
        (["ch1_2.raw"], [], {"ch1_2.raw"}),
        ([], ["ch1_*"], {"ch1_1.raw", "ch1_2.raw"}),
        (["ch2_1.raw"], ["*_2.raw"], {"ch1_2.raw", "ch2_1.raw"}),
        ([], ["CH1_*"], set()),
        ([], ["ch[12]_1.ra?"], {"ch1_1.raw", "ch2_1.raw"}),
    ],
)
async def test_which_assets_are_brought(
    world: World, names: list[str], patterns: list[str], expected: set[str]
) -> None:
    session = world.session("S1", {"ch1_1.raw": 1, "ch1_2.raw": 2, "ch2_1.raw": 3})
    await world.submit({"value": session}, asset_names=names, asset_patterns=patterns)
    await world.run()
    assert set(world.items.get("S1", {"assets": {}})["assets"]) == expected
    assert len(world.objects()) == len(expected)
    check_idle(world)


async def test_names_that_no_item_has(world: World) -> None:
    world.pages = {"": page(world.session("S1", {"a.raw": 10}))}
    job_id = await world.submit({"href": HREF}, asset_names=["a.raw", "typo.raw"])
    await world.run()
    status, reason = reason_of(await world.job(job_id))
    assert status == 400
    assert "typo.raw" in reason
    check_nothing_left(world)


FOREIGN = [
    "https://evil.test/cadip/odata/v1/Files(x)/$value",
    "https://mti.test.evil.test/cadip/odata/v1/Files(x)/$value",
    "https://169.254.169.254/latest/meta-data",
    "http://127.0.0.1/x",
    "https://mti.test/elsewhere",
    f"{ROOT}../../secret",
]


@pytest.mark.parametrize("href", FOREIGN)
async def test_assets_that_are_not_at_their_station(world: World, href: str) -> None:
    session = world.session("S1", {"a.raw": 10})
    session["assets"]["b.raw"] = {"href": href}
    job_id = await world.submit({"value": session})
    await world.run()
    status, reason = reason_of(await world.job(job_id))
    assert status == 400
    assert "b.raw" in reason
    assert world.station.requests == []
    check_nothing_left(world)


async def test_a_station_that_is_not_known(world: World) -> None:
    world.people.grants.append(Grant("user:alice", ResourcePattern.parse("cadip:*"), frozenset({"download"})))
    session = item("S1", {"a.raw": {"href": f"{ROOT}Files(a.raw)/$value"}}, **{"rs:station": "cadip:sgs"})
    job_id = await world.submit({"value": session})
    await world.run()
    assert reason_of(await world.job(job_id)) == (400, "Station 'cadip:sgs' is not known here.")


async def test_a_station_without_the_right_to_download(world: World) -> None:
    station = ResourcePattern.parse("cadip:mti")
    world.people.grants = [grant for grant in world.people.grants if grant.resource != station]
    world.people.grants.append(Grant("user:alice", station, frozenset({"read"})))
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 10})})
    await world.run()
    status, reason = reason_of(await world.job(job_id))
    assert status == 403
    assert "cadip:mti" in reason
    assert world.station.requests == []
    check_nothing_left(world)


async def test_a_right_withdrawn_before_planning(world: World) -> None:
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 10})})
    world.people.grants = []
    await world.run()
    assert reason_of(await world.job(job_id))[0] == 404
    assert world.station.requests == []
    check_nothing_left(world)


async def test_a_right_withdrawn_before_publication(world: World) -> None:
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 10})})
    await world.step()
    await world.step()
    world.people.grants = []
    await world.run()
    assert (await world.job(job_id)).status == "failed"
    check_nothing_left(world)


async def test_a_user_who_was_disabled(world: World) -> None:
    async def disabled(principal: Principal) -> Principal:
        raise Forbidden(f"The user {principal.login!r} is disabled or gone.")

    job_id = await world.submit({"value": world.session("S1", {"a.raw": 10})})
    world.people.current = disabled  # type: ignore[method-assign]
    await world.run()
    assert reason_of(await world.job(job_id)) == (403, "The user 'alice' is disabled or gone.")


async def test_a_collection_deleted_meanwhile(world: World) -> None:
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 10})})
    world.collections.clear()
    await world.run()
    assert reason_of(await world.job(job_id))[0] == 404
    check_nothing_left(world)


async def test_a_narrowed_key_limits_its_job(world: World) -> None:
    """The scope of the key that submitted stays with the job: this one may not download."""
    resources = tuple(map(ResourcePattern.parse, ("process:staging", "catalog:alice:*", "cadip:mti")))
    narrowed = ALICE._replace(scope=Scope(frozenset({"read", "write"}), resources))
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 10})}, narrowed)
    await world.run()
    assert reason_of(await world.job(job_id))[0] == 403
    assert world.station.requests == []


async def test_the_table_of_rights_out_of_reach(world: World) -> None:
    """Never an open door: the job waits, and fails if it stays so."""
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 10})})

    async def away(principal: Principal) -> Rights:
        raise BackendUnavailable("The table of rights is out of reach.")

    world.people.rights_of = away  # type: ignore[method-assign]
    await world.run()
    assert reason_of(await world.job(job_id)) == (503, "The table of rights is out of reach.")
    assert world.station.requests == []
    check_nothing_left(world)


@pytest.mark.parametrize(
    ("asked", "limit"),
    [("/cadip/search", "100"), ("/cadip/search?limit=7", "7"), ("/cadip/collections/s1_mti/items/S1", None)],
)
async def test_lists_are_read_in_large_pages_unless_their_address_says_otherwise(
    world: World, asked: str, limit: str | None
) -> None:
    world.pages[""] = world.session("S1", {"a.raw": 10})
    await world.submit({"href": f"{BASE_URL}{asked}"})
    await world.step()
    (event,) = [event for name, event in world.services.calls if name == "cadip-fn"]
    assert (event["queryStringParameters"] or {}).get("limit") == limit

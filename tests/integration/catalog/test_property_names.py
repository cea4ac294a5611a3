"""The mapping that all owners share: nobody uses up its fields, and who may bring in no more is told so."""

from __future__ import annotations

import asyncio
from typing import Any

from rs_server.catalog.property_names import MAX_NAMES, PropertyNames

from .conftest import World, item, make


def new(names: range) -> dict[str, Any]:
    return {f"own:{number}": number for number in names}


async def test_one_owner_cannot_use_up_the_fields_of_all(world: World) -> None:
    alice, bob = world.as_user("alice"), world.as_user("bob")
    await make(alice, "s1", [item("first", **new(range(MAX_NAMES - 5)))])
    await make(alice, "s2")
    sent = {"fits": item("fits", **new(range(MAX_NAMES))), "too-many": item("too-many", **new(range(MAX_NAMES + 1)))}
    answer = (await alice.post("/collections/s2/bulk_items", json={"items": sent})).json()
    assert (answer["success"], [error["id"] for error in answer["errors"]]) == (1, ["too-many"])
    assert f"'own:{MAX_NAMES}'" in answer["errors"][0]["msg"]
    assert "Use names that other items have" in answer["errors"][0]["msg"]
    assert (await alice.delete("/collections/s1")).status_code == 204
    again = await alice.post("/collections/s2/items", json=item("again", other=1))
    assert again.status_code == 400, "what a deleted collection brought in stays in the mapping"
    await make(bob, "s1", [item("bobs", **new(range(MAX_NAMES)), another=1)])


async def test_owners_who_write_at_the_same_moment_get_no_more(world: World) -> None:
    names = PropertyNames(world.catalog.engine, world.catalog.indices)
    batches = [[f"at-once-{writer}-{number}" for number in range(90)] for writer in range(4)]
    homeless = await asyncio.gather(*(names.without_room("alice", batch) for batch in batches))
    body = {"query": {"term": {"owner": "alice"}}, "track_total_hits": True}
    count = (await world.catalog.engine.search(world.catalog.indices.names, body))["hits"]["total"]["value"]
    assert count <= MAX_NAMES
    assert count == sum(len(set(batch) - refused) for batch, refused in zip(batches, homeless, strict=True))

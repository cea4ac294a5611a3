"""Turns at a station: never more messages out than places, users by turns, urgent jobs first, nothing lost."""

from __future__ import annotations

import asyncio

import pytest

from rs_server.access.resources import ResourcePattern
from rs_server.access.rights import Grant
from rs_server.staging.dispatcher import Dispatcher
from rs_server.staging.messages import Message
from rs_server.staging.turns import Piece, Place, Waiting, next_in_turn
from tests.unit.staging.cast import ALICE, BOB
from tests.unit.staging.checks import check_idle, check_published
from tests.unit.staging.station import name_in
from tests.unit.staging.world import World

STATION = "cadip:mti"


def waiting(login: str, job: str, *, priority: int = 0, since: str = "1", served: str = "") -> Waiting:
    return Waiting(station=STATION, job=job, login=login, priority=priority, since=since, served=served)


def place(login: str, number: int) -> Place:
    return Place(station=STATION, number=number, piece=Piece("j", number, 0), login=login, until="~")


@pytest.mark.parametrize(
    ("rivals", "held", "expected"),
    [
        ([waiting("alice", "a")], [], "a"),
        ([waiting("alice", "a", since="1"), waiting("bob", "b", since="2")], ["alice"], "b"),
        ([waiting("alice", "a"), waiting("bob", "b")], ["alice", "bob", "bob"], "a"),
        ([waiting("alice", "a", served="2"), waiting("bob", "b", served="1")], [], "b"),
        ([waiting("alice", "a", served="2"), waiting("bob", "b")], ["alice", "bob"], "b"),
        ([waiting("alice", "old", since="1"), waiting("alice", "new", since="2")], [], "old"),
        ([waiting("alice", "old", since="1"), waiting("alice", "new", since="2", priority=1)], [], "new"),
        ([waiting("alice", "low", priority=-1), waiting("alice", "new", since="2")], [], "new"),
        ([waiting("alice", "a", priority=1), waiting("bob", "b", priority=-1)], ["alice"], "b"),
    ],
)
def test_whose_turn_it_is(rivals: list[Waiting], held: list[str], expected: str) -> None:
    places = [place(login, number) for number, login in enumerate(held)]
    assert next_in_turn(rivals, places).job == expected


def out(world: World) -> int:
    """Transfers whose message is in the queue, or being worked on."""
    return sum(Message.from_body(queued.body).kind == "transfer" for queued in world.queue.messages)


def places_held(world: World) -> int:
    records = world.dynamodb.scan(TableName=world.table)["Items"]
    return sum(record["sk"]["S"].startswith("place#") for record in records)


async def test_no_more_messages_are_out_than_there_are_places(world: World) -> None:
    world.connections = 2
    job_id = await world.submit({"value": world.session("S1", {f"{n}.raw": 10 for n in range(9)})})
    most = 0
    while await world.step():
        most = max(most, out(world))
    assert most == 2
    assert places_held(world) == 0
    assert (await world.job(job_id)).status == "successful"
    check_published(world)


async def test_many_files_of_one_user_do_not_delay_few_of_another(world: World) -> None:
    world.connections = 2
    world.people.grants += [
        Grant("user:bob", ResourcePattern.parse("catalog:alice:s1-l0"), frozenset({"read", "write"})),
        Grant("user:bob", ResourcePattern.parse(STATION), frozenset({"download"})),
    ]
    await world.submit({"value": world.session("S1", {f"alice{n:02}": 10 for n in range(30)})}, ALICE)
    await world.step()
    await world.step()
    await world.submit({"value": world.session("S2", {f"bob{n:02}": 10 for n in range(5)})}, BOB)
    await world.run()
    order = [name_in(request) for request in world.station.requests]
    last = max(number for number, name in enumerate(order) if name.startswith("bob"))
    assert last < 16, order
    check_idle(world)


async def test_an_urgent_job_overtakes_its_owners_others(world: World) -> None:
    world.connections = 1
    await world.submit({"value": world.session("S1", {f"low{n}": 10 for n in range(6)})}, priority="low")
    await world.step()
    await world.submit({"value": world.session("S2", {"high": 10})}, priority="high")
    await world.run()
    order = [name_in(request) for request in world.station.requests]
    assert order.index("high") <= 2
    assert len(order) == 7


async def test_a_message_that_is_lost_is_sent_again(world: World) -> None:
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 10, "b.raw": 10})})
    await world.step()
    world.queue.messages.clear()
    world.clock.seconds += 3600
    await Dispatcher(world.stores(), world).dispatch(STATION)
    assert out(world) == 2
    await world.run()
    assert (await world.job(job_id)).status == "successful"
    check_published(world)
    assert places_held(world) == 0


async def test_places_of_jobs_that_ended_come_free(world: World) -> None:
    job_id = await world.submit({"value": world.session("S1", {"a.raw": 10, "b.raw": 10})})
    await world.step()
    world.queue.messages.clear()
    assert await world.stores().jobs.dismiss(job_id)
    world.clock.seconds += 3600
    await Dispatcher(world.stores(), world).dispatch(STATION)
    assert places_held(world) == 0
    assert out(world) == 0


async def test_many_dispatchers_at_once_send_everything_once(world: World) -> None:
    world.connections = 4
    await world.submit({"value": world.session("S1", {f"{n}.raw": 10 for n in range(12)})})
    await world.step()
    before = {queued.body for queued in world.queue.messages}
    assert len(before) == 4
    dispatchers = [Dispatcher(world.stores(), world) for _ in range(5)]
    world.connections = 9
    await asyncio.gather(*(dispatcher.dispatch(STATION) for dispatcher in dispatchers))
    bodies = [queued.body for queued in world.queue.messages]
    assert len(bodies) == len(set(bodies)) == 9
    pieces = {Message.from_body(body).transfer for body in bodies}
    assert len(pieces) == 9
    await world.run()
    check_published(world)

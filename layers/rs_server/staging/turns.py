"""Turns: which piece of work a station gets next, so that one user's thousand files do not delay another's ten.

Work waits in the jobs table, not in the queue. A station has as many places as it gives us connections; a message is
out only for work that has a place. A free place goes to the user who has the fewest, of these to the one who waited
longest, and to that user's most urgent and oldest job.

Records of a station are `station#{station}`/`waiting#{job}`, with a cursor to the job's next piece, and
`station#{station}`/`place#{n}`. A place has an end, which the worker puts off while it lives: a piece whose message was
lost is sent again when its place ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rs_server.staging.jobs import Clock, timestamp, utc_now
from rs_server.staging.leases import Lease
from rs_server.staging.table import Change, Key, Record, Table
from rs_server.staging.transfers import MOST_TRANSFERS


@dataclass(frozen=True, slots=True, order=True)
class Piece:
    """One range of one transfer of a job."""

    job: str
    transfer: int
    range: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A job with work for a station. `transfer` and `range` are where its next piece is looked for."""

    station: str
    job: str
    login: str
    priority: int
    since: str
    transfer: int = 0
    range: int = 0
    last: int = MOST_TRANSFERS
    """The last of its transfers."""
    ordered: bool = False
    """Whether it is for transfers that an archive brought online: each item of a job then waits by itself."""
    served: str = ""
    """When the job last got a place here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place at a station, held for a piece until a moment."""

    station: str
    number: int
    piece: Piece
    login: str
    until: str


def next_in_turn(waiting: Sequence[Waiting], places: Sequence[Place]) -> Waiting:
    """Whose turn it is, of those waiting, while `places` are held."""
    held = Counter(place.login for place in places)
    served = {login: max(one.served for one in waiting if one.login == login) for login in {w.login for w in waiting}}
    login = min(served, key=lambda name: (held[name], served[name], name))
    return min((one for one in waiting if one.login == login), key=lambda one: (-one.priority, one.since, one.job))


class TurnStore:
    """Waiting jobs and places in the jobs table."""

    def __init__(self, table: Table, clock: Clock = utc_now) -> None:
        self.table = table
        self.clock = clock

    async def wait(self, waiting: Waiting, lease: Lease | None = None) -> None:
        """Have a job wait for a station, unless it does already, or another worker has taken the job."""
        record = {
            "job": waiting.job,
            "login": waiting.login,
            "priority": waiting.priority,
            "since": waiting.since,
            "transfer": waiting.transfer,
            "range": waiting.range,
            "last": waiting.last,
            "ordered": waiting.ordered,
            "served": waiting.served,
        }
        new = Change(key=_waiting_key(waiting), put=record, when="attribute_not_exists(#pk)")
        await self.table.change_all(new, *([lease.check] if lease else []))

    async def waiting(self, station: str) -> list[Waiting]:
        """The jobs that wait for a station."""
        records = await self.table.below(_partition(station), "waiting#")
        return [_waiting(station, record) for record in records if "served_all" not in record]

    async def advance(self, waiting: Waiting, piece: Piece) -> bool:
        """Move the cursor behind `piece`; False if another has moved it since `waiting` was read."""
        return await self._at_cursor(
            waiting, {"transfer": piece.transfer, "range": piece.range + 1, "served": timestamp(self.clock())}
        )

    async def leave(self, waiting: Waiting) -> None:
        """Have a job wait no more, if its cursor is still where `waiting` says; so that it cannot begin to again."""
        await self._at_cursor(waiting, {"served_all": True})

    async def forget_item(self, station: str, job_id: str, last: int) -> None:
        """Delete what is kept of an ordered item, the last of whose transfers is `last`; it may wait here again."""
        await self.table.delete(Key(_partition(station), f"waiting#{job_id}#{last:05d}"))

    async def forget(self, station: str, job_id: str) -> None:
        """Delete what is kept of a job that is closed."""
        for record in await self.table.below(_partition(station), f"waiting#{job_id}"):
            await self.table.delete(Key(record["pk"], record["sk"]))

    async def places(self, station: str) -> list[Place]:
        """The places that are held at a station, also those whose end has come."""
        return [_place(station, record) for record in await self.table.below(_partition(station), "place#")]

    async def take(self, place: Place) -> bool:
        """Take a free place; False if another was quicker."""
        key = _place_key(place.station, place.number)
        return await self.table.put({"pk": key.pk, "sk": key.sk} | _record(place), "attribute_not_exists(#pk)")

    async def renew(self, place: Place, seconds: int) -> bool:
        """Hold a place for `seconds` from now; False if it is no longer what `place` says."""
        changed = await self.table.change(
            Change(
                key=_place_key(place.station, place.number),
                put={"until": self.end(seconds)},
                when="#job = :job AND #transfer = :transfer AND #range = :range AND #until = :until",
                values=_of_piece(place.piece) | {"until": place.until},
            )
        )
        return changed is not None

    async def keep(self, station: str, number: int, piece: Piece, seconds: int) -> None:
        """Hold the place of a piece for `seconds` from now, if it still has it."""
        await self.table.change(
            Change(
                key=_place_key(station, number), put={"until": self.end(seconds)}, when=SAME, values=_of_piece(piece)
            )
        )

    async def give_up(self, station: str, number: int, piece: Piece) -> None:
        """Free the place of a piece, if it still has it."""
        await self.table.delete(_place_key(station, number), SAME, _of_piece(piece))

    def end(self, seconds: int) -> str:
        """The moment `seconds` from now, as places have it."""
        moment: datetime = self.clock() + timedelta(seconds=seconds)
        return timestamp(moment)

    async def _at_cursor(self, waiting: Waiting, put: Record) -> bool:
        changed = await self.table.change(
            Change(
                key=_waiting_key(waiting),
                put=put,
                when="#transfer = :transfer AND #range = :range",
                values={"transfer": waiting.transfer, "range": waiting.range},
            )
        )
        return changed is not None


SAME = "#job = :job AND #transfer = :transfer AND #range = :range"


def _partition(station: str) -> str:
    return f"station#{station}"


def _waiting_key(waiting: Waiting) -> Key:
    whose = f"{waiting.job}#{waiting.last:05d}" if waiting.ordered else waiting.job
    return Key(_partition(waiting.station), f"waiting#{whose}")


def _waiting(station: str, record: Record) -> Waiting:
    return Waiting(station=station, **{name: value for name, value in record.items() if name not in {"pk", "sk"}})


def _place_key(station: str, number: int) -> Key:
    return Key(_partition(station), f"place#{number:03d}")


def _of_piece(piece: Piece) -> Record:
    return {"job": piece.job, "transfer": piece.transfer, "range": piece.range}


def _record(place: Place) -> Record:
    return _of_piece(place.piece) | {"number": place.number, "login": place.login, "until": place.until}


def _place(station: str, record: Record) -> Place:
    piece = Piece(record["job"], record["transfer"], record["range"])
    return Place(station=station, number=record["number"], piece=piece, login=record["login"], until=record["until"])

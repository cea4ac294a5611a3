"""Transfers: one record an asset, from a station's address to an object, and the steps it can take.

An asset comes in one or more ranges of whole parts, each a message of its own. Which bytes are there is known by S3
alone; the record says which upload they belong to, which ranges have ended, and what came out.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import batched
from typing import Any, Literal

from rs_server.staging.concurrency import each
from rs_server.staging.jobs import job_key
from rs_server.staging.leases import STILL_HELD, Lease
from rs_server.staging.selection import SelectedAsset
from rs_server.staging.table import TRANSACTION, Change, Key, Record, Table
from rs_server.storage.multipart import Upload, part_count, part_size_of

MOST_TRANSFERS = 99_999
AT_ONCE = 8
NEW = "attribute_not_exists(#pk)"
LOOKED_THROUGH = 20
"""Records that are read at once in search of one that waits."""
OF_THE_UPLOAD = ("upload_id", "validator", "ranges_done", "hash_state")
"""What a record says of the parts that have come; with `hashed`, which is then 0, what goes when they do."""
TransferStatus = Literal["offline", "waiting", "moved", "failed", "cancelled"]
"""Offline: its archive has to bring it online first. Waiting: for its bytes. The others are ends."""


@dataclass(frozen=True, slots=True)
class Span:
    """Parts `first` to `last` of an asset; `last` is None where the asset's size is not known yet."""

    first: int
    last: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """The way of one asset of a job. Sizes are bytes; None where the station does not say."""

    job: str
    number: int
    item: str
    asset: str
    station: str
    url: str
    key: str
    size: int | None = None
    declared: str = ""
    """The checksum that the station declares, as it wrote it."""
    part_size: int
    parts_per_range: int = 0
    """Parts that one message moves; 0: all of them."""
    replaces: bool = False
    """Whether the catalog already has an object at `key`, which must stay whole until the new one is verified."""
    ordered: bool = False
    """Whether it was offline when the job was planned; such transfers take their turn by item, as they come online."""
    missed: tuple[str, ...] = ()
    """Archives that were to have it online and did not, in their order; one may be there more than once."""
    status: TransferStatus = "waiting"
    upload_id: str = ""
    validator: str = ""
    """ETag, else Last-Modified, of the bytes that were read so far (RFC 9110, 8.8): other bytes are another version."""
    checksum: str = ""
    """Multihash of the whole asset, from a worker that saw all its bytes, or from reading it back."""
    hashed: int = 0
    """Bytes from the first on whose hash is in the state below: of parts as they passed, or as they were read back."""
    hash_state: str = ""
    reason: str = ""

    @property
    def ranges(self) -> int:
        """How many ranges the asset has."""
        if self.size is None or not self.parts_per_range:
            return 1
        return max(1, -(-part_count(self.size, self.part_size) // self.parts_per_range))

    @property
    def upload(self) -> Upload:
        """The open upload that its parts go to."""
        return Upload(self.key, self.upload_id)

    def span(self, number: int) -> Span:
        """The parts of range `number`, counted from 0."""
        if self.size is None:
            return Span(1, None)
        count = part_count(self.size, self.part_size)
        if not self.parts_per_range:
            return Span(1, count)
        first = number * self.parts_per_range + 1
        return Span(first, min(count, first + self.parts_per_range - 1))

    def to_record(self) -> Record:
        """The transfer as the table keeps it; what is not known is left out."""
        key = transfer_key(self.job, self.number)
        known = {name: value for name, value in asdict(self).items() if value not in (None, "", ())}
        return {"pk": key.pk, "sk": key.sk, **known}

    @classmethod
    def from_record(cls, record: Record) -> Transfer:
        """Read what `to_record` wrote and the steps changed."""
        known = {field.name: record[field.name] for field in fields(cls) if field.name in record}
        return cls(**known | {"missed": tuple(record.get("missed", ()))})


def transfer_key(job_id: str, number: int) -> Key:
    """Where a transfer's record is."""
    return Key(f"job#{job_id}", f"transfer#{number:05d}")


class TransferStore:
    """Transfer records in the jobs table."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.created = 0
        """Transfers that were recorded: what the next planner need not do again."""

    async def create_all(self, job_id: str, transfers: Iterable[Transfer]) -> None:
        """Record the transfers of a job, but for those that it has: they may have come further since.

        Whoever plans a job plans the same transfers, so that it does not matter who was first.
        """
        there = {record["sk"] for record in await self.table.below(f"job#{job_id}", "transfer#")}
        records = [record for transfer in transfers if (record := transfer.to_record())["sk"] not in there]
        await each(list(batched(records, TRANSACTION, strict=False)), self._create, AT_ONCE)

    async def _create(self, records: Sequence[Record]) -> None:
        """Write records in one transaction, which does where none of them is there; else one by one."""
        if await self.table.put_together(records, NEW, {}):
            self.created += len(records)
            return
        for record in records:
            await self.table.put(record, NEW)

    async def get(self, job_id: str, number: int) -> Transfer | None:
        """One transfer, as last written."""
        record = await self.table.get(transfer_key(job_id, number))
        return Transfer.from_record(record) if record else None

    async def of_job(self, job_id: str) -> list[Transfer]:
        """All transfers of a job, by number."""
        return [Transfer.from_record(record) for record in await self.table.below(f"job#{job_id}", "transfer#")]

    async def waiting_from(self, job_id: str, number: int) -> AsyncIterator[Transfer]:
        """The transfers of a job from `number` on that still wait for bytes, by number."""
        start: Record | None = None
        while True:
            records, start = await self.table.page(
                condition="pk = :pk AND sk BETWEEN :first AND :last",
                values={
                    "pk": f"job#{job_id}",
                    "first": transfer_key(job_id, number).sk,
                    "last": transfer_key(job_id, MOST_TRANSFERS).sk,
                },
                start=start,
                Limit=LOOKED_THROUGH,
            )
            for record in records:
                if record["status"] == "waiting":
                    yield Transfer.from_record(record)
            if start is None:
                return

    async def bring_online(self, transfer: Transfer, station: str, copy: SelectedAsset, lease: Lease) -> bool:
        """Let an offline transfer wait for the bytes of the archive that now has it; False if it was not offline."""
        told = {"size": copy.size} if copy.size is not None else {}
        declared = {"declared": copy.checksum} if copy.checksum else {}
        return await self.table.change_all(
            lease.check,
            Change(
                key=transfer_key(transfer.job, transfer.number),
                put={
                    "status": "waiting",
                    "station": station,
                    "url": copy.href,
                    "part_size": part_size_of(copy.size),
                    **told,
                    **declared,
                },
                remove=tuple(name for name, known in (("size", told), ("declared", declared)) if not known),
                when="#status = :offline",
                values={"offline": "offline"},
            ),
        )

    async def go_offline(self, transfer: Transfer) -> bool:
        """Put off a transfer whose archive does not have it online after all; False if it did not wait for bytes.

        What came of it is forgotten: another archive's copy may be packed differently.
        """
        missed = [*transfer.missed, transfer.station]
        return await self._step(
            transfer,
            put={"status": "offline", "ordered": True, "missed": missed, "parts_per_range": 0, "hashed": 0},
            remove=OF_THE_UPLOAD,
            when="#status = :waiting AND #station = :station",
            values={"station": transfer.station},
        )

    async def adopt_upload(self, transfer: Transfer, upload: Upload) -> Transfer | None:
        """Make `upload` the transfer's own unless it has one; the transfer after it, None if it no longer waits."""
        await self._step(
            transfer,
            put={"upload_id": upload.id},
            when="#status = :waiting AND attribute_not_exists(#upload_id)",
        )
        current = await self.get(transfer.job, transfer.number)
        return current if current and current.status == "waiting" else None

    async def drop_upload(self, transfer: Transfer) -> bool:
        """Forget the upload, so that the asset is read from its first byte again; False if another worker did.

        From then on it has one range: of several, those that had ended would have no message any more.
        """
        return await self._step(
            transfer,
            put={"parts_per_range": 0, "hashed": 0},
            remove=OF_THE_UPLOAD,
            when="#status = :waiting AND #upload_id = :upload",
            values={"upload": transfer.upload_id},
        )

    async def note_version(self, transfer: Transfer, validator: str) -> bool:
        """Record which version of the asset the upload is of; False if it is of another one, or no longer open."""
        return await self._step(
            transfer,
            put={"validator": validator},
            when="#status = :waiting AND #upload_id = :upload AND "
            "(attribute_not_exists(#validator) OR #validator = :validator)",
            values={"upload": transfer.upload_id, "validator": validator},
        )

    async def count(self, transfer: Transfer, range_number: int, held: int) -> int:
        """Record that `held` bytes of a range are in the bucket, and return how many of them are newly counted."""
        attribute = f"held_{range_number}"
        before = await self.table.change(
            Change(
                key=transfer_key(transfer.job, transfer.number),
                put={attribute: held},
                when=f"attribute_exists(#pk) AND (attribute_not_exists(#{attribute}) OR #{attribute} < :held)",
                values={"held": held},
            ),
            old=True,
        )
        return 0 if before is None else held - int(before.get(attribute, 0))

    async def end_range(self, transfer: Transfer, range_number: int) -> bool:
        """Record that a range is whole; True when with it the whole asset is."""
        changed = await self.table.change(
            Change(
                key=transfer_key(transfer.job, transfer.number),
                add={"ranges_done": {range_number}},
                when="#upload_id = :upload",
                values={"upload": transfer.upload_id},
            )
        )
        return changed is not None and len(changed["ranges_done"]) == transfer.ranges

    async def moved(self, transfer: Transfer, *, size: int, checksum: str) -> bool:
        """Step to moved: all bytes are in the upload, the job waits for one file less.

        False if it was so before, or if the upload was given up meanwhile: its bytes are then not those that count.
        """
        put = {"status": "moved", "size": size} | ({"checksum": checksum} if checksum else {})
        same = {"waiting": "waiting", "upload": transfer.upload_id}
        return await self._end(transfer, put, "#status = :waiting AND #upload_id = :upload", same)

    async def failed(self, transfer: Transfer, reason: str, lease: Lease | None = None) -> bool:
        """Step to failed, in a job that publishes what it can. The job has one file less to wait for.

        With a lease: unless another worker has taken the job.
        """
        put = {"status": "failed", "reason": reason}
        open_ = {"waiting": "waiting", "offline": "offline"}
        return await self._end(transfer, put, "#status IN (:waiting, :offline)", open_, lease)

    async def cancel(self, transfer: Transfer) -> None:
        """Step to cancelled: from now on no worker can give the transfer an upload."""
        await self.table.change(
            Change(
                key=transfer_key(transfer.job, transfer.number),
                put={"status": "cancelled"},
                when="attribute_exists(#pk)",
            )
        )

    async def verified(self, transfer: Transfer, checksum: str) -> None:
        """Record the checksum that was computed from the object."""
        await self._step(transfer, put={"checksum": checksum}, when="#status = :moved", values={"moved": "moved"})

    async def note_hashed(self, transfer: Transfer, hashed: int, state: str) -> bool:
        """Record how far the asset was hashed, and the state of the hash there; False if that is of no use any more."""
        return await self._step(
            transfer,
            put={"hashed": hashed, "hash_state": state},
            when="#upload_id = :upload AND #status IN (:waiting, :moved) AND #hashed < :hashed",
            values={"upload": transfer.upload_id, "moved": "moved", "hashed": hashed},
        )

    async def _end(
        self, transfer: Transfer, put: dict[str, Any], when: str, values: dict[str, str], lease: Lease | None = None
    ) -> bool:
        held = f" AND {STILL_HELD}" if lease else ""
        return await self.table.change_all(
            Change(key=transfer_key(transfer.job, transfer.number), put=put, when=when, values=values),
            Change(
                key=job_key(transfer.job),
                add={"files_left": -1},
                when=f"#stage = :transferring{held}",
                values={"transferring": "transferring"} | ({"holder": lease.holder} if lease else {}),
            ),
        )

    async def _step(
        self,
        transfer: Transfer,
        *,
        when: str,
        put: dict[str, Any] | None = None,
        remove: tuple[str, ...] = (),
        values: dict[str, Any] | None = None,
    ) -> bool:
        named = {"waiting": "waiting"} if ":waiting" in when else {}
        changed = await self.table.change(
            Change(
                key=transfer_key(transfer.job, transfer.number),
                put=put or {},
                remove=remove,
                when=when,
                values=named | (values or {}),
            )
        )
        return changed is not None

"""Transfer records in the jobs table, and the steps that a transfer can take, each a conditional change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from itertools import batched
from typing import Any

from rs_server.staging.concurrency import each
from rs_server.staging.jobs import job_key
from rs_server.staging.leases import STILL_HELD, Lease
from rs_server.staging.selection import SelectedAsset
from rs_server.staging.table import TRANSACTION, Change, Record, Table
from rs_server.staging.transfers import MOST_TRANSFERS, Transfer, transfer_key
from rs_server.storage.multipart import Upload, part_size_of

AT_ONCE = 8
NEW = "attribute_not_exists(#pk)"
LOOKED_THROUGH = 20
"""Records that are read at once in search of one that waits."""
OF_THE_UPLOAD = ("upload_id", "validator", "ranges_done", "hash_state")
"""What a record says of the parts that have come; with `hashed`, which is then 0, what goes when they do."""


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

"""The `transfer` message: one range of one asset, moved while the job wants it, and counted when it is there."""

from __future__ import annotations

import asyncio

from rs_server.errors import BackendFailed, RsServerError
from rs_server.staging.beating import Busy, JobEnded, OutOfTime, Progressed, while_beating
from rs_server.staging.checksums import differs
from rs_server.staging.cleaning import Cleaner
from rs_server.staging.delivery import Delivery
from rs_server.staging.jobs import Job
from rs_server.staging.moving import Move, Moved
from rs_server.staging.reading import Sleep, SourceChanged
from rs_server.staging.sources import Sources
from rs_server.staging.stores import Stores
from rs_server.staging.transfers import Transfer
from rs_server.storage.faults import UploadGone

BEAT_SECONDS = 2.0
"""How often progress is written down, and the job looked at: a dismissed one stops within this time."""


class TransferWorker:
    """Works on transfers."""

    def __init__(
        self,
        stores: Stores,
        sources: Sources,
        cleaner: Cleaner,
        beat_seconds: float = BEAT_SECONDS,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.stores = stores
        self.sources = sources
        self.cleaner = cleaner
        self.beat_seconds = beat_seconds
        self.sleep = sleep

    async def transfer(self, job: Job, transfer: Transfer, range_number: int, delivery: Delivery) -> None:
        """Move a range; raises JobEnded when the job no longer wants it, else what reading and writing raise.

        Busy while the job is published or undone: its uploads and its claims are then someone else's to deal with.
        """
        if job.stage in {"publishing", "closing"}:
            raise Busy
        if job.stage == "closed":
            await self.cleaner.sweep(job, transfer)
            return
        opened = await self._opened(transfer)
        if opened is None:
            return
        range_number = range_number if range_number < opened.ranges else 0
        source = await self.sources.of(opened.station)
        move = Move(source, self.stores, opened, range_number, self.sleep)
        attempt = Attempt(self.stores, opened, range_number, move)
        moved = await self._run(attempt, delivery)
        await self._end(attempt, moved)

    async def _opened(self, transfer: Transfer) -> Transfer | None:
        """The transfer with its upload, opened now if it has none; None when it no longer waits for bytes."""
        if transfer.status != "waiting":
            return None
        if transfer.upload_id:
            return transfer
        upload = await self.stores.uploads.create(transfer.key, transfer.job)
        current = await self.stores.transfers.adopt_upload(transfer, upload)
        if current is None or current.upload != upload:
            await self.stores.uploads.abort(upload)
        return current

    async def _run(self, attempt: Attempt, delivery: Delivery) -> Moved:
        async def beat() -> None:
            await delivery.keep()
            await attempt.report()

        try:
            return await while_beating(attempt.move.run(), beat, self.beat_seconds)
        except SourceChanged as error:
            await attempt.start_over()
            raise BackendFailed("The file changed at the station while it was read.") from error
        except UploadGone as error:
            await attempt.report()
            await attempt.start_over()
            raise BackendFailed("The upload was ended by someone else.") from error
        except (RsServerError, OutOfTime) as error:
            await attempt.report()
            if await attempt.lasting():
                raise Progressed(getattr(error, "retry_after", None)) from error
            raise

    async def _end(self, attempt: Attempt, moved: Moved) -> None:
        await attempt.report()
        transfer = attempt.transfer
        if differs(transfer.declared, moved.checksum):
            await attempt.start_over()
            raise BackendFailed(f"{transfer.asset!r} came with another checksum than its station declares.")
        if await self.stores.transfers.end_range(transfer, attempt.range_number):
            await self.stores.transfers.moved(transfer, size=moved.size, checksum=moved.checksum)


class Attempt:
    """One attempt at a range, and what has been told of it."""

    def __init__(self, stores: Stores, transfer: Transfer, range_number: int, move: Move) -> None:
        self.stores = stores
        self.transfer = transfer
        self.range_number = range_number
        self.move = move

    async def lasting(self) -> bool:
        """Whether it brought something that the next attempt need not bring again, which is written down here."""
        hashed = self.move.hashed
        further = hashed.bytes > self.transfer.hashed and await self.stores.transfers.note_hashed(
            self.transfer, hashed.bytes, hashed.state
        )
        return self.move.wrote > 0 and self.transfer.size is not None and (further or not self.transfer.replaces)

    async def report(self) -> None:
        """Write down how far it has come; raises JobEnded when the job does not transfer any more."""
        new = await self.stores.transfers.count(self.transfer, self.range_number, self.move.held)
        if not await self.stores.jobs.advance(self.transfer.job, new):
            raise JobEnded

    async def start_over(self) -> None:
        """Throw away what has come, so that the next attempt begins with the first byte."""
        if await self.stores.transfers.drop_upload(self.transfer):
            await self.stores.uploads.abort(self.transfer.upload)

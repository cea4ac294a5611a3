"""The journal of a batch that is written together: what its items were before, kept until all are written or none.

It is in the bucket, beside the items of the job. A writer may die after some of its writes, or lose the engine; whoever
comes after it, with the same batch or to take it back, finds in the journal what that one may have written, by its
entity tag, and what was there before. Where something else is stored by now, it is somebody's later change, and stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace

from rs_server.catalog.engine.documents import BulkWrite, Document, Source, Version
from rs_server.errors import NotFound
from rs_server.storage.objects import JOURNAL, ObjectStore, job_document_key

NO_VERSION = Version(0, 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """One document of a batch."""

    before: Source | None
    """What was stored; None where nothing was."""
    wrote: list[str]
    """Entity tags of what the batch was to store, at each attempt."""

    def is_of_the_batch(self, stored: Document | None) -> bool:
        """Whether what is stored was written by the batch."""
        return stored is not None and stored.etag in self.wrote


Entries = Mapping[str, Entry]
"""By the documents' ids."""


class Journal:
    """The journal of a job's batch."""

    def __init__(self, objects: ObjectStore, job: str) -> None:
        self.objects = objects
        self.key = job_document_key(job, JOURNAL)

    async def read(self) -> Entries:
        """What is written down; nothing where no batch is half written."""
        try:
            document = await self.objects.read_json(self.key)
        except NotFound:
            return {}
        return {name: Entry(**entry) for name, entry in document.items()}

    async def write(self, entries: Entries) -> None:
        """Write down what is about to be written."""
        await self.objects.write_json(self.key, {name: asdict(entry) for name, entry in entries.items()})

    async def clear(self) -> None:
        """Forget it, since all is written or none."""
        await self.objects.delete([self.key])


def noted(entries: Entries, writes: Iterable[BulkWrite], existing: Mapping[str, Document]) -> Entries:
    """The entries of earlier attempts, and of the `writes` that are to be done over what is `existing`."""
    return {**entries, **{write.id: _noted(entries.get(write.id), write, existing.get(write.id)) for write in writes}}


def _noted(entry: Entry | None, write: BulkWrite, stored: Document | None) -> Entry:
    etag = Document(write.source, NO_VERSION).etag
    if entry is None or not entry.is_of_the_batch(stored):
        return Entry(stored.source if stored else None, [*(entry.wrote if entry else ()), etag])
    return replace(entry, wrote=[*entry.wrote, etag])


def undoing(entries: Entries, stored: Mapping[str, Document]) -> Iterator[BulkWrite]:
    """What undoes the writes of a batch: what was there before comes back, as it was.

    Nobody's later write is undone, since each is of the version that the batch wrote.
    """
    for name, entry in entries.items():
        document = stored.get(name)
        if document is None or not entry.is_of_the_batch(document):
            continue
        if entry.before is None:
            yield BulkWrite("delete", name, {}, document.version)
        else:
            yield BulkWrite("index", name, entry.before, document.version)

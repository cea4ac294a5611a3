"""Transfers: one record an asset, from a station's address to an object, and the steps it can take.

An asset comes in one or more ranges of whole parts, each a message of its own. Which bytes are there is known by S3
alone; the record says which upload they belong to, which ranges have ended, and what came out.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Literal

from rs_server.staging.table import Key, Record
from rs_server.storage.multipart import Upload, part_count

MOST_TRANSFERS = 99_999
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

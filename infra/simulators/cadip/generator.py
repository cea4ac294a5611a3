"""Made-up sessions with the names, times, sizes and mishaps of real ones; the same for the same seed.

Rates and delays follow the recorded pass: published 27 s after the downlink began, first file 15 s later, files out of
block order, the last file about a minute after the downlink ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from uuid import UUID

from simulators.cadip.records import CADU_BYTES, KEPT, CaduFile, Quality, Session
from simulators.odata.instants import SECOND, datetime_of
from simulators.orbits import position

MILLISECOND = SECOND // 1000
MINUTE = 60 * SECOND


@dataclass(frozen=True, slots=True)
class Downlink:
    """How a satellite sends: channels, bytes a second on each, and the size of a chunk."""

    channels: int
    rate: int
    chunk: int


S1_CHUNK, S2_CHUNK = 153_900 * CADU_BYTES, 143_000 * CADU_BYTES
DOWNLINKS = {
    "S1": Downlink(2, 45_000_000, S1_CHUNK),
    "S2": Downlink(2, 35_000_000, S2_CHUNK),
    "S3": Downlink(2, 32_000_000, S2_CHUNK),
    "S5": Downlink(1, 35_000_000, S2_CHUNK),
}

NOMINAL, DOWNLINK_FAILED, DELIVERY_FAILED, NO_DATA, BOTH_FAILED = "UC1", "UC2", "UC3", "UC4", "UC5"
USE_CASES: tuple[str, ...] = (
    *(NOMINAL, NOMINAL, NOMINAL, NOMINAL, NOMINAL, DOWNLINK_FAILED, NOMINAL, NOMINAL, DELIVERY_FAILED, NOMINAL),
    *(NOMINAL, NOMINAL, NO_DATA, NOMINAL, NOMINAL, NOMINAL, BOTH_FAILED, NOMINAL, NOMINAL, NOMINAL),
)
"""The course of one session after another, in turn."""
RETRANSFERRED = frozenset({DOWNLINK_FAILED, DELIVERY_FAILED, BOTH_FAILED})


@dataclass(frozen=True, slots=True)
class Antenna:
    """Where a station receives."""

    unit: str
    antenna: str
    front_end: str
    site: str | None = None


@dataclass(frozen=True, slots=True)
class Passes:
    """The passes of a station: which satellites, received where, and how an acquisition is named."""

    satellites: tuple[str, ...]
    antennas: tuple[Antenna, ...]
    acquisition: str
    """Form of AcquisitionId with `{orbit}` and `{number}`."""
    shortest_seconds: int = 60
    longest_seconds: int = 600
    final_block_unknown: bool = False
    """FinalBlock is null where it should be true."""


def generate_sessions(passes: Passes, count: int, start: int, stop: int, seed: int) -> Iterator[Session]:
    """`count` sessions (a retransfer counts as one) that begin evenly between `start` and `stop`."""
    random = Random(f"cadip {seed}")
    step = (stop - start) // max(count, 1)
    made = number = 0
    while made < count:
        begin = start + made * step + random.randrange(max(step // 2, 1))
        begin -= begin % SECOND
        case = USE_CASES[number % len(USE_CASES)]
        session = _Pass(random, passes, number, begin, case).session()
        yield session
        made += 1
        if case in RETRANSFERRED and made < count:
            again = _Pass(random, passes, number, begin, NOMINAL).session()
            yield _retransferred(session, again, random.randrange(60, 360) * MINUTE)
            made += 1
        number += 1


def _retransferred(first: Session, again: Session, delay: int) -> Session:
    """The same pass delivered again, whole, `delay` later: an entity with an Id and files of its own."""
    return replace(
        again,
        PublicationDate=again.PublicationDate + delay,
        Retransfer=True,
        PlannedDataStart=first.PlannedDataStart,
        PlannedDataStop=first.PlannedDataStop,
        files=tuple(
            replace(
                each,
                PublicationDate=each.PublicationDate + delay,
                EvictionDate=each.EvictionDate and each.EvictionDate + delay,
                Retransfer=True,
            )
            for each in again.files
        ),
        quality=tuple(
            replace(each, DeliveryStart=each.DeliveryStart + delay, DeliveryStop=each.DeliveryStop + delay)
            for each in again.quality
        ),
    )


class _Pass:
    """One pass of a satellite over a station."""

    def __init__(self, random: Random, passes: Passes, number: int, begin: int, case: str) -> None:
        self._random = random
        self._passes = passes
        self._case = case
        self._satellite = passes.satellites[number % len(passes.satellites)]
        self._antenna = passes.antennas[number % len(passes.antennas)]
        self._number = number
        self._downlink = DOWNLINKS[self._satellite[:2]]
        self._planned = begin + random.randrange(1000) * MILLISECOND
        self._seconds = random.randrange(passes.shortest_seconds, passes.longest_seconds + 1)
        self._orbit = position(self._satellite, begin).absolute
        self._session_id = f"{self._satellite}_{datetime_of(begin):%Y%m%d%H%M%S}{self._orbit:06d}"

    def session(self) -> Session:
        """The session that comes of it."""
        start = self._planned + self._milliseconds(4_000, 7_000)
        stop = start + self._seconds * SECOND
        published = start + self._milliseconds(20_000, 35_000)
        files = () if self._case == NO_DATA else self._files(published, stop)
        received = self._case != NO_DATA
        return Session(
            Id=self._guid(),
            SessionId=self._session_id,
            NumChannels=self._downlink.channels,
            PublicationDate=published,
            Satellite=self._satellite,
            StationUnitId=self._antenna.unit,
            StationId=self._antenna.site,
            DownlinkOrbit=self._orbit,
            AcquisitionId=self._passes.acquisition.format(orbit=self._orbit, number=self._number % 2 + 1),
            AntennaId=self._antenna.antenna,
            FrontEndId=self._antenna.front_end,
            Retransfer=False,
            AntennaStatusOK=received,
            FrontEndStatusOK=received,
            PlannedDataStart=self._planned,
            PlannedDataStop=stop + self._milliseconds(20_000, 40_000),
            DownlinkStart=start if received else None,
            DownlinkStop=stop if received else None,
            DownlinkStatusOK=self._case not in {DOWNLINK_FAILED, NO_DATA, BOTH_FAILED},
            DeliveryPushOK=self._case not in {DELIVERY_FAILED, NO_DATA, BOTH_FAILED},
            files=files,
            quality=tuple(self._quality(channel, files, published, stop) for channel in self._channels()),
        )

    def _channels(self) -> range:
        return range(1, self._downlink.channels + 1)

    def _files(self, published: int, stop: int) -> tuple[CaduFile, ...]:
        files = [each for channel in self._channels() for each in self._channel_files(channel, published, stop)]
        return tuple(sorted(files, key=lambda each: each.PublicationDate))

    def _channel_files(self, channel: int, published: int, stop: int) -> list[CaduFile]:
        cadus = self._seconds * self._downlink.rate // CADU_BYTES - self._random.randrange(40_000)
        chunk = self._downlink.chunk // CADU_BYTES
        blocks = -(-cadus // chunk)
        sizes = [chunk] * (blocks - 1) + [cadus - chunk * (blocks - 1)]
        instants = self._publication_dates(blocks, published, stop)
        delivered = self._delivered(blocks)
        return [self._file(channel, block, blocks, sizes[block - 1], instants[block - 1]) for block in delivered]

    def _delivered(self, blocks: int) -> list[int]:
        """Blocks that arrive: all, or not the last third where the delivery failed."""
        failed = self._case in {DELIVERY_FAILED, BOTH_FAILED}
        return list(range(1, (max(1, blocks * 2 // 3) if failed else blocks) + 1))

    def _publication_dates(self, blocks: int, published: int, stop: int) -> list[int]:
        """When each block is published: in bursts, mostly in order; the final block often before the last but one."""
        first = published + self._milliseconds(10_000, 20_000)
        last = max(stop, first) + self._milliseconds(40_000, 60_000)
        dates = [first + (last - first) * index // max(blocks - 1, 1) for index in range(blocks)]
        dates = [date - date % MILLISECOND + self._milliseconds(0, 900) for date in dates]
        for index in range(1, blocks):
            roll = self._random.random()
            if roll < 0.15 or (index == blocks - 1 and roll < 0.5):
                dates[index - 1], dates[index] = dates[index - 1] + self._milliseconds(1, 120), dates[index - 1]
        return dates

    def _file(self, channel: int, block: int, blocks: int, cadus: int, published: int) -> CaduFile:
        final = block == blocks
        unit = self._antenna.unit
        evicted = published + KEPT
        return CaduFile(
            Id=self._guid(),
            Name=f"DCS_{unit}_{self._session_id}_ch{channel}_DSDB_{block:05d}.raw",
            SessionId=self._session_id,
            Channel=channel,
            BlockNumber=block,
            FinalBlock=None if final and self._passes.final_block_unknown else final,
            PublicationDate=published,
            EvictionDate=evicted - evicted % MINUTE,
            Size=cadus * CADU_BYTES,
            Retransfer=False,
        )

    def _quality(self, channel: int, files: tuple[CaduFile, ...], published: int, stop: int) -> Quality:
        mine = [each for each in files if each.Channel == channel]
        volume = sum(each.Size for each in mine)
        errors = self._random.randrange(4) + (500 if self._case in {DOWNLINK_FAILED, BOTH_FAILED} else 0)
        corrected = errors // 2
        frames = volume // CADU_BYTES
        last = max((each.PublicationDate for each in mine), default=stop)
        return Quality(
            Channel=channel,
            SessionId=self._session_id,
            AcquiredTFs=frames,
            ErrorTFs=errors,
            CorrectedTFs=corrected,
            UncorrectableTFs=errors - corrected,
            DataTFs=frames,
            ErrorDataTFs=errors,
            CorrectedDataTFs=corrected,
            UncorrectableDataTFs=errors - corrected,
            DeliveryStart=published - published % SECOND,
            DeliveryStop=last - last % SECOND,
            TotalChunks=len(mine),
            TotalVolume=volume,
        )

    def _milliseconds(self, least: int, most: int) -> int:
        return self._random.randrange(least, most + 1) * MILLISECOND

    def _guid(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4))

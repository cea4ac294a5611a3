"""The life of a session in the station's time, and the replay of the recorded one."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from simulators.cadip.generator import generate_sessions
from simulators.odata.instants import DAY, SECOND, read_instant
from simulators.profiles import load_profile

SESSION_ID = "S1A_20241114143038056552"
KEY = "6894eb36-416e-469e-8788-9a0a2b8f3a8d"
LATER_KNOWN = ("DownlinkStop", "DownlinkStatusOK", "DeliveryPushOK")


@pytest.fixture(scope="module")
def record():
    text = files("simulators").joinpath("data", "cadip_session_S1A_20241114143038056552.json").read_text()
    return json.loads(text)["value"][0]


def at(visitor, time):
    visitor.station.clock.set(now=read_instant(time) if isinstance(time, str) else time)


async def test_the_recorded_session_replays_with_the_order_and_delays_of_its_record(own_station, record):
    visitor = own_station("cadip", "mti", count=1)
    published = [(read_instant(each["PublicationDate"]), each["Id"]) for each in record["Files"]]
    for moment, key in sorted(published):
        at(visitor, moment - 1000)
        assert key not in await visitor.names(f"Sessions({KEY})/Files")
        at(visitor, moment)
        shown = await visitor.names(f"Sessions({KEY})/Files")
        assert shown == [each for when, each in published if when <= moment]


async def test_replay_compressed_in_time(record):
    """Sixty times as fast: 142 s from the first file to the last are 2.4 s of real time."""
    from simulators.clock import Clock

    real = [0.0]
    clock = Clock(read_instant("2024-11-14T14:31:26.576Z"), 60, lambda: real[0])
    real[0] = 142.236 / 60
    assert abs(clock.now() - read_instant("2024-11-14T14:33:48.812Z")) < SECOND // 100


@pytest.mark.parametrize(
    ("time", "session", "stopped", "complete"),
    [
        ("2024-11-14T14:31:11.031Z", False, False, False),
        ("2024-11-14T14:31:11.032Z", True, False, False),
        ("2024-11-14T14:32:52.464Z", True, False, False),
        ("2024-11-14T14:32:52.465Z", True, True, False),
        ("2024-11-14T14:33:48.812Z", True, True, False),
        ("2024-11-14T14:33:59.000Z", True, True, True),
        ("2024-11-21T14:32:59.999Z", True, True, True),
        ("2024-11-21T14:33:00.000Z", False, False, False),
    ],
)
async def test_stages_of_the_recorded_session(own_station, time, session, stopped, complete):
    visitor = own_station("cadip", "mti", now=time, count=1)
    found = (await visitor.get("Sessions", filter=f"SessionId eq '{SESSION_ID}'", expand="QualityInfo"))["value"]
    assert bool(found) is session
    if session:
        assert (found[0]["DownlinkStop"] is not None) is stopped
        statuses = [found[0]["DownlinkStatusOK"], found[0]["DeliveryPushOK"]]
        assert statuses == ([True, True] if complete else [None, None])
        assert len(found[0]["QualityInfo"]) == (2 if complete else 0)


async def test_what_is_not_known_yet_is_null_for_filters_too(own_station):
    visitor = own_station("cadip", "mti", now="2024-11-14T14:32:00Z", count=1)
    assert await visitor.names("Sessions", filter="DownlinkStatusOK eq null") == [KEY]
    assert await visitor.names("Sessions", filter="DownlinkStatusOK eq true or DownlinkStatusOK eq false") == []
    assert await visitor.names("Sessions", filter="DownlinkStop gt 2024-11-14T00:00:00Z") == []
    assert await visitor.names("Sessions", filter="not (DownlinkStop gt 2024-11-14T00:00:00Z)") == [KEY]


async def test_files_and_their_bytes_are_gone_at_their_eviction(own_station):
    first = "228b97bc-aa04-4036-8450-3106bc7684bb"
    visitor = own_station("cadip", "mti", now="2024-11-21T14:29:59Z", count=1)
    assert (await visitor.ask(f"Files({first})/$value")).status_code == 200
    at(visitor, "2024-11-21T14:30:00Z")
    assert (await visitor.ask(f"Files({first})/$value")).status_code == 404
    assert len(await visitor.names(f"Sessions({KEY})/Files")) == 36, "two files are evicted at 14:30, the rest later"


async def test_block_order_is_that_of_the_record(own_station):
    """Channel 2: block 12 before block 11, the final block 19 before block 18."""
    visitor = own_station("cadip", "mti", count=1)
    shown = await visitor.names("Files", "BlockNumber", filter="Channel eq 2", orderby="PublicationDate")
    assert shown.index(12) < shown.index(11)
    assert shown.index(19) < shown.index(18)


@pytest.fixture(scope="module")
def sessions():
    passes = load_profile("cadip", "sgs").passes.passes()
    start = read_instant("2024-11-09T00:00:00Z")
    return list(generate_sessions(passes, 300, start, start + 7 * DAY, seed=7))


def course(session):
    return session.DownlinkStatusOK, session.DeliveryPushOK, bool(session.files)


def test_use_cases_all_occur(sessions):
    first = {course(each) for each in sessions if not each.Retransfer}
    assert first == {
        (True, True, True),  # UC1: nominal
        (False, True, True),  # UC2: downlink failed, delivery well
        (True, False, True),  # UC3: delivery failed
        (False, False, False),  # UC4: no data
        (False, False, True),  # UC5: both failed
    }


def test_failed_passes_are_retransferred_whole_as_an_entity_of_their_own(sessions):
    first = {each.SessionId: each for each in sessions if not each.Retransfer}
    again = [each for each in sessions if each.Retransfer]
    assert again
    for session in again:
        original = first[session.SessionId]
        assert not (original.DownlinkStatusOK and original.DeliveryPushOK)
        assert original.Id != session.Id
        assert session.PublicationDate > original.PublicationDate
        assert course(session) == (True, True, True)
        assert all(file.Retransfer for file in session.files)
        assert not {file.Id for file in session.files} & {file.Id for file in original.files}
        for channel in range(1, session.NumChannels + 1):
            blocks = sorted(file.BlockNumber for file in session.files if file.Channel == channel)
            assert blocks == list(range(1, len(blocks) + 1))


def test_quality_of_every_channel_when_complete(sessions):
    for session in sessions:
        assert [each.Channel for each in session.quality] == list(range(1, session.NumChannels + 1))
        assert all(file.PublicationDate < session.completed for file in session.files)


def test_order_and_delays_are_like_those_recorded(sessions):
    whole = [each for each in sessions if course(each) == (True, True, True) and not each.Retransfer]
    for session in whole:
        assert session.PlannedDataStart < session.DownlinkStart < session.PublicationDate
        published = [file.PublicationDate for file in session.files]
        assert published == sorted(published)
        assert 5 * SECOND <= published[0] - session.PublicationDate <= 30 * SECOND
        assert max(published) - session.DownlinkStop <= 120 * SECOND
        assert all(moment % 1000 == 0 for moment in published), "a PublicationDate has milliseconds"
    disordered = [each for each in whole if blocks_of(each, 1) != sorted(blocks_of(each, 1))]
    early = [
        each for each in whole if len(blocks_of(each, 1)) > 1 and blocks_of(each, 1)[-1] != max(blocks_of(each, 1))
    ]
    assert len(disordered) > len(whole) / 3
    assert early, "a final block is published before the last but one"


def blocks_of(session, channel):
    return [file.BlockNumber for file in session.files if file.Channel == channel]


def test_sizes_are_like_those_recorded(sessions):
    by_size = sorted(len(each.files) for each in sessions if each.Satellite[:2] == "S1" and each.files)
    assert by_size[-1] <= 180, "a ten-minute pass is about 170 files"
    assert by_size[-1] > 100
    assert {
        file.Size for each in sessions if each.Satellite[:2] == "S1" for file in each.files if not file.FinalBlock
    } == {314571600}


def test_no_final_block_where_the_station_does_not_tell():
    passes = load_profile("cadip", "nsg").passes.passes()
    start = read_instant("2024-11-09T00:00:00Z")
    files_made = [file for each in generate_sessions(passes, 20, start, start + DAY, seed=1) for file in each.files]
    assert {file.FinalBlock for file in files_made} == {False, None}


async def test_what_some_stations_tell_only_when_a_session_is_over(own_station):
    visitor = own_station("cadip", "testmeans", now="2024-11-16T00:00:00Z", count=1)
    session, *_ = (await visitor.get("Sessions", expand="Files"))["value"]
    assert session["NumChannels"] is not None
    final = [each["Id"] for each in session["Files"] if each["FinalBlock"] in {True, "true"}]
    assert len(final) == int(session["NumChannels"])
    at(visitor, max(read_instant(each["PublicationDate"]) for each in session["Files"]))
    before, *_ = (await visitor.get("Sessions", expand="Files"))["value"]
    assert len(before["Files"]) == len(session["Files"])
    assert before["NumChannels"] is None
    assert {each["FinalBlock"] for each in before["Files"]} == {None}
    assert await visitor.names("Files", filter="FinalBlock eq true") == []
    assert await visitor.names("Sessions", filter="NumChannels eq null") == [session["Id"]]


def test_same_seed_same_data(sessions):
    passes = load_profile("cadip", "sgs").passes.passes()
    start = read_instant("2024-11-09T00:00:00Z")
    assert list(generate_sessions(passes, 300, start, start + 7 * DAY, seed=7)) == sessions
    assert list(generate_sessions(passes, 300, start, start + 7 * DAY, seed=8)) != sessions


async def test_default_data_are_the_recorded_session_and_at_least_forty_of_the_same_mission(mti):
    sessions = (await mti.get("Sessions", filter="startswith(Satellite,'S1')", count="true"))["value"]
    assert SESSION_ID in {each["SessionId"] for each in sessions}
    assert len(sessions) > 40
    assert {each["PublicationDate"][:7] for each in sessions} == {"2024-11"}

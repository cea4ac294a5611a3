"""Downloads from a real server: what breaks connections, what is slow, and many at once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress

import httpx
import pytest

from tests.integration.simulators.conftest import station

FILE = "/Files(228b97bc-aa04-4036-8450-3106bc7684bb)/$value"
SIZE = 314776


def finished(running):
    """The statistics once the last download has ended: the client may know that before the station does."""
    deadline = time.monotonic() + 120
    while running.stats()["downloads_at_once"]["now"] and time.monotonic() < deadline:
        time.sleep(0.02)
    return running.stats()


@pytest.fixture
def client(mti):
    with httpx.Client(headers=mti.log_in(), timeout=120) as made:
        yield made


def test_a_whole_file_and_its_parts(mti, client):
    whole = client.get(mti.root + FILE)
    assert (whole.status_code, len(whole.content)) == (200, SIZE)
    parts = [
        client.get(mti.root + FILE, headers={"Range": f"bytes={start}-{start + 99_999}"})
        for start in range(0, SIZE, 100_000)
    ]
    assert {part.status_code for part in parts} == {206}
    assert b"".join(part.content for part in parts) == whole.content


@pytest.mark.parametrize(
    "settings",
    [{"kind": "cut_download"}, {"kind": "cut_download", "at_byte": 0}, {"kind": "wrong_length", "difference": 10}],
)
def test_a_connection_that_ends_too_early(mti, client, settings):
    mti.fault(**settings, count=1)
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(mti.root + FILE)
    assert len(client.get(mti.root + FILE).content) == SIZE


def test_a_content_length_that_is_too_small(mti, client):
    mti.fault(kind="wrong_length", difference=-10, count=1)
    short = client.get(mti.root + FILE)
    assert (short.status_code, len(short.content)) == (200, SIZE - 10)
    assert len(client.get(mti.root + FILE).content) == SIZE


def test_a_download_cut_in_a_range_goes_on_where_it_ended(mti, client):
    whole = client.get(mti.root + FILE).content
    mti.fault(kind="cut_download", at_byte=1000, count=1)
    got = b""
    with suppress(httpx.RemoteProtocolError), client.stream("GET", mti.root + FILE) as answer:
        for chunk in answer.iter_bytes():
            got += chunk
    assert len(got) == 1000
    got += client.get(mti.root + FILE, headers={"Range": f"bytes={len(got)}-"}).content
    assert got == whole


def test_slow_bytes_and_a_client_that_leaves(mti, client):
    mti.fault(kind="slow_bytes", bytes_per_second=20_000)
    began = time.monotonic()
    with client.stream("GET", mti.root + FILE) as answer:
        got = 0
        for chunk in answer.iter_raw():
            got += len(chunk)
            if got >= 10_000:
                break
    assert time.monotonic() - began > 0.2
    assert finished(mti)["bytes_served"] < SIZE, "the station goes on sending to nobody"


def test_a_redirect_is_followed_with_the_token(mti, client):
    mti.fault(kind="redirect", count=1)
    first = client.get(mti.root + FILE, headers={"Range": "bytes=0-9"})
    assert first.status_code == 307
    second = client.get(first.headers["location"], headers={"Range": "bytes=0-9"})
    assert (second.status_code, len(second.content)) == (206, 10)


@contextmanager
def under_way(mti, client, count):
    """So many downloads that have begun, and would take a quarter of a minute."""
    mti.fault(kind="slow_bytes", bytes_per_second=20_000)
    with ExitStack() as stack:
        yield [stack.enter_context(client.stream("GET", mti.root + FILE)) for _ in range(count)]


def test_connection_limit_of_a_client(mti, client):
    mti.fault(kind="connection_limit", connections=2)
    with under_way(mti, client, 2) as running:
        assert [answer.status_code for answer in running] == [200, 200]
        assert [client.get(mti.root + FILE).status_code for _ in range(3)] == [429, 429, 429]
    assert finished(mti)["downloads_at_once"] == {"now": 0, "most": 2}
    with client.stream("GET", mti.root + FILE) as answer:
        assert answer.status_code == 200


def test_downloads_at_once_get_the_same_and_are_counted(mti, client):
    mti.fault(kind="slow_bytes", bytes_per_second=300_000)
    barrier = threading.Barrier(8)

    def download(_: int) -> bytes:
        barrier.wait()
        return client.get(mti.root + FILE).content

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(download, range(8)))) == 1
    stats = finished(mti)
    assert stats["downloads_at_once"]["most"] > 1
    assert stats["bytes_served"] == 8 * SIZE


def test_metadata_is_answered_while_many_download(mti, client):
    with under_way(mti, client, 10):
        assert client.get(f"{mti.root}/Sessions?$expand=Files&$top=5").status_code == 200
        assert mti.stats()["downloads_at_once"] == {"now": 10, "most": 10}


def test_many_readers_at_once_get_the_same(mti, client):
    url = f"{mti.root}/Files?$orderby=PublicationDate desc&$top=200&$count=true"
    with ThreadPoolExecutor(12) as threads:
        bodies = set(threads.map(lambda _: client.get(url).content, range(60)))
    assert len(bodies) == 1


def test_an_order_storm_gives_one_order():
    with station("lta", "--profile", "acri", "--count", "60", scope="profile email") as running:
        headers = running.log_in()
        page = running.http.get(f"{running.root}/Products?$filter=Online eq false&$top=1", headers=headers).json()
        url = f"{running.root}/Products({page['value'][0]['Id']})/OData.CSC.Order"
        with ThreadPoolExecutor(10) as threads:
            answers = list(threads.map(lambda _: running.http.post(url, json={}, headers=headers), range(30)))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["Id"] for answer in answers}) == 1

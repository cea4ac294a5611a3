"""`rs` as it is typed: output, hints, exit codes."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from rs_client.cli import app
from rs_client.cli.output import plain

URL = "https://rs.example.org/v1"
SEARCH_LINKS = [
    {"rel": "self", "href": f"{URL}/cadip"},
    {"rel": "root", "href": f"{URL}/cadip"},
    {"rel": "data", "href": f"{URL}/cadip/collections"},
]
LANDING = {
    "type": "Catalog",
    "id": "cadip",
    "stac_version": "1.1.0",
    "description": "Sessions",
    "conformsTo": [
        "https://api.stacspec.org/v1.0.0/core",
        "https://api.stacspec.org/v1.0.0/collections",
        "https://api.stacspec.org/v1.0.0/item-search",
        "https://api.stacspec.org/v1.0.0-rc.2/item-search#filter",
        "https://api.stacspec.org/v1.0.0/item-search#sort",
    ],
    "links": SEARCH_LINKS,
}
ITEM: dict[str, Any] = {
    "type": "Feature",
    "stac_version": "1.1.0",
    "id": "S1A_20241114143038056552",
    "collection": "s1_mti",
    "geometry": None,
    "properties": {"datetime": "2024-11-14T14:30:44.018Z"},
    "links": [],
    "assets": {
        "a.raw": {"href": f"{URL}/catalog/collections/alice:s1-l0/items/A/download/a.raw", "file:size": 4},
        "b.raw": {"href": f"{URL}/catalog/collections/alice:s1-l0/items/A/download/b.raw", "file:size": 1500},
    },
}


def status_info(status: str, progress: int, message: str = "") -> dict[str, Any]:
    size = {"total": 11_400_000, "done": 114_000 * progress}
    return {"jobID": "j1", "status": status, "type": "process", "progress": progress, "message": message, "bytes": size}


@pytest.fixture
def found(server):
    server.on("GET", "/cadip", LANDING)
    server.on("POST", "/cadip/search", {"type": "FeatureCollection", "features": [ITEM], "links": []})


@pytest.fixture
def staged(server):
    """A staging service whose job goes on by one state a look."""
    states = [status_info("running", 50, "Transferring."), status_info("successful", 100, "staged 38 files")]
    server.on("POST", "/processes/staging/execution", status_info("accepted", 0), status=201)
    server.on("GET", "/jobs/j1", lambda _: httpx.Response(200, json=states.pop(0) if len(states) > 1 else states[0]))
    return states


def test_a_search_is_a_table(rs, found):
    result = rs("search", "cadip", "--collection", "s1_mti")
    assert result.exit_code == 0
    head, row = result.stdout.splitlines()
    assert head.split() == ["id", "collection", "datetime", "assets", "size"]
    assert row.split() == ["S1A_20241114143038056552", "s1_mti", "2024-11-14T14:30:44.018Z", "2", "1.5", "kB"]


def test_a_search_as_json_is_what_stage_reads(rs, found, staged, server):
    printed = rs("search", "cadip", "--id", ITEM["id"], "--json").stdout
    assert json.loads(printed) == {"type": "FeatureCollection", "features": [ITEM]}
    assert rs("stage", "-", "--to", "s1-l0", "--no-wait", stdin=printed).exit_code == 0
    sent = json.loads(server.requests[-1].content)["inputs"]["items"]["value"]["features"]
    assert sent[0]["assets"]["a.raw"]["href"] == ITEM["assets"]["a.raw"]["href"]


def test_nothing_found_is_said_beside_the_output(rs, found, server):
    server.on("POST", "/cadip/search", {"type": "FeatureCollection", "features": [], "links": []})
    result = rs("search", "cadip", "--id", "X")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "Nothing found.\n")


def test_staging_shows_progress_and_ends_with_success(rs, staged, server):
    result = rs("stage", "cadip", ITEM["id"], "--to", "s1-l0", "--collection", "s1_mti")
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "Job j1 stages into s1-l0.",
        "running    [############             ]  50 %  5.7 MB of 11.4 MB    Transferring.",
        "successful [#########################] 100 %  11.4 MB of 11.4 MB   staged 38 files",
    ]
    href = json.loads(server.requests[0].content)["inputs"]["items"]["href"]
    assert href.startswith(f"{URL}/cadip/search?")
    assert f"ids={ITEM['id']}" in href


@pytest.mark.parametrize(("status", "code"), [("failed", 1), ("dismissed", 6)])
def test_staging_ends_with_the_jobs_result(rs, staged, status, code):
    staged[:] = [status_info(status, 12, "Station mti: a.raw was cut short.")]
    result = rs("stage", "cadip", "A", "--to", "s1-l0")
    assert result.exit_code == code
    assert "Station mti: a.raw was cut short." in result.stderr
    assert "Hint:" in result.stderr


def test_staging_without_waiting_prints_the_jobs_id(rs, staged):
    result = rs("stage", "cadip", "A", "--to", "s1-l0", "--no-wait")
    assert (result.exit_code, result.stdout) == (0, "j1\n")


@pytest.mark.parametrize(
    ("arguments", "stdin", "told"),
    [
        (("cadip", "--to", "c"), "", "Say which items"),
        (("edrs", "A", "--to", "c"), "", "none of catalog, cadip"),
        (("-", "--to", "c"), "not json", "no JSON"),
        (("-", "--to", "c"), "[]", "no STAC items"),
        (("-", "--to", "c"), '{"type": "FeatureCollection", "features": []}', "no STAC items"),
        (("cadip", "A"), "", "--to"),
    ],
)
def test_staging_that_cannot_be_asked_for_is_a_usage_error(rs, arguments, stdin, told):
    result = rs("stage", *arguments, stdin=stdin)
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.split())


def test_jobs_are_listed_watched_and_cancelled(rs, staged, server):
    server.on(
        "GET",
        "/jobs",
        {"jobs": [status_info("running", 50, "Transferring.") | {"created": "2026-11-23T10:00:00Z"}], "links": []},
    )
    server.on("DELETE", "/jobs/j1", status_info("dismissed", 50))
    assert rs("jobs", "list").stdout.splitlines()[1].split() == [
        "j1",
        "running",
        "50",
        "%",
        "2026-11-23T10:00:00Z",
        "Transferring.",
    ]
    assert json.loads(rs("jobs", "show", "j1", "--json").stdout)["status"] == "running"
    assert rs("jobs", "watch", "j1").exit_code == 0
    assert rs("jobs", "cancel", "j1").stdout == "Job j1 is dismissed.\n"


def test_collections_are_made_once(rs, server):
    server.on("POST", "/catalog/collections", {"id": "alice:s1-l0"}, status=201)
    assert rs("collections", "create", "s1-l0", "--title", "Level 0").stdout == "Collection alice:s1-l0 created.\n"
    sent = json.loads(server.requests[-1].content)
    assert (sent["type"], sent["id"], sent["title"]) == ("Collection", "s1-l0", "Level 0")
    server.on("POST", "/catalog/collections", {"code": "Conflict", "description": "It exists."}, status=409)
    assert rs("collections", "create", "s1-l0").exit_code == 4
    assert rs("collections", "create", "s1-l0", "--exist-ok").exit_code == 0


def test_a_collection_is_deleted_after_a_question(rs, server):
    server.on("DELETE", "/catalog/collections/alice:s1-l0", None, status=204)
    assert rs("collections", "delete", "alice:s1-l0", stdin="n\n").exit_code == 1
    assert server.requests == []
    assert rs("collections", "delete", "alice:s1-l0", "--yes").stdout == "Collection alice:s1-l0 deleted.\n"


def test_sharing_ones_own_collection(rs, server):
    server.on("GET", "/access/me", {"user": "alice"})
    server.on("PUT", "/access/grants", lambda r: httpx.Response(200, json=json.loads(r.content) | {"id": "g1"}))
    result = rs("share", "s1-l0", "bob", "read", "download")
    assert result.stdout == "user:bob may read, download catalog:alice:s1-l0 (grant g1).\n"
    assert rs("share", "carol:x", "public").stdout == "public may read catalog:carol:x (grant g1).\n"


def test_a_new_key_is_the_only_thing_on_standard_output(rs, server):
    key = {"id": "k1", "name": "laptop", "created": "c", "expires": "2027-02-21T00:00:00Z"}
    server.on("POST", "/access/keys", key | {"key": "rss_new"}, status=201)
    server.on("GET", "/access/keys", {"keys": [key]})
    result = rs("keys", "create", "laptop", "--days", "30")
    assert result.stdout == "rss_new\n"
    assert "not shown again" in result.stderr
    assert "rss_new" not in rs("keys", "list").output


def test_files_of_an_item_are_downloaded(rs, server, tmp_path):
    server.on("GET", "/catalog/collections/s1-l0/items/A", ITEM)
    server.on(
        "GET",
        ITEM["assets"]["a.raw"]["href"],
        lambda _: httpx.Response(302, headers={"location": "https://b.example/a"}),
    )
    server.on("GET", "https://b.example/a", lambda _: httpx.Response(200, content=b"data"))
    result = rs("download", "s1-l0", "A", "--asset", "a.raw", "--to", str(tmp_path))
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{tmp_path}/a.raw  4 bytes, size verified\n"
    assert (tmp_path / "a.raw").read_bytes() == b"data"


def test_an_asset_that_is_not_there_is_named_with_those_that_are(rs, server, tmp_path):
    server.on("GET", "/catalog/collections/s1-l0/items/A", ITEM)
    result = rs("download", "s1-l0", "A", "--asset", "c.raw", "--to", str(tmp_path))
    assert result.exit_code == 2
    assert "a.raw, b.raw" in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("status", "code"), [(400, 4), (403, 4), (404, 4), (409, 4), (429, 4), (500, 5), (502, 5), (504, 5)]
)
def test_each_kind_of_failure_has_its_exit_code_and_a_hint(rs, server, status, code):
    server.on("GET", "/access/me", {"description": "What is wrong."}, status=status)
    result = rs("me")
    assert result.exit_code == code
    assert re.match(r"Error( 4\d\d)?: What is wrong.\nHint: ", result.stderr)
    assert "Traceback" not in result.output


def test_a_wrong_key_is_told_but_not_shown(rs, server):
    server.on("GET", "/access/me", {"message": "Unauthorized"}, status=401)
    result = rs("me", key="rss_wrong")
    assert result.exit_code == 3
    assert "mistyped" in result.stderr
    assert "RS_API_KEY" in result.stderr
    assert "rss_wrong" not in result.output


def test_an_interrupt_ends_the_watching_and_not_the_job(rs, staged, server):
    def interrupt(_: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    server.on("GET", "/jobs/j1", interrupt)
    result = rs("stage", "cadip", "A", "--to", "s1-l0")
    assert result.exit_code == 130
    assert result.stderr == "Job j1 stages into s1-l0.\nInterrupted.\n"
    assert not [request for request in server.requests if request.method == "DELETE"]


def test_without_an_address_nothing_is_tried(rs):
    result = rs("me", url="", key="")
    assert result.exit_code == 2
    assert "RS_URL" in result.stderr


def test_help_never_shows_the_key_that_is_set(rs):
    assert "rss_secret" not in rs("--help", key="rss_secret").output


def test_what_others_wrote_cannot_steer_the_terminal():
    assert plain("\x1b[2Jgone\r\x07") == "\ufffd[2Jgone\ufffd\ufffd"


def test_files_of_several_items_are_downloaded_side_by_side(rs, server, tmp_path):
    for item_id in ("A", "B"):
        base = f"{URL}/catalog/collections/s1-l0/items/{item_id}"
        names = ("a.raw", "b.raw", "c.raw")
        assets = {name: {"href": f"{base}/download/{name}", "file:size": 4} for name in names}
        server.on("GET", base, ITEM | {"id": item_id, "assets": assets})
        for name in names:
            server.on("GET", f"{base}/download/{name}", lambda _: httpx.Response(200, content=b"data"))
    result = rs("download", "s1-l0", "A", "B", "--to", str(tmp_path), "--json")
    assert result.exit_code == 0, result.output
    files = {tmp_path / item / name for item in ("A", "B") for name in ("a.raw", "b.raw", "c.raw")}
    assert {file["path"] for file in json.loads(result.stdout)} == set(map(str, files))
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == files


def test_items_to_download_may_come_from_stdin(rs, server, tmp_path):
    server.on("GET", ITEM["assets"]["a.raw"]["href"], lambda _: httpx.Response(200, content=b"data"))
    found = json.dumps({"type": "FeatureCollection", "features": [ITEM]})
    assert rs("download", "-", "--asset", "a.raw", "--to", str(tmp_path), stdin=found).exit_code == 0
    assert (tmp_path / "a.raw").read_bytes() == b"data"


def test_a_file_that_fails_leaves_the_others_and_ends_with_an_error(rs, server, tmp_path):
    server.on("GET", "/catalog/collections/s1-l0/items/A", ITEM)
    server.on("GET", ITEM["assets"]["a.raw"]["href"], lambda _: httpx.Response(200, content=b"cut"))
    server.on("GET", ITEM["assets"]["b.raw"]["href"], lambda _: httpx.Response(200, content=b"d" * 1500))
    result = rs("download", "s1-l0", "A", "--to", str(tmp_path))
    assert result.exit_code == 1
    assert "a.raw: it has 3 bytes, the item says 4." in " ".join(result.stderr.split())
    assert "1 of 2 files could not be downloaded." in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["b.raw"]


def test_an_interrupt_keeps_what_has_come(rs, server, tmp_path):
    server.on("GET", "/catalog/collections/s1-l0/items/A", ITEM)

    def interrupt(_: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    server.on("GET", "/catalog/collections/s1-l0/items/A", interrupt)
    result = rs("download", "s1-l0", "A", "--to", str(tmp_path))
    assert result.exit_code == 130
    assert "Interrupted." in result.stderr


def test_a_full_disk_is_told_without_a_trace(rs, server, tmp_path):
    server.on("GET", "/catalog/collections/s1-l0/items/A", ITEM)
    (tmp_path / "file").touch()
    result = rs("download", "s1-l0", "A", "--to", str(tmp_path / "file" / "below"))
    assert result.exit_code == 1
    assert "Not a directory" in result.stderr
    assert "Traceback" not in result.output


def test_a_search_goes_into_a_geoparquet_file(rs, found, server, tmp_path):
    placed = ITEM | {"geometry": {"type": "Point", "coordinates": [10, 45]}}
    server.on("POST", "/cadip/search", {"type": "FeatureCollection", "features": [placed], "links": []})
    file = tmp_path / "found.parquet"
    result = rs("search", "cadip", "--id", "A", "--parquet", str(file))
    assert (result.exit_code, result.stdout) == (0, ""), result.output
    assert result.stderr == f"1 items are in {file}.\n"
    assert file.read_bytes()[:4] == b"PAR1"


def test_a_search_by_place_and_order(rs, found, server):
    assert rs("search", "cadip", "--bbox", "10,45,12.5,46", "--sort", "-datetime").exit_code == 0
    sent = json.loads(server.requests[-1].content)
    assert sent["bbox"] == [10, 45, 12.5, 46]
    assert sent["sortby"] == [{"direction": "desc", "field": "datetime"}]


def test_an_item_is_shown(rs, server):
    server.on("GET", "/cadip/collections/s1_mti/items/A", ITEM)
    lines = rs("show", "s1_mti", "A", "--service", "cadip").stdout.splitlines()
    assert lines[0].split() == ["id", ITEM["id"]]
    assert ["datetime", "2024-11-14T14:30:44.018000Z"] in [line.split() for line in lines]
    assert lines[-1].split()[:3] == ["b.raw", "1.5", "kB"]
    assert json.loads(rs("show", "s1_mti", "A", "-s", "cadip", "--json").stdout)["assets"] == ITEM["assets"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes_commands_and_services(rs, shell):
    asked = {"_RS_COMPLETE": f"complete_{shell}", "COMP_WORDS": "rs search ca", "COMP_CWORD": "2"}
    asked |= {"_TYPER_COMPLETE_ARGS": "rs search ca", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    result = CliRunner().invoke(app, [], env=asked, prog_name="rs")
    assert "catalog" in result.stdout
    assert "cadip" in result.stdout
    assert "auxip" not in result.stdout

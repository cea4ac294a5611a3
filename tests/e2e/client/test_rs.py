"""`rs` as a user types it, on the deployed stack: logged in by a profile, in processes of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.stack_file import Stack
from rs_client.transport import base_url_of

RS = str(Path(sys.executable).with_name("rs"))
SIZE = 100_000_000
"""Bytes of the large file: two parts of an upload, and long enough on its way to be interrupted."""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def environment(home: Path) -> dict[str, str]:
    """A user without any setting, and without a keyring."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RS_")}
    return kept | {"XDG_CONFIG_HOME": str(home), "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


@pytest.fixture(scope="module")
def rs(environment: dict[str, str]) -> Run:
    def run(*arguments: str, stdin: str = "", code: int = 0, **variables: str) -> subprocess.CompletedProcess[str]:
        ended = subprocess.run(
            [RS, *arguments], input=stdin, env=environment | variables, capture_output=True, text=True, check=False
        )
        assert ended.returncode == code, ended.stdout + ended.stderr
        assert "Traceback" not in ended.stderr
        return ended

    return run


@pytest.fixture(scope="module")
def alice(rs: Run, stack: Stack) -> Run:
    """`rs` of alice, who has logged in."""
    rs("login", stack.api_url, stdin=stack.keys["alice"])
    return rs


@pytest.fixture(scope="module")
def collection(alice: Run) -> Iterator[str]:
    """A collection of alice's."""
    name = f"rs-{uuid.uuid4().hex[:12]}"
    alice("collections", "create", name)
    yield name
    alice("collections", "delete", name, "--yes")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A large file of which no two parts are alike."""
    path = tmp_path_factory.mktemp("data") / "large.bin"
    path.write_bytes(b"".join(number.to_bytes(4) for number in range(SIZE // 4)))
    return path


@pytest.fixture(scope="module")
def uploaded(alice: Run, collection: str, large: Path) -> str:
    """Id of an item that has the large file."""
    moment = ["--datetime", "2024-11-14T12:00:00Z", "--bbox", "10,45,12,46"]
    alice("upload", collection, str(large), "--id", "large", *moment)
    return "large"


def test_a_profile_is_all_that_a_user_needs(alice: Run, home: Path, stack: Stack):
    shown = json.loads(alice("me", "--json").stdout)
    assert shown["user"] == "alice"
    file = home / "rs-server" / "profiles.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_text())["profiles"]["default"]["url"] == base_url_of(stack.api_url)


def test_an_uploaded_file_is_an_item_that_can_be_found(alice: Run, collection: str, uploaded: str, tmp_path: Path):
    found = alice("search", "catalog", "-c", f"alice:{collection}", "--bbox", "11,45.5,11.1,45.6", "--json").stdout
    [item] = json.loads(found)["features"]
    assert item["id"] == uploaded
    assert item["assets"]["large.bin"]["file:size"] == SIZE
    assert alice("show", collection, uploaded).stdout.splitlines()[-1].startswith("large.bin  100.0 MB")
    alice("search", "catalog", "-c", f"alice:{collection}", "--parquet", str(tmp_path / "found.parquet"))
    assert (tmp_path / "found.parquet").read_bytes()[:4] == b"PAR1"


def _heeding_interrupts() -> None:
    """As in a terminal, also where tests run in the background, which ignores Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_a_download_that_was_interrupted_goes_on_and_is_equal(
    alice: Run, environment: dict[str, str], collection: str, uploaded: str, large: Path, tmp_path: Path
):
    command = [RS, "download", collection, uploaded, "--to", str(tmp_path)]
    part, whole = tmp_path / "large.bin.part", tmp_path / "large.bin"
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_heeding_interrupts,
    )
    until = time.monotonic() + 60
    while not (part.exists() and part.stat().st_size > 0):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=20)
    assert (process.returncode, output) == (130, ""), errors
    assert "run the same command again" in errors
    assert "Traceback" not in errors
    kept = part.stat().st_size
    assert 0 < kept < SIZE
    assert not whole.exists()

    with part.open("r+b") as file:  # a mark, by which to see that these bytes do not come again
        file.write(b"mark")
    assert "sha256 is not the one" in alice(*command[1:], code=1).stderr
    assert list(tmp_path.iterdir()) == []

    with large.open("rb") as source:
        part.write_bytes(source.read(kept))
    shown = alice(*command[1:]).stdout
    assert shown == f"{whole}  {SIZE} bytes, size and sha256 verified\n"
    assert whole.read_bytes() == large.read_bytes()
    assert list(tmp_path.iterdir()) == [whole]


def test_a_key_that_does_not_work_is_explained(alice: Run, stack: Stack):
    new = json.loads(alice("keys", "create", "short", "--days", "1", "--json").stdout)
    alice("keys", "revoke", new["id"])
    until = time.monotonic() + 30
    revoked = {"RS_URL": stack.api_url, "RS_API_KEY": new["key"]}
    while subprocess.run([RS, "me"], env=os.environ | revoked, capture_output=True, check=False).returncode == 0:
        assert time.monotonic() < until
    wrong = new["key"][:-1] + ("a" if new["key"][-1] != "a" else "b")
    for key, told in ((new["key"], "it expired, was revoked, or belongs to another server"), (wrong, "mistyped")):
        errors = alice("me", code=3, **(revoked | {"RS_API_KEY": key})).stderr
        assert told in errors
        assert "Hint: " in errors
        assert key not in errors


def test_an_administrator_makes_a_user_who_logs_in(rs: Run, alice: Run, stack: Stack, collection: str):
    admin = {"RS_URL": stack.api_url, "RS_API_KEY": stack.keys["admin"]}
    login = f"user-{uuid.uuid4().hex[:8]}"
    rs("admin", "users", "create", login, "--group", "e2e", **admin)
    key = rs("admin", "keys", "create", login, "first", "--days", "1", **admin).stdout
    rs("login", stack.api_url, "--profile", login, stdin=key)
    rs("profiles", "use", "default")
    assert rs("--profile", login, "show", f"alice:{collection}", code=4).stderr.startswith("Error 404")
    rs("admin", "users", "change", login, "--disable", **admin)
    assert f"user:{login}" in rs("admin", "audit", "-n", "1000", **admin).stdout
    rs("logout", login)

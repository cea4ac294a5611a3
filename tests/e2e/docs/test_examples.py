"""The commands of README and docs, run as they are written, page by page, by the demo user alice.

Two pages at a time: those that work on the same collection follow each other, beside all others.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from local.stack_file import Stack
from rs_client import Client, Refused
from tests.e2e.docs.blocks import ROOT, blocks, pages
from tests.e2e.docs.conftest import run

SHARED = "passes"
"""The collection of several pages, each of which makes it."""
MADE = (SHARED, "auxiliary", "scripted", "from-python")
KEYS = ("laptop", "reader")
IN_THE_CHECKOUT = {ROOT / "README.md", ROOT / "docs" / "tutorial.md"}
"""Pages that begin where `make` works; what README downloads is ignored by git."""
ANSWERS_ERRORS = {ROOT / "docs" / "simulators.md"}
"""Pages that show how a request fails."""
PAGES = [page for page in pages() if any(block.runs for block in blocks(page))]


def _clean(alice: Client) -> None:
    """Remove what pages make."""
    for name in MADE:
        _forget(alice, name)
    for key in alice.keys.all():
        if key.name in KEYS and not key.revoked:
            alice.keys.revoke(key.id)
    for order in alice.subscriptions.all():
        if order.collection in {f"alice:{name}" for name in (*MADE, "s1-l0")}:
            alice.subscriptions.remove(order.id)


def _forget(alice: Client, name: str) -> None:
    with suppress(Refused):
        alice.catalog.delete(name)
    for grant in alice.grants.find(resource=f"catalog:alice:{name}"):
        with suppress(Refused):  # it went with the collection meanwhile
            alice.grants.withdraw(grant.id)


def shell_script(page: Path) -> str:
    """All commands of a page; it ends with the first that fails, which bash then shows last."""
    parts = [block.commands() for block in blocks(page) if block.runs and block.language != "python"]
    return "set -euxo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + "".join(parts) if parts else ""


def do(page: Path, environment: dict[str, str], home: Path) -> None:
    """Do what a page says, in a home without settings, in which curl fails where a server refuses."""
    home.mkdir()
    if page not in ANSWERS_ERRORS:
        (home / ".curlrc").write_text("fail-with-body\n")
    environment = environment | {"HOME": str(home)}
    folder = ROOT if page in IN_THE_CHECKOUT else home
    script = shell_script(page)
    if script:
        run(["bash", "-s"], environment, folder, script)
    python = "\n".join(block.text for block in blocks(page) if block.runs and block.language == "python")
    if python:
        run([sys.executable, "-"], environment, folder, python)


@pytest.fixture(scope="module")
def alice(stack: Stack) -> Iterator[Client]:
    """The demo user, who has nothing of the pages before and after."""
    with Client(stack.api_url, stack.keys["alice"]) as client:
        _clean(client)
        if "alice:s1-l0" not in {collection.id for collection in client.catalog.collections()}:
            client.catalog.create("s1-l0")
        yield client
        _clean(client)


@pytest.fixture(scope="module")
def done(
    request: pytest.FixtureRequest, alice: Client, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[Path, Future[None]]]:
    """How each page that is asked for ends; all are begun at once."""
    homes = tmp_path_factory.mktemp("homes")
    asked = {item.callspec.params.get("page") for item in request.session.items if hasattr(item, "callspec")}

    def on_its_own(page: Path) -> None:
        do(page, environment, homes / page.stem)

    def on_the_shared(page: Path) -> None:
        try:
            on_its_own(page)
        finally:
            _forget(alice, SHARED)

    with ThreadPoolExecutor(1) as first, ThreadPoolExecutor(1) as second:

        def begin(page: Path) -> Future[None]:
            shares = f"create {SHARED}" in shell_script(page)
            do_page: Callable[[Path], None] = on_the_shared if shares else on_its_own
            return (first if shares else second).submit(do_page, page)

        yield {page: begin(page) for page in PAGES if page in asked}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_does_what_it_says(page: Path, done: Mapping[Path, Future[None]]) -> None:
    done[page].result()

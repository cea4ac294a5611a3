"""Headless Chromium on the deployed stack's pages, by the addresses that people open."""

from __future__ import annotations

import json
import os
import shutil
import struct
import uuid
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from local.stack_file import Stack
from rs_client.client import Client
from rs_client.publication import new_item
from tests.e2e.conftest import ROOT, Api

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
HERE = Path(__file__).parent
PICTURES = ROOT / "docs" / "images"
PICTURE = {"width": 1200, "height": 720}
SESSION = "rs-server.session"
PATIENCE = 120_000
"""Milliseconds that a page may take: functions start cold, and this machine does other things as well."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what opens pages where there is no browser to open them with."""
    skip = pytest.mark.skip(reason="there is no Chromium on PATH (Debian: apt-get install chromium)")
    for item in items:
        if not CHROMIUM and HERE in item.path.parents:
            item.add_marker(skip)


@dataclass(frozen=True, slots=True)
class Site:
    """Where the pages are."""

    browser: str
    """STAC Browser's, with its `index.html`."""

    @property
    def account(self) -> str:
        """The account page."""
        return self.browser.replace("index.html", "account.html")


@pytest.fixture(scope="session")
def site(stack: Stack) -> Site:
    assert stack.browser_url, "`make up` could not build the pages: see .local/logs/browser.log"
    return Site(stack.browser_url)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def tolerated() -> list[str]:
    """Words of console errors that a test provokes: Chromium logs every refusal that it is answered with."""
    return []


@pytest.fixture
def page(chromium: Browser, tolerated: list[str]) -> Iterator[Page]:
    """A page of a browser that knows nothing yet; at its end it has had no error in its console."""
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"{message.text} {message.location}")

    context = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    opened.on("console", note)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert [error for error in errors if not any(word in error for word in tolerated)] == []


def log_in_with(page: Page, site: Site, key: str, login: str) -> None:
    """Log in with a key, as people do: on the log-in page."""
    page.goto(f"{site.account}#login")
    page.get_by_label("API key").fill(key)
    page.get_by_role("button", name="Log in with this key").click()
    page.get_by_role("link", name=f"Log out {login}").wait_for()


@pytest.fixture(scope="package")
def sessions(chromium: Browser, site: Site, stack: Stack) -> Callable[[str], str]:
    """What the tab of a demo user keeps after the log-in; each logs in once for all tests."""
    known: dict[str, str] = {}

    def session_of(login: str) -> str:
        if login not in known:
            page = chromium.new_page()
            page.set_default_timeout(PATIENCE)
            log_in_with(page, site, stack.keys[login], login)
            known[login] = page.evaluate(f"sessionStorage.getItem('{SESSION}')")
            page.close()
        return known[login]

    return session_of


@pytest.fixture
def log_in(page: Page, sessions: Callable[[str], str]) -> Callable[[str], None]:
    """Makes the page one in whose tab a demo user has logged in."""

    def go(login: str) -> None:
        name, value = json.dumps(SESSION), json.dumps(sessions(login))
        page.add_init_script(f"""if (location.protocol.startsWith('http') && !sessionStorage.getItem('begun')) {{
            sessionStorage.setItem('begun', '1');
            sessionStorage.setItem({name}, {value});
        }}""")

    return go


@pytest.fixture(scope="session")
def picture() -> Callable[[Page, str], None]:
    """Keeps how a page looks for README and docs when RS_PICTURES is set; `make pictures` does so."""

    def keep(page: Page, name: str) -> None:
        if os.environ.get("RS_PICTURES"):
            size = page.viewport_size
            page.set_viewport_size(PICTURE)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=PICTURES / f"{name}.png", animations="disabled", caret="hide")
            page.set_viewport_size(size or PICTURE)

    return keep


@dataclass(frozen=True, slots=True)
class Kept:
    """An item that alice has in the catalog."""

    collection: str
    """With its owner."""
    item: str
    asset: str
    content: bytes


@pytest.fixture(scope="package")
def kept(stack: Stack, api: Api, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A product with a footprint, staged into a collection of alice's, and beside it an item with a thumbnail."""
    folder = tmp_path_factory.mktemp("pictures")
    alice = api("alice")
    name = f"pages-{uuid.uuid4().hex[:8]}"
    found = alice.post("/prip/search", json={"collections": ["S1A_L0_RAW"], "limit": 1}).json()["features"][0]
    with Client(stack.api_url, stack.keys["alice"]) as client:
        client.catalog.create(name, title="Kept for the pages")
        client.jobs.wait(client.jobs.stage(name, [found]).id)
        [asset] = found["assets"]
        path = f"/catalog/collections/alice:{name}/items/{found['id']}/download/{asset}"
        content = httpx.get(alice.get(path).headers["location"]).content
        client.publish(
            name, new_item("quicklook", "2024-11-14T12:00:00Z", (10, 40, 18, 46)), {"picture": small_picture(folder)}
        )
        client.catalog.change_item(
            name, "quicklook", {"assets": {"picture": {"roles": ["thumbnail"], "type": "image/png"}}}
        )
        yield Kept(f"alice:{name}", found["id"], asset, content)
        client.catalog.delete(name)


def small_picture(folder: Path) -> Path:
    """A PNG of two points."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 2, 1, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" + b"\x33\x99\xcc" * 2)), (b"IEND", b""))
    file = folder / "picture.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts))
    return file


def accessibility(page: Page, script: Path) -> list[dict[str, Any]]:
    """What axe-core finds serious or critical on the page as it is."""
    page.evaluate(script.read_text())
    found: list[dict[str, Any]] = page.evaluate("async () => (await axe.run()).violations")
    return [each for each in found if each["impact"] in {"serious", "critical"}]

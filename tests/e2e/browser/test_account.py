"""The account page, and the portal's pages: what people do besides browsing, for everyone who comes."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.build import finished
from tests.e2e.browser.conftest import accessibility, log_in_with
from tests.e2e.conftest import ROOT

VIEWS = ("jobs", "stage", "orders", "collections", "keys", "rights")
SCRIPT_BUDGET = 150_000
"""Bytes of script that our page may load, as they are without compression."""
MINUTE = 60_000
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def axe() -> Path:
    built = finished(ROOT / ".local" / "browser")
    assert built is not None
    return built.folder / "axe.js"


def test_a_wrong_key_is_refused_in_words(page: Page, site, tolerated):
    tolerated.append("401")
    page.goto(f"{site.account}#login")
    page.get_by_label("API key").fill("rss_wrong")
    page.get_by_role("button", name="Log in with this key").click()
    expect(page.get_by_role("alert")).to_contain_text("not valid: it may be mistyped, revoked or expired")
    assert page.evaluate("sessionStorage.getItem('rs-server.session')") is None


def test_a_log_in_that_has_expired_is_said_and_forgotten(page: Page, site):
    page.goto(f"{site.account}#login")
    page.evaluate("sessionStorage.setItem('rs-server.session', JSON.stringify({token: 'rss_old', expires: 1}))")
    page.reload()
    expect(page.get_by_role("alert")).to_have_text("Your log-in has expired. Log in again.")
    expect(page.get_by_label("API key")).to_be_visible()


def test_the_log_in_leads_back_only_to_our_own_pages(page: Page, site, stack):
    page.goto(f"{site.account}#login?back=https%3A%2F%2Fevil.example%2F")
    page.get_by_label("API key").fill(stack.keys["alice"])
    page.get_by_role("button", name="Log in with this key").click()
    page.get_by_role("link", name="Log out alice").wait_for()
    assert page.url.startswith(site.account)


def test_an_item_is_staged_from_the_page_and_watched_until_it_is_there(page: Page, site, log_in, api, picture):
    name = f"staged-{uuid.uuid4().hex[:8]}"
    log_in("alice")
    page.goto(f"{site.account}#stage")
    page.get_by_label("Stations").select_option("auxip")
    page.get_by_label("Collection").select_option("s1_aux")
    page.get_by_role("button", name="Search").click()
    boxes = page.get_by_role("checkbox", name=re.compile("^Stage "))
    expect(boxes.first).to_be_checked()
    for box in boxes.all()[1:]:
        box.evaluate("box => box.click()")
    page.get_by_label("Into").select_option("")
    page.get_by_label("Its name").fill(name)
    page.get_by_label("Label").fill(name)
    picture(page, "stage")
    page.get_by_role("button", name=re.compile("^Stage 1 item")).click()
    row = page.get_by_role("row", name=name)
    expect(row.locator(".status")).to_have_text("successful", timeout=MINUTE)
    picture(page, "jobs")
    items = api("alice").get(f"/catalog/collections/alice:{name}/items").json()["features"]
    assert len(items) == 1
    api("alice").delete(f"/catalog/collections/alice:{name}")


def test_a_job_is_cancelled_on_the_page(page: Page, site, stack, log_in, kept, api):
    alice = api("alice")
    products = (
        f"{stack.api_url}/prip/search?collections=S1A&datetime=2024-11-15T00:00:00Z/2024-11-15T23:59:59Z&limit=30"
    )
    label = f"cancelled-{uuid.uuid4().hex[:8]}"
    inputs = {"collection": kept.collection, "items": {"href": products}, "label": label}
    alice.post("/processes/staging/execution", json={"inputs": inputs}).raise_for_status()
    log_in("alice")
    page.goto(f"{site.account}#jobs")
    page.get_by_role("button", name=f"Cancel {label}").click()
    row = page.get_by_role("row", name=label)
    expect(row.locator(".status")).to_have_text("dismissed", timeout=MINUTE)
    expect(page.get_by_role("button", name=f"Cancel {label}")).to_have_count(0)


def test_a_standing_order_is_made_paused_and_removed(page: Page, site, log_in, kept):
    label = f"order-{uuid.uuid4().hex[:8]}"
    log_in("alice")
    page.goto(f"{site.account}#orders")
    page.get_by_text("New standing order").click()
    page.get_by_label("Collection there").fill("s1_mti")
    page.get_by_label("Platform, or all").fill("sentinel-1c")
    page.get_by_label("Into my collection").fill(kept.collection)
    page.get_by_label("Label").fill(label)
    page.get_by_role("button", name="Order it").click()
    row = page.get_by_role("row", name=label)
    expect(row).to_contain_text("active")
    page.get_by_role("button", name=f"Pause {label}").click()
    expect(row).to_contain_text("paused")
    page.get_by_role("button", name=f"Resume {label}").click()
    expect(row).to_contain_text("active")
    page.get_by_role("button", name=f"Remove {label}").click()
    expect(row).to_have_count(0)


def test_a_key_that_ends_while_the_page_is_open_asks_for_another(page: Page, site, api, tolerated):
    tolerated.append("401")
    made = api("bob").post("/access/keys", json={"name": "ends soon"}).json()
    log_in_with(page, site, made["key"], "bob")
    page.goto(f"{site.account}#collections")
    page.get_by_role("heading", name="Collections").wait_for()
    page.route("**/access/keys*", lambda route: route.fulfill(status=401, json={"code": "Unauthorized"}))
    page.get_by_role("link", name="Keys").click()
    expect(page.get_by_role("alert").first).to_contain_text("not valid: it may be mistyped, revoked or expired")
    expect(page.get_by_label("API key")).to_be_visible()
    api("bob").delete(f"/access/keys/{made['id']}")


def test_a_collection_is_shared_and_taken_back(page: Page, site, log_in, kept, picture):
    log_in("alice")
    page.goto(f"{site.account}#collections")
    mine = page.get_by_role("article", name=kept.collection)
    mine.get_by_text("Share it").click()
    mine.get_by_label("Name").fill("bob")
    mine.get_by_role("button", name="Share", exact=True).click()
    row = mine.get_by_role("row", name=re.compile("^bob"))
    expect(row).to_contain_text("read, download")
    picture(page, "collections")
    row.get_by_role("button", name="Withdraw").click()
    expect(row).to_have_count(0)


def test_a_key_is_made_shown_once_and_revoked(page: Page, site, log_in, api):
    name = f"key {uuid.uuid4().hex[:8]}"
    log_in("bob")
    page.goto(f"{site.account}#keys")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make the key").click()
    key = page.locator("code.secret").inner_text()
    assert api(key=key).get("/access/me").json()["user"] == "bob"
    page.get_by_role("button", name=f"Revoke {name}").click()
    expect(page.get_by_role("row", name=name)).to_have_count(0)
    assert api(key=key).get("/access/me").status_code == 401


def test_every_view_is_accessible_and_fits_a_phone(page: Page, site, log_in, axe, kept):
    page.goto(f"{site.account}#login")
    page.get_by_label("API key").wait_for()
    assert accessibility(page, axe) == []
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.set_viewport_size({"width": 1280, "height": 900})
    log_in("alice")
    page.evaluate("sessionStorage.clear()")
    page.reload()
    for view in VIEWS:
        page.goto(f"{site.account}#{view}")
        page.get_by_role("heading", level=1).wait_for()
        expect(page.locator("main [aria-busy=true]")).to_have_count(0)
        assert accessibility(page, axe) == [], view
        page.set_viewport_size(PHONE)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], view
        page.set_viewport_size({"width": 1280, "height": 900})


def test_the_portals_page_is_accessible_and_leads_to_the_others(page: Page, site, stack, axe, picture):
    page.set_viewport_size(PHONE)
    page.goto(f"{stack.api_url}/")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.set_viewport_size({"width": 1280, "height": 900})
    picture(page, "portal")
    expect(page.get_by_role("link", name="STAC Browser")).to_have_attribute("href", site.browser)
    expect(page.get_by_role("link", name="My account")).to_have_attribute("href", site.account)
    # The page's own policy lets no script in, axe-core's neither: its content is looked at where there is none.
    content = page.content()
    page.goto("about:blank")
    page.set_content(content)
    page.evaluate("document.querySelector('meta[http-equiv]')?.remove()")
    assert accessibility(page, axe) == []


def test_the_account_page_keeps_to_its_budget_of_script(page: Page, site, log_in):
    sizes: dict[str, int] = {}

    def note(response) -> None:
        if response.request.resource_type == "script":
            sizes[response.url] = len(response.body())

    page.on("response", note)
    log_in("alice")
    page.goto(f"{site.account}#collections")
    page.get_by_role("heading", name="Collections").wait_for()
    page.remove_listener("response", note)
    assert len(sizes) > 5
    # The identity provider's client is loaded by those alone who log in there; it counts all the same.
    client = len(page.request.get(site.account.replace("account.html", "vendor/oidc-client.js")).body())
    assert sum(sizes.values()) + client < SCRIPT_BUDGET


def test_the_documentation_shows_every_service_is_accessible_and_fits_a_phone(page: Page, stack, axe):
    page.goto(f"{stack.api_url}/docs")
    page.get_by_role("button", name="Authorize").wait_for()
    if page.get_by_text("do not answer now").is_visible():  # a function that starts cold; the next one to ask finds it
        page.reload()
    for service in ("portal", "catalog", "cadip", "auxip", "prip", "lta", "staging", "access"):
        expect(page.locator(f"#operations-tag-{service}")).to_be_visible()
    assert accessibility(page, axe) == []
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

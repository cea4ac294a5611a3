"""STAC Browser for visitors who do not wait, on a machine that makes them wait: what comes late disturbs no one."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.browser.conftest import SESSION

LATE_TIMERS = """(() => {
  const start = window.setTimeout;
  window.setTimeout = (work, wait, ...rest) => start(work, Math.max(wait ?? 0, 1000), ...rest);
})()"""
"""What was put off until just after the present moment is done a second later."""


class Held:
    """Requests of an address, which go no further until they are let go; later ones are not held."""

    def __init__(self, page: Page, url: str) -> None:
        self.waiting: list[Route] | None = []
        page.route(url, self._take)

    def _take(self, route: Route) -> None:
        if self.waiting is None:
            route.continue_()
        else:
            self.waiting.append(route)

    def go_on(self) -> None:
        waiting, self.waiting = self.waiting or [], None
        assert waiting, "Nothing was held."
        for route in waiting:
            route.continue_()


def test_a_page_is_left_before_its_description_was_measured(page: Page, site, log_in):
    log_in("alice")
    page.add_init_script(LATE_TIMERS)
    page.goto(site.browser)
    page.get_by_role("link", name=re.compile("CADIP stations")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("CADIP"))
    page.wait_for_timeout(1500)


def test_what_is_opened_while_it_is_read_in_the_background_has_its_lists(page: Page, site, stack, log_in):
    log_in("alice")
    held = Held(page, f"{stack.api_url}/cadip")
    page.goto(site.browser)
    link = page.get_by_role("link", name=re.compile("CADIP stations")).first
    with page.expect_request(f"{stack.api_url}/cadip"):
        link.wait_for()
    link.click()
    held.go_on()
    held = Held(page, f"{stack.api_url}/cadip/collections/s1_mti")
    page.get_by_role("link", name="Sentinel-1 at Matera").first.click()
    held.go_on()
    page.locator(".items .item-card").first.wait_for()


def test_a_page_that_comes_late_does_not_take_the_place_of_the_next(page: Page, site, stack, log_in):
    log_in("alice")
    page.goto(f"{site.browser}#/auxip")
    expect(page.get_by_role("heading", level=1)).to_have_text("Auxiliary data")
    held = Held(page, f"{stack.api_url}/cadip/collections/s1_mti")
    with page.expect_request(f"{stack.api_url}/cadip/collections/s1_mti"):
        page.evaluate("location.hash = '#/cadip/collections/s1_mti'")
    page.evaluate("location.hash = '#/prip/collections/S1A_L0_RAW'")
    shown = page.locator(".items .item-card .card-title")
    shown.first.wait_for()
    heading, items = page.get_by_role("heading", level=1).inner_text(), shown.all_inner_texts()
    with page.expect_response(re.compile("/cadip/collections/s1_mti")):
        held.go_on()
    page.wait_for_load_state("networkidle")
    assert page.get_by_role("heading", level=1).inner_text() == heading
    assert shown.all_inner_texts() == items


@pytest.fixture
def ending(page: Page, api):
    """A key of alice's with which the page is logged in; gives its number."""
    made = api("alice").post("/access/keys", json={"name": "ends soon"}).json()
    session = json.dumps({"token": made["key"], "login": "alice"})
    page.add_init_script(f"sessionStorage.setItem('{SESSION}', {json.dumps(session)})")
    yield made["id"]
    api("alice").delete(f"/access/keys/{made['id']}")


def test_a_key_that_ends_is_said_where_a_list_goes_on_and_where_a_page_is_opened(
    page: Page, site, api, ending, tolerated
):
    tolerated += ["401", "AxiosError", "BrowserError"]
    page.goto(f"{site.browser}#/prip/collections/S1A_L0_RAW")
    further = page.get_by_role("button", name="Next").first
    further.wait_for()
    page.wait_for_load_state("networkidle")
    api("alice").delete(f"/access/keys/{ending}").raise_for_status()
    further.click()
    words = re.compile("your key or log-in is not valid any more")
    expect(page.get_by_role("alert").filter(has_text=words).first).to_be_visible()
    page.reload()
    expect(page.get_by_role("alert").filter(has_text=words).first).to_be_visible()


def test_what_another_station_has_does_not_take_the_place_of_what_was_chosen(page: Page, site, stack, log_in):
    log_in("alice")
    held = Held(page, f"{stack.api_url}/cadip/collections")
    with page.expect_request(f"{stack.api_url}/cadip/collections"):
        page.goto(f"{site.account}#stage")
    page.get_by_label("Stations").select_option("auxip")
    collection = page.get_by_label("Collection")
    collection.select_option("s1_aux")
    with page.expect_response(f"{stack.api_url}/cadip/collections"):
        held.go_on()
    page.wait_for_load_state("networkidle")
    expect(collection).to_have_value("s1_aux")

"""STAC Browser on the deployed stack: one root over everything, with a log-in, as people go through it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

PHONE = {"width": 390, "height": 844}
FOOTPRINT = """map => [...map.querySelectorAll('canvas')].reduce((sum, canvas) => {
  const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
  let found = 0;
  for (let i = 0; i < data.length; i += 4) {
    found += Math.abs(data[i] - 51) < 12 && Math.abs(data[i + 1] - 153) < 12 && Math.abs(data[i + 2] - 204) < 12;
  }
  return sum + found;
}, 0)"""
"""How many points of a map have the colour of footprints."""


def titles(page: Page) -> list[str]:
    """The items that are listed."""
    page.locator(".items .item-card").first.wait_for()
    return page.locator(".items .item-card .card-title").all_inner_texts()


def test_from_the_root_over_a_station_and_a_collection_to_an_item(page: Page, site, log_in):
    log_in("alice")
    page.goto(site.browser)
    page.get_by_role("link", name=re.compile("CADIP stations")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("CADIP"))
    page.get_by_role("link", name="Sentinel-1 at Matera").first.click()
    name = titles(page)[0]
    page.get_by_role("link", name=name).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    item = page.url.rsplit("/", 1)[-1]
    page.get_by_text(re.compile(r"^DCS_.*\.raw$")).first.click()
    expect(page.get_by_text("Download", exact=True)).to_have_count(0)
    page.get_by_role("link", name=re.compile("Stage$")).first.click()
    expect(page.get_by_role("checkbox", name=f"Stage {item}")).to_be_checked()
    expect(page.get_by_role("checkbox", name=re.compile("only the file DCS_"))).to_be_checked()
    page.go_back()
    page.get_by_role("link", name=re.compile("Up$")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sentinel-1 at Matera")


def test_pages_go_on_and_back(page: Page, site, log_in, picture):
    log_in("alice")
    page.goto(f"{site.browser}#/prip/collections/S1A_L0_RAW")
    first = titles(page)
    picture(page, "stac-browser")
    page.get_by_role("button", name="Next").first.click()
    expect(page.locator(".items .item-card .card-title").first).not_to_have_text(first[0])
    assert not set(titles(page)) & set(first)
    page.get_by_role("button", name="Previous").first.click()
    expect(page.locator(".items .item-card .card-title").first).to_have_text(first[0])
    assert titles(page) == first


def test_a_footprint_is_on_the_map(page: Page, site, log_in, kept):
    log_in("alice")
    page.goto(f"{site.browser}#/catalog/collections/{kept.collection}/items/{kept.item}")
    page.locator(".map canvas").first.wait_for()
    page.wait_for_function(f"() => ({FOOTPRINT})(document.querySelector('.map')) > 50")


def test_an_asset_is_downloaded_whole(page: Page, site, log_in, kept):
    log_in("alice")
    page.goto(f"{site.browser}#/catalog/collections/{kept.collection}/items/{kept.item}")
    with page.expect_download() as download:
        page.get_by_text("Download", exact=True).first.click()
    assert Path(download.value.path()).read_bytes() == kept.content
    assert download.value.suggested_filename == kept.asset


def test_bob_sees_nothing_of_alices(page: Page, site, log_in, kept, tolerated):
    tolerated += ["404", "AxiosError"]
    log_in("bob")
    page.goto(f"{site.browser}#/catalog")
    expect(page.get_by_role("heading", level=1)).to_have_text("Catalog")
    page.wait_for_load_state("networkidle")
    assert "Kept for the pages" not in page.locator("body").inner_text()
    page.goto(f"{site.browser}#/catalog/collections/{kept.collection}/items/{kept.item}")
    page.get_by_text("does not exist").first.wait_for()
    assert kept.asset not in page.locator("body").inner_text()


def test_without_a_log_in_the_root_is_there_and_what_is_not_public_asks_for_one(page: Page, site, kept, tolerated):
    tolerated += ["401", "AxiosError"]
    page.goto(site.browser)
    expect(page.get_by_role("link", name=re.compile("CADIP stations")).first).to_be_visible()
    page.goto(f"{site.browser}#/catalog/collections/{kept.collection}")
    page.get_by_label("API key").wait_for()
    assert page.url.startswith(f"{site.account}#login")


def test_a_search_by_platform_and_time_finds_just_these_which_can_be_staged(page: Page, site, log_in, picture):
    log_in("alice")
    page.goto(f"{site.browser}#/search/cadip")
    page.get_by_text("Add filter").click()
    page.get_by_role("menuitem", name=re.compile("Platform|platform")).first.click()
    value = page.locator(".additional-filters .queryable-row, .additional-filters .queryable-group").last
    field = value.locator("select, input").last
    if field.evaluate("field => field.tagName") == "SELECT":
        field.select_option("sentinel-1c")
    else:
        field.fill("sentinel-1c")
    dates = page.locator(".filter-datetime input")
    dates.fill("2024-11-13 00:00:00 ~ 2024-11-13 23:59:59")  # before the times to which tests set that clock back
    dates.press("Enter")
    with page.expect_response(lambda answer: answer.url.endswith("/cadip/search")) as answered:
        page.locator("form.filter button[type=submit]").first.click()
    body: dict[str, Any] = answered.value.json()
    found = [item["properties"] for item in body["features"]]
    assert found
    assert {each["platform"] for each in found} == {"sentinel-1c"}
    assert {each["datetime"][:10] for each in found} == {"2024-11-13"}
    assert len(titles(page)) == len(found)
    picture(page, "search")
    page.get_by_role("link", name="Stage what this search finds").click()
    boxes = page.get_by_role("checkbox", name=re.compile("^Stage "))
    expect(boxes.first).to_be_checked()
    assert {box.get_attribute("aria-label") for box in boxes.all()} >= {
        f"Stage {item['id']}" for item in body["features"]
    }


def test_nothing_is_wider_than_a_phone(page: Page, site, log_in, kept):
    log_in("alice")
    page.set_viewport_size(PHONE)
    places = ("/", "/cadip", "/cadip/collections/s1_mti", "/search/cadip")
    for place in (*places, f"/catalog/collections/{kept.collection}/items/{kept.item}"):
        page.goto(f"{site.browser}#{place}")
        page.get_by_role("heading", level=1).first.wait_for()
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], place


def test_a_search_is_sorted_as_chosen(page: Page, site, log_in):
    log_in("alice")
    page.goto(f"{site.browser}#/search/prip")
    page.locator(".sort .multiselect").click()
    page.locator(".sort .multiselect__option", has_text="properties.datetime").click()
    for direction, reverse in (("Ascending", False), ("Descending", True)):
        page.locator(".sort").get_by_role("button", name=re.compile(direction, re.IGNORECASE)).click()
        with page.expect_response(lambda answer: answer.url.endswith("/prip/search")) as answered:
            page.locator("form.filter button[type=submit]").locator("visible=true").click()
        times = [item["properties"]["datetime"] for item in answered.value.json()["features"]]
        assert len(times) > 1
        assert times == sorted(times, reverse=reverse)
        assert len(titles(page)) == len(times)


def test_a_collection_is_found_by_a_word_of_its_title(page: Page, site, log_in, kept):
    log_in("alice")
    page.goto(f"{site.browser}#/search/catalog")
    page.get_by_role("tab", name="Collections").click()
    page.locator(".filter-freetext .multiselect").locator("visible=true").click()
    page.keyboard.type("pages")
    page.keyboard.press("Enter")
    with page.expect_response(lambda answer: "/catalog/collections" in answer.url and "q=" in answer.url) as answered:
        page.locator("form.filter button[type=submit]").locator("visible=true").click()
    assert {found["title"] for found in answered.value.json()["collections"]} == {"Kept for the pages"}
    expect(page.get_by_role("link", name="Kept for the pages").first).to_be_visible()


def test_thumbnails_are_shown_to_who_may_download_them(page: Page, site, log_in, kept):
    log_in("alice")
    loaded = "image => image.complete && image.naturalWidth === 2"
    page.goto(f"{site.browser}#/catalog/collections/{kept.collection}")
    card = page.locator(".items .item-card", has_text="quicklook").locator("img.thumbnail")
    card.wait_for()
    page.wait_for_function(loaded, arg=card.element_handle())
    page.goto(f"{site.browser}#/catalog/collections/{kept.collection}/items/quicklook")
    page.get_by_role("tab", name="Thumbnails").click()
    shown = page.locator(".previews img.thumbnail")
    shown.wait_for()
    page.wait_for_function(loaded, arg=shown.element_handle())

"""What archives have in common, and the habits of each."""

from __future__ import annotations

import pytest

from simulators.odata.instants import read_instant
from tests.unit.simulators.lta.archive import DAY
from tests.unit.simulators.visitor import make_station

ARCHIVES = ["acri", "cloudferro", "werum"]


async def test_archives_hold_the_same_products_under_different_ids(visit):
    held = {
        name: {each["Name"]: each for each in (await visit("lta", name).get("Products"))["value"]} for name in ARCHIVES
    }
    for mission in ("s1", "s2", "s3"):
        page = await visit("lta", f"exprivia_{mission}").get("Products")
        held.setdefault("exprivia", {}).update({each["Name"]: each for each in page["value"]})
    names = set(held["acri"])
    assert len(names) == 500
    for archive, products in held.items():
        assert set(products) == names, archive
    for name in names:
        assert len({products[name]["Id"] for products in held.values()}) == 4
        assert len({products[name]["Checksum"][0]["Value"] for products in held.values()}) == 1


async def test_exprivia_has_a_root_for_each_mission(visit):
    for mission in ("1", "2", "3"):
        visitor = visit("lta", f"exprivia_s{mission}")
        assert visitor.root == f"/s{mission}/odata/v1"
        assert {name[:2] for name in await visitor.names("Products", "Name")} == {f"S{mission}"}


@pytest.mark.parametrize(
    ("archive", "eviction"),
    [("acri", "2199-01-01T00:00:00.000Z"), ("cloudferro", "9999-12-31T23:59:59.999000Z"), ("werum", None)],
)
async def test_habits_of_eviction(visit, archive, eviction):
    products = (await visit("lta", archive).get("Products"))["value"]
    assert {each.get("EvictionDate") for each in products} == {eviction}
    assert ("EvictionDate" in products[0]) is (eviction is not None), "Werum leaves it out"


async def test_a_rolling_online_copy_at_dlr(visit):
    visitor = visit("lta", "s5p_dlr")
    online = (await visitor.get("Products", filter="Online eq true"))["value"]
    offline = (await visitor.get("Products", filter="Online eq false"))["value"]
    assert online
    assert offline
    assert min(each["PublicationDate"] for each in online) > max(each["PublicationDate"] for each in offline)
    for each in online:
        assert read_instant(each["EvictionDate"]) - read_instant(each["PublicationDate"]) == 5 * DAY


def test_a_kept_database_keeps_orders_and_refuses_other_data(tmp_path):
    path = tmp_path / "lta.sqlite"
    first = make_station("lta", "acri", count=50, database=path)
    first.database.insert("orders", ["Id"], [("x",)])
    first.database.close()
    again = make_station("lta", "acri", count=50, database=path)
    assert again.database.read("SELECT Id FROM orders") == [("x",)]
    assert again.database.read("SELECT count(*) FROM products") == [(50,)]
    again.database.close()
    with pytest.raises(ValueError, match="other data"):
        make_station("lta", "acri", count=51, database=path)

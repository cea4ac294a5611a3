"""Profiles: all of them load and serve; the quirks that no table of an interface has; recorded products."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from pydantic import ValidationError

from simulators.profiles import INTERFACES, UnknownProfile, load_profile, profile_names
from simulators.profiles.model import Profile

ALL = [(interface, name) for interface in INTERFACES for name in profile_names(interface)]
MINIMAL = {"interface": "prip", "name": "x", "title": "x", "products": {"missions": ["S1"], "units": ["S1A"]}}


@pytest.mark.parametrize(("interface", "name"), ALL)
async def test_every_profile_serves(visit, interface, name):
    visitor = visit(interface, name)
    entity_set = "Sessions" if interface == "cadip" else "Products"
    page = await visitor.get(entity_set, top="3")
    assert len(page["value"]) == 3
    assert load_profile(interface, name).title


def test_every_real_station_has_a_profile():
    assert {"mti", "mps", "nsg", "sgs", "ssc"} <= set(profile_names("cadip"))
    assert {"adgs", "adgs2", "s1pro"} <= set(profile_names("auxip"))
    assert {"s1a", "s1b", "s1c_serco", "s1c_werum", "s2a", "s2b", "s2c", "s3a", "s3b", "s5p"} <= set(
        profile_names("prip")
    )
    assert {"acri", "cloudferro", "exprivia_s1", "exprivia_s2", "exprivia_s3", "werum", "s5p_dlr"} <= set(
        profile_names("lta")
    )


def test_an_unknown_profile_is_told_with_those_there_are():
    with pytest.raises(UnknownProfile, match="there are mps, mti, nsg, sgs, ssc"):
        load_profile("cadip", "../lta/acri")


@pytest.mark.parametrize(
    "changes",
    [
        {"unknown": 1},
        {"interface": "edrs"},
        {"products": None},
        {"passes": {"satellites": ["S1A"], "acquisition": "x", "antennas": []}},
        {"auth": {"header": "other"}},
        {"products": {"missions": ["S9"]}},
    ],
)
def test_profiles_that_are_refused(changes):
    assert Profile.model_validate(MINIMAL)
    with pytest.raises(ValidationError):
        Profile.model_validate(MINIMAL | changes)


# The mock's errors, which clients must bear.
async def test_session_id_in_another_spelling(visit):
    mock = visit("cadip", "testmeans")
    file = (await mock.get("Files", top="1"))["value"][0]
    assert "SessionId" not in file
    found = await mock.names("Files", "SessionID", filter=f"SessionID eq '{file['SessionID']}'", orderby="SessionID")
    assert set(found) == {file["SessionID"]}
    assert (await mock.ask("Files", filter="SessionId eq 'x'")).status_code == 400
    assert "SessionId" in (await mock.get("Sessions", top="1"))["value"][0]


async def test_numbers_as_strings(visit):
    file = (await visit("cadip", "testmeans").get("Files", top="1"))["value"][0]
    assert {type(file[name]) for name in ("Size", "Channel", "BlockNumber", "Retransfer")} == {str}
    product = (await visit("lta", "testmeans").get("Products", top="1"))["value"][0]
    assert product["ContentLength"].isdigit()
    assert product["Online"] in {"true", "false"}


async def test_an_order_at_the_mock(own_station):
    mock = own_station("lta", "testmeans", count=50)
    offline = (await mock.get("Products", filter="Online eq false", top="1"))["value"][0]
    path = f"Products({offline['Id']})"
    assert (await mock.ask(f"{path}/$value")).status_code == 403
    order = (await mock.post(f"{path}/OData.CSC.Order", {})).json()
    mock.station.clock.set(now=mock.station.clock.now() + 130_000_000)
    assert (await mock.get(f"Orders({order['Id']})"))["Status"] == "completed"
    assert len((await mock.ask(f"{path}/$value")).content) == int(offline["ContentLength"])


# CDSE.
@pytest.fixture
def cdse(visit):
    return visit("lta", "cdse")


async def test_pages_of_cdse(cdse):
    page = await cdse.get("Products")
    assert len(page["value"]) == 20
    assert "@odata.nextLink" in page
    assert (await cdse.ask("Products", skip="10001")).status_code == 400
    key = page["value"][0]["Id"]
    assert (await cdse.ask(f"Products({key})")).status_code == 200
    assert (await cdse.ask(f"Products('{key}')")).status_code == 400


async def test_recorded_products_are_shown_as_recorded(cdse):
    text = files("simulators").joinpath("data", "odata_cdse_products.json").read_text()
    for recorded in json.loads(text)["value"]:
        shown = await cdse.get(f"Products({recorded['Id']})")
        for name in ("Id", "Name", "ContentType", "OriginDate", "PublicationDate", "ModificationDate", "Online"):
            assert shown[name] == recorded[name]
        for name in ("EvictionDate", "ContentDate", "GeoFootprint"):
            assert shown[name] == recorded[name]
        assert shown["Footprint"].replace(", ", ",") == recorded["Footprint"].replace(", ", ",")
        page = await cdse.get("Products", filter=f"Id eq {recorded['Id']}", expand="Attributes")
        key = lambda each: each["Name"]  # noqa: E731  # used twice on the next line
        assert sorted(page["value"][0]["Attributes"], key=key) == sorted(recorded["Attributes"], key=key)
        wanted = f"OData.CSC.Intersects(area={recorded['Footprint']})"
        assert recorded["Id"] in await cdse.names("Products", filter=wanted, top="1000")
        content = (await cdse.ask(f"Products({recorded['Id']})/$value")).content
        assert len(content) == shown["ContentLength"]

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rs_server.stations.profiles import InvalidProfile, load_profiles
from rs_server.stations.profiles.loading import FOLDER

PROFILE = """\
service: cadip
title: CADIP
description: Sessions.
stations:
  mti:
    title: Matera
    service_root: https://station.test/odata/v1/
    authentication:
      token_url: https://station.test/token
    operators: [eq, and]
collections:
  - id: s1_mti
    title: Sentinel-1 at Matera
    description: Sessions of Sentinel-1.
    stations: [mti]
    query:
      Satellite: [S1A]
    start: "2014-04-03T00:00:00Z"
"""


def load(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "test"
    folder.mkdir()
    (folder / "cadip.yaml").write_text(text)
    load_profiles("test", "cadip", tmp_path)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/*.yaml")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_profiles_we_ship_are_valid(path: Path) -> None:
    profile = load_profiles(path.parent.name, path.stem)
    assert profile.service == path.stem
    assert all(station.id == f"{path.stem}:{name}" for name, station in profile.stations.items())


def test_the_laptop_has_the_collections_of_matera() -> None:
    profile = load_profiles("simulators", "cadip")
    assert profile.stations["mti"].title == "Matera (simulated)"
    (collection,) = [one for one in profile.collections if one.id == "s1_mti"]
    assert collection.query == {"Satellite": ("S1A", "S1B", "S1C", "S1D")}


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("title: CADIP", "titel: CADIP", "line 2: titel: There is no such field"),
        ("title: CADIP", "title: 5", "line 2: title: It must be text, not '5'."),
        ("title: CADIP\n", "title: CADIP\ntitle: CADIP\n", "line 3: title: It is given twice."),
        ("    title: Matera\n", "", "line 6: stations.mti: It lacks title."),
        ("[eq, and]", "[eq, also]", "line 10: stations.mti.operators.1: It must be one of"),
        ("[eq, and]", "[eq]", "line 10: stations.mti.operators: No station can do without"),
        ("[eq, and]", "eq", "line 10: stations.mti.operators: It must be a list."),
        ("[eq, and]", "[eq, and]\n    limits: {max_top: many}", "line 11: stations.mti.limits.max_top: It must"),
        ("odata/v1/", "odata/v1", "line 7: stations.mti.service_root: It must end with '/'."),
        ("https://station.test/token", "token", "line 9: stations.mti.authentication.token_url: 'token' is no"),
        ("stations: [mti]", "stations: [mit]", "line 15: collections.0.stations.0: There is no station 'mit'."),
        ("Satellite: [S1A]", "Sat: [S1A]", "line 17: collections.0.query.Sat: A query can hold"),
        ("Satellite: [S1A]", "Satellite: S1A", "line 17: collections.0.query.Satellite: It must be a list."),
        ("id: s1_mti", "id: s1/mti", "line 12: collections.0.id: 's1/mti' is no collection name."),
        ('"2014-04-03T00:00:00Z"', '"spring"', "line 18: collections.0.start: It must be a date and time"),
        ('"2014-04-03T00:00:00Z"', "2014-04-03T00:00:00Z", "line 18: collections.0.start: It must be text"),
        ("stations:\n  mti:", "stations:\n  mti: [", "line"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_file_line_and_field(tmp_path: Path, old: str, new: str, where: str) -> None:
    with pytest.raises(InvalidProfile, match=re.escape(f"cadip.yaml, {where}")):
        load(tmp_path, PROFILE.replace(old, new, 1))


def test_two_collections_have_two_names(tmp_path: Path) -> None:
    twice = PROFILE + PROFILE[PROFILE.index("  - id") :]
    with pytest.raises(InvalidProfile, match=r"line 19: collections\.1\.id: 's1_mti' is declared twice"):
        load(tmp_path, twice)


@pytest.mark.parametrize("text", ["", "a: [", "- 1", "\t"])
def test_what_is_no_profile_at_all_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidProfile, match=r"cadip\.yaml, line 1"):
        load(tmp_path, text)

from __future__ import annotations

import pytest

from rs_server.errors import InvalidRequest
from rs_server.stations.filters.parsing import read_text
from rs_server.stations.filters.pushdown import Pushdown
from rs_server.stations.filters.syntax import TRUE
from rs_server.stations.interfaces.cadip import CadipInterface
from rs_server.stations.profiles.model import Operator, Station
from tests.unit.stations.odata.doubles import station

QUERYABLES = CadipInterface.queryables
EVERYTHING: frozenset[Operator] = frozenset(
    {"eq", "ne", "gt", "ge", "lt", "le", "in", "and", "or", "not", "contains", "startswith", "endswith", "tolower"}
)
T = "TIMESTAMP('2024-11-14T14:30:00Z')"
t = "2024-11-14T14:30:00.000Z"


def split(text: str, profile: Station | None = None, longest: int = 4000) -> tuple[str | None, bool]:
    """What the station is asked, and whether that is all of the filter."""
    profile = profile or station(operators=EVERYTHING)
    constants = {"collection": "s1_mti", "rs:station": "cadip:mti"}
    result = Pushdown(profile, QUERYABLES, constants).split(read_text(text, QUERYABLES), longest)
    return result.condition, result.rest == TRUE


@pytest.mark.parametrize(
    ("text", "condition", "exact"),
    [
        (f"published > {T}", f"PublicationDate gt {t}", True),
        (f"published <= {T}", f"PublicationDate le {t}", True),
        (f"{T} < published", f"PublicationDate gt {t}", True),
        (f"published BETWEEN {T} AND {T}", f"PublicationDate ge {t} and PublicationDate le {t}", True),
        (f"NOT published < {T}", f"PublicationDate ge {t}", True),
        ("published > '2024-11-14T15:30:00+01:00'", f"PublicationDate gt {t}", True),
        ("published > DATE('2024-11-14')", "PublicationDate gt 2024-11-14T00:00:00.000Z", True),
        ("sat:absolute_orbit = 56552", "DownlinkOrbit eq 56552", True),
        ("sat:absolute_orbit > 56552.5", "DownlinkOrbit ge 56553", True),
        ("sat:absolute_orbit = 56552.5", None, True),
        ("sat:absolute_orbit IN (1, 2)", "DownlinkOrbit in (1,2)", True),
        ("sat:absolute_orbit NOT IN (1, 2)", "not (DownlinkOrbit in (1,2))", False),
        ("sat:absolute_orbit <> 1", "DownlinkOrbit ne 1", False),
        ("sat:absolute_orbit = 1e300", "", False),
        ("sat:absolute_orbit IN (1, 1e17)", "", False),
        ("sat:absolute_orbit IN (1, 1.5)", "DownlinkOrbit eq 1", True),
        ("sat:absolute_orbit IS NULL", "", False),
        ("published IS NULL", None, True),
        ("published IS NOT NULL", "", True),
        ("cadip:retransfer", "Retransfer eq true", True),
        ("NOT cadip:retransfer", "Retransfer ne true", False),
        ("cadip:retransfer = false", "Retransfer eq false", True),
        ("cadip:antenna_id = 'O''Neill'", "AntennaId eq 'O''Neill'", True),
        ("cadip:antenna_id LIKE 'TLR%'", "startswith(AntennaId,'TLR')", True),
        ("cadip:antenna_id LIKE '%3'", "endswith(AntennaId,'3')", True),
        ("cadip:antenna_id LIKE '%L%'", "contains(AntennaId,'L')", True),
        ("cadip:antenna_id LIKE 'T%3'", "startswith(AntennaId,'T') and endswith(AntennaId,'3')", False),
        ("cadip:antenna_id LIKE 'T_R3'", "startswith(AntennaId,'T') and endswith(AntennaId,'R3')", False),
        ("cadip:antenna_id LIKE 'TLR3'", "AntennaId eq 'TLR3'", True),
        ("cadip:antenna_id LIKE '%'", "", False),
        ("cadip:antenna_id NOT LIKE 'T%'", "not (startswith(AntennaId,'T'))", False),
        ("CASEI(cadip:antenna_id) = CASEI('tlr3')", "tolower(AntennaId) eq 'tlr3'", False),
        ("platform = 'sentinel-1a'", "Satellite eq 'S1A'", True),
        ("platform IN ('sentinel-1a', 'sentinel-2b')", "Satellite in ('S1A','S2B')", True),
        ("platform LIKE 'sentinel-6%'", "Satellite in ('S6A','S6B')", True),
        ("constellation = 'sentinel-6'", "Satellite in ('S6A','S6B')", True),
        ("platform = 'landsat-8'", None, True),
        ("id = 'S1A_20241114143038056552'", "SessionId eq 'S1A_20241114143038056552'", False),
        ("id = 'S1A_X.r1'", "SessionId in ('S1A_X.r1','S1A_X')", False),
        ("id LIKE 'S1A%'", "startswith(SessionId,'S1A')", False),
        ("id LIKE '%.r1'", "", False),
        ("collection = 's1_mti'", "", True),
        ("collection <> 's1_mti'", None, True),
        ("collection = 's2_mti' OR published > " + T, f"PublicationDate gt {t}", True),
        ("rs:station = 'cadip:sgs'", None, True),
        ("rs:complete = true", "", False),
        (f"datetime > {T}", "", False),
        (f"start_datetime > {T}", f"DownlinkStart gt {t}", False),
        (f"T_AFTER(published, {T})", f"PublicationDate ge {t}", False),
        (f"T_BEFORE(published, {T})", f"PublicationDate le {t}", False),
        (
            "T_DURING(published, INTERVAL('2024-11-14T14:30:00Z', '2024-11-14T15:00:00Z'))",
            f"PublicationDate le 2024-11-14T15:00:00.000Z and PublicationDate ge {t}",
            False,
        ),
        ("T_DURING(published, INTERVAL('2024-11-14T14:30:00Z', '..'))", f"PublicationDate ge {t}", False),
        ("T_DURING(published, INTERVAL('..', '2024-11-14'))", "PublicationDate le 2024-11-15T00:00:00.000Z", False),
        ("sat:absolute_orbit + 1 = 2", "", False),
        ("sat:absolute_orbit = cadip:num_channels", "", False),
        ("sat:absolute_orbit = 1 OR rs:complete", "", False),
        ("sat:absolute_orbit = 1 AND rs:complete", "DownlinkOrbit eq 1", False),
        (
            f"(platform = 'sentinel-1a' AND published > {T}) OR sat:absolute_orbit = 1",
            f"((Satellite eq 'S1A' and PublicationDate gt {t}) or DownlinkOrbit eq 1)",
            True,
        ),
        (
            f"NOT (platform = 'sentinel-6a' OR published > {T})",
            f"Satellite in ({{others}}) and PublicationDate le {t}",
            True,
        ),
        ("eo:cloud_cover < 5", None, True),
        ("NOT eo:cloud_cover < 5", None, True),
        ("eo:cloud_cover IS NULL", "", True),
        ("eo:cloud_cover IS NOT NULL", None, True),
        ("mission LIKE 'sentinel%'", None, True),
        ("mission = 'x' OR sat:absolute_orbit = 1", "DownlinkOrbit eq 1", True),
        ("S_INTERSECTS(geometry, POINT(1 2))", None, True),
        ("TRUE", "", True),
        ("FALSE", None, True),
    ],
)
def test_what_a_station_with_every_operator_is_asked(text: str, condition: str | None, exact: bool) -> None:
    others = ",".join(f"'S{mission}{unit}'" for mission in "123" for unit in "ABCD") + ",'S6B','S5P'"
    expected = condition.replace("{others}", others) if condition else condition
    assert split(text) == (expected, exact)


@pytest.mark.parametrize(
    ("lacking", "text", "condition", "exact"),
    [
        ({"le"}, f"published <= {T}", f"(PublicationDate lt {t} or PublicationDate eq {t})", True),
        ({"ge"}, f"published >= {T}", f"(PublicationDate gt {t} or PublicationDate eq {t})", True),
        ({"le", "or"}, f"published <= {T}", "", False),
        ({"in"}, "sat:absolute_orbit IN (1, 2)", "(DownlinkOrbit eq 1 or DownlinkOrbit eq 2)", True),
        ({"in", "or"}, "sat:absolute_orbit IN (1, 2)", "", False),
        ({"ne"}, "sat:absolute_orbit <> 1", "not (DownlinkOrbit eq 1)", False),
        ({"ne"}, f"published <> {T}", f"not (PublicationDate eq {t})", True),
        ({"ne", "not"}, "sat:absolute_orbit <> 1", "", False),
        ({"startswith"}, "cadip:antenna_id LIKE 'TLR%'", "", False),
        ({"tolower"}, "CASEI(cadip:antenna_id) = 'tlr3'", "", False),
        ({"not"}, "cadip:antenna_id NOT LIKE 'TLR%'", "", False),
        ({"or"}, "sat:absolute_orbit = 1 OR sat:absolute_orbit = 2", "", False),
    ],
)
def test_what_a_station_lacks_is_rewritten_or_done_here(
    lacking: set[Operator], text: str, condition: str, exact: bool
) -> None:
    assert split(text, station(operators=EVERYTHING - lacking)) == (condition, exact)


def test_null_tests_where_the_station_has_them() -> None:
    profile = station(operators=EVERYTHING | {"null"})
    assert split("sat:absolute_orbit IS NULL", profile) == ("DownlinkOrbit eq null", True)
    assert split("sat:absolute_orbit IS NOT NULL", profile) == ("not (DownlinkOrbit eq null)", True)
    assert split(f"datetime > {T}", profile) == (f"(DownlinkStart gt {t} or DownlinkStart eq null)", False)


def test_an_operator_refused_for_one_property_only() -> None:
    profile = station(operators=EVERYTHING, refused={"AntennaId": frozenset({"eq", "in"})})
    assert split("cadip:antenna_id = 'TLR3' AND sat:absolute_orbit = 1", profile) == ("DownlinkOrbit eq 1", False)


def test_what_makes_the_address_too_long_is_done_here() -> None:
    many = ", ".join(f"'{number}'" for number in range(1000))
    text = f"sat:absolute_orbit = 1 AND cadip:antenna_id IN ({many})"
    assert split(text, longest=200) == ("DownlinkOrbit eq 1", False)


@pytest.mark.parametrize(
    "hostile",
    [
        "' or 1 eq 1 or 'a' eq '",
        "''",
        "'",
        "%27",
        "&$top=1",
        "') or ('",
        "a'); drop table Sessions; --",
        "ü€😀",
        '"',
        "\\",
    ],
)
def test_a_text_never_leaves_its_quotes(hostile: str) -> None:
    written = hostile.replace("'", "''")
    assert split(f"cadip:antenna_id = '{written}'") == (f"AntennaId eq '{written}'", True)


@pytest.mark.parametrize("hostile", ["a\nb", "a\x00b", "\x1f"])
def test_control_characters_are_refused(hostile: str) -> None:
    with pytest.raises(InvalidRequest, match="control characters"):
        split(f"cadip:antenna_id = '{hostile}'")

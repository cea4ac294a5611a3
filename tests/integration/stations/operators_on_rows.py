"""CQL2 and what it means on the rows that a simulated station writes."""

# ruff: noqa: E501  # tables of cases, one a line
from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from shapely import MultiPolygon, Point, Polygon, box
from shapely.affinity import translate

Row = dict[str, Any]
Truth = bool | None
Case = tuple[str, Callable[[Row], Truth]]
"""CQL2 text, and what it means on a station's row (None: unknown)."""


def moment(text: Any) -> datetime:
    return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", str(text)))


def cql(when: datetime) -> str:
    return f"TIMESTAMP('{when.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z')"


def attributes(row: Row) -> dict[str, Any]:
    return {each["Name"]: each["Value"] for each in row["Attributes"]}


def given(value: Any, test: Callable[[Any], bool]) -> Truth:
    return None if value is None else test(value)


def both(left: Truth, right: Truth) -> Truth:
    return False if False in {left, right} else None if None in {left, right} else True


def either(left: Truth, right: Truth) -> Truth:
    return True if True in {left, right} else None if None in {left, right} else False


def opposite(truth: Truth) -> Truth:
    return None if truth is None else not truth


def published(rows: list[Row]) -> list[Case]:
    """The temporal operators on the publication date."""
    dates = sorted(moment(row["PublicationDate"]) for row in rows)
    low, high, exact = dates[len(dates) // 4], dates[len(dates) // 2], dates[len(dates) // 3]

    def at(row: Row) -> datetime:
        return moment(row["PublicationDate"])

    start, end = cql(low)[11:-2], cql(high)[11:-2]
    return [
        (f"published = {cql(exact)}", lambda row: at(row) == exact),
        (f"published <> {cql(exact)}", lambda row: at(row) != exact),
        (f"published < {cql(exact)}", lambda row: at(row) < exact),
        (f"published <= {cql(exact)}", lambda row: at(row) <= exact),
        (f"published > {cql(exact)}", lambda row: at(row) > exact),
        (f"published >= {cql(exact)}", lambda row: at(row) >= exact),
        (f"NOT published <= {cql(exact)}", lambda row: not at(row) <= exact),
        (f"published BETWEEN {cql(low)} AND {cql(high)}", lambda row: low <= at(row) <= high),
        (f"published NOT BETWEEN {cql(low)} AND {cql(high)}", lambda row: not low <= at(row) <= high),
        (f"published IN ({cql(low)}, {cql(exact)})", lambda row: at(row) in {low, exact}),
        (f"published > DATE('{exact:%Y-%m-%d}')", lambda row: at(row) > exact.replace(hour=0, minute=0, second=0, microsecond=0)),
        (f"T_AFTER(published, {cql(exact)})", lambda row: at(row) > exact),
        (f"T_BEFORE(published, {cql(exact)})", lambda row: at(row) < exact),
        (f"T_EQUALS(published, {cql(exact)})", lambda row: at(row) == exact),
        (f"T_DURING(published, INTERVAL('{start}', '{end}'))", lambda row: low < at(row) < high),
        (f"T_AFTER(published, INTERVAL('{start}', '{end}'))", lambda row: at(row) > high),
        (f"T_BEFORE(published, INTERVAL('{start}', '{end}'))", lambda row: at(row) < low),
        ("published IS NULL", lambda row: False),
        ("published IS NOT NULL", lambda row: True),
    ]  # fmt: skip


def begins(row: Row) -> datetime:
    named = datetime.strptime(row["SessionId"][4:18], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return moment(row["DownlinkStart"]) if row.get("DownlinkStart") else named


def cadip(rows: list[Row], *, marks_final_blocks: bool) -> list[Case]:
    orbit, antenna, name = rows[7]["DownlinkOrbit"], rows[3]["AntennaId"], rows[5]["SessionId"]
    satellite = rows[0]["Satellite"]
    platform = f"sentinel-{satellite[1]}{satellite[2].lower()}"

    def item_id(row: Row) -> str:
        return str(row["SessionId"]) + (".r1" if row["Retransfer"] else "")

    def complete(row: Row) -> bool:
        blocks: dict[int, set[int]] = {}
        for file in row["Files"]:
            blocks.setdefault(file["Channel"], set()).add(file["BlockNumber"])
        final = {file["Channel"]: file["BlockNumber"] for file in row["Files"] if file["FinalBlock"]}
        if not marks_final_blocks:
            final = {each["Channel"]: each["TotalChunks"] for each in row["QualityInfo"]}
        return len(blocks) == row["NumChannels"] and all(
            blocks[channel] == set(range(1, final.get(channel, 0) + 1)) for channel in blocks
        )

    middle = sorted(map(begins, rows))[len(rows) // 2]
    return [
        (f"sat:absolute_orbit = {orbit}", lambda row: given(row["DownlinkOrbit"], lambda held: held == orbit)),
        (f"sat:absolute_orbit <> {orbit}", lambda row: given(row["DownlinkOrbit"], lambda held: held != orbit)),
        (f"sat:absolute_orbit >= {orbit - 0.5}", lambda row: given(row["DownlinkOrbit"], lambda held: held >= orbit)),
        (f"sat:absolute_orbit IN ({orbit}, 5)", lambda row: given(row["DownlinkOrbit"], lambda held: held in {orbit, 5})),
        (f"sat:absolute_orbit NOT IN ({orbit}, 5)", lambda row: row["DownlinkOrbit"] not in {orbit, 5}),
        (f"id = '{name}'", lambda row: item_id(row) == name),
        (f"id <> '{name}'", lambda row: item_id(row) != name),
        (f"id IN ('{name}', '{name}.r1', 'x')", lambda row: item_id(row) in {name, f"{name}.r1"}),
        ("id LIKE '%.r1'", lambda row: item_id(row).endswith(".r1")),
        (f"id LIKE '{name[:11]}%'", lambda row: item_id(row).startswith(name[:11])),
        ("id LIKE 'S__\\_%'", lambda row: re.fullmatch("S.._.*", item_id(row)) is not None),
        (f"platform = '{platform}'", lambda row: row["Satellite"] == satellite),
        (f"platform <> '{platform}'", lambda row: row["Satellite"] != satellite),
        (f"platform NOT IN ('{platform}', 'landsat-8')", lambda row: row["Satellite"] != satellite),
        ("platform LIKE 'sentinel-%a'", lambda row: row["Satellite"].endswith("A")),
        ("constellation = 'sentinel-2'", lambda row: row["Satellite"].startswith("S2")),
        ("constellation = 'sentinel-2' OR cadip:retransfer", lambda row: row["Satellite"].startswith("S2") or row["Retransfer"]),
        (f"cadip:antenna_id = '{antenna}'", lambda row: row["AntennaId"] == antenna),
        (f"CASEI(cadip:antenna_id) = CASEI('{antenna.lower()}')", lambda row: row["AntennaId"] == antenna),
        (f"CASEI(cadip:antenna_id) IN (CASEI('{antenna.lower()}'), CASEI('x'))", lambda row: row["AntennaId"] == antenna),
        (f"cadip:antenna_id LIKE '%{antenna[1:]}'", lambda row: row["AntennaId"].endswith(antenna[1:])),
        (f"cadip:antenna_id NOT LIKE '%{antenna[1:-1]}%'", lambda row: antenna[1:-1] not in row["AntennaId"]),
        ("cadip:antenna_id = ''' or 1 eq 1 or '''", lambda row: False),
        ("cadip:retransfer", lambda row: row["Retransfer"]),
        ("cadip:retransfer = FALSE", lambda row: not row["Retransfer"]),
        ("cadip:downlink_status_ok IS NULL", lambda row: row.get("DownlinkStatusOK") is None),
        ("NOT cadip:downlink_status_ok", lambda row: opposite(row.get("DownlinkStatusOK"))),
        ("cadip:downlink_status_ok <> TRUE OR cadip:downlink_status_ok", lambda row: given(row.get("DownlinkStatusOK"), lambda _: True)),
        (f"datetime >= {cql(middle)}", lambda row: begins(row) >= middle),
        (f"datetime < {cql(middle)}", lambda row: begins(row) < middle),
        (
            f"T_INTERSECTS(INTERVAL(start_datetime, end_datetime), INTERVAL('{cql(middle)[11:-2]}', '..'))",
            lambda row: given(row.get("DownlinkStart") and row.get("DownlinkStop"), lambda stop: moment(stop) >= middle),
        ),
        ("rs:complete", complete),
        ("rs:complete = FALSE AND cadip:num_channels = 2", lambda row: not complete(row) and row["NumChannels"] == 2),
        ("sat:absolute_orbit + 1 > cadip:num_channels", lambda row: True),
        ("sat:absolute_orbit = cadip:num_channels", lambda row: False),
        ("TRUE", lambda row: True),
        ("FALSE", lambda row: False),
    ]  # fmt: skip


def products(rows: list[Row]) -> list[Case]:
    wanted, name = attributes(rows[3]), str(rows[5]["Name"])
    kind, center = wanted["productType"], wanted["processingCenter"]
    item_id = re.sub(r"(\.SAFE|\.SEN3|\.EOF|\.kml)?(\.zip|\.tar|\.TGZ|\.nc|\.xml|\.txt|\.RAW|\.EOF|\.SAFE)$", "", name)
    processed = sorted(moment(attributes(row)["processingDate"]) for row in rows)[len(rows) // 2]
    starts = sorted(moment(row["ContentDate"]["Start"]) for row in rows)[len(rows) // 2]

    def has(row: Row, attribute: str, test: Callable[[Any], bool]) -> Truth:
        return given(attributes(row).get(attribute), test)

    return [
        (f"id = '{item_id}'", lambda row: row["Name"] == name),
        (f"id IN ('{item_id}', 'x')", lambda row: row["Name"] == name),
        (f"id LIKE '{item_id[:10]}%'", lambda row: row["Name"].startswith(item_id[:10])),
        (f"id <> '{item_id}'", lambda row: row["Name"] != name),
        (f"product:type = '{kind}'", lambda row: has(row, "productType", lambda held: held == kind)),
        (f"product:type <> '{kind}'", lambda row: has(row, "productType", lambda held: held != kind)),
        (f"product:type IN ('{kind}', 'x')", lambda row: has(row, "productType", lambda held: held == kind)),
        (f"product:type NOT IN ('{kind}', 'x')", lambda row: has(row, "productType", lambda held: held != kind)),
        (f"product:type LIKE '{kind[:2]}%'", lambda row: has(row, "productType", lambda held: held.startswith(kind[:2]))),
        (f"CASEI(product:type) = CASEI('{kind.lower()}')", lambda row: has(row, "productType", lambda held: held == kind)),
        ("product:type = 'x'' or 1 eq 1'", lambda row: False),
        (f"processing:facility = '{center}' AND product:type = '{kind}'", lambda row: both(
            has(row, "processingCenter", lambda held: held == center), has(row, "productType", lambda held: held == kind))),
        (f"processing:facility <> '{center}' OR product:type = '{kind}'", lambda row: either(
            has(row, "processingCenter", lambda held: held != center), has(row, "productType", lambda held: held == kind))),
        (f"processing:datetime > {cql(processed)}", lambda row: moment(attributes(row)["processingDate"]) > processed),
        (f"processing:datetime <= {cql(processed)}", lambda row: moment(attributes(row)["processingDate"]) <= processed),
        (f"datetime > {cql(starts)}", lambda row: moment(row["ContentDate"]["Start"]) > starts),
        (f"datetime = {cql(starts)}", lambda row: moment(row["ContentDate"]["Start"]) == starts),
        (f"expires > {cql(starts)}", lambda row: given(row.get("EvictionDate"), lambda held: moment(held) > starts)),
        ("expires IS NULL", lambda row: row.get("EvictionDate") is None),
        ("constellation = 'sentinel-1'", lambda row: has(row, "platformShortName", lambda held: held == "SENTINEL-1")),
        ("platform = 'sentinel-2b'", lambda row: attributes(row).get("platformShortName") == "SENTINEL-2"
            and attributes(row).get("platformSerialIdentifier") == "B"),
        ("platform IN ('sentinel-1a', 'sentinel-3b', 'sentinel-5p')", lambda row: (
            attributes(row).get("platformShortName"), attributes(row).get("platformSerialIdentifier"))
            in {("SENTINEL-1", "A"), ("SENTINEL-3", "B"), ("SENTINEL-5P", "P")}),
    ]  # fmt: skip


def imaging(rows: list[Row]) -> list[Case]:
    """What only PRIP and LTA have."""
    orbit = int(attributes(rows[4])["orbitNumber"])

    def has(row: Row, attribute: str, test: Callable[[Any], bool]) -> Truth:
        return given(attributes(row).get(attribute), test)

    def around(row: Row) -> Truth:
        return given(shape(row), lambda geometry: geometry.intersects(box(-20, -40, 60, 30)))

    def pacific(row: Row) -> Truth:
        area = MultiPolygon([box(150, -60, 180, 60), box(-180, -60, -150, 60)])
        return given(shape(row), lambda geometry: geometry.intersects(area))

    return [
        (f"sat:absolute_orbit = {orbit}", lambda row: has(row, "orbitNumber", lambda held: int(held) == orbit)),
        (f"sat:absolute_orbit <> {orbit}", lambda row: has(row, "orbitNumber", lambda held: int(held) != orbit)),
        (f"sat:absolute_orbit > {orbit}", lambda row: has(row, "orbitNumber", lambda held: int(held) > orbit)),
        (f"sat:absolute_orbit IN ({orbit}, 1)", lambda row: has(row, "orbitNumber", lambda held: int(held) == orbit)),
        (f"sat:absolute_orbit BETWEEN {orbit - 10} AND {orbit}", lambda row: has(row, "orbitNumber", lambda held: orbit - 10 <= int(held) <= orbit)),
        ("sat:orbit_state = 'descending'", lambda row: has(row, "orbitDirection", lambda held: held == "DESCENDING")),
        ("sat:orbit_state <> 'descending'", lambda row: has(row, "orbitDirection", lambda held: held != "DESCENDING")),
        ("sat:orbit_cycle IS NULL", lambda row: "cycleNumber" not in attributes(row)),
        ("sat:relative_orbit < 60", lambda row: has(row, "relativeOrbitNumber", lambda held: int(held) < 60)),
        ("eo:cloud_cover < 30", lambda row: has(row, "cloudCover", lambda held: held < 30)),
        ("NOT eo:cloud_cover < 30", lambda row: has(row, "cloudCover", lambda held: held >= 30)),
        ("sar:instrument_mode = 'IW'", lambda row: attributes(row)["platformShortName"] == "SENTINEL-1"
            and attributes(row).get("operationalMode") == "IW"),
        ("A_CONTAINS(sar:polarizations, ('VV'))", lambda row: has(row, "polarisationChannels", lambda held: "VV" in held)),
        ("A_CONTAINS(instruments, ('msi'))", lambda row: has(row, "instrumentShortName", lambda held: held == "MSI")),
        ("processing:level = 'L1'", lambda row: has(row, "processingLevel", lambda held: held in {"1", "L1B", "L1B_", "LEVEL1", "S2MSI1C"})),
        ("S_INTERSECTS(geometry, BBOX(-20, -40, 60, 30))", around),
        ("S_INTERSECTS(geometry, POLYGON((-20 -40, 60 -40, 60 30, -20 30, -20 -40)))", around),
        ("NOT S_INTERSECTS(geometry, BBOX(-20, -40, 60, 30))", lambda row: opposite(around(row))),
        ("S_INTERSECTS(geometry, MULTIPOLYGON(((150 -60, 180 -60, 180 60, 150 60, 150 -60)), ((-180 -60, -150 -60, -150 60, -180 60, -180 -60))))", pacific),
        ("S_INTERSECTS(geometry, POINT(10 20))", lambda row: given(shape(row), lambda each: each.intersects(Point(10, 20)))),
        ("S_INTERSECTS(geometry, BBOX(-20, -40, 60, 30)) AND sat:relative_orbit < 60", lambda row: both(
            around(row), has(row, "relativeOrbitNumber", lambda held: int(held) < 60))),
    ]  # fmt: skip


def archived(_: list[Row]) -> list[Case]:
    return [
        ("order:status = 'orderable'", lambda row: row.get("Online") is False),
        ("order:status = 'succeeded'", lambda row: row.get("Online") is True),
        ("order:status <> 'succeeded'", lambda row: row.get("Online") is False),
    ]


def shape(row: Row) -> Polygon | MultiPolygon | None:
    """The footprint on the sphere: a ring that jumps is cut at the antimeridian."""
    if not row.get("GeoFootprint"):
        return None
    ring = [tuple(point) for point in row["GeoFootprint"]["coordinates"][0]]
    if all(abs(after[0] - before[0]) <= 180 for before, after in pairwise(ring)):
        return Polygon(ring)
    moved = Polygon([(x + 360 if x < 0 else x, y) for x, y in ring])
    parts = moved & box(-180, -90, 180, 90), translate(moved & box(180, -90, 540, 90), xoff=-360)
    return MultiPolygon([part for part in parts if isinstance(part, Polygon)])


def cases_of(service: str, name: str, rows: list[Row]) -> list[Case]:
    if service == "cadip":
        return published(rows) + cadip(rows, marks_final_blocks=name != "nsg")
    more = {"auxip": [], "prip": imaging(rows), "lta": imaging(rows) + archived(rows)} if service != "auxip" else {}
    return published(rows) + products(rows) + list(more.get(service, []))

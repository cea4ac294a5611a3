"""CQL2 and the same in SQL on a simulator's own tables, where instants are microseconds and booleans 0 and 1."""

# ruff: noqa: E501  # tables of cases, one a line
from __future__ import annotations

from datetime import UTC, datetime

from simulators.cadip.model import SESSIONS
from simulators.products.model import PRESENT, STAGED_ONLINE
from simulators.service.station import Station

InSql = tuple[str, str]
"""CQL2 text, and the SQL condition that means the same."""

BEGINS = "coalesce(CASE WHEN DownlinkStart <= :now THEN DownlinkStart END, 1000000 * unixepoch(substr(SessionId, 5, 4) || '-' || substr(SessionId, 9, 2) || '-' || substr(SessionId, 11, 2) || ' ' || substr(SessionId, 13, 2) || ':' || substr(SessionId, 15, 2) || ':' || substr(SessionId, 17, 2)))"


def cases_in_sql(station: Station) -> list[InSql]:
    """The operator table, with values that the station's rows have."""
    cadip = station.profile.interface == "cadip"
    table = "sessions" if cadip else "products"
    instants = sorted(moment for (moment,) in _read(station, f"SELECT PublicationDate FROM {table}"))
    low, exact, high = (instants[len(instants) * part // 4] for part in (1, 2, 3))
    low, exact, high = (moment - moment % 1000 for moment in (low, exact, high))
    published = _temporal("published", '"PublicationDate"', low, exact, high)
    return published + (_sessions(station, exact) if cadip else _products(station))


def ids_in_sql(station: Station, condition: str) -> list[str]:
    """The ids of the visible rows that fulfil a condition."""
    if station.profile.interface == "cadip":
        table, visible = "sessions", SESSIONS.visible
    else:
        archive = station.profile.interface == "lta"
        table, visible = "products", "PublicationDate <= :now" if archive else PRESENT
        shown = station.profile.products.shown if station.profile.products else ()
        if shown:
            visible += f" AND mission IN ({', '.join(map(repr, shown))})"
    return sorted(row for (row,) in _read(station, f"SELECT Id FROM {table} WHERE {visible} AND ({condition})"))


def _read(station: Station, sql: str) -> list[tuple[str]]:
    return station.database.read(sql, {"now": station.clock.now()} if ":now" in sql else ())


def _cql(moment: int) -> str:
    text = datetime.fromtimestamp(moment // 1000 / 1000, UTC).isoformat(timespec="milliseconds")
    return f"TIMESTAMP('{text.removesuffix('+00:00')}Z')"


def _temporal(name: str, column: str, low: int, exact: int, high: int) -> list[InSql]:
    return [
        *(
            (f"{name} {operator} {_cql(exact)}", f"{column} {operator} {exact}")
            for operator in ("=", "<>", "<", "<=", ">", ">=")
        ),
        (f"{name} BETWEEN {_cql(low)} AND {_cql(high)}", f"{column} BETWEEN {low} AND {high}"),
        (f"NOT ({name} < {_cql(low)} OR {name} > {_cql(high)})", f"NOT ({column} < {low} OR {column} > {high})"),
        (f"{name} IN ({_cql(low)}, {_cql(exact)})", f"{column} IN ({low}, {exact})"),
        (f"{name} IS NULL", f"{column} IS NULL"),
    ]


def _sessions(station: Station, exact: int) -> list[InSql]:
    ((orbit, antenna, name),) = _read(
        station, "SELECT DownlinkOrbit, AntennaId, SessionId FROM sessions LIMIT 1 OFFSET 5"
    )  # type: ignore[misc]  # three columns
    ok = "CASE WHEN completed <= :now THEN DownlinkStatusOK END"
    return [
        *((f"sat:absolute_orbit {operator} {orbit}", f"DownlinkOrbit {operator} {orbit}") for operator in ("=", "<>", "<", "<=", ">", ">=")),
        (f"sat:absolute_orbit IN ({orbit}, 5)", f"DownlinkOrbit IN ({orbit}, 5)"),
        (f"NOT sat:absolute_orbit BETWEEN {orbit - 9} AND {orbit}", f"DownlinkOrbit NOT BETWEEN {orbit - 9} AND {orbit}"),
        (f"id = '{name}'", f"SessionId = '{name}' AND NOT Retransfer"),
        (f"id LIKE '{name[:6]}%'", f"SessionId LIKE '{name[:6].replace('_', '!_')}%' ESCAPE '!'"),
        ("platform LIKE 'sentinel-%a' OR cadip:retransfer", "Satellite LIKE '%A' OR Retransfer"),
        (f"cadip:antenna_id = '{antenna}'", f"AntennaId = '{antenna}'"),
        (f"CASEI(cadip:antenna_id) = CASEI('{antenna.lower()}')", f"AntennaId = '{antenna}'"),
        ("cadip:downlink_status_ok IS NULL", f"{ok} IS NULL"),
        ("NOT cadip:downlink_status_ok", f"NOT {ok}"),
        (f"datetime <= {_cql(exact)}", f"{BEGINS} <= {exact}"),
        ("sat:absolute_orbit + 1 > cadip:num_channels", "DownlinkOrbit + 1 > NumChannels"),
    ]  # fmt: skip


def _products(station: Station) -> list[InSql]:
    def has(name: str) -> str:
        return f'"attribute_{name}"'

    ((kind, center, processed),) = _read(
        station,
        f"SELECT {has('productType')}, {has('processingCenter')}, {has('processingDate')} FROM products LIMIT 1 OFFSET 7",
    )  # type: ignore[misc]  # three columns
    processed -= processed % 1000
    cases = [
        (f"product:type = '{kind}'", f"{has('productType')} = '{kind}'"),
        (f"product:type <> '{kind}'", f"{has('productType')} <> '{kind}'"),
        (f"product:type NOT IN ('{kind}', 'x')", f"{has('productType')} NOT IN ('{kind}', 'x')"),
        (f"product:type LIKE '%{kind[-3:]}'", f"substr({has('productType')}, -3) = '{kind[-3:]}'"),
        (f"product:type = '{kind}' AND NOT processing:facility = '{center}'", f"{has('productType')} = '{kind}' AND NOT {has('processingCenter')} = '{center}'"),
        (f"product:type = '{kind}' OR NOT processing:facility = '{center}'", f"{has('productType')} = '{kind}' OR NOT {has('processingCenter')} = '{center}'"),
        (f"processing:datetime <= {_cql(processed)}", f"{has('processingDate')} <= {processed}"),
        ("expires IS NULL", '"EvictionDate" IS NULL'),
    ]  # fmt: skip
    if station.profile.interface == "auxip":
        return cases
    columns = {name for (name,) in _read(station, "SELECT name FROM pragma_table_info('products')")}
    if "attribute_orbitNumber" in columns:
        column = f"CAST({has('orbitNumber')} AS INTEGER)"
        orbit = (
            max(value for (value,) in _read(station, f"SELECT {column} FROM products WHERE {column} IS NOT NULL")) - 3
        )  # type: ignore[operator]  # a number
        cases += [
            (f"sat:absolute_orbit {operator} {orbit}", f"{column} {operator} {orbit}")
            for operator in ("=", "<>", "<", "<=", ">", ">=")
        ]
        cases += [
            (f"sat:absolute_orbit IN ({orbit}, 1)", f"{column} IN ({orbit}, 1)"),
            ("sat:absolute_orbit IS NULL", f"{column} IS NULL"),
        ]
    if "attribute_cloudCover" in columns:
        cases.append(("NOT eo:cloud_cover < 30", f"NOT {has('cloudCover')} < 30"))
    if station.profile.interface == "lta":
        cases.append(("order:status = 'orderable'", f"NOT {STAGED_ONLINE.expression}"))
    return cases

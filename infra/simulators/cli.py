"""`rs-sim`: start the simulator of a station."""

from __future__ import annotations

import argparse
import sys
import textwrap
from pathlib import Path

import uvicorn
from pydantic import ValidationError

from simulators.assembly import Options, build_station
from simulators.odata.instants import read_instant
from simulators.profiles import INTERFACES, UnknownProfile, profile_names
from simulators.service.app import create_app
from simulators.service.faults import Fault, FaultKind

DEFAULT_PORTS = {"cadip": 9001, "auxip": 9002, "prip": 9003, "lta": 9004}
DEFAULT_PROFILES = {"cadip": "mti", "auxip": "adgs", "prip": "s1a", "lta": "acri"}

DESCRIPTION = """\
Start the simulator of a CSC ground segment station: an OData service with the habits of the real one.

examples:
  rs-sim cadip --profile mti --port 9001
  rs-sim cadip --now 2024-11-14T14:30:00Z --speed 30     the recorded session replays, 30 times as fast
  rs-sim prip --profile s2b --count 1000000 --database /tmp/s2b.sqlite
  rs-sim lta --profile acri --fault order_fails:rate=0.5 --fault slow_bytes:bytes_per_second=100000

While it runs:
  curl -X POST localhost:9001/_sim/faults -H 'content-type: application/json' -d '{"kind": "unavailable", "count": 3}'
  curl localhost:9001/_sim/stats
"""


def parser() -> argparse.ArgumentParser:
    """The command line of `rs-sim`."""
    profiles = "\n".join(f"  {each}: {', '.join(profile_names(each))}" for each in INTERFACES)
    faults = ", ".join(FaultKind)
    top = argparse.ArgumentParser(
        prog="rs-sim",
        description=DESCRIPTION,
        epilog=f"profiles:\n{profiles}\n\nfaults:\n{textwrap.indent(textwrap.fill(faults, 100), '  ')}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("interface", choices=INTERFACES, help="the kind of station")
    top.add_argument("--profile", help="the station (see below)")
    top.add_argument("--host", default="127.0.0.1", help="address to listen on (default %(default)s)")
    top.add_argument("--port", type=int, help="port (default 9001 cadip, 9002 auxip, 9003 prip, 9004 lta)")
    top.add_argument("--count", type=int, help="sessions or products to make up")
    top.add_argument("--seed", type=int, default=1, help="of the made-up data; same seed, same data (default 1)")
    top.add_argument("--size-scale", type=float, default=0.001, help="of all file sizes; 1 is real (default 0.001)")
    top.add_argument("--now", help="the station's time at the start, such as 2024-11-14T14:30:00Z")
    top.add_argument(
        "--speed", type=float, default=1.0, help="station seconds a real second; 0 stands still (default 1)"
    )
    top.add_argument("--access-seconds", type=int, help="life of an access token, instead of the profile's")
    top.add_argument("--refresh-seconds", type=int, help="life of a refresh token, instead of the profile's")
    top.add_argument("--database", type=Path, help="keep the data in this file, and use it if it is there")
    top.add_argument("--fault", action="append", default=[], help="switch a fault on, as KIND:setting=value,...")
    return top


def read_fault(text: str) -> Fault:
    """Read `KIND` or `KIND:setting=value,setting=value`; raises ValueError saying what is wrong."""
    kind, _, rest = text.partition(":")
    settings = dict(each.partition("=")[::2] for each in rest.split(",")) if rest else {}
    try:
        return Fault.model_validate({"kind": kind, **settings})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ValueError(f"--fault {text}: {'.'.join(map(str, first['loc']))}: {first['msg']}.") from None


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    given = parser().parse_args(arguments)
    try:
        options = Options(
            interface=given.interface,
            profile=given.profile or DEFAULT_PROFILES[given.interface],
            count=given.count,
            seed=given.seed,
            size_scale=given.size_scale,
            now=read_instant(given.now) if given.now else None,
            speed=given.speed,
            access_seconds=given.access_seconds,
            refresh_seconds=given.refresh_seconds,
            database=given.database,
        )
        faults = [read_fault(text) for text in given.fault]
        station = build_station(options)
    except (UnknownProfile, ValueError) as error:
        sys.exit(f"rs-sim: {error}")
    for fault in faults:
        station.faults.add(fault)
    port = given.port or DEFAULT_PORTS[given.interface]
    print(f"{station.profile.title}: http://{given.host}:{port}{station.profile.context}", flush=True)
    uvicorn.run(create_app(station), host=given.host, port=port, access_log=False, log_level="warning")

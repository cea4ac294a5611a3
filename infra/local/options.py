"""What a user may choose about the local stack: make variables, which arrive as environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from local.engine import PORTS as ENGINE_PORTS

KINDS = ("opensearch", "elasticsearch")


class InvalidOption(Exception):
    """A variable has a value that cannot be used; the message names both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where the parts listen; the variable of each is its name in upper case and `_PORT`."""

    emulator: int = 4566
    engine: int = 9251
    cadip: int = 9001
    auxip: int = 9002
    prip: int = 9003
    lta: int = 9004


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The choices of one run."""

    ports: Ports
    search_url: str = ""
    """A search cluster of the user's; empty for a node of our own."""
    search_engine: str = "opensearch"
    engine_heap: str = "512m"
    deploy_seconds: int = 300


def read_options(environment: Mapping[str, str]) -> Options:
    """The choices in `environment`, with defaults for all that is not there. Raises InvalidOption."""
    options = Options(
        ports=read_ports(environment),
        search_url=environment.get("SEARCH_URL", "").rstrip("/"),
        search_engine=environment.get("SEARCH_ENGINE") or "opensearch",
        engine_heap=environment.get("ENGINE_HEAP") or "512m",
        deploy_seconds=_number("DEPLOY_SECONDS", environment.get("DEPLOY_SECONDS") or "300"),
    )
    if options.search_engine not in KINDS:
        raise InvalidOption(f"SEARCH_ENGINE is {options.search_engine!r}; it must be {' or '.join(KINDS)}.")
    if options.search_engine == "elasticsearch" and not options.search_url:
        raise InvalidOption("SEARCH_ENGINE=elasticsearch needs SEARCH_URL: the node of our own is an OpenSearch.")
    return options


def read_ports(environment: Mapping[str, str]) -> Ports:
    """The ports in `environment`; raises InvalidOption for one that is no port or is given twice."""
    given = {field.name: f"{field.name.upper()}_PORT" for field in fields(Ports)}
    chosen = {
        name: _number(variable, environment[variable]) for name, variable in given.items() if environment.get(variable)
    }
    ports = Ports(**chosen)
    by_port: dict[int, str] = {}
    for name, variable in given.items():
        port = getattr(ports, name)
        if port in by_port:
            raise InvalidOption(f"{variable} and {by_port[port]} are both {port}; give each part a port of its own.")
        by_port[port] = variable
    if ports.engine not in ENGINE_PORTS:
        allowed = f"{ENGINE_PORTS[0]} to {ENGINE_PORTS[-1]}"
        raise InvalidOption(f"ENGINE_PORT is {ports.engine}; the search engine takes {allowed}.")
    return ports


def _number(variable: str, text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise InvalidOption(f"{variable} is {text!r}; it must be a number from 1 to 65535.")
    return int(text)

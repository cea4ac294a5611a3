"""Say what runs, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from local import emulator, engine, stations
from local.options import Options
from local.parts import Home, PartFailed
from local.stack_file import Stack


def lines(options: Options, home: Home, stack: Stack | None) -> Iterator[str]:
    """A line for each part, then the addresses and keys of the stack."""
    running = home.running()
    if options.search_url:
        healthy = engine.is_up(options.search_url)
        yield f"{'engine':10} {'given' if healthy else 'given, does not answer'}  {options.search_url}"
    ready: dict[str, Callable[[], bool]] = {
        "engine": partial(engine.is_up, f"http://localhost:{options.ports.engine}"),
        "emulator": partial(emulator.is_ready, options.ports.emulator),
        **{station.service: station.is_ready for station in stations.stations(options.ports)},
    }
    for name, is_ready in ready.items():
        record = running.get(name)
        if record is not None:
            yield f"{name:10} {'ready' if is_ready() else 'does not answer'}  pid {record.pid}"
        elif name != "engine" or not options.search_url:
            yield f"{name:10} not running"
    if stack is None:
        yield "not deployed: `make up`"
        return
    yield f"{'API':10} {stack.api_url}"
    yield f"{'browser':10} {stack.browser_url or 'not there: see .local/logs/browser.log'}"
    for login, key in stack.keys.items():
        yield f"{'key':10} {login:6} {key}"


def exports(stack: Stack | None, login: str) -> str:
    """What a shell evaluates so that `rs` is a demo user on the stack; raises PartFailed without the one or other."""
    if stack is None:
        raise PartFailed("No stack runs here: `make up` starts one.")
    if login not in stack.keys:
        raise PartFailed(f"There is no demo user {login!r}; there is {', '.join(stack.keys)}.")
    return f"export RS_URL={stack.api_url} RS_API_KEY={stack.keys[login]}"

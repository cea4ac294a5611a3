"""The processes in which the emulator runs a function, for who wants to see how the stack takes their death."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path


def processes_of(function: str, endpoint: str) -> list[int]:
    """Process ids of one emulator's instances of a function; `endpoint` is the emulator's address, which names it."""
    port = endpoint.rpartition(":")[2].strip("/")
    wanted = (f"AWS_LAMBDA_FUNCTION_NAME={function}".encode(), f"GATEWAY_PORT={port}".encode())
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes().split(b"\0")
        except OSError:  # it has ended meanwhile, or is another user's
            continue
        if all(entry in environment for entry in wanted):
            found.append(int(folder.name))
    return sorted(found)


def connected(processes: Iterable[int], port: int) -> list[int]:
    """Those of these processes that have a connection to a port of this machine."""
    sockets = {f"socket:[{inode}]" for table in ("tcp", "tcp6") for inode in _connections(table, port)}
    return [process for process in processes if sockets & _open_files(process)]


def _connections(table: str, port: int) -> Iterator[str]:
    """Inodes of the established connections to a port (proc(5), /proc/net/tcp)."""
    for line in Path("/proc/net", table).read_text().splitlines()[1:]:
        _, _, remote, state, *others = line.split()
        if state == "01" and int(remote.rpartition(":")[2], 16) == port:
            yield others[5]


def _open_files(process: int) -> set[str]:
    """What the descriptors of a process stand for; nothing once it has ended."""
    try:
        return {str(descriptor.readlink()) for descriptor in Path("/proc", str(process), "fd").iterdir()}
    except OSError:
        return set()

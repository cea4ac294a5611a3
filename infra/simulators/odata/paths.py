"""Resource paths: `Sessions`, `Sessions(<key>)`, `Sessions(<key>)/Files`, `Files(<key>)/$value`, bound actions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from simulators.odata.errors import ODataError

type KeyForm = Literal["either", "quoted", "unquoted"]

_SEGMENT = re.compile(r"(?P<name>[A-Za-z$][A-Za-z.]*)(?:\((?P<key>[^()]*)\))?")


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a resource path: a name, and the key that follows it in parentheses."""

    name: str
    key: str | None = None


def read_path(text: str, keys: KeyForm = "either") -> tuple[Segment, ...]:
    """Read a resource path below the service root; raises 404 where it is none, 400 for a key in the wrong form."""
    segments = []
    for part in text.strip("/").split("/"):
        match = _SEGMENT.fullmatch(part)
        if match is None:
            raise ODataError(404, f"There is no resource {text[:200]!r}.")
        key = match["key"]
        segments.append(Segment(match["name"], None if key is None else _unquoted(key, keys)))
    return tuple(segments)


def _unquoted(key: str, keys: KeyForm) -> str:
    quoted = len(key) > 1 and key[0] == key[-1] == "'"
    if keys != "either" and quoted != (keys == "quoted"):
        raise ODataError(400, f"The key {key!r} must be {keys}.")
    text = key[1:-1] if quoted else key
    if not text or "'" in text:
        raise ODataError(400, f"The key {key!r} is not well formed.")
    return text

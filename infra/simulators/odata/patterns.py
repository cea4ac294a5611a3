"""Regular expressions of `matchesPattern`, which a client must not be able to make run for ever."""

from __future__ import annotations

import re

from simulators.odata.errors import bad_request

MAX_LENGTH = 200
MAX_REPETITIONS = 4

_COSTLY = re.compile(r"\)\s*[*+{?]|\\\d|\(\?P=|[*+}]\s*[*+{]")
_REPETITION = re.compile(r"(?<!\\)[*+{]")


def check_pattern(pattern: str) -> None:
    """Refuse with a 400 a pattern that is no regular expression, or that could take too long."""
    costly = _COSTLY.search(pattern) or len(_REPETITION.findall(pattern)) > MAX_REPETITIONS
    if costly or len(pattern) > MAX_LENGTH:
        raise bad_request("The pattern is too costly: no repeated groups, no back references, at most 4 repetitions.")
    try:
        re.compile(pattern)
    except re.error as error:
        raise bad_request(f"The pattern is no regular expression: {error}.") from None


def matches(pattern: str, text: str | None) -> bool:
    """SQLite's `text REGEXP pattern`."""
    return text is not None and re.search(pattern, text) is not None

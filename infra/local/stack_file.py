"""`.local/stack.json`: where the running stack is, for scripts and tests."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A running stack: its addresses, and the keys of the demo users."""

    api_url: str
    browser_url: str | None
    search_engine: dict[str, str]
    """`kind` and `url`."""
    aws_endpoint_url: str
    bucket: str
    stations: dict[str, dict[str, str]]
    """By service: `url`, `name` and `service_root` of its station."""
    keys: dict[str, str]
    outputs: dict[str, str] = field(default_factory=dict)
    """Outputs of the CloudFormation stack: tables, queues, functions."""
    fingerprint: str = ""
    """Of what was deployed."""


def write(path: Path, stack: Stack) -> None:
    """Write the file whole or not at all; it holds keys, so it is for its owner only."""
    draft = path.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(asdict(stack), indent=2) + "\n")
    draft.replace(path)


def read(path: Path) -> Stack | None:
    """The stack that the file tells of, or None without a file."""
    if not path.exists():
        return None
    document: dict[str, Any] = json.loads(path.read_text())
    return Stack(**document)

"""The page of settings: what functions read from their environment, from `settings.py`."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from reference.markdown import code, sentence, table
from rs_server import settings

INTRODUCTION = """# Settings of functions

What the functions read from their environment. `template.yaml` sets all of it, most of it from its
[parameters](template.md); this page is for those who change the template or run a function elsewhere.

"""

LISTS = (tuple, frozenset, list)
WORDS = {str: "text", int: "whole number", float: "number", bool: "true or false", Any: "anything"}


def page() -> str:
    """All classes of settings with their variables."""
    return INTRODUCTION + "".join(_section(kind) for kind in classes())


def classes() -> list[type[NamedTuple]]:
    """The classes of settings, in the order of the file."""
    own = [each for each in vars(settings).values() if getattr(each, "__module__", "") == settings.__name__]
    return [each for each in own if hasattr(each, "_fields")]


def described_fields(kind: type[NamedTuple]) -> list[tuple[str, Any, str, str]]:
    """Name, type, default (as text, empty for none) and description of each field of a NamedTuple."""
    notes, hints, defaults = _notes(kind), get_type_hints(kind), kind._field_defaults
    return [
        (name, hints[name], _default(defaults[name]) if name in defaults else "", notes.get(name, ""))
        for name in kind._fields
    ]


def type_text(hint: Any) -> str:
    """A type as one writes its values in YAML or in the environment; the choices where there are some."""
    origin, options = get_origin(hint), get_args(hint)
    if origin is Literal:
        return ", ".join(map(code, options))
    if origin in LISTS:
        return f"list of {type_text(options[0])}"
    if origin is Mapping:
        return f"by name: {type_text(options[1])}"
    return WORDS.get(hint) or (hint.__name__ if isinstance(hint, type) else str(hint).removeprefix("typing."))


def _section(kind: type[NamedTuple]) -> str:
    rows = [
        (code(name.upper()), type_text(hint), code(default) or "required", note)
        for name, hint, default, note in described_fields(kind)
    ]
    return f"## {kind.__name__}\n\n{sentence(kind.__doc__)}\n\n" + table(("variable", "type", "default", ""), rows)


def _default(value: object) -> str:
    if hasattr(value, "_fields"):
        return "see below"
    return str(value).lower() if isinstance(value, int) else str(value or "none")


def _notes(kind: type) -> dict[str, str]:
    """The texts that stand behind fields in the source."""
    body = ast.parse(inspect.getsource(kind)).body[0]
    assert isinstance(body, ast.ClassDef)
    notes: dict[str, str] = {}
    for before, statement in zip(body.body, body.body[1:], strict=False):
        match before, statement:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                notes[name] = sentence(text)
            case _:
                continue
    return notes

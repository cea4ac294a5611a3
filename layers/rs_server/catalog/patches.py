"""Changes of a part: JSON Merge Patch (RFC 7396) and JSON Patch (RFC 6902)."""

from __future__ import annotations

import copy
from typing import Any

from rs_server.errors import Conflict, InvalidRequest


def apply_patch(document: dict[str, Any], patch: Any) -> dict[str, Any]:
    """`document` changed by a merge patch (an object) or a JSON patch (a list of operations).

    Raises InvalidRequest for a patch that cannot be applied, Conflict where one of its tests fails.
    """
    if isinstance(patch, list):
        changed: Any = copy.deepcopy(document)
        for operation in patch:
            changed = _operate(changed, operation)
    else:
        changed = _merge(document, patch)
    if not isinstance(changed, dict):
        raise InvalidRequest("The patch leaves no object.")
    return changed


def compares(patch: Any) -> bool:
    """Whether a patch asks what is stored, or copies it to where it may show: then it is for readers only."""
    operations = patch if isinstance(patch, list) else []
    return any(isinstance(each, dict) and each.get("op") in {"test", "copy", "move"} for each in operations)


def _merge(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merge(merged.get(name), value)
    return merged


def _operate(document: Any, operation: Any) -> Any:
    match operation:
        case {"op": "add", "path": str(path), "value": value}:
            return _add(document, path, value)
        case {"op": "replace", "path": str(path), "value": value}:
            return _add(_remove(document, path), path, value)
        case {"op": "remove", "path": str(path)}:
            return _remove(document, path)
        case {"op": "copy", "path": str(path), "from": str(source)}:
            return _add(document, path, copy.deepcopy(_value(document, source)))
        case {"op": "move", "path": str(path), "from": str(source)}:
            value = _value(document, source)
            return _add(_remove(document, source), path, value)
        case {"op": "test", "path": str(path), "value": value}:
            if _value(document, path) != value:
                raise Conflict(f"The patch's test of {path!r} fails: another value is stored.")
            return document
    raise InvalidRequest("A patch operation needs 'op', 'path', and 'value' or 'from' (RFC 6902).")


def _tokens(pointer: str) -> list[str]:
    """The parts of a JSON pointer (RFC 6901)."""
    if not pointer.startswith("/"):
        raise InvalidRequest(f"The patch's path {pointer!r} must start with '/', and name a part of the document.")
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/")]


def _value(document: Any, pointer: str) -> Any:
    for token in _tokens(pointer):
        document = _step(document, token, pointer)
    return document


def _step(container: Any, token: str, pointer: str) -> Any:
    if isinstance(container, dict) and token in container:
        return container[token]
    if isinstance(container, list) and token.isdecimal() and int(token) < len(container):
        return container[int(token)]
    raise InvalidRequest(f"The patch's path {pointer!r} leads nowhere.")


def _parent(document: Any, pointer: str) -> tuple[Any, str]:
    *way, last = _tokens(pointer)
    for token in way:
        document = _step(document, token, pointer)
    return document, last


def _add(document: Any, pointer: str, value: Any) -> Any:
    parent, last = _parent(document, pointer)
    if isinstance(parent, dict):
        parent[last] = value
    elif isinstance(parent, list) and last == "-":
        parent.append(value)
    elif isinstance(parent, list) and last.isdecimal() and int(last) <= len(parent):
        parent.insert(int(last), value)
    else:
        raise InvalidRequest(f"The patch's path {pointer!r} leads nowhere.")
    return document


def _remove(document: Any, pointer: str) -> Any:
    parent, last = _parent(document, pointer)
    _step(parent, last, pointer)
    if isinstance(parent, dict):
        del parent[last]
    else:
        del parent[int(last)]
    return document

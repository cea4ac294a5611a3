"""The published input schemas and the check of bodies say the same, for every body of a table."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft7Validator
from pydantic import ValidationError

from rs_server.staging.process import INPUTS, Execute

GOOD: dict[str, Any] = {"collection": "alice:c", "items": {"href": "https://x.test/cadip/search"}}
FEATURE = {"type": "Feature"}

BODIES: list[tuple[dict[str, Any], bool]] = [
    (GOOD, True),
    (GOOD | {"items": {"value": FEATURE}}, True),
    (GOOD | {"items": {"value": {"type": "FeatureCollection", "features": []}}}, True),
    (GOOD | {"items": {"value": {"type": "Polygon"}}}, False),
    (GOOD | {"items": {"value": {}}}, False),
    (GOOD | {"items": {"value": []}}, False),
    (GOOD | {"items": {"value": FEATURE, "href": "x"}}, False),
    (GOOD | {"items": {}}, False),
    (GOOD | {"items": {"href": ""}}, False),
    (GOOD | {"items": {"href": 7}}, False),
    (GOOD | {"items": {"href": "x" * 8193}}, False),
    (GOOD | {"items": []}, False),
    (GOOD | {"collection": ""}, False),
    (GOOD | {"collection": "x" * 192}, False),
    (GOOD | {"collection": None}, False),
    (GOOD | {"asset_names": []}, True),
    (GOOD | {"asset_names": ["a", "b"]}, True),
    (GOOD | {"asset_names": [""]}, False),
    (GOOD | {"asset_names": ["x" * 256]}, False),
    (GOOD | {"asset_names": "a"}, False),
    (GOOD | {"asset_names": [1]}, False),
    (GOOD | {"asset_names": ["a"] * 10_001}, False),
    (GOOD | {"asset_patterns": ["*.raw"]}, True),
    (GOOD | {"asset_patterns": ["a"] * 101}, False),
    (GOOD | {"publication": "atomic"}, True),
    (GOOD | {"publication": "partial"}, True),
    (GOOD | {"publication": "all"}, False),
    (GOOD | {"dry_run": True}, True),
    (GOOD | {"dry_run": "yes"}, False),
    (GOOD | {"dry_run": 1}, False),
    (GOOD | {"priority": "high"}, True),
    (GOOD | {"priority": 1}, False),
    (GOOD | {"label": "x" * 200}, True),
    (GOOD | {"label": "x" * 201}, False),
    (GOOD | {"label": 1}, False),
    ({"collection": "alice:c"}, False),
    ({"items": GOOD["items"]}, False),
]


def published(inputs: dict[str, Any]) -> bool:
    """Whether the published description allows `inputs`."""
    required = {name for name, described in INPUTS.items() if described["minOccurs"]}
    return (
        required <= set(inputs)
        and set(inputs) <= set(INPUTS)
        and all(Draft7Validator(INPUTS[name]["schema"]).is_valid(value) for name, value in inputs.items())
    )


def enforced(inputs: dict[str, Any]) -> bool:
    """Whether the service takes `inputs`."""
    try:
        Execute.model_validate({"inputs": inputs})
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(("inputs", "allowed"), BODIES)
def test_published_and_enforced_are_the_same(inputs: dict[str, Any], allowed: bool) -> None:
    assert (published(inputs), enforced(inputs)) == (allowed, allowed)

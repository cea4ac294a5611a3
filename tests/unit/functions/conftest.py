"""The template, as the functions' tests read it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]


class TemplateLoader(yaml.CSafeLoader):
    """Reads `!Ref Name` as `{"Ref": "Name"}`, `!Sub text` as `{"Sub": "text"}` and so on."""


def _intrinsic(loader: TemplateLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {suffix: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {suffix: loader.construct_mapping(node, deep=True)}


TemplateLoader.add_multi_constructor("!", _intrinsic)


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    """template.yaml, with its anchors resolved."""
    document: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text(), TemplateLoader)
    return document


@pytest.fixture(scope="session")
def functions(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Properties of the template's functions, by the name of their folder."""
    resources = template["Resources"].values()
    found = [each["Properties"] for each in resources if each["Type"] == "AWS::Serverless::Function"]
    return {Path(properties["CodeUri"]).name: properties for properties in found}

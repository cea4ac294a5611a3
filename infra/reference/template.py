"""The page of the template: its parameters, functions, alarms and outputs, from `template.yaml`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from reference.markdown import code, sentence, table

ROOT = Path(__file__).parents[2]
INTRODUCTION = """# The template

What `template.yaml` asks for, makes and tells. How to deploy it is in [operating](../operate.md).

"""


class TemplateLoader(yaml.SafeLoader):
    """Reads CloudFormation's short functions, of which this page shows nothing, as their names."""


TemplateLoader.add_multi_constructor("!", lambda _loader, suffix, _node: f"!{suffix}")


def page() -> str:
    """Parameters, functions, what is kept, alarms and outputs."""
    document = read()
    resources = document["Resources"]
    return (
        INTRODUCTION
        + "## Parameters\n\n"
        + table(("parameter", "default", "values", ""), map(_parameter, document["Parameters"].items()))
        + "## Functions\n\n"
        + table(("function", "", "memory (MB)", "timeout (s)"), _functions(resources, document["Globals"]["Function"]))
        + "## What stays when the stack is deleted\n\n"
        + table(("resource", "type"), ((code(n), r["Type"]) for n, r in resources.items() if _stays(r)))
        + "## Alarms\n\n"
        + table(("alarm", "", "when"), (_alarm(n, r) for n, r in resources.items() if r["Type"].endswith("::Alarm")))
        + "## Outputs\n\n"
        + table(("output", ""), ((code(n), sentence(o["Description"])) for n, o in document["Outputs"].items()))
    )


def read() -> dict[str, Any]:
    """The template."""
    document: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text(encoding="utf-8"), TemplateLoader)
    return document


def _parameter(named: tuple[str, dict[str, Any]]) -> tuple[str, ...]:
    name, parameter = named
    default = parameter.get("Default")
    shown = "required" if default is None else code(default) or "empty"
    return (
        code(name),
        shown,
        ", ".join(code(v) for v in parameter.get("AllowedValues", ())),
        sentence(parameter["Description"]),
    )


def _functions(resources: dict[str, Any], defaults: dict[str, Any]) -> list[tuple[Any, ...]]:
    found = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::Serverless::Function"]
    return [
        (
            code(Path(function["CodeUri"]).name),
            sentence(function.get("Description")),
            function.get("MemorySize", defaults["MemorySize"]),
            function.get("Timeout", defaults["Timeout"]),
        )
        for function in found
    ]


def _stays(resource: dict[str, Any]) -> bool:
    return str(resource.get("DeletionPolicy", "")).startswith("Retain")


def _alarm(name: str, resource: dict[str, Any]) -> tuple[str, ...]:
    alarm = resource["Properties"]
    condition = f"{alarm.get('MetricName', '')} {alarm['ComparisonOperator']} {alarm['Threshold']}"
    return code(name), sentence(alarm["AlarmDescription"]), condition

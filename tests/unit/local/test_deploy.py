"""When a deployment is needed, and what is told when it fails."""

from __future__ import annotations

import dataclasses
import re
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from local import deploy
from local.options import Options, Ports
from local.parts import Home, PartFailed

ROOT = Path(__file__).parents[3]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "layers" / "package").mkdir(parents=True)
    (tmp_path / "functions" / "one").mkdir(parents=True)
    (tmp_path / "layers" / "package" / "module.py").write_text("x = 1\n")
    (tmp_path / "functions" / "one" / "app.py").write_text("y = 1\n")
    return tmp_path


def test_the_digest_follows_content_and_names(tree: Path) -> None:
    before = deploy.code_digest(tree)
    assert deploy.code_digest(tree) == before
    (tree / "functions" / "one" / "app.py").write_text("y = 2\n")
    changed = deploy.code_digest(tree)
    assert changed != before
    (tree / "functions" / "one" / "app.py").rename(tree / "functions" / "one" / "other.py")
    assert deploy.code_digest(tree) not in {before, changed}


def test_what_python_leaves_behind_is_no_change(tree: Path) -> None:
    before = deploy.code_digest(tree)
    (tree / "layers" / "package" / "__pycache__").mkdir()
    (tree / "layers" / "package" / "__pycache__" / "module.cpython-313.pyc").write_bytes(b"compiled")
    assert deploy.code_digest(tree) == before


def test_a_deployment_is_needed_for_code_parameters_and_template(tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text("Resources: {}\n")
    wanted = deploy.Deployment("http://localhost:4566", "digest", {"StageName": "v1"})
    before = wanted.fingerprint(template)
    assert dataclasses.replace(wanted, code="other").fingerprint(template) != before
    assert dataclasses.replace(wanted, parameters={"StageName": "v2"}).fingerprint(template) != before
    template.write_text("Resources: {Bucket: {}}\n")
    assert wanted.fingerprint(template) != before


def test_every_parameter_given_is_one_of_the_template() -> None:
    class Loader(yaml.SafeLoader): ...

    Loader.add_multi_constructor("!", lambda *_: None)
    declared = yaml.load((ROOT / "template.yaml").read_text(), Loader)["Parameters"]
    given = deploy.deployment(Options(ports=Ports()), "http://localhost:9251").parameters
    assert given.keys() <= declared.keys()
    assert {name for name, each in declared.items() if "Default" not in each} <= given.keys()
    for name, value in given.items():
        assert re.fullmatch(declared[name].get("AllowedPattern", ".*"), value), name
        assert value in declared[name].get("AllowedValues", [value]), name


def sam(home: Home, script: str) -> None:
    path = home.folder / "bin" / "sam"
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_a_failed_command_shows_the_end_of_its_log(tmp_path: Path) -> None:
    home = Home(tmp_path)
    sam(home, "echo no such layer; exit 1")
    with pytest.raises(PartFailed, match=r"(?s)sam build failed\. Its log, .*build\.log, ends with:.*no such layer"):
        deploy.run_sam("build", [], {}, home, 10)


def test_a_command_that_hangs_is_ended(tmp_path: Path) -> None:
    home = Home(tmp_path)
    sam(home, "echo waiting for an answer; sleep 600")
    begun = time.monotonic()
    with pytest.raises(PartFailed, match=r"(?s)sam deploy did not end within 0 s.*waiting for an answer"):
        deploy.run_sam("deploy", [], {}, home, 0.3)
    assert time.monotonic() - begun < 300


def test_the_users_own_aws_account_is_out_of_reach(tmp_path: Path) -> None:
    home = Home(tmp_path)
    sam(home, "env; exit 1")
    with pytest.raises(PartFailed):
        deploy.run_sam("deploy", [], {"AWS_ENDPOINT_URL": "http://localhost:1"}, home, 10)
    seen = dict(line.split("=", 1) for line in home.log("deploy").read_text().splitlines() if "=" in line)
    assert {name: value for name, value in seen.items() if name.startswith("AWS_")} == {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": "http://localhost:1",
    }


class CloudFormation:
    """Stands for the emulator's: answers with the events it was given, newest first as AWS does."""

    class exceptions:  # noqa: N801  # as on a boto3 client
        class ClientError(Exception): ...

    def __init__(self, events: list[dict[str, Any]] | None) -> None:
        self.events = events

    def describe_stack_events(self, StackName: str) -> dict[str, Any]:  # noqa: N803  # AWS's own name
        if self.events is None:
            raise self.exceptions.ClientError
        return {"StackEvents": self.events}


def test_what_failed_first_is_told_first() -> None:
    events = [
        {"LogicalResourceId": "rs-server", "ResourceStatus": "ROLLBACK_COMPLETE"},
        {"LogicalResourceId": "Api", "ResourceStatus": "CREATE_FAILED"},
        {"LogicalResourceId": "Deployment", "ResourceStatus": "CREATE_FAILED", "ResourceStatusReason": "no engine"},
    ]
    assert deploy.failed_resources(CloudFormation(events)) == ["Deployment: no engine", "Api: no reason given"]


def test_without_a_stack_nothing_failed() -> None:
    assert deploy.failed_resources(CloudFormation(None)) == []

"""What goes into which layer."""

from __future__ import annotations

from pathlib import Path

from local.requirements import layers

ROOT = Path(__file__).parents[3]


def test_no_package_is_in_two_layers() -> None:
    texts = layers(["anyio==4.1", "httpx==0.28"], {"stac": ["anyio==4.1", "fastapi==0.143"], "jwt": ["pyjwt==2.10"]})
    assert texts == {"core": "anyio==4.1\nhttpx==0.28\n", "stac": "fastapi==0.143\n", "jwt": "pyjwt==2.10\n"}


def test_what_a_function_has_no_use_for_is_left_out() -> None:
    texts = layers([], {"stac": ["fastapi==0.143", "grpcio==1.85", "protobuf==7.1", "uvicorn==0.54"]})
    assert texts["stac"] == "fastapi==0.143\n"


def test_the_committed_layers_leave_boto3_to_the_runtime() -> None:
    for layer in ("authorizer", "core", "stac"):
        names = {line.partition("==")[0] for line in (ROOT / "layers" / layer / "requirements.txt").read_text().split()}
        assert names
        assert names.isdisjoint({"boto3", "botocore", "s3transfer", "pip", "setuptools"})


def test_the_tools_are_pinned_with_no_index() -> None:
    for tool in ("emulator", "sam"):
        lines = (ROOT / "infra" / "local" / "tools" / f"{tool}.txt").read_text().splitlines()
        assert lines
        assert all("==" in line and not line.startswith("-") for line in lines)

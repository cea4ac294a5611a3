"""The emulator enforces what AWS does, is for this machine only, and lends functions nothing of the user's."""

from __future__ import annotations

from pathlib import Path

from local import emulator, parts
from local.parts import Home


def test_it_enforces_policies_and_listens_to_this_machine_only(tmp_path: Path) -> None:
    environment = emulator.environment(4599, tmp_path)
    assert environment["AUTH"] == "true"
    assert environment["GATEWAY_PORT"] == "4599"
    assert environment["BIND_HOST"] == "127.0.0.1"


def test_functions_see_nothing_of_the_users_environment(tmp_path: Path) -> None:
    assert emulator.command(4599, Home(tmp_path))[:2] == ("/usr/bin/env", "-i")
    assert not [name for name in emulator.environment(4599, tmp_path) if name.startswith(("AWS_", "PYTHON"))]


def test_zipfile_is_there_before_the_emulator_has_threads(tmp_path: Path) -> None:
    start = emulator.command(4599, Home(tmp_path))[-1]
    assert start.index("zipfile") < start.index("run_module('ministack'")


def test_another_port_is_another_process(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert emulator.part(4566, home).command != emulator.part(4567, home).command
    assert not parts.is_running(emulator.part(4566, home), home)


def test_its_scratch_is_empty_at_the_start(tmp_path: Path) -> None:
    home = Home(tmp_path)
    left = emulator.scratch(home) / "ministack-lambda-old" / "code.zip"
    left.parent.mkdir(parents=True)
    left.touch()
    emulator.clear_scratch(home)
    assert list(emulator.scratch(home).iterdir()) == []

"""Data that benchmarks keep: trusted only where a run that loaded it ended well."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.kept import Data
from local.parts import Home


def data(folder: Path, size: int = 10) -> Data:
    return Data.of(Home(folder), "searches", size, __file__)


def use(kept: Data) -> bool:
    with kept.in_use() as loaded:
        kept.folder.mkdir(parents=True, exist_ok=True)
    return loaded


def test_it_is_loaded_once(tmp_path: Path) -> None:
    assert [use(data(tmp_path)) for _ in range(3)] == [False, True, True]


def test_another_size_is_loaded_anew_and_replaces_the_first(tmp_path: Path) -> None:
    use(data(tmp_path))
    assert not use(data(tmp_path, size=20))
    assert not data(tmp_path).folder.exists()


def test_what_a_failed_run_has_left_is_not_trusted(tmp_path: Path) -> None:
    use(data(tmp_path))
    with pytest.raises(RuntimeError), data(tmp_path).in_use():
        raise RuntimeError
    assert not use(data(tmp_path))

"""The demo: each step is checked, and the first that does not hold ends it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from local.demo import CHUNK, SESSION, Demo, Outcome, StepFailed

SIZE = 314571


class World:
    """A server in which the demo goes well, unless a test says otherwise."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.grants: list[str] = []
        self.lag = 0
        """Looks of bob at which a change of rights does not count yet."""
        self.wrong: dict[str, Outcome] = {}
        """Outcome by the words that a command begins with."""
        self.typed: list[str] = []

    def __call__(self, user: str, arguments: Sequence[str]) -> Outcome:
        typed = f"{user} {' '.join(arguments)}"
        self.typed.append(typed)
        for words, outcome in self.wrong.items():
            if typed.startswith(words):
                return outcome
        return Outcome(0, "") if user == "alice" and self._changes(arguments) else self._shows(user, arguments)

    def _changes(self, arguments: Sequence[str]) -> bool:
        match arguments:
            case ["grants", "revoke", grant]:
                self.grants.remove(grant)
            case ["share", *_]:
                self.grants.append("g2")
            case ["download", *_]:
                self.folder.mkdir(exist_ok=True)
                (self.folder / CHUNK).write_bytes(bytes(SIZE))
            case ["collections" | "stage", *_]:
                pass
            case _:
                return False
        return True

    def _shows(self, user: str, arguments: Sequence[str]) -> Outcome:
        if arguments[0] == "grants":
            return Outcome(0, json.dumps([{"id": grant} for grant in self.grants]))
        seen = user == "alice" or bool(self.grants)
        if user == "bob" and self.lag:
            self.lag -= 1
            seen = not seen
        if arguments[0] == "download":
            return Outcome(0, "there it is") if seen else Outcome(4, "", "Error 404: There is no such item.\n")
        if "--json" in arguments:
            return Outcome(0, json.dumps({"features": [{"assets": {CHUNK: {"file:size": SIZE}}}]}))
        collection = "s1_mti" if arguments[1] == "cadip" else "alice:s1-l0"
        return Outcome(0, f"id  collection\n{SESSION}  {collection}  2024  38  11.4 MB\n" if seen else "")


@pytest.fixture
def world(tmp_path):
    return World(tmp_path / "demo")


def play(world: World) -> list[str]:
    said: list[str] = []
    Demo(world, world.folder, said.append, lambda _: None).play()
    return [line for line in said if line.startswith("✓")]


def test_every_step_is_told(world):
    assert play(world) == [
        "✓ the grants are listed",
        "✓ the station has the session with 38 assets",
        "✓ alice has the collection s1-l0",
        "✓ the session is staged",
        "✓ the item is in the catalog",
        "✓ a chunk is downloaded",
        f"✓ the chunk has the {SIZE} bytes that the item says, and {SIZE} are here",
        "✓ bob gets 404 for it",
        "✓ bob finds nothing",
        "✓ alice shares the collection",
        "✓ bob finds it",
    ]


def test_a_second_run_takes_the_earlier_grant_back(world):
    play(world)
    world.typed.clear()
    play(world)
    assert "alice grants revoke g2" in world.typed


def test_a_change_of_rights_may_take_a_while(world):
    world.lag = 3
    assert play(world)[-1] == "✓ bob finds it"


@pytest.mark.parametrize(
    ("command", "outcome", "told"),
    [
        ("alice search cadip", Outcome(0, f"{SESSION} s1_mti 37"), "the station has the session with 38 assets"),
        ("alice search cadip", Outcome(5, "", "Error: mti is away"), "mti is away"),
        ("alice stage", Outcome(1, ""), "the session is staged"),
        ("alice search catalog", Outcome(0, ""), "the item is in the catalog"),
        ("alice download", Outcome(1, "", "cut short"), "cut short"),
        ("bob download", Outcome(0, "there it is"), "bob gets 404 for it"),
        ("bob download", Outcome(4, "", "Error 403: no right"), "bob gets 404 for it"),
        ("bob search catalog", Outcome(0, f"{SESSION} alice:s1-l0 38"), "bob finds nothing"),
        ("bob search catalog", Outcome(0, ""), "bob finds it"),
        ("alice share", Outcome(4, "", "Error 403"), "alice shares the collection"),
    ],
)
def test_the_first_step_that_does_not_hold_ends_it(world, command, outcome, told):
    world.wrong[command] = outcome
    with pytest.raises(StepFailed, match=told):
        play(world)


def test_a_chunk_of_another_size_ends_it(world):
    world.wrong["alice search catalog --collection alice:s1-l0 --id"] = Outcome(
        0, json.dumps({"features": [{"assets": {CHUNK: {"file:size": SIZE + 1}}}]})
    )
    with pytest.raises(StepFailed, match=f"{SIZE + 1} bytes"):
        play(world)

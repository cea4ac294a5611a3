"""`make demo`: the product's whole job on the running stack, typed as a user types it.

A session is found at a station and staged into alice's collection, one chunk of it is downloaded; bob sees nothing of
it until alice shares it. Each step is checked; the first that does not hold ends the demo. It may be run again and
again.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from local import stack_file

ROOT = Path(__file__).parents[2]
SESSION = "S1A_20241114143038056552"
ASSETS = 38
CHUNK = f"DCS_04_{SESSION}_ch1_DSDB_00001.raw"
COLLECTION = "s1-l0"
RIGHTS_COUNT = 30.0
"""Seconds until a right that was given or withdrawn counts everywhere."""
NOT_FOUND = 4
"""Exit code of `rs` where the server said no."""


class StepFailed(Exception):
    """A step of the demo did not show what it should; the message says which and what came instead."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended."""

    code: int
    output: str
    """Standard output."""
    errors: str = ""
    """Standard error, where it was not shown live."""


Run = Callable[[str, Sequence[str]], Outcome]
"""Runs `rs` with arguments as a user."""


class Shell:
    """Runs `rs` on a stack, shows what is typed and what comes of it."""

    def __init__(self, api_url: str, keys: dict[str, str]) -> None:
        self.api_url = api_url
        self.keys = keys
        self.rs = str(Path(sys.executable).with_name("rs"))

    def __call__(self, user: str, arguments: Sequence[str]) -> Outcome:
        """Run one command; the progress of staging is shown live."""
        print(f"\n{user} $ rs {shlex.join(arguments)}", flush=True)
        live = arguments[0] == "stage"
        ended = subprocess.run(
            [self.rs, *arguments],
            cwd=ROOT,
            env=os.environ | {"RS_URL": self.api_url, "RS_API_KEY": self.keys[user]},
            stdout=subprocess.PIPE,
            stderr=None if live else subprocess.PIPE,
            text=True,
            check=False,
        )
        outcome = Outcome(ended.returncode, ended.stdout, ended.stderr or "")
        shown = f"({outcome.output.count('\n')} lines of JSON)\n" if "--json" in arguments else outcome.output
        print(shown + outcome.errors, end="", flush=True)
        return outcome


@dataclass(frozen=True, slots=True)
class Demo:
    """The steps, in the order in which they are shown."""

    run: Run
    folder: Path
    """Where the downloaded chunk goes, below the repository."""
    say: Callable[[str], None] = print
    sleep: Callable[[float], None] = time.sleep

    def play(self) -> None:
        """Do all steps; raises StepFailed at the first that does not hold."""
        self.take_back()
        self.find()
        self.stage()
        self.download()
        self.hide()
        self.share()

    def take_back(self) -> None:
        """Withdraw what an earlier demo gave to bob."""
        resource = f"catalog:alice:{COLLECTION}"
        grants = self.run("alice", ["grants", "list", "--resource", resource, "--subject", "bob", "--json"])
        for grant in json.loads(self.done("the grants are listed", grants).output):
            self.done("the earlier grant is withdrawn", self.run("alice", ["grants", "revoke", grant["id"]]))

    def find(self) -> None:
        """The session is at the station."""
        found = self.run("alice", ["search", "cadip", "--collection", "s1_mti", "--id", SESSION])
        self.check(f"the station has the session with {ASSETS} assets", _lists(found, SESSION, str(ASSETS)), found)

    def stage(self) -> None:
        """The session comes into alice's collection."""
        title = "Downlink sessions of Sentinel-1"
        made = self.run("alice", ["collections", "create", COLLECTION, "--title", title, "--exist-ok"])
        self.done(f"alice has the collection {COLLECTION}", made)
        staged = self.run("alice", ["stage", "cadip", SESSION, "--collection", "s1_mti", "--to", COLLECTION])
        self.done("the session is staged", staged)
        kept = self.run("alice", ["search", "catalog", "--collection", f"alice:{COLLECTION}"])
        self.check("the item is in the catalog", _lists(kept, SESSION, f"alice:{COLLECTION}", str(ASSETS)), kept)

    def download(self) -> None:
        """One chunk comes out of the catalog, as large as the item says."""
        file = ROOT / self.folder / CHUNK
        file.unlink(missing_ok=True)
        shown = self.run("alice", ["download", COLLECTION, SESSION, "--asset", CHUNK, "--to", str(self.folder)])
        self.done("a chunk is downloaded", shown)
        item = self.run(
            "alice", ["search", "catalog", "--collection", f"alice:{COLLECTION}", "--id", SESSION, "--json"]
        )
        size = json.loads(item.output)["features"][0]["assets"][CHUNK]["file:size"]
        here = file.stat().st_size
        self.check(f"the chunk has the {size} bytes that the item says, and {here} are here", size == here > 0, shown)

    def hide(self) -> None:
        """Bob sees nothing of it."""
        download = ["download", f"alice:{COLLECTION}", SESSION, "--asset", CHUNK, "--to", str(self.folder / "bob")]
        asked = self.until(lambda outcome: outcome.code != 0, "bob", download)
        self.check("bob gets 404 for it", asked.code == NOT_FOUND and "Error 404" in asked.errors, asked)
        searched = self.run("bob", ["search", "catalog", "--id", SESSION])
        self.check("bob finds nothing", searched.code == 0 and SESSION not in searched.output, searched)

    def share(self) -> None:
        """Bob sees it once alice has shared it."""
        self.done("alice shares the collection", self.run("alice", ["share", COLLECTION, "bob", "read"]))
        search = ["search", "catalog", "--id", SESSION]
        searched = self.until(lambda outcome: SESSION in outcome.output, "bob", search)
        self.check("bob finds it", _lists(searched, SESSION, f"alice:{COLLECTION}", str(ASSETS)), searched)

    def until(self, holds: Callable[[Outcome], bool], user: str, arguments: Sequence[str]) -> Outcome:
        """Run a command until its outcome `holds`, as long as a change of rights may take; gives the last outcome."""
        waited, pause = 0.0, 3.0
        outcome = self.run(user, arguments)
        while not holds(outcome) and waited < RIGHTS_COUNT:
            self.say(f"(a change of rights counts within {RIGHTS_COUNT:.0f} s: once more)")
            self.sleep(pause)
            waited += pause
            outcome = self.run(user, arguments)
        return outcome

    def done(self, what: str, outcome: Outcome) -> Outcome:
        """Check that a command ended well."""
        self.check(what, outcome.code == 0, outcome)
        return outcome

    def check(self, what: str, holds: bool, outcome: Outcome) -> None:
        """Say that a step is shown, or raise StepFailed with what came instead."""
        if not holds:
            raise StepFailed(
                f"This does not hold: {what}. The command ended with {outcome.code}:\n{outcome.output}{outcome.errors}"
            )
        self.say(f"✓ {what}")


def _lists(outcome: Outcome, *words: str) -> bool:
    """Whether a line of the output has all these words."""
    return outcome.code == 0 and any(set(words) <= set(line.split()) for line in outcome.output.splitlines())


def main() -> int:
    """Play the demo on the running stack; 1 with a message when a step does not hold."""
    stack = stack_file.read(ROOT / ".local" / "stack.json")
    if stack is None:
        print("No stack runs here: `make up` starts one.", file=sys.stderr)
        return 1
    try:
        Demo(Shell(stack.api_url, stack.keys), Path(".local/demo")).play()
    except StepFailed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    print(f"\nThe stack keeps running at {stack.api_url} (`make down` ends it).")
    return 0


if __name__ == "__main__":
    sys.exit(main())

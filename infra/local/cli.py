"""The commands behind `make up`, `make down`, `make status`, `make logs` and `make env`."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import timedelta

from local import emulator, logs, stack_file, status
from local.deploy import ROOT
from local.options import InvalidOption, Options, read_options
from local.parts import Home, PartFailed
from local.seed import SeedFailed
from local.stack import LocalStack


def main() -> int:
    """Run one command; 1 with a message when it cannot be done."""
    parser = argparse.ArgumentParser(prog="local", description=__doc__)
    parser.add_argument("command", choices=("up", "down", "status", "logs", "env"))
    parser.add_argument("--minutes", type=int, default=10, help="how far back logs go")
    parser.add_argument("--login", default="alice", help="the demo user whose key `env` gives")
    arguments = parser.parse_args()
    home = Home(ROOT / ".local")
    try:
        if arguments.command == "env":
            print(status.exports(stack_file.read(home.folder / "stack.json"), arguments.login))
        else:
            run(arguments.command, read_options(os.environ), home, timedelta(minutes=arguments.minutes))
    except (InvalidOption, PartFailed, SeedFailed) as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


def run(command: str, options: Options, home: Home, since: timedelta) -> None:
    """Do what `command` says."""
    local = LocalStack(home, options, lambda line: print(line, flush=True))
    if command == "up":
        local.up()
        command = "status"
    if command == "down":
        local.down()
    elif command == "status":
        print(*status.lines(options, home, stack_file.read(local.file)), sep="\n")
    elif command == "logs":
        print(*logs.part_lines(home), sep="\n")
        print(*logs.function_lines(emulator.session(options.ports.emulator).client("logs"), since), sep="\n")

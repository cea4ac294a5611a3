"""The page of `rs`: every command with its arguments and options, as the program knows them, and the exit codes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import typer.main

from reference.markdown import code, sentence, table
from rs_client.cli import app
from rs_client.errors import ExitCode

INTRODUCTION = """# rs, the command line

`rs --help` and `rs COMMAND --help` say the same. Global options stand before the command: `rs --profile ops me`.
`rs --install-completion` teaches your shell to complete commands and services.

"""
CODES = {
    0: "done; for `rs stage` and `rs jobs watch`: the job was successful",
    ExitCode.FAILED: "the job failed, a download is not what its item says, or a file could not be read or written",
    ExitCode.USAGE: "the command cannot be sent as it was typed, or no server is known",
    ExitCode.CREDENTIAL: "the key is missing, wrong, expired or revoked",
    ExitCode.REFUSED: "the server refused: not allowed, not there, not valid",
    ExitCode.SERVICE: "the server, or a station behind it, failed or does not answer",
    ExitCode.DISMISSED: "the job was dismissed",
    130: "interrupted",
}


def page() -> str:
    """All commands."""
    root = typer.main.get_command(app)
    sections = "".join(_section(path, command) for path, command in _commands(("rs",), root))
    codes = table(("exit code", ""), ((int(number), meaning) for number, meaning in CODES.items()))
    return f"{INTRODUCTION}{_parameters(root)}{sections}## Exit codes\n\n{codes}"


def _commands(path: tuple[str, ...], group: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if hasattr(command, "commands"):
            yield from _commands((*path, name), command)


def _section(path: tuple[str, ...], command: Any) -> str:
    usage = " ".join([*path, *map(_usage, _arguments(command))])
    text = "\n\n".join(" ".join(part.split()) for part in (command.help or "").split("\n\n"))
    heading = "##" if len(path) == 2 else "###"
    shown = "" if hasattr(command, "commands") else f"```text\n{usage}\n```\n\n{_parameters(command)}"
    return f"{heading} {' '.join(path)}\n\n{text}\n\n{shown}"


def _arguments(command: Any) -> list[Any]:
    return [parameter for parameter in command.params if parameter.param_type_name == "argument"]


def _usage(argument: Any) -> str:
    name = f"{argument.name.upper()}{'...' if argument.nargs == -1 else ''}"
    return name if argument.required else f"[{name}]"


def _parameters(command: Any) -> str:
    rows = [
        (_name(parameter), sentence(parameter.help) + _more(parameter))
        for parameter in command.params
        if parameter.name != "help"
    ]
    return table(("argument, option", ""), rows) if rows else ""


def _name(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return code(parameter.name.upper())
    return ", ".join(map(code, [*parameter.opts, *parameter.secondary_opts]))


def _more(parameter: Any) -> str:
    """What else is to say of a parameter: its choices, its default, the variable that stands for it."""
    annotation = parameter.type_descriptor.annotation
    choices = get_args(annotation) if get_origin(annotation) is Literal else ()
    told = [f"One of {', '.join(map(code, choices))}."] if choices else []
    if parameter.default not in (None, "", False, True):
        told.append(f"Default: {code(parameter.default)}.")
    if parameter.envvar:
        told.append(f"Environment: {code(parameter.envvar)}.")
    return "".join(f" {text}" for text in told)

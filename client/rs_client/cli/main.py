"""The `rs` command: its options, its commands, and how it tells an error."""

from __future__ import annotations

import errno
import sys
from dataclasses import replace
from importlib.metadata import version
from typing import Annotated, Any, cast

import typer
from typer.core import TyperGroup

from rs_client.cli import (
    access,
    admin,
    collections,
    download,
    grants,
    jobs,
    keys,
    login,
    search,
    show,
    stage,
    subscribe,
    upload,
)
from rs_client.cli.connection import Connection
from rs_client.cli.output import tell
from rs_client.errors import ExitCode, Refused, RsClientError


class Commands(TyperGroup):
    """A group of commands that ends a failed one with its message, a hint and an exit code, never a stack trace."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was typed."""
        try:
            return super().invoke(ctx)
        except RsClientError as error:
            status = f" {error.status}" if isinstance(error, Refused) else ""
            tell(f"Error{status}: {error.message}", style="bold red")
            if error.hint:
                tell(f"Hint: {error.hint}")
            raise typer.Exit(error.exit_code) from error
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever read the output has gone, as `head` does
                raise
            tell(f"Error: {error.strerror or error}{f': {error.filename}' if error.filename else ''}", style="bold red")
            raise typer.Exit(ExitCode.FAILED) from error
        except KeyboardInterrupt as interrupt:
            tell("Interrupted.")
            raise typer.Exit(130) from interrupt


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    help="Search stations, stage products into your collections, share them.",
    pretty_exceptions_enable=False,
)
app.command("login")(login.login)
app.command("logout")(login.logout)
app.command("search")(search.search)
app.command("show")(show.show)
app.command("stage")(stage.stage)
app.command("download")(download.download)
app.command("upload")(upload.upload)
app.command("share")(access.share)
app.command("me")(access.me)
app.add_typer(jobs.commands, name="jobs")
app.add_typer(subscribe.commands, name="subscribe")
app.add_typer(collections.commands, name="collections")
app.add_typer(grants.commands, name="grants")
app.add_typer(keys.commands, name="keys")
app.add_typer(login.commands, name="profiles")
app.add_typer(admin.commands, name="admin")


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(version("rs-server"))
        raise typer.Exit


def _leave_out_the_command_line_of_httpx() -> None:
    """Halve the time until the first request: httpx imports a command line of its own, unless it cannot be found."""
    sys.modules.setdefault("httpx._main", cast("Any", None))


def _typed(ctx: typer.Context, option: str) -> bool:
    """Whether an option was given on the command line, not by the environment."""
    source = ctx.get_parameter_source(option)
    return source is not None and source.name == "COMMANDLINE"


@app.callback()
def connect(
    ctx: typer.Context,
    url: Annotated[str, typer.Option(envvar="RS_URL", help="Address of the server.")] = "",
    key: Annotated[
        str, typer.Option(envvar="RS_API_KEY", help="Your API key; better in the environment than typed.")
    ] = "",
    profile: Annotated[
        str, typer.Option(envvar="RS_PROFILE", help="Server and key that `rs login` has kept under this name.")
    ] = "",
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """Keep what was said of the connection for the command that follows.

    Where a profile is named, it counts more than the environment's address and key, and less than those that are typed.
    """
    _leave_out_the_command_line_of_httpx()
    if profile:
        url, key = (value if _typed(ctx, name) else "" for name, value in (("url", url), ("key", key)))
    ctx.obj = replace(ctx.obj or Connection(), url=url, key=key, profile=profile)

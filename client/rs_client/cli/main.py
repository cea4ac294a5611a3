"""The `rs` command: its options, its commands, and how it tells an error."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from rs_client.cli import access, collections, download, grants, jobs, keys, search, stage
from rs_client.cli.connection import Connection
from rs_client.cli.output import tell
from rs_client.errors import Refused, RsClientError


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
        except KeyboardInterrupt as interrupt:
            tell("Interrupted.")
            raise typer.Exit(130) from interrupt


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    help="Search stations, stage products into your collections, share them.",
    pretty_exceptions_enable=False,
)
app.command("search")(search.search)
app.command("stage")(stage.stage)
app.command("download")(download.download)
app.command("share")(access.share)
app.command("me")(access.me)
app.add_typer(jobs.commands, name="jobs")
app.add_typer(collections.commands, name="collections")
app.add_typer(grants.commands, name="grants")
app.add_typer(keys.commands, name="keys")


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(version("rs-server"))
        raise typer.Exit


@app.callback()
def connect(
    ctx: typer.Context,
    url: Annotated[str, typer.Option(envvar="RS_URL", help="Address of the server.")] = "",
    key: Annotated[
        str, typer.Option(envvar="RS_API_KEY", help="Your API key; better in the environment than typed.")
    ] = "",
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """Keep the address and the key for the command that follows."""
    ctx.obj = Connection(url, key, transport=getattr(ctx.obj, "transport", None))

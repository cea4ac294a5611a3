"""`rs login`, `rs logout`, `rs profiles`: which server, and with which key."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Annotated

import typer

from rs_client.addresses import base_url_of
from rs_client.cli.connection import connection_of
from rs_client.cli.output import AsJson, print_json, print_table, tell
from rs_client.client import Client
from rs_client.credentials import fault_of, refusal_of
from rs_client.errors import NotConfigured, Unauthenticated
from rs_client.profiles import Profile, Profiles

DEFAULT = "default"

commands = typer.Typer(no_args_is_help=True, help="The servers and keys that `rs login` has kept.")


def login(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(help="Address of the server.", show_default=False)] = "",
    profile: Annotated[str, typer.Option(help="Name to keep it under, where you have several.")] = DEFAULT,
    keyring: Annotated[bool, typer.Option(help="Keep the key in the system's keyring, if there is one.")] = True,
    as_json: AsJson = False,
) -> None:
    """Keep a server's address and your key for the commands that follow. The key is asked for, or read from stdin."""
    connection = connection_of(ctx)
    url = base_url_of(url or connection.url)
    key = connection.key or _ask_for_key()
    if fault_of(key) or not key:
        raise Unauthenticated(*refusal_of(key))
    with Client(url, key, transport=connection.transport) as client:
        me = client.me()
    used = me.get("key") or {}
    profiles = connection.profiles if keyring else Profiles(connection.profiles.file.parent)
    kept = profiles.keep(
        Profile(profile, url, me["user"], key_id=used.get("id", ""), expires=used.get("expires", ""), key=key)
    )
    if as_json:
        print_json(_shown(kept))
        return
    place = "the system's keyring" if kept.in_keyring else str(profiles.file)
    until = f" until {kept.expires}" if kept.expires else ""
    typer.echo(f"You are {kept.login} at {url}{until}. The key is in {place}.")


def logout(
    ctx: typer.Context,
    profile: Annotated[str, typer.Argument(help="Name of the profile; without it, the one in use.")] = "",
    revoke: Annotated[bool, typer.Option("--revoke", help="End the key at the server, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Forget a key."""
    connection = connection_of(ctx)
    found = connection.profiles.find(profile or connection.profile)
    if found is None:
        raise NotConfigured("You are not logged in.", "There is nothing to do.")
    if revoke:
        with Client(found.url, found.key, expires=found.expires, transport=connection.transport) as client:
            client.keys.revoke(found.key_id)
    connection.profiles.forget(found.name)
    if as_json:
        print_json({"profile": found.name, "revoked": revoke})
    else:
        typer.echo(f"Profile {found.name} is forgotten{' and its key revoked' if revoke else ''}.")


@commands.command("list")
def list_profiles(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the profiles; keys are not shown."""
    default, profiles = connection_of(ctx).profiles.all()
    if as_json:
        print_json([_shown(profile) | {"default": profile.name == default} for profile in profiles])
    elif not profiles:
        tell("No profiles. `rs login` makes one.")
    else:
        rows = ((p.name, "*" if p.name == default else "", p.login, p.url, p.expires) for p in profiles)
        print_table(("profile", "default", "login", "server", "key expires"), rows)


@commands.command("use")
def use(ctx: typer.Context, name: Annotated[str, typer.Argument(help="Name of the profile.")]) -> None:
    """Make a profile the one that is used by itself."""
    connection_of(ctx).profiles.use(name)
    typer.echo(f"Profile {name} is used from now on.")


def _ask_for_key() -> str:
    """The key, typed unseen at a terminal, or the first line of stdin."""
    if sys.stdin.isatty():
        return str(typer.prompt("API key", hide_input=True, err=True)).strip()
    return sys.stdin.readline().strip()


def _shown(profile: Profile) -> dict[str, object]:
    """A profile without its key."""
    hidden = replace(profile, key="")
    return {name: getattr(hidden, name) for name in Profile.__slots__ if name != "key"}

"""`rs admin`: users, groups, their keys and the audit trail."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rs_client.cli import dead_letters
from rs_client.cli import keys as own_keys
from rs_client.cli.connection import client_of
from rs_client.cli.output import AsJson, print_change, print_json, print_table

commands = typer.Typer(no_args_is_help=True, help="For administrators.")
users = typer.Typer(no_args_is_help=True, help="Users: who may log in.")
groups = typer.Typer(no_args_is_help=True, help="Groups of users; one is there as long as it has members.")
keys = typer.Typer(no_args_is_help=True, help="Keys of any user.")
commands.add_typer(users, name="users")
commands.add_typer(groups, name="groups")
commands.add_typer(keys, name="keys")
commands.add_typer(dead_letters.commands, name="dead-letters")

Login = Annotated[str, typer.Argument(help="The user's login.")]
Group = Annotated[str, typer.Argument(help="The group's name.")]


@users.command("list")
def list_users(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List all users."""
    found = client_of(ctx).users.all()
    if as_json:
        print_json(found)
        return
    rows = ((user["login"], " ".join(user["groups"]), _state(user), user.get("created") or "") for user in found)
    print_table(("login", "groups", "state", "created"), rows)


@users.command("create")
def create_user(
    ctx: typer.Context,
    login: Login,
    group: Annotated[list[str] | None, typer.Option(help="Put them into this group; may be repeated.")] = None,
    admin: Annotated[bool, typer.Option("--admin", help="Make them an administrator.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a user. `rs admin keys create` gives them their first key."""
    _tell_user(client_of(ctx).users.create(login, groups=group or (), admin=admin), as_json)


@users.command("change")
def change_user(
    ctx: typer.Context,
    login: Login,
    disabled: Annotated[
        bool | None, typer.Option("--disable/--enable", help="A disabled user's keys do not work.", show_default=False)
    ] = None,
    admin: Annotated[
        bool | None, typer.Option("--admin/--no-admin", help="Administrators may do everything.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Disable or enable a user, make them an administrator or take that back."""
    members = {name: value for name, value in {"disabled": disabled, "admin": admin}.items() if value is not None}
    if not members:
        raise typer.BadParameter("Say what to change: --disable, --enable, --admin or --no-admin.", param_hint="LOGIN")
    _tell_user(client_of(ctx).users.change(login, **members), as_json)


@groups.command("list")
def list_groups(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List all groups and who is in them."""
    found = client_of(ctx).groups.all()
    if as_json:
        print_json(found)
    else:
        print_table(("group", "members"), ((group["group"], " ".join(group["members"])) for group in found))


@groups.command("add")
def add_member(ctx: typer.Context, group: Group, login: Login, as_json: AsJson = False) -> None:
    """Put a user into a group."""
    client_of(ctx).groups.add(group, login)
    print_change(as_json, f"{login} is in {group}.", group=group, added=login)


@groups.command("remove")
def remove_member(ctx: typer.Context, group: Group, login: Login, as_json: AsJson = False) -> None:
    """Take a user out of a group."""
    client_of(ctx).groups.remove(group, login)
    print_change(as_json, f"{login} is no longer in {group}.", group=group, removed=login)


@keys.command("create")
def create_key(
    ctx: typer.Context,
    login: Login,
    name: own_keys.Name,
    days: own_keys.Days = None,
    as_json: AsJson = False,
) -> None:
    """Create a key for a user and print it, this once."""
    own_keys.show_new(client_of(ctx).keys.create(name, expires_in_days=days, login=login), as_json=as_json)


@keys.command("list")
def list_keys(ctx: typer.Context, login: Login, as_json: AsJson = False) -> None:
    """List the keys of a user."""
    own_keys.show_all(client_of(ctx).keys.all(login), as_json=as_json)


keys.command("revoke")(own_keys.revoke)


@commands.command("audit")
def audit(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Most entries to show.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show what was changed and refused, the newest first. Others than administrators see what is about their own."""
    entries = client_of(ctx).audit.newest(limit)
    if as_json:
        print_json(entries)
        return
    columns = ("time", "event", "by", "about", "detail", "address")
    print_table(columns, ([entry.get(column) or "" for column in columns] for entry in entries))


def _state(user: dict[str, Any]) -> str:
    return " ".join(word for word in ("admin", "disabled") if user[word])


def _tell_user(user: dict[str, Any], as_json: bool) -> None:
    states = _state(user)
    print_change(as_json, f"User {user['login']}{f' ({states})' if states else ''}.", **user)

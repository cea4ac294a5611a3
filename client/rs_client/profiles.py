"""Who a user is at which server, kept between commands: profiles in the user's configuration folder.

The folder is the operating system's own for this (on Linux `$XDG_CONFIG_HOME/rs-server`). Keys are in the system's
keyring where it has one, else in the profiles' file, which only its owner can read.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from rs_client.errors import NotConfigured

SERVICE = "rs-server"
"""Name under which keys are in the keyring."""


def profiles_folder() -> Path:
    """The folder of the profiles, where this operating system keeps the settings of programs."""
    import typer

    return Path(typer.get_app_dir("rs-server"))


class Keyring(Protocol):
    """The system's safe place for passwords; raises NoKeyring where it fails."""

    def get(self, name: str) -> str:
        """The key of a profile, empty if there is none."""

    def put(self, name: str, key: str) -> None:
        """Keep the key of a profile."""

    def forget(self, name: str) -> None:
        """Remove the key of a profile, if there is one."""


class NoKeyring(Exception):
    """The system has no keyring, or it does not open."""


class SystemKeyring:
    """The keyring of the desktop or operating system, through the package `keyring`."""

    def get(self, name: str) -> str:
        """The key of a profile, empty if there is none."""
        with _as_no_keyring() as keyring:
            return keyring.get_password(SERVICE, name) or ""

    def put(self, name: str, key: str) -> None:
        """Keep the key of a profile."""
        with _as_no_keyring() as keyring:
            keyring.set_password(SERVICE, name, key)

    def forget(self, name: str) -> None:
        """Remove the key of a profile, if there is one."""
        with _as_no_keyring() as keyring:
            if keyring.get_password(SERVICE, name) is not None:
                keyring.delete_password(SERVICE, name)


@contextlib.contextmanager
def _as_no_keyring() -> Iterator[Any]:
    """The package `keyring`, imported only where a profile needs it; its failures become NoKeyring."""
    import keyring
    from keyring.errors import KeyringError

    try:
        yield keyring
    except (KeyringError, OSError, RuntimeError) as error:
        raise NoKeyring(str(error) or type(error).__name__) from error


@dataclass(frozen=True, slots=True)
class Profile:
    """A server and a key for it."""

    name: str
    url: str
    login: str = ""
    key_id: str = ""
    expires: str = ""
    """When the key ends, as the server said at login."""
    key: str = ""
    in_keyring: bool = False
    """Whether the key is in the keyring rather than here."""

    def __repr__(self) -> str:
        return f"Profile(name={self.name!r}, url={self.url!r}, login={self.login!r}, in_keyring={self.in_keyring})"


class Profiles:
    """The profiles of one user of the computer, in a folder of theirs."""

    def __init__(self, folder: Path, keyring: Keyring | None = None) -> None:
        self.file = folder / "profiles.json"
        self.keyring = keyring

    def all(self) -> tuple[str, list[Profile]]:
        """Name of the profile that is used when none is asked for, and all profiles, without the keyring's keys."""
        document = self._read()
        profiles = [_profile_of(name, members) for name, members in document.get("profiles", {}).items()]
        return str(document.get("default") or ""), profiles

    def find(self, name: str = "") -> Profile | None:
        """A profile with its key: that of `name`, else the default one; None where there is no default one.

        Raises NotConfigured for a name that is unknown, and for a keyring that does not give the key.
        """
        default, profiles = self.all()
        found = next((profile for profile in profiles if profile.name == (name or default)), None)
        if found is None:
            if name:
                known = ", ".join(sorted(profile.name for profile in profiles)) or "none"
                raise NotConfigured(f"There is no profile {name!r}; there is {known}.", "`rs login` makes one.")
            return None
        return replace(found, key=self._key_of(found)) if found.in_keyring else found

    def keep(self, profile: Profile) -> Profile:
        """Store a profile and make it the default one; its key goes into the keyring if that takes it."""
        if self.keyring is not None:
            with contextlib.suppress(NoKeyring):
                self.keyring.put(profile.name, profile.key)
                profile = replace(profile, key="", in_keyring=True)
        document = self._read()
        document.setdefault("profiles", {})[profile.name] = _members_of(profile)
        self._write(document | {"default": profile.name})
        return profile

    def use(self, name: str) -> None:
        """Make a profile the default one; raises NotConfigured for a name that is unknown."""
        self.find(name)
        self._write(self._read() | {"default": name})

    def forget(self, name: str) -> None:
        """Remove a profile and its key."""
        document = self._read()
        members = document.get("profiles", {}).pop(name, {})
        if members.get("in_keyring") and self.keyring is not None:
            with contextlib.suppress(NoKeyring):
                self.keyring.forget(name)
        if document.get("default") == name:
            document["default"] = next(iter(document["profiles"]), "")
        self._write(document)

    def _key_of(self, profile: Profile) -> str:
        hint = f"Unlock it, or run `rs login --profile {profile.name} --no-keyring` to keep the key in a file."
        if self.keyring is None:
            raise NotConfigured(f"The key of profile {profile.name!r} is in a keyring, and there is none here.", hint)
        try:
            return self.keyring.get(profile.name)
        except NoKeyring as error:
            raise NotConfigured(f"The keyring does not give the key of {profile.name!r}: {error}.", hint) from error

    def _read(self) -> dict[str, Any]:
        try:
            document = json.loads(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (ValueError, OSError) as error:
            raise NotConfigured(f"{self.file} cannot be read: {error}.", "Remove it and run `rs login`.") from error
        return document if isinstance(document, dict) else {}

    def _write(self, document: dict[str, Any]) -> None:
        """Replace the file at once by one that only its owner can read."""
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, path = tempfile.mkstemp(dir=self.file.parent)  # made with mode 600
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(document, file, indent=2)
        Path(path).replace(self.file)


def _profile_of(name: str, members: dict[str, Any]) -> Profile:
    known = {member: members[member] for member in Profile.__slots__ if member in members and member != "name"}
    return Profile(name=name, **known) if "url" in known else Profile(name=name, url="")


def _members_of(profile: Profile) -> dict[str, Any]:
    return {member: value for member, value in asdict(profile).items() if value and member != "name"}

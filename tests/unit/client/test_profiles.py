"""Profiles: `rs login` keeps who one is where, safely, and each command finds it again."""

from __future__ import annotations

import json
import stat

import pytest

from rs_client import Client, NotConfigured
from rs_client.profiles import Profile, Profiles

URL = "https://rs.example.org/v1"
OTHER = "https://other.example.org/v1"
ME = {"user": "alice", "key": {"id": "k1", "expires": "2027-02-26T05:01:44Z"}}


@pytest.fixture
def logged_in(rs, server, key):
    """Alice has logged in; nothing is in the environment."""
    server.on("GET", "/access/me", ME)
    assert rs("login", URL, url="", key="", stdin=f"{key}\n").exit_code == 0


def as_user(rs, *arguments, **environment):
    return rs(*arguments, url="", key="", **environment)


def test_login_checks_the_key_and_keeps_it_in_the_keyring(rs, server, profiles, keyring, key):
    server.on("GET", "/access/me", ME)
    result = rs("login", f"{URL}/", url="", key="", stdin=f"{key}\n")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"You are alice at {URL} until 2027-02-26T05:01:44Z. The key is in the system's keyring.\n"
    assert server.requests[0].headers["authorization"] == f"Bearer {key}"
    assert keyring.keys == {"default": key}
    assert key not in profiles.file.read_text()


@pytest.mark.parametrize("how", ["locked", "option"])
def test_without_a_keyring_the_key_is_in_a_file_for_its_owner_only(rs, server, profiles, keyring, key, how):
    server.on("GET", "/access/me", ME)
    keyring.locked = how == "locked"
    options = ["--no-keyring"] if how == "option" else []
    result = rs("login", URL, *options, url="", key="", stdin=key)
    assert str(profiles.file) in result.stdout
    assert keyring.keys == {}
    assert stat.S_IMODE(profiles.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(profiles.file.parent.stat().st_mode) == 0o700
    assert json.loads(profiles.file.read_text())["profiles"]["default"]["key"] == key
    assert as_user(rs, "me").exit_code == 0
    assert server.requests[-1].headers["authorization"] == f"Bearer {key}"


def test_commands_use_the_profile(rs, server, logged_in, key):
    assert as_user(rs, "me").stdout.startswith("user ")
    assert server.requests[-1].headers["authorization"] == f"Bearer {key}"


def test_the_profiles_key_goes_to_no_other_server(rs, server, logged_in):
    server.on("GET", f"{OTHER}/access/me", ME)
    assert rs("--url", OTHER, "me", url="", key="").exit_code == 0
    assert rs("me", url=OTHER, key="").exit_code == 0
    for request in server.requests[-2:]:
        assert request.url.host == "other.example.org"
        assert "authorization" not in request.headers


def test_the_environment_counts_more_than_the_default_profile_and_less_than_a_named_one(rs, server, logged_in, key):
    assert rs("me", key="rss_fromtheenvironment").exit_code == 0
    assert server.requests[-1].headers["authorization"] == "Bearer rss_fromtheenvironment"
    rs("--profile", "default", "me", key="rss_fromtheenvironment", url=OTHER)
    assert str(server.requests[-1].url) == f"{URL}/access/me"
    assert server.requests[-1].headers["authorization"] == f"Bearer {key}"
    rs("--profile", "default", "--key", "rss_typed", "me", url=OTHER)
    assert server.requests[-1].headers["authorization"] == "Bearer rss_typed"


def test_several_profiles(rs, server, logged_in, key, keyring):
    server.on("GET", f"{OTHER}/access/me", {"user": "root", "key": {"id": "k2", "expires": ""}})
    as_user(rs, "login", OTHER, "--profile", "ops", stdin=key)
    rows = as_user(rs, "profiles", "list").stdout.splitlines()
    assert [row.split()[:3] for row in rows[1:]] == [["default", "alice", URL], ["ops", "*", "root"]]
    listed = as_user(rs, "profiles", "list", "--json").stdout
    assert key not in listed
    assert [profile["name"] for profile in json.loads(listed)] == ["default", "ops"]
    as_user(rs, "me")
    assert server.requests[-1].url.host == "other.example.org"
    as_user(rs, "me", RS_PROFILE="default")
    assert server.requests[-1].url.host == "rs.example.org"
    as_user(rs, "profiles", "use", "default")
    as_user(rs, "me")
    assert server.requests[-1].url.host == "rs.example.org"
    assert as_user(rs, "profiles", "use", "nothing").exit_code == 2


def test_logout_forgets_the_key_and_ends_it_if_asked_to(rs, server, logged_in, keyring):
    server.on("DELETE", "/access/keys/k1", None, status=204)
    assert as_user(rs, "logout", "--revoke").exit_code == 0
    assert server.requests[-1].method == "DELETE"
    assert keyring.keys == {}
    result = as_user(rs, "me")
    assert result.exit_code == 2
    assert "rs login" in result.stderr


def test_a_wrong_key_is_not_kept(rs, server, profiles, key):
    server.on("GET", "/access/me", {"description": "no"}, status=401)
    result = as_user(rs, "login", URL, stdin=key)
    assert result.exit_code == 3
    assert "does not accept this key" in result.stderr
    assert key not in result.output
    assert not profiles.file.exists()


@pytest.mark.parametrize("typed", ["", "\n", "rss_tooshort\n"])
def test_a_key_that_cannot_be_right_is_not_even_sent(rs, server, typed):
    assert as_user(rs, "login", URL, stdin=typed).exit_code == 3
    assert server.requests == []


def test_an_expired_key_of_a_profile_is_told_as_such(rs, server, profiles, key):
    profiles.keep(Profile("default", URL, "alice", expires="2024-01-31T12:00:00Z", key=key))
    server.on("GET", "/access/me", {"description": "no"}, status=401)
    result = as_user(rs, "me")
    assert result.exit_code == 3
    assert "Your API key expired on 2024-01-31 at 12:00 UTC." in result.stderr


def test_a_keyring_that_stays_locked_is_told(rs, logged_in, keyring):
    keyring.locked = True
    result = as_user(rs, "me")
    assert result.exit_code == 2
    assert "--no-keyring" in result.stderr


@pytest.mark.parametrize("content", ["{", "\x00", "[]"])
def test_a_broken_file_of_profiles_is_told(rs, profiles, content):
    profiles.file.parent.mkdir(parents=True)
    profiles.file.write_text(content)
    assert as_user(rs, "me").exit_code == 2


def test_python_connects_by_a_profile(tmp_path, key):
    with pytest.raises(NotConfigured, match="not logged in"):
        Client.of_profile(folder=tmp_path)
    Profiles(tmp_path).keep(Profile("default", URL, "alice", key=key))
    assert Client.of_profile(folder=tmp_path).api.url == URL


def test_a_profile_never_shows_its_key(key):
    assert key not in repr(Profile("default", URL, key=key))

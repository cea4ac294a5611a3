"""The command `rs-sim`."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.integration.simulators.conftest import station


def rs_sim(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "simulators", *arguments], capture_output=True, text=True, timeout=300)


def test_help_names_interfaces_profiles_and_faults():
    said = rs_sim("--help")
    assert said.returncode == 0
    for word in ("cadip", "auxip", "prip", "lta", "--profile", "--size-scale", "--speed", "mti", "adgs", "s2b", "acri"):
        assert word in said.stdout
    assert "/_sim/faults" in said.stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["cadip", "--profile", "nowhere"], "there are mps, mti, nsg, sgs, ssc"),
        (["cadip", "--now", "yesterday"], "no DateTimeOffset"),
        (["cadip", "--size-scale", "0"], "greater than 0"),
        (["edrs"], "invalid choice"),
        (["cadip", "--fault", "nonsense"], "--fault nonsense: kind"),
        (["cadip", "--fault", "unavailable:rate=x"], "--fault unavailable:rate=x: rate"),
    ],
)
def test_bad_arguments_are_told_without_a_stack_trace(arguments, reason):
    said = rs_sim(*arguments)
    assert said.returncode != 0
    assert reason in said.stderr
    assert "Traceback" not in said.stderr


def test_a_station_starts_and_ends(mti):
    health = mti.http.get("/_sim/health").json()
    assert health == {"status": "ok", "interface": "cadip", "profile": "mti"}


@pytest.mark.parametrize("interface", ["auxip", "prip", "lta"])
def test_each_interface_starts(interface):
    with station(interface) as running:
        assert running.http.get("/_sim/health").json()["interface"] == interface


def test_a_station_starts_with_a_fault():
    with station("cadip", "--fault", "unavailable:count=1,retry_after=3", scope="openid") as running:
        headers = running.log_in()
        url = f"{running.origin}/cadip/1.0/odata/v1/Sessions"
        first, second = (running.http.get(url, headers=headers) for _ in range(2))
        assert (first.status_code, first.headers["retry-after"], second.status_code) == (503, "3", 200)


def test_token_lives_are_options():
    with station("cadip", "--access-seconds", "1", "--refresh-seconds", "2", scope="openid") as running:
        form = {"grant_type": "password", "client_id": "rs-client", "client_secret": "rs-client-secret"}
        form |= {"username": "rs", "password": "rs-password", "scope": "openid"}
        reply = running.http.post("/oauth2/token", data=form).json()
        assert (reply["expires_in"], reply["refresh_expires_in"]) == (1, 2)

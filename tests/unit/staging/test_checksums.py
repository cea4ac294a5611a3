"""Checksums of each kind that a station declares: computed, written as multihash, compared."""

from __future__ import annotations

import hashlib

import pytest

from rs_server.staging.checksums import Checksum, differs, new_hash
from tests.unit.staging.checks import check_nothing_left, check_published
from tests.unit.staging.world import World

BLAKE3_OF_ABC = "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"
"""BLAKE3's published test vector."""
OF_ABC = {
    "MD5": "d50110900150983cd24fb0d6963f7d28e17f72",
    "MD5 without its code": "900150983CD24FB0D6963F7D28E17F72",
    "BLAKE3": f"1e20{BLAKE3_OF_ABC}",
    "SHA-256": "1220" + hashlib.sha256(b"abc").hexdigest(),
}


@pytest.mark.parametrize("declared", OF_ABC.values(), ids=OF_ABC.keys())
def test_a_declared_checksum_is_computed_in_its_own_algorithm(declared: str) -> None:
    digest = new_hash(declared)
    digest.update(b"ab")
    digest.update(b"c")
    computed = str(Checksum(digest.name, digest.hexdigest()))
    assert computed.endswith(declared.lower())
    assert not differs(declared, computed)
    assert differs(declared, computed[:-1] + ("0" if computed[-1] != "0" else "1"))


@pytest.mark.parametrize("declared", ["", "none", "1e20abcd", "b220" + 64 * "0"])
def test_what_cannot_be_computed_is_replaced_by_sha256(declared: str) -> None:
    assert Checksum.parse(declared) is None
    assert new_hash(declared).name == "sha256"


async def test_a_product_with_blake3_is_verified_and_keeps_it(world: World) -> None:
    session = world.session("S1", {"a.raw": 3})
    world.station.files["a.raw"] = b"abc"
    session["assets"]["a.raw"]["file:checksum"] = OF_ABC["BLAKE3"]
    await world.submit({"value": session})
    await world.run()
    check_published(world)
    assert world.items["S1"]["assets"]["a.raw"]["file:checksum"] == OF_ABC["BLAKE3"]


async def test_a_product_with_another_blake3_is_not_published(world: World) -> None:
    session = world.session("S1", {"a.raw": 3})
    session["assets"]["a.raw"]["file:checksum"] = OF_ABC["BLAKE3"]
    job_id = await world.submit({"value": session})
    await world.run()
    assert (await world.job(job_id)).status == "failed"
    check_nothing_left(world)

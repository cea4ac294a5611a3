"""Items that are written together share one fate."""

from __future__ import annotations

import pytest

from rs_server.catalog.engine.client import BulkWrite
from rs_server.catalog.fates import Fate, first_refusal, held_back, refused
from rs_server.errors import Conflict, InvalidRequest

GOOD = BulkWrite("create", "alice:c:good", {"id": "good"})
MALFORMED = refused("malformed", InvalidRequest("Its geometry is none."))
BEING_DELETED = refused("deleted", Conflict("It is being deleted."))


def fates_of(*decisions: Fate | BulkWrite) -> dict[str, Fate]:
    refusal = first_refusal(one for one in decisions if isinstance(one, Fate))
    assert refusal is not None
    return {fate.id: fate for fate in held_back(decisions, refusal)}


@pytest.mark.parametrize("order", [(BEING_DELETED, GOOD, MALFORMED), (MALFORMED, BEING_DELETED, GOOD)])
def test_one_that_is_refused_for_good_leaves_nothing_to_try_again(order: tuple[Fate | BulkWrite, ...]) -> None:
    fates = fates_of(*order)
    assert not any(fate.passing for fate in fates.values())
    assert fates["malformed"].to_json()["reason"] == "Its geometry is none."
    for name in ("good", "deleted"):
        assert "'malformed'" in str(fates[name].to_json()["reason"])


def test_where_all_reasons_pass_all_items_are_worth_another_try() -> None:
    fates = fates_of(GOOD, BEING_DELETED)
    assert fates["good"].passing
    assert fates["deleted"].to_json()["reason"] == "It is being deleted."

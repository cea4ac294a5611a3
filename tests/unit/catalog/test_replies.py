"""What the engine says, where its status is not what it means."""

from __future__ import annotations

import pytest

from rs_server.catalog.engine.connections import Reply
from rs_server.catalog.engine.replies import checked
from rs_server.errors import InvalidRequest

BUCKETS = "Trying to create too many buckets. Must be less than or equal to: [65535] but was [66000]."
CAST = "class java.lang.Double cannot be cast to class org.apache.lucene.util.BytesRef (java.lang.Double is in x)"


@pytest.mark.parametrize(
    ("status", "kind", "reason", "told"),
    [(503, "too_many_buckets_exception", BUCKETS, "wider"), (500, "class_cast_exception", CAST, "text in others")],
)
def test_what_the_engine_takes_for_its_own_failure_and_is_the_askers(
    status: int, kind: str, reason: str, told: str
) -> None:
    cause = {"type": kind, "reason": reason}
    error = {"root_cause": [], "type": "search_phase_execution_exception", "reason": "", "caused_by": cause}
    with pytest.raises(InvalidRequest, match=told):
        checked(Reply(status, {"error": error, "status": status}))

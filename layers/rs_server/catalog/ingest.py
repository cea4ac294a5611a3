"""Taking in the items of a staging job: its last step names them, and learns what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from itertools import batched
from typing import Any

from rs_server.access.principals import Principal
from rs_server.catalog.caller import Caller, Grants
from rs_server.catalog.fates import Fate, refused
from rs_server.catalog.journal import Journal
from rs_server.catalog.write import ItemWriter
from rs_server.errors import BackendUnavailable, InvalidRequest, RsServerError
from rs_server.stac.ids import parse_collection_id
from rs_server.storage.objects import ObjectStore

MOST_REASON = 300
"""Characters of a reason: an answer of Lambda's has 6 MB, and a job 10 000 items, which all may be refused for one."""
BATCH = 500
"""Items that are looked at in one call; a session of CADUs may have 100 kB."""


@dataclass(frozen=True, slots=True)
class Ingest:
    """Writes the items of a job with the rights of the job's owner, as they are now."""

    writer: ItemWriter
    grants: Grants
    documents: ObjectStore

    async def __call__(self, event: Mapping[str, Any], ends: datetime) -> dict[str, Any]:
        """Write the items that `event` points at; answers the fate of each, in their order.

        `event`: `{"principal": context, "collection": id, "items": {"bucket", "key"}, "job": id, "together": bool,
        "until": moment}`; with `together` all items are written or none. Nothing is written after `until`: by then
        another worker may have published the job and a later one may have changed its items, so it is not begun unless
        this function `ends` before. With `take_back`, and without principal and items, what was written together and
        is not whole is taken back. Repeating it changes nothing. Raises BackendUnavailable and its like, after which
        it should be repeated; what the request itself is at fault for is the fate of its items.
        """
        if ends > datetime.fromisoformat(event["until"]):
            raise BackendUnavailable("The call came so late that its caller may have lost the job meanwhile.")
        journal = Journal(self.documents, event["job"])
        if event.get("take_back"):
            await self.writer.take_back(parse_collection_id(event["collection"]), journal)
            return {"items": []}
        features = await self._features(event["items"])
        caller = Caller(await self.grants.rights_of(Principal.from_context(event["principal"])))
        fates: list[dict[str, str | bool]] = []  # without the items themselves, which are many
        together = journal if event.get("together") else None
        for batch in [features] if together else batched(features, BATCH, strict=False):
            fates += map(told, await self._write(caller, event["collection"], batch, together))
        return {"items": fates}

    async def _features(self, place: Mapping[str, str]) -> Sequence[Any]:
        if place["bucket"] != self.documents.bucket:
            raise InvalidRequest(f"The items of a job are in the bucket {self.documents.bucket}.")
        features = (await self.documents.read_json(place["key"]))["features"]
        assert isinstance(features, list)
        return features

    async def _write(self, caller: Caller, name: str, batch: Sequence[Any], together: Journal | None) -> list[Fate]:
        try:
            return await self.writer.write(caller, caller.collection(name), batch, "put", together=together)
        except RsServerError as error:
            # The engine's or the table's fault, and worth another try.
            if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            return [refused(str(item.get("id", "")), error) for item in batch]


def told(fate: Fate) -> dict[str, str | bool]:
    """What is answered of an item's fate."""
    answer = fate.to_json()
    reason = str(answer.get("reason", ""))
    return answer | {"reason": f"{reason[:MOST_REASON]}..."} if len(reason) > MOST_REASON else answer

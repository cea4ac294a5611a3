"""The routes of `/dead-letters`, for administrators."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Depends, Request

from rs_server.access.requests import principal_of
from rs_server.access.rights import CREDENTIAL_NEEDED
from rs_server.errors import Forbidden, Unauthenticated
from rs_server.stac.links import link
from rs_server.staging.dead_letters import MOST_SEEN, DeadLetter, DeadLetters
from rs_server.staging.job_store import JobStore
from rs_server.staging.jobs import Job

Document = dict[str, Any]
SHOWN = 1000
"""Characters of a letter that cannot be read."""


def require_admin(request: Request) -> None:
    """Raise for whoever is no administrator, or one with a narrowed key."""
    principal = principal_of(request)
    if principal.anonymous:
        raise Unauthenticated(CREDENTIAL_NEEDED)
    if not principal.admin or principal.scope is not None:
        raise Forbidden("Only administrators may do this, with a key that is not narrowed.")


def dead_letter_routes(letters: DeadLetters, jobs: JobStore) -> APIRouter:
    """The routes; they carry their whole path."""
    router = APIRouter(dependencies=[Depends(require_admin)])

    @router.get("/dead-letters")
    async def list_dead_letters(request: Request) -> Document:
        found = await letters.look()
        wanted = {letter.message.job for letter in found if letter.message}
        known = {job_id: await jobs.get(job_id) for job_id in sorted(wanted)}
        return {
            "dead_letters": [document_of(letter, known) for letter in found],
            "complete": len(found) < MOST_SEEN,
            "links": [link("self", f"{str(request.base_url).rstrip('/')}/dead-letters", title="Dead letters")],
        }

    @router.post("/dead-letters/replay")
    async def replay_all() -> Document:
        return {"replayed": await letters.replay_all()}

    @router.post("/dead-letters/{letter_id}/replay")
    async def replay(letter_id: str) -> Document:
        await letters.replay(letter_id)
        return {"replayed": 1}

    @router.delete("/dead-letters/{letter_id}", status_code=HTTPStatus.NO_CONTENT)
    async def delete(letter_id: str) -> None:
        await letters.delete(letter_id)

    return router


def document_of(letter: DeadLetter, jobs: dict[str, Job | None]) -> Document:
    """A letter as it is shown: what it is about, or its text where it is no message of ours."""
    message = letter.message
    if message is None:
        return {"id": letter.id, "sent": letter.sent, "kind": "unknown", "text": letter.body[:SHOWN]}
    job = jobs.get(message.job)
    about = {"subscription": message.job} if message.kind == "poll" else {"job": message.job}
    return {
        "id": letter.id,
        "sent": letter.sent,
        "kind": message.kind,
        **about,
        **({"owner": job.owner, "status": job.status, "message": job.message} if job else {}),
        **({"transfer": message.transfer, "range": message.range} if message.kind == "transfer" else {}),
        **({"station": message.station} if message.station else {}),
    }

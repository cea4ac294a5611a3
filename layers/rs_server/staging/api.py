"""The process service: OGC API Processes 1.0 with one process, `staging`, its jobs, and standing orders of them."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse

from rs_server.access.principals import Principal
from rs_server.access.requests import principal_of
from rs_server.access.resources import STAGING
from rs_server.access.rights import CREDENTIAL_NEEDED
from rs_server.errors import Conflict, Unauthenticated
from rs_server.http import add_error_handlers, prefers
from rs_server.stac.links import link
from rs_server.staging.authority import RightsReader
from rs_server.staging.dead_letter_routes import dead_letter_routes
from rs_server.staging.dead_letters import DeadLetters
from rs_server.staging.definition import OPENAPI_30, definition
from rs_server.staging.documents import JobDocuments
from rs_server.staging.job_list import EARLIEST, LATEST, JobFilter, JobList, parse_interval
from rs_server.staging.jobs import PROCESS_ID, Job
from rs_server.staging.messages import Message
from rs_server.staging.process import Execute, description, summary
from rs_server.staging.status_info import (
    job_list,
    no_such_job,
    no_such_process,
    results_document,
    status_info,
    without_results,
)
from rs_server.staging.stores import Stores
from rs_server.staging.submission import Submissions
from rs_server.staging.subscriptions.desk import SubscriptionDesk
from rs_server.staging.subscriptions.routes import subscription_routes

Document = dict[str, Any]
Limit = Annotated[int, Query(ge=1, le=10_000)]
Texts = Annotated[list[str] | None, Query()]
Seconds = Annotated[int | None, Query(ge=0)]


@dataclass(frozen=True, slots=True)
class JobDesk:
    """What callers may do with jobs: their own, or with an admin's right everyone's."""

    stores: Stores
    grants: RightsReader

    async def require(self, principal: Principal, action: str) -> None:
        """Raise unless `principal` may do `action` with the process."""
        rights = await self.grants.rights_of(principal)
        rights.require(action, STAGING, absent=no_such_process(PROCESS_ID).message)

    async def find(self, job_id: str, principal: Principal, action: str) -> Job:
        """The job, if it is the caller's own or the caller is an admin; else it is as if there were none."""
        if principal.anonymous:
            raise Unauthenticated(CREDENTIAL_NEEDED)
        await self.require(principal, action)
        job = await self.stores.jobs.get(job_id)
        if job is None or not (principal.admin or job.owner == principal.login):
            raise no_such_job(job_id)
        return job

    async def dismiss(self, job: Job) -> Job:
        """Stop a job and have it undone; one that has ended is put away."""
        if await self.stores.jobs.dismiss(job.id):
            await self.stores.queue.send([Message("finish", job.id)])
        elif job.status != "dismissed":
            await self.stores.jobs.put_away(job.id)
        current = await self.stores.jobs.get(job.id)
        if current is None:
            raise no_such_job(job.id)
        if current.status != "dismissed":
            raise Conflict("The job is being published or undone, and will end in a moment. Try again then.")
        return current


def create_app(
    stores: Stores,
    submissions: Submissions,
    subscriptions: SubscriptionDesk,
    dead_letters: DeadLetters,
    grants: RightsReader,
) -> FastAPI:
    """The service; its routes carry their full path, since it answers under two prefixes."""
    app = FastAPI(title="rs-server processes", openapi_url=None, docs_url=None, redoc_url=None)
    app.router.redirect_slashes = False  # a redirect loses the caller's key
    add_error_handlers(app, problems=True)
    desk = JobDesk(stores, grants)
    _add_definition(app)
    _add_processes(app, desk, submissions)
    _add_jobs(app, desk, JobList(stores.jobs), JobDocuments(stores.objects))
    app.include_router(subscription_routes(subscriptions))
    app.include_router(dead_letter_routes(dead_letters, stores.jobs))
    return app


def require_known(process_id: str, principal: Principal) -> None:
    """Raise unless this is a process that there is; the anonymous are told nothing of what is not public."""
    if process_id == PROCESS_ID:
        return
    if principal.anonymous:
        raise Unauthenticated(CREDENTIAL_NEEDED)
    raise no_such_process(process_id)


def base_url_of(request: Request) -> str:
    """The API's public base URL, as the gateway's wrapper has put it into the request."""
    return str(request.base_url).rstrip("/")


def _add_definition(app: FastAPI) -> None:
    @app.get("/processes/openapi.json", include_in_schema=False)
    async def define(request: Request) -> JSONResponse:
        return JSONResponse(definition(app, base_url_of(request)), media_type=OPENAPI_30)


def _add_processes(app: FastAPI, desk: JobDesk, submissions: Submissions) -> None:
    @app.get("/processes")
    async def list_processes(request: Request, limit: Limit = 10) -> Document:
        rights = await desk.grants.rights_of(principal_of(request))
        base_url = base_url_of(request)
        seen = [summary(base_url)][:limit] if rights.allows("read", STAGING) else []
        return {"processes": seen, "links": [link("self", f"{base_url}/processes", title="The processes")]}

    @app.get("/processes/{process_id}")
    async def describe_process(request: Request, process_id: str) -> Document:
        require_known(process_id, principal_of(request))
        await desk.require(principal_of(request), "read")
        return description(base_url_of(request))

    @app.post("/processes/{process_id}/execution")
    async def execute(request: Request, process_id: str, body: Execute) -> Response:
        require_known(process_id, principal_of(request))
        job = await submissions.submit(body, principal_of(request))
        base_url = base_url_of(request)
        headers = {"location": f"{base_url}/jobs/{job.id}"}
        if prefers(request, "respond-async"):  # which it is anyway
            headers["preference-applied"] = "respond-async"
        secret = {"subscriber": {"secret": body.subscriber.secret}} if body.subscriber else {}
        return JSONResponse(status_info(job, base_url) | secret, HTTPStatus.CREATED, headers)


def _add_jobs(app: FastAPI, desk: JobDesk, jobs: JobList, documents: JobDocuments) -> None:
    @app.get("/jobs")
    async def list_jobs(
        request: Request,
        limit: Limit = 10,
        type: Texts = None,  # noqa: A002  # the parameter's name in the standard
        processID: Texts = None,  # noqa: N803  # the parameter's name in the standard
        status: Texts = None,
        datetime: str = "",
        minDuration: Seconds = None,  # noqa: N803  # the parameter's name in the standard
        maxDuration: Seconds = None,  # noqa: N803  # the parameter's name in the standard
        token: str = "",
    ) -> Document:
        principal = principal_of(request)
        if principal.anonymous:
            raise Unauthenticated(CREDENTIAL_NEEDED)
        await desk.require(principal, "read")
        since, until = parse_interval(datetime) if datetime else (EARLIEST, LATEST)
        wanted = JobFilter(
            types=_texts(type),
            processes=_texts(processID),
            statuses=_texts(status),
            since=since,
            until=until,
            min_duration=minDuration,
            max_duration=maxDuration,
        )
        found, following = await jobs.page(None if principal.admin else principal.login, wanted, limit, token)
        return job_list(found, base_url_of(request), _page_links(request, following))

    @app.get("/jobs/{job_id}")
    async def show_job(request: Request, job_id: str) -> Document:
        return status_info(await desk.find(job_id, principal_of(request), "read"), base_url_of(request))

    @app.get("/jobs/{job_id}/results")
    async def show_results(request: Request, job_id: str) -> Document:
        job = await desk.find(job_id, principal_of(request), "read")
        outcome = await documents.read_results(job) if job.status == "successful" else None
        if outcome is None:
            raise without_results(job)
        return results_document(job, outcome, base_url_of(request))

    @app.delete("/jobs/{job_id}")
    async def dismiss_job(request: Request, job_id: str) -> Document:
        job = await desk.find(job_id, principal_of(request), "manage")
        return status_info(await desk.dismiss(job), base_url_of(request))


def _texts(values: list[str] | None) -> tuple[str, ...]:
    """The values of a list parameter, whether repeated or joined by commas."""
    return tuple(text for value in values or () for text in value.split(",") if text)


def _page_links(request: Request, following: str) -> list[dict[str, object]]:
    base_url = base_url_of(request)
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name != "token"]
    query = f"?{urlencode(request.query_params.multi_items())}" if request.query_params else ""
    links = [link("self", f"{base_url}/jobs{query}", title="This page")]
    if following:
        links.append(
            link("next", f"{base_url}/jobs?{urlencode([*pairs, ('token', following)])}", title="The next page")
        )
    return links

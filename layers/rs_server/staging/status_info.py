"""Jobs as OGC API Processes shows them: statusInfo, the list, and results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rs_server.errors import CODES, STATUS, InvalidRequest, NotFound, RsServerError
from rs_server.stac.links import Link, link
from rs_server.staging.jobs import PROCESS_ID, Job

Document = dict[str, Any]
PROBLEMS = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"
RESULTS_REL = "http://www.opengis.net/def/rel/ogc/1.0/results"
ERRORS = {status: error for error, status in STATUS.items() if int(status) in CODES}


def status_info(job: Job, base_url: str) -> Document:
    """`statusInfo.yaml`, and with it the job's label, target collection, and figures of its files and bytes."""
    times = {name: getattr(job, name) for name in ("created", "started", "finished", "updated")}
    return {
        "jobID": job.id,
        "processID": PROCESS_ID,
        "type": "process",
        "status": job.status,
        "progress": job.progress,
        "message": message_of(job),
        **{name: moment for name, moment in times.items() if moment},
        **({"label": job.label} if job.label else {}),
        "owner": job.owner,
        "collection": str(job.collection),
        "files": {"total": job.files, "left": job.files_left},
        "bytes": {"total": job.bytes, "done": min(job.bytes_done, job.bytes)},
        "links": _links(job, base_url),
    }


def message_of(job: Job) -> str:
    """Where the job stands, in words."""
    if job.stage == "transferring":
        return f"{job.files - job.files_left} of {job.files} files are there." + (job.ordering and f" {job.ordering}.")
    return job.message


def _links(job: Job, base_url: str) -> list[Link]:
    links = [link("self", f"{base_url}/jobs/{job.id}", title="This job")]
    if job.status == "successful":
        links.append(link(RESULTS_REL, f"{base_url}/jobs/{job.id}/results", title="Its results"))
    if job.status == "failed":
        links.append(
            link(
                "http://www.opengis.net/def/rel/ogc/1.0/exceptions",
                f"{base_url}/jobs/{job.id}/results",
                "application/problem+json",
                title="Why it failed",
            )
        )
    return links


def job_list(jobs: Sequence[Job], base_url: str, links: Sequence[Link]) -> Document:
    """`jobList.yaml`."""
    return {"jobs": [status_info(job, base_url) for job in jobs], "links": list(links)}


def results_document(job: Job, outcome: Document, base_url: str) -> Document:
    """`results.yaml`: the target collection by reference, and what became of each item."""
    collection = f"{base_url}/catalog/collections/{job.collection}"
    return {
        "collection": {"href": collection, "rel": "collection", "type": "application/json"},
        "items": outcome["items"],
    }


def no_such_job(job_id: str) -> NotFound:
    """The refusal of a job that is not there, or not the caller's."""
    return NotFound(f"There is no job {job_id!r}.", problem=PROBLEMS + "no-such-job")


def no_such_process(process_id: str) -> NotFound:
    """The refusal of a process that is not there."""
    return NotFound(f"There is no process {process_id!r}. See /processes.", problem=PROBLEMS + "no-such-process")


def without_results(job: Job) -> RsServerError:
    """Why a job that did not succeed has no results: its own failure, or that they are not there (yet)."""
    if job.status == "failed" and job.failure:
        return ERRORS.get(job.failure.status, InvalidRequest)(job.failure.reason)
    ended = "was dismissed" if job.status == "dismissed" else "has not ended"
    return NotFound(f"Job {job.id!r} {ended}; there are no results.", problem=PROBLEMS + "result-not-ready")

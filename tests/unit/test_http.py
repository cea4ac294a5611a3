"""What every service gets from the glue: errors in one form, CORS on every answer, Lambda in and out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from fastapi import FastAPI, Request, Response
from moto import mock_aws
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from rs_server.errors import BackendUnavailable, Forbidden, NotFound, RsServerError, TooManyRequests, Unauthenticated
from rs_server.http import MOST_BODY_BYTES, AnsweredInTime, add_error_handlers, lambda_handler, serve
from rs_server.public_address import BaseUrlParameter

BASE_URL = "https://api.example/v1"
JSON = {"content-type": "application/json"}
ORIGIN = {"origin": "https://browser.example"}


class Body(BaseModel):
    size: int


RAISED: dict[str, Exception] = {
    "forbidden": Forbidden("Ask the owner."),
    "missing": NotFound("There is none.", problem="http://types/none"),
    "busy": TooManyRequests("Wait.", retry_after=7),
    "anonymous": Unauthenticated("Send a key."),
    "ours": RsServerError("Something of ours."),
    "bug": RuntimeError("password=hunter2"),
}


def service(*, problems: bool = False) -> FastAPI:
    app = FastAPI()
    add_error_handlers(app, problems=problems)

    @app.get("/raise/{name}")
    async def fail(name: str) -> None:
        raise RAISED[name]

    @app.post("/body")
    async def body(body: Body) -> Body:
        return body

    @app.get("/where")
    async def where(request: Request) -> dict[str, Any]:
        return {"url": str(request.url_for("where"))}

    return app


def client(app: Any) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://internal")


async def base_url() -> str:
    return BASE_URL


async def in_pieces(size: int) -> AsyncIterator[bytes]:
    """A body whose length nobody declares."""
    for start in range(0, size, 1_000_000):
        yield b" " * min(1_000_000, size - start)


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize(("problems", "text"), [(False, "description"), (True, "detail")])
async def test_a_body_over_lambdas_limit_is_refused_in_the_services_form(
    declared: bool, problems: bool, text: str
) -> None:
    size = MOST_BODY_BYTES + 1
    content = b"{" * size if declared else in_pieces(size)
    async with client(serve(service(problems=problems), base_url, "/svc")) as caller:
        answer = await caller.post("/svc/body", content=content, headers=ORIGIN)
    assert answer.status_code == 413
    assert answer.json()[text] == "The body is larger than the 6 MiB that a request may have. Send less."
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "problem+json" in answer.headers["content-type"] if problems else answer.json()["code"] == "PayloadTooLarge"


@pytest.mark.parametrize("problems", [False, True])
async def test_an_answer_that_takes_too_long_is_given_up_before_the_gateway_does(problems: bool) -> None:
    async def never(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.Event().wait()

    async with client(AnsweredInTime(never, problems=problems, seconds=0.01)) as caller:
        answer = await caller.get("/")
    assert answer.status_code == 504
    assert answer.json()["detail" if problems else "description"].startswith("It was not done after 0.01 s")


async def test_a_body_at_the_limit_is_read() -> None:
    wanted = b'{"size": 3}'
    async with client(serve(service(), base_url, "/svc")) as caller:
        answer = await caller.post("/svc/body", content=wanted.rjust(MOST_BODY_BYTES), headers=JSON)
    assert answer.json() == {"size": 3}


@pytest.mark.parametrize(
    ("name", "status", "code", "description"),
    [
        ("forbidden", 403, "Forbidden", "Ask the owner."),
        ("missing", 404, "NotFound", "There is none."),
        ("busy", 429, "TooManyRequests", "Wait."),
        ("anonymous", 401, "Unauthenticated", "Send a key."),
        ("ours", 500, "InternalServerError", "Something of ours."),
    ],
)
async def test_our_errors_are_written_in_stacs_form(name, status, code, description):
    answer = await client(serve(service(), base_url, "/svc")).get(f"/svc/raise/{name}", headers=ORIGIN)
    assert answer.status_code == status
    assert answer.json() == {"code": code, "description": description, "request_id": answer.json()["request_id"]}
    assert answer.json()["request_id"]
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_retry_and_challenge_are_in_the_headers():
    async with client(serve(service(), base_url)) as caller:
        assert (await caller.get("/raise/busy")).headers["retry-after"] == "7"
        assert (await caller.get("/raise/anonymous")).headers["www-authenticate"] == "Bearer"


async def test_the_process_service_writes_problems():
    answer = await client(serve(service(problems=True), base_url)).get("/raise/missing")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "http://types/none"
    assert answer.json()["status"] == 404


@pytest.mark.parametrize("problems", [False, True])
async def test_a_bug_tells_nothing_of_itself(problems):
    answer = await client(serve(service(problems=problems), base_url)).get("/raise/bug", headers=ORIGIN)
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"size": "big"}', b'{"sizes": 1}', b"\xff", b"null"])
@pytest.mark.parametrize("problems", [False, True])
async def test_a_body_that_is_wrong_is_400_in_words(problems, body):
    headers = {"content-type": "application/json"}
    answer = await client(serve(service(problems=problems), base_url)).post("/body", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["detail" if problems else "description"]


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/none", 404), ("DELETE", "/body", 405)])
async def test_what_no_route_has_is_refused_in_the_same_form(method, path, status):
    answer = await client(serve(service(), base_url)).request(method, path, headers=ORIGIN)
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "description", "request_id"}
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "path", ["/svc//where", "/svc/../svc/where", "/svc/%2e%2e/where", "/svc/where/", "//svc/where"]
)
async def test_a_path_is_taken_as_it_was_routed_and_never_tidied_up(path):
    app = FastAPI(redirect_slashes=False)
    add_error_handlers(app)

    @app.get("/where")
    async def where() -> None:
        """Not to be reached by any of these paths."""

    served = serve(app, base_url, "/svc")

    async def routed(scope: Scope, receive: Receive, send: Send) -> None:
        await served({**scope, "path": path}, receive, send)

    answer = await client(routed).get("/")
    assert answer.status_code == 404


async def test_a_preflight_is_answered_without_the_service():
    headers = ORIGIN | {"access-control-request-method": "PUT", "access-control-request-headers": "x-api-key"}
    answer = await client(serve(service(), base_url)).options("/where", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert "x-api-key" in answer.headers["access-control-allow-headers"]


def _in_a_loop_of_its_own(call: Any) -> Any:
    """Lambda's thread has an event loop that Mangum uses for call after call."""

    def run() -> Any:
        with asyncio.Runner() as runner:
            asyncio.set_event_loop(runner.get_loop())
            return call()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def test_lambda_in_and_out():
    event = {
        "httpMethod": "GET",
        "path": "/svc/where",
        "resource": "/svc/{proxy+}",
        "headers": {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"},
        "multiValueHeaders": {},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"stage": "v1", "authorizer": {}},
        "body": None,
        "isBase64Encoded": False,
    }
    context = SimpleNamespace(aws_request_id="lambda-1")

    def call() -> Any:
        handler = lambda_handler(serve(service(), base_url, "/svc"))
        return handler(event, context), handler(event | {"path": "/svc/raise/forbidden"}, context)

    answer, failed = _in_a_loop_of_its_own(call)
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, False)
    assert answer["body"] == '{"url":"https://api.example/v1/svc/where"}'
    assert '"request_id":"lambda-1"' in failed["body"]


class Parameters:
    """SSM with outages, counting what it is asked."""

    def __init__(self, *answers: str | Exception) -> None:
        self.answers = list(answers)
        self.asked = 0

    def get_parameter(self, Name: str) -> Any:  # noqa: N803  # the API's own name
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return {"Parameter": {"Value": answer}}


async def test_the_base_url_is_read_once_by_however_many_requests():
    parameters = Parameters("https://api.example/v1/")
    address = BaseUrlParameter("/base-url", lambda: parameters)  # type: ignore[arg-type, return-value]
    assert set(await asyncio.gather(*(address() for _ in range(20)))) == {BASE_URL}
    assert await address() == BASE_URL
    assert parameters.asked == 1


@pytest.mark.parametrize(
    "fault",
    [EndpointConnectionError(endpoint_url="https://ssm"), ClientError({"Error": {"Code": "ParameterNotFound"}}, "x")],
)
async def test_an_address_that_cannot_be_read_is_503_and_read_again(fault):
    parameters = Parameters(fault, BASE_URL)
    address = BaseUrlParameter("/base-url", lambda: parameters)  # type: ignore[arg-type, return-value]
    with pytest.raises(BackendUnavailable):
        await address()
    assert await address() == BASE_URL


async def test_the_base_url_comes_from_the_parameter_store():
    with mock_aws():
        store = boto3.client("ssm", region_name="eu-west-1", aws_access_key_id="t", aws_secret_access_key="t")
        store.put_parameter(Name="/rs/base-url", Value=BASE_URL, Type="String")
        assert await BaseUrlParameter("/rs/base-url", lambda: store)() == BASE_URL


async def test_answers_are_the_callers_own_unless_they_say_otherwise() -> None:
    app = service()

    @app.get("/open")
    async def open_to_all(response: Response) -> None:
        response.headers["cache-control"] = "max-age=60"

    served = client(serve(app, base_url, "/svc"))
    kept = {
        name: (await served.get(f"/svc/{name}")).headers["cache-control"] for name in ("where", "open", "raise/bug")
    }
    assert kept == {"where": "private, no-cache", "open": "max-age=60", "raise/bug": "private, no-cache"}

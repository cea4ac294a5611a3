"""The deployed gateway's part in this process: finds the route, asks the authorizer, calls the service.

Routes, which of them ask the authorizer, which function is behind each, and the gateway's own answers are read from
the deployed API. Events have what REST APIs put into those of proxy integrations. The sample of the matrix that is sent
through the deployed gateway shows that it answers the same.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from rs_server.access.authorizer import Unauthorized
from tests.e2e.authorization.functions import Call, Event

if TYPE_CHECKING:
    from boto3.session import Session

FUNCTION = re.compile(r"functions/(.+)/invocations")
HEADER = "gatewayresponse.header."


class Refused(Exception):
    """The gateway answers by itself; the message is the kind of its answer."""


class Gateway(httpx.BaseTransport):
    """Takes the place of the deployed gateway under a client of the API."""

    def __init__(self, aws: Session, api_url: str, call: Call) -> None:
        self.base = urlsplit(api_url).path
        self.stage = self.base.rpartition("/")[2]
        self.call = call
        gateway = aws.client("apigateway")
        self.api = self.base.split("/")[-2]
        resources = gateway.get_resources(restApiId=self.api, limit=500, embed=["methods"])["items"]
        self.resources = {resource["path"]: resource for resource in resources}
        authorizers = gateway.get_authorizers(restApiId=self.api)["items"]
        self.authorizers = {each["id"]: _function(each["authorizerUri"]) for each in authorizers}
        responses = gateway.get_gateway_responses(restApiId=self.api)["items"]
        self.answers = {each["responseType"]: each for each in responses}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the deployed gateway would."""
        path = request.url.path.removeprefix(self.base) or "/"
        try:
            resource, method = self._route(request.method, path)
            event = self._event(resource, path, request)
            if method["authorizationType"] == "CUSTOM":
                event["requestContext"]["authorizer"] = self._principal(self.authorizers[method["authorizerId"]], event)
            return _response(self.call(_function(method["methodIntegration"]["uri"]), event))
        except Refused as refused:
            return self._own_answer(str(refused))

    def _route(self, method: str, path: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """The path's resource, which is itself, else the nearest `{proxy+}`, with its method."""
        candidates = (path, f"/{path.split('/')[1]}/{{proxy+}}", "/{proxy+}")
        resource = next(self.resources[candidate] for candidate in candidates if candidate in self.resources)
        if method not in resource["resourceMethods"]:
            raise Refused("MISSING_AUTHENTICATION_TOKEN")
        return resource, resource["resourceMethods"][method]

    def _event(self, resource: Mapping[str, Any], path: str, request: httpx.Request) -> dict[str, Any]:
        headers, query = request.headers, request.url.params
        before, proxy, _ = resource["path"].partition("{proxy+}")
        return {
            "resource": resource["path"],
            "path": path,
            "httpMethod": request.method,
            "headers": dict(headers),
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "queryStringParameters": dict(query) or None,
            "multiValueQueryStringParameters": {name: query.get_list(name) for name in query} or None,
            "pathParameters": {"proxy": path.removeprefix(before)} if proxy else None,
            "stageVariables": None,
            "requestContext": {
                "resourcePath": resource["path"],
                "httpMethod": request.method,
                "apiId": self.api,
                "stage": self.stage,
                "path": f"/{self.stage}{path}",
                "requestId": "matrix",
                "identity": {"sourceIp": "127.0.0.1", "userAgent": headers.get("user-agent", "")},
            },
            "body": request.content.decode() or None,
            "isBase64Encoded": False,
        }

    def _principal(self, authorizer: str, event: Event) -> dict[str, str]:
        """What the authorizer says of the caller."""
        arn = f"arn:aws:execute-api:us-east-1:000000000000:{self.api}/{self.stage}/{event['httpMethod']}{event['path']}"
        try:
            decision = self.call(authorizer, {**event, "type": "REQUEST", "methodArn": arn, "body": None})
        except Unauthorized:
            raise Refused("UNAUTHORIZED") from None
        (statement,) = decision["policyDocument"]["Statement"]
        if statement["Effect"] != "Allow":
            raise Refused("ACCESS_DENIED")
        context = {name: str(value) for name, value in decision["context"].items()}
        return {**context, "principalId": decision["principalId"]}

    def _own_answer(self, kind: str) -> httpx.Response:
        answer = self.answers[kind]
        headers = {
            name.removeprefix(HEADER): value.strip("'")
            for name, value in answer["responseParameters"].items()
            if name.startswith(HEADER)
        }
        (media_type, body) = next(iter(answer["responseTemplates"].items()))
        return httpx.Response(int(answer["statusCode"]), headers={**headers, "content-type": media_type}, text=body)


def _function(uri: str) -> str:
    found = FUNCTION.search(uri)
    assert found, f"{uri} is no function's"
    return found[1]


def _response(answer: Mapping[str, Any]) -> httpx.Response:
    """What a function's answer becomes; without a type, the gateway calls it JSON."""
    headers = [(name, value) for name, value in answer.get("headers", {}).items()]
    headers += [(name, value) for name, values in answer.get("multiValueHeaders", {}).items() for value in values]
    body = answer["body"]
    content = base64.b64decode(body) if answer["isBase64Encoded"] else body.encode()
    response = httpx.Response(answer["statusCode"], headers=headers, content=content)
    response.headers.setdefault("content-type", "application/json")
    return response

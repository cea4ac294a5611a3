"""DynamoDB in this process: moto's operations called as such, without the HTTP and its (de)serialization around them.

Those cost five times what the operations do, which a test that stages a session a hundred times cannot afford. That
requests are what DynamoDB takes is still checked, against botocore's model; how they travel is botocore's business and
proved end to end.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError
from botocore.model import ServiceModel
from botocore.session import Session
from botocore.validate import ParamValidator
from moto.core.exceptions import JsonRESTError
from moto.dynamodb.responses import DynamoHandler

ACCOUNT = "123456789012"
"""Whose tables moto looks at when it is not told otherwise."""


class DirectDynamoDB:
    """A DynamoDB client of boto3's interface, as far as tables of one account and region need it."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._model, self._names = _described()
        self._validator = ParamValidator()

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        if method not in self.__dict__.get("_names", {}):
            raise AttributeError(method)

        def call(**parameters: Any) -> dict[str, Any]:
            return self._run(method, parameters)

        call.__name__ = method
        return call

    def _run(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        operation = self._model.operation_model(self._names[method])
        assert operation.input_shape
        report = self._validator.validate(parameters, operation.input_shape)
        if report.has_errors():
            raise ParamValidationError(report=report.generate_report())
        handler = DynamoHandler()
        handler.current_account, handler.region = ACCOUNT, self._region
        handler.body = handler.params = _copied(parameters)
        try:
            answer: Any = getattr(handler, method)()
        except JsonRESTError as error:
            raise _told(error, operation.name) from error
        result: dict[str, Any] = _copied(answer.result)
        return result


@cache
def _described() -> tuple[ServiceModel, dict[str, str]]:
    """What DynamoDB can do, and the names of its operations by those of boto3's methods; slow to read."""
    model = Session().get_service_model("dynamodb")
    return model, {_snake(name): name for name in model.operation_names}


def _told(error: JsonRESTError, operation: str) -> ClientError:
    """An error as botocore reads it from an answer."""
    body: dict[str, Any] = json.loads(error.get_body())
    code = str(body.pop("__type")).rpartition("#")[2]
    message = body.pop("message", body.pop("Message", ""))
    response: Any = {"Error": {"Code": code, "Message": message}, **body}
    return ClientError(response, operation)


def _copied(value: Any) -> Any:
    """A copy that shares nothing: a client must not change what the table has, nor the table what a client holds."""
    if isinstance(value, dict):
        return {name: _copied(member) for name, member in value.items()}
    return [_copied(member) for member in value] if isinstance(value, list) else value


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).removeprefix("_")

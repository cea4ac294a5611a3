"""What the template promises: every function has only the rights it needs, every path its methods and its preflight."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from rs_server.catalog.retention import GRACE
from rs_server.staging.delivery import ATTEMPTS
from rs_server.staging.services import INGEST_SECONDS

METHODS = {"get", "post", "put", "patch", "delete", "options"}
OPEN_PATHS = {"/", "/{proxy+}"}
"""The portal's, which need no credential."""

FORM_MEMBERS = ("code", "description", "request_id", "type", "title", "status", "detail")

Json = dict[str, Any]


@pytest.fixture
def resources(template: Json) -> Json:
    return template["Resources"]


@pytest.fixture
def definition(resources: Json) -> Json:
    return resources["Api"]["Properties"]["DefinitionBody"]


def of_type(resources: Json, kind: str) -> Json:
    return {name: each["Properties"] for name, each in resources.items() if each["Type"] == kind}


def statements(properties: Json) -> Iterator[Json]:
    """Policy statements of a function; one that stands under a condition counts."""
    for policy in properties.get("Policies", []):
        given = policy["Statement"]
        for statement in given if isinstance(given, list) else [given]:
            yield statement["If"][1] if "If" in statement else statement


def actions(properties: Json) -> set[str]:
    """All that a function may do."""
    found: set[str] = set()
    for statement in statements(properties):
        found |= {statement["Action"]} if isinstance(statement["Action"], str) else set(statement["Action"])
    return found


def test_no_function_may_do_anything_to_everything(functions: Json) -> None:
    for name, properties in functions.items():
        assert "Role" not in properties, name
        for statement in statements(properties):
            assert statement["Effect"] in {"Allow", "Deny"}
            assert statement["Sid"]
            assert statement["Resource"] != "*", name
        assert not [action for action in actions(properties) - {"sqs:SendMessage*"} if "*" in action], name


@pytest.mark.parametrize(
    ("function", "services"),
    [
        ("portal", {"ssm"}),
        ("authorizer", {"dynamodb"}),
        ("access", {"ssm", "dynamodb"}),
        ("catalog", {"ssm", "dynamodb", "s3", "secretsmanager", "es"}),
        ("catalog_ingest", {"dynamodb", "s3", "secretsmanager", "es"}),
        ("lifecycle", {"s3", "secretsmanager", "es"}),
        ("cadip", {"ssm", "dynamodb", "secretsmanager"}),
        ("auxip", {"ssm", "dynamodb", "secretsmanager"}),
        ("prip", {"ssm", "dynamodb", "secretsmanager"}),
        ("lta", {"ssm", "dynamodb", "secretsmanager"}),
        ("staging", {"ssm", "dynamodb", "s3", "sqs", "lambda"}),
        ("staging_worker", {"ssm", "dynamodb", "s3", "sqs", "secretsmanager", "lambda"}),
        ("deployment", {"dynamodb", "secretsmanager", "es"}),
    ],
)
def test_a_function_reaches_only_the_services_it_works_with(functions: Json, function: str, services: set[str]) -> None:
    assert {action.partition(":")[0] for action in actions(functions[function])} == services


def test_only_staging_calls_functions(functions: Json) -> None:
    callers = {name for name, each in functions.items() if "lambda:InvokeFunction" in actions(each)}
    assert callers == {"staging", "staging_worker"}


def test_only_the_access_service_gives_rights(functions: Json) -> None:
    writes = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}
    for name, properties in functions.items():
        for statement in statements(properties):
            wanted = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            if "AccessTable" not in str(statement["Resource"]) or writes.isdisjoint(wanted) or name == "access":
                continue
            prefixes = set(statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"])
            assert prefixes <= MAY_WRITE.get(name, {"audit#*"}), name


MAY_WRITE = {
    "authorizer": {"attempts#*", "audit#*", "identity#*", "key#*", "token#*", "user#*"},
    "deployment": {"audit#*", "key#*", "user#admin"},
}
"""Leading keys of the access table that functions other than the access service write; most only the audit trail."""


def test_every_path_names_its_methods(definition: Json) -> None:
    for path, item in definition["paths"].items():
        assert item.keys() == METHODS, path


def test_every_method_but_preflight_asks_who_is_calling(definition: Json) -> None:
    for path, item in definition["paths"].items():
        for method, operation in item.items():
            is_open = path in OPEN_PATHS or method == "options"
            assert operation.get("security") == (None if is_open else [{"principal": []}]), f"{method} {path}"


def test_every_service_has_its_path_and_all_below_it(definition: Json) -> None:
    services = {path for path in definition["paths"] if "{" not in path} - {"/"}
    assert services == {
        "/access",
        "/catalog",
        "/cadip",
        "/auxip",
        "/prip",
        "/lta",
        "/processes",
        "/jobs",
        "/subscriptions",
        "/dead-letters",
    }
    assert {f"{service}/{{proxy+}}" for service in services} <= definition["paths"].keys()


def test_the_authorizer_is_asked_each_time_and_about_every_call(definition: Json) -> None:
    authorizer = definition["components"]["securitySchemes"]["principal"]["x-amazon-apigateway-authorizer"]
    assert authorizer["type"] == "request"
    assert authorizer["authorizerResultTtlInSeconds"] == 0
    assert "identitySource" not in authorizer


def test_the_gateway_calls_each_function_by_one_permission(resources: Json, definition: Json) -> None:
    permitted = [each["FunctionName"]["Ref"] for each in of_type(resources, "AWS::Lambda::Permission").values()]
    assert len(permitted) == len(set(permitted))
    uris = [
        operation["x-amazon-apigateway-integration"]["uri"]["Sub"]
        for item in definition["paths"].values()
        for operation in item.values()
    ]
    called = {name for uri in uris for name in re.findall(r"functions/\$\{(\w+)\.Arn\}:live/", uri)}
    assert set(permitted) == {f"{function}.Alias" for function in called | {"AuthorizerFunction"}}


def test_errors_of_the_gateway_have_the_members_of_both_forms_and_can_be_read_anywhere(definition: Json) -> None:
    for kind, answer in definition["x-amazon-apigateway-gateway-responses"].items():
        body = answer["responseTemplates"]["application/json"]
        assert all(f'"{member}":' in body for member in FORM_MEMBERS), kind
        assert f'"status": {answer["statusCode"]}' in body, kind
        assert answer["responseParameters"]["gatewayresponse.header.Access-Control-Allow-Origin"] == "'*'"


def test_emulators_get_the_same_errors_as_resources_older_than_the_deployment(
    resources: Json, definition: Json
) -> None:
    answers = definition["x-amazon-apigateway-gateway-responses"]
    found = of_type(resources, "AWS::ApiGateway::GatewayResponse")
    assert {each["ResponseType"] for each in found.values()} == answers.keys()
    for name, each in found.items():
        assert name < "ApiDeployment"
        answer = answers[each["ResponseType"]]
        assert each["StatusCode"] == str(answer["statusCode"])
        assert each["ResponseTemplates"] == answer["responseTemplates"]
        assert each["ResponseParameters"] == answer["responseParameters"]


def test_http_functions_start_from_snapshots(functions: Json) -> None:
    started = {name for name, each in functions.items() if "SnapStart" in each}
    assert started == functions.keys() - {"staging_worker", "deployment", "lifecycle"}


def test_versions_follow_functions_and_layers(template: Json, resources: Json, functions: Json) -> None:
    assert template["Globals"]["Function"]["AutoPublishAlias"] == "live"
    assert all(each["AutoPublishAliasAllProperties"] is True for each in functions.values())
    layers = of_type(resources, "AWS::Serverless::LayerVersion")
    assert all(each["PublishLambdaVersion"] is True for each in layers.values())


def test_functions_called_by_name_are_called_by_their_alias(functions: Json) -> None:
    variables = functions["staging_worker"]["Environment"]["Variables"]
    services = variables["SERVICE_FUNCTIONS"]["Sub"].split(",")
    assert [service.partition("=")[0] for service in services] == ["cadip", "auxip", "prip", "lta", "catalog"]
    for name in [*services, variables["CATALOG_INGEST_FUNCTION"]["Sub"]]:
        assert name.endswith(":live")


def test_what_a_worker_died_over_is_taken_up_again_within_two_minutes(resources: Json, functions: Json) -> None:
    visibility = resources["TransferQueue"]["Properties"]["VisibilityTimeout"]
    assert functions["staging_worker"]["Timeout"] <= visibility < 120, "AWS takes no visibility below the timeout"
    assert resources["TransferQueue"]["Properties"]["RedrivePolicy"]["maxReceiveCount"] == ATTEMPTS + 1
    event = functions["staging_worker"]["Events"]["Transfers"]["Properties"]
    assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert event["BatchSize"] == 1


def test_a_lease_outlasts_the_writes_that_are_made_under_it(functions: Json) -> None:
    assert functions["catalog_ingest"]["Timeout"] + 20 <= INGEST_SECONDS, "a function may be slow to begin"


def test_http_functions_answer_within_the_gateways_29_seconds(template: Json, functions: Json) -> None:
    default = template["Globals"]["Function"]["Timeout"]
    for name in ("portal", "access", "catalog", "cadip", "auxip", "prip", "lta", "staging", "authorizer"):
        assert functions[name].get("Timeout", default) <= 29


def test_a_deletion_ends_before_it_counts_as_cut_short(template: Json, functions: Json) -> None:
    default = template["Globals"]["Function"]["Timeout"]
    assert GRACE.endswith("m")
    assert all(functions[name].get("Timeout", default) < int(GRACE[:-1]) * 60 for name in ("catalog", "lifecycle"))


def test_tables_are_encrypted_expire_and_can_be_restored(resources: Json) -> None:
    tables = of_type(resources, "AWS::DynamoDB::Table")
    assert tables.keys() == {"AccessTable", "JobsTable", "StationsTable"}
    for each in tables.values():
        assert each["BillingMode"] == "PAY_PER_REQUEST"
        assert [key["AttributeName"] for key in each["KeySchema"]] == ["pk", "sk"]
        assert each["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
        assert each["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert each["SSESpecification"] == {"SSEEnabled": True}


def test_the_bucket_is_private_and_readable_by_pages_with_a_presigned_url(resources: Json) -> None:
    bucket = resources["Bucket"]["Properties"]
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    (rule,) = bucket["CorsConfiguration"]["CorsRules"]
    assert {"GET", "HEAD", "PUT", "POST", "DELETE"} == set(rule["AllowedMethods"])
    assert {"ETag", "Content-Range", "Content-Length"} <= set(rule["ExposedHeaders"])


def test_every_function_has_a_log_group_that_ends(resources: Json, functions: Json) -> None:
    groups = of_type(resources, "AWS::Logs::LogGroup").values()
    names = {each["LogGroupName"]["Sub"].removeprefix("/aws/lambda/") for each in groups}
    assert names == {each["FunctionName"]["Sub"] for each in functions.values()}
    assert all(each["RetentionInDays"] == {"Ref": "LogRetentionDays"} for each in groups)


def test_the_gateway_compresses_for_whoever_accepts_it(resources: Json) -> None:
    (api,) = of_type(resources, "AWS::Serverless::Api").values()
    assert 0 < api["MinimumCompressionSize"] <= 1400, "an answer that fits one packet gains nothing"

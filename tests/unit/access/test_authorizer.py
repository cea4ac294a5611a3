"""The authorizer, from the gateway's event to its answer."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from botocore.exceptions import EndpointConnectionError

from rs_server.access.authentication import Authenticator
from rs_server.access.authorizer import Unauthorized, authorizer_handler
from rs_server.access.credentials import new_key
from rs_server.access.principals import ANONYMOUS, Principal, Scope
from rs_server.access.resources import ResourcePattern
from rs_server.access.store.attempts import MOST_DIFFERENT
from rs_server.access.store.audit import AuditEntry
from rs_server.access.store.table import AccessTable
from rs_server.errors import BackendUnavailable
from tests.unit.access.conftest import METHOD_ARN, gateway_event


def decide(gateway, method="GET", path="/catalog/search", headers=None, **event):
    return gateway.authorize(gateway_event(method, path, headers) | event, None)


def effect(answer):
    return answer["policyDocument"]["Statement"][0]["Effect"]


def test_without_a_credential_the_anonymous_principal_may_pass(gateway):
    answer = decide(gateway)
    assert effect(answer) == "Allow"
    assert Principal.from_context(answer["context"]) == ANONYMOUS


def test_a_key_is_its_users(gateway):
    scope = Scope(frozenset({"read", "write"}), (ResourcePattern.parse("catalog:alice:*"),))
    gateway.add_user("alice", groups=("ops", "night"), admin=True)
    answer = decide(gateway, headers={"X-API-Key": gateway.add_key("alice", scope=scope)})
    principal = Principal.from_context(answer["context"])
    assert (principal.login, principal.groups, principal.admin) == ("alice", {"ops", "night"}, True)
    assert principal.scope == scope
    assert all(isinstance(value, str) for value in answer["context"].values())


def test_the_policy_holds_for_the_stage_whatever_the_path_looks_like(gateway):
    answer = decide(gateway, path="/catalog/collections/a*b?c/items")
    assert answer["policyDocument"]["Statement"] == [
        {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": f"{METHOD_ARN}/*"}
    ]


@pytest.mark.parametrize(
    "headers",
    [
        {"x-api-key": ""},
        {"x-api-key": "   "},
        {"x-api-key": "rss_"},
        {"x-api-key": "{key}x"},
        {"x-api-key": "{key},{key}"},
        {"x-api-key": "x" * 100_000},
        {"x-api-key": "clé"},
        {"x-api-key": "\ud800"},
        {"x-api-key": "rss_" + "\u0660" * 38},
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": "Bearer "},
        {"authorization": "{key}"},
        {"authorization": "Basic {key}"},
        {"authorization": "Basic YWxpY2U6c2VjcmV0"},
        {"authorization": "Bearer {key} {key}"},
        {"authorization": "Bearer a.b.c"},
        {"authorization": "Bearer {key}", "x-api-key": "{other}"},
        {"x-api-key": "{key}", "X-Api-Key": "{other}"},
    ],
)
def test_a_credential_that_is_none_is_401(gateway, headers):
    names = {"{key}": gateway.add_user("alice"), "{other}": gateway.add_user("bob")}
    for placeholder, value in names.items():
        headers = {name: text.replace(placeholder, value) for name, text in headers.items()}
    with pytest.raises(Unauthorized, match=r"^Unauthorized$"):
        decide(gateway, headers=headers)


def test_the_same_credential_twice_is_one(gateway):
    key = gateway.add_user("alice")
    answer = decide(gateway, headers={"x-api-key": f" {key} ", "Authorization": f"bearer {key}"})
    assert answer["principalId"] == "alice"


def test_two_values_of_one_header_are_two_credentials(gateway):
    keys = [gateway.add_user("alice"), gateway.add_user("bob")]
    with pytest.raises(Unauthorized):
        decide(gateway, headers={"x-api-key": keys[1]}, multiValueHeaders={"x-api-key": keys})


def test_headers_may_be_absent_altogether(gateway):
    assert effect(decide(gateway, multiValueHeaders=None) | {"headers": None}) == "Allow"


def test_a_mistyped_key_is_refused_without_a_look_at_the_table(clock):
    class NoTable(AccessTable):
        def _request(self, operation, **arguments):
            raise AssertionError(operation)

    authorize = authorizer_handler(Authenticator(NoTable(None, "none"), now=clock))
    wrong = new_key()[:-1] + "!"
    for key in (wrong, "rss_" + "0" * 38, new_key().swapcase()):
        with pytest.raises(Unauthorized):
            authorize(gateway_event("GET", "/catalog", {"x-api-key": key}), None)


def test_a_disabled_user_is_refused_at_once_and_taken_back(gateway):
    key = gateway.add_user("alice")
    entry = AuditEntry("user.changed", "user:alice")
    gateway.stores.users.change("alice", entry, disabled=True)
    with pytest.raises(Unauthorized):
        decide(gateway, headers={"x-api-key": key})
    gateway.stores.users.change("alice", entry, disabled=False)
    assert decide(gateway, headers={"x-api-key": key})["principalId"] == "alice"


READ_ONLY = Scope(frozenset({"read", "download"}), (ResourcePattern.parse("catalog:*:*"),))


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/catalog/collections", "Allow"),
        ("HEAD", "/catalog/collections", "Allow"),
        ("OPTIONS", "/catalog/collections", "Allow"),
        ("POST", "/catalog/search", "Allow"),
        ("POST", "/cadip/search", "Allow"),
        ("POST", "/catalog/aggregate", "Allow"),
        ("POST", "/catalog/collections/alice:a/aggregate", "Allow"),
        ("POST", "/catalog/aggregations", "Allow"),
        ("POST", "/catalog/collections/alice:a/aggregations", "Allow"),
        ("POST", "/catalog/collections", "Deny"),
        ("POST", "/catalog/collections/alice:a/items", "Deny"),
        ("POST", "/catalog/collections/alice:a/bulk_items", "Deny"),
        ("POST", "/processes/staging/execution", "Deny"),
        ("POST", "/access/keys", "Deny"),
        ("POST", "/catalog/search/", "Deny"),
        ("POST", "/catalog/%73earch", "Deny"),
        ("PUT", "/catalog/search", "Deny"),
        ("PATCH", "/catalog/collections/search", "Deny"),
        ("DELETE", "/jobs/1", "Deny"),
        ("TRACE", "/catalog", "Deny"),
    ],
)
def test_a_read_only_key_reads(gateway, method, path, expected):
    gateway.add_user("alice")
    answer = decide(gateway, method, path, {"x-api-key": gateway.add_key("alice", scope=READ_ONLY)})
    assert effect(answer) == expected
    if expected == "Deny":
        assert answer["context"] == {"message": "This key is read-only. Use one that may write."}


def test_a_key_that_may_write_passes_with_any_method(gateway):
    gateway.add_user("alice")
    scope = Scope(frozenset({"write"}), (ResourcePattern.parse("catalog:alice:*"),))
    assert effect(decide(gateway, "DELETE", "/jobs/1", {"x-api-key": gateway.add_key("alice", scope=scope)})) == "Allow"


class Unreachable:
    """A DynamoDB client without a DynamoDB."""

    def __getattr__(self, operation):
        def call(**_arguments):
            raise EndpointConnectionError(endpoint_url="https://dynamodb.example")

        return call


def test_a_table_out_of_reach_is_an_outage_and_no_open_door(clock):
    authorize = authorizer_handler(Authenticator(AccessTable(Unreachable(), "access"), now=clock))
    with pytest.raises(BackendUnavailable):
        authorize(gateway_event("GET", "/catalog", {"x-api-key": new_key()}), None)


def test_a_failure_to_note_the_use_does_not_fail_the_call(gateway, table, clock):
    key = gateway.add_user("alice")

    class ReadOnlyTable(AccessTable):
        def write(self, *operations):
            raise BackendUnavailable("throttled")

    authorize = authorizer_handler(Authenticator(ReadOnlyTable(table.client, table.name), now=clock))
    assert authorize(gateway_event("GET", "/catalog", {"x-api-key": key}), None)["principalId"] == "alice"


def test_an_address_that_guesses_is_stopped_for_the_window(gateway, clock):
    alice = gateway.add_user("alice")
    for _ in range(MOST_DIFFERENT):
        with pytest.raises(Unauthorized):
            decide(gateway, headers={"x-api-key": new_key()})
    answer = decide(gateway, headers={"x-api-key": alice})
    assert effect(answer) == "Deny"
    assert "five minutes" in answer["context"]["message"]
    elsewhere = {"requestContext": {"identity": {"sourceIp": "198.51.100.1"}}}
    assert effect(decide(gateway, headers={"x-api-key": alice}, **elsewhere)) == "Allow"
    clock.forward(minutes=5)
    assert effect(decide(gateway, headers={"x-api-key": alice})) == "Allow"


def test_hosts_of_one_ipv6_network_count_together(gateway):
    for number in range(MOST_DIFFERENT):
        address = {"requestContext": {"identity": {"sourceIp": f"2001:db8:1:2::{number:x}"}}}
        with pytest.raises(Unauthorized):
            decide(gateway, headers={"x-api-key": new_key()}, **address)
    last = {"requestContext": {"identity": {"sourceIp": "2001:db8:1:2:ffff::1"}}}
    assert effect(decide(gateway, headers={"x-api-key": new_key()}, **last)) == "Deny"


def test_a_script_with_one_outdated_key_locks_nobody_out(gateway, clock):
    alice, forgotten = gateway.add_user("alice"), new_key()
    expired = [gateway.add_key("alice", days=1) for _ in range(MOST_DIFFERENT + 1)]
    clock.forward(days=2)
    for key in [*expired, *[forgotten] * (2 * MOST_DIFFERENT)]:
        with pytest.raises(Unauthorized):
            decide(gateway, headers={"x-api-key": key})
    assert effect(decide(gateway, headers={"x-api-key": alice})) == "Allow"


def test_a_forged_forwarding_header_hides_no_guesser(gateway):
    for number in range(MOST_DIFFERENT):
        with pytest.raises(Unauthorized):
            decide(gateway, headers={"x-api-key": new_key(), "x-forwarded-for": f"192.0.2.{number}"})
    assert effect(decide(gateway, headers={"x-api-key": new_key(), "x-forwarded-for": "192.0.2.99"})) == "Deny"


def test_what_the_authorizer_imports():
    """The web framework, settings and engine clients cost seconds that every cold call would wait for."""
    script = """
import json, os, sys
os.environ |= {"ACCESS_TABLE": "access", "AWS_DEFAULT_REGION": "eu-west-1"}
import functions.authorizer.app
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names)))
"""
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    imported = {name for name in json.loads(found.stdout) if not name.startswith("_")}
    allowed = {"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six", "certifi", "idna", "brotli"}
    assert imported - allowed == {"functions", "rs_server"}

"""Bearer tokens of an identity provider: which are believed, whose they are, what their roles mean."""

from __future__ import annotations

import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from rs_server.access.authentication import Authenticator
from rs_server.access.bearer import BearerReader
from rs_server.access.grants import GrantReader
from rs_server.access.oidc import ProviderKeys, TokenVerifier
from rs_server.access.store.audit import AuditEntry
from rs_server.access.store.grants import GrantStore
from rs_server.access.store.tokens import TokenStore
from rs_server.access.store.users import User, UserStore
from rs_server.errors import BackendUnavailable, Forbidden, Unauthenticated
from tests.unit.access.provider import JWKS_URL, SETTINGS, Provider, jwk, rsa_key, unsigned

ADDRESS = "203.0.113.7"


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def real_clock(clock):
    """PyJWT reads the real time, so tokens of these tests are made around it."""
    clock.time = datetime.now(UTC)
    return clock


@pytest.fixture
def provider(real_clock):
    return Provider(real_clock)


@pytest.fixture
def authenticator(table, provider, time, real_clock):
    verifier = TokenVerifier(SETTINGS, ProviderKeys(SETTINGS, provider.fetch, time))
    return Authenticator(table, lambda: BearerReader(SETTINGS, verifier, table, real_clock), real_clock)


def login(authenticator, token):
    return authenticator.principal_of(token, ADDRESS).login


def test_a_good_token_is_its_users(authenticator, provider):
    principal = authenticator.principal_of(provider.token(groups=["/ops", "night.shift"]), ADDRESS)
    assert principal.login == "carol"
    assert principal.groups == {"ops", "night.shift"}
    assert not principal.admin
    assert principal.scope is None


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another-service"},
        {"aud": None},
        {"aud": []},
        {"sub": None},
        {"sub": ""},
        {"sub": 4711},
        {"sub": "s" * 256},
        {"exp": None},
        {"exp": 1_600_000_000},
        {"exp": "soon"},
        {"iat": None},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000},
    ],
)
def test_a_token_with_wrong_claims_is_refused(authenticator, provider, changes):
    with pytest.raises(Unauthenticated):
        login(authenticator, _signed(provider.claims(**changes)))


def _signed(claims):
    """Sign whatever it is, without the checks of `jwt.encode`."""
    return jwt.api_jws.encode(json.dumps(claims).encode(), rsa_key(1), "RS256", {"kid": "key-1"})


def test_several_audiences_may_be_named(authenticator, provider):
    assert login(authenticator, provider.token(aud=["account", "rs-server"])) == "carol"


def test_a_token_signed_by_another_key_is_refused(authenticator, provider):
    with pytest.raises(Unauthenticated):
        login(authenticator, provider.token(key=2))


@pytest.mark.parametrize("algorithm", ["none", "HS256", "None", "nOnE", ""])
def test_a_token_without_a_private_keys_signature_is_refused(authenticator, provider, algorithm):
    token = unsigned({"alg": algorithm, "kid": "key-1", "typ": "JWT"}, provider.claims())
    with pytest.raises(Unauthenticated):
        login(authenticator, token)


def test_the_public_key_is_no_shared_secret(authenticator, provider):
    """The classical confusion: HS256 with the published key as its secret (RFC 8725, section 2.1)."""
    header, claims = {"alg": "HS256", "kid": "key-1"}, provider.claims()
    body = unsigned(header, claims).rpartition(".")[0]
    published = json.dumps(provider.published[0]).encode()
    signed = unsigned(header, claims, hmac.digest(published, body.encode(), hashlib.sha256))
    with pytest.raises(Unauthenticated):
        login(authenticator, signed)


def test_an_algorithm_that_is_not_the_keys_is_refused(authenticator, provider):
    provider.published = [jwk(rsa_key(1), "key-1", alg="RS256")]
    with pytest.raises(Unauthenticated):
        login(authenticator, provider.token(algorithm="RS512"))


def test_elliptic_curves_are_taken(authenticator, provider):
    key = ec.generate_private_key(ec.SECP256R1())
    provider.published = [jwk(key, "curve")]
    token = jwt.encode(provider.claims(), key, "ES256", {"kid": "curve"})
    assert login(authenticator, token) == "carol"


@pytest.mark.parametrize(
    "published",
    [
        [{"kty": "oct", "kid": "key-1", "k": "c2VjcmV0"}],
        [{"kty": "RSA", "kid": "key-1"}],
        [{"kid": "key-1"}],
        [jwk(rsa_key(1), "key-1", use="enc")],
        [],
    ],
)
def test_published_keys_that_sign_nothing_are_passed_over(authenticator, provider, published):
    provider.published = published
    with pytest.raises(Unauthenticated):
        login(authenticator, provider.token())


def test_keys_are_read_once_for_many_tokens(authenticator, provider, time):
    for number in range(5):
        login(authenticator, provider.token(jti=str(number)))
    assert provider.fetched.count(JWKS_URL) == 1
    time.now += 600
    login(authenticator, provider.token())
    assert provider.fetched.count(JWKS_URL) == 2


def test_a_rotated_key_is_found_and_an_old_one_forgotten(authenticator, provider, time):
    old = provider.token()
    login(authenticator, old)
    provider.published = [jwk(rsa_key(2), "key-2")]
    time.now += 30
    assert login(authenticator, provider.token(key=2, kid="key-2")) == "carol"
    with pytest.raises(Unauthenticated):
        login(authenticator, old)


def test_made_up_key_ids_do_not_make_us_ask_again_and_again(authenticator, provider):
    login(authenticator, provider.token())
    for number in range(10):
        with pytest.raises(Unauthenticated):
            login(authenticator, provider.token(kid=f"made-up-{number}"))
    assert provider.fetched.count(JWKS_URL) == 1


def test_a_provider_out_of_reach_is_an_outage_and_no_open_door(authenticator, provider, time):
    provider.down = True
    with pytest.raises(BackendUnavailable):
        login(authenticator, provider.token())
    provider.down = False
    assert login(authenticator, provider.token()) == "carol"
    provider.down = True
    assert login(authenticator, provider.token()) == "carol"
    time.now += 600
    with pytest.raises(BackendUnavailable):
        login(authenticator, provider.token())


@pytest.mark.parametrize(
    "discovery", [{}, [], {"issuer": "https://evil.example", "jwks_uri": JWKS_URL}, {"issuer": SETTINGS.oidc_issuer}]
)
def test_discovery_that_is_not_the_issuers_is_not_followed(authenticator, provider, discovery):
    provider.discovery = discovery
    with pytest.raises(BackendUnavailable):
        login(authenticator, provider.token())


def test_a_login_is_bound_at_first_sight_and_kept_when_the_claim_changes(authenticator, provider, table):
    assert login(authenticator, provider.token()) == "carol"
    assert login(authenticator, provider.token(preferred_username="caroline")) == "carol"
    assert UserStore(table).find("caroline") is None


def test_a_bound_login_is_no_others(authenticator, provider):
    login(authenticator, provider.token())
    with pytest.raises(Forbidden, match="PATCH /access/users"):
        login(authenticator, provider.token(sub="4712"))


def test_a_user_made_by_an_administrator_is_not_taken_over(authenticator, provider, table, clock):
    UserStore(table, clock).create(User("admin", admin=True), AuditEntry("user.created", "user:admin"))
    with pytest.raises(Forbidden, match="admin"):
        login(authenticator, provider.token(preferred_username="admin"))


@pytest.mark.parametrize(
    "name",
    [
        "Carol",
        "carol@example.org",
        "",
        None,
        7,
        ["carol"],
        "catalog",
        "public",
        "../alice",
        "a" * 64,
        "cárol",
        "alice\n",
    ],
)
def test_a_name_that_is_no_login_is_refused_with_what_to_do(authenticator, provider, name):
    with pytest.raises(Forbidden, match="preferred_username"):
        login(authenticator, _signed(provider.claims(preferred_username=name)))


def test_identities_at_the_same_time_get_one_login_each(table, provider, real_clock, time):
    """Ten calls with two identities that want the same name: one has it, all calls of the other are refused."""

    def call(subject: str) -> str:
        verifier = TokenVerifier(SETTINGS, ProviderKeys(SETTINGS, provider.fetch, time))
        reader = BearerReader(SETTINGS, verifier, table, real_clock)
        try:
            return f"{subject} is {reader.user_of(provider.token(sub=subject))[0].login}"
        except Forbidden:
            return f"{subject} is refused"

    with ThreadPoolExecutor(10) as pool:
        outcomes = set(pool.map(call, ["one", "two"] * 5))
    assert outcomes in ({"one is carol", "two is refused"}, {"two is carol", "one is refused"})


def test_a_disabled_user_is_refused(authenticator, provider, table):
    login(authenticator, provider.token())
    UserStore(table).change("carol", AuditEntry("user.changed", "user:carol"), disabled=True)
    with pytest.raises(Unauthenticated):
        login(authenticator, provider.token())


async def test_roles_become_rights_while_the_token_lives(authenticator, provider, table, real_clock):
    roles = ["rs_catalog_alice:s1_read", "rs_cadip_mti_download", "offline_access"]
    principal = authenticator.principal_of(provider.token(realm_access={"roles": roles}), ADDRESS)
    reader = GrantReader(GrantStore(table), TokenStore(table), cache_seconds=0, now=real_clock)
    rights = await reader.rights_of(principal)
    assert rights.allows("read", ("catalog", "alice", "s1"))
    assert not rights.allows("write", ("catalog", "alice", "s1"))
    assert rights.allows("download", ("cadip", "mti"))
    assert rights.allows("write", ("catalog", "carol", "anything"))
    real_clock.forward(seconds=300)
    assert not (await reader.rights_of(principal)).allows("read", ("catalog", "alice", "s1"))


async def test_another_token_of_the_same_user_has_its_own_roles(authenticator, provider, table, real_clock):
    with_role = authenticator.principal_of(provider.token(realm_access={"roles": ["rs_cadip_mti_read"]}), ADDRESS)
    without = authenticator.principal_of(provider.token(), ADDRESS)
    reader = GrantReader(GrantStore(table), TokenStore(table), now=real_clock)
    assert (await reader.rights_of(with_role)).allows("read", ("cadip", "mti"))
    assert not (await reader.rights_of(without)).allows("read", ("cadip", "mti"))


def test_more_groups_than_a_principal_can_carry_are_refused(authenticator, provider):
    with pytest.raises(Forbidden, match="groups"):
        login(authenticator, provider.token(groups=[f"g{number}" for number in range(31)]))


@pytest.mark.parametrize(
    "token", ["a.b.c", "....", "a.b", "x" * 9000 + ".b.c", "é.b.c", "\ud800.b.c", "eyJ9.e30.AA", ""]
)
def test_text_that_is_no_token_is_refused(authenticator, token):
    with pytest.raises(Unauthenticated):
        login(authenticator, token)

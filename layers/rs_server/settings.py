"""Configuration of the functions: typed, read once at the edge, from the environment that template.yaml sets.

A function reads only the classes it needs: `read(AccessSettings, os.environ)`. The variable is the field's name in
upper case. Values that are not known when the stack is made (the public address) are in SSM, and here is their name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints


class MissingSetting(Exception):
    """A variable that the function cannot work without is absent or has no valid value."""


class PublicAddressSettings(NamedTuple):
    """Where the API is reached from outside."""

    base_url_parameter: str
    """Name of the SSM parameter that holds the base URL, without a slash at its end."""


class PortalSettings(NamedTuple):
    """What the portal leads to besides the API."""

    browser_url: str = ""
    """Where STAC Browser and our static files are, without a slash at its end; empty for nowhere."""


class AccessSettings(NamedTuple):
    """Where users, keys, groups and grants are."""

    access_table: str


class OidcSettings(NamedTuple):
    """The identity provider whose bearer tokens are taken; none while the issuer is empty."""

    oidc_issuer: str = ""
    oidc_audience: str = ""
    """What `aud` must name: this deployment, as the provider knows it."""
    oidc_login_claim: str = "preferred_username"
    oidc_groups_claim: str = "groups"
    oidc_roles_claim: str = "realm_access.roles"
    """A claim's name, or a path of names with dots."""
    oidc_jwks_url: str = ""
    """Where the keys are, if not where discovery at the issuer says."""


class StorageSettings(NamedTuple):
    """Where objects are."""

    bucket: str
    presigned_seconds: int = 1800


class SearchEngineSettings(NamedTuple):
    """The search cluster behind the catalog."""

    search_engine: Literal["elasticsearch", "opensearch"]
    search_engine_url: str
    search_engine_secret: str = ""
    """Name of the secret with `api_key`, or `username` and `password`; empty for an open cluster."""
    search_engine_auth: Literal["secret", "iam"] = "secret"
    """`iam` signs requests as the function's role, for Amazon OpenSearch Service; the secret is not read then."""


class LayoutSettings(NamedTuple):
    """Where the items of collections lie."""

    own_index_items: int = 2_000_000
    """Items from which a collection gets an index of its own."""


class StationSettings(NamedTuple):
    """Which stations this deployment talks to, and the table with their shared state."""

    stations_table: str
    station_profiles: str
    """Name of a folder of `rs_server/stations/profiles`, such as `simulators`."""
    station_secret_prefix: str
    """Secrets `{prefix}{service}/{station}` hold a station's credentials and may override its URLs."""


class StagingSettings(NamedTuple):
    """Where jobs are kept, and whom staging calls."""

    jobs_table: str
    transfer_queue_url: str
    catalog_ingest_function: str
    service_functions: str
    """Names of the functions of our services, as `cadip=name,catalog=name`."""
    job_days: int = 90
    """How long jobs that have ended are kept."""
    user_jobs: int = 100
    """How many jobs a user may have under way."""
    user_bytes: int = 20 * 1024**4
    """How many bytes all jobs of a user may have under way."""
    callback_origins: str = ""
    """Origins that callbacks may go to although they are not public, as `https://receiver.internal,http://10.0.0.7`."""


class DeadLetterSettings(NamedTuple):
    """Where the queue puts work that failed again and again."""

    dead_letter_queue_url: str


def read[Settings: NamedTuple](settings: type[Settings], environment: Mapping[str, str]) -> Settings:
    """Build a settings class from `environment`; raises MissingSetting naming the variable at fault."""
    types, defaults = get_type_hints(settings), settings._field_defaults
    values: list[Any] = []
    for name in settings._fields:
        variable = name.upper()
        if variable in environment:
            values.append(_convert(variable, environment[variable], types[name]))
        elif name in defaults:
            values.append(defaults[name])
        else:
            raise MissingSetting(f"The environment variable {variable} is not set.")
    made = settings._make(values)
    _check(made)
    return made


def _check(settings: NamedTuple) -> None:
    """Refuse values that do not go together."""
    match settings:
        case OidcSettings(oidc_audience="") if settings.oidc_issuer:  # tokens that it made for others would be taken
            raise MissingSetting("OIDC_ISSUER is set, so OIDC_AUDIENCE must be, too.")
        case SearchEngineSettings(search_engine="elasticsearch", search_engine_auth="iam"):
            raise MissingSetting("SEARCH_ENGINE_AUTH is iam, which only opensearch knows; SEARCH_ENGINE must be that.")


def _convert(variable: str, text: str, kind: Any) -> Any:
    if get_origin(kind) is Literal:
        if text not in get_args(kind):
            raise MissingSetting(f"{variable} is {text!r}; it must be one of {', '.join(get_args(kind))}.")
        return text
    try:
        return kind(text)
    except ValueError as error:
        raise MissingSetting(f"{variable} is {text!r}, which is no {kind.__name__}.") from error

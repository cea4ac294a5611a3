"""Settings come from the environment, or the function says which variable is at fault."""

from __future__ import annotations

import pytest

from rs_server.settings import (
    AccessSettings,
    MissingSetting,
    OidcSettings,
    SearchEngineSettings,
    StorageSettings,
    read,
)


def test_a_variable_is_the_field_in_upper_case():
    assert read(AccessSettings, {"ACCESS_TABLE": "t", "OTHER": "x"}) == AccessSettings(access_table="t")


def test_a_value_is_converted_and_a_default_stays():
    assert read(StorageSettings, {"BUCKET": "b", "PRESIGNED_SECONDS": "60"}).presigned_seconds == 60
    assert read(StorageSettings, {"BUCKET": "b"}).presigned_seconds == 1800


@pytest.mark.parametrize(
    ("settings", "environment", "variable"),
    [
        (AccessSettings, {}, "ACCESS_TABLE"),
        (StorageSettings, {"BUCKET": "b", "PRESIGNED_SECONDS": "soon"}, "PRESIGNED_SECONDS"),
        (SearchEngineSettings, {"SEARCH_ENGINE": "solr", "SEARCH_ENGINE_URL": "u"}, "SEARCH_ENGINE"),
        (OidcSettings, {"OIDC_ISSUER": "https://id.example"}, "OIDC_AUDIENCE"),
    ],
)
def test_a_fault_names_the_variable(settings, environment, variable):
    with pytest.raises(MissingSetting, match=variable):
        read(settings, environment)


def test_without_an_issuer_no_provider_is_believed():
    assert read(OidcSettings, {}).oidc_issuer == ""

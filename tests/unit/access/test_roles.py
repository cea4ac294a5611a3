"""Role names of the public rs-server (its documentation of roles), and the grants that they are."""

from __future__ import annotations

import pytest

from rs_server.access.roles import grants_of_roles


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("rs_catalog_alice:s1-l0_read", {("catalog:alice:s1-l0", "read")}),
        ("rs_catalog_alice:s1-l0_write", {("catalog:alice:s1-l0", "write")}),
        ("rs_catalog_alice:s1-l0_download", {("catalog:alice:s1-l0", "download")}),
        ("rs_catalog_a_b:c_d_e_read", {("catalog:a_b:c_d_e", "read")}),
        ("rs_catalog_alice:my_read_write", {("catalog:alice:my_read", "write")}),
        ("rs_catalog_*:*_read", {("catalog:*:*", "read")}),
        ("rs_catalog_alice:*_download", {("catalog:alice:*", "download")}),
        ("rs_catalog_*:s1_read", {("catalog:*:s1", "read")}),
        ("rs_cadip_mti_read", {("cadip:mti", "read")}),
        ("rs_cadip_mti_download", {("cadip:mti", "download")}),
        ("rs_auxip_adgs_read", {("auxip:adgs", "read")}),
        ("rs_prip_s1_a_read", {("prip:s1_a", "read")}),
        ("rs_lta_*_read", {("lta:*", "read")}),
        ("rs_processes_staging_read", {("process:staging", "read")}),
        ("rs_processes_staging_execute", {("process:staging", "write")}),
        ("rs_processes_staging_dismiss", {("process:staging", "manage")}),
        (
            "rs_processes_staging_download_mti",
            {(f"{service}:mti", "download") for service in ("cadip", "auxip", "prip", "lta")},
        ),
        (
            "rs_processes_staging_download_my_read",
            {(f"{service}:my_read", "download") for service in ("cadip", "auxip", "prip", "lta")},
        ),
        ("rs_cadip_landing_page", set()),
        ("rs_edrs_station_read", set()),
        ("rs_catalog_alice:s1_manage", set()),
        ("rs_catalog_alice:s1", set()),
        ("rs_catalog_alice_s1_read", set()),
        ("rs_catalog_alice:s1*_read", set()),
        ("rs_catalog_Alice:s1_read", set()),
        ("rs_catalog_al*:s1_read", set()),
        ("rs_catalog_alice:a:b_read", set()),
        ("rs_catalog_:_read", set()),
        ("rs_cadip__read", set()),
        ("rs_cadip_MTI_read", set()),
        ("rs_cadip_mti_write", set()),
        ("rs_processes_staging_cancel", set()),
        ("rs_processes_staging_download_", set()),
        ("RS_CADIP_MTI_READ", set()),
        ("cadip_mti_read", set()),
        ("offline_access", set()),
        ("", set()),
    ],
)
def test_a_role_is_the_grants_it_names(role, expected):
    grants = grants_of_roles("user:carol", [role])
    assert {(str(grant.resource), action) for grant in grants for action in grant.actions} == expected
    assert all(grant.subject == "user:carol" for grant in grants)


def test_roles_on_one_resource_are_one_grant():
    grants = grants_of_roles("user:carol", ["rs_cadip_mti_read", "rs_cadip_mti_download", "rs_cadip_mti_read"])
    assert [grant.actions for grant in grants] == [{"read", "download"}]

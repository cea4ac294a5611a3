"""Logging in with an institute's account: the deployment has an identity provider for a while, and its pages know."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from browser.build import finished
from browser.publish import publish, settings
from browser.publish import site as files_of
from local.deploy import read_outputs
from tests.e2e.authorization.deployment import trusting
from tests.e2e.browser.identity_provider import provider_with_log_in
from tests.e2e.conftest import ROOT


@pytest.fixture
def institute(stack, aws) -> Iterator[None]:
    """While a test lasts, the deployment trusts an identity provider, and its pages offer it."""
    built = finished(ROOT / ".local" / "browser")
    assert built is not None
    bucket = stack.outputs["BrowserBucketName"]
    with provider_with_log_in() as provider, trusting(aws, stack.outputs["AuthorizerFunctionName"], provider):
        outputs = read_outputs(aws.client("cloudformation"))
        publish(aws.client("s3"), bucket, files_of(built.site, settings(outputs)))
        yield
    publish(aws.client("s3"), bucket, files_of(built.site, settings(stack.outputs)))


def test_an_institutes_account_logs_in_here_and_in_stac_browser(institute, page: Page, site):
    login = f"carol-{uuid.uuid4().hex[:8]}"
    page.goto(f"{site.account}#login?back=index.html%23%2Fcatalog")
    page.get_by_role("button", name="Log in with your institute's account").click()
    page.get_by_label("Name").fill(login)
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    assert page.url.startswith(f"{site.browser}#/catalog")
    page.goto(f"{site.account}#rights")
    expect(page.get_by_text(f"You are {login}")).to_be_visible()
    page.get_by_role("link", name=f"Log out {login}").click()
    expect(page.get_by_label("API key")).to_be_visible()

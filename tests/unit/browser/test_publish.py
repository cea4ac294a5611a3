"""Publishing the pages: what is there afterwards is what was built, and only what has changed is written."""

from __future__ import annotations

import json

import pytest
from moto import mock_aws

from browser.build import HERE, INPUTS, digest
from browser.patches import Patch, PatchFailed, apply
from browser.publish import CHECKED, FOREVER, publish, settings, site
from tests import aws

OUTPUTS = {"ApiUrl": "https://api.example/v1", "BrowserUrl": "https://pages.example/index.html"}


@pytest.fixture
def built(tmp_path):
    (tmp_path / "js").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "js" / "app.1234.js").write_text("go()")
    return tmp_path


@pytest.fixture
def s3():
    with mock_aws():
        client = aws.client("s3")
        client.create_bucket(Bucket="pages")
        yield client


def test_the_site_has_the_build_our_pages_and_the_deployments_settings(built):
    files = site(built, settings(OUTPUTS))
    assert {"index.html", "js/app.1234.js", "account.html", "account/main.js", "stac-browser.js"} <= files.keys()
    script = files["config.js"].content.decode()
    assert json.loads(script.removeprefix("window.RS_SERVER = ").rstrip(";\n")) == {
        "apiUrl": "https://api.example/v1",
        "oidc": None,
    }


def test_pages_know_the_identity_provider_of_the_deployment():
    given = OUTPUTS | {"OidcIssuer": "https://id.example", "OidcClientId": "pages"}
    assert settings(given)["oidc"] == {"issuer": "https://id.example", "clientId": "pages"}


def test_files_have_their_types_and_only_names_with_a_digest_are_kept_for_good(built):
    files = site(built, {})
    types = {key: files[key].media_type for key in ("index.html", "config.js", "account/style.css")}
    assert types == {"index.html": "text/html", "config.js": "text/javascript", "account/style.css": "text/css"}
    assert files["js/app.1234.js"].caching == FOREVER
    assert files["index.html"].caching == files["config.js"].caching == CHECKED


def test_only_what_has_changed_is_written_and_nothing_else_is_left(built, s3):
    s3.put_object(Bucket="pages", Key="js/old.js", Body=b"")
    files = site(built, {})
    assert publish(s3, "pages", files) == len(files)
    assert publish(s3, "pages", files) == 0
    assert publish(s3, "pages", site(built, {"apiUrl": "https://other.example"})) == 1
    keys = {found["Key"] for found in s3.list_objects_v2(Bucket="pages")["Contents"]}
    assert keys == files.keys()
    assert s3.head_object(Bucket="pages", Key="index.html")["ContentType"] == "text/html"


def test_a_patch_that_does_not_fit_fails_the_build(tmp_path):
    (tmp_path / "main.js").write_text("old old")
    with pytest.raises(PatchFailed, match=r"main\.js"):
        apply(tmp_path, [Patch("main.js", "why", "old", "new")])
    apply(tmp_path, [Patch("main.js", "why", "old old", "new")])
    assert (tmp_path / "main.js").read_text() == "new"


def test_a_build_is_kept_until_one_of_its_inputs_changes(tmp_path):
    for name in INPUTS:
        path = tmp_path / name
        if (HERE / name).is_dir():
            path.mkdir()
            (path / "part.js").write_text("1")
        else:
            path.write_text("1")
    first = digest(tmp_path)
    assert digest(tmp_path) == first
    (tmp_path / "source" / "part.js").write_text("2")
    assert digest(tmp_path) != first


def test_the_lock_pins_every_package_by_its_content_and_names_no_host():
    lock = json.loads((HERE / "package-lock.json").read_text())
    packages = [entry for path, entry in lock["packages"].items() if path and not entry.get("bundled")]
    assert all("integrity" in entry for entry in packages if not entry.get("inBundle"))
    assert not any("resolved" in entry for entry in packages)

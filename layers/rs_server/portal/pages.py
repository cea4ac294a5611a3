"""The portal's two pages for people: what is here, and the documentation of the API.

Neither has a script of its own; Swagger UI is loaded from where our static files are, never from a third party.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

STYLE = """
:root { color-scheme: light dark; --ink: #16324a; --paper: #fff; --edge: #c9d6e2; --link: #0b5a94; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eef5; --paper: #10202e; --edge: #38506a; --link: #8cc4f0; } }
body { margin: 0 auto; max-width: 52rem; padding: 2rem 1rem; font: 1rem/1.5 system-ui, sans-serif;
       color: var(--ink); background: var(--paper); }
h1 { margin-bottom: 0; } a { color: var(--link); } p.lead { margin-top: .25rem; }
ul.doors { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: 1rem; padding: 0; }
ul.doors li { list-style: none; border: 1px solid var(--edge); border-radius: .5rem; padding: 1rem; }
ul.doors a { font-size: 1.15rem; font-weight: 600; } footer { margin-top: 2rem; font-size: .9rem; }
"""
SWAGGER_STYLE = """
.swagger-ui .info .title small { background: #5a6270; }
.swagger-ui .info .title small.version-stamp { background: #4a6b00; }
.swagger-ui .info a, .swagger-ui .info .url { color: #1d5fae; }
.swagger-ui .btn.authorize { color: #0b6b3f; border-color: #0b6b3f; } .swagger-ui .btn.authorize svg { fill: #0b6b3f; }
.swagger-ui .servers-title, .swagger-ui .servers { display: none; }
"""
"""Colours that can be read (WCAG AA); and there is but one server to choose."""
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""Content-Security-Policy of the welcome page, which loads nothing."""


def welcome(title: str, description: str, base_url: str, browser_url: str, services: Sequence[tuple[str, str]]) -> str:
    """The root of the API for a person; `services` are paths and titles. `browser_url` may be empty."""
    doors = [
        (f"{browser_url}/index.html", "STAC Browser", "Look through stations and catalog, on a map, and download."),
        (f"{browser_url}/account.html", "My account", "Your keys, rights, collections, jobs; stage from a search."),
    ]
    doors = [*(doors if browser_url else []), (f"{base_url}/docs", "API documentation", "Every call, to be tried.")]
    apis = "".join(f"<li>{_a(f'{base_url}/{path}/', name)}</li>" for path, name in services)
    cards = "".join(f"<li>{_a(href, name)}<br>{escape(text)}</li>" for href, name, text in doors)
    state = f"{_a(f'{base_url}/ready', 'Is everything up?')}"
    return _page(
        title,
        f"<style>{STYLE}</style>",
        f"<main><h1>{escape(title)}</h1><p class=lead>{escape(description)}</p><ul class=doors>{cards}</ul>"
        f"<h2>STAC APIs</h2><p>For pystac-client, QGIS and other STAC clients: each of these, or this address.</p>"
        f"<ul>{apis}</ul></main><footer>{state}</footer>",
    )


def documentation(title: str, base_url: str, browser_url: str) -> str:
    """Swagger UI over the whole API."""
    assets = escape(f"{browser_url}/vendor")
    missing = (
        "Swagger UI is not there: the deployment's web pages have not been published yet (make deploy-browser). "
        "The same content is at openapi.json."
    )
    return _page(
        f"{title}: API documentation",
        f'<link rel="stylesheet" href="{assets}/swagger-ui.css"><style>{SWAGGER_STYLE}</style>',
        f'<div id="swagger-ui"></div><noscript>This page needs JavaScript; {_a("openapi.json", "openapi.json")} '
        f"has the same content.</noscript>"
        f'<script src="{assets}/swagger-ui.js"></script><script>'
        "if (window.SwaggerUIBundle) {"
        f'SwaggerUIBundle({{url: "{escape(base_url)}/openapi.json", dom_id: "#swagger-ui", deepLinking: true,'
        ' docExpansion: "none", filter: true, validatorUrl: null});'
        f'}} else {{ document.getElementById("swagger-ui").textContent = "{missing}"; }}</script>',
    )


def _page(title: str, head: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,">{head}</head><body>{body}</body></html>'
    )


def _a(href: str, text: str) -> str:
    return f'<a href="{escape(href)}">{escape(text)}</a>'

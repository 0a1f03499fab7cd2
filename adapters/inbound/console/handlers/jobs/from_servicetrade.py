"""From ServiceTrade's page of a job to its Send menu: the bookmarks, the browser extension, and where both lead."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode

from adapters.inbound.console.extension_zip import extension_zip
from adapters.inbound.console.page_request import File, Redirect, Rendered, TenantRequest
from core.model.planning.job_address import LONGEST_ADDRESS, SHAPES, job_in_address

_BOOKMARK = "javascript:(()=>{open(%s+encodeURIComponent(location.href),'_blank','noopener')})()"


async def from_servicetrade(request: TenantRequest) -> Rendered | Redirect:
    """With the address of a page of ServiceTrade: the Send menu of its job. Without: how to get here in one click."""
    asked = request.query.get("page", "")[:LONGEST_ADDRESS]
    job_id = job_in_address(asked)
    if job_id:
        query = urlencode({"connection": slug}) if (slug := request.query.get("connection", "")) else ""
        return Redirect(f"{request.home}/jobs/{job_id}" + (f"?{query}" if query else ""))
    connections = await request.use_cases.find_connection.all(request.tenant.id)
    chosen = [("", "the Send menu"), *((one.slug, one.name) for one in connections if len(connections) > 1)]
    return Rendered(
        "reference/from_servicetrade.html",
        {
            "asked": asked,
            "shapes": SHAPES,
            "bookmarks": [(words, slug, _bookmark(request, slug)) for slug, words in chosen],
        },
        HTTPStatus.NOT_FOUND if asked else HTTPStatus.OK,
    )


async def extension(request: TenantRequest) -> File:
    connections = await request.use_cases.find_connection.all(request.tenant.id)
    return File("jobferry-extension.zip", extension_zip(_page(request), connections))


def _page(request: TenantRequest) -> str:
    return f"{request.origin}{request.home}/from-servicetrade"


def _bookmark(request: TenantRequest, slug: str) -> str:
    """A bookmark that hands the address of the page that is open to us. Data for the browser, never run on our page."""
    given: Mapping[str, str] = {"connection": slug} if slug else {}
    return _BOOKMARK % json.dumps(f"{_page(request)}?{urlencode(given)}{'&' if given else ''}page=")

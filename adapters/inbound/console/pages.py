"""The console's routes: the overview at `/`, and the pages of the table for whoever is signed in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import ip_address

from aiohttp import web
from yarl import URL

from adapters.inbound.console.assets import asset_routes
from adapters.inbound.console.door import door_routes, who_is_there
from adapters.inbound.console.drawing import go_to, make_templates, page
from adapters.inbound.console.oidc import oidc_routes
from adapters.inbound.console.overview import read_overview
from adapters.inbound.console.reference import reference_routes
from adapters.inbound.console.serving import Follow, serve
from adapters.inbound.console.table import INSTANCE_PAGES, PAGES
from adapters.inbound.console.visit import InstancePage, Page
from adapters.inbound.http.rate_limit import TokenBuckets
from adapters.inbound.use_cases import UseCases

_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


def console_routes(
    use_cases: UseCases, *, public: bool, tries: TokenBuckets, peer_of: Callable[[web.Request], str], follow: Follow
) -> Sequence[web.RouteDef]:
    """`public`: the overview may be shown without signing in, to somebody who sits at this machine. `tries` limits
    how often a peer, and an e-mail address, may try to sign in; `follow` answers with a stream of events."""
    templates = make_templates()

    async def overview(request: web.Request) -> web.Response:
        person = await who_is_there(use_cases, request)
        if person and person.tenant_id:
            tenant = await use_cases.find_tenant.by_id(person.tenant_id)
            return go_to(f"/t/{tenant.slug}")
        if person:
            return go_to("/operator")
        if public and _comes_straight(request):
            view = await read_overview(use_cases)
            return page(templates.get_template("overview.html").render(view=view))
        return page(templates.get_template("closed.html").render())

    table: Sequence[Page | InstancePage] = (*PAGES, *INSTANCE_PAGES)
    pages = [web.route(one.method, one.path, serve(one, use_cases, templates, follow)) for one in table]
    return [
        web.get("/", overview),
        *asset_routes(),
        *oidc_routes(use_cases, templates, tries, peer_of),  # first: a link's address would take theirs as well
        *door_routes(use_cases, templates, tries, peer_of),
        *pages,
        *reference_routes(templates, page),
    ]


def _comes_straight(request: web.Request) -> bool:
    """Not through a proxy, and not under a foreign name: a web page elsewhere can make its own name point to this
    machine and would then read what the browser is shown."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        host = URL(f"http://{request.host}").host or ""
    except ValueError:
        return False
    return host == "localhost" or _is_address(host)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True

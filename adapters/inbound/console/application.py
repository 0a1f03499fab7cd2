"""The console's routes: `/` redirects to the person's start page; the others are the pages of the table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiohttp import web

from adapters.inbound.console.assets import asset_routes
from adapters.inbound.console.handlers.oidc import oidc_routes
from adapters.inbound.console.handlers.sign_in import sign_in_routes, signed_in_person
from adapters.inbound.console.page_handler import Follow, serve
from adapters.inbound.console.page_request import InstancePage, Page, TenantRequest
from adapters.inbound.console.rendering import go_to
from adapters.inbound.console.routes import INSTANCE_PAGES, PAGES
from adapters.inbound.server.rate_limit import TokenBuckets
from core.services.wiring import UseCases


def console_routes(
    use_cases: UseCases, *, tries: TokenBuckets, peer_of: Callable[[web.Request], str], follow: Follow
) -> Sequence[web.RouteDef]:
    """`tries` limits how often a peer, and an e-mail address, may try to sign in. `follow` answers with a stream of
    events."""

    async def start(request: web.Request) -> web.Response:
        person = await signed_in_person(use_cases, request)
        if person is None:
            return go_to("/sign-in")
        if person.tenant_id is None:
            return go_to("/operator")
        tenant = await use_cases.find_tenant.by_id(person.tenant_id)
        return go_to(f"/t/{tenant.slug}")

    table: Sequence[Page[TenantRequest] | InstancePage] = (*PAGES, *INSTANCE_PAGES)
    pages = [web.route(one.method, one.path, serve(one, use_cases, follow)) for one in table]
    return [
        web.get("/", start),
        *asset_routes(),
        *oidc_routes(use_cases, tries, peer_of),  # first: the route of sign-in links also matches theirs
        *sign_in_routes(use_cases, tries, peer_of),
        *pages,
    ]

"""Sign in with the OpenID Connect provider that the operator trusts: redirect to it, and handle its answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus

from aiohttp import web

from adapters.inbound.console.handlers.sign_in import Cookie, next_page_of, tenant_of, welcome
from adapters.inbound.console.rendering import go_to, stopped
from adapters.inbound.console.sign_in_tries import SignInTries
from adapters.inbound.server.problem import status_of
from core.model.catalogue import fix_of
from core.model.shared.advice import Door
from core.model.shared.errors import JobferryError
from core.services.access.sign_in import IDENTITY_PATH
from core.services.wiring import UseCases

COOKIE, LOCAL_COOKIE = "__Host-jobferry-oidc", "jobferry-local-oidc"
_COOKIE = Cookie(COOKIE, LOCAL_COOKIE, max_age=600)
"""Lax, not Strict, because the browser must send it when it returns from another site."""


def oidc_routes(
    use_cases: UseCases, tries: SignInTries, peer_of: Callable[[web.Request], str]
) -> Sequence[web.RouteDef]:
    """A request that does not succeed counts as a try, because it may have made this server call the provider."""

    def too_many(seconds: int) -> web.Response:
        fix = f"Wait {seconds} seconds, then sign in again."
        return stopped("Too many tries at the same time.", fix, HTTPStatus.TOO_MANY_REQUESTS)

    async def sign_in_elsewhere(request: web.Request) -> web.Response:
        turn = await tries.turn_at_provider(peer_of(request))
        if turn.refused_for:
            return too_many(turn.refused_for)
        try:
            departure = await use_cases.sign_in_by_identity.begin(next_page_of(request.query.get("next", "")))
        except JobferryError as error:
            return stopped(error.message, fix_of(error, Door.OFFICE), status_of(error))
        turn.right()
        return _COOKIE.keep(request, go_to(departure.address), departure.kept)

    async def back_from_elsewhere(request: web.Request) -> web.Response:
        """Finish the sign-in. The browser's cookie is removed in any case."""
        turn = await tries.turn_at_provider(peer_of(request))
        if turn.refused_for:
            return _COOKIE.remove(request, too_many(turn.refused_for))
        try:
            entered = await use_cases.sign_in_by_identity.finish(
                request.query, _COOKIE.of(request), partial(tenant_of, use_cases)
            )
        except JobferryError as error:
            return _COOKIE.remove(request, stopped(error.message, fix_of(error, Door.OFFICE), status_of(error)))
        turn.right()
        return _COOKIE.remove(request, welcome(request, entered))

    return [
        web.get(IDENTITY_PATH, sign_in_elsewhere),
        web.get(f"{IDENTITY_PATH}/back", back_from_elsewhere),
    ]

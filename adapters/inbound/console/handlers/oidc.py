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
from core.model.shared.errors import JobferryError
from core.services.access.sign_in import IDENTITY_PATH
from core.services.wiring import UseCases

COOKIE, LOCAL_COOKIE = "__Host-jobferry-oidc", "jobferry-local-oidc"
_COOKIE = Cookie(COOKIE, LOCAL_COOKIE, max_age=600)
"""Lax, not Strict, because the browser must send it when it returns from another site."""


def oidc_routes(
    use_cases: UseCases, tries: SignInTries, peer_of: Callable[[web.Request], str]
) -> Sequence[web.RouteDef]:
    """Every request counts as a try, because it makes this server call the provider."""

    def wait(request: web.Request, way: str) -> web.Response | None:
        seconds = tries.identity.take(f"identity {way} {peer_of(request)}").retry_after
        if not seconds:
            return None
        return stopped("Too many tries.", f"Wait {seconds} seconds, then sign in again.", HTTPStatus.TOO_MANY_REQUESTS)

    async def sign_in_elsewhere(request: web.Request) -> web.Response:
        if answer := wait(request, "there"):
            return answer
        try:
            departure = await use_cases.sign_in_by_identity.begin(next_page_of(request.query.get("next", "")))
        except JobferryError as error:
            return stopped(error.message, error.fix or "", status_of(error))
        return _COOKIE.keep(request, go_to(departure.address), departure.kept)

    async def back_from_elsewhere(request: web.Request) -> web.Response:
        """Finish the sign-in. The browser's cookie is removed in any case."""
        answer = wait(request, "back")
        if answer is None:
            try:
                entered = await use_cases.sign_in_by_identity.finish(
                    request.query, _COOKIE.of(request), partial(tenant_of, use_cases)
                )
                answer = welcome(request, entered)
            except JobferryError as error:
                answer = stopped(error.message, error.fix or "", status_of(error))
        return _COOKIE.remove(request, answer)

    return [
        web.get(IDENTITY_PATH, sign_in_elsewhere),
        web.get(f"{IDENTITY_PATH}/back", back_from_elsewhere),
    ]

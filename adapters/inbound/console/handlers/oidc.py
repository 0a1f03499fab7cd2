"""Sign in with the OpenID Connect provider that the operator trusts: redirect to it, and handle its answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from aiohttp import web
from jinja2 import Environment

from adapters.inbound.console.handlers.sign_in import is_local, next_page_of, tenant_of, welcome
from adapters.inbound.console.rendering import go_to, page
from adapters.inbound.server.problem import status_of
from adapters.inbound.server.rate_limit import TokenBuckets
from core.model.shared.errors import JobferryError
from core.services.access.sign_in import IDENTITY_PATH
from core.services.wiring import UseCases

COOKIE = "__Host-jobferry-oidc"
LOCAL_COOKIE = "jobferry-local-oidc"
_LIVES_SECONDS = 600
"""The cookies are Lax, not Strict, because the browser must send them when it returns from another site."""


def oidc_routes(
    use_cases: UseCases, templates: Environment, tries: TokenBuckets, peer_of: Callable[[web.Request], str]
) -> Sequence[web.RouteDef]:
    """Every request counts as a try, because it makes this server call the provider."""

    def stopped(error: JobferryError) -> web.Response:
        html = templates.get_template("stopped.html").render(title=error.message, message="", fix=error.fix)
        return page(html, status_of(error))

    def wait(request: web.Request, way: str) -> web.Response | None:
        seconds = tries.take(f"identity {way} {peer_of(request)}").retry_after
        if not seconds:
            return None
        html = templates.get_template("stopped.html").render(
            title="Too many tries.", message="", fix=f"Wait {seconds} seconds, then sign in again."
        )
        return page(html, 429)

    async def sign_in_elsewhere(request: web.Request) -> web.Response:
        if answer := wait(request, "there"):
            return answer
        try:
            departure = await use_cases.sign_in_by_identity.begin(next_page_of(request.query.get("next", "")))
        except JobferryError as error:
            return stopped(error)
        answer, local = go_to(departure.address), is_local(request)
        answer.set_cookie(
            LOCAL_COOKIE if local else COOKIE,
            departure.kept,
            max_age=_LIVES_SECONDS,
            path="/",
            secure=not local,
            httponly=True,
            samesite="Lax",
        )
        return answer

    async def back_from_elsewhere(request: web.Request) -> web.Response:
        """Finish the sign-in. The browser's cookie is removed in any case."""
        local = is_local(request)
        name = LOCAL_COOKIE if local else COOKIE
        answer = wait(request, "back")
        if answer is None:
            try:
                signed = await use_cases.sign_in_by_identity.finish(
                    request.query, _ascii(request.cookies.get(name, "")), partial(tenant_of, use_cases)
                )
                answer = welcome(request, signed, next_page_of(signed.page))
            except JobferryError as error:
                answer = stopped(error)
        answer.del_cookie(name, path="/", secure=not local, httponly=True, samesite="Lax")
        return answer

    return [
        web.get(IDENTITY_PATH, sign_in_elsewhere),
        web.get(f"{IDENTITY_PATH}/back", back_from_elsewhere),
    ]


def _ascii(text: str) -> str:
    """The cookie, or '' if it is not ASCII: our own cookies are."""
    return text if text.isascii() else ""

"""Sign in (by password or by a link that works once), sign out, and the session cookie."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web
from yarl import URL

from adapters.inbound.console.forms import read_form
from adapters.inbound.console.rendering import go_to, page, render, stopped
from adapters.inbound.console.sign_in_tries import SignInTries
from adapters.inbound.server.peers import is_local
from core.model.access.person import Person, is_page
from core.model.shared.errors import JobferryError, NotFound, Unauthorized
from core.services.access.sign_in import IDENTITY_PATH, LINK_PATH, Choice, SignedIn
from core.services.wiring import UseCases

KEPT_NAME, KEPT_LOCAL = "__Host-jobferry-typed", "jobferry-local-typed"
COOKIE, LOCAL_COOKIE = "__Host-jobferry", "jobferry-local"
FORM_TOKEN = "form_token"  # noqa: S105 - a field's name
FORM_PERSON = "form_person"
"""The field that says whose page a form is of."""
AGAIN = "again"
"""A parameter in the address of a page that reloads itself without a script."""


@dataclass(frozen=True, slots=True)
class Cookie:
    """The prefix of `name` binds the cookie to this host and to https. `local_name` is for a browser on this machine,
    which does not keep the other cookie without https."""

    name: str
    local_name: str
    max_age: int | None = None

    def of(self, request: web.Request) -> str:
        """Its content; '' if there is none, or it is not ASCII: our own cookies are."""
        content = request.cookies.get(self._kept(request)[0], "")
        return content if content.isascii() else ""

    def keep(self, request: web.Request, answer: web.Response, content: str) -> web.Response:
        """The answer, which lets the browser store the cookie."""
        name, secure = self._kept(request)
        answer.set_cookie(name, content, max_age=self.max_age, secure=secure, httponly=True, samesite="Lax")
        return answer

    def remove(self, request: web.Request, answer: web.Response) -> web.Response:
        """The answer, which lets the browser forget the cookie."""
        name, secure = self._kept(request)
        answer.del_cookie(name, secure=secure, httponly=True, samesite="Lax")
        return answer

    def _kept(self, request: web.Request) -> tuple[str, bool]:
        """Its name in this browser, and whether it needs https."""
        return (self.local_name, False) if is_local(request) else (self.name, True)


SESSION = Cookie(COOKIE, LOCAL_COOKIE)
_KNOWN = Cookie("__Host-jobferry-known", "jobferry-local-known", max_age=180 * 24 * 3600)
"""The mark of a browser from which somebody signed in with a password."""


def _without_https(request: web.Request) -> bool:
    """Whether the browser would refuse the cookie."""
    scheme = request.headers.get("X-Forwarded-Proto", request.scheme)
    return scheme != "https" and not is_local(request)


def origin_of(request: web.Request) -> str:
    """Where the browser sees the console. A page of another site cannot make it name another host."""
    return f"{request.headers.get('X-Forwarded-Proto', request.scheme)}://{request.host}"


async def signed_in_person(use_cases: UseCases, request: web.Request, *, by_itself: bool = False) -> Person | None:
    """The signed-in person. Requests that a page makes by itself do not extend the session."""
    token = SESSION.of(request)
    by_itself = by_itself or "HX-Request" in request.headers or AGAIN in request.query
    return await use_cases.sign_in.who(token, seen=not by_itself) if token else None


def form_token(session: str) -> str:
    """The token in every form, made from the session's token, which no other site can read or guess."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"form:{session}".encode()).digest()).decode().rstrip("=")


def is_same_origin(request: web.Request) -> bool:
    """Whether the browser says that a form was sent from one of our own pages, or says nothing."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    try:
        return URL(origin).authority == request.host
    except (ValueError, IndexError):
        return False


def is_ours(request: web.Request, form: dict[str, str]) -> bool:
    """Whether a form belongs to the session it came with."""
    wanted = form_token(SESSION.of(request))
    return is_same_origin(request) and hmac.compare_digest(form.get(FORM_TOKEN, "").encode(), wanted.encode())


async def _filled_in(request: web.Request) -> dict[str, str]:
    """The form; empty if it cannot be read."""
    try:
        return await read_form(request)
    except (JobferryError, web.HTTPRequestEntityTooLarge):
        return {}


def sign_in_routes(
    use_cases: UseCases, tries: SignInTries, peer_of: Callable[[web.Request], str]
) -> Sequence[web.RouteDef]:
    def shown(
        request: web.Request, next_page: str, problem: str = "", status: int = HTTPStatus.OK, email: str = ""
    ) -> web.Response:
        html = render(
            "access/sign_in.html",
            next=next_page,
            problem=problem,
            email=email,
            kept=bool(request.cookies.get(KEPT_LOCAL) or request.cookies.get(KEPT_NAME)),
            without_https=_without_https(request),
            elsewhere=use_cases.sign_in_by_identity.name,
            elsewhere_path=IDENTITY_PATH,
        )
        return page(html, status)

    async def ask(request: web.Request) -> web.Response:
        return shown(request, next_page_of(request.query.get("next", "")))

    async def sign_in(request: web.Request) -> web.Response:
        form = await _filled_in(request)
        next_page, email = next_page_of(form.get("next", "")), form.get("email", "")
        if not is_same_origin(request):
            return shown(request, next_page, "Use the sign-in form on this page.", HTTPStatus.FORBIDDEN)
        mark = _KNOWN.of(request)
        turn = await tries.turn(peer_of(request), email, mark if await use_cases.sign_in.knows(email, mark) else "")
        if turn.refused_for:
            problem = f"Too many tries at the same time. Wait {turn.refused_for} seconds, then try again."
            return shown(request, next_page, problem, HTTPStatus.TOO_MANY_REQUESTS, email)
        try:
            tenant_id = await tenant_of(use_cases, next_page)
            entered = await use_cases.sign_in(email, form.get("password", ""), tenant_id, next_page)
        except Unauthorized as error:
            return shown(request, next_page, f"{error.message} {error.fix}", HTTPStatus.UNAUTHORIZED, email)
        turn.right()
        return welcome(request, entered)

    async def by_link(request: web.Request) -> web.Response:
        """Show a button, because mail programs and chats open links by themselves and a link works only once."""
        return page(render("access/link.html", token=request.match_info["token"]))

    async def use_link(request: web.Request) -> web.Response:
        """Only from our own page, because another site could sign its visitors in as a different person."""
        if not is_same_origin(request):
            return stopped("Open the link itself.", "Then press the button on its page.", HTTPStatus.FORBIDDEN)
        try:
            signed = await use_cases.sign_in.by_link(request.match_info["token"])
        except Unauthorized as error:
            return stopped(error.message, error.fix or "", HTTPStatus.UNAUTHORIZED)
        return welcome(request, signed)

    async def sign_out(request: web.Request) -> web.Response:
        if not is_ours(request, await _filled_in(request)):
            return stopped("This form is no longer valid.", "Go back, load the page again, and try again.", 403)
        await use_cases.sign_in.out(SESSION.of(request))
        return SESSION.remove(request, go_to("/sign-in"))

    return [
        web.get("/sign-in", ask),
        web.post("/sign-in", sign_in),
        web.get(LINK_PATH + "{token}", by_link),
        web.post(LINK_PATH + "{token}", use_link),
        web.post("/sign-out", sign_out),
    ]


def welcome(request: web.Request, entered: SignedIn | Choice) -> web.Response:
    """The requested page with a session, or the page that offers several accounts."""
    if isinstance(entered, Choice):
        answer = page(render("access/choose.html", accounts=entered.accounts, path=LINK_PATH))
        return _KNOWN.keep(request, answer, entered.mark) if entered.mark else answer
    return keep_session(request, go_to(next_page_of(entered.page) or "/"), entered)


def keep_session(request: web.Request, answer: web.Response, signed: SignedIn) -> web.Response:
    """The answer, which lets the browser store the session, and its mark after a password."""
    answer = SESSION.keep(request, answer, signed.token)
    return _KNOWN.keep(request, answer, signed.mark) if signed.mark else answer


def next_page_of(text: str) -> str:
    """The page to open after the sign-in; '' if it is not a page of the console."""
    return text if is_page(text) and not text.startswith(("/sign-", "/v1")) else ""


async def tenant_of(use_cases: UseCases, next_page: str) -> str | None:
    parts = next_page.split("?", maxsplit=1)[0].split("/")
    if len(parts) < 3 or parts[1] != "t":
        return None
    try:
        return (await use_cases.find_tenant(parts[2])).id
    except NotFound:
        return None

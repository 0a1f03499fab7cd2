"""The link in a mail that ends these mails: without sign-in, and by POST only (RFC 8058).

Mail programs and scanners open links by themselves, so opening it changes nothing. A mail program that offers one click
posts to it; on the page, a person presses the button. Whoever has the link may use it: it can do nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from aiohttp import web

from adapters.inbound.console.rendering import page, render, stopped
from core.model.shared.errors import JobferryError, NotFound
from core.services.notifications.deliver_message import UNSUBSCRIBE_PATH
from core.services.wiring import UseCases


def unsubscribe_routes(use_cases: UseCases) -> Sequence[web.RouteDef]:
    async def ask_unsubscribe(request: web.Request) -> web.Response:
        return await _answered(request, ended=False)

    async def unsubscribe(request: web.Request) -> web.Response:
        return await _answered(request, ended=True)

    async def _answered(request: web.Request, *, ended: bool) -> web.Response:
        token = request.match_info["token"]
        try:
            found = await (use_cases.unsubscribe(token) if ended else use_cases.unsubscribe.find(token))
        except NotFound as error:
            return stopped(error.message, error.fix, HTTPStatus.NOT_FOUND)
        except JobferryError as error:
            return stopped(error.message, error.fix, HTTPStatus.SERVICE_UNAVAILABLE)
        return page(
            render("notifications/unsubscribe.html", address=found.address, ended=found.paused, action=request.path)
        )

    address = UNSUBSCRIBE_PATH + "{token}"
    return [web.get(address, ask_unsubscribe), web.post(address, unsubscribe)]

"""Sign-in of the sandbox ServiceTrade, and the check of every call: session, server time, role.

A dead session is 401 with an empty body, but 404 on `GET /auth`; a wrong password is 403 [doc].
"""

from __future__ import annotations

import secrets
import time

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.sandbox.servicetrade.envelope import answer, body_of, refusal
from adapters.sandbox.servicetrade.records import user
from adapters.sandbox.servicetrade.state import ServiceTradeState

COOKIE = "PHPSESSID"
FULL_MS = 60_000.0
_OPEN = ("/api/auth", "/api/oauth2/token")


def sign_in_routes(state: ServiceTradeState) -> list[web.RouteDef]:
    async def log_in(request: web.Request) -> web.Response:
        body = await body_of(request)
        if (body.get("username"), body.get("password")) != (state.login.username, state.login.password):
            data = {"authenticated": False, "authToken": None}
            return answer(state, data, 403, error="Invalid credentials provided")
        state.open_session(token := secrets.token_hex(13))
        response = answer(state, {"authenticated": True, "authToken": token, "user": user(state)})
        response.set_cookie(COOKIE, token, httponly=True)
        return response

    async def who(request: web.Request) -> web.Response:
        if not signed_in(state, request):
            return answer(state, {"authenticated": False}, 404, error="No active session found for given auth token")
        return answer(state, {"authenticated": True, "user": user(state)})

    async def log_out(request: web.Request) -> web.Response:
        token = request.cookies.get(COOKIE, "")
        if token in state.sessions:
            state.sessions.remove(token)
        return web.Response(status=204)

    async def token(request: web.Request) -> web.Response:
        asked = await body_of(request) or {name: str(value) for name, value in (await request.post()).items()}
        client = (asked.get("client_id"), asked.get("client_secret"))
        right = client == (state.login.client_id, state.login.client_secret)
        if asked.get("grant_type") == "refresh_token":
            right = right and asked.get("refresh_token") in state.refresh_tokens
            if right:
                state.refresh_tokens.remove(str(asked["refresh_token"]))
        elif asked.get("grant_type") != "client_credentials":
            right = False
        if not right:
            problem = {"error": "invalid_grant", "error_description": "Invalid credentials"}
            return web.json_response(problem, status=401)
        return web.json_response(_issued(state))

    return [
        web.post("/api/auth", log_in),
        web.get("/api/auth", who),
        web.delete("/api/auth", log_out),
        web.post("/api/oauth2/token", token),
    ]


def gate_middleware(state: ServiceTradeState) -> Middleware:
    """Return a middleware that checks first the session, then the budget of server time, then the role."""
    refilled_at = time.monotonic()

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        nonlocal refilled_at
        if request.path in _OPEN or not request.path.startswith("/api/"):
            return await handler(request)
        if not signed_in(state, request):
            return web.Response(status=401)
        now = time.monotonic()
        refill = (now - refilled_at) * state.settings.refill_ms_per_second
        state.balance_ms, refilled_at = min(FULL_MS, state.balance_ms + refill), now
        if state.balance_ms < state.settings.call_ms:
            response = refusal(state, 429, "Rate limit exceeded")
            response.headers["Retry-After"] = str(state.settings.retry_after)
            return response
        state.balance_ms -= state.settings.call_ms
        if any(request.path.startswith(f"/api{path}") for path in state.settings.forbidden):
            return refusal(state, 403, "Permission denied")
        return await handler(request)

    return middleware


def signed_in(state: ServiceTradeState, request: web.Request) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Bearer":
        return state.token_lives(token)
    return request.cookies.get(COOKIE, "") in state.sessions


def _issued(state: ServiceTradeState) -> dict[str, object]:
    access = secrets.token_urlsafe(24)
    state.access_tokens[access] = time.time() + state.settings.token_seconds
    issued: dict[str, object] = {
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": state.settings.token_seconds,
    }
    if state.settings.refresh_tokens:
        state.refresh_tokens.append(refresh := secrets.token_urlsafe(24))
        issued["refresh_token"] = refresh
    return issued

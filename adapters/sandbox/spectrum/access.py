"""Access to the sandbox Spectrum: the Authorization_ID of every call, the lifetime of a GUID, and Bearer tokens."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from aiohttp import web

from adapters.sandbox.spectrum.envelope import Row
from adapters.sandbox.spectrum.state import Settings, SpectrumState

SCOPE = "spectrumapi"


def company_of(state: SpectrumState, values: Mapping[str, str]) -> str:
    """Return the company of a call: the one it names, or the default of its Authorization_ID, or ''."""
    authorization = state.authorizations.get(values["Authorization_ID"])
    named = values.get("Company_Code", "") or values.get("pCompany_Code", "")
    return named or (authorization.companies[0] if authorization else "")


def access_problem(state: SpectrumState, service: str, values: Mapping[str, str]) -> Row | None:
    """Return the row that refuses this call before all other checks, or None."""
    code = values["Authorization_ID"]
    authorization = state.authorizations.get(code)
    if authorization is None or not authorization.active:
        return _abort("Authorization ID is not valid or not active")
    if service not in authorization.services:
        return _abort(f"Authorization ID may not use {service}")
    if company_of(state, values) not in authorization.companies:
        return _abort("Authorization ID may not use this company")
    if (guid := values.get("GUID", "")) and not _live(state, guid, code):
        return Row("E", "GUID", "Time out has occurred")
    return None


def _abort(text: str) -> Row:
    return Row("A", "Authorization_ID", text)


def _live(state: SpectrumState, guid: str, authorization: str) -> bool:
    now = datetime.now(UTC)
    known = state.guids.get(guid)
    if known is None:
        state.note_guid(guid, authorization, now)
        return True
    if known.authorization != authorization or now - known.last_used > timedelta(hours=state.settings.guid_hours):
        return False
    known.last_used = now
    return True


class Tokens:
    """Enhanced Authentication: OAuth2 client credentials for a Bearer token, and rotation of the client secret."""

    def __init__(self, state: SpectrumState) -> None:
        self._state = state
        self._issued: dict[str, float] = {}

    def admits(self, request: web.Request) -> bool:
        """Whether the installation needs no token, or this call has a valid one."""
        if not self._settings.enhanced_auth:
            return True
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        issued = self._issued.get(token) if kind == "Bearer" else None
        return issued is not None and time.monotonic() - issued < self._settings.token_seconds

    async def issue(self, request: web.Request) -> web.Response:
        form = await request.post()
        if not self._settings.enhanced_auth:
            raise web.HTTPNotFound
        if form.get("grant_type") != "client_credentials":
            raise _oauth_error(web.HTTPBadRequest, "unsupported_grant_type")
        if form.get("scope") != SCOPE:
            raise _oauth_error(web.HTTPBadRequest, "invalid_scope")
        if self._settings.secret_expired or not self._is_client(form.get("client_id"), form.get("client_secret")):
            raise _oauth_error(web.HTTPUnauthorized, "invalid_client")
        token = secrets.token_urlsafe(24)
        self._issued[token] = time.monotonic()
        return web.json_response(
            {
                "access_token": token,
                "expires_in": self._settings.token_seconds,
                "token_type": "Bearer",
                "scope": SCOPE,
            }
        )

    async def rotate(self, request: web.Request) -> web.Response:
        """Return a new client secret to a caller with a valid token. The shape of the answer is assumed."""
        if not self._settings.enhanced_auth:
            raise web.HTTPNotFound
        if not self.admits(request):
            raise web.HTTPUnauthorized
        if not self._settings.self_rotation:
            raise web.HTTPForbidden
        self._settings.client_secret = secrets.token_urlsafe(18)
        return web.json_response({"client_secret": self._settings.client_secret})

    @property
    def _settings(self) -> Settings:
        return self._state.settings

    def _is_client(self, client_id: object, client_secret: object) -> bool:
        return (client_id, client_secret) == (self._settings.client_id, self._settings.client_secret)


def _oauth_error(kind: type[web.HTTPError], error: str) -> web.HTTPError:
    return kind(text=json.dumps({"error": error}), content_type="application/json")

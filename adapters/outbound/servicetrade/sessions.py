"""Signs in to ServiceTrade, by session or OAuth2: one sign-in at a time per account, kept in memory only.

Sources: session login and its statuses [doc]; OAuth2 as in the official SDKs [seen].
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

import structlog

from adapters.outbound.servicetrade.envelope import open_envelope
from adapters.outbound.servicetrade.granted import Granted, granted_by
from adapters.outbound.servicetrade.refusal import out_of_order
from adapters.outbound.servicetrade.transport import HttpAnswer, Request, Transport
from adapters.outbound.servicetrade.unreachable import wrong_address
from core.model.shared.errors import TenantMends
from core.model.shared.secret import Secret
from core.model.tenants.tenant import ClientLogin, PasswordLogin, ServiceTradeAccount

RENEW_BEFORE_SECONDS = 300.0

_log = structlog.get_logger(__name__)
_REFUSED = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


@dataclass(frozen=True, slots=True)
class Session:
    """The credentials of a call. `stale_at` is the time to renew an access token, in the clock's seconds. `time_zone`
    is the user's as ServiceTrade names it, '' if it names none."""

    header: str
    proof: Secret
    refresh_token: Secret | None = None
    stale_at: float = math.inf
    time_zone: str = ""

    @property
    def headers(self) -> Mapping[str, str]:
        return {self.header: self.proof.reveal()}


@dataclass(slots=True)
class _Held:
    """One account's session. The lock lets one caller sign in while the others wait for its session."""

    fingerprint: bytes
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    session: Session | None = None


class Sessions:
    """The sessions of all tenants. Changed credentials start a new session."""

    def __init__(self, transport: Transport, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._transport = transport
        self._clock = clock
        self._held: dict[str, _Held] = {}

    async def current(self, account: ServiceTradeAccount, *, dead: Session | None = None) -> Session:
        """Return a session for a call. `dead` is a session that ServiceTrade just refused; it is not returned again.

        Raises TenantMends (ST_LOGIN_REFUSED, ST_BASE_URL_WRONG) or TimeMends (ST_UNREACHABLE, ST_RATE_LIMIT).
        """
        held = self._of(account)
        async with held.lock:
            if held.session and held.session is not dead and self._clock() < held.session.stale_at:
                return held.session
            held.session = await self._renewed(account, held.session)
            return held.session

    async def sign_in(self, account: ServiceTradeAccount) -> Session:
        """Sign in again, to check the credentials now. Raises the same errors as `current`."""
        held = self._of(account)
        async with held.lock:
            held.session = await self._fresh(account)
            return held.session

    def _of(self, account: ServiceTradeAccount) -> _Held:
        fingerprint = _fingerprint(account)
        held = self._held.get(account.tenant_id)
        if held is None or held.fingerprint != fingerprint:
            held = self._held[account.tenant_id] = _Held(fingerprint)
        return held

    async def _renewed(self, account: ServiceTradeAccount, old: Session | None) -> Session:
        """Renew with the refresh token, if any. If it was used or revoked, sign in with the credentials."""
        if old and old.refresh_token and isinstance(account.login, ClientLogin):
            answer = await self._ask_token(account, account.login, old.refresh_token)
            if answer.status not in _REFUSED:
                return self._bearer(account, answer)
        return await self._fresh(account)

    async def _fresh(self, account: ServiceTradeAccount) -> Session:
        match account.login:
            case PasswordLogin() as login:
                session = await self._log_in(account, login)
            case ClientLogin() as login:
                session = self._bearer(account, await self._ask_token(account, login))
        _log.info("servicetrade.signed_in", tenant_id=account.tenant_id)
        return session

    async def _log_in(self, account: ServiceTradeAccount, login: PasswordLogin) -> Session:
        body = {"username": login.username, "password": login.password.reveal()}
        answer = await self._transport.carry(account.base_url, Request("POST", "/auth", body=body))
        granted = _granted(account, answer)
        return Session("Cookie", Secret(f"PHPSESSID={granted.token.reveal()}"), time_zone=granted.time_zone)

    async def _ask_token(
        self, account: ServiceTradeAccount, login: ClientLogin, refresh_token: Secret | None = None
    ) -> HttpAnswer:
        body = {
            "grant_type": "refresh_token" if refresh_token else "client_credentials",
            "client_id": login.client_id,
            "client_secret": login.client_secret.reveal(),
        }
        if refresh_token:
            body["refresh_token"] = refresh_token.reveal()
        return await self._transport.carry(account.base_url, Request("POST", "/oauth2/token", body=body))

    def _bearer(self, account: ServiceTradeAccount, answer: HttpAnswer) -> Session:
        granted = _granted(account, answer)
        # Without this, a token that lives less than twice the margin would be renewed before every call.
        margin = min(RENEW_BEFORE_SECONDS, granted.seconds / 2)
        return Session(
            "Authorization",
            Secret(f"Bearer {granted.token.reveal()}"),
            granted.refresh_token,
            self._clock() + granted.seconds - margin,
        )


def _granted(account: ServiceTradeAccount, answer: HttpAnswer) -> Granted:
    """Read the answer to a sign-in. ServiceTrade's own message is not repeated: it may contain the credentials."""
    if trouble := out_of_order(answer):
        raise trouble
    try:
        open_envelope(answer.body)
        granted = granted_by(answer.body) if answer.ok else None
    except ValueError as error:
        raise wrong_address(account.base_url, "does not answer the sign-in like ServiceTrade") from error
    if granted is None and not answer.ok and answer.status not in _REFUSED:
        raise wrong_address(account.base_url, f"answers HTTP {answer.status} to the sign-in")
    if granted is None:
        raise _login_refused(answer.status)
    return granted


def _login_refused(status: int) -> TenantMends:
    return TenantMends(
        f"ServiceTrade refuses the sign-in (HTTP {status}).",
        code="ST_LOGIN_REFUSED",
        fix="Try the same credentials in ServiceTrade itself, then enter the right ones for the tenant in Jobferry.",
    )


def _fingerprint(account: ServiceTradeAccount) -> bytes:
    match account.login:
        case PasswordLogin(username=name, password=secret):
            kind = "password"
        case ClientLogin(client_id=name, client_secret=secret):
            kind = "client"
    return hashlib.sha256("\x1f".join((kind, account.base_url, name, secret.reveal())).encode()).digest()

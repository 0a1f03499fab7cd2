"""Adds the connection's bearer token to requests, if the connection has enhanced authentication."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus

from adapters.outbound.spectrum.token import Tokens
from adapters.outbound.spectrum.transport import HttpAnswer, Request, Take, Transport
from core.model.connections.connection import SpectrumTarget
from core.model.sending.answer import NotSent, Unknown
from core.model.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class Signed:
    """The outcome of a call with sign-in, and the token that it used last."""

    answer: HttpAnswer | NotSent | Unknown
    token: Secret | None = None


class SignedTransport:
    """The transport, with a sign-in before each request."""

    def __init__(self, transport: Transport, tokens: Tokens) -> None:
        self._transport = transport
        self._tokens = tokens

    async def carry(self, target: SpectrumTarget, request: Request, until: float, take: Take | None = None) -> Signed:
        """Send a read. After a 401 for our token, send it once more with a new token. `take` as in Transport."""
        if target.secrets.client_id is None:
            return Signed(await self._transport.carry(request, until, take=take))
        first = await self._carry_with_token(target, request, until, take=take)
        if not _unauthorized(first):
            return first
        return await self._carry_with_token(target, request, until, spent=first.token, take=take)

    async def carry_once(
        self, target: SpectrumTarget, request: Request, until: float, in_time: Callable[[], bool]
    ) -> Signed:
        """Send a write at most once, whatever comes back.

        A token that was answered with 401 is dropped, so the next call signs in again.
        `in_time` is called after the sign-in, immediately before the first byte of `request` leaves.
        """
        if target.secrets.client_id is None:
            return Signed(await self._transport.carry(request, until, in_time))
        only = await self._carry_with_token(target, request, until, in_time=in_time)
        if only.token and _unauthorized(only):
            self._tokens.discard(target, only.token)
        return only

    async def _carry_with_token(
        self,
        target: SpectrumTarget,
        request: Request,
        until: float,
        *,
        spent: Secret | None = None,
        in_time: Callable[[], bool] = lambda: True,
        take: Take | None = None,
    ) -> Signed:
        token = await self._tokens.token(target, until, spent=spent)
        if isinstance(token, NotSent):
            return Signed(token)
        headers = {**request.headers, "Authorization": f"Bearer {token.reveal()}"}
        return Signed(await self._transport.carry(replace(request, headers=headers), until, in_time, take), token)


def _unauthorized(signed: Signed) -> bool:
    return isinstance(signed.answer, HttpAnswer) and signed.answer.status == HTTPStatus.UNAUTHORIZED

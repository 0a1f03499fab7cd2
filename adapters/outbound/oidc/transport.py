"""One exchange with the provider: no redirects, proxy or cookies, only to allowed addresses, with a time-out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import aiohttp
from yarl import URL

from adapters.net.bounded_json import parse
from adapters.net.egress import Egress
from adapters.net.guarded_connector import read_up_to, session_for_one_call
from adapters.net.public_address import Network
from adapters.outbound.oidc.refusals import unreachable, wrong_setup
from core.model.shared.errors import TimeMends

DEADLINE_SECONDS = 10.0
MOST_BYTES = 512 * 1024
_HEADERS = {"Accept": "application/json"}


class Transport:
    def __init__(
        self, name: str, allowed_networks: Sequence[Network], hosted: bool, seconds: float = DEADLINE_SECONDS
    ) -> None:
        self._name = name
        self._egress = Egress(allowed_networks, hosted)
        self._seconds = seconds

    async def read(self, address: str) -> dict[str, Any]:
        """Return a document. Raises TimeMends (IDENTITY_UNREACHABLE), OperatorMends (IDENTITY_SETUP)."""
        status, document = await self._exchange("GET", address, {}, None)
        if status != HTTPStatus.OK:
            raise unreachable(self._name, f"it answers with HTTP {status} at {_shown(address)}.")
        return document

    async def post(
        self, address: str, headers: Mapping[str, str], form: Mapping[str, str]
    ) -> tuple[int, dict[str, Any]]:
        """Return the status and the document. Raises the same errors as `read`."""
        return await self._exchange("POST", address, headers, form)

    async def _exchange(
        self, method: str, address: str, headers: Mapping[str, str], form: Mapping[str, str] | None
    ) -> tuple[int, dict[str, Any]]:
        try:
            url = URL(address)
            if url.scheme not in ("http", "https") or not url.host:
                raise ValueError("neither http nor https")
        except ValueError as error:
            raise wrong_setup(self._name, "the provider names an address that cannot be called.") from error
        if why := self._egress.ruled_out(url.scheme, url.port or 0):
            raise wrong_setup(self._name, why)
        try:
            async with asyncio.timeout(self._seconds):
                status, body = await self._carry(method, url, headers, form)
            document = parse(body)
        except TimeoutError as error:
            raise unreachable(self._name, f"no answer within {self._seconds:g} seconds.") from error
        except (aiohttp.ClientError, OSError) as error:
            why = "nothing answers there, its certificate is not trusted, or calls to that network are not allowed."
            raise unreachable(self._name, why) from error
        except ValueError as error:
            raise self._unreadable(address) from error
        if not isinstance(document, dict):
            raise self._unreadable(address)
        return status, document

    def _unreadable(self, address: str) -> TimeMends:
        return unreachable(self._name, f"its answer at {_shown(address)} cannot be read.")

    async def _carry(
        self, method: str, url: URL, headers: Mapping[str, str], form: Mapping[str, str] | None
    ) -> tuple[int, bytes]:
        async with (
            session_for_one_call(self._egress, url.scheme) as session,
            session.request(method, url, data=form, headers={**_HEADERS, **headers}, allow_redirects=False) as response,
        ):
            return response.status, await read_up_to(response, MOST_BYTES)


def _shown(address: str) -> str:
    """Return the address without its query, shortened."""
    return address.partition("?")[0][:200]

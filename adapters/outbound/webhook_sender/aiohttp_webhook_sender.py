"""Posts an event over its own connection: no redirects, proxy or cookies. Only the status of the answer is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress

import aiohttp
from yarl import URL

from adapters.net.egress import Egress
from adapters.net.guarded_connector import session_for_one_call
from adapters.net.public_address import Network
from core.model.shared.errors import BadInput, FieldError
from ports.webhook_sender import Posted, WebhookSender

DEADLINE_SECONDS = 10.0
_READ_OF_ANSWER = 4096
_HEADERS = {"Content-Type": "application/json", "User-Agent": "Jobferry-Webhooks/1"}
_TLS = "The receiver's certificate is not trusted, or no secure connection could be made."
_NO_CONNECTION = "No connection could be made: nothing answers there, or calls to that network are not allowed."
"""The same text for both, so that nobody can explore the operator's network."""


class AiohttpWebhookSender(WebhookSender):
    def __init__(
        self,
        *,
        allowed_networks: Sequence[Network] = (),
        hosted: bool = False,
        deadline_seconds: float = DEADLINE_SECONDS,
        connect_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self._egress = Egress(allowed_networks, hosted)
        self._deadline = deadline_seconds
        self._connect_seconds = connect_seconds

    def check(self, url: str) -> None:
        if why := self._ruled_out(url):
            raise BadInput(
                f"Events cannot be posted to this address: {why}",
                code="WEBHOOK_URL_REFUSED",
                fix="Give an https address that this installation may call.",
                errors=[FieldError("/url", why)],
            )

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        if why := self._ruled_out(url):
            return Posted(None, why)
        try:
            async with asyncio.timeout(self._deadline):
                return await self._post(URL(url), headers, body)
        except (aiohttp.ServerTimeoutError, aiohttp.ClientConnectorError) as error:
            return Posted(None, self._unconnected(error))
        except TimeoutError:
            return Posted(None, f"No answer within {self._deadline:g} seconds.")
        except aiohttp.ClientSSLError:
            return Posted(None, _TLS)
        except (aiohttp.ClientError, OSError, ValueError):
            return Posted(None, "The connection broke before an answer, or the answer was not HTTP.")

    def _unconnected(self, error: Exception) -> str:
        """Explain the failure. Hosted tenants must not learn which names our name service knows."""
        if isinstance(error, aiohttp.ClientSSLError):
            return _TLS
        if isinstance(error, aiohttp.ClientConnectorDNSError) and not self._egress.hosted:
            return "The name service (DNS) does not know this host."
        return _NO_CONNECTION

    def _ruled_out(self, url: str) -> str:
        asked = URL(url)
        return self._egress.ruled_out(asked.scheme, asked.port or 0)

    async def _post(self, url: URL, headers: Mapping[str, str], body: bytes) -> Posted:
        async with (
            session_for_one_call(self._egress, url.scheme, connect_seconds=self._connect_seconds) as session,
            session.post(url, data=body, headers={**_HEADERS, **headers}, allow_redirects=False) as response,
        ):
            status = response.status
            with suppress(aiohttp.ClientError, OSError, TimeoutError):
                # Read a few bytes, so that the receiver can finish a small answer. They are not kept.
                async with asyncio.timeout(1):
                    await response.content.read(_READ_OF_ANSWER)
            response.close()
        return Posted(status, f"HTTP {status}")

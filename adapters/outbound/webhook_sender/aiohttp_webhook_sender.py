"""Posts an event over a connection of its own: no redirects, proxy or cookies, and of the answer only its status."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress

import aiohttp
from yarl import URL

from adapters.outbound.spectrum.egress import Network
from adapters.outbound.spectrum.pinned import Pinned
from adapters.outbound.webhook_sender.route import addresses_of
from core.model.answer import NotSent
from core.model.errors import BadInput, FieldError
from ports.webhook_sender import Posted, WebhookSender

DEADLINE_SECONDS = 10.0
_READ_OF_ANSWER = 4096
_HEADERS = {"Content-Type": "application/json", "User-Agent": "Jobferry-Webhooks/1"}


class AiohttpWebhookSender(WebhookSender):
    def __init__(
        self, *, allowed_networks: Sequence[Network] = (), deadline_seconds: float = DEADLINE_SECONDS
    ) -> None:
        self._allowed_networks = allowed_networks
        self._deadline = deadline_seconds

    async def check(self, url: str) -> None:
        found = await addresses_of(url, self._allowed_networks, self._deadline)
        if isinstance(found, NotSent):
            raise BadInput(
                f"Events cannot be posted to this address: {found.detail}",
                code="WEBHOOK_URL_REFUSED",
                fix="Give an https address that this installation can reach.",
                errors=[FieldError("/url", found.detail)],
            )

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        try:
            async with asyncio.timeout(self._deadline):
                return await self._post(url, headers, body)
        except TimeoutError:
            return Posted(None, f"No answer within {self._deadline:g} seconds.")
        except aiohttp.ClientSSLError:
            return Posted(None, "The receiver's certificate is not trusted, or no secure connection came about.")
        except aiohttp.ClientConnectorError:
            return Posted(None, "No connection came about.")
        except (aiohttp.ClientError, OSError, ValueError):
            return Posted(None, "The connection broke before there was an answer, or what came was no HTTP.")

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        addresses = await addresses_of(url, self._allowed_networks, self._deadline)
        if isinstance(addresses, NotSent):
            return Posted(None, addresses.detail)
        connector = aiohttp.TCPConnector(resolver=Pinned(addresses), use_dns_cache=False, force_close=True)
        async with (
            aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False, auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None),  # the caller keeps the time, from the name's look-up on
            ) as session,
            session.post(
                URL(url), data=body, headers={**_HEADERS, **headers}, allow_redirects=False
            ) as response,
        ):  # fmt: skip
            status = response.status
            with suppress(aiohttp.ClientError, OSError, TimeoutError):
                # A few bytes, so that a small answer is not cut off; nothing of it is kept.
                async with asyncio.timeout(1):
                    await response.content.read(_READ_OF_ANSWER)
            response.close()
        return Posted(status, f"HTTP {status}")

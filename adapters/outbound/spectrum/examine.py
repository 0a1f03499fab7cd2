"""Tests a connection step by step without writing anything: name, port, TLS, token, services, Authorization ID."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from http import HTTPStatus

from adapters.net.public_address import Address
from adapters.net.trust import tls_context
from adapters.outbound.spectrum import remedies
from adapters.outbound.spectrum.addresses import addresses_of, open_and_close
from adapters.outbound.spectrum.answer import speaks_html
from adapters.outbound.spectrum.authorization_check import AUTHORIZATION, AuthorizationCheck
from adapters.outbound.spectrum.envelope import NotXml
from adapters.outbound.spectrum.list_permission import READS, list_permissions
from adapters.outbound.spectrum.lists.read_lists import ReadLists
from adapters.outbound.spectrum.remedies import Remedy
from adapters.outbound.spectrum.services import NEEDED, SERVICES, SPELLINGS, Service
from adapters.outbound.spectrum.sign_in import SignedTransport
from adapters.outbound.spectrum.token import Tokens
from adapters.outbound.spectrum.transport import HttpAnswer, Request, Transport
from adapters.outbound.spectrum.wsdl_elements import differences, request_elements
from core.model.connections.connection import SpectrumTarget
from core.model.sending.answer import NotSent, NotSentReason, UnknownReason
from core.model.shared.check_step import CheckState, CheckStep
from core.model.work_orders.optional_fields import UPDATE_CUSTOMER

READS_AT_ONCE = 3

_PERMISSION = CheckStep(
    "permission", CheckState.UNKNOWN, "Known after the first send: the right to write cannot be tested without writing."
)


class Examination:
    """Runs the steps in order. If a step fails, the steps that depend on it are skipped."""

    def __init__(self, transport: Transport, tokens: Tokens, signed: SignedTransport, read_lists: ReadLists) -> None:
        self._transport = transport
        self._tokens = tokens
        self._signed = signed
        self._check = AuthorizationCheck(signed)
        self._read_lists = read_lists

    async def __call__(self, target: SpectrumTarget, optional: Sequence[str], until: float) -> AsyncIterator[CheckStep]:
        """Yield the steps dns, connection, tls, token, one for each needed service and for each of `optional`,
        authorization, one for each list, and permission. Never raises."""
        left = ["dns", "connection", "tls", "token", *NEEDED, *optional, AUTHORIZATION, *READS.values()]
        failed = ""
        async for step in self._way_in(target, until):
            left.remove(step.name)
            failed = step.name if step.state is CheckState.FAILED else failed
            yield step
        if failed:
            for name in left:
                yield CheckStep(name, CheckState.SKIPPED, f"Not tested, since {failed} failed.")
        else:
            async for step in self._services(target, optional, until):
                yield step
            async for step in self._reads(target, until):
                yield step
        yield _PERMISSION

    async def _way_in(self, target: SpectrumTarget, until: float) -> AsyncIterator[CheckStep]:
        """Yield the steps up to the token. Stop after the first that fails."""
        found = await addresses_of(target.endpoint, self._transport.egress, self._transport.connect_seconds)
        if isinstance(found, NotSent) and found.reason is NotSentReason.DNS:
            yield _unreached("dns", found)
            return
        connection = await self._connection(target, found, until)
        yield self._dns(target, connection)
        yield connection
        if isinstance(found, NotSent) or connection.state is CheckState.FAILED:
            return
        for look in (self._tls, self._token):
            step = await look(target, found, until)
            yield step
            if step.state is CheckState.FAILED:
                return

    async def _reads(self, target: SpectrumTarget, until: float) -> AsyncIterator[CheckStep]:
        accepted = await self._check(target, until)
        yield accepted
        if accepted.state is CheckState.FAILED:
            for name in READS.values():
                yield CheckStep(name, CheckState.SKIPPED, f"Not tested, since {AUTHORIZATION} failed.")
            return
        async for step in list_permissions(self._read_lists, target, until):
            yield step

    async def _services(
        self, target: SpectrumTarget, optional: Sequence[str], until: float
    ) -> AsyncIterator[CheckStep]:
        names = (*NEEDED, *optional)
        reads = asyncio.Semaphore(READS_AT_ONCE)
        looks = [asyncio.ensure_future(self._service(target, SERVICES[name], reads, until)) for name in names]
        try:
            for name, look in zip(names, looks, strict=True):
                step = await look
                yield step if name in NEEDED else _optional(step)
        finally:
            # The caller may stop before the last answer.
            for look in looks:
                look.cancel()

    def _dns(self, target: SpectrumTarget, connection: CheckStep) -> CheckStep:
        """Report no addresses: they would reveal the operator's network. For hosted tenants do not confirm the name."""
        if connection.code == remedies.NEVER_CALLED.code:
            return CheckStep("dns", CheckState.SKIPPED, "Not tested, since the address is never called.")
        if connection.state is CheckState.FAILED and self._transport.egress.hosted:
            return CheckStep("dns", CheckState.UNKNOWN, "Not reported separately from the connection.")
        return _ok("dns", f"The name service knows {target.endpoint.host}.")

    async def _connection(self, target: SpectrumTarget, found: Sequence[Address] | NotSent, until: float) -> CheckStep:
        if isinstance(found, NotSent):
            return _unreached("connection", found)
        opened = await open_and_close(target.endpoint, found, self._transport.connect_seconds, until)
        if isinstance(opened, NotSent):
            return _unreached("connection", opened)
        return _ok("connection", f"{opened.address} accepts connections on port {target.endpoint.port}.")

    async def _tls(self, target: SpectrumTarget, found: Sequence[Address], until: float) -> CheckStep:
        if target.endpoint.scheme == "http":
            reason = "Plain http inside an allowed network: nothing is encrypted, so there is no certificate."
            return CheckStep("tls", CheckState.SKIPPED, reason)
        try:
            trust = tls_context(target.ca_certificate)
        except ValueError as error:
            return _unreached("tls", NotSent(NotSentReason.TLS, str(error)))
        opened = await open_and_close(target.endpoint, found, self._transport.connect_seconds, until, trust)
        if isinstance(opened, NotSent):
            return _unreached("tls", opened)
        return _ok("tls", f"{opened.tls_version}; the certificate is trusted and valid until {opened.valid_until}.")

    async def _token(self, target: SpectrumTarget, found: Sequence[Address], until: float) -> CheckStep:
        if target.secrets.client_id is None:
            return CheckStep("token", CheckState.SKIPPED, "The connection has no enhanced authentication.")
        token = await self._tokens.token(target, until)
        if isinstance(token, NotSent):
            return _unreached("token", token)
        return _ok("token", "The token service issued a token.")

    async def _service(
        self, target: SpectrumTarget, service: Service, reads: asyncio.Semaphore, until: float
    ) -> CheckStep:
        for name in SPELLINGS.get(service.name, (service.name,)):
            url = target.endpoint.wsdl_url(name)
            request = Request("GET", target.endpoint, url, ca_certificate=target.ca_certificate)
            async with reads:
                answer = (await self._signed.carry(target, request, until)).answer
            if not (isinstance(answer, HttpAnswer) and answer.status == HTTPStatus.NOT_FOUND):
                break
        if isinstance(answer, HttpAnswer):
            return _judge(answer, service, signed=target.secrets.client_id is not None)
        if isinstance(answer, NotSent):
            return _unreached(service.name, answer)
        spoke = answer.reason is UnknownReason.NOT_SOAP
        return _failed(service.name, answer.detail, remedies.NOT_DATA_EXCHANGE if spoke else remedies.NOT_REACHED)


def _optional(step: CheckStep) -> CheckStep:
    """The step of a service that a setting switches on: what cannot be known without writing, and another way out."""
    if step.state is CheckState.OK:
        detail = f"{step.detail} Whether the Authorization ID may use it is known after the first write through it."
        return replace(step, detail=detail)
    if step.name == UPDATE_CUSTOMER and step.code == remedies.NO_SERVICE.code:
        detail = f"{step.detail} It is new in Spectrum 2025 R2; customers can be created without it, but not changed."
        return CheckStep(step.name, CheckState.SKIPPED, detail)
    return replace(step, fix=(*step.fix, "Or switch off the setting of this connection that needs it."))


def _judge(answer: HttpAnswer, service: Service, *, signed: bool) -> CheckStep:
    """Classify a server's answer to the request for the service's WSDL."""
    name, status = service.name, answer.status
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        remedy = remedies.CLIENT_REFUSED if signed else remedies.SIGN_IN_WANTED
        return _failed(name, f"The server asks for a sign-in (HTTP {status}).", remedy)
    if status == HTTPStatus.NOT_FOUND:
        return _failed(name, f"Spectrum does not offer {name} (HTTP 404).", remedies.NO_SERVICE)
    if 300 <= status < 400:
        detail = f"The server redirects to {answer.redirect_to or 'another address'}; redirects are not followed."
        return _failed(name, detail, remedies.NOT_DATA_EXCHANGE)
    if status >= 500:
        return _failed(name, f"The server answered HTTP {status}.", remedies.IN_MAINTENANCE)
    if speaks_html(answer):
        detail = "The server answered with a web page: this is not Spectrum's Data Exchange."
        return _failed(name, detail, remedies.NOT_DATA_EXCHANGE)
    if status != HTTPStatus.OK:
        return _failed(name, f"The server answered HTTP {status}.", remedies.NOT_DATA_EXCHANGE)
    if answer.cut:
        return _failed(name, answer.cut_detail, remedies.NOT_REACHED)
    return _judge_wsdl(answer, service)


def _judge_wsdl(answer: HttpAnswer, service: Service) -> CheckStep:
    try:
        theirs = request_elements(answer.body, service, answer.content_type)
    except NotXml:
        detail = "The server's description of the service is not complete XML."
        return _failed(service.name, detail, remedies.NOT_DATA_EXCHANGE)
    if theirs is None:
        return _failed(service.name, f"The answer does not describe {service.name}.", remedies.NO_SERVICE)
    if found := differences(theirs, service):
        detail = f"Spectrum's {service.name} differs from the expected one: {'; '.join(found)}."
        return _failed(service.name, detail, remedies.OTHER_ELEMENTS)
    return _ok(service.name, f"Present, with the {len(theirs)} elements that we send.")


def _ok(name: str, detail: str) -> CheckStep:
    return CheckStep(name, CheckState.OK, detail)


def _failed(name: str, detail: str, remedy: Remedy) -> CheckStep:
    return CheckStep(name, CheckState.FAILED, detail, remedy.code, remedy.fix)


def _unreached(name: str, outcome: NotSent) -> CheckStep:
    return _failed(name, outcome.detail, remedies.OF_REASON[outcome.reason])

"""The web services of the sandbox Spectrum: answers the bytes of a call with rows or a SOAP fault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiohttp import web

from adapters.sandbox.faults import FaultKind, Faults
from adapters.sandbox.request_log import CALL, RequestLog
from adapters.sandbox.spectrum.access import Tokens, access_problem, company_of
from adapters.sandbox.spectrum.envelope import AnyRow, Row, SoapFault, answer, fault_answer, read_request
from adapters.sandbox.spectrum.new_records import NEW_RECORDS
from adapters.sandbox.spectrum.notes import (
    deployed_as,
    note_problems,
    user_field_problems,
    write_note,
    write_user_fields,
)
from adapters.sandbox.spectrum.reads import READS
from adapters.sandbox.spectrum.rules import (
    charge_problems,
    header_problems,
    material_problems,
    task_problems,
    with_defaults,
)
from adapters.sandbox.spectrum.state import LINE_SERVICES, Company, SpectrumState
from adapters.sandbox.spectrum.traffic import Traffic
from core.model.work_orders.optional_fields import WRITE_NOTES, WRITE_USER_FIELDS
from core.model.work_orders.work_order import NUMBER_LENGTH

_KEPT_OUT = frozenset({"Authorization_ID", "GUID", "Company_Code"})
_PROBLEMS = {
    "WorkOrderHeader": header_problems,
    "AddWOMaterialCost": material_problems,
    "AddWOOtherCharges": charge_problems,
    "AddWOTask": task_problems,
    WRITE_NOTES: note_problems,
}
_BESIDE = {WRITE_NOTES: write_note, WRITE_USER_FIELDS: write_user_fields}


class SpectrumService:
    """Answers `POST /ws/NAME`. A write is checked and applied without an await, so no other write comes between."""

    def __init__(self, state: SpectrumState, faults: Faults, log: RequestLog, tokens: Tokens, traffic: Traffic) -> None:
        self._state = state
        self._faults = faults
        self._log = log
        self._tokens = tokens
        self._traffic = traffic

    async def handle(self, request: web.Request) -> web.Response:
        if not self._tokens.admits(request):
            raise web.HTTPUnauthorized
        try:
            service = self._deployed(request.match_info["service"])
            return _xml(200, answer(service, await self._rows(request, service)))
        except SoapFault as fault:
            return _xml(self._state.settings.fault_status, fault_answer(fault))

    def _deployed(self, name: str) -> str:
        """The service of this name, which may be deployed under its other spelling."""
        service = deployed_as(name, misspelt=self._state.settings.misspelt)
        if not service:
            raise SoapFault.missing_service(name)
        return service

    async def _rows(self, request: web.Request, service: str) -> Sequence[AnyRow]:
        body = await request.read()
        self._check_installation(service)
        if (staged := self._staged_rows(request, service)) is not None:
            return staged
        _check_head(request)
        values = {name: value.strip() for name, value in read_request(service, body).items()}
        if refusal := access_problem(self._state, service, values):
            return [refusal]
        if service in READS:
            return READS[service](self._state, values)
        return await self._write(request, service, values)

    def _check_installation(self, service: str) -> None:
        if service not in self._state.settings.services:
            raise SoapFault.missing_service(service)
        if self._traffic.is_crowded():
            raise SoapFault.server_error()

    def _staged_rows(self, request: web.Request, service: str) -> list[Row] | None:
        fault = self._faults.take(request.method, request.path, (FaultKind.SOAP_FAULT, FaultKind.ROWS))
        if fault is None:
            return None
        request[CALL].fault = fault.kind
        if fault.kind is FaultKind.ROWS:
            return [_staged_row(line) for line in fault.text.splitlines()]
        raise SoapFault.missing_service(service) if fault.text == "client_missing" else SoapFault.server_error()

    async def _write(self, request: web.Request, service: str, values: Mapping[str, str]) -> list[Row]:
        code = company_of(self._state, values)
        company = self._state.companies.get(code)
        if company is None:
            return [Row("I", "Company_Code", "Company does not exist")]
        if not company.processing_dates_set:
            raise SoapFault.server_error()
        if problems := self._problems(service, company, values):
            return problems
        if service in NEW_RECORDS:
            made = NEW_RECORDS[service].make(company, {n: v for n, v in values.items() if n not in _KEPT_OUT})
            await self._log.mark_applied(request[CALL])
            return [made] if self._state.settings.success == "rows" else []
        if self._is_locked(request, company, values["WO_Number"]):
            return [Row("E", "WO_Number", "Locking error: the record is in use on another screen")]
        number = self._number_to_file_under(request)
        kept = {name: text for name, text in values.items() if name not in _KEPT_OUT}
        if service in _BESIDE:
            _BESIDE[service](company, kept)
            await self._log.mark_applied(request[CALL])
            return []
        written = _apply(service, company, kept | ({"WO_Number": number} if number else {}))
        await self._log.mark_applied(request[CALL])
        told = [written] if self._state.settings.success == "rows" else []
        if number and (named := _number_row(number)) not in told:
            return [named, *told]
        return told

    def _problems(self, service: str, company: Company, values: Mapping[str, str]) -> list[Row]:
        if service == WRITE_USER_FIELDS:
            mapped = self._state.authorizations[values["Authorization_ID"]].user_fields
            return user_field_problems(company, values, mapped)
        if service in NEW_RECORDS:
            return NEW_RECORDS[service].problems(company, values)
        return _PROBLEMS[service](company, values)

    def _number_to_file_under(self, request: web.Request) -> str | None:
        """Return the number of a planned RENUMBER fault, or None."""
        fault = self._faults.take(request.method, request.path, (FaultKind.RENUMBER,))
        if fault is None:
            return None
        call = request[CALL]
        call.fault = call.fault or fault.kind
        return fault.text.strip()

    def _is_locked(self, request: web.Request, company: Company, number: str) -> bool:
        if fault := self._faults.take_lock(number):
            request[CALL].fault = fault.kind
            return True
        order = company.work_orders.get(number)
        return order is not None and order.locked


def _staged_row(line: str) -> Row:
    code, column, text = line.split(None, 2)
    return Row(code, "" if column == "-" else column, text)


def _check_head(request: web.Request) -> None:
    """Check content type and SOAPAction as documented: text/xml, and the address of the service."""
    if request.content_type != "text/xml":
        raise SoapFault("Client", "the content type must be text/xml")
    if not request.headers.get("SOAPAction", "").strip('"').endswith(request.path):
        raise SoapFault("Client", "SOAPAction must be the address of the service")


def _apply(service: str, company: Company, values: Mapping[str, str]) -> Row:
    if service == "WorkOrderHeader":
        return _number_row(_upsert(company, values))
    for name in LINE_SERVICES:
        if name == service:
            return Row("G", "System_Key", company.post(company.ledger(name), _filled(values)).system_key)
    raise SoapFault.missing_service(service)


def _number_row(number: str) -> Row:
    return Row("G", "WO_Number", number.rjust(NUMBER_LENGTH))


def _upsert(company: Company, values: Mapping[str, str]) -> str:
    """Create or change a work order and return its number. An empty value keeps the stored one."""
    number = values["WO_Number"] or company.take_number()
    order = company.work_orders.get(number)
    if order is None:
        order = company.open_work_order(number)
        values = with_defaults(company, values)
    order.write(_filled({**values, "WO_Number": number}), by="web_service")
    return number


def _filled(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _xml(status: int, body: bytes) -> web.Response:
    return web.Response(status=status, body=body, headers={"Content-Type": "text/xml; charset=utf-8"})

"""Reads cost lines back from the sandbox Spectrum, through its control port. No real Spectrum has such a port."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from adapters.net import bounded_json
from adapters.net.egress import Egress
from adapters.net.public_address import Network
from adapters.outbound.spectrum.transport import HttpAnswer, Request, Transport
from core.model.connections.connection import Connection
from core.model.connections.endpoint import Endpoint
from core.model.sending.answer import NotSent, NotSentReason
from core.model.shared.errors import BadInput, OperatorMends, TimeMends
from core.model.work_orders.item import ItemKind
from core.model.work_orders.stored_line import StoredLine
from core.model.work_orders.work_order import NUMBER
from ports.read_back import ReadBack

KIND = "sandbox"
_LARGEST_STATE = 16 << 20
_MOST_PARTS = 1_000_000
"""One answer holds the state of all companies. Only sandboxes are read back, so the limit is higher than elsewhere."""
_LEDGERS: Mapping[str, ItemKind] = {"material": ItemKind.MATERIAL, "charges": ItemKind.OTHER_CHARGE}


class SandboxReadBack(ReadBack):
    """Reads the lines of one work order from `GET /state`. For `allowed_networks` and `hosted` see Egress."""

    def __init__(
        self,
        *,
        allowed_networks: Sequence[Network] = (),
        hosted: bool = False,
        deadline_seconds: float = 10.0,
        connect_seconds: float = 2.0,
        largest_state: int = _LARGEST_STATE,
    ) -> None:
        egress = Egress(allowed_networks, hosted)
        self._transport = Transport(egress, connect_seconds=connect_seconds, answer_limit=largest_state)
        self._deadline_seconds = deadline_seconds

    async def lines(self, connection: Connection, work_order_number: str) -> Sequence[StoredLine]:
        state = await self._state(_endpoint(connection))
        try:
            return list(_lines(state, connection.company_code, work_order_number.strip()))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _invalid(f"The sandbox has no company {connection.company_code}.") from error

    async def _state(self, endpoint: Endpoint) -> Any:
        until = asyncio.get_running_loop().time() + self._deadline_seconds
        answer = await self._transport.carry(Request("GET", endpoint, f"{endpoint.base}/state"), until)
        if isinstance(answer, NotSent) and answer.reason is NotSentReason.ADDRESS_NOT_ALLOWED:
            raise _invalid(answer.detail)
        if not isinstance(answer, HttpAnswer):
            raise _unreachable(answer.detail)
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _unreachable(f"It answered HTTP {answer.status}.")
        if answer.status != HTTPStatus.OK:
            raise _invalid(f"It answered HTTP {answer.status}.")
        if answer.cut:
            raise _unreachable(answer.cut_detail)
        try:
            return bounded_json.parse(answer.body, most_parts=_MOST_PARTS)
        except ValueError as error:
            raise _invalid("It answered something that is not JSON.") from error


def _endpoint(connection: Connection) -> Endpoint:
    setting = connection.read_back
    if setting is None or setting.kind != KIND:
        raise _invalid("This connection names no sandbox to read from.")
    try:
        return Endpoint.parse(setting.url)
    except BadInput as error:
        raise _invalid(error.message) from error


def _lines(state: Any, company_code: str, number: str) -> Iterator[StoredLine]:
    """Yield the lines in posting order. Raises KeyError, TypeError, ValueError or AttributeError for another shape."""
    company = state["companies"][company_code]
    posted = [(kind, line) for ledger, kind in _LEDGERS.items() for line in company[ledger]]
    for kind, line in sorted(posted, key=lambda one: str(one[1]["system_key"])):
        fields = {str(name): str(text) for name, text in line["fields"].items() if str(text).strip()}
        if fields.pop(NUMBER, "").strip() == number:
            yield StoredLine(kind, str(line["system_key"]), fields, _moment(line["at"]))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without a time zone")
    return moment.astimezone(UTC)


def _invalid(detail: str) -> OperatorMends:
    return OperatorMends(
        f"The lines cannot be read back. {detail}",
        code="READ_BACK_INVALID",
        fix="Correct the connection's read-back setting: the address of the sandbox Spectrum's control port.",
    )


def _unreachable(detail: str) -> TimeMends:
    return TimeMends(f"The lines cannot be read back for now. {detail}", code="READ_BACK_UNREACHABLE")

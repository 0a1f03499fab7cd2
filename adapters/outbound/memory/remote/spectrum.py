"""Spectrum in memory: work orders by number, a ledger of cost lines, any outcome on demand. A blank clears nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from typing import Literal

from adapters.outbound.clock import SystemClock
from adapters.outbound.memory.remote.spectrum_lists import MemoryLists
from core.model.connections.client_secret import NewSecret, NotRotated
from core.model.connections.connection import SpectrumTarget
from core.model.mappings.alias import AliasKind
from core.model.mappings.list_read import EVERYTHING, LIST_SERVICES, ListQuestion, ListRead, TakeCodes
from core.model.sending.answer import Accepted, AnswerRow, Exchange, NotSent, NotSentReason, WriteOutcome
from core.model.shared.check_step import CheckState, CheckStep
from core.model.work_orders.annotation import DOCUMENT_ID, IMAGE_DESCRIPTION, IMAGE_TYPE, IMAGES
from core.model.work_orders.cost_line import LINE_LENGTHS
from core.model.work_orders.item import ItemKind
from core.model.work_orders.optional_fields import OPTIONAL_FIELDS
from core.model.work_orders.work_order import AUTHORIZATION_ID, COMPANY_CODE, GUID, LENGTHS, NUMBER
from ports.spectrum import Spectrum

Applied = bool | Literal["late"]
_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class MemoryLine:
    """One cost line. `fields` holds the sent fields without company, number and empty fields."""

    company: str
    number: str
    kind: ItemKind
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MemoryRecord:
    """What a service other than the header's and the lines' was given. `fields` is without company and empty fields."""

    company: str
    service: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Scripted:
    outcome: WriteOutcome
    applied: Applied
    filed_under: str | None = None


class MemorySpectrum(Spectrum):
    """`work_orders` maps (company, number) to the stored fields, `lines` is the append-only ledger.

    `good_ids` are the Authorization IDs that the connection test accepts (empty: any). `good_secrets` are the client
    secrets that sign in (empty: any), `rotations` the results of the next rotations.
    `calls`, `line_calls` and `record_calls` hold the calls that reached Spectrum, in order; `records` holds what other
    services than the header's and the lines' have applied, once for each call. Late writes wait in `late` until a test
    calls them. `lists` holds what can be read (see `MemoryLists`).
    """

    def __init__(self, *, boot_seconds: Callable[[], float] = _CLOCK.boot_seconds) -> None:
        self.work_orders: dict[tuple[str, str], dict[str, str]] = {}
        self.lines: list[MemoryLine] = []
        self.calls: list[Mapping[str, str]] = []
        self.line_calls: list[MemoryLine] = []
        self.records: list[MemoryRecord] = []
        self.record_calls: list[MemoryRecord] = []
        self.lists = MemoryLists()
        self.late: deque[Callable[[], None]] = deque()
        self.steps: Sequence[CheckStep] = (CheckStep("connection", CheckState.OK, "In memory."),)
        self.good_ids: set[str] = set()
        self._boot_seconds = boot_seconds
        self.good_secrets: set[str] = set()
        self.rotations: deque[NewSecret | NotRotated] = deque()
        self._script: deque[_Scripted] = deque()

    def answer_next(
        self, *outcomes: WriteOutcome, applied: Applied | None = None, filed_under: str | None = None
    ) -> None:
        """Set the outcomes of the next writes (headers and lines), one outcome per write.

        `applied` says whether the record changes (an Unknown may hide either). "late": it changes when the test calls
        the entry in `late`. By default only Accepted changes it. `filed_under` is the number under which Spectrum files
        the write instead of the sent one; Accepted names it in a G row.
        """
        for outcome in outcomes:
            changes = isinstance(outcome, Accepted) if applied is None else applied
            self._script.append(_Scripted(_naming(filed_under, outcome), changes, filed_under))

    async def write_header(
        self, target: SpectrumTarget, fields: Mapping[str, str], *, leave_by: float | None
    ) -> Exchange:
        number = _number(target, fields, LENGTHS.keys())
        if self._too_late(leave_by):
            return _kept_back()
        self.calls.append(dict(fields))

        def apply(filed_under: str | None) -> None:
            filed = filed_under or number
            stored = self.work_orders.setdefault((target.company_code, filed), {})
            stored |= {COMPANY_CODE: target.company_code}
            stored |= {name: text for name, text in fields.items() if text.strip()} | {NUMBER: filed}

        return self._end(apply)

    async def add_line(
        self, target: SpectrumTarget, kind: ItemKind, fields: Mapping[str, str], *, leave_by: float
    ) -> Exchange:
        if kind not in LINE_LENGTHS:
            raise ValueError(f"An item of kind {kind} makes no cost line.")
        number = _number(target, fields, {COMPANY_CODE, NUMBER, *LINE_LENGTHS[kind]})
        if self._too_late(leave_by):
            return _kept_back()
        kept = {name: text for name, text in fields.items() if text.strip() and name not in (COMPANY_CODE, NUMBER)}
        line = MemoryLine(target.company_code, number, kind, kept)
        self.line_calls.append(line)
        return self._end(lambda filed_under: self.lines.append(replace(line, number=filed_under or number)))

    async def add_record(
        self, target: SpectrumTarget, service: str, fields: Mapping[str, str], *, leave_by: float
    ) -> Exchange:
        return await self.write_record(target, service, fields, leave_by=leave_by)

    async def write_record(
        self, target: SpectrumTarget, service: str, fields: Mapping[str, str], *, leave_by: float | None
    ) -> Exchange:
        """What the services do differs: each call is one more entry in `records`, and a test judges them."""
        if service not in OPTIONAL_FIELDS:
            raise ValueError(f"{service} is no service that Jobferry calls.")
        known = {one.name for one in OPTIONAL_FIELDS[service]}
        if NUMBER in known:
            _number(target, fields, known)
        else:
            _check(target, fields, known)
        if self._too_late(leave_by):
            return _kept_back()
        kept = {name: text for name, text in fields.items() if text.strip() and name != COMPANY_CODE}
        record = MemoryRecord(target.company_code, service, kept)
        self.record_calls.append(record)
        return self._end(lambda _: self.records.append(record))

    async def read_list(
        self, target: SpectrumTarget, kind: AliasKind, take: TakeCodes, question: ListQuestion = EVERYTHING
    ) -> ListRead:
        return await self.lists.read(target.company_code, kind, take, question)

    async def add_document(
        self, target: SpectrumTarget, fields: Mapping[str, str], content: bytes, *, leave_by: float
    ) -> Exchange:
        _number(target, fields, {COMPANY_CODE, NUMBER, IMAGE_TYPE, IMAGE_DESCRIPTION, DOCUMENT_ID})
        if self._too_late(leave_by):
            return _kept_back()
        kept = {name: text for name, text in fields.items() if text.strip() and name != COMPANY_CODE}
        record = MemoryRecord(target.company_code, IMAGES, kept | {"SHA-256": sha256(content).hexdigest()})
        self.record_calls.append(record)
        ended = self._end(lambda _: self.records.append(record))
        if not isinstance(ended.outcome, Accepted):
            return ended
        row = AnswerRow("G", str(len(self.records)), DOCUMENT_ID)
        return replace(ended, outcome=Accepted((row,), ended.outcome.warnings))

    async def sign_in(self, target: SpectrumTarget) -> NotSent | None:
        secret = target.secrets.client_secret
        if secret and self.good_secrets and secret.reveal() not in self.good_secrets:
            return NotSent(NotSentReason.TOKEN_REFUSED, "The token service refuses the client secret.")
        return None

    async def rotate_secret(self, target: SpectrumTarget) -> NewSecret | NotRotated:
        return self.rotations.popleft() if self.rotations else NotRotated("Spectrum does not allow us to renew it.")

    async def examine(self, target: SpectrumTarget, optional: Sequence[str] = ()) -> AsyncIterator[CheckStep]:
        for step in self.steps:
            yield step
        for service in optional:
            yield CheckStep(service, CheckState.OK, "Present. The first write shows whether it is allowed.")
        if self.good_ids and target.secrets.authorization_id.reveal() not in self.good_ids:
            detail = "Spectrum refuses the Authorization ID."
            fix = ("Compare the Authorization ID with Data Exchange in Spectrum.",)
            yield CheckStep("authorization", CheckState.FAILED, detail, "AUTH_NOT_AUTHORIZED", fix)
            for kind in LIST_SERVICES:
                yield CheckStep(f"read_{kind}s", CheckState.SKIPPED, "Not tested, since authorization failed.")
        else:
            yield CheckStep("authorization", CheckState.OK, "Spectrum accepts the Authorization ID.")
            for kind in LIST_SERVICES:
                trouble = self.lists.troubles.get(kind)
                state, may = (CheckState.SKIPPED, f"no ({trouble})") if trouble else (CheckState.OK, "yes")
                yield CheckStep(f"read_{kind}s", state, f"May read the {kind}s: {may}.")
        yield CheckStep("permission", CheckState.UNKNOWN, "Known after the first send: only a write shows it.")

    def _too_late(self, leave_by: float | None) -> bool:
        return leave_by is not None and not self._boot_seconds() < leave_by

    def _end(self, apply: Callable[[str | None], None]) -> Exchange:
        """End a write. `apply` takes the number to file it under, None for the sent one."""
        scripted = self._script.popleft() if self._script else _Scripted(Accepted(), applied=True)
        if scripted.applied == "late":
            self.late.append(partial(apply, scripted.filed_under))
        elif scripted.applied:
            apply(scripted.filed_under)
        return Exchange(scripted.outcome)


def _naming(filed_under: str | None, outcome: WriteOutcome) -> WriteOutcome:
    if filed_under is None or not isinstance(outcome, Accepted):
        return outcome
    return replace(outcome, returned=(*outcome.returned, AnswerRow("G", filed_under, NUMBER)))


def _kept_back() -> Exchange:
    return Exchange(NotSent(NotSentReason.GATE_CLOSED, "The request was ready too late."))


def _number(target: SpectrumTarget, fields: Mapping[str, str], known: Set[str]) -> str:
    """Return the work order number of a write. Raises ValueError for a caller's mistake."""
    _check(target, fields, known)
    number = fields.get(NUMBER, "").strip()
    if not number:
        raise ValueError(f"{NUMBER} is blank; without it Spectrum would choose a number.")
    return number


def _check(target: SpectrumTarget, fields: Mapping[str, str], known: Set[str]) -> None:
    if unknown := sorted((fields.keys() - known) | (fields.keys() & {AUTHORIZATION_ID, GUID})):
        raise ValueError(f"A caller cannot set {', '.join(unknown)}.")
    if fields.get(COMPANY_CODE, target.company_code) != target.company_code:
        raise ValueError(f"{COMPANY_CODE} is not the company of this connection.")

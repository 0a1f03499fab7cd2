"""Folding: make the plan from what was read and the rules' answers. The functions use only their arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from core.model.catalogue import finding
from core.model.connections.connection import Connection
from core.model.connections.settings import Overwrite
from core.model.mappings.job_record import JobRecord
from core.model.planning.account import AccountEntry
from core.model.planning.annotate import ELSEWHERE, fit_note, names_a_place, plan_annotations
from core.model.planning.draft import ConnectionView, Draft, DraftValue
from core.model.planning.item_codes import item_records
from core.model.planning.job import JobSnapshot
from core.model.planning.line_plan import LinePlan
from core.model.planning.number_choice import NumberChoice, taken_problem
from core.model.planning.plan import HeaderValue, RuleUsed, SendPlan
from core.model.shared.finding import Finding, Severity
from core.model.shared.origin import Origin
from core.model.work_orders.column_words import opening
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.field_check import check_field
from core.model.work_orders.item import DEFAULT_KINDS, JobItem
from core.model.work_orders.job_service import TasksMode
from core.model.work_orders.paperwork import Paperwork
from core.model.work_orders.work_order import (
    ALWAYS_SENT,
    AUTHORIZATION_ID,
    COMPANY_CODE,
    GUID,
    LENGTHS,
    NUMBER,
    PROTECTED,
    REFERENCE_CODE,
    SITE_WORK_ORDER,
    WorkOrderRecord,
)

_UNCHANGED = "unchanged since the last send, so not written to Spectrum"


def start_draft(job: JobSnapshot, connection: Connection) -> Draft:
    """The draft that the first rule gets: only the job and the connection's plain settings."""
    return Draft(job, view_of(connection))


def view_of(connection: Connection) -> ConnectionView:
    """What a rule may know of the connection."""
    return ConnectionView(
        slug=connection.slug,
        name=connection.name,
        external_system=connection.external_system,
        company_code=connection.company_code,
        leading_character=connection.leading_character,
        default_work_order_type=connection.default_work_order_type,
        lead_source=connection.lead_source,
        long_text=connection.long_text.value,
        item_kinds=MappingProxyType({**DEFAULT_KINDS, **connection.item_kinds}),
        default_warehouse=connection.default_warehouse,
        non_stock_fallback=connection.non_stock_fallback.value,
        note_topic=connection.note_topic,
        note_mode=connection.note_mode.value,
        marker_field=connection.marker_field,
    )


def fold_plan(
    draft: Draft,
    connection: Connection,
    record: WorkOrderRecord | None,
    choice: NumberChoice,
    *,
    taken: bool,
    adopt: bool,
    rules: tuple[RuleUsed, ...] = (),
    items: ItemsMode = ItemsMode.NONE,
    tasks: TasksMode = TasksMode.NEW_ONLY,
    line_plan: LinePlan | None = None,
    strange: bool = False,
    completes: bool = False,
    paperwork: Paperwork | None = None,
    job_items: Sequence[JobItem] = (),
    additions_unknown: bool = False,
    additions: Sequence[AccountEntry] = (),
) -> SendPlan:
    """The finished draft as a plan: core values on top, every field checked, compared with the last send."""
    lines = line_plan or LinePlan()
    wanted = {line.item_id for line in lines.lines} | {item.item_id for item in lines.blocked}
    standing = _same_order(record, choice, taken=taken)
    draft = fit_note(draft, connection, standing)
    values = _core_values(draft, connection, choice)
    # Another job wrote to a taken number, so our last send does not show what is in Spectrum.
    sent = record.sent if record and not taken else None
    header = tuple(_header(values, sent, connection.overwrite))
    findings = [*draft.findings, *_number_findings(choice, taken=taken, adopt=adopt)]
    findings += [problem for h in header if (problem := check_field(h.field, h.source_value))]
    findings += _unknown_fields(draft, connection)
    annotations, told = plan_annotations(
        draft, connection, standing, paperwork, unknown=additions_unknown, elsewhere=additions
    )
    findings += told
    findings += [_not_cleared(h) for h in header if h.previous and not h.source_value]
    findings += lines.findings
    return SendPlan(
        job_id=draft.job.id,
        connection_id=connection.id,
        number=choice.number,
        header=header,
        findings=tuple(_in_order(findings)),
        rules=rules,
        adopt=adopt,
        creates=not choice.known,
        job_number=draft.job.number,
        customer=draft.job.customer.name if draft.job.customer else None,
        items=items,
        tasks=tasks,
        lines=tuple(lines.lines),
        left_out=tuple(lines.left_out),
        completed_on=draft.job.completed_on,
        blocked=tuple(lines.blocked),
        items_held=lines.held_by,
        strange=strange,
        completes=completes,
        records=(
            *(
                JobRecord(kind, party.id, party.name, party.code, party.alias is not None)
                for (kind, _), party in draft.job.parties.items()
            ),
            *item_records(job_items, wanted),
        ),
        annotations=annotations,
    )


def _same_order(record: WorkOrderRecord | None, choice: NumberChoice, *, taken: bool) -> WorkOrderRecord | None:
    """Our record, if it is about the work order that this plan writes to and nobody else wrote to that since."""
    return record if record and record.number == choice.number and not taken else None


def _core_values(draft: Draft, connection: Connection, choice: NumberChoice) -> Mapping[str, DraftValue]:
    """The rules' values plus those that no rule may set: company, number and reference code."""
    values = {name: value for name, value in draft.fields.items() if name not in PROTECTED}
    values[COMPANY_CODE] = DraftValue(connection.company_code, Origin("setting.company_code"))
    values[NUMBER] = DraftValue(choice.number, choice.origin)
    values[REFERENCE_CODE] = DraftValue(SITE_WORK_ORDER, Origin("core", reason="jobs become site work orders"))
    return MappingProxyType(values)


def _header(
    values: Mapping[str, DraftValue], sent: Mapping[str, str] | None, overwrite: Overwrite
) -> Iterator[HeaderValue]:
    for field in LENGTHS:
        if field in (AUTHORIZATION_ID, GUID):
            continue
        previous = sent.get(field, "") if sent is not None else None
        drafted = values.get(field, DraftValue("", Origin("job")))
        if not (drafted.value or previous or field in ALWAYS_SENT):
            continue
        header = HeaderValue(field, drafted.value, drafted.value, drafted.origin, previous)
        if overwrite is Overwrite.CHANGED_FIELDS and field not in ALWAYS_SENT and drafted.value == previous:
            header = replace(header, value="", origin=replace(drafted.origin, reason=_UNCHANGED))
        yield header


def _number_findings(choice: NumberChoice, *, taken: bool, adopt: bool) -> Iterator[Finding]:
    if choice.problem:
        yield choice.problem
    if taken and not adopt:
        yield taken_problem(choice.number)
    elif taken:
        message = f"Work order {choice.number} is taken over from another job, as requested."
        yield finding("WO_NUMBER_TAKEN", message, severity=Severity.WARNING, field=NUMBER)


def _unknown_fields(draft: Draft, connection: Connection) -> Iterator[Finding]:
    for name, drafted in draft.fields.items():
        if name in ELSEWHERE and not names_a_place(connection, name):
            message = (
                f"The rule {drafted.origin.rule} set {name}, but the connection names no place in Spectrum for it."
            )
            yield finding("FIELD_LENGTH_OTHER", message, field=name, origin=drafted.origin.rule)
        elif name not in LENGTHS and name not in ELSEWHERE:
            message = f"The rule {drafted.origin.rule} set {name!a}, which is not a field of a work order."
            yield finding("FIELD_LENGTH_OTHER", message, field=name, origin=drafted.origin.rule)


def _not_cleared(header: HeaderValue) -> Finding:
    message = (
        f"{opening(header.field)} is empty now, but the last send wrote {header.previous!r}; "
        "Spectrum ignores empty fields, so Jobferry cannot clear it in Spectrum."
    )
    return finding("CLEAR_NOT_POSSIBLE", message, severity=Severity.WARNING, field=header.field)


def _in_order(findings: list[Finding]) -> Iterator[Finding]:
    """The findings without duplicates: blockers, then warnings, then notes."""
    for severity in Severity:
        yield from dict.fromkeys(f for f in findings if f.severity is severity)

"""Choose the tasks that a send adds: one for each service of the job whose code the connection's table names.

Spectrum only adds tasks, and takes neither a correction nor a removal. So a task that is there stays as it is, and what
no longer agrees with ServiceTrade is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from core.model.catalogue import finding
from core.model.planning.account import Account
from core.model.planning.line_fold import FoldedItem, WantedLine
from core.model.planning.line_plan import LinePlan, left_by_name, line_of, next_round, plan_lines, posted_elsewhere
from core.model.shared.finding import Finding, Severity
from core.model.shared.origin import Origin
from core.model.work_orders.cost_line import (
    BY_HAND,
    TASK_CODE,
    TASK_QUANTITY,
    ItemsMode,
    LedgerLine,
    LeftOut,
    LinePurpose,
    LineState,
    LineValue,
)
from core.model.work_orders.item import ItemKind
from core.model.work_orders.job_service import DONE_OR_DUE, NOT_DONE, JobService, TasksMode, is_service, service_key

_ONE = LineValue(TASK_QUANTITY, "1", Origin("core", reason="a service is one task"))


def fold_services(services: Sequence[JobService], codes: Mapping[str, str]) -> Sequence[FoldedItem]:
    """The decision about each service. `codes` maps descriptions and service lines to Spectrum's task codes; a
    description comes before a line. A service without a code is left out: no code is guessed."""
    table = {service_key(name): (name, code) for name, code in codes.items()}
    return [_folded(one, table) for one in services]


def _folded(service: JobService, table: Mapping[str, tuple[str, str]]) -> FoldedItem:
    item = service.as_item
    if service.status in NOT_DONE:
        return _out(service, "not_done", f"it is {service.status} in ServiceTrade", "service.status")
    if service.status not in DONE_OR_DUE:
        reason = f"its status {service.status!a} is not known" if service.status else "ServiceTrade tells no status"
        return _out(service, "status_unknown", reason, "service.status")
    for text, source in ((service.description, "service.description"), (service.service_line, "service.service_line")):
        if text.strip() and (found := table.get(service_key(text))):
            name, code = found
            told = Origin(source, reason=f"the connection's tasks name {name!r}")
            return FoldedItem(item, WantedLine(item, ItemKind.TASK, (LineValue(TASK_CODE, code, told), _ONE)))
    about = f"its service line {service.service_line!r}" if service.service_line else "it"
    return _out(service, "no_task", f"the connection's tasks name no code for {about}", "setting.task_codes")


def plan_lines_and_tasks(
    folded: Sequence[FoldedItem],
    account: Account,
    mode: ItemsMode,
    tasks: TasksMode,
    send_id: str | None = None,
) -> LinePlan:
    """The lines that `mode` posts for the job's items, then the tasks that `tasks` adds for its services; both are in
    `folded`. `tasks` is NONE if the services were not read."""
    plan = plan_lines([one for one in folded if not is_service(one.item.id)], account, mode, send_id)
    services = [one for one in folded if is_service(one.item.id)]
    if tasks is TasksMode.NONE:
        return plan
    rows: dict[str, list[LedgerLine]] = defaultdict(list)
    for row in sorted(account.lines, key=lambda row: row.round):
        if is_service(row.item_id):
            rows[row.item_id].append(row)
    for one in services:
        _plan_task(plan, one, rows.pop(one.item.id, []), account, mode, tasks, send_id)
    if mode is ItemsMode.DIFFERENCE:
        for gone in rows.values():
            _tell_gone(plan, gone, account)
    return plan


def _plan_task(
    plan: LinePlan,
    folded: FoldedItem,
    rows: list[LedgerLine],
    account: Account,
    mode: ItemsMode,
    tasks: TasksMode,
    send_id: str | None,
) -> None:
    item, again = folded.item, tasks is TasksMode.AGAIN
    posted = [row for row in rows if row.state is LineState.POSTED]
    ours = any(not row.state.open and row.attempt_id != BY_HAND for row in rows)
    elsewhere = item.id in account.elsewhere
    if elsewhere and mode is ItemsMode.DIFFERENCE:
        plan.findings.append(posted_elsewhere(item.id, item.name))
    if any(row.state.unclear for row in rows):
        _wait_for_doubt(plan, rows[-1])
    elif again and any(row.send_id == send_id for row in posted):
        plan.left_out.append(left_by_name(item.id, item.name, "posted", "this send has added its task already"))
    elif posted and not again:
        _leave_standing(plan, folded, posted, mode)
    elif elsewhere and not ours and not again:
        reason = "another connection to this Spectrum company added its task or may have added it"
        plan.left_out.append(left_by_name(item.id, item.name, "posted_before", reason))
    elif folded.line is None:
        plan.left_out += [folded.left_out] if folded.left_out else []
        if folded.left_out and folded.left_out.code == "status_unknown":
            plan.findings.append(_unread(f"The service {_called(item.id, item.name)} is no task: {_why(folded)}."))
    else:
        purpose = LinePurpose.AGAIN if posted else LinePurpose.NEW
        plan.lines.append(line_of(folded.line, next_round(rows), purpose))
        if posted or (again and elsewhere):
            message = f"The task of {_called(item.id, item.name)} is added again, as requested: Spectrum has it twice."
            plan.findings.append(finding("DUPLICATE_ITEMS_RISK", message, severity=Severity.WARNING))


def _leave_standing(plan: LinePlan, folded: FoldedItem, posted: Sequence[LedgerLine], mode: ItemsMode) -> None:
    """Leave out a service whose task is in Spectrum. A send of the difference tells what it would correct of an item:
    that the task would be another one now, or that it is there more than once."""
    item, row, reason = folded.item, posted[-1], "its task was added before"
    if len(posted) > 1 and mode is ItemsMode.DIFFERENCE:
        message = f"The service {_called(item.id, item.name)} has {len(posted)} tasks on work order "
        plan.findings.append(_stays(f"{message}{row.work_order_number}, as was asked for."))
    wanted = next((v.value for v in folded.line.values if v.field == TASK_CODE), "") if folded.line else ""
    if row.code and wanted != row.code:
        now = f"would be task {wanted} now" if wanted else f"would be no task now: {_why(folded)}"
        reason = f"its task {row.code} was added before, and it {now}"
        if mode is ItemsMode.DIFFERENCE:
            message = f"The service {_called(item.id, item.name)} was added to Spectrum as task {row.code}; it {now}."
            plan.findings.append(_stays(message))
    plan.left_out.append(left_by_name(item.id, item.name, "posted", reason))


def _tell_gone(plan: LinePlan, rows: list[LedgerLine], account: Account) -> None:
    """Tell of a task whose service is no longer on the job."""
    last = rows[-1]
    if any(row.state.unclear for row in rows):
        _wait_for_doubt(plan, last)
    elif any(row.state is LineState.POSTED and row.job_id == account.job_id for row in rows):
        message = f"The service {_called(last.item_id, last.item_name)} is no longer on the job; its task {last.code} "
        plan.findings.append(_stays(f"{message}is still on work order {last.work_order_number}."))


def _wait_for_doubt(plan: LinePlan, row: LedgerLine) -> None:
    reason = "it is not known whether an earlier task of it was added"
    plan.left_out.append(left_by_name(row.item_id, row.item_name, "in_doubt", reason, Origin("core")))
    message = f"The service {_called(row.item_id, row.item_name)} waits until a person settles whether it was added."
    plan.findings.append(finding("IN_DOUBT_POST", message, severity=Severity.WARNING))


def services_not_read(why: str) -> Finding:
    """The warning of a send that goes on without tasks."""
    return _unread(f"The job's services were not read, so none of them becomes a task: {why}")


def _unread(message: str) -> Finding:
    return finding("SERVICES_NOT_READ", message, severity=Severity.WARNING)


def _stays(message: str) -> Finding:
    return finding("TASK_NOT_CORRECTED", message, severity=Severity.WARNING)


def _why(folded: FoldedItem) -> str:
    return folded.left_out.reason if folded.left_out else "it is left out"


def _called(item_id: str, name: str) -> str:
    return name.strip() or item_id


def _out(service: JobService, code: str, reason: str, source: str) -> FoldedItem:
    item = service.as_item
    left_out = LeftOut(
        item_id=item.id, item_name=item.name, item_type=item.type, code=code, reason=reason, origin=Origin(source)
    )
    return FoldedItem(item, left_out=left_out)

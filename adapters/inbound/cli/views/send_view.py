"""Prints a send: its outcome, its lines, each attempt, and what to do now."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.output import table
from core.model.planning.items_held import ITEMS_UNKNOWN
from core.model.planning.plan import RuleUsed
from core.model.sending.moment import outcome_of, outcome_of_hold, waits_for_a_person
from core.model.sending.progress import AnnotationProgress
from core.model.sending.send import Attempt, Send, SendState
from core.model.work_orders.annotation import AnnotationKind
from core.model.work_orders.cost_line import LedgerLine, LineState
from core.model.work_orders.line_words import line_words
from core.services.sending.read_sends import SendDetails

ATTEMPT_COLUMNS = ("Attempt", "Step", "Outcome", "What came back")
_LINE_STYLE = {
    LineState.POSTED: "green",
    LineState.REJECTED: "bold red",
    LineState.IN_DOUBT: "bold yellow",
    LineState.SENDING: "yellow",
}


def print_send(console: Console, details: SendDetails) -> None:
    send, connection = details.send, details.connection
    console.print(Text(details.outcome, words.STATE_STYLE.get(send.state, "bold")))
    for found in send.findings:
        console.print(words.finding(found, outcome_of(found, send.state, held=waits_for_a_person(connection))))
    if not send.state.settled and connection.paused:
        console.print(Text(f"The connection is paused: jobferry connections resume {connection.slug}", "yellow"))
    elif not send.state.settled and connection.hold and connection.hold.finding not in send.findings:
        console.print("The whole connection waits:", style="yellow")
        console.print(words.finding(connection.hold.finding, outcome_of_hold(connection.hold)))
    facts: list[list[str | Text]] = [
        ["State", words.state(send.state)],
        ["Job", f"{send.job_number} ({send.job_id})" if send.job_number else send.job_id],
        ["Connection", f"{connection.slug} ({connection.name})"],
        ["Work order", send.work_order_number or "-"],
        ["Done", words.marks(details.progress)],
        ["Requested", f"{words.moment(send.requested_at)} UTC by {send.requested_by}"],
    ]
    if send.plan:
        facts.append(["Rules", ", ".join(map(_rule, send.plan.rules))])
    if send.finished_at:
        facts.append(["Ended", f"{words.moment(send.finished_at)} UTC"])
    if send.waits_for:
        facts.append(["Waits for", f"{send.waits_for} (jobferry sends show {send.waits_for})"])
    if send.due_at:
        facts.append(["Next try", f"{words.moment(send.due_at)} UTC"])
    console.print(table((f"Send {send.id}", ""), facts))
    _print_ledger(console, details.lines)
    if details.annotations:
        rows = [_annotation_row(one, send) for one in details.annotations]
        console.print(table(("Beside it", "Text", "State"), rows))
    if details.attempts:
        console.print(table(ATTEMPT_COLUMNS, map(attempt_row, details.attempts)))
    if details.more_attempts:
        console.print(Text(f"Earlier attempts: jobferry sends attempts {send.id}"))
    if send.state is SendState.NEEDS_ATTENTION:
        if any(found.code == ITEMS_UNKNOWN for found in send.findings):
            how = f"jobferry jobs items-stand {send.job_id} --connection {connection.slug}"
            console.print(Text(f"To see its items and say which are in Spectrum: {how}", "bold"))
        console.print(Text(f"Once it is fixed: jobferry sends retry {send.id}", "bold"))


def _annotation_row(one: AnnotationProgress, send: Send) -> list[str | Text]:
    written = one.annotation
    place = "" if written.kind is AnnotationKind.DOCUMENT else f" in {written.place}"
    reference = f" (document {one.reference})" if one.reference else ""
    return [f"{written.kind.value}{place}", written.text_of(send.id), f"{one.state.value.replace('_', ' ')}{reference}"]


def _rule(rule: RuleUsed) -> str:
    configured = f" (configuration {rule.config_hash})" if rule.config_hash else ""
    return f"{rule.name} {rule.version}".strip() + configured


def attempt_row(attempt: Attempt) -> list[str | Text]:
    """The cells of ATTEMPT_COLUMNS."""
    outcome = Text(attempt.outcome, "green" if attempt.outcome == "accepted" else "yellow")
    return [words.moment(attempt.started_at), attempt.step.value.replace("_", " "), outcome, attempt.detail or "-"]


def _print_ledger(console: Console, lines: Sequence[LedgerLine]) -> None:
    if lines:
        rows: list[list[str | Text]] = [
            [
                line.id,
                line_words(line),
                Text(line.state.value.replace("_", " "), _LINE_STYLE.get(line.state, "")),
                line.settled_reason or "",
            ]
            for line in lines
        ]
        console.print(table(("Line", "", "State", "Reason given"), rows, whole=("Line",)))

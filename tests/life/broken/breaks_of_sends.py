"""Faults put back into how a send lives: what is planned, decided and stored."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from importlib import import_module
from typing import Any
from unittest.mock import patch

from core.model.planning import task_plan
from core.model.planning.line_plan import plan_lines as real_plan_lines
from core.model.sending.answer import Refused, Unknown
from core.model.sending.diagnosis import line_state as real_line_state
from core.model.sending.lifecycle import acts, header, lines, planned
from core.model.sending.lifecycle.change import Change
from core.model.sending.lifecycle.event import MarkedDone, Retried
from core.model.sending.send import HeaderState, Send, SendState, Step
from core.model.work_orders.cost_line import CODES, ItemsMode, LineState
from core.model.work_orders.job_service import TasksMode

Fault = AbstractContextManager[Any]
_DECIDE = import_module("core.model.sending.lifecycle.decide")  # the package has a function of that name, too


def all_of(*faults: Fault) -> Fault:
    stack = ExitStack()
    for fault in faults:
        stack.enter_context(fault)
    return stack


def put(module: str, name: str, value: Any) -> Fault:
    return patch(f"{module}.{name}", value)


def answers(value: Any) -> Any:
    """A coroutine function that does nothing and gives this."""

    async def call(*_: Any, **__: Any) -> Any:
        return value

    return call


def _rule(event: type[Any], rule: Any) -> Fault:
    return patch.dict(_DECIDE._RULES, {event: rule})


def holder_ignored() -> Fault:
    real = planned._not_yet
    return patch.object(planned, "_not_yet", lambda send, event, facts: real(send, event, replace(facts, holder=None)))


def marked_done_beside_another() -> Fault:
    return _rule(MarkedDone, lambda send, event, facts: acts.marked_done(send, event, replace(facts, holder=None)))


def moved_on_ignored() -> Fault:
    return put("core.model.sending.lifecycle.acts", "_refuse_if_moved_on", lambda *_: None)


def blocked_items_forgotten() -> Fault:
    real = acts._by_hand

    def planned_only(send: Any, event: Any, facts: Any) -> Any:
        return [row for row in real(send, event, facts) if row.place < len(send.plan.lines)]

    return patch.object(acts, "_by_hand", planned_only)


def failed_difference_made_up_for() -> Fault:
    def covers(new: Send, old: Send) -> bool:
        return old.items is ItemsMode.NONE or new.items is not ItemsMode.NONE

    return put("core.model.sending.lifecycle.endings", "covers", covers)


def others_looked_at_only_without_own_rows() -> Fault:
    def plan_lines(items: Any, account: Any, *rest: Any) -> Any:
        own = {row.item_id for row in account.lines}
        return real_plan_lines(items, replace(account, elsewhere=account.elsewhere - own), *rest)

    return all_of(
        put("core.model.planning.task_plan", "plan_lines", plan_lines),
        put("core.model.planning.line_plan", "plan_lines", plan_lines),
    )


def tasks_are_corrected_like_items() -> Fault:
    return put("core.model.planning.line_plan", "is_service", lambda _: False)


def tasks_are_added_each_time() -> Fault:
    real = task_plan._plan_task

    def plan_task(plan: Any, folded: Any, rows: Any, account: Any, mode: Any, _: Any, send_id: Any) -> None:
        real(plan, folded, rows, account, mode, TasksMode.AGAIN, send_id)

    return patch.object(task_plan, "_plan_task", plan_task)


def unclear_is_not_sent() -> Fault:
    def line_state(outcome: Any) -> LineState:
        return LineState.PLANNED if isinstance(outcome, Unknown) else real_line_state(outcome)

    return put("core.services.sending.steps.post_line", "line_state", line_state)


def bare_404_is_not_sent() -> Fault:
    real = import_module("adapters.outbound.spectrum.answer")._judge_status

    def judge_status(answer: Any, service: Any) -> Any:
        return Refused(()) if answer.status == 404 else real(answer, service)

    return put("adapters.outbound.spectrum.answer", "_judge_status", judge_status)


def refused_header_is_untouched() -> Fault:
    real = header._unclear

    def unclear(send: Any, event: Any, facts: Any) -> Change:
        untouched = event.outcome.status in (401, 403, 404)
        return header._refused(send, event, facts) if untouched else real(send, event, facts)

    return patch.object(header, "_unclear", unclear)


def other_number_gone_on_with() -> Fault:
    return put("core.model.sending.lifecycle.header", "returned_number", lambda *_: None)


def retry_keeps_the_plan() -> Fault:
    def retried(send: Any, event: Any, facts: Any) -> Change:
        change = acts.retried(send, event, facts)
        kept = send.state is SendState.NEEDS_ATTENTION and send.header is HeaderState.STANDS
        return change.but(send=replace(change.send, step=Step.WRITE_BACK)) if kept else change

    return _rule(Retried, retried)


def lines_given_back_are_posted() -> Fault:
    """The wall behind the new plan of a retry."""
    real = lines.line_begins

    def taken_again(send: Any, event: Any, facts: Any) -> Change:
        rows = [replace(row, given_back=False) if row.plan_id == send.plan_id else row for row in facts.lines]
        return real(send, event, replace(facts, lines=rows))

    return _rule(import_module("core.model.sending.lifecycle.event").LineBegins, taken_again)


def intent_lost_answer_lost() -> Fault:
    return put("core.model.sending.lifecycle.lines", "_intent_lost", lambda send, *_: Change(send=send))


def late_refusal_only_logged() -> Fault:
    real = lines._verdict_was_wrong

    def logged(send: Any, event: Any, *rest: Any) -> Change:
        posted = event.state is LineState.POSTED
        return real(send, event, *rest) if posted else Change(send=send, log="line.answered_after_verdict")

    return patch.object(lines, "_verdict_was_wrong", logged)


def corrections_look_at_the_code() -> Fault:
    return put("core.model.planning.line_plan", "SAME_LINE", {kind: (code,) for kind, code in CODES.items()})


def no_bound() -> Fault:
    """What changed while it was planned is planned again, each time at once."""
    real = planned._not_yet
    return patch.object(planned, "_not_yet", lambda send, event, facts: real(replace(send, attempts=0), event, facts))


def no_proof() -> Fault:
    return put("core.model.sending.lifecycle.report", "_not_shown", lambda *_: 0)


def evidence_at_once() -> Fault:
    return put("core.model.sending.lifecycle.lines", "quiet", lambda *_: True)


def unread_is_empty() -> Fault:
    from plugins.host import PluginHost

    real = PluginHost.posted_lines

    async def posted_lines(self: Any, *given: Any) -> Any:
        answer = await real(self, *given)
        return answer if isinstance(answer, tuple) else ()

    return patch.object(PluginHost, "posted_lines", posted_lines)


def first_reader_counts() -> Fault:
    return put("core.services.sending.steps.find_evidence", "agreed", lambda readings: readings[0] if readings else ())


def claims_kept() -> Fault:
    real = import_module("core.services.sending.lifecycle.commit_change").stored_change

    def stored_change(*given: Any) -> Any:
        return replace(real(*given), give_back=None)

    return put("core.services.sending.lifecycle.commit_change", "stored_change", stored_change)


def owner_by_address() -> Fault:
    from core.services.planning.plan_send import PlanSend

    real = PlanSend._what_stands

    async def what_stands(self: Any, reading: Any, *rest: Any, **more: Any) -> Any:
        record = reading.record and replace(reading.record, claim_owner=None)
        return await real(self, replace(reading, record=record), *rest, **more)

    return patch.object(PlanSend, "_what_stands", what_stands)


def spoken_of_at_once() -> Fault:
    return put("core.model.connections.connection.ItemsHold", "too_fresh", lambda *_: False)


def former_addresses_forgotten() -> Fault:
    return put("core.services.connections.manage_connection", "_moved", lambda _, wanted: wanted)


def former_addresses_not_proved() -> Fault:
    """Whoever names an address counts as one who was let in there."""

    def moved(before: Any, wanted: Any) -> Any:
        return replace(real(before, wanted), endpoint_used=True)

    real = import_module("core.services.connections.manage_connection")._moved
    return put("core.services.connections.manage_connection", "_moved", moved)


def any_newer_call() -> Fault:
    return put(
        "core.model.sending.lifecycle.lines", "_newer_call", lambda event, row: row.attempt_id != event.attempt_id
    )


def posted_by_others_ignored() -> Fault:
    real = acts._posted_since

    def own_only(send: Any, line: Any, facts: Any) -> bool:
        account = facts.account and replace(facts.account, elsewhere=frozenset())
        return real(send, line, replace(facts, account=account))

    return patch.object(acts, "_posted_since", own_only)


def no_newer_call() -> Fault:
    return put("core.model.sending.lifecycle.lines", "_newer_call", lambda *_: False)

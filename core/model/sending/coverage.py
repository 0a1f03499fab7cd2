"""Whether a later send of a job includes all that an earlier one was to send."""

from __future__ import annotations

from collections.abc import Mapping

from core.model.sending.send import Send
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.job_service import TasksMode, is_service

_COVERED_BY: Mapping[ItemsMode, frozenset[ItemsMode]] = {
    ItemsMode.NONE: frozenset(ItemsMode),
    ItemsMode.NEW_ONLY: frozenset({ItemsMode.NEW_ONLY, ItemsMode.DIFFERENCE, ItemsMode.AGAIN}),
    ItemsMode.DIFFERENCE: frozenset({ItemsMode.DIFFERENCE}),
    ItemsMode.AGAIN: frozenset({ItemsMode.AGAIN}),
}
"""A second set corrects nothing; new items alone neither correct nor repeat what is in Spectrum."""
_TASKS_COVERED_BY: Mapping[TasksMode, frozenset[TasksMode]] = {
    TasksMode.NONE: frozenset(TasksMode),
    TasksMode.NEW_ONLY: frozenset({TasksMode.NEW_ONLY, TasksMode.AGAIN}),
    TasksMode.AGAIN: frozenset({TasksMode.AGAIN}),
}


def covers(send: Send, older: Send) -> bool:
    """Whether `send` includes all that an older one of the same job was to send."""
    tasks = not _may_have_tasks(older) or send.tasks in _TASKS_COVERED_BY[older.tasks]
    return send.items in _COVERED_BY[older.items] and tasks


def _may_have_tasks(send: Send) -> bool:
    """Whether its plan names a service of the job. A plan that is not made yet may."""
    if send.items is ItemsMode.NONE or send.tasks is TasksMode.NONE:
        return False
    plan = send.plan
    if plan is None:
        return True
    return any(map(is_service, [*(line.item_id for line in plan.lines), *(item.item_id for item in plan.blocked)]))

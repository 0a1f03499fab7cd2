"""The settings of a connection about work order tasks. Off by default: then services are not even read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.model.connections.creation_settings import CreationSettings
from core.model.shared.setting import is_code, setting
from core.model.work_orders.cost_line import LINE_LENGTHS, TASK_CODE
from core.model.work_orders.item import ItemKind
from core.model.work_orders.job_service import service_key

TASKS = "Tasks"
MOST_TASK_CODES = 200
LONGEST_SERVICE = 200
_SIGN = "="
"""Stands between service and code where people type them."""
_CODE = LINE_LENGTHS[ItemKind.TASK][TASK_CODE]


class SendTasks(StrEnum):
    """When the services of a job are sent as work order tasks."""

    OFF = "off"
    """Never"""
    WITH_ITEMS = "with_items"
    """Whenever the items of a completed job are sent, unless that send says otherwise"""


def _are_task_codes(codes: Mapping[str, str]) -> bool:
    named = {service_key(name) for name in codes}
    return (
        len(codes) <= MOST_TASK_CODES
        and len(named) == len(codes)
        and all(map(_is_service, codes))
        and all(map(_is_task_code, codes.values()))
    )


def _is_service(name: str) -> bool:
    return bool(name.strip()) and len(name) <= LONGEST_SERVICE and name.isprintable() and _SIGN not in name


def _is_task_code(code: str) -> bool:
    return bool(is_code(_CODE, required=True)(code)) and _SIGN not in code


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSettings(CreationSettings):
    """`task_codes` maps a service's description, or its service line, to a task code of Spectrum. A service that it
    does not name becomes no task."""

    send_tasks: SendTasks = setting(
        SendTasks.OFF,
        title="Services as work order tasks",
        group=TASKS,
        help="Needs the service AddWOTask at the Authorization ID. Spectrum can only add tasks: Jobferry cannot change"
        " or remove one later.",
        words={"off": "Never", "with_items": "Together with the items of a completed job"},
    )
    task_codes: Mapping[str, str] = setting(
        default_factory=dict,
        title="Tasks for services",
        group=TASKS,
        help="One on each line: a service's description or its service line, an equals sign, and Spectrum's task code,"
        " such as Sprinkler = INSP. A description comes before a service line. Services without a line here are left"
        " out.",
        valid=_are_task_codes,
        rule=f"each service once, with a task code of 1 to {_CODE} characters; at most {MOST_TASK_CODES} services",
        example={"Sprinkler": "INSP", "Check valve replacement": "REPAIR"},
    )

    @property
    def sends_tasks(self) -> bool:
        return self.send_tasks is not SendTasks.OFF

"""A job's services as in ServiceTrade ("service requests"), which may become work order tasks in Spectrum.

Source: the samples of ServiceTrade's job (id, description, status) and its official client libraries (the list
`GET /servicerequest?jobId=`, the statuses). Not documented: whether a service has a quantity (none is read), and
further statuses.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.model.work_orders.item import JobItem

SERVICE_TYPE = "service request"
"""The `type` of a service where it stands among items."""
DONE_OR_DUE = frozenset({"open", "in_progress", "closed"})
"""The statuses of services that belong to the work. An open one may be closed when the job is completed."""
NOT_DONE = frozenset({"void", "canceled", "cancelled"})
"""The statuses of services that are no part of the work."""
_PREFIX = "service-"
_LONGEST_NAME = 80


class TasksMode(StrEnum):
    """Which services of a job are sent as work order tasks, on a connection that sends tasks. They go with the items of
    a completed job, and never without."""

    NONE = "none"
    """No tasks in this send"""
    NEW_ONLY = "new_only"
    """Services that have no task yet"""
    AGAIN = "again"
    """All services again, which makes a second set of tasks in Spectrum"""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobService:
    """One service of a job. `status` is in small letters, '' if ServiceTrade tells none; `service_line` is the line's
    name or short form, '' for none."""

    id: str
    description: str = ""
    status: str = "closed"
    service_line: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("a service needs an id")

    @property
    def as_item(self) -> JobItem:
        """The service among the items of a plan or an account. Its id says that it is a service: an item may have the
        same number."""
        words = " ".join(self.description.split())
        name = words if len(words) <= _LONGEST_NAME else words[: _LONGEST_NAME - 1].rstrip() + "…"
        return JobItem(
            id=_PREFIX + self.id,
            name=name,
            type=SERVICE_TYPE,
            quantity=None,
            cost=None,
            service_line=self.service_line,
        )


def is_service(item_id: str) -> bool:
    """Whether this id of an item is that of a service."""
    return item_id.startswith(_PREFIX)


def service_key(text: str) -> str:
    """A service's description or line for comparison: neither case nor the number of spaces matters."""
    return " ".join(text.split()).casefold()

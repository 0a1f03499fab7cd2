"""The due work of all tenants, as the workers see it: it is admitted to the queue in a fair order."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

DUE_CHANNEL = "jobferry_due"
"""PostgreSQL notifies it when work becomes due in a commit."""


class WorkKind(StrEnum):
    """A kind of work. The name is also that of its task and of its queue. `subject` names what the work is about."""

    DRAIN = "drain"
    """The due sends of a connection."""
    COMPLETIONS = "completion_sync"
    """The hints and the poll of a tenant."""
    DELIVERY = "webhook_delivery"
    """The due events of a webhook endpoint."""
    EXPIRY = "secret_expiry"
    """The check of a connection's client secret."""
    CODES = "code_refresh"
    """The lists of codes of a connection."""
    NOTIFICATION = "notification"
    """The due messages of a recipient."""
    RECONCILIATION = "reconciliation"
    """The next part of a reconciliation."""
    SUGGESTIONS = "suggestions"
    """The search for the codes of a connection, and the codes that people confirmed."""


@dataclass(frozen=True, slots=True)
class DueSubject:
    """What is worked on. One subject is never worked on twice at the same time."""

    kind: WorkKind
    tenant_id: str
    subject: str


@dataclass(frozen=True, slots=True)
class Slots:
    """How much one worker does at the same time, in all, and for one tenant. A tenant may have as many places in the
    whole installation as all living workers give it together."""

    total: int
    of_a_tenant: int


@dataclass(frozen=True, slots=True)
class Admission:
    """Who waits for a slot after it. `slots_short`: a tenant that is below its share found none free. `at_share`: the
    tenants with more due work than their share of the slots. `next_in`: seconds until more becomes due by itself."""

    slots_short: bool = False
    at_share: frozenset[str] = frozenset()
    next_in: float | None = None

    def gives_way(self, tenant_id: str) -> bool:
        """Whether this tenant's running work ends after its slice, because its slot is of use to others."""
        return self.slots_short or tenant_id in self.at_share


class DueWork(Protocol):
    @abstractmethod
    async def admit(
        self, kinds: Collection[WorkKind], slots: Slots, *, worker_id: int | None, stalled: float
    ) -> Admission:
        """Queue due work of these kinds for the free slots of this worker. The tenant with the fewest places comes
        first, then the one whose last turn is longest ago. Only workers with a heartbeat in the last `stalled` seconds
        count."""
        ...

    @abstractmethod
    async def put_back(self, work: DueSubject) -> None:
        """It goes on after those that are due already."""
        ...

    @abstractmethod
    async def postpone(self, work: DueSubject) -> None:
        """It failed: try again after a pause that grows with each failure in a row, up to a minute."""
        ...

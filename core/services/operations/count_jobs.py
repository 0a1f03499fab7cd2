"""How much waits for people: the counts that every page, the API, the command line and the metrics show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.model.catalogue import CATALOGUE
from core.model.connections.connection import Connection
from core.model.operations.job_counts import JobCounts
from core.model.sending.send import DashboardWarning
from core.model.shared.finding import Retry
from core.services.service import Service
from ports.storage.transactions import TenantTransaction

MOST_NOTICES = 500


@dataclass(frozen=True, slots=True)
class Notice:
    """What is open and belongs to no send, by cause: a secret that ends soon, jobs that cannot be read, and so on."""

    warnings: Sequence[DashboardWarning]

    @property
    def code(self) -> str:
        return self.warnings[0].finding.code

    @property
    def jobs(self) -> int:
        return len({one.job_id for one in self.warnings if one.job_id})

    @property
    def by_itself(self) -> bool:
        """Jobferry looks again by itself; no person has to act."""
        entry = CATALOGUE.get(self.code)
        return entry is not None and entry.retry is Retry.BACKOFF


@dataclass(frozen=True, slots=True)
class Attention:
    """What waits for a person: `jobs`, new records, notes and documents to check, connections that are `held` until
    somebody acts, and `notices`."""

    jobs: JobCounts
    held: int
    notices: int

    @property
    def total(self) -> int:
        """The number in a browser's title."""
        return sum((self.jobs.attention, self.jobs.new_records, self.jobs.unclear_annotations, self.held, self.notices))


class CountJobs(Service):
    async def __call__(self, tenant_id: str) -> Attention:
        """Reads our own rows only."""
        async with self._transactions.begin(tenant_id) as t:
            connections = [one.shown_at(self._clock.now()) for one in await t.connections.all()]
            return attention(await t.counts.jobs(), connections, await notices(t))


def attention(jobs: JobCounts, connections: Iterable[Connection], found: Iterable[Notice]) -> Attention:
    held = [one for one in connections if held_for_a_person(one)]
    # The connection itself is counted, and not its notice, which a person may have dismissed.
    told = {one.items_hold.finding.code for one in held if one.items_hold}
    return Attention(jobs, len(held), sum(not one.by_itself and one.code not in told for one in found))


def held_for_a_person(connection: Connection) -> bool:
    """Whether a person has to end a hold of it. One that a person paused waits for nobody."""
    return not connection.paused and (connection.stopped or connection.items_hold is not None)


async def notices(t: TenantTransaction) -> Sequence[Notice]:
    """By cause, those with the newest warning first."""
    by_code: dict[str, list[DashboardWarning]] = {}
    for warning in await t.warnings.beside_sends(limit=MOST_NOTICES):
        by_code.setdefault(warning.finding.code, []).append(warning)
    return [Notice(found) for found in by_code.values()]

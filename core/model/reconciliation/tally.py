"""How a reconciliation stands: how many jobs are accounted for, and of each kind of difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.model.reconciliation.entry import ACCOUNTED, DIFFERS, UNCOMPARED, Kind, Sums, mark_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationTally:
    """`listed` jobs, of which `checked` were compared. `marks` counts them by mark, `sums` are by connection."""

    listed: int = 0
    checked: int = 0
    marks: Mapping[str, int] = field(default_factory=dict)
    sums: Mapping[str, Sums] = field(default_factory=dict)

    def of(self, kind: Kind, connection: str | None = None) -> int:
        """The jobs with this kind of difference. A job with several kinds counts in each."""
        return self.marks.get(mark_of(kind.value, connection), 0)

    def accounted(self, connection: str | None = None) -> int:
        return self.marks.get(mark_of(ACCOUNTED, connection), 0)

    def differs(self, connection: str | None = None) -> int:
        """The jobs with any difference, each counted once."""
        return self.marks.get(mark_of(DIFFERS, connection), 0)

    def uncompared(self, connection: str | None = None) -> int:
        """The jobs of which something in Spectrum is not known here, so that it was not compared."""
        return self.marks.get(mark_of(UNCOMPARED, connection), 0)

    def jobs(self, connection: str) -> int:
        """The jobs that were sent by this connection, or should be."""
        return self.marks.get(f"{connection}/", 0)

    @property
    def connections(self) -> list[str]:
        """The slugs of connections with jobs; '' stands for jobs that belong to none yet."""
        return sorted(mark[:-1] for mark in self.marks if mark.endswith("/"))

    @property
    def total(self) -> Sums:
        return sum(self.sums.values(), Sums())

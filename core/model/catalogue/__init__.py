"""The catalogue of failures: every code that a user can see, with its cause, its fix and who can apply the fix.

A released code never changes. docs/failures.md is generated from this catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from core.model.catalogue import cost_lines, job, service, systems, work_order
from core.model.catalogue.entry import Entry
from core.model.shared.finding import Finding, Severity

__all__ = ["CATALOGUE", "THEMES", "Entry", "finding"]

THEMES: Mapping[str, tuple[Entry, ...]] = MappingProxyType(
    {
        "The job and its links": job.LINKS,
        "Numbers and values": job.VALUES,
        "Spectrum refuses a value": work_order.REFUSALS,
        "The work order's state in Spectrum": work_order.STATES,
        "Materials and other charges": cost_lines.COST_LINES,
        "Several sends of one job": cost_lines.SEVERAL_SENDS,
        "The way to Spectrum": systems.SPECTRUM,
        "The way to ServiceTrade": systems.SERVICETRADE,
        "Jobferry itself": service.ENTRIES,
    }
)

CATALOGUE: Mapping[str, Entry] = MappingProxyType(
    {entry.code: entry for entries in THEMES.values() for entry in entries}
)


def finding(
    code: str,
    message: str,
    *,
    severity: Severity = Severity.BLOCKER,
    field: str | None = None,
    origin: str | None = None,
    fix: tuple[str, ...] | None = None,
) -> Finding:
    """A finding with `message` for this case; the catalogue gives the rest. Raises KeyError for an unknown code."""
    entry = CATALOGUE[code]
    return Finding(
        code=code,
        severity=severity,
        message=message,
        cause=entry.cause,
        fix=entry.fix if fix is None else fix,
        owner=entry.owner,
        retry=entry.retry,
        field=field,
        origin=origin,
    )

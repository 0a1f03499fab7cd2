"""The catalogue of failures: every code that a user can see, with its cause, its fix and who can apply the fix.

A released code never changes. docs/failures.md is generated from this catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from core.model.catalogue import (
    cost_lines,
    creations,
    job,
    notes,
    service,
    servicetrade,
    several_sends,
    spectrum_access,
    tasks,
    values,
    work_order,
)
from core.model.catalogue.entry import AS_THE_MESSAGE_SAYS, Entry
from core.model.shared.advice import PROGRAMS, Door, Outcome
from core.model.shared.errors import JobferryError, OperatorMends, TenantMends, TimeMends
from core.model.shared.finding import Finding, Retry, Severity

__all__ = ["CATALOGUE", "THEMES", "Entry", "advice_for", "advised", "finding", "fix_of"]

THEMES: Mapping[str, tuple[Entry, ...]] = MappingProxyType(
    {
        "The job and its links": job.LINKS,
        "Numbers and values": values.VALUES,
        "Spectrum refuses a value": work_order.REFUSALS,
        "The work order's state in Spectrum": work_order.STATES,
        "Note and marker of the work order": notes.ANNOTATIONS,
        "Materials and other charges": cost_lines.COST_LINES,
        "Tasks": tasks.TASKS,
        "Several sends of one job": several_sends.SEVERAL_SENDS,
        "New sites and customers": creations.CREATIONS,
        "The way to Spectrum": spectrum_access.SPECTRUM,
        "The way to ServiceTrade": servicetrade.ENTRIES,
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
    entry = CATALOGUE.get(code)
    if entry is None:  # told to authors of plugins, who may take it for a name of their own
        raise KeyError(f"{code} is no code of Jobferry; docs/failures.md has them all")
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


def advice_for(found: Finding, outcome: Outcome, door: Door) -> tuple[str, ...]:
    """What this reader can do about a finding at this moment. A finding with steps of its own keeps
    these. If its origin is a failure too, the advice about that stands in it."""
    entry = CATALOGUE.get(found.code)
    if entry is None or found.fix != entry.fix:
        return found.fix
    steps = entry.steps(outcome, door)
    reason = CATALOGUE.get(found.origin or "")
    if AS_THE_MESSAGE_SAYS not in steps or reason is None or reason.retry is Retry.BACKOFF:
        return steps
    place = steps.index(AS_THE_MESSAGE_SAYS)
    return (*steps[:place], *reason.steps(Outcome.NOTED, door), *steps[place + 1 :])


def advised(found: Finding, outcome: Outcome, door: Door) -> Finding:
    """The finding with the steps that this reader can take at this moment."""
    return replace(found, fix=advice_for(found, outcome, door))


def fix_of(error: JobferryError, door: Door) -> str:
    """What this reader can do about an error that ended a page, a call or a command. Nothing tries it again."""
    entry = CATALOGUE.get(error.code)
    if isinstance(error, OperatorMends) and door not in PROGRAMS:
        entry = CATALOGUE["OPERATOR_SETUP"]
    if entry and isinstance(error, TenantMends | TimeMends | OperatorMends):
        return " ".join(entry.steps(Outcome.REFUSED, door))
    return error.fix

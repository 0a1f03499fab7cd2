"""A rehearsal: the same jobs planned with the present rules and with other rules, and the differences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.model.planning.line_fold import FoldedItem
from core.model.planning.plan import SendPlan
from core.model.shared.finding import Finding
from core.model.shared.origin import Origin

KIND = "kind"
"""An item's kind (material or other charge), compared like the fields of its line."""
LEFT_OUT = "left_out"
"""Why an item is left out."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value before and after, '' if there is none. `origin` is that of the value after, or of the removed one."""

    field: str
    before: str
    after: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class ItemChange:
    """One item with differences: its kind, the reason to leave it out, or fields of its line."""

    item_id: str
    item_name: str
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsedJob:
    """One job. `blockers_new` are the blockers that the other rules add, `blockers_gone` those that they remove.

    `newly_failing`: with or without items, it passes now and fails with the other rules. `problem`: it was not read.
    """

    job_id: str
    job_number: str | None = None
    number_before: str = ""
    number_after: str = ""
    fields: tuple[FieldChange, ...] = ()
    items: tuple[ItemChange, ...] = ()
    blockers_new: tuple[Finding, ...] = ()
    blockers_gone: tuple[Finding, ...] = ()
    newly_failing: bool = False
    newly_passing: bool = False
    problem: Finding | None = None

    @property
    def changed(self) -> bool:
        return bool(self.fields or self.items or self.blockers_new or self.blockers_gone)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The jobs, newest first. `stopped` says why it ended before all jobs were planned, else ''."""

    jobs: tuple[RehearsedJob, ...]
    stopped: str = ""

    @property
    def changed(self) -> int:
        return sum(job.changed for job in self.jobs)

    @property
    def newly_failing(self) -> int:
        return sum(job.newly_failing for job in self.jobs)

    @property
    def unreadable(self) -> int:
        """Jobs of which nothing is known."""
        return sum(job.problem is not None for job in self.jobs)


def compare(
    before: SendPlan, after: SendPlan, items_before: Sequence[FoldedItem], items_after: Sequence[FoldedItem]
) -> RehearsedJob:
    """The differences between two plans of the same job."""
    blockers, blockers_before = after.blockers, before.blockers
    was, will = _passes(before, items_before), _passes(after, items_after)
    return RehearsedJob(
        job_id=after.job_id,
        job_number=after.job_number,
        number_before=before.number,
        number_after=after.number,
        fields=tuple(_changes(_header(before), _header(after))),
        items=tuple(_item_changes(items_before, items_after)),
        blockers_new=tuple(found for found in blockers if found not in blockers_before),
        blockers_gone=tuple(found for found in blockers_before if found not in blockers),
        newly_failing=any(passed and not passes for passed, passes in zip(was, will, strict=True)),
        newly_passing=all(will) and not all(was),
    )


def _passes(plan: SendPlan, items: Sequence[FoldedItem]) -> tuple[bool, bool]:
    """Whether the job itself could be sent, and whether its items could."""
    of_items = {found for folded in items for found in folded.findings}
    return all(found in of_items for found in plan.blockers), not any(folded.blocked for folded in items)


_Values = Mapping[str, tuple[str, Origin]]


def _header(plan: SendPlan) -> _Values:
    return {one.field: (one.source_value, one.origin) for one in plan.header}


def _item(folded: FoldedItem) -> _Values:
    if folded.left_out:
        return {LEFT_OUT: (folded.left_out.reason, folded.left_out.origin)}
    if folded.line is None:
        return {}
    values = {one.field: (one.value, one.origin) for one in folded.line.values}
    return {KIND: (folded.line.kind.value, Origin("rule")), **values}


def _item_changes(before: Sequence[FoldedItem], after: Sequence[FoldedItem]) -> Iterator[ItemChange]:
    for old, new in zip(before, after, strict=True):
        if changes := tuple(_changes(_item(old), _item(new))):
            yield ItemChange(new.item.id, new.item.name, changes)


def _changes(before: _Values, after: _Values) -> Iterator[FieldChange]:
    for field in dict.fromkeys((*before, *after)):
        old, new = before.get(field), after.get(field)
        if (old[0] if old else "") != (new[0] if new else ""):
            origin = new[1] if new else old[1] if old else Origin("rule")
            yield FieldChange(field, old[0] if old else "", new[0] if new else "", origin)

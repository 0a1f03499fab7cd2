"""A reconciliation's result in one sentence, the same on every page, in the summary and on the command line."""

from __future__ import annotations

from collections.abc import Mapping

from core.model.reconciliation.entry import Kind
from core.model.reconciliation.run import Reconciliation, RunState
from core.model.reconciliation.tally import ReconciliationTally

DIFFERENCES: Mapping[Kind, str] = {
    Kind.DOUBLED: "Doubled",
    Kind.UNCLEAR: "Unclear",
    Kind.MISSING: "Missing",
    Kind.DRIFTED: "Changed since",
    Kind.NEVER_ASKED: "Items never chosen",
    Kind.WAITING: "Waiting",
    Kind.UNREADABLE: "Not readable",
}


def days_words(run: Reconciliation) -> str:
    first, last = (f"{day.day} {day:%b %Y}" for day in (run.first_day, run.last_day))
    return first if first == last else f"{first} to {last}"


def result_words(run: Reconciliation, tally: ReconciliationTally) -> str:
    """What is known of these days. It never sounds complete if it is not."""
    if run.running:
        done = f"{tally.checked:,} of {_jobs(tally.listed)} compared so far" if tally.listed else "It has just begun"
        return f"{done}. It waits, and continues by itself: {run.trouble}" if run.trouble else f"{done}."
    if run.state is RunState.INCOMPLETE:
        found = f" Of {_jobs(tally.checked)} compared, {_differ(tally)}." if tally.checked else ""
        return f"Not all completed jobs could be compared: {run.reason}{found}"
    if not tally.checked:
        return "No job was completed."
    if not tally.differs():
        one = tally.checked == 1
        return f"{'The one completed job is' if one else f'All {tally.checked:,} completed jobs are'} accounted for."
    return f"Of {_jobs(tally.checked)} completed, {_differ(tally)}."


def uncompared_words(tally: ReconciliationTally) -> str:
    """Of how many jobs a part is not known here: they may be accounted for, and yet differ. '' if of none."""
    number = tally.uncompared()
    return f"{_jobs(number)} could not be compared whole, because a part was not sent from here." if number else ""


def _differ(tally: ReconciliationTally) -> str:
    number = tally.differs()
    if not number:
        return "all are accounted for"
    return f"{number:,} {'is' if number == 1 else 'are'} not accounted for"


def _jobs(number: int) -> str:
    return f"{number:,} {'job' if number == 1 else 'jobs'}"

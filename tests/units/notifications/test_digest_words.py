"""What the daily summary says of completed jobs never sounds more complete than what is known."""

from __future__ import annotations

from core.model.notifications.digest import CompletedJobs
from core.model.reconciliation.run import RunState
from core.model.reconciliation.tally import ReconciliationTally
from tests.support.reconciliation_scene import a_run


def words(**marks: int) -> str:
    tally = ReconciliationTally(listed=3, checked=3, marks=marks)
    return CompletedJobs(run=a_run(state=RunState.WHOLE), tally=tally).words


def test_jobs_of_which_a_part_is_not_known_are_told_beside_those_that_are_accounted_for() -> None:
    assert words(accounted=3) == "All 3 completed jobs are accounted for."
    of_one = "1 job could not be compared whole, because a part was not sent from here."
    assert words(accounted=3, uncompared=1) == f"All 3 completed jobs are accounted for. {of_one}"
    of_two = "2 jobs could not be compared whole, because a part was not sent from here."
    assert words(accounted=2, differs=1, uncompared=2) == f"Of 3 jobs completed, 1 is not accounted for. {of_two}"

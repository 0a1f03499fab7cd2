"""What the daily summary says of completed jobs never sounds more complete than what is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.model.notifications.digest import CompletedJobs, DigestFacts, digest_content
from core.model.operations.job_counts import JobCounts
from core.model.reconciliation.run import RunState
from core.model.reconciliation.tally import ReconciliationTally
from core.model.tenants.tenant import Tenant
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


def test_notes_and_documents_to_check_are_told_in_the_subject_and_in_a_sentence() -> None:
    now = datetime(2026, 7, 8, 6, tzinfo=UTC)
    tenant = Tenant(id="ten_1", slug="cardinal", name="Cardinal")

    def told(number: int) -> tuple[str, str]:
        facts = DigestFacts(
            since=now - timedelta(days=1),
            until=now,
            finished={},
            jobs=JobCounts(unclear_annotations=number),
            notices=(),
            doubts=(),
            new_records=(),
            connections=(),
            completed=None,
        )
        content = digest_content(facts, tenant, UTC)
        return content.subject, " ".join(content.lead)

    subject, lead = told(2)
    assert "2 notes and documents to check" in subject
    assert "2 notes and documents of sent jobs may be in Spectrum or not: see Check in Spectrum." in lead
    assert "1 note or document of sent jobs" in told(1)[1]
    assert "document" not in " ".join(told(0))

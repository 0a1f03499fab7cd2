"""The jobs completed in a period, under answers of every kind: never a part for the whole."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.model.reconciliation.run import ListedJob
from core.model.shared.errors import JobferryError, TenantMends, TimeMends
from tests.support.servicetrade_script import Answer, scripted

SINCE, UNTIL = (datetime.fromtimestamp(seconds, UTC) for seconds in (1795000000, 1795086400))


def jobs(*rows: str, total: str = "1") -> Answer:
    return Answer(f'{{"jobs": [{", ".join(rows)}], "totalPages": {total}}}')


def job(number: int, completed: int = 1795000000, status: str = "completed") -> str:
    return f'{{"id": {number}, "status": "{status}", "completedOn": {completed}, "updated": {completed}}}'


async def listed(*answers: Answer) -> tuple[list[ListedJob], list[str]]:
    async with scripted(*answers) as script:
        reading = script.service_trade.completed_between(script.account, SINCE, UNTIL)
        found = [one async for one in reading]
    return found, script.asked


async def test_the_time_on_each_job_decides_whatever_the_filters_of_servicetrade_include() -> None:
    rows = [job(1, 1794999999), job(2), job(3, 1795086399), job(4, 1795086400), job(5, status="scheduled")]
    found, [asked] = await listed(jobs(*rows))
    assert [one.id for one in found] == ["2", "3"]
    assert asked == "GET /job?status=all&completedOnBegin=1794999999&completedOnEnd=1795086401&page=1&limit=100"


async def test_invoiced_jobs_are_completed_too() -> None:
    found, _ = await listed(jobs(job(1, status="invoiced"), job(2, status="closed"), job(3, status="canceled")))
    assert [one.id for one in found] == ["1", "2"]


@pytest.mark.parametrize(
    "row", ['{"id": 7}', '{"id": 7, "status": "completed"}', '{"id": 7, "status": "completed", "completedOn": "soon"}']
)
async def test_a_record_that_cannot_be_read_is_told_and_hides_no_other(row: str) -> None:
    found, _ = await listed(jobs(row, job(2)))
    assert [(one.id, bool(one.unreadable)) for one in found] == [("7", True), ("2", False)]


async def test_a_record_without_an_id_is_told() -> None:
    found, _ = await listed(jobs('{"status": "completed"}', "7"))
    assert {(one.id, one.unreadable) for one in found} == {("", "it has no id")}


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ((jobs(job(1), total="3"), jobs(total="3")), TimeMends),
        ((jobs(job(1), total="2"), jobs(job(1), total="2")), TimeMends),
        ((jobs(job(1), total="2"), jobs(job(1, 1795000009), total="2")), TimeMends),
        ((jobs(job(1), total="2"), Answer(status=503)), TimeMends),
        ((Answer("{}"),), TenantMends),
    ],
    ids=["an empty page in the middle", "the same page twice", "a job in two forms", "no second page", "no list"],
)
async def test_pages_that_are_missing_or_do_not_match_are_no_short_list(
    answers: tuple[Answer, ...], kind: type[JobferryError]
) -> None:
    with pytest.raises(kind):
        await listed(*answers)

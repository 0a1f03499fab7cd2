"""Completing a job, and the list of completed ones, under answers of every kind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from core.model.planning.job import ChangedJob, CompletedJob
from core.model.shared.errors import JobferryError, NotFound, TenantMends, TimeMends
from tests.support.servicetrade_scene import Scene
from tests.support.servicetrade_scene import scene as started
from tests.support.servicetrade_script import Answer, scripted

MOMENT = datetime.fromtimestamp(1795180320, UTC)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with started() as scene:
        yield scene


async def completed(scene: Scene) -> CompletedJob:
    return await scene.service_trade.complete_job(scene.account, scene.job_id)


@pytest.mark.parametrize("shape", ["flat", "compound"])
async def test_one_read_and_one_write_complete_a_job(scene: Scene, shape: str) -> None:
    scene.state.alter({"settings": {"job_shape": shape}})
    told = await completed(scene)
    moment = scene.state.jobs[scene.job_id].completed_on
    assert moment is not None
    assert told == CompletedJob(scene.job_id, datetime.fromtimestamp(moment, UTC))
    assert (scene.count("GET", "/job/"), scene.count("PUT", "/job/")) == (1, 1)
    assert await completed(scene) == told
    assert scene.count("PUT", "/job/") == 1


@pytest.mark.parametrize("status", ["pending_invoice", "sending_invoice", "invoiced", "closed"])
async def test_a_job_that_is_further_on_is_not_thrown_back(scene: Scene, status: str) -> None:
    scene.state.jobs[scene.job_id].status = status
    scene.state.jobs[scene.job_id].completed_on = 1795180320
    assert await completed(scene) == CompletedJob(scene.job_id, MOMENT)
    assert scene.state.jobs[scene.job_id].status == status


OPEN = Answer('{"id": 12, "status": "scheduled"}')
DONE = Answer('{"id": 12, "status": "Completed", "completedOn": 1795180320}')


@pytest.mark.parametrize(
    "told",
    [
        "null",
        "[]",
        '{"status": "completed"}',
        '{"id": 12, "status": "completed", "completedOn": null}',
        '{"id": 12}',
        '{"id": 13, "status": "completed", "completedOn": 1}',
        '{"id": 12, "status": ["completed"]}',
    ],
)
async def test_an_answer_that_does_not_tell_is_followed_by_a_reading(told: str) -> None:
    async with scripted(OPEN, Answer(told), DONE) as script:
        assert await script.service_trade.complete_job(script.account, "12") == CompletedJob("12", MOMENT)
    assert script.asked == ["GET /job/12", "PUT /job/12", "GET /job/12"]


async def test_the_moment_may_be_a_text_or_stay_untold() -> None:
    text = Answer('{"id": "12", "status": "completed", "completedOn": "1795180320"}')
    untold = Answer('{"id": 12, "status": "completed"}')
    async with scripted(OPEN, text) as script:
        assert await script.service_trade.complete_job(script.account, "12") == CompletedJob("12", MOMENT)
    async with scripted(OPEN, untold) as script:
        assert await script.service_trade.complete_job(script.account, "12") == CompletedJob("12", None)


async def test_a_write_that_changes_nothing_is_a_refusal() -> None:
    async with scripted(OPEN, Answer(messages='["Job is locked"]'), OPEN) as script:
        with pytest.raises(TenantMends) as caught:
            await script.service_trade.complete_job(script.account, "12")
    assert caught.value.code == "ST_COMPLETION_REFUSED"
    assert '"Job is locked"' in caught.value.message
    assert "scheduled" in caught.value.message


async def test_the_words_of_a_refusal_are_quoted(scene: Scene) -> None:
    scene.state.jobs[scene.job_id].refuses_completion = "Appointment 7 is\x1b[31m\nstill open"
    with pytest.raises(TenantMends) as caught:
        await completed(scene)
    assert caught.value.code == "ST_COMPLETION_REFUSED"
    assert '(HTTP 409): "Appointment 7 is [31m still open".' in caught.value.message
    assert caught.value.fix
    assert scene.state.jobs[scene.job_id].status == "scheduled"
    scene.state.jobs[scene.job_id].refuses_completion = ""
    await completed(scene)


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, TenantMends, "ST_COMPLETION_REFUSED"),
        (405, TenantMends, "ST_COMPLETION_REFUSED"),
        (409, TenantMends, "ST_COMPLETION_REFUSED"),
        (422, TenantMends, "ST_COMPLETION_REFUSED"),
        (403, TenantMends, "ST_PERMISSION"),
        (404, NotFound, "JOB_NOT_FOUND"),
        (429, TimeMends, "ST_RATE_LIMIT"),
        (502, TimeMends, "ST_UNREACHABLE"),
    ],
)
async def test_a_refused_write_says_who_can_mend_it(
    scene: Scene, status: int, kind: type[JobferryError], code: str
) -> None:
    scene.sandbox.faults.add(Fault(FaultKind.STATUS, match="/job/", method="PUT", status=status))
    with pytest.raises(kind) as caught:
        await completed(scene)
    assert caught.value.code == code
    assert scene.job_id in caught.value.message or kind is TimeMends
    assert (await completed(scene)).completed_on is not None


async def test_a_session_lost_before_the_write_is_opened_again(scene: Scene) -> None:
    scene.sandbox.faults.add(Fault(FaultKind.STATUS, match="/job/", method="PUT", status=401))
    assert (await completed(scene)).completed_on is not None
    assert (scene.count("POST", "/auth"), scene.count("PUT", "/job/")) == (2, 2)


async def test_a_session_lost_twice_passes_by_itself(scene: Scene) -> None:
    scene.sandbox.faults.add(Fault(FaultKind.STATUS, match="/job/", method="PUT", status=401, times=2))
    with pytest.raises(TimeMends) as caught:
        await completed(scene)
    assert caught.value.code == "ST_SESSION_LOST"


async def test_a_completion_whose_answer_was_lost_is_found_when_asked_again(scene: Scene) -> None:
    scene.sandbox.faults.add(Fault(FaultKind.APPLY_THEN_DROP, match="/job/", method="PUT", times=-1))
    with pytest.raises(TimeMends):
        await completed(scene)
    scene.sandbox.faults.clear()
    written = scene.count("PUT", "/job/")
    moment = scene.state.jobs[scene.job_id].completed_on
    assert moment is not None
    assert (await completed(scene)).completed_on == datetime.fromtimestamp(moment, UTC)
    assert scene.count("PUT", "/job/") == written


async def listed(*answers: Answer, since: datetime = MOMENT) -> tuple[list[ChangedJob], list[str]]:
    async with scripted(*answers) as script:
        found = [job async for job in script.service_trade.changed_since(script.account, since)]
    return found, script.asked


def jobs(*rows: str, total: int = 1) -> Answer:
    return Answer(f'{{"jobs": [{", ".join(rows)}], "totalPages": {total}}}')


async def test_changed_jobs_are_asked_for_from_the_second_before() -> None:
    """Whether `updatedAfter` counts the second itself is not known; what came from before it is left out again."""
    rows = [
        f'{{"id": {number}, "status": "completed", "completedOn": 1795180320, "updated": {updated}}}'
        for number, updated in ((1, 1795180319), (2, 1795180320), (3, '"1795180321"'), (4, "null"))
    ]
    found, asked = await listed(jobs(*rows), since=MOMENT.replace(microsecond=900_000))
    assert asked == ["GET /job?status=all&updatedAfter=1795180319&page=1&limit=100"]
    assert found == [ChangedJob(number, CompletedJob(number, MOMENT)) for number in ("2", "3", "4")]


async def test_every_page_is_asked_for_once() -> None:
    pages = [jobs(f'{{"id": {number}, "status": "closed"}}', total=3) for number in (1, 2, 3)]
    found, asked = await listed(*pages)
    assert found == [ChangedJob(number, CompletedJob(number, None)) for number in ("1", "2", "3")]
    assert len(asked) == 3


@pytest.mark.parametrize(
    ("row", "id_"),
    [
        ('{"id": 2, "status": []}', "2"),
        ('{"id": 2, "status": "completed", "completedOn": "soon"}', "2"),
        ('{"id": 2, "status": "completed", "completedOn": 100000000000000000}', "2"),
        ('{"id": 2, "status": null}', "2"),
        ('{"id": 2}', "2"),
        ('{"id": "2b", "status": "completed"}', ""),
        ('{"id": true, "status": "completed"}', ""),
        ('{"id": null, "status": "completed"}', ""),
        ('{"status": "completed"}', ""),
        ("7", ""),
        ("null", ""),
    ],
)
async def test_a_record_that_cannot_be_read_hides_no_other(row: str, id_: str) -> None:
    first, last = ('{"id": 1, "status": "completed"}', '{"id": 3, "status": "scheduled"}')
    found, _ = await listed(jobs(first, row, row), jobs(last, total=1))
    assert [job.id for job in found if job.unreadable] == [id_]
    assert [job for job in found if not job.unreadable] == [ChangedJob("1", CompletedJob("1", None))]
    found, _ = await listed(jobs(row, last))
    assert found[-1] == ChangedJob("3")


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (Answer("{}"), TenantMends, "ST_BASE_URL_WRONG"),
        (jobs(total=2), TimeMends, "ST_UNREACHABLE"),
        (Answer(status=403), TenantMends, "ST_PERMISSION"),
    ],
)
async def test_a_list_that_cannot_be_read_is_not_taken_for_a_short_one(
    answer: Answer, kind: type[JobferryError], code: str
) -> None:
    with pytest.raises(kind) as caught:
        await listed(answer)
    assert caught.value.code == code

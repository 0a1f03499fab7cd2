"""The jobs that are still to be done, and the codes of their records, under answers of every kind."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.model.mappings.alias import AliasKind
from core.model.mappings.readiness import NamedRecord, UpcomingJob
from core.model.shared.errors import BadInput, JobferryError, TenantMends, TimeMends
from tests.support.servicetrade_script import Answer, scripted

NONE = Answer('{"jobs": [], "totalPages": 1}')
SITE = AliasKind.SITE
DAY = datetime.fromtimestamp(1795093200, UTC)


def jobs(*rows: str, total: int = 1) -> Answer:
    return Answer(f'{{"jobs": [{", ".join(rows)}], "totalPages": {total}}}')


async def listed(*answers: Answer) -> tuple[list[UpcomingJob], list[str]]:
    async with scripted(*answers) as script:
        found = [job async for job in script.service_trade.upcoming_jobs(script.account)]
    return found, script.asked


async def test_scheduled_and_new_jobs_are_asked_for_and_one_in_both_lists_comes_once() -> None:
    found, asked = await listed(jobs('{"id": 1}', '{"id": 2}'), jobs('{"id": 2, "number": 7}', '{"id": 3}'))
    assert asked == [f"GET /job?status={status}&page=1&limit=100" for status in ("scheduled", "new")]
    assert [job.id for job in found] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("told", "day"),
    [("1795093200", DAY), ('"1795093200"', DAY), ("null", None), ("0", None), ('""', None), ('"soon"', None)],
)
async def test_a_day_comes_in_any_shape(told: str, day: datetime | None) -> None:
    [job], _ = await listed(jobs(f'{{"id": 1, "scheduledDate": {told}}}'), NONE)
    assert job.date == day


async def test_records_come_as_stubs_as_bare_ids_or_not_at_all() -> None:
    stub = '{"id": 4, "name": "Plant 2", "uri": "https://api.servicetrade.com/api/location/4"}'
    row = f'{{"id": 1, "number": 9, "customer": 5, "location": {stub}, "contract": null}}'
    [job], _ = await listed(jobs(row), NONE)
    assert (job.number, job.contract) == ("9", None)
    assert (job.customer, job.location) == (NamedRecord("5", ""), NamedRecord("4", "Plant 2"))


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (jobs("7"), TenantMends, "ST_RECORD_UNREADABLE"),
        (Answer("{}"), TenantMends, "ST_BASE_URL_WRONG"),
        (jobs(total=2), TimeMends, "ST_UNREACHABLE"),
        (Answer(status=403), TenantMends, "ST_PERMISSION"),
        (Answer(status=429), TimeMends, "ST_RATE_LIMIT"),
    ],
)
async def test_a_list_that_cannot_be_read_is_not_taken_for_a_short_one(
    answer: Answer, kind: type[JobferryError], code: str
) -> None:
    with pytest.raises(kind) as caught:
        await listed(answer)
    assert caught.value.code == code


async def test_many_long_jobs_are_no_reason_to_give_up() -> None:
    long = "x" * 30_000
    pages = [
        jobs(*(f'{{"id": {page}{row:03}, "description": "{long}"}}' for row in range(100)), total=4)
        for page in range(1, 5)
    ]
    found, _ = await listed(*pages, NONE)
    assert len(found) == 400


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer('{"value": "HV0002"}'), "HV0002"),
        (Answer('{"value": 12}'), "12"),
        (Answer('{"value": " "}'), " "),
        (Answer('{"value": ""}'), None),
        (Answer('{"value": null}'), None),
        (Answer(status=404), None),
    ],
)
async def test_a_code_is_read_in_any_shape(answer: Answer, code: str | None) -> None:
    async with scripted(answer) as script:
        assert await script.service_trade.read_code(script.account, SITE, "4", "spectrum") == code
    assert script.asked == ["GET /externalid/location/4/spectrum"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(status=409, messages='{"error": ["in use"]}'), "MAP_DUPLICATE_EXTERNAL_ID"),
        (Answer(status=400, messages='{"validation": ["no"]}'), "ST_REFUSED"),
        (Answer(status=403), "ST_PERMISSION"),
        (Answer(status=503), "ST_UNREACHABLE"),
    ],
)
async def test_a_refused_code_says_why(answer: Answer, code: str) -> None:
    async with scripted(answer) as script:
        with pytest.raises(JobferryError) as caught:
            await script.service_trade.write_code(script.account, SITE, "4", "spectrum", "HV0002")
    assert caught.value.code == code
    assert script.asked == ["PUT /externalid/location/4/spectrum"]


@pytest.mark.parametrize(
    ("record", "code"),
    [(Answer('{"id": 4}'), "ST_EXTERNAL_SYSTEM_UNKNOWN"), (Answer(status=404), "ST_PERMISSION")],
)
async def test_what_is_not_found_is_the_external_system_if_the_record_is_there(record: Answer, code: str) -> None:
    async with scripted(Answer(status=404), record) as script:
        with pytest.raises(TenantMends) as caught:
            await script.service_trade.write_code(script.account, SITE, "4", "spectrum", "HV0002")
    assert (caught.value.code, "external system spectrum" in caught.value.message) == (code, code != "ST_PERMISSION")
    assert script.asked == ["PUT /externalid/location/4/spectrum", "GET /location/4"]


@pytest.mark.parametrize("record_id", ["", "12a", "../auth", "12345678901234567", "-1", "1\n"])
async def test_what_is_no_id_is_never_asked_for(record_id: str) -> None:
    async with scripted(NONE) as script:
        with pytest.raises(BadInput):
            await script.service_trade.read_code(script.account, SITE, record_id, "spectrum")
        with pytest.raises(BadInput):
            await script.service_trade.write_code(script.account, SITE, record_id, "spectrum", "X")
        with pytest.raises(BadInput):
            await script.service_trade.read_code(script.account, SITE, "4", "no system")
    assert script.asked == []

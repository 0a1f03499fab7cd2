"""Items as ServiceTrade may send them: exact or not at all, all of them or none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from core.model.shared.errors import JobferryError, TenantMends, TimeMends
from core.model.work_orders.item import JobItem
from tests.support.servicetrade_scene import SYSTEM, scene
from tests.support.servicetrade_script import Answer, scripted

JOB_ID = "2412087334600705"


def page(*rows: str, total: str | None = "1") -> Answer:
    told = f', "totalPages": {total}' if total is not None else ""
    return Answer(f'{{"jobItems": [{", ".join(rows)}]{told}}}')


def row(number: int = 1, **members: Any) -> str:
    return json.dumps({"id": number, "name": f"Item {number}", "quantity": 1, "cost": 2, **members})


def with_quantity(text: str) -> str:
    return f'{{"id": 1, "name": "Pipe", "quantity": {text}, "cost": null}}'


async def read(*answers: Answer) -> Sequence[JobItem]:
    async with scripted(*answers) as script:
        return await script.service_trade.read_items(script.account, JOB_ID, SYSTEM)


async def refusal(*answers: Answer) -> JobferryError:
    with pytest.raises(JobferryError) as caught:
        await read(*answers)
    return caught.value


@pytest.mark.parametrize(
    ("wire", "exact"),
    [
        ("0.1", "0.1"),
        ("12.50", "12.50"),
        ('"12.50"', "12.50"),
        ("7", "7"),
        ('"7"', "7"),
        ("-2.5", "-2.5"),
        ("0", "0"),
        ("0.00", "0.00"),
        ('"-0.25"', "-0.25"),
        ('"+3"', "3"),
        ('".5"', "0.5"),
        ('"5."', "5"),
        ('" 2 "', "2"),
        ('"1\\n"', "1"),
        ('"1e3"', "1E+3"),
        ("[1]", "1"),
        ('["-.5"]', "-0.5"),
        ("1.5e3", "1.5E+3"),
        ("2.5E-7", "2.5E-7"),
        ("0.10000000000000000000000000000000000001", "0.10000000000000000000000000000000000001"),
        ("90071992547409930.1", "90071992547409930.1"),
        ("9007199254740993", "9007199254740993"),
        ('"123456789012345678901234567890.0000000001"', "123456789012345678901234567890.0000000001"),
    ],
)
async def test_a_number_is_read_digit_by_digit(wire: str, exact: str) -> None:
    [item] = await read(page(with_quantity(wire)))
    assert isinstance(item.quantity, Decimal)
    assert str(item.quantity) == exact
    assert item.cost is None


@pytest.mark.parametrize(
    "wire",
    [
        '"$12.50"',
        '"1,250.00"',
        '"12,5"',
        '"0x10"',
        '"1_000"',
        '"NaN"',
        '"Infinity"',
        '"-Infinity"',
        '"sNaN"',
        '"one"',
        '"\\u0661\\u0662"',
        "true",
        "false",
        "[1, 2]",
        '{"amount": 1}',
        "1e61",
        "1e-61",
        "1" + "0" * 60,
        f'"{"1" * 61}"',
        "1e401",
        "1e999999999999999999999",
    ],
)
async def test_a_number_that_is_none_is_told_with_its_item_and_never_guessed(wire: str) -> None:
    other, item = await read(page(row(2), with_quantity(wire)))
    assert (other.quantity, len(other.unreadable)) == (Decimal(1), 0)
    assert item.quantity is None
    [odd] = item.unreadable
    assert odd.member == "quantity"
    assert odd.value
    assert len(odd.value) <= 40


@pytest.mark.parametrize("wire", ['""', '" "', "[]", "{}", "null", "[null]"])
async def test_nothing_is_no_number_however_it_is_written(wire: str) -> None:
    [item] = await read(page(with_quantity(wire)))
    assert (item.quantity, item.unreadable) == (None, ())


@pytest.mark.parametrize("wire", ["NaN", "Infinity", "-Infinity"])
async def test_a_number_that_is_no_json_is_told_with_its_item_if_it_is_needed(wire: str) -> None:
    spare = f'{{"id": 2, "quantity": 1, "estimatedPrice": {wire}}}'
    item, other = await read(page(with_quantity(wire), spare))
    assert [(one.member, one.value) for one in item.unreadable] == [("quantity", wire)]
    assert (other.quantity, other.unreadable) == (Decimal(1), ())


async def test_a_number_that_is_none_is_quoted_in_one_short_line() -> None:
    [item] = await read(page(with_quantity('"$12.50\\n\\u001b[31m' + "x" * 90 + '"')))
    [odd] = item.unreadable
    assert odd.value.startswith('"$12.50')
    assert (odd.value.isprintable(), len(odd.value)) == (True, 40)


async def test_no_float_is_anywhere_on_the_way() -> None:
    async with scene() as there:
        for text in ("0.1", "0.2", "1.005", "2.675", "0.07", "1e-7", "123456789.123456789"):
            there.state.add_job_item(there.job_id, "Pipe", quantity=text, cost=text)
        there.state.add_job_item(there.job_id, "Sealant", quantity=None)
        items = await there.service_trade.read_items(there.account, there.job_id, SYSTEM)
    numbers = [number for item in items for number in (item.quantity, item.cost)]
    assert {type(number) for number in numbers} == {Decimal, type(None)}
    first, second = items[0].quantity, items[1].cost
    assert first is not None
    assert second is not None
    assert first + second == Decimal("0.3")  # 0.30000000000000004 by float
    assert [item.cost for item in items[2:]] == [
        Decimal("1.005"),
        Decimal("2.675"),
        Decimal("0.07"),
        Decimal("1e-7"),
        Decimal("123456789.123456789"),
        None,
    ]


@pytest.mark.parametrize(
    ("spelling", "type_"),
    [
        ("part", "part"),
        ("Labor", "labor"),
        (" labor ", "labor"),
        ("generalConditions", "general conditions"),
        ("general_conditions", "general conditions"),
        ("General Conditions", "general conditions"),
        ("general-conditions", "general conditions"),
        ("rental", "rental"),
        ("", ""),
        (None, ""),
    ],
)
async def test_a_type_has_one_spelling_however_it_is_written(spelling: str | None, type_: str) -> None:
    [item] = await read(page(row(libItem={"id": 5, "type": spelling})))
    assert item.type == type_


@pytest.mark.parametrize("members", [{"libItem": None, "name": None, "source": None, "serviceLine": None}, {}])
async def test_an_item_with_nothing_but_numbers_is_an_item(members: dict[str, Any]) -> None:
    [item] = await read(page(json.dumps({"id": "7", "quantity": 1, "cost": None, **members})))
    assert item == JobItem(id="7", name="", type="", quantity=Decimal(1), cost=None)


async def test_missing_numbers_are_none() -> None:
    [item] = await read(page('{"id": 7}'))
    assert (item.quantity, item.cost) == (None, None)


async def test_all_members_of_an_item_are_read() -> None:
    library = {
        "id": 2020,
        "name": "Valve 4in",
        "type": "part",
        "code": 417,
        "externalIds": {"spectrum": "CV4G", "spectrum_west": "W1"},
    }
    full = row(
        libItem=library,
        job={"id": int(JOB_ID), "number": 1},
        source={"type": "tech", "userId": 1},
        serviceLine={"id": 2, "name": "Sprinkler", "abbr": "SPR"},
        externalIds={"spectrum": "not this one"},
    )
    expected = JobItem(
        id="1",
        name="Item 1",
        type="part",
        quantity=Decimal(1),
        cost=Decimal(2),
        code="417",
        external_id="CV4G",
        source="tech",
        service_line="Sprinkler",
        library_id=str(library["id"]),
    )
    assert await read(page(full)) == [expected]
    [named_by_library] = await read(page(row(name=None, libItem=library, serviceLine="SPR", source="office")))
    assert (named_by_library.name, named_by_library.service_line, named_by_library.source) == (
        "Valve 4in",
        "SPR",
        "office",
    )


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_a_library_item_that_servicetrade_refuses_blocks_its_item_only(status: int) -> None:
    library = Answer(status=status, messages='{"error": ["no"]}')
    odd, other = await read(page(row(libItem=5), row(2, libItem={"type": "part", "code": "V"})), library)
    assert [one.member for one in odd.unreadable] == ["type"]
    assert (other.code, other.unreadable) == ("V", ())


@pytest.mark.parametrize(("status", "code"), [(500, "ST_UNREACHABLE"), (503, "ST_UNREACHABLE"), (429, "ST_RATE_LIMIT")])
async def test_a_library_item_that_does_not_come_now_is_waited_for(status: int, code: str) -> None:
    error = await refusal(page(row(libItem=5)), Answer(status=status))
    assert isinstance(error, TimeMends)
    assert error.code == code


@pytest.mark.parametrize("external_ids", [[], {}, None, {"spectrum": None}, {"spectrum_west": "W1"}])
async def test_no_external_id_is_not_a_blank_one(external_ids: Any) -> None:
    [without] = await read(page(row(libItem={"type": "part", "externalIds": external_ids})))
    [blank] = await read(page(row(libItem={"type": "part", "externalIds": {"spectrum": ""}})))
    assert (without.external_id, blank.external_id) == (None, "")


@pytest.mark.parametrize(
    "bad",
    [
        "null",
        '"row"',
        "7",
        "[]",
        "{}",
        '{"id": null}',
        '{"id": ""}',
        '{"id": true}',
        '{"id": {}}',
        '{"id": 1.5}',
        '{"id": [1, 2]}',
    ],
)
async def test_a_row_that_is_no_item_is_an_error_and_not_a_row_less(bad: str) -> None:
    assert len(await read(page(row(1), row(3)))) == 2
    error = await refusal(page(row(1), bad, row(3)))
    assert isinstance(error, TenantMends)
    assert error.code == "ST_RECORD_UNREADABLE"
    assert "the entry 2 of the list jobItems" in error.message


async def test_an_item_of_another_job_is_an_error() -> None:
    for job in ('{"id": 2412087334600706}', "2412087334600706", '["2412087334600706"]'):
        error = await refusal(page(row(1), f'{{"id": 2, "job": {job}}}'))
        assert (error.code, "another job" in error.message) == ("ST_BASE_URL_WRONG", True)


@pytest.mark.parametrize(
    "data", ["null", "[]", "{}", '{"jobItems": null}', '{"jobItems": {}}', '{"jobItems": "none"}', '{"items": []}']
)
async def test_no_list_is_not_taken_for_an_empty_one(data: str) -> None:
    assert await read(page()) == []
    assert (await refusal(Answer(data))).code == "ST_BASE_URL_WRONG"


@pytest.mark.parametrize("total", ["3", '"3"', None, "null", '"many"', "true", "3.0"])
async def test_all_pages_are_read_however_their_number_is_told(total: str | None) -> None:
    pages = [page(row(number), total=total) for number in (1, 2, 3)]
    once = [*pages, page(total=total)] if total in (None, "null", '"many"', "true") else pages
    async with scripted(*once, *once) as script:
        items = await script.service_trade.read_items(script.account, JOB_ID, SYSTEM)
    assert [item.id for item in items] == ["1", "2", "3"]
    assert script.asked[:2] == [f"GET /jobitem?jobId={JOB_ID}&page={number}&limit=100" for number in (1, 2)]
    assert len(script.asked) == 2 * len(once)


async def test_one_page_that_tells_it_is_the_only_one_is_one_call() -> None:
    async with scripted(page(row(1))) as script:
        assert len(await script.service_trade.read_items(script.account, JOB_ID, SYSTEM)) == 1
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    "pages",
    [
        [page(row(1), total="3"), page(total="3")],
        [page(row(1), total="3"), page(row(1), total="3")],
        [page(total="2")],
        [page(row(1), total="2"), page(row(1, quantity=9), row(2), total="2")],
    ],
    ids=["empty too early", "nothing new too early", "empty from the start", "one id on two different rows"],
)
async def test_pages_that_do_not_fit_together_are_not_taken_for_all(pages: Sequence[Answer]) -> None:
    error = await refusal(*pages)
    assert isinstance(error, TimeMends)
    assert error.code == "ST_UNREACHABLE"
    assert "items of the job" in error.message


async def test_a_row_that_comes_again_unchanged_counts_once() -> None:
    once = [page(row(1), row(2), row(1), total="2"), page(row(2), row(3), total="2")]
    assert [item.id for item in await read(*once, *once)] == ["1", "2", "3"]


async def test_a_list_that_ignores_the_page_ends_when_it_begins_again() -> None:
    assert [item.id for item in await read(page(row(1), row(2), total=None))] == ["1", "2"]


async def test_an_item_lost_between_two_pages_shows_when_the_list_is_read_again() -> None:
    """Item 1 is deleted after the first page, so item 3 moves up to it and is on no page that is read."""
    first = [page(row(1), row(2), total="2"), page(row(4), total="2")]
    again = [page(row(2), row(3), total="2"), page(row(4), total="2")]
    assert [item.id for item in await read(*first, *again, *again)] == ["2", "3", "4"]


async def test_a_list_that_never_stands_still_is_not_taken_for_all() -> None:
    readings = [[page(row(1, quantity=n), total="2"), page(row(2), total="2")] for n in range(3)]
    error = await refusal(*(answer for reading in readings for answer in reading))
    assert (type(error), error.code) == (TimeMends, "ST_UNREACHABLE")


async def test_a_session_lost_between_two_pages_is_opened_again() -> None:
    async with scene() as there:
        added = [there.state.add_job_item(there.job_id, f"Item {number}") for number in range(150)]
        await there.read()
        there.sandbox.faults.add(Fault(FaultKind.STATUS, match="/jobitem", status=401))
        there.state.drop_sessions()
        items = await there.service_trade.read_items(there.account, there.job_id, SYSTEM)
    assert [item.id for item in items] == added


async def test_trouble_on_the_second_page_fails_the_whole_reading() -> None:
    error = await refusal(page(row(1), total="2"), Answer(status=502))
    assert isinstance(error, TimeMends)
    error = await refusal(page(row(1), total="2"), Answer(status=403, messages='["Permission denied"]'))
    assert error.code == "ST_PERMISSION"


@pytest.mark.parametrize("row", ['{{"id": {id}}}', '{{"id": {id}, "name": "{padding}"}}'], ids=["small", "large"])
async def test_a_list_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch, row: str) -> None:
    monkeypatch.setattr("adapters.outbound.servicetrade.calls.MOST_PAGES", 20)
    answers = [Answer('{"jobItems": [' + row.format(id=page, padding="x" * 1_000_000) + "]}") for page in range(1, 30)]
    async with scripted(*answers) as script:
        with pytest.raises(TenantMends, match="a longer list than ServiceTrade"):
            await script.service_trade.read_items(script.account, "1", "spectrum")
    assert len(script.asked) == (9 if "padding" in row else 20)

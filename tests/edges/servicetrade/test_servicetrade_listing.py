"""Lists of companies and other records under answers of every kind: a doubtful one never looks like "no code"."""

from __future__ import annotations

import pytest

from core.model.mappings.alias import AliasKind
from core.model.mappings.listed_record import ListedRecord
from core.model.shared.errors import TenantMends, TimeMends
from tests.support.servicetrade_canned import ACCOUNT, canned
from tests.support.servicetrade_script import Answer, scripted


async def company(**members: object) -> ListedRecord:
    row = {"id": 7, "name": "Harborview", **members}
    system, _ = canned({"/company": {"companies": [row], "totalPages": 1}})
    [[found]] = [page async for page in system.list_records(ACCOUNT, AliasKind.CUSTOMER, "spectrum")]
    return found


@pytest.mark.parametrize("ids", [{}, [], None, "", {"spectrum": None}, {"spectrum": "  "}, {"other": "X"}])
async def test_a_record_whose_external_ids_lack_the_system_has_none(ids: object) -> None:
    assert (await company(externalIds=ids)).code == ""


@pytest.mark.parametrize("ids", [7, "x", [1, 2], {"spectrum": {"a": 1}}, True])
async def test_odd_external_ids_do_not_say_that_there_is_none(ids: object) -> None:
    found = await company(externalIds=ids, phoneNumber="919-555-0100")
    assert (found.code, found.record.name, found.record.phone) == (None, "Harborview", "919-555-0100")


async def test_a_record_of_odd_external_ids_cannot_be_read_as_one_without_a_code() -> None:
    system, _ = canned({"/company/7": {"id": 7, "name": "Harborview", "externalIds": "x"}})
    with pytest.raises(TenantMends) as odd:
        await system.find_record(ACCOUNT, AliasKind.CUSTOMER, "7", "spectrum")
    assert odd.value.code == "ST_RECORD_UNREADABLE"


async def test_a_record_that_does_not_hold_its_external_ids_costs_one_call_more() -> None:
    data = {"/contract/7": {"id": 7, "name": "Master"}, "/externalid/contract/7/spectrum": {"value": "HV-MSA"}}
    system, transport = canned(data)
    found = await system.find_record(ACCOUNT, AliasKind.CONTRACT, "7", "spectrum")
    assert found
    assert found.code == "HV-MSA"
    assert transport.read == ["/contract/7", "/externalid/contract/7/spectrum"]


async def test_another_record_than_the_one_that_was_asked_for_is_refused() -> None:
    system, _ = canned({"/company/7": {"id": 8, "name": "Other", "externalIds": {}}})
    with pytest.raises(TenantMends):
        await system.find_record(ACCOUNT, AliasKind.CUSTOMER, "7", "spectrum")


@pytest.mark.parametrize(
    ("members", "active"),
    [
        ({}, True),
        ({"status": "active"}, True),
        ({"status": "Inactive"}, False),
        ({"customer": True}, True),
        ({"customer": False, "vendor": True}, False),
        ({"customer": "false"}, False),
        ({"active": 0}, False),
        ({"customer": {"id": 3}}, True),
    ],
)
async def test_a_mere_vendor_and_an_inactive_company_need_no_code(members: dict[str, object], active: bool) -> None:
    assert (await company(externalIds={}, **members)).record.active is active


@pytest.mark.parametrize(
    ("told", "active"), [(True, False), ("1", False), (False, True), (None, True), ([], True), ({"a": 1}, True)]
)
async def test_a_library_item_that_stands_for_anything_needs_no_code(told: object, active: bool) -> None:
    row = {"id": 7, "name": "Field purchase", "isGeneric": told, "externalIds": {}}
    system, _ = canned({"/libitem": {"libItems": [row], "totalPages": 1}})
    [[found]] = [page async for page in system.list_records(ACCOUNT, AliasKind.ITEM, "spectrum")]
    assert found.record.active is active


async def test_odd_members_are_left_out_and_texts_are_one_line() -> None:
    found = await company(name="A\nB\x00 C", address="Main St", phoneNumber=["x"], externalIds={}, company=[3, 4])
    assert (found.record.name, found.record.street, found.record.phone) == ("A B C", "", "x")
    assert found.code == ""


async def test_a_row_without_an_id_is_left_out() -> None:
    rows = [{"name": "no id"}, "text", {"id": "a1"}, {"id": 7, "externalIds": {}}]
    system, _ = canned({"/location": {"locations": rows, "totalPages": 1}})
    found = [one async for page in system.list_records(ACCOUNT, AliasKind.SITE, "spectrum") for one in page]
    assert [one.record.id for one in found] == ["7"]


async def test_pages_that_do_not_match_are_told_and_not_taken_for_the_whole() -> None:
    page = '{"companies": [{"id": %d, "externalIds": {}}], "totalPages": 3}'
    async with scripted(Answer(page % 1), Answer('{"companies": [], "totalPages": 3}')) as script:
        with pytest.raises(TimeMends):
            _ = [one async for one in script.service_trade.list_records(script.account, AliasKind.CUSTOMER, "spectrum")]


async def test_two_hundred_whole_companies_are_two_calls() -> None:
    def page(number: int) -> Answer:
        rows = ",".join(f'{{"id": {number * 100 + place}, "externalIds": {{}}}}' for place in range(100))
        return Answer(f'{{"companies": [{rows}], "totalPages": 2}}')

    async with scripted(page(1), page(2)) as script:
        pages = script.service_trade.list_records(script.account, AliasKind.CUSTOMER, "spectrum")
        found = [one async for page in pages for one in page]
    assert len(found) == 200
    assert [asked.partition("?")[0] for asked in script.asked] == ["GET /company"] * 2

"""Suggestions in storage: pages in one order, counts, what is still to do, and nothing of others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.model.mappings.alias import AliasKind, CodeSource
from core.model.mappings.suggested_record import (
    Grade,
    Order,
    RecordState,
    SearchStep,
    SuggestedRecord,
    search_words,
)
from core.model.mappings.suggestion import Suggestion
from core.model.shared.errors import NotFound
from ports.storage.mappings.suggestions import RecordFilter
from ports.storage.transactions import Transactions
from tests.support.suggestion_scene import ALIKE, AT, CLEAR, a_record, a_search, suggested

SITE = a_record(50, name="Plant 2", kind=AliasKind.SITE, customer_id="1", street="4100 Foundry Rd")


@pytest.fixture
async def stored(transactions: Transactions) -> Transactions:
    async with transactions.begin("ten_1") as t:
        await t.suggestions.put_search(a_search())
        await t.suggestions.put(
            "con_1",
            [
                suggested(3, CLEAR, ALIKE),
                suggested(1, CLEAR),
                suggested(2, ALIKE),
                suggested(4),
                suggested(50, CLEAR, record=SITE, code=""),
            ],
        )
    return transactions


async def ids(transactions: Transactions, wanted: RecordFilter | None = None) -> list[str]:
    async with transactions.begin("ten_1") as t:
        return [one.record.id for one in await t.suggestions.page("con_1", wanted or RecordFilter())]


async def test_a_search_is_stored_and_changed(transactions: Transactions) -> None:
    changed = a_search(
        step=SearchStep.DONE,
        round=2,
        version=7,
        kinds=(AliasKind.CUSTOMER,),
        unread={AliasKind.ITEM: "No list."},
        records=12,
        failures=1,
        trouble="Away.",
        finished_at=AT,
    )
    async with transactions.begin("ten_1") as t:
        assert await t.suggestions.search("con_1") is None
        for search in (a_search(), changed):
            await t.suggestions.put_search(search)
            assert await t.suggestions.search("con_1", lock=True) == search
        await t.suggestions.set_due("con_1", AT)
        await t.suggestions.wake("con_1")
        await t.suggestions.set_due("con_1", None)


async def test_changes_are_counted(stored: Transactions) -> None:
    async with stored.begin("ten_1") as t:
        assert [await t.suggestions.next_version("con_1") for _ in range(2)] == [1, 2]
        search = await t.suggestions.search("con_1")
        assert search
        assert search.version == 2
    async with stored.begin("ten_2") as t:
        with pytest.raises(NotFound):
            await t.suggestions.next_version("con_1")


async def test_a_record_is_stored_with_all_that_is_known_of_it(stored: Transactions) -> None:
    decided = suggested(
        60,
        ALIKE,
        CLEAR,
        record=SITE,
        round=3,
        told=False,
        matched=2,
        version=9,
        state=RecordState.CONFIRMED,
        code="HARBOR",
        place=CodeSource.ALIAS,
        decided_by="ann",
        decided_at=AT,
        trouble="No.",
    )
    async with stored.begin("ten_1") as t:
        await t.suggestions.put("con_1", [decided])
        assert await t.suggestions.of("con_1", [SITE.key], lock=True) == [decided]
        odd = suggested(61, record=a_record(61, name="Ä\x00 \ud800"))
        await t.suggestions.put("con_1", [odd])
        [kept] = await t.suggestions.of("con_1", [odd.key])
    assert kept.record.name[0] == "Ä"


async def test_records_come_by_kind_and_name_page_by_page(stored: Transactions) -> None:
    assert await ids(stored) == ["1", "2", "3", "4", "50"]
    async with stored.begin("ten_1") as t:
        first = await t.suggestions.page("con_1", RecordFilter(), limit=2)
        rest = await t.suggestions.page("con_1", RecordFilter(), after=first[-1].sort_key, lock=True)
    assert [one.record.id for one in (*first, *rest)] == ["1", "2", "3", "4", "50"]


async def test_the_lowest_score_comes_first_where_doubt_is_the_order(stored: Transactions) -> None:
    sure = Suggestion(code="SURE", name="Sure", score=100, reasons=("same name",), clear=True)
    async with stored.begin("ten_1") as t:
        await t.suggestions.put("con_1", [suggested(1, sure)])
        first = await t.suggestions.page("con_1", RecordFilter(), limit=2, order=Order.DOUBT)
        rest = await t.suggestions.page("con_1", RecordFilter(), after=first[-1].sort_key, order=Order.DOUBT)
    found = [one.record.id for one in (*first, *rest)]
    assert found == ["4", "2", "3", "50", "1"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("harborview 002", ["2"]),
        ("002 HARBOR", ["2"]),
        ("HARVIEW", ["1", "3", "50"]),
        ("foods inc", ["1", "3", "50"]),
        ("50", ["50"]),
        ("nowhere", []),
        ("%", []),
        ("\0", ["1", "2", "3", "4", "50"]),
    ],
)
async def test_records_are_searched_by_each_word(stored: Transactions, text: str, found: list[str]) -> None:
    wanted = RecordFilter(words=search_words(text))
    assert await ids(stored, wanted) == found
    async with stored.begin("ten_1") as t:
        assert await t.suggestions.count("con_1", wanted) == len(found)


async def test_what_is_ticked_is_confirmed_in_one_go_and_the_rest_stays(stored: Transactions) -> None:
    wanted = RecordFilter(grade=Grade.CLEAR, ticked=True, until=1)
    async with stored.begin("ten_1") as t:
        await t.suggestions.put("con_1", [suggested(3, CLEAR, version=2)])
        count = await t.suggestions.confirm("con_1", wanted, CodeSource.ALIAS, by="ann", at=AT, version=7)
        assert count == 1
        assert await t.suggestions.confirm("con_1", wanted, CodeSource.ALIAS, by="bob", at=AT, version=8) == 0
        [one] = await t.suggestions.of("con_1", [(AliasKind.CUSTOMER, "1")])
    assert (one.state, one.code, one.place, one.version) == (RecordState.CONFIRMED, "HARVIEW", CodeSource.ALIAS, 7)
    assert (one.decided_by, one.decided_at, one.trouble) == ("ann", AT, "")
    assert await ids(stored) == ["2", "3", "4", "50"]


async def test_names_are_ordered_without_regard_to_case(stored: Transactions) -> None:
    async with stored.begin("ten_1") as t:
        for number, name in ((70, "a"), (71, "Ä"), (72, "B"), (73, "_"), (74, "Z z")):
            record = a_record(number, name=name, kind=AliasKind.ITEM)
            await t.suggestions.put("con_1", [suggested(number, record=record)])
    assert await ids(stored, RecordFilter(kind=AliasKind.ITEM)) == ["73", "70", "72", "74", "71"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (RecordFilter(grade=Grade.CLEAR), ["1", "3", "50"]),
        (RecordFilter(grade=Grade.CLEAR, ticked=True), ["1", "3"]),
        (RecordFilter(grade=Grade.DOUBTFUL), ["2"]),
        (RecordFilter(grade=Grade.NOTHING), ["4"]),
        (RecordFilter(kind=AliasKind.SITE), ["50"]),
        (RecordFilter(state=RecordState.LEFT), []),
        (RecordFilter(until=0), []),
        (RecordFilter(until=1, kind=AliasKind.SITE), ["50"]),
        (RecordFilter(by="ann"), []),
        (RecordFilter(troubled=True), []),
    ],
)
async def test_records_are_chosen(stored: Transactions, wanted: RecordFilter, found: list[str]) -> None:
    assert await ids(stored, wanted) == found


async def test_who_decided_and_what_went_wrong_choose_too(stored: Transactions) -> None:
    async with stored.begin("ten_1") as t:
        await t.suggestions.put("con_1", [suggested(2, ALIKE, code="HARBOR", decided_by="ann", trouble="No.")])
    assert await ids(stored, RecordFilter(by="ann")) == ["2"]
    assert await ids(stored, RecordFilter(troubled=True)) == ["2"]


async def test_records_are_counted(stored: Transactions) -> None:
    async with stored.begin("ten_1") as t:
        left = suggested(4, state=RecordState.LEFT)
        new = SuggestedRecord(record=a_record(5), told=False, trouble="No.")
        await t.suggestions.put("con_1", [left, new])
        tally = await t.suggestions.tally("con_1")
    assert [tally.of(grade) for grade in Grade] == [3, 1, 0]
    assert tally.of(Grade.CLEAR, AliasKind.SITE) == 1
    assert [tally.ticks(grade) for grade in Grade] == [2, 0, 0]
    assert (tally.of(RecordState.OPEN), tally.of(RecordState.LEFT)) == (5, 1)
    assert (tally.troubled, tally.unasked, tally.uncompared) == (1, 1, 1)


async def test_what_is_to_do_is_found_until_it_is_done(stored: Transactions) -> None:
    async with stored.begin("ten_1") as t:
        new = SuggestedRecord(record=a_record(5), told=False)
        await t.suggestions.put("con_1", [new])
        assert await t.suggestions.untold("con_1", 10) == [new]
        assert await t.suggestions.unmatched("con_1", AliasKind.CUSTOMER, 1, 10) == []
        await t.suggestions.put("con_1", [replace(new, told=True)])
        assert await t.suggestions.untold("con_1", 10) == []
        found = await t.suggestions.unmatched("con_1", AliasKind.CUSTOMER, 1, 10)
        assert [one.key for one in found] == [new.key]
        assert len(await t.suggestions.unmatched("con_1", AliasKind.CUSTOMER, 2, 10)) == 5
        assert len(await t.suggestions.unmatched("con_1", AliasKind.CUSTOMER, 2, 3)) == 3
        await t.suggestions.put("con_1", [replace(new, told=True, state=RecordState.LEFT)])
        assert await t.suggestions.unmatched("con_1", AliasKind.CUSTOMER, 1, 10) == []


async def test_what_a_search_did_not_see_is_removed_but_no_code_on_its_way(stored: Transactions) -> None:
    async with stored.begin("ten_1") as t:
        await t.suggestions.put("con_1", [suggested(1, CLEAR, round=2)])
        await t.suggestions.put("con_1", [suggested(2, ALIKE, state=RecordState.CONFIRMED)])
        assert await t.suggestions.remove_unseen("con_1", AliasKind.CUSTOMER, 2) == 2
        await t.suggestions.remove("con_1", [(AliasKind.CUSTOMER, "1"), (AliasKind.CUSTOMER, "99")])
    assert await ids(stored) == ["50"]
    assert await ids(stored, RecordFilter(state=RecordState.CONFIRMED)) == ["2"]


async def test_the_sites_of_a_customer_are_compared_again_unless_they_are_clear(stored: Transactions) -> None:
    site = a_record(51, kind=AliasKind.SITE, customer_id="1")
    async with stored.begin("ten_1") as t:
        await t.suggestions.put("con_1", [suggested(51, ALIKE, record=site)])
        assert await t.suggestions.match_again("con_1", ["2", "3"]) == 0
        assert await t.suggestions.match_again("con_1", []) == 0
        assert await t.suggestions.match_again("con_1", ["1"]) == 1
        [again] = await t.suggestions.unmatched("con_1", AliasKind.SITE, 1, 10)
    assert again.key == site.key


async def test_another_tenant_sees_and_changes_nothing(stored: Transactions) -> None:
    async with stored.begin("ten_2") as t:
        assert await t.suggestions.search("con_1") is None
        assert await t.suggestions.of("con_1", [SITE.key]) == []
        assert await t.suggestions.page("con_1", RecordFilter()) == []
        assert await t.suggestions.untold("con_1", 9) == []
        assert await t.suggestions.unmatched("con_1", AliasKind.SITE, 9, 9) == []
        assert await t.suggestions.remove_unseen("con_1", AliasKind.SITE, 9) == 0
        assert await t.suggestions.match_again("con_1", ["1"]) == 0
        await t.suggestions.remove("con_1", [SITE.key])
        assert (await t.suggestions.tally("con_1")).of(RecordState.OPEN) == 0
    assert len(await ids(stored)) == 5


async def test_a_removed_connection_takes_them_with_it(stored: Transactions) -> None:
    async with stored.begin("ten_1") as t:
        await t.connections.remove("con_1")
        assert await t.suggestions.search("con_1") is None
        assert await t.suggestions.page("con_1", RecordFilter()) == []

"""Lists of codes in storage: what is stored and what costs no write, how codes are found, and who sees them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from core.model.mappings.alias import AliasKind
from core.model.mappings.code_words import folded, words_in
from core.model.mappings.listed_code import ListedCode, ListedFrom, ListState, ListTrouble
from core.model.work_orders.work_order import WorkOrderRecord
from ports.storage.code_lists import StoredCodes
from ports.storage.transactions import Transactions

AT = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
HARBORVIEW = ListedCode(kind=AliasKind.CUSTOMER, code="HARVIEW", name="Harborview Hotel, Inc.", city="Oakland")


def a_customer(code: str, name: str = "", **more: Any) -> ListedCode:
    return ListedCode(kind=AliasKind.CUSTOMER, code=code, name=name, **more)


def an_item(code: str, name: str = "", **more: Any) -> ListedCode:
    return ListedCode(kind=AliasKind.ITEM, code=code, name=name, **more)


async def store(transactions: Transactions, *codes: ListedCode) -> StoredCodes:
    async with transactions.begin("ten_1") as t:
        await t.code_lists.take_turn("con_1")
        return await t.code_lists.store("con_1", codes)


async def found(transactions: Transactions, text: str, kind: AliasKind | None = AliasKind.CUSTOMER) -> list[str]:
    async with transactions.begin("ten_1") as t:
        page = await t.code_lists.search("con_1", kind, text)
        assert page.next is None
        return [one.code for one in page.codes]


async def test_a_code_is_stored_with_all_that_its_list_tells(transactions: Transactions) -> None:
    whole = ListedCode(
        kind=AliasKind.CONTRACT,
        code="C-7",
        name="Pumps",
        active=None,
        street="1 Main St",
        city="Oakland",
        state="CA",
        postal_code="94601",
        phone="510 555 0100",
        customer_code="HARVIEW",
        site_code="HV1",
        unit="EA",
        listed_from=ListedFrom.IMPORTED,
        refused_at=AT,
    )
    assert await store(transactions, whole) == StoredCodes(added=1)
    async with transactions.begin("ten_1") as t:
        assert await t.code_lists.of("con_1", [(AliasKind.CONTRACT, "c-7"), (AliasKind.SITE, "C-7")]) == [whole]
        assert await t.code_lists.of("con_1", []) == []


async def test_only_what_is_new_or_has_changed_is_written_and_counted(transactions: Transactions) -> None:
    assert await store(transactions, HARBORVIEW, a_customer("ACME")) == StoredCodes(added=2)
    assert await store(transactions, HARBORVIEW, a_customer("ACME")) == StoredCodes()
    moved = replace(HARBORVIEW, code="harview", name="Harborview Inn")
    assert await store(transactions, moved, a_customer("NEW")) == StoredCodes(added=1, changed=1)
    async with transactions.begin("ten_1") as t:
        assert (await t.code_lists.states("con_1"))[AliasKind.CUSTOMER].rows == 3
        assert [one async for one in t.code_lists.every("con_1", AliasKind.CUSTOMER)] == [
            a_customer("ACME"),
            moved,
            a_customer("NEW"),
        ]
    assert await found(transactions, "hotel") == []
    assert await found(transactions, "inn") == ["harview"]


async def test_what_was_learned_does_not_replace_what_a_list_tells(transactions: Transactions) -> None:
    learned = a_customer("HARVIEW", listed_from=ListedFrom.ACCEPTED)
    await store(transactions, learned)
    assert await store(transactions, HARBORVIEW) == StoredCodes(changed=1)
    assert await store(transactions, learned) == StoredCodes()
    assert await found(transactions, "oak") == [], "cities are not searched"
    assert await found(transactions, "harborview") == ["HARVIEW"]


async def test_codes_are_removed_with_their_words(transactions: Transactions) -> None:
    await store(transactions, HARBORVIEW, a_customer("ACME"))
    async with transactions.begin("ten_1") as t:
        gone = [(AliasKind.CUSTOMER, "harview"), (AliasKind.CUSTOMER, "NOBODY"), (AliasKind.SITE, "ACME")]
        assert await t.code_lists.remove("con_1", gone) == 1
        assert (await t.code_lists.states("con_1"))[AliasKind.CUSTOMER].rows == 1
    assert await found(transactions, "hotel") == []
    await store(transactions, replace(HARBORVIEW, name="Other"))
    assert await found(transactions, "hotel") == []


async def test_a_code_is_found_by_its_beginning_and_by_words_of_its_name(transactions: Transactions) -> None:
    await store(
        transactions,
        HARBORVIEW,
        a_customer("HAR", "Zeta"),
        a_customer("BETA", "Grand Hotel Harbor"),
        a_customer("CAFE", "Café Ångström"),
        a_customer("V-2.5", 'Valve, brass 2"'),
        an_item("HARROW", "Harrow"),
    )
    assert await found(transactions, "har") == ["HAR", "HARVIEW", "BETA"], "codes first, each code once"
    assert await found(transactions, "HOTEL") == ["BETA", "HARVIEW"]
    assert await found(transactions, "hotel harb") == ["BETA", "HARVIEW"], "in any order"
    assert await found(transactions, "hotel zeta") == []
    assert await found(transactions, "arborview") == [], "in the middle of a word"
    assert await found(transactions, "cafe ang") == ["CAFE"]
    assert await found(transactions, "CAFÉ") == ["CAFE"]
    assert await found(transactions, "v-2.") == ["V-2.5"]
    assert await found(transactions, "2.5 v") == ["V-2.5"]
    assert await found(transactions, "%") == []
    assert await found(transactions, "har", None) == ["HAR", "HARROW", "HARVIEW", "BETA"]
    assert await found(transactions, "har", AliasKind.SITE) == []


async def test_what_is_found_comes_page_by_page_each_code_once(transactions: Transactions) -> None:
    names = ("", "Hydrant", "Hydrant hydraulic", "Pump", "Hydra")
    codes = [a_customer(f"{start}{n}", names[n % 5]) for n in range(20) for start in ("HYD", "X")]
    items = [an_item(f"HYD{n}", "Hydrant") for n in range(7)]
    await store(transactions, *codes, *items)
    for text, kind in (("hyd", AliasKind.CUSTOMER), ("hyd", None), ("", None), ("", AliasKind.ITEM), ("x1", None)):
        async with transactions.begin("ten_1") as t:
            whole = await t.code_lists.search("con_1", kind, text, limit=100)
            pages: list[ListedCode] = []
            after = None
            while True:
                page = await t.code_lists.search("con_1", kind, text, limit=3, after=after)
                pages += page.codes
                if (after := page.next) is None:
                    break
            assert pages == whole.codes
            assert len({one.key for one in pages}) == len(pages) > 0


_TEXTS = (
    "50%",
    "5\\%",
    "o'neil",
    'say "pump"',
    "a_b",
    "😀",
    "💧pump",
    "Ångström",
    "ΣΑΣ",
    "가나다",
    "\U0010ffff",
    "x\0y",
)
_WORDS = ("pump", "pumps", "pum", "oak", "oakland", "5", "50", "valve", *_TEXTS)


async def pages(transactions: Transactions, text: str, kind: AliasKind | None, limit: int) -> list[ListedCode]:
    found: list[ListedCode] = []
    after = None
    while True:
        async with transactions.begin("ten_1") as t:
            page = await t.code_lists.search("con_1", kind, text, limit=limit, after=after)
        found += page.codes
        if (after := page.next) is None:
            return found


def expected(codes: list[ListedCode], text: str) -> list[ListedCode]:
    """Without regard to the order of those that were found by a word."""
    text = text.replace("\0", "")
    asked = words_in(text)

    def by_word(one: ListedCode) -> bool:
        there = words_in(one.code, one.name)
        return bool(asked) and all(any(word.startswith(begin) for word in there) for begin in asked)

    first = [one for one in codes if folded(one.code).startswith(folded(text))]
    first.sort(key=lambda one: (folded(one.code), one.kind))
    return first + sorted((one for one in codes if by_word(one) and one not in first), key=lambda one: one.key)


async def test_searches_for_any_text_find_each_code_once_in_pages_of_any_length(transactions: Transactions) -> None:
    """Signs that patterns and statements are made of are no more than text."""
    choose = Random(20)
    codes = [
        ListedCode(
            kind=choose.choice(list(AliasKind)),
            code=choose.choice(("PUMP", "50%", "O'N", "Å", "\\", "V_")) + str(number),
            name=" ".join(choose.choices(_WORDS[:-1], k=choose.randint(0, 4))),
        )
        for number in range(150)
    ]
    await store(transactions, *codes)
    texts = [*_WORDS, "%", "_", "\\", "' OR ''='", "pump oak", "50 v pum", "oak 5 pumps 😀"]
    texts += ["valve pum pump", "5 50 oak oakland", "x\ud800"]
    for text in texts:
        wanted = expected(codes, text.replace("\ud800", ""))
        listed = await pages(transactions, text, None, 1000)
        by_code = [one for one in listed if folded(one.code).startswith(folded(text.replace("\0", "")))]
        by_word = sorted(listed[len(by_code) :], key=lambda one: one.key)
        assert [*listed[: len(by_code)], *by_word] == wanted, text
        assert await pages(transactions, text, None, choose.randint(1, 9)) == listed, text


async def test_the_longest_names_of_any_script_are_stored_and_found(transactions: Transactions) -> None:
    """Taken apart, a sign of Hangul is three: as long as the words of a code can get. PostgreSQL has a longest row."""
    choose = Random(7)
    names = ["".join(chr(choose.randint(0xAC01, 0xD7A3)) for _ in range(13)) for _ in range(14)]
    code = (
        "".join(choose.sample("\ufdfa\ufdfb\u3316\u321d\u3356\u334a\u3347\u3336\u3334\u3332\u332e\u332b", 12))
        + "\ufdfa" * 3
    )
    longest = an_item(code, " ".join(names)[:200])
    assert await store(transactions, longest) == StoredCodes(added=1)
    for text in (code, names[0][:8], f"{names[1]} {names[3][:5]}"):
        assert await found(transactions, text, AliasKind.ITEM) == [code]


async def test_a_place_that_nobody_was_given_is_refused(transactions: Transactions) -> None:
    for after in (
        "",
        "[]",
        '["a", 1, 2, 3]',
        '[2, "", "", ""]',
        "null",
        r'[0, "", "\ud800", ""]',
        r'[0, "", "\u0000", ""]',
    ):
        with pytest.raises(ValueError, match="no place"):
            async with transactions.begin("ten_1") as t:
                await t.code_lists.search("con_1", None, "a", after=after)


async def test_the_state_of_each_list_is_stored(transactions: Transactions) -> None:
    read = ListState(kind=AliasKind.ITEM, read_at=AT, complete=True, trouble=None, tried_at=AT)
    refused = ListState(
        kind=AliasKind.CUSTOMER, trouble=ListTrouble.NOT_ALLOWED, detail="GetCustomers", begun_at=AT, rows_so_far=500
    )
    await store(transactions, an_item("VALVE"))
    async with transactions.begin("ten_1") as t:
        for state in (read, refused):
            await t.code_lists.set_state("con_1", state)
    async with transactions.begin("ten_1") as t:
        assert await t.code_lists.states("con_1") == {
            AliasKind.CUSTOMER: refused,
            AliasKind.SITE: ListState(kind=AliasKind.SITE),
            AliasKind.CONTRACT: ListState(kind=AliasKind.CONTRACT),
            AliasKind.ITEM: replace(read, rows=1),
        }


async def test_the_lists_of_another_company_are_forgotten(transactions: Transactions) -> None:
    await store(transactions, HARBORVIEW, an_item("VALVE"))
    async with transactions.begin("ten_1") as t:
        await t.code_lists.forget("con_1")
        assert await t.code_lists.states("con_1") == {kind: ListState(kind=kind) for kind in AliasKind}
    assert await found(transactions, "", None) == []
    assert await store(transactions, HARBORVIEW) == StoredCodes(added=1)


async def test_another_tenant_sees_and_changes_nothing_of_them(transactions: Transactions) -> None:
    await store(transactions, HARBORVIEW)
    async with transactions.begin("ten_2") as t:
        assert (await t.code_lists.search("con_1", None, "")).codes == []
        assert await t.code_lists.of("con_1", [HARBORVIEW.key]) == []
        assert [one async for one in t.code_lists.every("con_1", AliasKind.CUSTOMER)] == []
        assert await t.code_lists.remove("con_1", [HARBORVIEW.key]) == 0
        assert (await t.code_lists.states("con_1"))[AliasKind.CUSTOMER] == ListState(kind=AliasKind.CUSTOMER)
        await t.code_lists.forget("con_1")
    assert await found(transactions, "") == ["HARVIEW"]


async def test_the_lists_go_with_their_connection(transactions: Transactions) -> None:
    await store(transactions, HARBORVIEW)
    async with transactions.begin("ten_1") as t:
        await t.connections.remove("con_1")
        assert (await t.code_lists.search("con_1", None, "")).codes == []
        assert (await t.code_lists.states("con_1"))[AliasKind.CUSTOMER].rows == 0


async def test_thousands_are_listed_in_their_order(transactions: Transactions) -> None:
    codes = [an_item(f"i{n}", f"Name {n}") for n in range(2500)]
    for start in range(0, 2500, 500):
        await store(transactions, *codes[start : start + 500])
    async with transactions.begin("ten_1") as t:
        listed = [one.code async for one in t.code_lists.every("con_1", AliasKind.ITEM)]
    assert listed == sorted(one.code for one in codes)


async def test_accepted_work_orders_come_page_by_page(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        for job, sent_at in (("1", AT), ("2", None), ("3", AT), ("4", AT)):
            record = WorkOrderRecord(tenant_id="ten_1", connection_id="con_1", job_id=job, sent_at=sent_at)
            await t.work_orders.save(replace(record, sent={"WO_Job_Number": f"S{job}"}))
        first = await t.work_orders.sent("con_1", limit=2)
        assert [(one.job_id, one.sent) for one in first] == [
            ("1", {"WO_Job_Number": "S1"}),
            ("3", {"WO_Job_Number": "S3"}),
        ]
        assert [one.job_id for one in await t.work_orders.sent("con_1", limit=2, after="3")] == ["4"]
    async with transactions.begin("ten_2") as t:
        assert await t.work_orders.sent("con_1") == []


async def test_a_plan_learns_whether_there_are_lists_and_what_they_say_of_its_codes(transactions: Transactions) -> None:
    """A list that was only learned, or is being read for the first time, is none to compare with."""

    async def has_lists() -> bool:
        return (await transactions.plan_input("ten_1", "1", connection_id="con_1")).lists

    assert await store(transactions, HARBORVIEW, an_item("CV4G", active=False)) == StoredCodes(added=2)
    assert not await has_lists()
    nothing = await transactions.listed("ten_1", "con_1", [(AliasKind.CUSTOMER, "NOBODY")])
    assert not nothing.lacks((AliasKind.CUSTOMER, "NOBODY"), AT)
    async with transactions.begin("ten_1") as t:
        read = replace((await t.code_lists.states("con_1"))[AliasKind.CUSTOMER], read_at=AT, complete=True)
        await t.code_lists.set_state("con_1", read)
    assert await has_lists()
    asked = [(AliasKind.CUSTOMER, "harview "), (AliasKind.CUSTOMER, "NOBODY"), (AliasKind.ITEM, "CV4G")]
    found = await transactions.listed("ten_1", "con_1", asked)
    assert found.listed == {HARBORVIEW.key: HARBORVIEW, (AliasKind.ITEM, "cv4g"): an_item("CV4G", active=False)}
    assert [found.lacks(code, AT) for code in asked] == [False, True, False]
    assert found.about((AliasKind.ITEM, "CV4G"), AT) is None, "the items were never read"
    assert (await transactions.listed("ten_1", "con_1", [])).listed == {}


async def test_the_lists_of_another_tenant_say_nothing(transactions: Transactions) -> None:
    await store(transactions, HARBORVIEW)
    found = await transactions.listed("ten_2", "con_1", [(AliasKind.CUSTOMER, "HARVIEW")])
    assert found.listed == {}
    assert all(state.read_at is None for state in found.states.values())

"""Suggested codes in the console, as plain forms: found, looked at, ticked over pages, set, left, taken back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.inbound.console.handlers.sign_in import FORM_TOKEN
from adapters.inbound.console.kept_form import NOTICE
from core.model.access.person import IDLE, Role
from core.model.mappings.alias import AliasKey, AliasKind
from core.model.mappings.listed_code import ListedCode, ListState
from core.model.mappings.suggested_record import RecordState, SearchStep
from core.model.mappings.suggestion import RecordToMap
from ports.storage.mappings.suggestions import RecordFilter
from tests.edges.console.test_console_kept_forms import ANN, Tab, parsed
from tests.support.browser_scene import person, somebody
from tests.support.http_scene import UNMAPPED, Scene, api

PAGE = "/t/cardinal/connections/main/suggestions"
CITIES = ("Raleigh", "Durham", "Cary", "Apex", "Wilson")
NAMES = ("Oak Hall", "Pine Street", "Harbor View", "Cedar Grove", "Mill Brook", "Stone Gate", "River Bend")


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


class Office:
    """The tenant's ServiceTrade and the lists of its connection."""

    def __init__(self, scene: Scene, tenant_id: str, connection_id: str) -> None:
        self.scene, self.tenant_id, self.connection_id = scene, tenant_id, connection_id

    @classmethod
    async def of(cls, scene: Scene) -> Office:
        tenant = await scene.use_cases.find_tenant("cardinal")
        connection = await scene.use_cases.find_connection(tenant.id, "main")
        return cls(scene, tenant.id, connection.id)

    async def company(self, number: int, name: str, code: str = "", listed_name: str = "", **there: Any) -> None:
        """A company and, with a code, the same in Spectrum's list."""
        record = RecordToMap(
            kind=AliasKind.CUSTOMER, id=str(number), name=name, street=f"{number} Main St", city="Cary"
        )
        self.scene.service_trade.records.put(self.tenant_id, record)
        if code:
            fields: dict[str, Any] = {"street": record.street, "city": "Cary"} | there
            listed = ListedCode(kind=AliasKind.CUSTOMER, code=code, name=listed_name or name, **fields)
            async with self.scene.transactions.begin(self.tenant_id) as t:
                await t.code_lists.store(self.connection_id, [listed])
                await t.code_lists.set_state(self.connection_id, ListState(kind=AliasKind.CUSTOMER, trouble=None))

    async def work(self) -> None:
        for _ in range(40):
            await self.scene.carry_out_suggestions(self.tenant_id, self.connection_id)
            if not (await self.scene.use_cases.show_suggestions(self.tenant_id, "main")).busy:
                return

    async def find(self) -> None:
        await self.scene.use_cases.start_search(self.tenant_id, "main", by="ann")
        await self.work()

    async def ids(self, state: RecordState) -> set[str]:
        async with self.scene.transactions.begin(self.tenant_id) as t:
            page = await t.suggestions.page(self.connection_id, RecordFilter(state=state), limit=1000)
        return {one.record.id for one in page}

    def code_of(self, number: int) -> str:
        key: AliasKey = (AliasKind.CUSTOMER, str(number))
        found = self.scene.service_trade.records.find(self.tenant_id, key)
        assert found
        return next(iter(found.codes.values()), "")


async def test_codes_are_found_looked_at_and_set(scene: Scene) -> None:
    office = await Office.of(scene)
    await office.company(101, "Riverside Bakery Inc", "RIVERS")
    await office.company(102, "Zebra Holdings")
    browser = await (await somebody(scene, Role.ADMINISTRATOR)).open(PAGE)
    assert "Nothing is set before you confirm it." in browser.said
    await browser.press("Find codes")
    assert "ServiceTrade's lists are being read: 0 records so far." in browser.said
    await office.work()
    await browser.open(PAGE)
    assert "Clear (1)" in browser.said
    assert "Nothing found (1)" in browser.said
    assert "Riverside Bakery Inc customer 101" in browser.said
    assert "101 Main St, Cary" in browser.said
    await browser.press("Set 1 code")
    assert "1 code is confirmed. It is checked once more and then set." in browser.said
    assert office.code_of(101) == ""
    await office.work()
    assert office.code_of(101) == "RIVERS"
    await browser.open(f"{PAGE}?group=set")
    assert "RIVERS as External ID, confirmed by" in browser.said
    await browser.open(browser.link("See which upcoming jobs can be sent"))
    assert "Upcoming jobs" in browser.said


async def test_a_part_of_what_a_search_finds_is_not_offered_as_all_of_it(scene: Scene) -> None:
    office = await Office.of(scene)
    await office.company(101, "Riverside Bakery Inc", "RIVERS")
    await office.find()
    async with scene.transactions.begin(office.tenant_id) as t:
        ended = await t.suggestions.search(office.connection_id)
        assert ended
        await t.suggestions.put_search(replace(ended, step=SearchStep.MATCH, finished_at=None))
    browser = await (await somebody(scene, Role.ADMINISTRATOR)).open(PAGE)
    assert "Clear (1)" in browser.said
    assert "The records are listed here when the search has ended." in browser.said
    assert "Riverside" not in browser.said
    assert "Set 1 code" not in browser.said
    async with scene.transactions.begin(office.tenant_id) as t:
        waits = replace(ended, step=SearchStep.MATCH, finished_at=None, failures=1, trouble="No answer.")
        await t.suggestions.put_search(waits)
    await browser.open(PAGE)
    assert "It waits, and continues by itself: No answer." in browser.said
    await browser.press("Set 1 code")
    assert "Codes are being set" not in browser.said, "it waits"
    async with scene.transactions.begin(office.tenant_id) as t:
        await t.suggestions.put_search(ended)
    await browser.open(PAGE)
    assert "Codes are being set: 1 to go." in browser.said


async def test_a_second_press_says_that_nothing_was_left_to_confirm(scene: Scene) -> None:
    office = await Office.of(scene)
    await office.company(101, "Riverside Bakery Inc", "RIVERS")
    await office.find()
    twice = await (await somebody(scene, Role.ADMINISTRATOR)).open(PAGE)
    loaded = twice.text
    await twice.press("Set 1 code")
    twice.text = loaded
    await twice.press("Set 1 code")
    assert "No code was confirmed. None was ticked, or they were confirmed before." in twice.said
    await office.work()
    assert office.code_of(101) == "RIVERS"


async def test_ticks_are_kept_from_page_to_page_without_javascript(scene: Scene) -> None:
    office = await Office.of(scene)
    for number in range(130):
        name = f"{NAMES[number % 7]} {CITIES[number % 5]} {chr(65 + number % 26) * 4} {number * 7919}"
        await office.company(1000 + number, name, f"C{number}")
    await office.find()
    browser = await (await somebody(scene, Role.ADMINISTRATOR)).open(PAGE)
    assert "Clear (130)" in browser.said
    boxes = browser.page.xpath("//input[@type='checkbox'][@checked]")
    assert len(boxes) == 50
    unticked = boxes[3].get("name")
    number = int(unticked.rpartition(".")[2])
    await browser.press("Next page", **{unticked: ""})
    assert len(browser.page.xpath("//input[@type='checkbox'][@checked]")) == 50
    await browser.press("Next page")
    await browser.press("Set all 129 codes that are ticked")
    await office.work()
    assert office.code_of(number) == ""
    assert len(await office.ids(RecordState.SET)) == 129


async def test_the_button_tells_how_many_codes_are_ticked_after_each_stored_tick(scene: Scene) -> None:
    office = await Office.of(scene)
    for number, name in ((101, "Riverside Bakery"), (102, "Oak Hall Cinema"), (103, "Cedar Hospital")):
        await office.company(number, name, f"C{number}")
    await office.find()
    browser = await (await somebody(scene, Role.ADMINISTRATOR)).open(PAGE)
    assert "Set 3 codes" in browser.said
    await browser.press("Show", **{"pick.customer.102": ""})
    assert "Set 2 codes" in browser.said
    await browser.press("Show", **{"pick.customer.102": "C102"})
    assert "Set 3 codes" in browser.said


async def test_a_search_narrows_a_group_keeps_the_ticks_and_sets_only_what_it_finds(scene: Scene) -> None:
    office = await Office.of(scene)
    for number, name in ((101, "Riverside Bakery"), (102, "Oak Hall Cinema"), (103, "Oak Hill Hospital")):
        await office.company(number, name, f"C{number}")
    await office.find()
    browser = await (await somebody(scene, Role.ADMINISTRATOR)).open(PAGE)
    await browser.press("Show", **{"pick.customer.103": ""}, search="OAK")
    assert "Riverside Bakery" not in browser.said
    assert "Oak Hill Hospital" in browser.said
    await browser.press("Set 1 code that this search finds")
    await office.work()
    assert await office.ids(RecordState.SET) == {"102"}
    await browser.press("Show", search="c101 main")
    assert "Riverside Bakery" in browser.said
    await browser.press("Show", search="nobody")
    assert "No record in this group has all of these words." in browser.said
    await browser.press("Show", search="")
    assert "Riverside Bakery" in browser.said


async def test_the_order_is_by_name_or_the_lowest_score_first_also_over_pages(scene: Scene) -> None:
    office = await Office.of(scene)
    for number in range(60):
        name = f"{NAMES[number % 7]} {CITIES[number % 5]} {chr(65 + number % 26) * 4} {number * 7919}"
        there = {} if number % 2 else {"street": ""}
        await office.company(1000 + number, name, f"C{number}", **there)
    await office.find()
    browser = await (await somebody(scene, Role.ADMINISTRATOR)).open(PAGE)
    await browser.press("Show", order="doubt")
    scores = [int(one) for one in re.findall(r"(\d+) of 100", browser.said)]
    await browser.press("Next page")
    scores += [int(one) for one in re.findall(r"(\d+) of 100", browser.said)]
    assert len(scores) == 60
    assert scores == sorted(scores)
    assert len(set(scores)) > 1


async def test_thousands_that_are_being_set_can_be_stopped_with_one_press(scene: Scene) -> None:
    office = await Office.of(scene)
    for number in range(60):
        name = f"{NAMES[number % 7]} {CITIES[number % 5]} {chr(65 + number % 26) * 4} {number * 7919}"
        await office.company(1000 + number, name, f"C{number}")
    await office.find()
    browser = await (await somebody(scene, Role.ADMINISTRATOR)).open(PAGE)
    await browser.press("Set all 60 codes that are ticked")
    await browser.open(f"{PAGE}?group=waiting")
    await browser.press("Take all back that are not set yet")
    await office.work()
    assert await office.ids(RecordState.SET) == set()
    assert len(await office.ids(RecordState.OPEN)) == 60


async def test_a_doubtful_one_is_picked_or_left(scene: Scene) -> None:
    office = await Office.of(scene)
    for number, name in ((201, "Harbor Foods Inc"), (202, "Cedar Hospital Inc")):  # two customers of one name
        for town in ("WILSON", "APEX"):
            await office.company(number, name, f"{name[0]}{town}", street="", city="")
    await office.find()
    browser = await (await somebody(scene, Role.ADMINISTRATOR)).open(f"{PAGE}?group=doubtful")
    assert "Doubtful (2)" in browser.said
    picks = {"pick.customer.201": "HWILSON", "pick.customer.202": "-"}
    await browser.press("Set the codes that I picked", **picks, place="alias")
    assert "1 code is confirmed." in browser.said
    assert "1 record is left without a code." in browser.said
    await office.work()
    assert await office.ids(RecordState.LEFT) == {"202"}
    async with scene.transactions.begin(office.tenant_id) as t:
        assert [one.code for one in await t.aliases.page(office.connection_id)] == ["HWILSON"]
    await browser.open(f"{PAGE}?group=left")
    await browser.press("Open these again")
    assert await office.ids(RecordState.LEFT) == set()


async def test_what_nothing_was_found_for_is_searched_in_the_list(scene: Scene) -> None:
    office = await Office.of(scene)
    await office.company(301, "Zebra Holdings")
    await office.company(302, "Unrelated Name", "QUAGGA", listed_name="Quagga Partners", street="", city="")
    await office.find()
    browser = await (await somebody(scene, Role.ADMINISTRATOR)).open(f"{PAGE}/customer/301?search=quagga")
    assert "QUAGGA Quagga Partners" in browser.said
    await browser.press("Set this code", **{"pick.customer.301": "QUAGGA"})
    await office.work()
    assert office.code_of(301) == "QUAGGA"


async def test_home_leads_to_the_suggestions_where_a_code_is_missing(scene: Scene) -> None:
    await scene.send(UNMAPPED)
    await scene.work()
    browser = await (await somebody(scene, Role.ADMINISTRATOR)).open("/t/cardinal")
    await browser.open(browser.link("Find codes for all records of main at once"))
    assert "Suggested codes" in browser.said


async def test_an_old_page_is_told_and_decides_nothing(scene: Scene) -> None:
    office = await Office.of(scene)
    await office.company(101, "Riverside Bakery Inc", "RIVERS")
    await office.find()
    ann = await (await somebody(scene, Role.ADMINISTRATOR)).open(PAGE)
    bob = await (await somebody(scene, Role.ADMINISTRATOR, "bob@example.com")).open(f"{PAGE}/customer/101")
    await bob.press("Leave it without a code")
    await ann.press("Set 1 code")
    assert "No code was confirmed." in ann.said
    assert "1 record has changed since the page was loaded" in ann.said
    await bob.open(f"{PAGE}/customer/101")
    await bob.press("Take this back")
    await office.work()
    ann_again = await (await somebody(scene, Role.ADMINISTRATOR, "cleo@example.com")).open(f"{PAGE}/customer/101")
    await bob.open(f"{PAGE}/customer/101")
    await bob.press("Set this code", **{"pick.customer.101": "RIVERS"})
    await ann_again.press("Leave it without a code")
    await office.work()
    assert office.code_of(101) == "RIVERS", "what is confirmed is not left by an old page"


async def test_a_viewer_looks_and_decides_nothing(scene: Scene) -> None:
    office = await Office.of(scene)
    await office.company(101, "Riverside Bakery Inc", "RIVERS")
    await office.find()
    viewer = await somebody(scene, Role.VIEWER, "vi@example.com")
    for group in ("clear", "doubtful", "nothing", "not-set", "waiting", "left", "set", "odd"):
        await viewer.open(f"{PAGE}?group={group}")
        assert not viewer.page.xpath("//main//form[@method='post']//button")
    assert "Riverside Bakery Inc" in viewer.said
    await viewer.press("Show", search="nobody")
    assert "Riverside Bakery Inc" not in viewer.said


async def test_who_may_only_look_sees_no_empty_column(scene: Scene) -> None:
    office = await Office.of(scene)
    await office.company(301, "Zebra Holdings")
    await office.company(302, "Unrelated Name", "QUAGGA", listed_name="Quagga Partners", street="", city="")
    await office.find()
    for role, columns in ((Role.VIEWER, 1), (Role.ADMINISTRATOR, 2)):
        browser = await (await somebody(scene, role, f"{role.value}@example.com")).open(f"{PAGE}?group=nothing")
        assert "Zebra Holdings" in browser.said
        assert len(browser.page.xpath("//main//thead//th")) == columns
        assert ("What to do" in browser.said) == (columns == 2)


async def test_odd_addresses_and_forms_change_nothing(scene: Scene) -> None:
    office = await Office.of(scene)
    await office.company(101, "Riverside Bakery Inc", "RIVERS")
    await office.find()
    browser = await (await somebody(scene, Role.ADMINISTRATOR)).open(f"{PAGE}?group=x&kind=y&after=9.z")
    assert "Riverside" in browser.said
    odd = {"shown.customer.101": "x", "pick.customer.101": "y" * 300, "known": "-1"}
    await browser.press("Set 1 code", **odd)
    await office.work()
    assert office.code_of(101) == ""


async def test_ticks_of_a_full_page_are_back_after_a_session_has_ended_and_nothing_was_set(scene: Scene) -> None:
    office = await Office.of(scene)
    first = 2412087334600000
    for number in range(60):
        name = f"{NAMES[number % 7]} {CITIES[number % 5]} {chr(65 + number % 26) * 4} {number * 7919}"
        await office.company(first + number * 4097, name, f"CODE{number}")
    await office.find()
    await person(scene, ANN, Role.ADMINISTRATOR)
    tab = await (await Tab(scene).sign_in()).go("GET", PAGE)
    form = parsed(tab.text).get_element_by_id("list")
    typed = {name: str(value) for name, value in form.form_values() if name != "form_token"}
    unticked = next(name for name in typed if name.startswith("pick.customer."))
    del typed[unticked]
    scene.clock.advance((IDLE + timedelta(minutes=1)).total_seconds())
    await tab.send(PAGE, PAGE, {**typed, FORM_TOKEN: tab.token, "do": "set"})
    assert tab.address.startswith("/sign-in?next=")
    await tab.sign_in()
    assert NOTICE in tab.said
    boxes = {one.get("name"): one.get("checked") for one in parsed(tab.text).xpath("//input[@type='checkbox']")}
    assert (len(boxes), boxes[unticked], sum(one is not None for one in boxes.values())) == (50, None, 49)
    await office.work()
    assert await office.ids(RecordState.SET) == set()

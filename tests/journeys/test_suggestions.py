"""From records without a code to codes that are set, and everything that can fall into the middle of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from adapters.outbound.matching.rapidfuzz_matcher import RapidFuzzMatcher
from adapters.outbound.memory.remote.service_trade import MemoryServiceTrade
from adapters.outbound.memory.transactions import MemoryTransactions
from adapters.outbound.postgres.transactions import PostgresTransactions, make_engine
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from core.model.mappings.alias import Alias, AliasEntry, AliasKey, AliasKind, CodeSource
from core.model.mappings.listed_code import ListedCode, ListState
from core.model.mappings.suggested_record import Grade, RecordState, SearchStep, SuggestedRecord, SuggestionSearch
from core.model.mappings.suggestion import RecordToMap
from core.model.shared.errors import TenantMends, TimeMends
from core.services.mappings.suggestions import match_records
from core.services.mappings.suggestions.decide import Outcome, Pair, PairOutcome
from core.services.wiring import Services
from ports.storage.mappings.suggestions import RecordFilter
from ports.storage.transactions import Transactions
from tests.support.dependencies import over
from tests.support.exact_matcher import ExactMatcher
from tests.support.storage_scene import MASTER_KEY, NOW, a_connection, add_two_tenants

SLUG, SYSTEM = a_connection(1).slug, a_connection(1).external_system
ALIAS, SERVICETRADE = CodeSource.ALIAS, CodeSource.SERVICETRADE
CUSTOMER, SITE, CONTRACT, ITEM = AliasKind
AWAY = TimeMends("ServiceTrade is not available now (HTTP 503).", code="ST_UNREACHABLE")
REFUSED = TenantMends("ServiceTrade refuses the sign-in.", code="ST_LOGIN_REFUSED", fix="Enter the login again.")


def company(number: int, name: str = "", **fields: Any) -> RecordToMap:
    return RecordToMap(kind=CUSTOMER, id=str(number), name=name or f"Company {number:03}", **fields)


def location(number: int, name: str = "", customer: int = 1) -> RecordToMap:
    return RecordToMap(kind=SITE, id=str(number), name=name or f"Plant {number:03}", customer_id=str(customer))


def listed(code: str, name: str, kind: AliasKind = CUSTOMER, **fields: Any) -> ListedCode:
    return ListedCode(kind=kind, code=code, name=name, **fields)


@dataclass
class World:
    """One connection, a ServiceTrade in memory, and a list of Spectrum's codes."""

    transactions: Transactions
    services: Services
    service_trade: MemoryServiceTrade
    matcher: ExactMatcher

    def put(self, *records: RecordToMap, **codes: str) -> None:
        for record in records:
            self.service_trade.records.put("ten_1", record, **codes)

    def code_of(self, key: AliasKey) -> str:
        found = self.service_trade.records.find("ten_1", key)
        assert found
        return found.codes.get(SYSTEM, "")

    async def list_codes(self, *codes: ListedCode) -> None:
        async with self.transactions.begin("ten_1") as t:
            await t.code_lists.store("con_1", codes)
            for kind in {one.kind for one in codes}:
                await t.code_lists.set_state("con_1", ListState(kind=kind, read_at=NOW, complete=True, trouble=None))

    async def work(self, times: int = 30) -> None:
        """As a worker does while something is due."""
        for _ in range(times):
            await self.services.carry_out_suggestions("ten_1", "con_1")
            shown = await self.services.use_cases.show_suggestions("ten_1", SLUG)
            if not shown.busy or (shown.search and shown.search.trouble):
                return

    async def search(self, by: str = "ann") -> SuggestionSearch:
        await self.services.use_cases.start_search("ten_1", SLUG, by=by)
        await self.work()
        return await self.state()

    async def state(self) -> SuggestionSearch:
        async with self.transactions.begin("ten_1") as t:
            found = await t.suggestions.search("con_1")
        assert found
        return found

    async def records(self, state: RecordState = RecordState.OPEN, **wanted: Any) -> dict[str, SuggestedRecord]:
        async with self.transactions.begin("ten_1") as t:
            page = await t.suggestions.page("con_1", RecordFilter(state=state, **wanted), limit=1000)
        return {one.record.id: one for one in page}

    async def one(self, key: AliasKey) -> SuggestedRecord:
        async with self.transactions.begin("ten_1") as t:
            [found] = await t.suggestions.of("con_1", [key])
        return found

    async def confirm(
        self, *pairs: tuple[AliasKey, str], place: CodeSource = SERVICETRADE, by: str = "ann"
    ) -> Sequence[PairOutcome]:
        chosen = [Pair(key, code, (await self.one(key)).version) for key, code in pairs]
        return await self.services.use_cases.decide_suggestions.confirm("ten_1", SLUG, chosen, place, by=by)

    async def confirm_all(self, grade: Grade = Grade.CLEAR, place: CodeSource = SERVICETRADE, by: str = "ann") -> int:
        until = (await self.state()).version
        return await self.services.use_cases.decide_suggestions.confirm_ticked(
            "ten_1", SLUG, grade, place, until=until, by=by
        )

    async def alias(self, key: AliasKey, code: str, by: str = "bob") -> None:
        async with self.transactions.begin("ten_1") as t:
            entry = AliasEntry(*key, "", code)
            alias = Alias(id=f"als_{key[1]}", connection_id="con_1", entry=entry, set_at=NOW, set_by=by)
            await t.aliases.put("con_1", [alias])

    async def aliases(self) -> dict[str, str]:
        async with self.transactions.begin("ten_1") as t:
            return {one.entry.servicetrade_id: one.code for one in await t.aliases.page("con_1", limit=None)}

    async def acts(self) -> list[tuple[str, str]]:
        async with self.transactions.begin("ten_1") as t:
            return [(one.action, one.actor) for one in await t.audit.page(limit=100)]


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.long)])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    transactions: Transactions
    engine = None
    if request.param == "memory":
        transactions = MemoryTransactions()
    else:
        engine = make_engine(request.getfixturevalue("database_url"))
        transactions = PostgresTransactions(engine, AesGcmVault(MASTER_KEY))
    await add_two_tenants(transactions)
    matcher, service_trade = ExactMatcher(), MemoryServiceTrade()
    services = Services(replace(over(transactions), code_matcher=matcher, service_trade=service_trade))
    yield World(transactions, services, service_trade, matcher)
    if engine:
        await engine.dispose()


ONE, TWO, THREE = ((CUSTOMER, str(number)) for number in (1, 2, 3))
PLANT = (SITE, "50")


@pytest.fixture
async def found(world: World) -> World:
    """Company 1 is clear, 2 doubtful, nothing resembles 3; the plant 50 of company 1 is doubtful for now."""
    world.put(company(1), company(2, "Harbor Foods"), company(3, "Zed"), location(50))
    await world.list_codes(
        listed("C1", "Company 001"),
        listed("H1", "Harbor Food Inc"),
        listed("H2", "Harbor LLC"),
        listed("P50", "Plant 050", SITE, customer_code="C1"),
        listed("P51", "Plant 050", SITE, customer_code="X9"),
    )
    await world.search()
    return world


async def test_records_without_a_code_are_found_and_graded(found: World) -> None:
    state = await found.state()
    assert (state.step, state.trouble, set(state.kinds)) == (SearchStep.DONE, "", set(AliasKind))
    records = await found.records()
    assert {id: one.grade for id, one in records.items()} == {
        "1": Grade.CLEAR,
        "2": Grade.DOUBTFUL,
        "3": Grade.NOTHING,
        "50": Grade.DOUBTFUL,
    }
    assert {id: one.code for id, one in records.items()} == {"1": "C1", "2": "", "3": "", "50": ""}
    assert ("suggestions.searched", "ann") in await found.acts()


async def test_records_with_an_external_id_or_an_alias_and_inactive_ones_are_not_asked_about(world: World) -> None:
    world.put(company(1), spectrum_1="C1")
    world.put(company(2), company(3, active=False), company(4))
    await world.alias(TWO, "C2")
    await world.search()
    assert [*await world.records()] == ["4"]
    async with world.transactions.begin("ten_1") as t:
        [copy] = await t.aliases.of("con_1", [ONE], source=SERVICETRADE)
    assert copy.code == "C1", "the list of codes knows it now"


async def test_a_list_of_stubs_is_completed_record_by_record(world: World) -> None:
    world.service_trade.records.stubs = True
    world.put(*(company(number, street=f"{number} Main St") for number in range(1, 40)))
    world.put(company(40), spectrum_1="C40")
    await world.search()
    records = await world.records()
    assert len(records) == 39
    assert records["7"].record.street == "7 Main St"
    assert world.service_trade.calls.count("find_record") == 40


async def test_clear_ones_are_set_together_after_a_person_confirmed_them(found: World) -> None:
    assert await found.confirm_all() == 1
    assert found.code_of(ONE) == "", "nothing is set before the worker has checked it"
    await found.work()
    assert found.code_of(ONE) == "C1"
    assert [*await found.records(RecordState.SET)] == ["1"]
    assert (await found.acts())[:2] == [("code.set", "ann"), ("suggestions.confirmed", "ann")]


async def test_the_audit_says_what_was_suggested_and_how_strongly(found: World) -> None:
    await found.confirm((TWO, "H2"), place=ALIAS, by="bob")
    await found.work()
    async with found.transactions.begin("ten_1") as t:
        [entry, *_] = await t.audit.page(limit=1)
    assert (entry.action, entry.actor) == ("alias.set", "bob")
    told = {name: entry.detail[name] for name in ("code", "suggested", "score", "reasons")}
    assert told == {"code": "H2", "suggested": "H1", "score": "60", "reasons": "same first word"}
    assert await found.aliases() == {"2": "H2"}


async def test_the_sites_of_a_customer_are_compared_again_once_it_has_a_code(found: World) -> None:
    await found.confirm_all()
    await found.work()
    plant = await found.one(PLANT)
    assert (plant.grade, plant.code) == (Grade.CLEAR, "P50")


async def test_a_second_press_changes_nothing(found: World) -> None:
    pair = Pair(ONE, "C1", (await found.one(ONE)).version)
    decide = found.services.use_cases.decide_suggestions
    first = await decide.confirm("ten_1", SLUG, [pair], SERVICETRADE, by="ann")
    again = await decide.confirm("ten_1", SLUG, [pair], SERVICETRADE, by="ann")
    await found.work()
    later = await decide.confirm("ten_1", SLUG, [pair], SERVICETRADE, by="ann")
    assert [one.outcome for one in (*first, *again, *later)] == [Outcome.ACCEPTED, Outcome.ALREADY, Outcome.ALREADY]
    assert [act for act, _ in await found.acts()].count("code.set") == 1


async def test_two_people_confirm_the_same_record(found: World) -> None:
    version = (await found.one(TWO)).version
    decide = found.services.use_cases.decide_suggestions
    [first] = await decide.confirm("ten_1", SLUG, [Pair(TWO, "H1", version)], ALIAS, by="ann")
    [second] = await decide.confirm("ten_1", SLUG, [Pair(TWO, "H2", version)], ALIAS, by="bob")
    assert (first.outcome, second.outcome) == (Outcome.ACCEPTED, Outcome.DECIDED)
    assert second.detail == "ann has confirmed H1 meanwhile."
    await found.work()
    assert await found.aliases() == {"2": "H1"}


async def test_a_code_that_is_typed_in_lower_case_is_the_listed_one(found: World) -> None:
    version = (await found.one(TWO)).version
    decide = found.services.use_cases.decide_suggestions
    [first] = await decide.confirm("ten_1", SLUG, [Pair(TWO, "h1", version)], ALIAS, by="ann")
    [again] = await decide.confirm("ten_1", SLUG, [Pair(TWO, "H1", version)], ALIAS, by="ann")
    assert (first.outcome, again.outcome) == (Outcome.ACCEPTED, Outcome.ALREADY)
    await found.work()
    assert await found.aliases() == {"2": "H1"}, "as Spectrum's list spells it"


async def test_pairs_are_answered_one_by_one(found: World) -> None:
    version = (await found.state()).version
    pairs = [
        Pair(ONE, "C1", (await found.one(ONE)).version),
        Pair(TWO, "H1", version + 5),
        Pair(THREE, "NOPE", (await found.one(THREE)).version),
        Pair(PLANT, " ", (await found.one(PLANT)).version),
        Pair((CUSTOMER, "99"), "C1", 1),
    ]
    outcomes = await found.services.use_cases.decide_suggestions.confirm("ten_1", SLUG, pairs, ALIAS, by="ann")
    assert [one.outcome for one in outcomes] == [
        Outcome.ACCEPTED,
        Outcome.CHANGED,
        Outcome.NOT_LISTED,
        Outcome.INVALID,
        Outcome.CHANGED,
    ]


async def test_somebody_sets_another_alias_meanwhile(found: World) -> None:
    await found.confirm((ONE, "C1"))
    await found.alias(ONE, "OTHER")
    await found.work()
    one = await found.one(ONE)
    assert (one.state, one.code, one.trouble) == (RecordState.OPEN, "", "bob has set the alias OTHER meanwhile.")
    assert (found.code_of(ONE), await found.aliases()) == ("", {"1": "OTHER"})


async def test_somebody_sets_another_external_id_meanwhile(found: World) -> None:
    await found.confirm((ONE, "C1"))
    found.put(company(1), spectrum_1="OTHER")
    await found.work()
    assert "OTHER" in (await found.one(ONE)).trouble
    assert found.code_of(ONE) == "OTHER"


async def test_the_same_external_id_that_somebody_has_set_meanwhile_is_what_was_wanted(found: World) -> None:
    await found.confirm((ONE, "C1"))
    found.put(company(1), spectrum_1="C1")
    await found.work()
    assert (await found.one(ONE)).state is RecordState.SET
    assert "write_code" not in found.service_trade.calls


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (company(1, "Another Company"), "it is Another Company now"),
        (company(1, "Company 001", street="5 New Rd", city="Cary"), ""),
    ],
)
async def test_a_record_that_was_renamed_is_shown_again_before_anything_is_set(
    found: World, now: RecordToMap, told: str
) -> None:
    await found.confirm((ONE, "C1"))
    found.put(now)
    await found.work()
    one = await found.one(ONE)
    if told:
        assert told in one.trouble
        assert (one.state, one.record, found.code_of(ONE)) == (RecordState.OPEN, now, "")
    else:
        assert one.state is RecordState.SET, "an address that was not known before is no change"


async def test_a_record_that_was_deleted_in_servicetrade(found: World) -> None:
    await found.confirm((ONE, "C1"))
    found.service_trade.records.remove("ten_1", ONE)
    await found.work()
    assert (await found.one(ONE)).trouble == "ServiceTrade does not have this record any more."
    await found.search()
    assert "1" not in await found.records()


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (None, "C1 is not in the list of Spectrum's codes any more."),
        (listed("C1", "Company 001", active=False), "C1 is inactive in Spectrum now."),
        (listed("C1", "Somebody Else"), "In Spectrum C1 is called Somebody Else now, not Company 001."),
    ],
)
async def test_the_list_was_read_again_and_the_code_is_another(found: World, now: ListedCode | None, told: str) -> None:
    await found.confirm((ONE, "C1"))
    async with found.transactions.begin("ten_1") as t:
        await t.code_lists.remove("con_1", [(CUSTOMER, "C1")])
        if now:
            await t.code_lists.store("con_1", [now])
    await found.work()
    assert (await found.one(ONE)).trouble == told
    assert found.code_of(ONE) == ""


async def test_a_connection_that_leads_to_another_company_takes_no_code_of_the_old_one(found: World) -> None:
    await found.confirm((ONE, "C1"))
    async with found.transactions.begin("ten_1") as t:
        connection = await t.connections.get("con_1")
        await t.connections.change(replace(connection, external_system="spectrum_west"), None)
    shown = await found.services.use_cases.show_suggestions("ten_1", SLUG)
    assert "another company or external system" in shown.stale[0]
    await found.work()
    assert (await found.one(ONE)).trouble == "The connection was changed since the search. Search again."
    assert "write_code" not in found.service_trade.calls


async def test_a_paused_connection_takes_codes_all_the_same(found: World) -> None:
    await found.confirm((ONE, "C1"))
    await found.services.use_cases.pause_connection("ten_1", SLUG, paused=True)
    await found.work()
    assert (await found.one(ONE)).state is RecordState.SET


async def test_a_removed_connection_ends_the_work(found: World) -> None:
    await found.confirm((ONE, "C1"))
    async with found.transactions.begin("ten_1") as t:
        await t.connections.remove("con_1")
    await found.services.carry_out_suggestions("ten_1", "con_1")
    assert found.code_of(ONE) == ""


async def test_servicetrade_is_away_in_the_middle_and_the_rest_is_set_later(world: World) -> None:
    world.put(*(company(number) for number in range(1, 31)))
    await world.list_codes(*(listed(f"C{number}", f"Company {number:03}") for number in range(1, 31)))
    await world.search()
    assert await world.confirm_all() == 30
    world.service_trade.fail_next(AWAY, AWAY, call="write_code")
    world.service_trade.fail_next(AWAY, call="find_record")
    await world.work()
    state = await world.state()
    assert (state.failures, state.trouble) == (1, AWAY.message)
    assert len(await world.records(RecordState.SET)) == 5
    await world.services.carry_out_suggestions("ten_1", "con_1")
    await world.work()
    assert len(await world.records(RecordState.SET)) == 30
    assert (await world.state()).trouble == ""
    assert [act for act, _ in await world.acts()].count("code.set") == 30


async def test_a_lost_answer_to_a_write_does_not_set_or_tell_twice(found: World) -> None:
    await found.confirm((ONE, "C1"))
    found.service_trade.fail_next(AWAY, call="write_code", applied=True)
    await found.work()
    assert (await found.one(ONE)).state is RecordState.CONFIRMED
    await found.services.carry_out_suggestions("ten_1", "con_1")
    assert (await found.one(ONE)).state is RecordState.SET
    assert found.service_trade.calls.count("write_code") == 1
    assert [act for act, _ in await found.acts()].count("code.set") == 1


async def test_a_refused_login_opens_what_was_confirmed_and_says_why(found: World) -> None:
    await found.confirm((ONE, "C1"))
    found.service_trade.fail_next(REFUSED, call="find_record")
    await found.work()
    one = await found.one(ONE)
    assert one.state is RecordState.OPEN
    assert REFUSED.message in one.trouble
    assert (await found.confirm((ONE, "C1")))[0].outcome is Outcome.ACCEPTED, "it can be tried again"


async def test_one_code_for_two_records_is_accepted_once_by_servicetrade_and_by_aliases_always(world: World) -> None:
    world.put(company(1, "Same"), company(2, "Same"))
    await world.list_codes(listed("S", "Same"))
    await world.search()
    assert await world.confirm_all() == 2
    await world.work()
    [left] = (await world.records()).values()
    assert "another record carries it" in left.trouble
    assert "alias" in left.trouble
    await world.confirm((left.key, "S"), place=ALIAS)
    await world.work()
    assert await world.aliases() == {left.record.id: "S"}


async def test_a_list_that_cannot_be_read_does_not_hide_the_others(world: World) -> None:
    world.put(company(1))
    forbidden = TenantMends("ServiceTrade does not allow to list.", code="ST_PERMISSION")
    await world.services.use_cases.start_search("ten_1", SLUG)
    calls = {"n": 0}
    list_records = world.service_trade.list_records

    def some(account: Any, kind: AliasKind, system: str) -> Any:
        calls["n"] += 1
        if kind is CONTRACT:
            world.service_trade.fail_next(forbidden, call="list_records")
        return list_records(account, kind, system)

    world.service_trade.list_records = some  # type: ignore[method-assign]
    await world.work()
    state = await world.state()
    assert state.unread == {CONTRACT: forbidden.message}
    assert (state.step, set(state.kinds)) == (SearchStep.DONE, {CUSTOMER, SITE, ITEM})
    assert [*await world.records()] == ["1"]


async def test_a_search_that_dies_while_it_reads_goes_on_and_loses_nothing(world: World) -> None:
    world.put(*(company(number) for number in range(1, 6)), location(50))
    await world.services.use_cases.start_search("ten_1", SLUG)
    world.service_trade.fail_next(AWAY, call="list_records", applied=True)
    await world.services.carry_out_suggestions("ten_1", "con_1")
    assert (await world.state()).trouble == AWAY.message
    await world.work()
    assert len(await world.records()) == 6
    assert (await world.state()).step is SearchStep.DONE


async def test_one_search_at_a_time(world: World) -> None:
    start = world.services.use_cases.start_search
    first = await start("ten_1", SLUG, by="ann")
    assert await start("ten_1", SLUG, by="bob") == first
    await world.work()
    assert (await start("ten_1", SLUG, by="bob")).round == 2


async def test_a_new_search_keeps_what_people_decided(found: World) -> None:
    decide = found.services.use_cases.decide_suggestions
    await decide.leave("ten_1", SLUG, [THREE], by="ann")
    two = await found.one(TWO)
    await decide.tick(
        "ten_1", SLUG, [Pair(TWO, "H1", two.version), Pair(ONE, "", (await found.one(ONE)).version)], by="ann"
    )
    await found.search()
    assert [*await found.records(RecordState.LEFT)] == ["3"]
    assert {id: one.code for id, one in (await found.records()).items()} == {"1": "", "2": "H1", "50": ""}
    assert (await found.one(TWO)).version == two.version, "it looks the same as before"


async def test_ticks_of_an_old_page_are_not_taken_for_what_stands_there_now(found: World) -> None:
    shown = await found.one(TWO)
    await found.list_codes(listed("H0", "Harbor Foods"))
    await found.search()
    assert (await found.one(TWO)).code == "H0"
    pairs = [Pair(TWO, "H1", shown.version)]
    assert await found.services.use_cases.decide_suggestions.tick("ten_1", SLUG, pairs, by="ann") == [TWO]
    assert (await found.one(TWO)).code == "H0"


async def test_clear_ones_that_came_after_the_page_was_shown_are_not_confirmed_with_it(found: World) -> None:
    until = (await found.state()).version
    found.put(company(4, "Delta"))
    await found.list_codes(listed("C4", "Delta"))
    await found.search()
    confirm = found.services.use_cases.decide_suggestions.confirm_ticked
    assert await confirm("ten_1", SLUG, Grade.CLEAR, SERVICETRADE, until=until, by="ann") == 1
    assert [*await found.records(grade=Grade.CLEAR)] == ["4"]


async def test_doubtful_ones_are_confirmed_only_by_the_person_who_picked_them(found: World) -> None:
    decide = found.services.use_cases.decide_suggestions
    await decide.tick("ten_1", SLUG, [Pair(TWO, "H1", (await found.one(TWO)).version)], by="bob")
    assert await found.confirm_all(Grade.DOUBTFUL, by="ann") == 0
    assert await found.confirm_all(Grade.DOUBTFUL, by="bob") == 1


async def test_what_was_left_or_confirmed_can_be_taken_back(found: World) -> None:
    decide = found.services.use_cases.decide_suggestions
    await decide.leave("ten_1", SLUG, [THREE], by="ann")
    await found.confirm((ONE, "C1"))
    assert await decide.take_back("ten_1", SLUG, [ONE, THREE], by="bob") == 2
    await found.work()
    assert {*await found.records()} == {"1", "2", "3", "50"}
    assert found.code_of(ONE) == ""


async def test_a_code_that_is_taken_away_again_is_asked_about_in_the_next_search(found: World) -> None:
    await found.confirm_all()
    await found.work()
    found.put(company(1), spectrum_1="")
    await found.search()
    assert (await found.one(ONE)).state is RecordState.OPEN


async def test_an_inactive_code_is_never_suggested(world: World) -> None:
    world.put(company(1))
    await world.list_codes(listed("C1", "Company 001", active=False))
    await world.search()
    assert (await world.one(ONE)).grade is Grade.NOTHING


async def test_many_records_are_compared_in_batches(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(match_records, "COMPARED_AT_ONCE", 500)
    world.put(*(company(number) for number in range(1, 601)))
    await world.list_codes(*(listed(f"C{number}", f"Company {number:03}") for number in range(1, 601)))
    await world.search()
    assert [len(batch) for batch in world.matcher.asked] == [500, 100]
    assert await world.confirm_all() == 600
    tally = (await world.services.use_cases.show_suggestions("ten_1", SLUG)).tally
    assert tally.of(RecordState.CONFIRMED) == 600


async def test_another_tenant_cannot_touch_it(found: World) -> None:
    decide = found.services.use_cases.decide_suggestions
    pair = Pair(ONE, "C1", (await found.one(ONE)).version)
    async with found.transactions.begin("ten_2") as t:
        other = (await t.connections.all())[0].slug
    assert (
        other == SLUG or (await decide.confirm("ten_2", other, [pair], ALIAS, by="eve"))[0].outcome is Outcome.CHANGED
    )
    assert (await found.one(ONE)).state is RecordState.OPEN


async def test_the_matcher_knows_the_customers_names_and_which_sites_are_taken(world: World) -> None:
    services = Services(
        replace(over(world.transactions), code_matcher=RapidFuzzMatcher(), service_trade=world.service_trade)
    )
    matching = replace(world, services=services)
    world.put(company(1, "Harborview Foods Inc"))
    world.put(location(50, "Harborview Foods - Cold Dock"), location(51, "Harborview Foods - Gate House"))
    await world.alias(ONE, "HARVIEW")
    await world.alias((SITE, "77"), "HV2")
    await world.list_codes(
        listed("HARVIEW", "HARBORVIEW FOODS"),
        listed("HV1", "COLD DOCK", SITE, customer_code="HARVIEW"),
        listed("HV2", "GATE HOUSE", SITE, customer_code="HARVIEW"),
    )
    await matching.search()
    records = await matching.records(kind=SITE)
    assert {id: (one.grade, one.code) for id, one in records.items()} == {
        "50": (Grade.CLEAR, "HV1"),
        "51": (Grade.DOUBTFUL, ""),
    }

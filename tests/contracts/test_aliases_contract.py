"""One suite for aliases in memory and in PostgreSQL: lookup, pages, replacement and history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.model.connections.connection import ConnectionSecrets
from core.model.mappings.alias import Alias, AliasEnd, AliasEntry, AliasKind, CodeSource
from core.model.shared.errors import NotFound
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant
from ports.storage.transactions import TenantTransaction, Transactions
from tests.support.storage_scene import a_connection

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
CUSTOMER, SITE, CONTRACT = AliasKind.CUSTOMER, AliasKind.SITE, AliasKind.CONTRACT


@pytest.fixture
async def transactions(storage: Transactions) -> Transactions:
    """ten_1 with con_1 and con_3, ten_2 with con_2."""
    await _furnish(storage)
    return storage


async def _furnish(made: Transactions) -> None:
    async with made.begin_instance() as i:
        for number in (1, 2):
            tenant = Tenant(id=f"ten_{number}", slug=f"tenant-{number}", name="Tenant", created_at=NOW)
            await i.tenants.add(tenant, PasswordLogin("user", Secret("password")))
    for number, tenant_number in ((1, 1), (2, 2), (3, 1)):
        async with made.begin(f"ten_{tenant_number}") as t:
            await t.connections.add(a_connection(number, tenant_number), ConnectionSecrets(Secret("AUTH")))


def an_alias(
    number: int,
    code: str = "HARVIEW",
    *,
    kind: AliasKind = CUSTOMER,
    record: str = "7",
    connection: str = "con_1",
    at: datetime = NOW,
    by: str = "ann",
) -> Alias:
    entry = AliasEntry(kind, record, "Harborview", code)
    return Alias(id=f"als_{number}", connection_id=connection, entry=entry, set_at=at, set_by=by)


async def put(transactions: Transactions, *aliases: Alias, tenant: str = "ten_1") -> None:
    async with transactions.begin(tenant) as t:
        await t.aliases.put(aliases[0].connection_id, aliases)


async def present(t: TenantTransaction, alias_id: str) -> Alias:
    [found] = [one for one in await t.aliases.page("con_1", limit=None) if one.id == alias_id]
    return found


async def test_what_is_put_is_found_by_record_and_in_the_list(transactions: Transactions) -> None:
    await put(transactions, an_alias(1), an_alias(2, "HV0001", kind=SITE), an_alias(3, "HV0002", kind=SITE, record="8"))
    async with transactions.begin("ten_1") as t:
        found = await t.aliases.of("con_1", [(CUSTOMER, "7"), (SITE, "8"), (CONTRACT, "7"), (CUSTOMER, "8")])
        assert {alias.id: alias.code for alias in found} == {"als_1": "HARVIEW", "als_3": "HV0002"}
        alias = await present(t, "als_1")
        assert (alias.entry, alias.set_at, alias.set_by) == (an_alias(1).entry, NOW, "ann")
        assert alias.connection_id == "con_1"
        assert not await t.aliases.of("con_1", [])


async def test_two_records_may_have_one_code(transactions: Transactions) -> None:
    await put(transactions, an_alias(1), an_alias(2, record="8"))
    async with transactions.begin("ten_1") as t:
        found = await t.aliases.of("con_1", [(CUSTOMER, "7"), (CUSTOMER, "8")])
        assert [alias.code for alias in found] == ["HARVIEW", "HARVIEW"]


async def test_an_alias_is_its_connections_only(transactions: Transactions) -> None:
    await put(transactions, an_alias(1))
    await put(transactions, an_alias(2, "OTHER", connection="con_3"))
    async with transactions.begin("ten_1") as t:
        for connection, code in (("con_1", "HARVIEW"), ("con_3", "OTHER")):
            assert [one.code for one in await t.aliases.of(connection, [(CUSTOMER, "7")])] == [code]
            assert [one.code for one in await t.aliases.page(connection)] == [code]


async def test_an_alias_is_its_tenants_only(transactions: Transactions) -> None:
    await put(transactions, an_alias(1))
    async with transactions.begin("ten_1") as t:
        await t.aliases.remove("als_1", at=LATER, by="bob")
    await put(transactions, an_alias(2))
    async with transactions.begin("ten_2") as t:
        assert not await t.aliases.of("con_1", [(CUSTOMER, "7")])
        assert not await t.aliases.page("con_1")
    for id_ in ("als_1", "als_2"):
        async with transactions.begin("ten_2") as t:
            for touch in (t.aliases.history(id_), t.aliases.remove(id_, at=NOW, by="eve")):
                with pytest.raises(NotFound) as caught:
                    await touch
                assert caught.value.code == "ALIAS_NOT_FOUND"
    async with transactions.begin("ten_1") as t:
        assert (await present(t, "als_2")).code == "HARVIEW"


async def test_a_replaced_alias_keeps_its_id_and_place_and_its_former_values(transactions: Transactions) -> None:
    await put(transactions, an_alias(1), an_alias(2, record="8"))
    async with transactions.begin("ten_1") as t:
        former = await present(t, "als_1")
    await put(transactions, an_alias(9, "HARVIEW2", at=LATER, by="bob"))
    async with transactions.begin("ten_1") as t:
        now = await present(t, "als_1")
        assert (now.code, now.set_at, now.set_by, now.seq) == ("HARVIEW2", LATER, "bob", former.seq)
        (kept,) = await t.aliases.history("als_1")
        assert kept.alias == former
        assert (kept.end, kept.ended_at, kept.ended_by) == (AliasEnd.REPLACED, LATER, "bob")
        assert not await t.aliases.history("als_2")
        assert {one.id for one in await t.aliases.page("con_1")} == {"als_1", "als_2"}, "the new id is not used"


async def test_a_removed_alias_is_gone_and_its_history_stays(transactions: Transactions) -> None:
    await put(transactions, an_alias(1))
    async with transactions.begin("ten_1") as t:
        former = await present(t, "als_1")
    async with transactions.begin("ten_1") as t:
        assert await t.aliases.remove("als_1", at=LATER, by="bob") == former
    async with transactions.begin("ten_1") as t:
        assert not await t.aliases.of("con_1", [(CUSTOMER, "7")])
        assert not await t.aliases.page("con_1")
        (kept,) = await t.aliases.history("als_1")
        assert (kept.alias, kept.end, kept.ended_by) == (former, AliasEnd.REMOVED, "bob")
        with pytest.raises(NotFound):
            await t.aliases.remove("als_1", at=LATER, by="bob")


async def test_the_history_is_the_records_whatever_the_alias_is_called(transactions: Transactions) -> None:
    """Removed and set again it has a new id; what was before belongs to both. Other records' stays out."""
    await put(transactions, an_alias(1, "A"), an_alias(5, "X", record="8"), an_alias(6, "Y", kind=SITE))
    await put(transactions, an_alias(2, "B", at=LATER))
    await put(transactions, an_alias(5, "Z", record="8", at=LATER))
    await put(transactions, an_alias(7, "N", connection="con_3"))
    await put(transactions, an_alias(7, "M", connection="con_3", at=LATER))
    async with transactions.begin("ten_1") as t:
        await t.aliases.remove("als_1", at=LATER, by="bob")
    await put(transactions, an_alias(3, "C", at=LATER))
    async with transactions.begin("ten_1") as t:
        for alias_id in ("als_1", "als_3"):
            assert [(one.alias.code, one.end) for one in await t.aliases.history(alias_id)] == [
                ("B", AliasEnd.REMOVED),
                ("A", AliasEnd.REPLACED),
            ]
        with pytest.raises(NotFound):
            await t.aliases.history("als_2")  # B took over the id of A
        with pytest.raises(NotFound):
            await t.aliases.history("als_99")


async def test_aliases_are_searched_by_name_code_and_id(transactions: Transactions) -> None:
    await put(
        transactions,
        replace(an_alias(1), entry=AliasEntry(CUSTOMER, "71", "Harborview 100% _Foods", "HARV")),
        replace(an_alias(2), entry=AliasEntry(SITE, "82", "Plant\\2", "HV0002")),
        replace(an_alias(3), entry=AliasEntry(CUSTOMER, "93", "", "OAK")),
    )
    await put(transactions, an_alias(4, connection="con_3"))
    await put(transactions, an_alias(5, connection="con_2"), tenant="ten_2")
    async with transactions.begin("ten_1") as t:
        for search, found in (
            ("", [3, 2, 1]),
            ("harborVIEW", [1]),
            ("hv00", [2]),
            ("93", [3]),
            ("a", [3, 2, 1]),
            ("%", [1]),
            ("_f", [1]),
            ("\\", [2]),
            ("'", []),
            ("HARVIEW", []),
        ):
            page = await t.aliases.page("con_1", search=search)
            assert [alias.id for alias in page] == [f"als_{number}" for number in found], search
        assert [alias.id for alias in await t.aliases.page("con_1", search="a", kind=CUSTOMER, limit=1)] == ["als_3"]
        [third] = await t.aliases.page("con_1", search="OAK")
        assert [alias.id for alias in await t.aliases.page("con_1", search="a", before=third.seq)] == ["als_2", "als_1"]


async def test_pages_go_from_the_newest_to_the_oldest_without_gap(transactions: Transactions) -> None:
    await put(transactions, *(an_alias(n, kind=SITE if n % 2 else CUSTOMER, record=str(n)) for n in range(1, 8)))
    async with transactions.begin("ten_1") as t:
        seen: list[str] = []
        before = None
        while page := await t.aliases.page("con_1", limit=3, before=before):
            seen += [alias.id for alias in page]
            before = page[-1].seq
        assert seen == [f"als_{n}" for n in range(7, 0, -1)]
        assert [one.id for one in await t.aliases.page("con_1", kind=CUSTOMER)] == ["als_6", "als_4", "als_2"]
        assert len(await t.aliases.page("con_1", limit=None)) == 7


async def test_a_failed_transaction_leaves_neither_alias_nor_history(transactions: Transactions) -> None:
    await put(transactions, an_alias(1, "A"))
    with pytest.raises(RuntimeError, match="stop"):
        async with transactions.begin("ten_1") as t:
            await t.aliases.put("con_1", [an_alias(2, "B")])
            raise RuntimeError("stop")
    async with transactions.begin("ten_1") as t:
        assert (await present(t, "als_1")).code == "A"
        assert not await t.aliases.history("als_1")


@pytest.mark.long
async def test_thousands_are_put_and_asked_for_at_once(transactions: Transactions) -> None:
    """More than PostgreSQL takes parameters in one statement."""
    many = [an_alias(n, record=str(n)) for n in range(1, 20_001)]
    await put(transactions, *many)
    await put(transactions, *(an_alias(n, "B", record=str(n), at=LATER) for n in range(1, 20_001)))
    keys = [(kind, alias.entry.servicetrade_id) for alias in many for kind in (CUSTOMER, SITE)]
    async with transactions.begin("ten_1") as t:
        found = await t.aliases.of("con_1", keys)
        assert len(found) == 20_000
        assert {alias.code for alias in found} == {"B"}
        assert [one.alias.code for one in await t.aliases.history("als_17")] == ["HARVIEW"]


COPY = CodeSource.SERVICETRADE


async def test_a_copy_of_an_external_id_stands_beside_the_alias_and_never_for_it(transactions: Transactions) -> None:
    await put(transactions, an_alias(1), replace(an_alias(2, "INST"), source=COPY))
    await put(transactions, replace(an_alias(3, "INST2", at=LATER, by=""), source=COPY))
    async with transactions.begin("ten_1") as t:
        assert [one.code for one in await t.aliases.of("con_1", [(CUSTOMER, "7")])] == ["HARVIEW"]
        assert [one.code for one in await t.aliases.of("con_1", [(CUSTOMER, "7")], source=COPY)] == ["INST2"]
        assert [one.code for one in await t.aliases.page("con_1")] == ["HARVIEW"]
        assert [one.code for one in await t.aliases.page("con_1", source=None)] == ["INST2", "HARVIEW"]
        assert [one.id for one in await t.aliases.page("con_1", source=COPY)] == ["als_2"]
        assert not await t.aliases.history("als_1")
        former = await t.aliases.former("con_1", (CUSTOMER, "7"))
        assert [(one.alias.code, one.alias.source) for one in former] == [("INST", COPY)]
        assert (await t.aliases.get("als_2")).source is COPY
    async with transactions.begin("ten_1") as t:
        await t.aliases.remove("als_2", at=LATER, by="")
    async with transactions.begin("ten_1") as t:
        assert [one.code for one in await t.aliases.page("con_1", source=None)] == ["HARVIEW"]
        with pytest.raises(NotFound):
            await t.aliases.get("als_2")


async def test_only_an_alias_counts_for_a_send(transactions: Transactions) -> None:
    await put(transactions, replace(an_alias(1, "INST"), source=COPY))
    assert not await transactions.aliases_of("ten_1", "con_1", [(CUSTOMER, "7")])
    known = await transactions.plan_input("ten_1", "2000", connection_id="con_1")
    assert not known.aliases
    await put(transactions, an_alias(2))
    assert (await transactions.plan_input("ten_1", "2000", connection_id="con_1")).aliases
    assert [one.code for one in await transactions.aliases_of("ten_1", "con_1", [(CUSTOMER, "7")])] == ["HARVIEW"]


async def test_codes_of_records_with_an_alike_name_are_found(transactions: Transactions) -> None:
    named = {1: "Harborview Foods", 2: "Mill 100%", 3: "Old harborview Mill"}
    entries = [AliasEntry(SITE, str(number), name, f"C{number}") for number, name in named.items()]
    await put(transactions, *(replace(an_alias(number), entry=entry) for number, entry in enumerate(entries, 1)))
    await put(transactions, replace(an_alias(4), entry=AliasEntry(CUSTOMER, "4", "Harborview", "C4")))
    await put(transactions, replace(an_alias(5, connection="con_3"), entry=AliasEntry(SITE, "5", "Harborview", "C5")))
    async with transactions.begin("ten_1") as t:
        for words, found in (
            (["HARBOR"], ["C3", "C1"]),
            (["foods", "mill"], ["C3", "C2", "C1"]),
            (["%"], ["C2"]),
            ([], []),
        ):
            assert [one.code for one in await t.aliases.alike("con_1", SITE, words)] == found
        assert len(await t.aliases.alike("con_1", SITE, ["harbor"], limit=1)) == 1
    async with transactions.begin("ten_2") as t:
        assert not await t.aliases.alike("con_1", SITE, ["harbor"])

"""An alias on a job: which record it belongs to, and that rules see the code that counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.model.mappings.alias import Alias, AliasEntry, AliasKind
from core.model.planning.job import JobSnapshot, Party
from core.model.shared.errors import BadInput
from core.model.work_orders.work_order import CONTRACT, CUSTOMER, SITE
from tests.units.planning.test_plan_send import JOB, codes, plan

AT = datetime(2026, 11, 23, 8, 5, tzinfo=UTC)


def an_alias(kind: AliasKind, record: str, code: str, name: str = "Annex") -> Alias:
    entry = AliasEntry(kind, record, name, code)
    return Alias(id="als_1", connection_id="con_1", entry=entry, set_at=AT, set_by="ann")


def test_one_id_may_be_a_company_a_location_and_a_contract() -> None:
    same = Party(id="5", name="Five")
    job = replace(JOB, customer=same, location=same, contract=same)
    assert set(job.parties) == {(kind, "5") for kind in AliasKind if kind is not AliasKind.ITEM}
    mapped = job.with_aliases([an_alias(AliasKind.SITE, "5", "S5"), an_alias(AliasKind.CUSTOMER, "6", "C6")])
    shown = [party.code for party in (mapped.customer, mapped.location, mapped.contract) if party]
    assert shown == ["", "S5", ""]


def test_a_job_without_parties_asks_for_nothing() -> None:
    job = JobSnapshot(id="1", number="1", status="new")
    assert not job.parties
    assert job.with_aliases([an_alias(AliasKind.SITE, "5", "S5")]) == job


@pytest.mark.parametrize("external_id", ["ELSEWHERE", "", "  ", None])
async def test_an_alias_gives_the_code_whatever_the_external_id_is(external_id: str | None) -> None:
    five = Party(id="5", name="Five", external_id=external_id)
    aliases = [
        an_alias(AliasKind.CUSTOMER, "5", "C5"),
        an_alias(AliasKind.SITE, "5", "S5", ""),
        an_alias(AliasKind.CONTRACT, "5", "K5"),
    ]
    made = await plan(replace(JOB, customer=five, location=five, contract=five).with_aliases(aliases))
    assert [made.values[field] for field in (CUSTOMER, SITE, CONTRACT)] == ["C5", "S5", "K5"]
    origins = {value.field: value.origin for value in made.header}
    assert [origins[field].source for field in (CUSTOMER, SITE, CONTRACT)] == [
        "alias.customer",
        "alias.site",
        "alias.contract",
    ]
    assert origins[CUSTOMER].reason == "the alias of Annex, set 23 Nov 2026, 08:05 UTC by ann"
    assert origins[SITE].reason == "the alias, set 23 Nov 2026, 08:05 UTC by ann"
    assert (made.sendable, made.findings) == (True, ())


async def test_the_hash_tells_an_alias_from_an_external_id_with_the_same_code() -> None:
    assert JOB.customer
    same = an_alias(AliasKind.CUSTOMER, JOB.customer.id, JOB.customer.code)
    mapped = await plan(JOB.with_aliases([same]))
    assert mapped.values == (await plan()).values
    assert mapped.plan_hash != (await plan()).plan_hash


async def test_what_has_neither_names_the_record_and_both_ways_to_mend_it() -> None:
    made = await plan(replace(JOB, customer=Party(id="77", name="Annex")))
    assert codes(made) == ["MAP_CUSTOMER_MISSING"]
    assert "ServiceTrade id 77" in made.findings[0].message
    assert any("alias" in step for step in made.findings[0].fix)


def test_a_wrong_entry_names_every_field() -> None:
    with pytest.raises(BadInput) as caught:
        AliasEntry(AliasKind.SITE, "", "two\nlines", " ")
    assert caught.value.code == "ALIAS_INVALID"
    assert [error.pointer for error in caught.value.errors] == ["/servicetrade_id", "/name", "/code"]

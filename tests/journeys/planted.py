"""Completed jobs that a reconciliation finds equal or different: each planting gives the job and the kinds it must
find, as people, programs and time bring them about."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID
from core.model.mappings.alias import AliasEntry, AliasKind
from core.model.reconciliation.entry import Kind
from core.model.sending.send import SendState
from core.model.work_orders.cost_line import ItemsMode
from tests.journeys.items import add_item, lose_the_answer
from tests.journeys.world import NORTH, World

SOUTH, WEST, OLD = "south", "west", "old"
SYSTEMS = {NORTH: "spectrum", SOUTH: "spectrum_south", WEST: "spectrum_west", OLD: "spectrum_old"}
ITEMS = ("GAUGE-300 2 18.20", "!FEE-TRIP 1 45")
Planting = Callable[["Planted"], Awaitable[str]]


@dataclass
class Planted:
    """`expected` are the kinds of difference by job, empty for a job that must be found equal."""

    world: World
    expected: dict[str, frozenset[Kind]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(700001))
    customer: str = ""
    location: str = ""
    unmapped: str = ""
    aliased: str = ""

    async def connect(self) -> None:
        """South leads to the same company as north, west to another one. All know the customer and the site."""
        state = self.world.servicetrade.state
        state.external_systems = sorted(SYSTEMS.values())
        known = self.world.job(FIRST_JOB_ID)
        codes = [state.companies[known.customer or ""].external_ids, state.locations[known.location or ""].external_ids]
        mapped = dict.fromkeys(SYSTEMS.values())
        self.customer = state.add_company("Harborview", **dict.fromkeys(mapped, codes[0]["spectrum"]))
        self.location = state.add_location("Plant 2", **dict.fromkeys(mapped, codes[1]["spectrum"]))
        self.unmapped, self.aliased = state.add_company("Nobody knows them"), state.add_company("Riverside Annex")
        for slug, company, letter in ((SOUTH, "101", "S"), (WEST, "102", "W"), (OLD, "101", "O")):
            await self.world.connect(
                self.world.tenant, slug, company_code=company, external_system=SYSTEMS[slug], leading_character=letter
            )
        west = self.world.spectrum.state.companies["102"]
        west.customers, west.sites = self.world.company.customers, self.world.company.sites
        entry = AliasEntry(AliasKind.CUSTOMER, self.aliased, "Riverside Annex", codes[0]["spectrum"])
        await self.world.use_cases.aliases.set(self.world.tenant.id, NORTH, [entry], by="ann")

    async def plant(self, planting: Planting, *kinds: Kind) -> str:
        job_id = await planting(self)
        self.expected[job_id] = frozenset(kinds)
        return job_id

    def job(self, *items: str, **fields: Any) -> str:
        """Completed just now."""
        state = self.world.servicetrade.state
        given = {"customer": self.customer, "location": self.location, "description": "Retest."} | fields
        job_id = state.add_job(str(next(self.numbers)), **given)
        for item in items:
            add_item(self.world, job_id, item)
        state.complete(job_id)
        return job_id

    async def sent(self, *items: str, connection: str = NORTH, mode: ItemsMode | None = None, **fields: Any) -> str:
        job_id = self.job(*items, **fields)
        await self.send(job_id, mode or (ItemsMode.NEW_ONLY if items else ItemsMode.NONE), connection=connection)
        return job_id

    async def send(self, job_id: str, mode: ItemsMode, *, connection: str = NORTH, **more: Any) -> None:
        send = await self.world.send(job_id, connection=connection, items=mode, **more)
        assert send.state is SendState.SENT or (send.state is SendState.SENT_WITH_WARNINGS), send.findings

    def items_of(self, job_id: str) -> list[str]:
        return [key for key, one in self.world.servicetrade.state.job_items.items() if one.job == job_id]

    def touch(self, job_id: str) -> None:
        self.world.servicetrade.state.touch(job_id)


# Accounted for.


async def with_items(p: Planted) -> str:
    return await p.sent(*ITEMS)


async def without_items(p: Planted) -> str:
    return await p.sent()


async def only_labor(p: Planted) -> str:
    job_id = await p.sent()
    p.world.servicetrade.state.add_job_item(job_id, "Hours", kind="labor", code="LAB", quantity=Decimal(3))
    return job_id


async def recompleted_and_corrected(p: Planted) -> str:
    job_id = await p.sent(*ITEMS)
    p.world.servicetrade.state.reopen(job_id)
    p.world.servicetrade.state.job_items[p.items_of(job_id)[0]].quantity = Decimal(7)
    p.world.servicetrade.state.complete(job_id)
    await p.send(job_id, ItemsMode.DIFFERENCE)
    return job_id


async def recompleted_unchanged(p: Planted) -> str:
    job_id = await p.sent(*ITEMS)
    p.world.servicetrade.state.reopen(job_id)
    p.world.servicetrade.state.complete(job_id)
    return job_id


async def second_set_taken_back(p: Planted) -> str:
    job_id = await p.sent(*ITEMS)
    await p.send(job_id, ItemsMode.AGAIN)
    await p.send(job_id, ItemsMode.DIFFERENCE)
    return job_id


async def changed_and_sent_again(p: Planted) -> str:
    job_id = await p.sent(customer_po="PO-1")
    p.world.job(job_id).customer_po = "PO-2"
    await p.send(job_id, ItemsMode.NONE)
    return job_id


async def by_alias(p: Planted) -> str:
    return await p.sent(*ITEMS, customer=p.aliased)


async def in_the_south(p: Planted) -> str:
    return await p.sent(*ITEMS, connection=SOUTH)


async def in_two_companies(p: Planted) -> str:
    job_id = await p.sent(*ITEMS)
    await p.send(job_id, ItemsMode.NEW_ONLY, connection=WEST)
    return job_id


async def done_by_hand(p: Planted) -> str:
    job_id = p.job(customer=p.unmapped)
    send = await p.world.send(job_id)
    assert send.state is SendState.NEEDS_ATTENTION
    await p.world.use_cases.send_actions.mark_done(p.world.tenant.id, send.id, reason="Entered by hand.", by="ann")
    return job_id


async def declared(p: Planted) -> str:
    """Another program sent it; a person said that all of its items are in Spectrum."""
    job_id = p.job(*ITEMS)
    number = f"T{p.world.job(job_id).number}"
    p.world.job(job_id).external_ids["spectrum"] = number
    await p.world.use_cases.declare_items(p.world.tenant.id, NORTH, job_id, "all", reason="Looked.", by="ann")
    await p.send(job_id, ItemsMode.NEW_ONLY)
    return job_id


async def by_the_removed_connection(p: Planted) -> str:
    return await p.sent(*ITEMS, connection=OLD)


# Different.


async def never_sent(p: Planted) -> str:
    return p.job(*ITEMS)


async def failed(p: Planted) -> str:
    job_id = p.job(*ITEMS, customer=p.unmapped)
    assert (await p.world.send(job_id, items=ItemsMode.NEW_ONLY)).state is SendState.NEEDS_ATTENTION
    return job_id


async def other_po(p: Planted) -> str:
    job_id = await p.sent(customer_po="PO-1")
    p.world.job(job_id).customer_po = "PO-2"
    return job_id


async def emptied(p: Planted) -> str:
    job_id = await p.sent(customer_po="PO-1")
    p.world.job(job_id).customer_po = None
    return job_id


async def other_quantity(p: Planted) -> str:
    job_id = await p.sent(*ITEMS)
    p.world.servicetrade.state.job_items[p.items_of(job_id)[0]].quantity = Decimal(9)
    return job_id


async def other_quantity_in_the_south(p: Planted) -> str:
    job_id = await in_the_south(p)
    p.world.servicetrade.state.job_items[p.items_of(job_id)[0]].quantity = Decimal(9)
    return job_id


async def other_amount(p: Planted) -> str:
    job_id = await p.sent(*ITEMS)
    p.world.servicetrade.state.job_items[p.items_of(job_id)[1]].cost = Decimal("46.10")
    return job_id


async def other_code(p: Planted) -> str:
    job_id = await p.sent(*ITEMS)
    p.world.servicetrade.state.job_items[p.items_of(job_id)[0]].code = "CV4G"
    return job_id


async def item_added(p: Planted) -> str:
    job_id = await p.sent(*ITEMS)
    add_item(p.world, job_id, "CV4G 1 412.85")
    return job_id


async def item_removed(p: Planted) -> str:
    job_id = await p.sent(*ITEMS)
    p.world.servicetrade.state.remove_item(p.items_of(job_id)[0])
    return job_id


async def recompleted_with_more(p: Planted) -> str:
    job_id = await p.sent(*ITEMS)
    p.world.servicetrade.state.reopen(job_id)
    p.world.servicetrade.state.job_items[p.items_of(job_id)[0]].quantity = Decimal(3)
    p.world.servicetrade.state.complete(job_id)
    return job_id


async def other_number_on_the_job(p: Planted) -> str:
    job_id = await p.sent()
    p.world.job(job_id).external_ids["spectrum"] = f"X{p.world.job(job_id).number}"
    return job_id


async def posted_again(p: Planted) -> str:
    job_id = await p.sent(*ITEMS)
    await p.send(job_id, ItemsMode.AGAIN)
    return job_id


async def two_work_orders(p: Planted) -> str:
    job_id = await p.sent()
    await p.send(job_id, ItemsMode.NONE, connection=SOUTH)
    return job_id


async def also_by_the_removed_connection(p: Planted) -> str:
    """Its number is still on the job, and nothing else of that connection is."""
    job_id = await p.sent(connection=OLD)
    await p.send(job_id, ItemsMode.NONE)
    return job_id


async def in_doubt(p: Planted) -> str:
    job_id = p.job(*ITEMS)
    lose_the_answer(p.world)
    assert (await p.world.send(job_id, items=ItemsMode.NEW_ONLY)).state is SendState.IN_DOUBT
    return job_id


async def by_another_program(p: Planted) -> str:
    job_id = p.job(*ITEMS)
    p.world.job(job_id).external_ids["spectrum"] = f"T{p.world.job(job_id).number}"
    return job_id


async def items_never_chosen(p: Planted) -> str:
    return await p.sent(*ITEMS, mode=ItemsMode.NONE)


async def queued(p: Planted) -> str:
    """Plant these last: every other send would carry it out."""
    job_id = p.job(*ITEMS)
    await p.world.request(job_id, items=ItemsMode.NEW_ONLY)
    return job_id


EQUAL: tuple[Planting, ...] = (
    with_items,
    without_items,
    only_labor,
    recompleted_and_corrected,
    recompleted_unchanged,
    second_set_taken_back,
    changed_and_sent_again,
    by_alias,
    in_the_south,
    in_two_companies,
    done_by_hand,
    declared,
    by_the_removed_connection,
)
DIFFERENT: tuple[tuple[Planting, tuple[Kind, ...]], ...] = (
    (never_sent, (Kind.MISSING,)),
    (failed, (Kind.MISSING,)),
    (other_po, (Kind.DRIFTED,)),
    (emptied, (Kind.DRIFTED,)),
    (other_quantity, (Kind.DRIFTED,)),
    (other_quantity_in_the_south, (Kind.DRIFTED,)),
    (other_amount, (Kind.DRIFTED,)),
    (other_code, (Kind.DRIFTED,)),
    (item_added, (Kind.DRIFTED,)),
    (item_removed, (Kind.DRIFTED,)),
    (recompleted_with_more, (Kind.DRIFTED,)),
    (other_number_on_the_job, (Kind.DRIFTED,)),
    (posted_again, (Kind.DOUBLED,)),
    (two_work_orders, (Kind.DOUBLED,)),
    (also_by_the_removed_connection, (Kind.DOUBLED,)),
    (in_doubt, (Kind.UNCLEAR,)),
    (by_another_program, (Kind.UNCLEAR,)),
    (items_never_chosen, (Kind.NEVER_ASKED,)),
)

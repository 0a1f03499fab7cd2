"""What can be known before a send is known in the preview, with code, owner and fix, and nothing is sent for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from adapters.sandbox.servicetrade.seed import (
    BLANK_CUSTOMER_JOB_ID,
    BLANK_SITE_JOB_ID,
    FIRST_JOB_ID,
    LONG_DESCRIPTION_JOB_ID,
    LONG_PO_JOB_ID,
    NO_CUSTOMER_JOB_ID,
    NO_LOCATION_JOB_ID,
    NO_NUMBER_JOB_ID,
    ODD_CHARACTERS_JOB_ID,
    TEN_DIGIT_JOB_ID,
    UNMAPPED_CUSTOMER_JOB_ID,
    UNMAPPED_SITE_JOB_ID,
)
from core.model.catalogue import CATALOGUE
from core.model.connections.settings import LongText, PluginUse
from core.model.mappings.alias import AliasKind
from core.model.planning.draft import DoNotSend, Draft, FieldPatch, HeaderPatch
from core.model.sending.send import SendState
from core.model.shared.errors import BadInput
from core.model.shared.finding import Owner
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.work_order import FREE_TEXT
from plugins.hookspecs import PluginInfo, hookimpl
from tests.journeys.world import World, codes
from tests.support.code_list_scene import put_list

Staging = Callable[[World], Awaitable[str]]


class FineQuote:
    """A rule that sets a figure finer than Spectrum takes."""

    @staticmethod
    @hookimpl
    def plugin_info() -> PluginInfo:
        return PluginInfo("fine-quote", "1", "Quotes to a thousandth.")

    @staticmethod
    @hookimpl
    def map_work_order(draft: Draft) -> HeaderPatch:
        return HeaderPatch((FieldPatch("Total_Quote_Amount", "12.345", draft.job.id),))


class Elsewhere:
    @staticmethod
    @hookimpl
    def plugin_info() -> PluginInfo:
        return PluginInfo("elsewhere", "1", "Wants no job here.")

    @staticmethod
    @hookimpl
    def should_send(draft: Draft) -> DoNotSend:
        return DoNotSend(f"{draft.job.number} belongs elsewhere")


class Stumbling:
    @staticmethod
    @hookimpl
    def plugin_info() -> PluginInfo:
        return PluginInfo("stumbling", "2.1", "Fails.")

    @staticmethod
    @hookimpl
    def map_work_order(draft: Draft) -> HeaderPatch:
        raise LookupError(draft.job.id)


@pytest.fixture
def plugins() -> list[object]:
    return [FineQuote, Stumbling, Elsewhere]


def seeded(job_id: str) -> Staging:
    async def stage(_: World) -> str:
        return job_id

    return stage


def refusing_long_text(job_id: str) -> Staging:
    async def stage(world: World) -> str:
        await world.change(long_text=LongText.REFUSE)
        return job_id

    return stage


def with_plugin(name: str) -> Staging:
    async def stage(world: World) -> str:
        await world.change(plugins=(PluginUse(name),))
        return FIRST_JOB_ID

    return stage


async def without_po(world: World) -> str:
    await world.change(plugins=(PluginUse("po_required"),))
    world.job(FIRST_JOB_ID).customer_po = None
    return FIRST_JOB_ID


def customer_code(code: str) -> Staging:
    async def stage(world: World) -> str:
        customer = world.job(FIRST_JOB_ID).customer
        assert customer is not None
        world.servicetrade.state.companies[customer].external_ids["spectrum"] = code
        return FIRST_JOB_ID

    return stage


def number(text: str) -> Staging:
    async def stage(world: World) -> str:
        world.job(FIRST_JOB_ID).number = text
        return FIRST_JOB_ID

    return stage


async def sent_under_another_number(world: World) -> str:
    await world.send(FIRST_JOB_ID)
    await world.change(leading_character="W")
    return FIRST_JOB_ID


async def number_of_another_job(world: World) -> str:
    await world.send(FIRST_JOB_ID)
    return world.servicetrade.state.add_job("104482", **fields_of(world, FIRST_JOB_ID))


def fields_of(world: World, job_id: str) -> dict[str, str | None]:
    job = world.job(job_id)
    return {"customer": job.customer, "location": job.location, "description": job.description}


def with_item(**fields: Any) -> Staging:
    async def stage(world: World) -> str:
        state = world.servicetrade.state
        completed = fields_of(world, FIRST_JOB_ID)
        job_id = state.add_job("204482", status="completed", completed_on=1795180320, **completed)
        state.add_job_item(job_id, "Odd item", **fields)
        return job_id

    return stage


def unlisted(kind: AliasKind, stage: Staging) -> Staging:
    """A fresh list of Spectrum's has one code, and the job has another."""

    async def stage_list(world: World) -> str:
        connection, now = await world.connection(), world.clock.now()
        await put_list(world.transactions, world.tenant.id, connection.id, kind, ["ANOTHER"], read_at=now)
        return await stage(world)

    return stage_list


FOUND_BEFORE: list[tuple[str, Staging]] = [
    ("JOB_NUMBER_MISSING", seeded(NO_NUMBER_JOB_ID)),
    ("JOB_NUMBER_MISSING", number("  ")),
    ("CUSTOMER_MISSING", seeded(NO_CUSTOMER_JOB_ID)),
    ("SITE_MISSING", seeded(NO_LOCATION_JOB_ID)),
    ("MAP_CUSTOMER_MISSING", seeded(UNMAPPED_CUSTOMER_JOB_ID)),
    ("MAP_SITE_MISSING", seeded(UNMAPPED_SITE_JOB_ID)),
    ("MAP_EMPTY_VALUE", seeded(BLANK_CUSTOMER_JOB_ID)),
    ("MAP_EMPTY_VALUE", seeded(BLANK_SITE_JOB_ID)),
    ("WO_NUMBER_TOO_LONG", seeded(TEN_DIGIT_JOB_ID)),
    ("WO_NUMBER_TAKEN", number_of_another_job),
    ("WO_NUMBER_CHANGED", sent_under_another_number),
    ("DESCRIPTION_TOO_LONG", refusing_long_text(LONG_DESCRIPTION_JOB_ID)),
    ("PO_TOO_LONG", refusing_long_text(LONG_PO_JOB_ID)),
    ("FIELD_LENGTH_OTHER", customer_code("HARBORVIEW1")),
    ("INVALID_CHARACTERS", customer_code("HÄRVIEW")),
    ("INVALID_CHARACTERS", number("10 4482")),
    ("INVALID_CHARACTERS", seeded(ODD_CHARACTERS_JOB_ID)),
    ("NUMBER_PRECISION", with_plugin("fine-quote")),
    ("PLUGIN_ERROR", with_plugin("stumbling")),
    ("PLUGIN_MISSING", with_plugin("not-installed")),
    ("NOT_SENT_HERE", with_plugin("elsewhere")),
    ("PO_REQUIRED", without_po),
    ("ERP_CUSTOMER_UNKNOWN", unlisted(AliasKind.CUSTOMER, seeded(FIRST_JOB_ID))),
    ("ERP_SITE_UNKNOWN_OR_INACTIVE", unlisted(AliasKind.SITE, seeded(FIRST_JOB_ID))),
    ("ERP_CONTRACT_INVALID", unlisted(AliasKind.CONTRACT, seeded(FIRST_JOB_ID))),
    ("ITEM_CODE_UNKNOWN", unlisted(AliasKind.ITEM, with_item(code="CV4G"))),
    ("ITEM_CODE_MISSING", with_item(code=" ")),
    ("ITEM_COST_MISSING", with_item(kind="fee", code="FEE-TRIP", cost=None)),
    ("ITEM_QUANTITY_MISSING", with_item(code="CV4G", quantity=None)),
    ("ITEM_TYPE_UNKNOWN", with_item(kind="discount", code="CV4G")),
    ("ITEM_VALUE_UNREADABLE", with_item(kind="fee", code="FEE-TRIP", cost="1e70")),
]
NOT_IN_A_PREVIEW = {
    "MAP_DUPLICATE_EXTERNAL_ID",  # arises when a mapping is written
    "LEADING_CHAR_INVALID",  # is refused when the connection is saved
    "JOB_CHANGED_WHILE_SENDING",  # arises between preview and send
    "DUPLICATE_ITEMS_RISK",  # speaks of cost lines
    "ITEMS_NEED_COMPLETION",  # is refused at the request already
    "TASKS_OFF",  # answers a request for tasks that only programs can make
    "PLUGIN_TIMEOUT",  # rules run in process and are not stopped
}


def test_nothing_of_the_catalogue_is_forgotten() -> None:
    marked = {code for code, entry in CATALOGUE.items() if entry.pre}
    assert {code for code, _ in FOUND_BEFORE} == marked - NOT_IN_A_PREVIEW


@pytest.mark.parametrize(("code", "stage"), FOUND_BEFORE)
async def test_the_preview_names_what_would_fail(world: World, code: str, stage: Staging) -> None:
    job_id = await stage(world)
    headers, writes = world.headers_received(), world.servicetrade_writes()

    items = ItemsMode.NEW_ONLY if code.startswith("ITEM") else ItemsMode.NONE
    plan = await world.preview(job_id, items=items)
    assert code in [found.code for found in plan.blockers]
    found = next(found for found in plan.blockers if found.code == code)
    entry = CATALOGUE[code]
    owner = Owner.DISPATCHER if found.field in FREE_TEXT else entry.owner  # text is mended where it is typed
    assert (found.owner, found.fix, found.retry) == (owner, entry.fix, entry.retry)
    assert found.fix
    assert found.message
    assert not plan.sendable
    assert (world.headers_received(), world.servicetrade_writes()) == (headers, writes)
    assert await world.warnings() == []

    send = await world.send(job_id, items=items)
    assert send.state is SendState.NEEDS_ATTENTION
    assert send.findings == plan.findings
    assert world.headers_received() == headers
    assert not any("/externalid/" in path for path in world.servicetrade_writes()[len(writes) :])


async def test_a_preview_writes_nothing_anywhere(world: World) -> None:
    plan = await world.preview(FIRST_JOB_ID)
    assert plan.sendable
    assert plan.creates
    assert world.servicetrade_writes() == []
    assert world.spectrum.requests.calls == []
    assert (await world.use_cases.list_sends(world.tenant.id)).sends == []


async def test_the_preview_says_where_each_value_comes_from(world: World) -> None:
    plan = await world.preview(FIRST_JOB_ID)
    origins = {header.field: header.origin.source for header in plan.header}
    assert origins == {
        "Company_Code": "setting.company_code",
        "WO_Number": "job.number",
        "WO_Reference_Code": "core",
        "WO_Job_Number": "mapping.site",
        "Bill_Customer_Code": "mapping.customer",
        "Contract_Number": "mapping.contract",
        "Customer_PO_Number": "job.customerPo",
        "Summary_Description": "job.description",
    }
    assert plan.plan_hash == (await world.preview(FIRST_JOB_ID)).plan_hash


async def test_a_preview_of_a_job_sent_before_shows_what_would_change(world: World) -> None:
    await world.send(FIRST_JOB_ID)
    world.job(FIRST_JOB_ID).customer_po = "PO-99999"
    plan = await world.preview(FIRST_JOB_ID)
    assert not plan.creates
    assert [(h.field, h.previous, h.value) for h in plan.header if h.changes] == [
        ("Customer_PO_Number", "PO-77120", "PO-99999")
    ]


async def test_a_leading_character_that_is_none_is_refused_on_saving(world: World) -> None:
    with pytest.raises(BadInput) as raised:
        replace(await world.connection(), leading_character="TT")
    assert (raised.value.code, raised.value.errors[0].pointer) == ("LEADING_CHAR_INVALID", "/leading_character")


async def test_a_failed_send_names_every_blocker_at_once(world: World) -> None:
    job = world.job(NO_CUSTOMER_JOB_ID)
    job.location, job.number = None, None
    send = await world.send(NO_CUSTOMER_JOB_ID)
    assert sorted(codes(send)) == ["CUSTOMER_MISSING", "JOB_NUMBER_MISSING", "SITE_MISSING"]

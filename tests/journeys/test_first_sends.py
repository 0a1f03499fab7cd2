"""A job becomes a work order, and stays one however often it is sent."""

from __future__ import annotations

from dataclasses import replace

from adapters.sandbox.servicetrade.seed import (
    FIRST_JOB_ID,
    LONG_DESCRIPTION_JOB_ID,
    LONG_PO_JOB_ID,
    UNMAPPED_CONTRACT_JOB_ID,
)
from core.model.connections.settings import Overwrite
from core.model.sending.send import SendState, Step
from core.model.shared.finding import Severity
from core.model.work_orders.work_order import SCHEDULE_FIELDS
from tests.journeys.world import World, codes

JOB = FIRST_JOB_ID
FIRST_HEADER = {
    "WO_Number": "T104482",
    "WO_Reference_Code": "S",
    "WO_Job_Number": "HV0002",
    "Bill_Customer_Code": "HARVIEW",
    "Contract_Number": "HV-MSA-26",
    "Customer_PO_Number": "PO-77120",
    "Summary_Description": "Replace leaking 4in check valve on riser 2 and retest.",
}
SITE_DEFAULTS = {"WO_Job_Division": "SVC", "Lead_Source": "CONTRACT"}


async def test_a_job_becomes_a_work_order(world: World) -> None:
    send = await world.send(JOB)
    assert (send.state, send.step, send.findings) == (SendState.SENT, Step.DONE, ())
    assert (send.work_order_number, send.job_number) == ("T104482", "104482")
    assert world.work_order("T104482").fields == FIRST_HEADER | SITE_DEFAULTS
    assert world.external_id(JOB) == "T104482"
    assert world.comments(JOB) == []
    assert await world.warnings() == []
    [attempt] = await world.attempts(send)
    assert (attempt.step, attempt.outcome) == (Step.HEADER, "accepted")
    assert "SANDBOX-101" not in attempt.request


async def test_the_connections_defaults_fill_type_and_lead_source(world: World) -> None:
    await world.change(default_work_order_type="PM", lead_source="PHONE")
    await world.send(JOB)
    assert world.work_order("T104482").fields == FIRST_HEADER | {"WO_Job_Division": "PM", "Lead_Source": "PHONE"}


async def test_nothing_of_schedule_or_arrival_goes_along(world: World) -> None:
    await world.send(JOB)
    assert not SCHEDULE_FIELDS & world.work_order("T104482").fields.keys()


async def test_a_job_sent_three_times_is_one_work_order(world: World) -> None:
    for _ in range(3):
        assert (await world.send(JOB)).state is SendState.SENT
    assert list(world.company.work_orders) == ["T104482"]
    assert len(world.work_order("T104482").history) == 3
    assert world.external_id(JOB) == "T104482"


async def test_the_preview_is_what_is_sent(world: World) -> None:
    plan = await world.preview(JOB)
    send = await world.send(JOB, plan_hash=plan.plan_hash)
    assert send.plan == plan
    assert {name: value for name, value in plan.values.items() if name != "Company_Code"} == FIRST_HEADER


async def test_an_edited_po_overwrites_the_old_one(world: World) -> None:
    await world.send(JOB)
    world.job(JOB).customer_po = "PO-99999"
    await world.send(JOB)
    assert world.work_order("T104482").fields["Customer_PO_Number"] == "PO-99999"


async def test_changed_fields_keeps_what_was_typed_in_spectrum(world: World) -> None:
    await world.change(overwrite=Overwrite.CHANGED_FIELDS)
    await world.send(JOB)
    type_on_screen(world, Summary_Description="Typed by the office")
    world.job(JOB).customer_po = "PO-99999"
    await world.send(JOB)
    fields = world.work_order("T104482").fields
    assert (fields["Summary_Description"], fields["Customer_PO_Number"]) == ("Typed by the office", "PO-99999")

    await world.send(JOB)  # what was left alone once is left alone again
    assert world.work_order("T104482").fields["Summary_Description"] == "Typed by the office"


async def test_overwrite_all_puts_the_jobs_value_back(world: World) -> None:
    await world.send(JOB)
    type_on_screen(world, Summary_Description="Typed by the office")
    await world.send(JOB)
    assert world.work_order("T104482").fields == FIRST_HEADER | SITE_DEFAULTS


async def test_what_became_empty_is_said_not_to_be_cleared(world: World) -> None:
    await world.send(JOB)
    world.job(JOB).customer_po = None
    send = await world.send(JOB)
    assert send.state is SendState.SENT_WITH_WARNINGS
    [found] = send.findings
    assert (found.code, found.severity, found.field) == ("CLEAR_NOT_POSSIBLE", Severity.WARNING, "Customer_PO_Number")
    assert "cannot clear it in Spectrum" in found.message
    assert world.work_order("T104482").fields["Customer_PO_Number"] == "PO-77120"


async def test_long_text_is_cut_at_a_word_and_said(world: World) -> None:
    described = await world.send(LONG_DESCRIPTION_JOB_ID)
    assert (described.state, codes(described)) == (SendState.SENT_WITH_WARNINGS, ["DESCRIPTION_TOO_LONG"])
    text = world.work_order("T104494").fields["Summary_Description"]
    assert len(text) <= 250
    assert world.job(LONG_DESCRIPTION_JOB_ID).description.startswith(f"{text} ")
    ordered = await world.send(LONG_PO_JOB_ID)
    assert (ordered.state, codes(ordered)) == (SendState.SENT_WITH_WARNINGS, ["PO_TOO_LONG"])
    assert world.work_order("T104495").fields["Customer_PO_Number"] == "MILLBROOK SCHOOL DISTRICT"


async def test_a_contract_that_is_not_mapped_is_left_out(world: World) -> None:
    send = await world.send(UNMAPPED_CONTRACT_JOB_ID)
    assert (send.state, codes(send)) == (SendState.SENT, ["CONTRACT_NOT_MAPPED"])
    assert "Contract_Number" not in world.work_order("T104498").fields


async def test_spectrum_may_answer_success_with_rows(world: World) -> None:
    world.spectrum.state.settings.success = "rows"
    assert (await world.send(JOB)).state is SendState.SENT


async def test_the_menu_tells_what_went_before(world: World) -> None:
    [before] = await world.use_cases.send_menu(world.tenant.id, JOB)
    assert (before.label, before.record, before.last_send, before.disabled) == (
        "Send Job to Spectrum north",
        None,
        None,
        None,
    )
    send = await world.send(JOB)
    [after] = await world.use_cases.send_menu(world.tenant.id, JOB)
    assert after.last_send == replace(send, plan=None)
    assert after.record is not None
    assert after.record.number == "T104482"


async def test_a_job_is_found_by_the_number_people_know(world: World) -> None:
    assert await world.use_cases.find_job(world.tenant.id, "104482") == JOB


def type_on_screen(world: World, **fields: str) -> None:
    world.spectrum.state.alter({"companies": {"101": {"work_orders": {"T104482": {"fields": fields}}}}})

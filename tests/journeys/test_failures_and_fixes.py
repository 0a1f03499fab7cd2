"""A failure is told on the job and on the dashboard once, with its fix, and goes when the fix has worked."""

from __future__ import annotations

import pytest

from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID, UNMAPPED_CUSTOMER_JOB_ID
from adapters.sandbox.spectrum.state import Customer
from core.model.catalogue import CATALOGUE
from core.model.connections.settings import ExternalSync
from core.model.sending.send import SendState, Step
from core.model.shared.advice import Door, Outcome
from core.model.shared.errors import Conflict, NotFound
from tests.journeys.world import World, codes

JOB = UNMAPPED_CUSTOMER_JOB_ID
MARKER = "[jobferry:spectrum]"


def map_customer(world: World, code: str = "RIVERBK") -> None:
    customer = world.job(JOB).customer
    assert customer is not None
    world.servicetrade.state.companies[customer].external_ids["spectrum"] = code


async def test_a_failure_leaves_one_comment_and_one_warning(world: World) -> None:
    send = await world.send(JOB)
    assert (send.state, send.step, codes(send)) == (SendState.NEEDS_ATTENTION, Step.DONE, ["MAP_CUSTOMER_MISSING"])
    [comment] = world.comments(JOB)
    assert comment.endswith(MARKER)
    assert "Riverside Bakery" in comment
    assert "Code: MAP_CUSTOMER_MISSING" in comment
    for step, text in enumerate(CATALOGUE["MAP_CUSTOMER_MISSING"].steps(Outcome.STOPPED, Door.OFFICE), start=1):
        assert f"{step}. {text}" in comment
    [stored] = world.servicetrade.state.comments_on(JOB)
    assert "public" not in stored.visibility
    [warning] = await world.warnings()
    assert (warning.send_id, warning.job_number, warning.finding) == (send.id, "104489", send.findings[0])
    assert world.external_id(JOB) is None
    assert world.company.work_orders == {}


async def test_a_second_failure_replaces_both(world: World) -> None:
    first = await world.send(JOB)
    map_customer(world)
    second = await world.send(JOB)
    assert codes(second) == ["ERP_CUSTOMER_UNKNOWN"]
    [comment] = world.comments(JOB)
    assert "Code: ERP_CUSTOMER_UNKNOWN" in comment
    assert "MAP_CUSTOMER_MISSING" not in comment
    [warning] = await world.warnings()
    assert (warning.send_id, warning.finding.code) == (second.id, "ERP_CUSTOMER_UNKNOWN")
    assert (await world.show(first)).state is SendState.SUPERSEDED


async def test_the_retry_after_the_fix_removes_both(world: World) -> None:
    send = await world.send(JOB)
    map_customer(world)
    world.company.customers["RIVERBK"] = Customer(name="Riverside Bakery")
    sent = await world.retry(send)
    assert (sent.id, sent.state, sent.findings) == (send.id, SendState.SENT, ())
    assert world.comments(JOB) == []
    assert await world.warnings() == []
    assert world.external_id(JOB) == "T104489"
    assert world.work_order("T104489").fields["Bill_Customer_Code"] == "RIVERBK"


async def test_a_new_send_after_the_fix_clears_the_older_failure(world: World) -> None:
    failed = await world.send(JOB)
    map_customer(world)
    world.company.customers["RIVERBK"] = Customer(name="Riverside Bakery")
    assert (await world.send(JOB)).state is SendState.SENT
    assert world.comments(JOB) == []
    assert await world.warnings() == []
    assert (await world.show(failed)).state is SendState.SUPERSEDED


async def test_comments_of_people_stay(world: World) -> None:
    state = world.servicetrade.state
    state.alter({"comments": {"77": {"entity": JOB, "content": "Call the bakery first."}}})
    send = await world.send(JOB)
    assert len(world.comments(JOB)) == 2
    map_customer(world)
    world.company.customers["RIVERBK"] = Customer()
    await world.retry(send)
    assert world.comments(JOB) == ["Call the bakery first."]


async def test_a_dismissed_warning_is_gone_and_the_send_stays(world: World) -> None:
    send = await world.send(JOB)
    [warning] = await world.warnings()
    await world.use_cases.warnings.dismiss(world.tenant.id, warning.id, by="ann")
    assert await world.warnings() == []
    assert (await world.show(send)).state is SendState.NEEDS_ATTENTION
    with pytest.raises(NotFound):
        await world.use_cases.warnings.dismiss(world.tenant.id, warning.id, by="ann")


async def test_the_failure_tag_comes_and_goes_where_it_is_wanted(world: World) -> None:
    await world.change(failure_tag="spectrum failed")
    world.job(JOB).tags = ["kitchen"]
    send = await world.send(JOB)
    assert world.job(JOB).tags == ["kitchen", "spectrum failed"]
    map_customer(world)
    world.company.customers["RIVERBK"] = Customer()
    await world.retry(send)
    assert world.job(JOB).tags == ["kitchen"]


async def test_a_refused_external_sync_is_told_and_spoils_nothing(world: World) -> None:
    await world.change(external_sync=ExternalSync(path="/nowhere", body={"job": "{job_id}"}))
    send = await world.send(FIRST_JOB_ID)
    assert (send.state, codes(send)) == (SendState.SENT_WITH_WARNINGS, ["ST_REPORT_FAILED"])
    assert world.external_id(FIRST_JOB_ID) == "T104482"


async def test_the_report_of_a_failure_is_tried_again_by_itself(world: World) -> None:
    world.servicetrade.faults.add(Fault(FaultKind.STATUS, match="/comment", status=502))
    send = await world.send(JOB)
    assert (send.state, send.step) == (SendState.NEEDS_ATTENTION, Step.REPORT)
    assert [warning.finding.code for warning in await world.warnings()] == ["MAP_CUSTOMER_MISSING"]
    assert world.comments(JOB) == []
    await world.later(minutes=1)
    send = await world.show(send)
    assert (send.state, send.step, codes(send)) == (SendState.NEEDS_ATTENTION, Step.DONE, ["MAP_CUSTOMER_MISSING"])
    assert len(world.comments(JOB)) == 1


async def test_a_comment_whose_answer_was_lost_is_not_posted_twice(world: World) -> None:
    world.servicetrade.faults.add(Fault(FaultKind.APPLY_THEN_DROP, match="/comment", method="POST"))
    await world.send(JOB)
    await world.later(minutes=1)
    assert len(world.comments(JOB)) == 1


async def test_the_clearing_of_a_comment_is_tried_again_by_itself(world: World) -> None:
    world.answer_rows("I Zone no such zone")
    send = await world.send(FIRST_JOB_ID)
    world.servicetrade.faults.add(Fault(FaultKind.STATUS, match="/comment", status=502))
    send = await world.retry(send)
    assert (send.state, send.step, codes(send)) == (SendState.RETRYING, Step.REPORT, ["ST_REPORT_FAILED"])
    assert len(world.comments(FIRST_JOB_ID)) == 1
    await world.later(minutes=1)
    assert (await world.show(send)).state is SendState.SENT
    assert (world.comments(FIRST_JOB_ID), await world.warnings()) == ([], [])
    assert world.headers_received() == 2  # the refused one and the one that worked


async def test_a_write_back_that_fails_is_repeated_alone(world: World) -> None:
    world.servicetrade.faults.add(Fault(FaultKind.STATUS, match="/externalid/job/", status=502))
    send = await world.send(FIRST_JOB_ID)
    assert (send.state, send.step, codes(send)) == (SendState.RETRYING, Step.WRITE_BACK, ["ST_WRITEBACK_FAILED"])
    assert [warning.finding.code for warning in await world.warnings()] == ["ST_WRITEBACK_FAILED"]
    assert world.external_id(FIRST_JOB_ID) is None
    await world.later(minutes=1)
    assert (await world.show(send)).state is SendState.SENT
    assert world.external_id(FIRST_JOB_ID) == "T104482"
    assert world.headers_received() == 1
    assert await world.warnings() == []


async def test_a_write_back_that_a_person_must_mend_never_sends_the_header_again(world: World) -> None:
    world.servicetrade.state.settings.forbidden = ["/externalid/job"]
    send = await world.send(FIRST_JOB_ID)
    assert (send.state, send.step, codes(send)) == (SendState.NEEDS_ATTENTION, Step.DONE, ["ST_WRITEBACK_FAILED"])
    assert len(world.comments(FIRST_JOB_ID)) == 1
    world.servicetrade.state.settings.forbidden = []
    sent = await world.retry(send)
    assert sent.state is SendState.SENT
    assert world.external_id(FIRST_JOB_ID) == "T104482"
    assert world.headers_received() == 1
    assert world.comments(FIRST_JOB_ID) == []


async def test_where_no_comment_can_be_left_the_warning_stands(world: World) -> None:
    world.servicetrade.state.settings.forbidden = ["/comment"]
    send = await world.send(JOB)
    assert (send.state, send.step, codes(send)) == (SendState.NEEDS_ATTENTION, Step.DONE, ["MAP_CUSTOMER_MISSING"])
    assert [warning.send_id for warning in await world.warnings()] == [send.id]


async def test_an_external_id_that_another_job_carries_is_told(world: World) -> None:
    world.servicetrade.state.add_job("999", external_ids={"spectrum": "T104482"})
    send = await world.send(FIRST_JOB_ID)
    assert codes(send) == ["ST_WRITEBACK_FAILED"]
    assert send.findings[0].origin == "MAP_DUPLICATE_EXTERNAL_ID"
    assert world.headers_received() == 1


async def test_what_is_sent_cannot_be_retried(world: World) -> None:
    send = await world.send(FIRST_JOB_ID)
    with pytest.raises(Conflict) as raised:
        await world.retry(send)
    assert raised.value.code == "SEND_NOT_RETRYABLE"
    assert world.headers_received() == 1

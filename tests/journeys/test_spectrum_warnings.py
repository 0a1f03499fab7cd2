"""A warning in Spectrum's answer refuses nothing: it is shown on the send and stored with it and with the cost line."""

from __future__ import annotations

from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID
from core.model.sending.send import SendState
from core.model.shared.finding import Severity
from core.model.work_orders.cost_line import ItemsMode, LineState
from tests.journeys.items import CHARGE_PATH, MATERIAL_PATH, completed_job
from tests.journeys.world import HEADER_PATH, World, codes

WARNED = "SPECTRUM_WARNED"
GAUGE, TRIP = "GAUGE-300 2 18.40", "!FEE-TRIP 1 45.005"


def warns(world: World, path: str, *rows: str) -> None:
    world.spectrum.faults.add(Fault(FaultKind.ROWS, match=path, text="\n".join(rows)))


async def test_a_warning_about_the_header_ends_with_the_send(world: World) -> None:
    warns(world, HEADER_PATH, "W Bill_Customer_Code over the credit limit", "G WO_Number T104482")
    send = await world.send(FIRST_JOB_ID)
    assert (send.state, codes(send)) == (SendState.SENT_WITH_WARNINGS, [WARNED])
    [found] = send.findings
    assert found.severity is Severity.WARNING
    assert found.message == 'Spectrum warns about the customer code: "over the credit limit"'
    assert found.field == "Bill_Customer_Code"
    assert world.external_id(FIRST_JOB_ID) == "T104482"
    assert await world.warnings() == []
    assert world.headers_received() == 1
    assert (await world.send(FIRST_JOB_ID)).state is SendState.SENT


async def test_a_warning_survives_a_pause_of_servicetrade(world: World) -> None:
    warns(world, HEADER_PATH, "W Zone the zone will be closed")
    world.servicetrade.faults.add(Fault(FaultKind.STATUS, match="/externalid", method="PUT", status=502))
    send = await world.send(FIRST_JOB_ID)
    assert (send.state, codes(send)) == (SendState.RETRYING, ["ST_WRITEBACK_FAILED", WARNED])
    assert [warning.finding.code for warning in await world.warnings()] == ["ST_WRITEBACK_FAILED"]
    await world.later(minutes=2)
    send = await world.show(send)
    assert (send.state, codes(send)) == (SendState.SENT_WITH_WARNINGS, [WARNED])


async def test_a_warning_about_a_line_stays_on_the_line_and_is_shown_with_the_send(world: World) -> None:
    warns(world, MATERIAL_PATH, "W Warehouse_Code nothing left in stock")
    warns(world, CHARGE_PATH, "G System_Key 000000000000000000000077", "W - charge is seldom used")
    send = await world.send(completed_job(world, GAUGE, TRIP), items=ItemsMode.NEW_ONLY)
    assert (send.state, codes(send)) == (SendState.SENT_WITH_WARNINGS, [WARNED, WARNED])
    assert "GAUGE-300" in send.findings[0].message
    assert '"nothing left in stock"' in send.findings[0].message
    details = await world.use_cases.show_send(world.tenant.id, send.id)
    assert [line.state for line in details.lines] == [LineState.POSTED, LineState.POSTED]
    assert [[found.code for found in line.findings] for line in details.lines] == [[WARNED], [WARNED]]
    assert details.lines[1].system_key == "000000000000000000000077"


async def test_a_warning_beside_a_refusal_is_told_and_the_refusal_decides(world: World) -> None:
    warns(world, HEADER_PATH, "W Zone careful", "I Zone no such zone")
    send = await world.send(FIRST_JOB_ID)
    assert send.state is SendState.NEEDS_ATTENTION
    assert [(found.severity, found.blocks) for found in send.findings] == [
        (Severity.BLOCKER, True),
        (Severity.WARNING, False),
    ]
    assert (await world.retry(send)).state is SendState.SENT


async def test_a_warning_beside_a_refusal_of_a_line(world: World) -> None:
    warns(world, MATERIAL_PATH, "I Item_Code no such item", "W Warehouse_Code careful")
    send = await world.send(completed_job(world, GAUGE), items=ItemsMode.NEW_ONLY)
    assert send.state is SendState.NEEDS_ATTENTION
    assert codes(send)[0] == "ITEM_CODE_UNKNOWN"
    details = await world.use_cases.show_send(world.tenant.id, send.id)
    assert [line.state for line in details.lines] == [LineState.REJECTED]

"""Maintenance windows of a connection: Spectrum is not called, everybody is told until when, and then all goes out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.model.access.person import Role
from core.model.connections.connection import SpectrumTarget
from core.model.sending.answer import Exchange, NotSent, NotSentReason
from core.model.shared.errors import TimeMends
from core.model.work_orders.item import ItemKind, JobItem
from ports.storage.due_work import WorkKind
from tests.support.browser_scene import somebody
from tests.support.http_scene import JOB, SENDS, Scene, api, is_problem, pointers

T = "/v1/tenants/cardinal"
MAIN = f"{T}/connections/main"
JOB_URL = f"{T}/jobs/{JOB.id}"
WINDOW = "daily 02:00-04:30 America/Chicago"
"""The scene begins inside it, on Monday, 2 March 2026, at 03:00 in Chicago."""
SAYS = "Spectrum is in its maintenance window until Monday 04:30 (America/Chicago). Sends wait and continue afterwards."
ANY = {"If-Match": "*"}
END = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as scene:
        await scene.furnish()
        yield scene


async def set_windows(scene: Scene, *windows: str) -> None:
    answer = await scene.call("PATCH", MAIN, {"maintenance_windows": windows, "check": False}, headers=ANY)
    assert answer.status == 200, answer.text
    assert answer.body["maintenance_windows"] == list(windows)


async def shown(scene: Scene, send_id: str) -> Any:
    return (await scene.call("GET", f"{SENDS}/{send_id}")).body


async def drain_at(scene: Scene, moment: datetime) -> None:
    scene.clock.at = moment
    await scene.drain(next(iter(scene.transactions.rows.connections)))


async def test_a_send_waits_for_the_end_of_the_window_and_everybody_reads_until_when(scene: Scene) -> None:
    await set_windows(scene, WINDOW)
    [entry] = (await scene.call("GET", JOB_URL + "/send-menu")).body["items"]
    assert (entry["disabled"], entry["notice"]) == (None, SAYS)
    assert (await scene.call("POST", JOB_URL + "/preview", {"connection": "main"})).body["sendable"] is True

    send_id = await scene.send()
    await scene.work()
    send = await shown(scene, send_id)
    assert (send["state"], send["waits_for"], send["attempts"], send["findings"]) == ("queued", SAYS, [], [])
    hold = (await scene.call("GET", MAIN)).body["hold"]
    assert (hold["finding"]["code"], hold["finding"]["severity"]) == ("MAINTENANCE_WINDOW", "info")
    assert (hold["since"], hold["until"]) == ("2026-03-02T08:00:00Z", "2026-03-02T10:30:00Z")
    rows = scene.transactions.rows
    [row] = rows.connections.values()
    assert (rows.due_work[WorkKind.DRAIN, row.connection.id], row.connection.hold) == (END, None)
    assert scene.spectrum.calls == []
    assert (await scene.call("GET", f"{T}/warnings")).body["items"] == []

    await drain_at(scene, END)
    assert ((await shown(scene, send_id))["state"], len(scene.spectrum.calls)) == ("sent", 1)
    assert (await scene.call("GET", MAIN)).body["hold"] is None


async def test_steps_towards_servicetrade_go_on_in_a_window(scene: Scene) -> None:
    scene.service_trade.fail_next(TimeMends("away", code="ST_UNREACHABLE", fix="wait"), call="write_external_id")
    send_id = await scene.send()
    await scene.work()
    assert (await shown(scene, send_id))["state"] == "retrying"
    await set_windows(scene, WINDOW)
    scene.clock.advance(60)
    await drain_at(scene, scene.clock.at)
    assert (await shown(scene, send_id))["state"] == "sent"


async def test_no_further_line_begins_once_the_window_has_begun(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    await set_windows(scene, "daily 03:10-04:30 America/Chicago")
    tenant = await scene.use_cases.find_tenant("cardinal")
    for number in range(3):
        item = JobItem(id=str(number), name="Valve", type="part", quantity=Decimal(1), cost=Decimal(1), code="CV4G")
        scene.service_trade.add_item(tenant.id, JOB.id, item)
    scene.service_trade.complete(tenant.id, JOB.id)
    add_line = scene.spectrum.add_line

    async def a_long_call(
        target: SpectrumTarget, kind: ItemKind, fields: Mapping[str, str], *, leave_by: float
    ) -> Exchange:
        exchange = await add_line(target, kind, fields, leave_by=leave_by)
        scene.clock.advance(600)
        return exchange

    monkeypatch.setattr(scene.spectrum, "add_line", a_long_call)
    send_id = await scene.send(items="new_only")
    await scene.work()
    assert [line["state"] for line in (await shown(scene, send_id))["lines"]] == ["posted", "planned", "planned"]
    assert (await shown(scene, send_id))["waits_for"] == SAYS
    monkeypatch.undo()
    await drain_at(scene, END)
    assert [line["state"] for line in (await shown(scene, send_id))["lines"]] == ["posted"] * 3
    assert (await shown(scene, send_id))["state"] == "sent"
    assert len(scene.spectrum.line_calls) == 3


async def test_the_longer_of_hold_and_window_is_shown_and_waited_for(scene: Scene) -> None:
    scene.spectrum.answer_next(NotSent(NotSentReason.REFUSED, "nobody there"))
    await scene.send()
    await scene.work()
    assert (await scene.call("GET", MAIN)).body["hold"]["finding"]["code"] == "ENDPOINT_UNREACHABLE"
    await set_windows(scene, WINDOW)
    assert (await scene.call("GET", MAIN)).body["hold"]["finding"]["code"] == "MAINTENANCE_WINDOW"
    await set_windows(scene, "daily 03:00-03:01 America/Chicago")
    assert (await scene.call("GET", MAIN)).body["hold"]["finding"]["code"] == "ENDPOINT_UNREACHABLE"


@pytest.mark.parametrize(
    "windows, says",
    [
        (["at night"], "'at night' is not days, times and a time zone"),
        ([WINDOW, "daily 02:00-04:30 Chicago"], "has no known time zone: Chicago"),
        (["daily 00:00-24:00 UTC"], "some time outside all of them"),
    ],
)
async def test_a_wrong_window_is_refused_with_a_right_example(scene: Scene, windows: list[str], says: str) -> None:
    answer = await scene.call("PATCH", MAIN, {"maintenance_windows": windows, "check": False}, headers=ANY)
    assert is_problem(answer, 422, "CONNECTION_INVALID")
    assert pointers(answer) == ["/maintenance_windows"]
    assert says in answer.body["errors"][0]["detail"]
    assert "daily 02:00-04:30 America/Chicago" in answer.body["errors"][0]["detail"]


async def test_the_test_of_a_connection_says_that_a_window_is_on(scene: Scene) -> None:
    assert "maintenance" not in {step["name"] for step in (await scene.call("POST", f"{MAIN}/test")).body["steps"]}
    await set_windows(scene, WINDOW)
    tested = (await scene.call("POST", f"{MAIN}/test")).body
    first = tested["steps"][0]
    assert (tested["ok"], first["name"], first["state"]) == (True, "maintenance", "ok")
    assert "until Monday 04:30 (America/Chicago)" in first["detail"]


async def test_the_console_asks_for_windows_and_shows_them(scene: Scene) -> None:
    browser = await somebody(scene, Role.ADMINISTRATOR)
    await browser.open("/t/cardinal/connections/main/settings")
    await browser.press("Save", maintenance_windows="at night\n", check="")
    assert "write it like daily 02:00-04:30 America/Chicago" in browser.said
    await browser.press("Save", maintenance_windows=f"{WINDOW}\r\n\r\nSun 22:00-23:59 UTC", check="")
    assert browser.status == 200, browser.said
    assert f"{WINDOW}; Sun 22:00-23:59 UTC" in browser.said
    assert SAYS in browser.said
    assert "Resume" not in browser.said  # nobody has to do anything
    send_id = await scene.send()
    assert SAYS in (await browser.open(f"/t/cardinal/sends/{send_id}")).said
    assert SAYS in (await browser.open("/t/cardinal")).said
    assert SAYS in (await browser.open(f"/t/cardinal/jobs/{JOB.id}")).said
    await browser.open("/t/cardinal/connections/main/settings")
    await browser.press("Save", check="")
    stored = (await scene.call("GET", MAIN)).body
    assert stored["maintenance_windows"] == [WINDOW, "Sun 22:00-23:59 UTC"]

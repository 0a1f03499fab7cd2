"""A job that somebody else sent before, over API and console: what is held, the word that lifts it, and what waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from core.model.access.person import Role
from core.model.sending.answer import Accepted, Unknown, UnknownReason
from core.model.sending.send import SendState
from tests.edges.api.test_http_items import HOURS, NEW_ONLY, PERMIT, VALVE
from tests.support.browser_scene import Browser, somebody
from tests.support.http_scene import JOB, SENDS, Answer, Scene, api, is_problem, pointers

T = "/v1/tenants/cardinal"
STANDING = f"{T}/jobs/{JOB.id}/standing-items"
HOME = "/t/cardinal"
JOB_PAGE = f"{HOME}/jobs/{JOB.id}"
KEEP = "Save the answer"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """A completed job that carries the number of a work order which nobody here has written."""
    async with api() as scene:
        await scene.furnish()
        tenant = await scene.use_cases.find_tenant("cardinal")
        scene.service_trade.add_job(tenant.id, replace(JOB, external_id="T104482"))
        for item in (VALVE, PERMIT, HOURS):
            scene.service_trade.add_item(tenant.id, JOB.id, item)
        scene.service_trade.complete(tenant.id, JOB.id)
        yield scene


async def say(scene: Scene, standing: object, **more: Any) -> Answer:
    body = {"connection": "main", "standing": standing, "reason": "Looked at its costs.", **more}
    return await scene.call("POST", STANDING, body)


async def shown(scene: Scene, send_id: str) -> Any:
    return (await scene.call("GET", f"{SENDS}/{send_id}")).body


async def test_the_preview_says_that_the_items_wait(scene: Scene) -> None:
    plan = (await scene.call("POST", f"{T}/jobs/{JOB.id}/preview", NEW_ONLY)).body
    assert plan["items_held"]["code"] == "ITEMS_BEFORE_UNKNOWN"
    assert (plan["sendable"], plan["lines"]) == (True, [])
    assert (await scene.call("POST", f"{T}/jobs/{JOB.id}/preview", {"connection": "main"})).body["items_held"] is None


async def test_the_items_are_listed_said_and_the_rest_goes(scene: Scene) -> None:
    failed = await scene.send(items="new_only")
    await scene.work()
    assert (await shown(scene, failed))["state"] == "needs_attention"
    listed = (await scene.call("GET", f"{STANDING}?connection=main")).body
    assert (listed["work_order_number"], listed["declared_at"]) == ("T104482", None)
    assert listed["held"]["code"] == "ITEMS_BEFORE_UNKNOWN"
    assert listed["items"] == [
        {"id": "71", "name": "Check valve", "code": "CV4G", "quantity": "2.5", "posted": False, "held": True},
        {"id": "72", "name": "Permit", "code": "GC-PERMIT", "quantity": "3", "posted": False, "held": True},
    ]
    said = await say(scene, ["71"])
    assert (said.status, said.body["work_order_number"], said.body["retry"]) == (200, "T104482", [failed])
    assert [line["item_id"] for line in said.body["entered"]] == ["71"]
    assert said.body["entered"][0]["settled_by"] == "operator:scene"
    assert [(item["id"], item["held"]) for item in said.body["left"]] == [("72", False)]
    listed = (await scene.call("GET", f"{STANDING}?connection=main")).body
    assert [(item["posted"], item["held"]) for item in listed["items"]] == [(True, False), (False, False)]
    assert (listed["held"], listed["declared_at"] is not None) == (None, True)
    await scene.call("POST", f"{SENDS}/{failed}/retry")
    await scene.work()
    assert (await shown(scene, failed))["state"] == "sent"
    assert len(scene.spectrum.lines) == 1
    [entry] = (await scene.call("GET", f"{T}/audit?action=items.declared")).body["items"]
    assert (entry["action"], entry["detail"]["standing"]) == ("items.declared", "71")


@pytest.mark.parametrize("standing", ["some", [], ["71", 72], [""], None, {"71": True}, ["73"], ["none-such"]])
async def test_what_names_no_item_is_refused_in_one_place(scene: Scene, standing: object) -> None:
    answer = await say(scene, standing)
    assert is_problem(answer, 422, "BAD_INPUT")
    assert pointers(answer) == ["/standing"]


async def test_each_part_of_it_is_needed(scene: Scene) -> None:
    assert pointers(await say(scene, "all", reason="   ")) == ["/reason"]
    assert pointers(await say(scene, "all", reason="")) == ["/reason"]
    assert is_problem(await say(scene, "all", connection="none"), 404, "CONNECTION_NOT_FOUND")
    assert pointers(await scene.call("GET", STANDING)) == ["/connection"]


async def hold_the_work_order(scene: Scene) -> tuple[str, str]:
    """A send with a line in doubt, and a later one with items of the same work order."""
    await say(scene, "none")
    holder = await scene.send(items="new_only")
    scene.spectrum.answer_next(Accepted())
    scene.spectrum.answer_next(Unknown(UnknownReason.TIMEOUT, "no answer in time"), applied=True)
    await scene.work()
    waiting = await scene.send(items="new_only")
    await scene.work()
    return holder, waiting


async def test_a_send_says_behind_which_one_it_waits(scene: Scene) -> None:
    holder, waiting = await hold_the_work_order(scene)
    send = await shown(scene, waiting)
    assert (send["state"], send["waits_for_send"], send["next_try_at"]) == ("queued", holder, None)
    assert [found["code"] for found in send["findings"]] == ["WAITS_FOR_SEND"]
    assert holder in send["waits_for"]
    assert (await shown(scene, holder))["waits_for_send"] is None
    assert is_problem(await say(scene, "all"), 409, "WORK_ORDER_BUSY")
    [listed, _] = (await scene.call("GET", SENDS)).body["items"]
    assert listed["waits_for_send"] == holder


async def test_waiting_for_a_send_that_waits_ends_when_nothing_moves(scene: Scene) -> None:
    """The clock stands still, so a wait for the time to pass would never end."""
    _, waiting = await hold_the_work_order(scene)
    tenant = await scene.use_cases.find_tenant("cardinal")
    assert (await scene.use_cases.wait_for_send(tenant.id, waiting, 3600)).id == waiting


async def test_waiting_goes_on_while_the_send_before_it_moves(scene: Scene) -> None:
    holder, waiting = await hold_the_work_order(scene)
    [doubt] = (await scene.call("GET", f"{T}/doubts")).body["items"]
    verdict = {"outcome": "posted", "reason": "It is there."}
    assert (await scene.call("POST", f"{T}/doubts/{doubt['line']['id']}/settle", verdict)).status == 200
    tenant = await scene.use_cases.find_tenant("cardinal")
    until_it_rests = asyncio.create_task(scene.use_cases.wait_for_send(tenant.id, waiting, 3600))
    await scene.work()
    assert (await asyncio.wait_for(until_it_rests, 20)).state is SendState.SENT
    assert (await shown(scene, holder))["state"] == "sent"


async def test_a_waiting_send_on_its_page_leads_to_the_one_before_it(scene: Scene) -> None:
    holder, waiting = await hold_the_work_order(scene)
    browser = await (await somebody(scene)).open(f"{HOME}/sends/{waiting}")
    assert "Waits for the send" in browser.said
    await browser.open(browser.link("The send that it waits for"))
    assert browser.address == f"{HOME}/sends/{holder}"


async def failed_send_page(scene: Scene, role: Role = Role.SENDER) -> Browser:
    send_id = await scene.send(items="new_only")
    await scene.work()
    return await (await somebody(scene, role)).open(f"{HOME}/sends/{send_id}")


async def test_from_the_failed_send_to_the_word_and_to_the_rest(scene: Scene) -> None:
    browser = await failed_send_page(scene)
    failed = browser.address
    await browser.open(browser.link("Say which of its items are in Spectrum"))
    assert "No item is posted for now" in browser.said
    assert "Check valve, 2.5" in browser.said
    assert "Labor" not in browser.page.xpath("string(//form[contains(@action, 'standing-items')])")
    await browser.press(KEEP, standing="some", **{"item.71": "1"}, reason="Seen on the work order.")
    assert (browser.status, "Saved: items that are in Spectrum" in browser.said) == (200, True)
    assert "No item is posted for now" not in browser.said
    assert "Check valve: it was posted before" in browser.said
    await browser.open(failed)
    await browser.press("Try again now")
    await scene.work()
    assert len(scene.spectrum.lines) == 1


@pytest.mark.parametrize(
    ("filled", "words"),
    [
        ({"standing": "some"}, "No item is ticked."),
        ({"standing": "none", "item.71": "1"}, "You chose all or none"),
        ({"standing": "all", "item.71": "1"}, "You chose all or none"),
        ({"item.71": "1"}, "does not say which items"),
        ({"standing": "maybe"}, "does not say which items"),
        ({"standing": "all", "reason": " "}, "You did not say what you saw"),
    ],
)
async def test_two_answers_or_none_are_asked_for_again(scene: Scene, filled: dict[str, str], words: str) -> None:
    browser = await (await somebody(scene)).open(f"{JOB_PAGE}?items=new_only")
    await browser.press(KEEP, **{"reason": "Seen.", **filled})
    assert (browser.status, words in browser.said) == (422, True), browser.said
    await browser.open(f"{JOB_PAGE}?items=new_only")
    assert "No item is posted for now" in browser.said


async def test_who_may_not_send_says_nothing_about_it(scene: Scene) -> None:
    viewer = await (await somebody(scene, Role.VIEWER)).open(f"{JOB_PAGE}?items=new_only")
    assert "Viewers cannot do this. Ask an administrator." in viewer.said
    assert KEEP not in viewer.said


async def test_a_job_of_our_own_is_not_asked_about(scene: Scene) -> None:
    await say(scene, "none")
    browser = await (await somebody(scene)).open(f"{JOB_PAGE}?items=new_only")
    assert "Which items are in Spectrum already?" not in browser.said

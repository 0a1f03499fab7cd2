"""Codes of library items on the pages: set where they are missed, listed, changed and undone as those of customers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from core.model.access.person import Role
from core.model.mappings.alias import AliasKind
from core.model.sending.answer import Accepted, AnswerRow, Refused
from core.model.work_orders.item import JobItem
from tests.support.browser_scene import Browser, somebody
from tests.support.http_scene import JOB, Scene, api

HOME, SENDS = "/t/cardinal", "/v1/tenants/cardinal/sends"
AGAIN, SAVE_AND_SEND = "Save and send again", "Save and send"
VALVE = JobItem(id="71", name="Check valve", type="part", quantity=Decimal(2), cost=Decimal(41), library_id="501")
GAUGE = replace(VALVE, id="72", name="Gauge", code="GAUGE-300", library_id="502")
CODE = "code.item.501"
NOT_ON_FILE = Refused((AnswerRow("I", "Item not on file", "Item_Code"),))


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


@pytest.fixture
async def browser(scene: Scene) -> Browser:
    return await somebody(scene, Role.ADMINISTRATOR)


async def job_with(scene: Scene, *items: JobItem, number: str = "104482", job_id: str = JOB.id) -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    scene.service_trade.add_job(tenant.id, replace(JOB, id=job_id, number=number, status="scheduled"))
    for item in items:
        scene.service_trade.add_item(tenant.id, job_id, item)
    scene.service_trade.complete(tenant.id, job_id)


async def sent(scene: Scene, job_id: str = JOB.id) -> str:
    body = {"job_id": job_id, "connection": "main", "items": "new_only"}
    send_id = (await scene.call("POST", SENDS, body)).body["id"]
    await scene.work()
    return str(send_id)


async def state(scene: Scene, send_id: str) -> Mapping[str, Any]:
    body: Mapping[str, Any] = (await scene.call("GET", f"{SENDS}/{send_id}")).body
    return body


def posted(scene: Scene) -> list[str]:
    return [line.fields["Item_Code"] for line in scene.spectrum.lines]


async def test_a_missing_item_code_is_set_at_the_failed_send_and_frees_the_others(
    scene: Scene, browser: Browser
) -> None:
    await job_with(scene, VALVE, GAUGE)
    await job_with(scene, replace(VALVE, id="81"), number="104490", job_id="2412087334600990")
    await job_with(scene, replace(VALVE, id="91", cost=None, type="fee"), number="104491", job_id="2412087334600991")
    other, more = await sent(scene, "2412087334600990"), await sent(scene, "2412087334600991")
    send_id = await sent(scene)
    failed = await state(scene, send_id)
    assert [(one["code"], one["item_id"]) for one in failed["findings"]] == [("ITEM_CODE_MISSING", "71")]
    await browser.open(HOME)
    assert "Spectrum code of the item Check valve" in browser.said
    assert 'maxlength="15"' in browser.text
    await browser.open(f"{HOME}/sends/{send_id}")
    assert "Also frees 1 job" in browser.said, "the third one lacks a cost, too"
    await browser.press(AGAIN, **{CODE: " CV-4G-GROOVED-1"[:16], "others": "1"})
    await scene.work()
    assert [(await state(scene, one))["state"] for one in (send_id, other, more)] == ["sent", "sent", "needs_attention"]
    assert sorted(posted(scene)) == ["CV-4G-GROOVED-1", "CV-4G-GROOVED-1", "GAUGE-300"]


async def test_a_refused_item_code_is_corrected_and_only_its_line_is_posted_again(
    scene: Scene, browser: Browser
) -> None:
    await job_with(scene, replace(VALVE, code="WRONG"), GAUGE)
    scene.spectrum.answer_next(Accepted(), NOT_ON_FILE)
    send_id = await sent(scene)
    assert posted(scene) == ["GAUGE-300"]
    await browser.open(f"{HOME}/sends/{send_id}")
    assert "Spectrum does not accept WRONG" in browser.said
    await browser.press(AGAIN, **{CODE: "CV4G"})
    await scene.work()
    assert (await state(scene, send_id))["state"] == "sent"
    assert posted(scene) == ["GAUGE-300", "CV4G"]


async def test_a_code_that_is_refused_again_asks_again_and_shows_the_alias(scene: Scene, browser: Browser) -> None:
    await job_with(scene, VALVE)
    send_id = await sent(scene)
    await browser.open(f"{HOME}/sends/{send_id}")
    scene.spectrum.answer_next(Accepted(), NOT_ON_FILE)
    await browser.press(AGAIN, **{CODE: "NOPE"})
    await scene.work()
    await browser.open(f"{HOME}/sends/{send_id}")
    assert "Spectrum does not accept NOPE" in browser.said
    assert 'value="NOPE"' in browser.text


async def test_the_preview_has_the_field_and_sends_what_it_shows(scene: Scene, browser: Browser) -> None:
    await job_with(scene, VALVE, replace(VALVE, id="73", quantity=Decimal(1)))
    await browser.open(f"{HOME}/jobs/{JOB.id}?connection=main&items=new_only")
    assert "Spectrum code of the item Check valve" in browser.said
    await browser.press(SAVE_AND_SEND, **{CODE: "CV4G"})
    await scene.work()
    assert posted(scene) == ["CV4G", "CV4G"], "both items are of one library item"


@pytest.mark.parametrize("item", [replace(VALVE, library_id=""), replace(VALVE, generic=True)])
async def test_an_item_whose_code_would_be_that_of_nothing_or_of_many_things_has_no_field(
    scene: Scene, browser: Browser, item: JobItem
) -> None:
    await job_with(scene, item)
    send_id = await sent(scene)
    assert [one["code"] for one in (await state(scene, send_id))["findings"]] == ["ITEM_CODE_MISSING"]
    await browser.open(f"{HOME}/sends/{send_id}")
    assert "Spectrum code of the item" not in browser.said
    assert AGAIN not in browser.said


async def test_an_alias_of_an_item_counts_from_every_page_and_its_history_undoes_it(
    scene: Scene, browser: Browser
) -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    await job_with(scene, replace(VALVE, external_id="EXT-1"))
    await browser.open(f"{HOME}/connections/main/codes/item/501")
    await browser.press("Save as an alias", code="ALIAS-1")
    await browser.press("Save as an alias", code="ALIAS-2")
    assert "Jobferry uses ALIAS-2" in browser.said
    await browser.press("Put it back")
    assert "Jobferry uses ALIAS-1" in browser.said
    send_id = await sent(scene)
    assert (posted(scene), (await state(scene, send_id))["state"]) == (["ALIAS-1"], "sent")
    await browser.press("Remove the alias")
    await browser.press("Write it to ServiceTrade", code="EXT-2")
    [item] = scene.service_trade.jobs[tenant.id, JOB.id].items_under("spectrum")
    assert item.external_id == "EXT-2"
    await browser.open(f"{HOME}/mappings?connection=main&search=501")
    assert "item 501" in browser.said
    codes = await scene.use_cases.list_codes.of_record(tenant.id, "main", (AliasKind.ITEM, "501"))
    assert codes.external_id
    assert codes.external_id.code == "EXT-2"


async def test_the_external_ids_of_sent_items_are_listed_and_their_own_codes_are_not(
    scene: Scene, browser: Browser
) -> None:
    await job_with(scene, replace(VALVE, external_id="EXT-1"), GAUGE)
    await sent(scene)
    await browser.open(f"{HOME}/mappings?connection=main")
    await browser.open(f"{HOME}/mappings?connection=main")
    assert "EXT-1" in browser.said
    assert "GAUGE-300" not in browser.said

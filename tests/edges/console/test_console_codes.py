"""Missing codes are set where they are missed, and the send goes again, once; whatever others do in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.inbound.console import rendering
from adapters.inbound.console.handlers.sign_in import form_token
from core.model.access.person import Role
from core.model.mappings.alias import AliasEntry, AliasKind
from core.model.planning.job import JobSnapshot, Party
from core.model.sending.answer import AnswerRow, Refused
from core.model.shared.errors import TimeMends
from core.services.sending import retry_freed
from tests.support.browser_scene import Browser, person, somebody
from tests.support.http_scene import JOB, UNMAPPED, Scene, api

HOME = "/t/cardinal"
AGAIN, SEND, SAVE, SHOW = "Save and send again", "Save and send", "Save the code", "Save and show the plan"
CODE = "code.site.3"
NO_CUSTOMER = replace(UNMAPPED, id="2412087334600707", number="104484", customer=Party(id="7", name="Riverside Annex"))
"""It lacks its customer's code, too."""


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


@pytest.fixture
async def browser(scene: Scene) -> Browser:
    return await somebody(scene, Role.ADMINISTRATOR)


async def failed(scene: Scene, job: JobSnapshot = UNMAPPED) -> str:
    await scene.add_job(job)
    send_id = await scene.send(job)
    await scene.work()
    return send_id


async def states(scene: Scene) -> dict[str, str]:
    """The state of each job's newest send."""
    sends = (await scene.call("GET", "/v1/tenants/cardinal/sends")).body["items"]
    return {one["job_number"] or one["job_id"]: one["state"] for one in sends[::-1]}


async def aliases(scene: Scene) -> dict[str, str]:
    found = (await scene.call("GET", "/v1/tenants/cardinal/aliases?connection=main")).body["items"]
    return {f"{one['kind']} {one['servicetrade_id']}": one["code"] for one in found}


async def set_alias(scene: Scene, code: str, *, by: str = "bob", kind: str = "site", record: str = "3") -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    entry = AliasEntry(AliasKind(kind), record, "Cold Store", code)
    await scene.use_cases.aliases.set(tenant.id, "main", [entry], by=by)


async def test_a_failed_send_has_the_field_of_the_missing_code_and_goes_again(scene: Scene, browser: Browser) -> None:
    send_id = await failed(scene)
    await browser.open(f"{HOME}/sends/{send_id}")
    assert "Spectrum code of the site Cold Store" in browser.said
    await browser.press(AGAIN, **{CODE: " COLD1 "})
    assert browser.address == f"{HOME}/sends/{send_id}"
    await scene.work()
    assert scene.spectrum.calls[-1]["WO_Job_Number"] == "COLD1"
    assert (await states(scene))["104483"] == "sent"
    assert await aliases(scene) == {"site 3": "COLD1"}
    entries = (await scene.call("GET", "/v1/tenants/cardinal/audit")).body["items"]
    assert ("ann@example.com", "alias.set") in [(one["actor"], one["action"]) for one in entries]


async def test_the_same_press_twice_sends_once(scene: Scene, browser: Browser) -> None:
    """Also if the first one has failed again meanwhile: the second one is the same press."""
    send_id = await failed(scene)
    page = (await browser.open(f"{HOME}/sends/{send_id}")).text
    await browser.press(AGAIN, **{CODE: "COLD1"})
    scene.spectrum.answer_next(Refused((AnswerRow("I", "unknown", "WO_Job_Number"),)))
    await scene.work()
    assert (await states(scene))["104483"] == "needs_attention"
    calls = len(scene.spectrum.calls)
    browser.text = page
    await browser.press(AGAIN, **{CODE: "COLD1"})
    await scene.work()
    assert browser.status == 200
    assert len(scene.spectrum.calls) == calls


async def test_the_same_press_twice_sends_the_others_once(scene: Scene, browser: Browser) -> None:
    await failed(scene, replace(UNMAPPED, id="2412087334600801", number="106001"))
    send_id = await failed(scene)
    page = (await browser.open(f"{HOME}/sends/{send_id}")).text
    await browser.press(AGAIN, **{CODE: "COLD1"})
    scene.spectrum.answer_next(*[Refused((AnswerRow("I", "unknown", "WO_Job_Number"),))] * 2)
    await scene.work()
    assert set((await states(scene)).values()) == {"needs_attention"}
    batch, calls = browser.address, len(scene.spectrum.calls)
    browser.text = page
    await browser.press(AGAIN, **{CODE: "COLD1"})
    await scene.work()
    assert (browser.address, len(scene.spectrum.calls)) == (batch, calls)


async def test_two_people_at_once_send_once(scene: Scene, browser: Browser) -> None:
    bob = await somebody(scene, Role.ADMINISTRATOR, "bob@example.com")
    send_id = await failed(scene)
    for one in (browser, bob):
        await one.open(f"{HOME}/sends/{send_id}")
    await asyncio.gather(*(one.press(AGAIN, **{CODE: "COLD1"}) for one in (browser, bob)))
    assert (browser.status, bob.status) == (200, 200)
    await scene.work()
    assert [call["WO_Job_Number"] for call in scene.spectrum.calls] == ["COLD1"]


async def test_a_code_that_somebody_else_set_meanwhile_is_shown_and_stays(scene: Scene, browser: Browser) -> None:
    send_id = await failed(scene)
    await browser.open(f"{HOME}/sends/{send_id}")
    await set_alias(scene, "COLD9")
    await browser.press(AGAIN, **{CODE: "COLD1"})
    assert browser.status == 409
    assert "bob set COLD9 for Cold Store, today 09:00 UTC. Nothing was saved." in browser.said
    assert 'value="COLD9"' in browser.text
    assert await aliases(scene) == {"site 3": "COLD9"}
    assert (await states(scene))["104483"] == "needs_attention"
    await browser.press(AGAIN)
    await scene.work()
    assert scene.spectrum.calls[-1]["WO_Job_Number"] == "COLD9"


async def test_a_send_that_went_on_meanwhile_keeps_its_code(scene: Scene, browser: Browser) -> None:
    send_id = await failed(scene)
    await browser.open(f"{HOME}/sends/{send_id}")
    await scene.add_job(replace(UNMAPPED, location=Party(id="3", name="Cold Store", external_id="COLD5")))
    await scene.call("POST", f"/v1/tenants/cardinal/sends/{send_id}/retry")
    await scene.work()
    await browser.press(AGAIN, **{CODE: "COLD1"})
    assert (browser.status, "somebody sent it again meanwhile. Nothing was saved." in browser.said) == (409, True)
    assert await aliases(scene) == {}


async def test_more_jobs_than_go_at_once_are_not_promised(
    scene: Scene, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [await failed(scene, replace(UNMAPPED, id=f"24120873346008{n:02}", number=f"1060{n:02}")) for n in range(3)]
    page, promise = f"{HOME}/sends/{ids[0]}", "Also frees 2 jobs: send the newest 1 of them again, too"
    assert promise not in (await browser.open(page)).said
    monkeypatch.setitem(rendering._templates().globals, "most_at_once", 1)
    monkeypatch.setattr(retry_freed, "LARGEST_BATCH", 1)
    assert promise in (await browser.open(page)).said
    await browser.press(AGAIN, **{CODE: "COLD1"})
    await scene.work()
    assert list((await states(scene)).values()).count("sent") == 2


async def test_other_jobs_that_need_only_this_code_go_too(scene: Scene, browser: Browser) -> None:
    await failed(scene, NO_CUSTOMER)
    others = [await failed(scene, replace(UNMAPPED, id=f"24120873346008{n:02}", number=f"1060{n:02}")) for n in (1, 2)]
    send_id = await failed(scene)
    await browser.open(f"{HOME}/sends/{send_id}")
    assert "Also frees 2 jobs: send them again, too" in browser.said
    await browser.press(AGAIN, **{CODE: "COLD1"})
    assert browser.address.startswith(f"{HOME}/batches/")
    assert len(others) == 2
    await scene.work()
    assert await states(scene) == {
        "104483": "sent",
        "106001": "sent",
        "106002": "sent",
        "104484": "needs_attention",
    }


async def test_others_stay_if_the_person_wants_so(scene: Scene, browser: Browser) -> None:
    await failed(scene, replace(UNMAPPED, id="2412087334600801", number="106001"))
    send_id = await failed(scene)
    await browser.open(f"{HOME}/sends/{send_id}")
    browser.text = browser.text.replace(' value="1" checked', ' value="1"')
    await browser.press(AGAIN, **{CODE: "COLD1"})
    await scene.work()
    assert await states(scene) == {"104483": "sent", "106001": "needs_attention"}


async def test_two_missing_codes_are_set_in_one_form(scene: Scene, browser: Browser) -> None:
    send_id = await failed(scene, NO_CUSTOMER)
    await browser.open(f"{HOME}/sends/{send_id}")
    await browser.press(AGAIN, **{CODE: "COLD1", "code.customer.7": "RIVER"})
    await scene.work()
    sent = scene.spectrum.calls[-1]
    assert (sent["Bill_Customer_Code"], sent["WO_Job_Number"]) == ("RIVER", "COLD1")


async def test_a_code_that_spectrum_refused_is_corrected_in_place(scene: Scene, browser: Browser) -> None:
    scene.spectrum.answer_next(Refused((AnswerRow("I", "not on file", "Bill_Customer_Code"),)))
    send_id = await failed(scene, JOB)
    await browser.open(f"{HOME}/sends/{send_id}")
    assert "Spectrum does not accept HARVIEW." in browser.said
    assert 'value="HARVIEW"' in browser.text
    await browser.press(AGAIN, **{"code.customer.1": "HARV2"})
    await scene.work()
    assert scene.spectrum.calls[-1]["Bill_Customer_Code"] == "HARV2"


async def test_a_wrong_code_is_refused_with_what_was_typed(scene: Scene, browser: Browser) -> None:
    send_id = await failed(scene)
    for typed, words in (("MUCH-TOO-LONG", "Spectrum takes at most 10"), ("  ", "No code was entered.")):
        await browser.open(f"{HOME}/sends/{send_id}")
        await browser.press(AGAIN, **{CODE: typed})
        assert (browser.status, words in browser.said) == (422, True)
        assert f'value="{typed}"' in browser.text
    assert (await states(scene))["104483"] == "needs_attention"
    assert await aliases(scene) == {}


async def test_codes_used_before_are_suggested(scene: Scene, browser: Browser) -> None:
    await set_alias(scene, "OLD0")
    await set_alias(scene, "OLD1")
    tenant = await scene.use_cases.find_tenant("cardinal")
    found = await scene.use_cases.aliases.page(tenant.id, "main")
    await scene.use_cases.aliases.remove(tenant.id, found.aliases[0].id, by="bob")
    entries = [
        AliasEntry(AliasKind.SITE, str(n), name, code)
        for n, name, code in ((21, "Harborview Store", "HS1"), (22, "Cold Store Annex", "CS2"), (23, "Depot", "DEP"))
    ]
    await scene.use_cases.aliases.set(tenant.id, "main", entries, by="bob")
    send_id = await failed(scene)
    await browser.open(f"{HOME}/sends/{send_id}")
    [listed] = browser.page.iter("datalist")
    assert [one.get("value") for one in listed.iter("option")] == ["OLD1", "OLD0", "CS2", "HS1"]


async def test_senders_and_viewers_see_who_can_help(scene: Scene, browser: Browser) -> None:
    send_id = await failed(scene)
    page = (await browser.open(f"{HOME}/sends/{send_id}")).text
    for role in (Role.SENDER, Role.VIEWER):
        other = await somebody(scene, role, f"{role.value}@example.com")
        await other.open(f"{HOME}/sends/{send_id}")
        assert "An administrator can enter the code here." in other.said
        token = other.page.xpath("//input[@name='form_token']")[0].get("value")
        other.text = page.replace(browser.page.xpath("//input[@name='form_token']")[0].get("value"), token)
        await other.press(AGAIN, **{CODE: "COLD1"})
        assert other.status == 403
    assert await aliases(scene) == {}


async def test_another_tenants_send_is_not_there(scene: Scene) -> None:
    send_id = await failed(scene)
    harbor = {"slug": "harbor", "name": "Harbor", "servicetrade": {"username": "u", "password": "p"}}
    assert (await scene.call("POST", "/v1/tenants", harbor)).status == 201
    await person(scene, "eve@example.com", Role.ADMINISTRATOR, "harbor")
    eve = await Browser(scene).sign_in("eve@example.com")
    assert (await eve.open(f"/t/harbor/sends/{send_id}")).status == 404
    eve.text = (
        f'<form method="post" action="/t/harbor/sends/{send_id}/codes"><input name="form_token" '
        f'value="{form_token(eve.cookie)}"><input name="{CODE}" value="EVIL"><button>Go</button></form>'
    )
    assert (await eve.press("Go")).status == 404
    assert await aliases(scene) == {}


async def test_home_has_the_field_of_each_missing_code(scene: Scene, browser: Browser) -> None:
    await failed(scene, replace(UNMAPPED, id="2412087334600801", number="106001"))
    await failed(scene)
    await browser.open(HOME)
    assert "Job 104483, Job 106001 to Spectrum" in browser.said
    assert browser.said.count("Spectrum code of the site Cold Store") == 1
    await browser.press(AGAIN, **{CODE: "COLD1"})
    await scene.work()
    assert await states(scene) == {"104483": "sent", "106001": "sent"}
    await browser.open(f"{HOME}/causes/MAP_SITE_MISSING")
    assert browser.status == 404


async def test_the_page_of_a_cause_has_the_fields_too(scene: Scene, browser: Browser) -> None:
    await failed(scene)
    await browser.open(f"{HOME}/causes/MAP_SITE_MISSING")
    await browser.press(AGAIN, **{CODE: "COLD1"})
    await scene.work()
    assert (await states(scene))["104483"] == "sent"


async def test_a_preview_is_sent_with_the_code_that_it_lacks(scene: Scene, browser: Browser) -> None:
    await browser.open(f"{HOME}/jobs/{UNMAPPED.id}?connection=main")
    page = browser.text
    await browser.press(SEND, **{CODE: "COLD1"})
    address = browser.address
    assert address.startswith(f"{HOME}/sends/snd_")
    browser.text = page
    await browser.press(SEND, **{CODE: "COLD1"})
    assert browser.address == address, "the same press twice is one send"
    await scene.work()
    assert [call["WO_Job_Number"] for call in scene.spectrum.calls] == ["COLD1"]
    assert await states(scene) == {"104483": "sent"}
    assert await aliases(scene) == {"site 3": "COLD1"}


async def test_other_failed_jobs_go_with_the_one_that_is_previewed(scene: Scene, browser: Browser) -> None:
    """But not an earlier send of the same job: it is sent already."""
    await failed(scene, replace(UNMAPPED, id="2412087334600801", number="106001"))
    await failed(scene)
    await browser.open(f"{HOME}/jobs/{UNMAPPED.id}?connection=main")
    assert "Also frees 1 failed job: send it again, too" in browser.said
    page = browser.text
    await browser.press(SEND, **{CODE: "COLD1"})
    batch = browser.address
    assert batch.startswith(f"{HOME}/batches/")
    await scene.work()
    assert sorted(call["WO_Number"] for call in scene.spectrum.calls) == ["T104483", "T106001"]
    browser.text = page
    await browser.press(SEND, **{CODE: "COLD1"})
    await scene.work()
    assert (browser.address, len(scene.spectrum.calls)) == (batch, 2)
    assert await states(scene) == {"104483": "sent", "106001": "sent"}


async def test_the_same_press_twice_at_once_is_one_send(scene: Scene, browser: Browser) -> None:
    await browser.open(f"{HOME}/jobs/{UNMAPPED.id}?connection=main")
    twin = replace(browser)
    await asyncio.gather(*(one.press(SEND, **{CODE: "COLD1"}) for one in (browser, twin)))
    assert browser.address == twin.address
    await scene.work()
    assert len(scene.spectrum.calls) == 1


async def test_a_job_that_changed_since_the_preview_is_neither_saved_nor_sent(scene: Scene, browser: Browser) -> None:
    await browser.open(f"{HOME}/jobs/{UNMAPPED.id}?connection=main")
    await scene.add_job(replace(UNMAPPED, customer_po="PO-9"))
    await browser.press(SEND, **{CODE: "COLD1"})
    assert (browser.status, "Nothing was sent" in browser.said, "PO-9" in browser.said) == (409, True, True)
    assert 'value="COLD1"' in browser.text, "what was typed stays"
    assert await aliases(scene) == {}
    await browser.press(SEND, **{CODE: "COLD1"})
    await scene.work()
    assert scene.spectrum.calls[-1]["Customer_PO_Number"] == "PO-9"


async def test_a_code_only_saved_shows_the_plan_with_it(scene: Scene, browser: Browser) -> None:
    await browser.open(f"{HOME}/jobs/{UNMAPPED.id}?connection=main&complete=1")
    await browser.press(SHOW, **{CODE: "COLD1"})
    assert "complete=1" in browser.address
    assert "COLD1" in browser.said
    assert await states(scene) == {}
    await browser.press("Complete the job, and send Job to Spectrum")
    await scene.work()
    assert scene.spectrum.calls[-1]["WO_Job_Number"] == "COLD1"


async def test_a_preview_with_another_problem_offers_only_to_save(scene: Scene, browser: Browser) -> None:
    await scene.add_job(replace(UNMAPPED, number="10448312345"))
    await browser.open(f"{HOME}/jobs/{UNMAPPED.id}?connection=main")
    assert [one.text_content() for one in browser.page.iter("button")].count(SEND) == 0
    await browser.press(SHOW, **{CODE: "COLD1"})
    assert await aliases(scene) == {"site 3": "COLD1"}


async def test_a_contract_without_code_may_get_one(scene: Scene, browser: Browser) -> None:
    await scene.add_job(replace(JOB, contract=Party(id="9", name="Master")))
    await browser.open(f"{HOME}/jobs/{JOB.id}?connection=main")
    assert "Spectrum code of the contract Master (may stay empty)" in browser.said
    await browser.press(SEND, **{"code.contract.9": "MSA"})
    await scene.work()
    assert scene.spectrum.calls[-1]["Contract_Number"] == "MSA"


async def test_servicetrade_away_means_neither_saved_nor_sent(scene: Scene, browser: Browser) -> None:
    await browser.open(f"{HOME}/jobs/{UNMAPPED.id}?connection=main")
    scene.service_trade.fail_next(TimeMends("ServiceTrade does not answer.", code="ST_UNREACHABLE"), call="read_job")
    await browser.press(SEND, **{CODE: "COLD1"})
    assert browser.status == 503
    assert await aliases(scene) == {}
    assert await states(scene) == {}


RECORD = f"{HOME}/connections/main/codes/site/3"


async def test_all_codes_are_in_one_list_with_where_they_are_from(scene: Scene, browser: Browser) -> None:
    """Those of upcoming jobs, of what was sent, and the aliases. An external id under an alias is marked."""
    await scene.add_job(replace(JOB, id="2412087334600711", location=Party(id="12", name="Mill", external_id="MILL")))
    await scene.send(replace(JOB, id="2412087334600711"))
    await scene.work()
    tenant = await scene.use_cases.find_tenant("cardinal")
    del scene.service_trade.jobs[tenant.id, "2412087334600711"]
    await browser.open(f"{HOME}/mappings")
    await set_alias(scene, "PLANT", record="2")
    await browser.open(f"{HOME}/mappings")
    rows = [" ".join(row.text_content().split()) for row in browser.page.xpath("//tbody/tr")]
    assert sorted(rows) == [
        "Cold Store site 2 PLANT Alias, bob today 09:00 UTC",
        "Harborview Foods customer 1 HARVIEW External ID today 09:00 UTC",
        "Mill site 12 MILL External ID today 09:00 UTC",
        "Plant 2 site 2 HV0002 not used: there is an alias External ID today 09:00 UTC",
    ]
    await browser.press("Find codes", search="mill")
    assert len(browser.page.xpath("//tbody/tr")) == 1


async def test_a_code_that_ends_in_servicetrade_ends_in_the_list(scene: Scene, browser: Browser) -> None:
    await browser.open(f"{HOME}/mappings")
    assert "HV0002" in browser.said
    for code, shown in (("HV9", "HV9"), (None, None)):
        scene.clock.advance(60)
        await scene.add_job(replace(JOB, location=Party(id="2", name="Plant 2", external_id=code)))
        await browser.open(f"{HOME}/mappings")
        assert "HV0002" not in browser.said
        assert shown is None or shown in browser.said
    await browser.open(f"{HOME}/connections/main/codes/site/2")
    rows = [" ".join(row.text_content().split()) for row in browser.page.xpath("//tbody/tr")]
    assert [row.split(" Put")[0] for row in rows] == [
        "HV9 External ID, found in ServiceTrade today 09:01 UTC today 09:02 UTC, removed in ServiceTrade",
        "HV0002 External ID, found in ServiceTrade today 09:00 UTC today 09:01 UTC, replaced in ServiceTrade",
    ]


async def test_an_undo_puts_the_former_code_back_and_is_in_the_history(scene: Scene, browser: Browser) -> None:
    await set_alias(scene, "COLD1")
    await browser.open(RECORD)
    await browser.press("Save as an alias", code="COLD2")
    assert "The code is saved." in browser.said
    await browser.press("Put it back")
    assert "The former code is back." in browser.said
    assert await aliases(scene) == {"site 3": "COLD1"}
    codes = [row.text_content().split()[0] for row in browser.page.xpath("//tbody/tr")]
    assert codes == ["COLD2", "COLD1"], "the undone code is a former one now"
    assert "Jobferry uses COLD1: alias, set by ann@example.com, today 09:00 UTC." in browser.said
    await browser.press("Remove the alias")
    assert await aliases(scene) == {}
    browser.text = browser.text.replace("Put it back", "Put it back!", 1)
    await browser.press("Put it back!")
    assert await aliases(scene) == {"site 3": "COLD1"}, "a removal is undone, too"
    entries = (await scene.call("GET", "/v1/tenants/cardinal/audit")).body["items"]
    assert [one["action"] for one in entries if one["action"].startswith("alias")] == [
        "alias.set",
        "alias.removed",
        "alias.set",
        "alias.set",
        "alias.set",
    ]


async def test_a_code_written_to_servicetrade_has_a_history_and_an_undo(scene: Scene, browser: Browser) -> None:
    await browser.open(f"{HOME}/connections/main/codes/site/2")
    await browser.press("Write it to ServiceTrade", code="HV0009")
    assert "External ID, written to ServiceTrade by ann@example.com" in browser.said
    await browser.press("Put it back")
    tenant = await scene.use_cases.find_tenant("cardinal")
    assert scene.service_trade.jobs[tenant.id, JOB.id].codes["location", "spectrum"] == "HV0002"


@pytest.mark.parametrize("button", ["Save as an alias", "Remove the alias", "Put it back"])
async def test_nothing_that_somebody_set_meanwhile_is_overwritten(scene: Scene, browser: Browser, button: str) -> None:
    await set_alias(scene, "COLD0")
    await set_alias(scene, "COLD1")
    await browser.open(RECORD)
    await set_alias(scene, "COLD9", by="eve")
    filled = {"code": "COLD3"} if button.startswith("Save") else {}
    await browser.press(button, **filled)
    assert (browser.status, "eve set COLD9" in browser.said) == (409, True)
    assert await aliases(scene) == {"site 3": "COLD9"}


async def test_only_administrators_change_codes(scene: Scene, browser: Browser) -> None:
    await set_alias(scene, "COLD1")
    sender = await (await somebody(scene, Role.SENDER, "sam@example.com")).open(RECORD)
    assert "COLD1" in sender.said
    assert not sender.page.xpath("//main//form")


async def test_a_record_that_cannot_exist_is_not_found(scene: Scene, browser: Browser) -> None:
    for record in ("elephant/3", "site/x", "site/12345678901234567"):
        assert (await browser.open(f"{HOME}/connections/main/codes/{record}")).status == 404
    assert (await browser.open(f"{HOME}/connections/none/codes/site/3")).status == 404


async def test_an_external_id_that_changed_in_servicetrade_meanwhile_is_shown(scene: Scene, browser: Browser) -> None:
    await browser.open(f"{HOME}/mappings")
    await browser.open(f"{HOME}/connections/main/codes/site/2")
    await scene.add_job(replace(JOB, location=Party(id="2", name="Plant 2", external_id="HV7")))
    await browser.press("Write it to ServiceTrade", code="HV8")
    assert (browser.status, "the External ID in ServiceTrade is HV7 now" in browser.said) == (409, True)
    assert "Jobferry uses HV7: External ID, found in ServiceTrade" in browser.said
    assert "write_code" not in scene.service_trade.calls


async def test_a_code_set_from_the_list_of_missing_ones_overwrites_nobodys(scene: Scene, browser: Browser) -> None:
    await browser.open(f"{HOME}/mappings")
    page = browser.text
    await set_alias(scene, "COLD9", by="eve")
    await browser.press("Only as an alias here", code="COLD1")
    assert (browser.status, "eve set COLD9" in browser.said) == (409, True)
    await scene.add_job(replace(UNMAPPED, location=Party(id="3", name="Cold Store", external_id="COLD5")))
    browser.text = page
    await browser.press("Write it to ServiceTrade", code="COLD1")
    assert (browser.status, "the External ID in ServiceTrade is COLD5 now" in browser.said) == (409, True)
    assert await aliases(scene) == {"site 3": "COLD9"}
    await browser.press("Write it to ServiceTrade")
    assert browser.status == 200, "a second press, after theirs was shown, is a decision"

"""The audit narrowed down, as a page, as a file and over the API."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator

import pytest

from core.model.access.caller import Caller
from core.model.access.person import Role
from core.model.operations.audit import AuditEntry
from core.services.operations import list_audit
from tests.support.browser_scene import Browser, person, somebody
from tests.support.http_scene import JOB, UNMAPPED, Scene, api

HOME = "/t/cardinal"
API = "/v1/tenants/cardinal/audit"
DAY = 86_400.0


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """Three days with one entry each, the second with what a spreadsheet would run."""
    async with api() as running:
        await running.furnish()
        tenant = await running.use_cases.find_tenant("cardinal")
        done = (("ann@x.com", "person.added"), ("=cmd|x", "doubt.settled"), ("ann@x.com", "send.retried"))
        for actor, action in done:
            running.clock.advance(DAY)
            entry = AuditEntry(
                at=running.clock.now(), actor=actor, action=action, subject="sub_1", detail={"reason": '<b>,"x"'}
            )
            async with running.transactions.begin(tenant.id) as t:
                await t.audit.record(entry)
        yield running


async def test_details_are_told_in_words(scene: Scene) -> None:
    detail = {"job": JOB.id, "items": "new_only", "connection": "again"}
    tenant = await scene.use_cases.find_tenant("cardinal")
    async with scene.transactions.begin(tenant.id) as t:
        await t.audit.record(
            AuditEntry(at=scene.clock.now(), actor="ann", action="send.requested", subject="snd_1", detail=detail)
        )
    browser = await (await somebody(scene, Role.VIEWER)).open(f"{HOME}/audit?action=send.requested")
    assert f"job: {JOB.id}; items: only new ones; connection: again" in browser.said


def actions(browser: Browser) -> list[str]:
    return [" ".join(one.text_content().split()) for one in browser.page.xpath("//td[@data-label='What']")]


async def test_the_filters_stand_in_the_address_and_in_the_form(scene: Scene) -> None:
    browser = await (await somebody(scene, Role.VIEWER)).open(f"{HOME}/audit")
    await browser.press("Show", actor="ann@x.com", **{"from": "2026-03-03", "to": "2026-03-05"})
    assert actions(browser) == ["Send retried", "Person added"]
    await browser.press("Show", actor="", to="2026-03-04")
    assert actions(browser) == ["Checked in Spectrum", "Person added"], "the last day too"
    await browser.press("Show", action="doubt")
    assert actions(browser) == ["Checked in Spectrum"]
    assert "from=2026-03-03&to=2026-03-04" in browser.address
    assert "<b>" not in browser.text
    await browser.press("Show", actor="nobody")
    assert "Nothing matches these filters." in browser.said
    await browser.open(f"{HOME}/audit?from=yesterday&to=9999-12-31&action=%22%3E%3Cscript%3E")
    assert browser.status == 200
    assert "<script>" not in browser.text


async def test_older_ones_keep_the_filter(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.inbound.console.handlers.audit.SHOWN", 1)
    browser = await (await somebody(scene, Role.VIEWER)).open(f"{HOME}/audit?actor=ann%40x.com")
    assert actions(browser) == ["Send retried"]
    await browser.open(browser.link("Older ones"))
    assert actions(browser) == ["Person added"]
    assert "Older ones" not in browser.said


async def test_the_file_has_what_the_page_lets_through_and_no_formula(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await (await somebody(scene, Role.VIEWER)).open(f"{HOME}/audit?from=2026-03-03&to=2026-03-04")
    await browser.open(browser.link("Download as CSV"))
    assert browser.headers["Content-Type"].startswith("text/csv")
    assert browser.headers["Content-Disposition"] == 'attachment; filename="audit-cardinal.csv"'
    rows = list(csv.reader(io.StringIO(browser.text, newline="")))
    detail = 'reason: <b>,"x"'
    assert rows == [
        ["at", "actor", "actor_name", "action", "subject", "detail"],
        ["2026-03-04T09:00:00+00:00", "'=cmd|x", "", "doubt.settled", "sub_1", detail],
        ["2026-03-03T09:00:00+00:00", "ann@x.com", "", "person.added", "sub_1", detail],
    ]
    monkeypatch.setattr(list_audit, "MOST_EXPORTED", 1)
    assert len((await browser.open(f"{HOME}/audit.csv?actor=ann%40x.com")).text.splitlines()) == 2, "the said bound"


async def test_another_tenants_audit_is_no_file(scene: Scene) -> None:
    await scene.call(
        "POST",
        "/v1/tenants",
        {
            "slug": "other",
            "name": "Other",
            "servicetrade": {"username": "u", "password": "p"},
        },
    )
    await person(scene, "eve@example.com", Role.ADMINISTRATOR, "other")
    eve = await Browser(scene).sign_in("eve@example.com")
    assert (await eve.open(f"{HOME}/audit.csv")).status == 404
    assert "doubt.settled" not in eve.text


async def test_the_api_narrows_down_the_same_way(scene: Scene) -> None:
    async def asked(query: str) -> list[str]:
        return [one["action"] for one in (await scene.call("GET", f"{API}?{query}")).body["items"]]

    assert await asked("actor=ann%40x.com") == ["send.retried", "person.added"]
    assert await asked("action=doubt") == ["doubt.settled"]
    assert await asked("since=2026-03-04T09:00:00Z&until=2026-03-05T09:00:00Z") == ["doubt.settled"]
    first = (await scene.call("GET", f"{API}?actor=ann%40x.com&limit=1")).body
    assert await asked(f"actor=ann%40x.com&cursor={first['next']}") == ["person.added"]
    assert (await scene.call("GET", f"{API}?since=yesterday")).status == 422


async def test_a_sends_page_tells_what_people_did_by_their_names_and_why(scene: Scene) -> None:
    await scene.add_job(UNMAPPED)
    browser = await somebody(scene, Role.ADMINISTRATOR)
    await browser.open(f"{HOME}/jobs/{JOB.id}?connection=main")
    send = await scene.send(UNMAPPED)
    page = f"{HOME}/sends/{send}"
    await scene.work()
    scene.clock.advance(60)
    await (await browser.open(page)).press("Try again now")
    await scene.work()
    await (await browser.open(page)).press("Mark as done by hand", reason="Typed in as <T104483>.")
    await scene.work()
    [timeline] = browser.page.xpath("//ol[@class='timeline']")
    told = [" ".join(one.text_content().split()) for one in timeline.iter("li")]
    assert told[0].startswith("Requested by operator:scene, ")
    acts = [one for one in told if " by Ann" in one]
    assert [one.rsplit(" by ", 1)[0] for one in acts] == ["Send retried", "Marked as done by hand"]
    assert "by Ann: Typed in as <T104483>., today" in acts[1]
    assert (await scene.call("GET", f"{API}?subject={send}")).body["items"][0]["actor_name"] == "Ann"


async def test_who_pressed_send_is_told_by_name_and_is_in_the_audit(scene: Scene) -> None:
    browser = await somebody(scene)
    await browser.open(f"{HOME}/jobs/{JOB.id}?connection=main")
    await browser.press("Send Job to Spectrum")
    assert "Requested by Ann, today" in browser.said
    [entry] = (await scene.call("GET", f"{API}?action=send.requested")).body["items"]
    assert (entry["actor"], entry["actor_name"]) == ("ann@example.com", "Ann")
    assert entry["detail"].pop("request_id")
    assert entry["detail"] == {"job": JOB.id, "connection": "main", "items": "none"}


async def test_operators_have_an_audit_of_their_own_which_outlives_a_tenant(scene: Scene) -> None:
    operator = await somebody(scene, Role.OPERATOR, "ops@example.com")
    await person(scene, "new@example.com", Role.OPERATOR)
    await scene.use_cases.manage_people.remove(None, "new@example.com", by=Caller(who="cli:root"))
    await scene.call("POST", "/v1/tenants/cardinal/pause")
    await scene.call("DELETE", "/v1/tenants/cardinal")
    await operator.open("/operator/audit")
    assert actions(operator)[:4] == ["Tenant removed", "Tenant paused", "Person removed", "Person password set"]
    assert "tenant: cardinal; name: Cardinal Fire Protection" in operator.said
    assert "Ops ops@example.com" in operator.said, "who signed in"
    await operator.press("Show", action="tenant")
    assert actions(operator) == ["Tenant removed", "Tenant paused", "Tenant added"]
    told = (await scene.call("GET", "/v1/audit?action=tenant&limit=1")).body
    assert [one["action"] for one in told["items"]] == ["tenant.removed"]
    assert (await scene.call("GET", f"/v1/audit?cursor={told['next']}")).body["items"]
    assert (await operator.open("/operator/audit.csv")).text.startswith("at,actor,actor_name,action")
    assert operator.headers["Content-Disposition"] == 'attachment; filename="audit-operator.csv"'


async def test_a_tenants_people_and_keys_do_not_see_the_operators_audit(scene: Scene) -> None:
    browser = await somebody(scene, Role.ADMINISTRATOR)
    assert (await browser.open("/operator/audit")).status == 404
    made = await scene.call("POST", "/v1/tenants/cardinal/keys", {"name": "k", "scopes": ["read", "manage"]})
    assert (await scene.call("GET", "/v1/audit", key=made.body["key"])).status in (403, 404)

"""The console over HTTP as a browser without script sees it: signing in, a job, its send, what went wrong."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.inbound.console.assets import STYLE
from adapters.inbound.console.handlers.sign_in import COOKIE, FORM_TOKEN, LOCAL_COOKIE
from adapters.inbound.console.routes import PAGES
from adapters.inbound.server.access import Access
from adapters.outbound.memory.operations.counts import MemoryCounts
from core.model.access.person import IDLE, Role
from core.model.catalogue import finding
from core.model.connections.connection import Hold
from core.model.connections.settings import PluginUse
from core.model.sending.answer import Accepted, Unknown, UnknownReason
from core.model.sending.send import Attempt, Step
from core.services.sending.read_sends import MOST_ATTEMPTS
from tests.edges.plugins.test_plugin_rehearsal import FEE, PART
from tests.support.browser_scene import PASSWORD, Browser, person, somebody
from tests.support.http_scene import CONNECTION, JOB, SECRETS, TENANT, UNMAPPED, Scene, api
from tests.support.storage_scene import stored

HOME = "/t/cardinal"
WARNINGS = "/v1/tenants/cardinal/warnings"
JOB_PAGE = f"{HOME}/jobs/{JOB.id}"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


async def test_signing_in_leads_home_and_out_again(scene: Scene) -> None:
    await person(scene, "ann@example.com", Role.SENDER)
    browser = await Browser(scene).open(f"{HOME}/sends?state=sent")
    assert browser.address.startswith("/sign-in?next=")
    wrong = await browser.press("Sign in", email="ann@example.com", password="not this one at all")
    assert (wrong.status, "or the password is not right" in wrong.said) == (401, True)
    assert "not this one" not in wrong.text
    await browser.press("Sign in", email="ann@example.com", password=PASSWORD)
    assert browser.address == f"{HOME}/sends?state=sent", "where they wanted to go"
    assert "Ann, sender" in browser.said
    old = browser.cookie
    await browser.press("Sign out")
    assert browser.address == "/sign-in"
    stale = await Browser(scene, cookie=old).open(HOME)
    assert stale.address.startswith("/sign-in")


async def test_the_root_leads_to_the_start_page_of_whoever_is_signed_in(scene: Scene) -> None:
    nobody = await Browser(scene).open("/")
    assert nobody.address == "/sign-in"
    assert "Cardinal" not in nobody.said
    office = await somebody(scene)
    assert (await office.open("/")).address == HOME


async def test_the_style_sheet_is_kept_for_ever(scene: Scene) -> None:
    page = await scene.call("GET", "/sign-in", key=None)
    assert STYLE.path in page.text
    style = await scene.call("GET", STYLE.path, key=None)
    assert style.headers["Content-Type"].startswith("text/css")
    assert "immutable" in style.headers["Cache-Control"]


async def test_the_cookie_is_safe_and_the_session_is_new(scene: Scene) -> None:
    await person(scene, "ann@example.com", Role.SENDER)
    planted = Browser(scene, cookie="planted-before")
    await planted.sign_in("ann@example.com")
    assert planted.cookie not in ("", "planted-before")
    data = {"email": "ann@example.com", "password": PASSWORD, "next": "//evil.example.com/x"}
    for headers, name in (({}, LOCAL_COOKIE), ({"Host": "jobs.example.com"}, COOKIE), ({"Via": "1.1 proxy"}, COOKIE)):
        async with scene.http.post(f"{scene.url}/sign-in", data=data, headers=headers, allow_redirects=False) as answer:
            assert answer.headers["Location"] == "/", "no way out to another site"
            cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith(f"{name}=")
        assert all(part in cookie for part in ("HttpOnly", "SameSite=Lax", "Path=/"))
        assert ("Secure" in cookie) is (name == COOKIE)
        assert "Domain" not in cookie


async def test_without_https_the_page_says_why_signing_in_will_not_last(scene: Scene) -> None:
    for headers, warned in (
        ({}, False),
        ({"Host": "jobs.example.com"}, True),
        ({"Host": "jobs.example.com", "X-Forwarded-Proto": "https"}, False),
    ):
        page = await scene.call("GET", "/sign-in", key=None, headers=headers)
        assert ("Without https" in page.text) is warned


async def test_an_idle_session_asks_to_sign_in_again(scene: Scene) -> None:
    browser = await somebody(scene)
    scene.clock.advance(IDLE.total_seconds() + 1)
    assert (await browser.open(HOME)).address.startswith("/sign-in")


async def test_a_link_signs_in_once_and_only_by_its_button(scene: Scene) -> None:
    made = await scene.call(
        "POST", "/v1/tenants/cardinal/sign-in-links", {"email": "eve@example.com", "role": "viewer", "page": JOB_PAGE}
    )
    path = made.body["url"].removeprefix("https://jobferry.example.com")
    browser = await (await Browser(scene).open(path)).open(path)
    await browser.press("Sign in")
    assert browser.address == JOB_PAGE
    assert "eve@example.com, viewer" in browser.said
    again = await (await Browser(scene).open(path)).press("Sign in")
    assert (again.status, "used already" in again.said) == (401, True)


async def test_a_first_send_from_the_job_page(scene: Scene) -> None:
    browser = await somebody(scene)
    await browser.open(HOME)
    assert "Nothing needs attention" in browser.said
    await browser.press("Search", q="104482")
    assert browser.address.startswith(JOB_PAGE)
    assert "This would create work order T104482" in browser.said
    assert "The customer PO" in browser.said
    assert "PO-77120" in browser.said
    await browser.press("Send Job to Spectrum")
    assert re.match(rf"{HOME}/sends/snd_\w+", browser.address)
    assert "Job 2412087334600705 is not sent to Spectrum yet. The send is under way." in browser.said
    assert 'http-equiv="refresh"' in browser.text
    await scene.work()
    await browser.open(browser.address)
    assert "Work order T104482 is in Spectrum, and its number is on the job in ServiceTrade." in browser.said
    assert 'http-equiv="refresh"' not in browser.text
    assert "Requested by Ann, today" in browser.said
    assert "leading_character 1" in browser.said
    await browser.open(JOB_PAGE)
    assert "Sent before as work order T104482" in browser.said
    assert "write the same values again" in browser.said
    assert scene.spectrum.calls[-1]["WO_Number"] == "T104482"


async def test_a_double_click_is_one_send(scene: Scene) -> None:
    browser = await (await somebody(scene)).open(JOB_PAGE)
    page = browser.text
    await browser.press("Send Job to Spectrum")
    first, browser.text = browser.address, page
    await browser.press("Send Job to Spectrum")
    assert browser.address == first
    assert len(scene.transactions.rows.sends) == 1


async def test_what_changed_meanwhile_is_shown_instead_of_sent(scene: Scene) -> None:
    browser = await (await somebody(scene)).open(JOB_PAGE)
    await scene.add_job(replace(JOB, customer_po="PO-NEW"))
    await browser.press("Send Job to Spectrum")
    assert browser.status == 409
    assert "Nothing was sent: the job or your choice is another one" in browser.said
    assert "PO-NEW" in browser.said
    assert scene.transactions.rows.sends == {}
    await browser.press("Send Job to Spectrum")
    assert "/sends/" in browser.address


async def test_a_failed_send_is_explained_mended_and_sent_again(scene: Scene) -> None:
    browser = await (await somebody(scene)).open(f"{HOME}/jobs/{UNMAPPED.id}")
    assert "Stops the send: The location Cold Store" in browser.said
    button = next(one for one in browser.page.iter("button") if "Send Job" in one.text_content())
    assert "disabled" in button.attrib
    assert "1 problem blocks this send." in browser.said
    await scene.send(UNMAPPED)
    await scene.work()
    await browser.open(HOME)
    assert "1 job needs attention." in browser.said
    assert "MAP_SITE_MISSING" in browser.said
    assert "What to do" in browser.said
    await browser.open(browser.link("Job 104483"))
    assert "Job 104483 was not sent to Spectrum" in browser.said
    assert UNMAPPED.location
    await scene.add_job(replace(UNMAPPED, location=replace(UNMAPPED.location, external_id="COLD1")))
    await browser.press("Try again now")
    await scene.work()
    await browser.open(browser.address)
    assert "Work order T104483 is in Spectrum" in browser.said
    assert "Nothing needs attention" in (await browser.open(HOME)).said


async def test_a_doubt_is_settled_where_it_is_shown(scene: Scene) -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    for item in (PART, FEE):
        scene.service_trade.add_item(tenant.id, JOB.id, item)
    scene.service_trade.complete(tenant.id, JOB.id)
    browser = await (await somebody(scene)).open(f"{JOB_PAGE}?items=new_only")
    assert "2 x GAUGE (Gauge)" in browser.said
    await browser.press("Send Job to Spectrum with 2 items")
    send_page = browser.address
    scene.spectrum.answer_next(Accepted(), Unknown(UnknownReason.TIMEOUT, "no answer in time"))
    await scene.work()
    await browser.open(HOME)
    assert "Check in Spectrum 1 job · 1 item" in browser.said
    assert "1 job needs attention." in browser.said, "the doubt and its warning are one thing"
    assert "IN_DOUBT_POST" not in browser.said
    await browser.open(f"{HOME}/doubts")
    assert "1 item to check, the oldest first." in browser.said
    assert "no answer in time" in browser.said
    silent = browser.text
    browser.text = silent.replace('value="posted"', 'value="maybe"')
    unclear = await browser.press("It is there", reason="Hm.")
    assert (unclear.status, "press one of the buttons" in unclear.said) == (422, True)
    browser.text = silent
    fresh = await browser.press("It is not there", reason="Looked.")
    assert fresh.status == 409
    await browser.open(HOME)
    await browser.open(browser.link("Work order T104482: 2 x GAUGE (Gauge)"))
    assert browser.address == send_page
    assert "but 0 of 2 items are posted and 1 is to check in Spectrum." in browser.said
    await browser.press("It is not there", reason="Looked, no line.")
    assert browser.status == 409, "too early: it may still turn up"
    scene.clock.advance(3600)
    await (await browser.open(send_page)).press("It is there", reason="Seen in Work Order Inquiry.")
    await scene.work()
    await browser.open(send_page)
    assert "its number is on the job in ServiceTrade" in browser.said
    assert "Nothing needs attention" in (await browser.open(HOME)).said
    assert len(scene.spectrum.lines) == 1, "the doubtful one was not sent again"


async def test_a_job_is_completed_and_sent_with_its_items(scene: Scene) -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    for item in (PART, FEE):
        scene.service_trade.add_item(tenant.id, JOB.id, item)
    browser = await (await somebody(scene)).open(JOB_PAGE)
    await browser.press("Update the preview", items="new_only")
    assert "Items are sent only for a completed job" in browser.said
    await browser.press("Update the preview", complete="1")
    assert "2 x GAUGE (Gauge)" in browser.said
    await browser.press("Complete the job, and send Job to Spectrum with 2 items")
    await scene.work()
    await browser.open(browser.address)
    assert "Work order T104482 is in Spectrum" in browser.said
    assert len(scene.spectrum.lines) == 2
    await browser.open(JOB_PAGE)
    assert "Complete the job in ServiceTrade" not in browser.said, "it is completed already"


@pytest.mark.parametrize("choice", [{"items": "again"}, {"items": "new_only"}, {"complete": "1"}, {"adopt": "1"}])
async def test_what_was_chosen_after_the_plan_is_shown_before_it_is_sent(scene: Scene, choice: dict[str, str]) -> None:
    """Also if it would send the same: this job has no items, and its number needs no confirmation."""
    browser = await (await somebody(scene)).open(JOB_PAGE)
    await browser.press("Send Job to Spectrum", **choice)
    assert (browser.status, "Nothing was sent" in browser.said) == (409, True)
    form = browser.page.get_element_by_id("send")
    assert {**dict.fromkeys(("items", "complete", "adopt"), ""), **dict(form.form_values())}.items() >= choice.items()
    assert (await scene.call("GET", "/v1/tenants/cardinal/sends")).body["items"] == []


async def test_a_job_whose_number_was_taken_meanwhile_stays_open(scene: Scene) -> None:
    """Nothing of its plan has changed, but somebody else's work order stands under its number by now."""
    tenant = await scene.use_cases.find_tenant("cardinal")
    browser = await (await somebody(scene)).open(f"{JOB_PAGE}?complete=1")
    namesake = replace(JOB, id="2412087334600799")
    await scene.add_job(namesake)
    await scene.send(namesake)
    await scene.work()
    blocked = await browser.press("Complete the job, and send Job to Spectrum")
    assert (blocked.status, "Nothing was sent" in blocked.said) == (409, True)
    assert "WO_NUMBER_TAKEN" in blocked.said
    assert scene.service_trade.jobs[tenant.id, JOB.id].completion is None


async def test_a_job_leads_to_servicetrade(scene: Scene) -> None:
    browser = await (await somebody(scene)).open(JOB_PAGE)
    assert browser.link("Open in ServiceTrade") == f"https://app.servicetrade.com/job/{JOB.id}"
    tenant = await scene.use_cases.find_tenant("cardinal")
    async with scene.transactions.begin_instance() as i:
        await i.tenants.change(replace(tenant, base_url="http://127.0.0.1:9/api"), None)
    assert "Open in ServiceTrade" not in (await browser.open(JOB_PAGE)).said, "a sandbox has no such page"


async def test_something_done_by_hand_is_said_with_a_reason(scene: Scene) -> None:
    send_id = await scene.send(UNMAPPED)
    await scene.work()
    browser = await (await somebody(scene)).open(f"{HOME}/sends/{send_id}")
    await browser.press("Mark as done by hand", reason="Typed it in myself.")
    assert "Done by hand" in browser.said


async def test_sends_are_filtered_by_the_address(scene: Scene) -> None:
    for job in (JOB, UNMAPPED):
        await scene.send(job)
        await scene.work()
    browser = await (await somebody(scene)).open(f"{HOME}/sends")
    assert ("104482" in browser.said, "104483" in browser.said) == (True, True)
    await browser.press("Show", state="sent")
    assert "state=sent" in browser.address
    assert "104483" not in browser.page.xpath("string(//tbody)")
    await browser.press("Show", state="cancelled", connection="main")
    assert "No send matches these filters." in browser.said
    assert (await browser.open(f"{HOME}/sends?state=nonsense&connection=none&before=x")).status == 200


async def test_a_role_sees_what_it_may_and_is_stopped_at_the_rest(scene: Scene) -> None:
    send_id = await scene.send(UNMAPPED)
    await scene.work()
    viewer = await (await somebody(scene, Role.VIEWER, "vic@example.com")).open(JOB_PAGE)
    assert "Viewers cannot do this. Ask an administrator." in viewer.said
    assert "Try again now" not in (await viewer.open(f"{HOME}/sends/{send_id}")).said
    token = viewer.page.xpath(f"//input[@name='{FORM_TOKEN}']/@value")[0]
    headers = {"Cookie": f"{LOCAL_COOKIE}={viewer.cookie}"}
    async with scene.http.post(
        f"{scene.url}{HOME}/sends/{send_id}/retry", data={FORM_TOKEN: token}, headers=headers, allow_redirects=False
    ) as answer:
        text = await answer.text()
    assert (answer.status, "Viewers cannot do this." in text) == (403, True)


async def test_another_tenants_pages_look_like_pages_that_are_not_there(scene: Scene) -> None:
    await scene.call("POST", "/v1/tenants", {**TENANT, "slug": "bluefin", "name": "Bluefin Secret Works"})
    browser = await somebody(scene)
    for path in ("", "/sends", "/jobs", f"/jobs/{JOB.id}", "/sends/snd_0001"):
        there = await browser.open(f"/t/bluefin{path}")
        missing_text = there.text.replace(there.headers["X-Request-Id"], "")
        assert there.status == 404, path
        none = await browser.open(f"/t/nobody{path}")
        none_text = none.text.replace(none.headers["X-Request-Id"], "")
        assert missing_text.replace("bluefin", "X") == none_text.replace("nobody", "X")
        assert "Secret Works" not in missing_text


async def test_a_connection_is_tested_paused_and_resumed(scene: Scene) -> None:
    browser = await (await somebody(scene, Role.ADMINISTRATOR)).open(f"{HOME}/connections")
    await browser.open(browser.link("Spectrum"))
    assert "T" in browser.said
    await browser.press("Test it, step by step")
    assert "Result of the test" in browser.said
    assert "ServiceTrade ✓Good signed in and read a record" in browser.said
    await browser.press("Pause")
    assert "Sends wait until somebody resumes it." in browser.said
    await browser.press("Resume")
    assert "Not proven yet" in browser.said
    await browser.open(f"{HOME}/audit")
    assert "Connection paused" in browser.said
    assert "ann@example.com" in browser.said
    assert (await browser.open(f"{HOME}/connections/none")).status == 404
    viewer = await (await somebody(scene, Role.VIEWER, "vic@example.com")).open(f"{HOME}/connections/main")
    assert "Pause" not in viewer.said


async def test_a_held_connection_and_a_missing_plugin_are_told(scene: Scene) -> None:
    row = next(iter(scene.transactions.rows.connections.values())).connection
    hold = Hold(finding("PLUGINS_FAILING", "It failed thrice.", origin="acme"), scene.clock.now(), None)
    uses = (PluginUse("acme", {"letter": "<b>W</b>"}), PluginUse("po_required", {}, {"validate_work_order": False}))
    async with scene.transactions.begin(row.tenant_id) as t:
        await t.connections.set_hold(row.id, hold)
        await t.connections.change(row.using(uses), None)
    browser = await (await somebody(scene, Role.ADMINISTRATOR)).open(f"{HOME}/connections/main")
    assert "It failed thrice." in browser.said
    assert "the author of the plugin" in browser.said
    assert "Not installed" in browser.said
    assert "validate_work_order is switched off." in browser.said
    assert "<b>W" not in browser.text
    await browser.press("Resume")
    assert "Not proven yet" in browser.said


async def test_a_plugin_is_configured_tried_and_taken_off(scene: Scene) -> None:
    browser = await (await somebody(scene, Role.ADMINISTRATOR)).open(f"{HOME}/connections/main")
    await browser.open(browser.link("leading_character_by"))
    wrong = await browser.press("Use this plugin", by="office", characters="West = WW")
    assert (wrong.status, "Nothing was saved" in wrong.said) == (422, True)
    assert "should match pattern" in wrong.said
    assert "West = WW" in wrong.said, "what was typed stays"
    await scene.send()
    await scene.work()
    await scene.add_job(replace(JOB, office="West"))
    await browser.press("Show what would change", characters="West = W")
    assert "1 of 1 job would change, 1 would fail. Nothing was sent" in browser.said
    assert "T104482 → W104482" in browser.said
    assert (await scene.call("GET", "/v1/tenants/cardinal/connections/main")).body["plugins"] == []
    await browser.press("Use this plugin")
    assert browser.address == f"{HOME}/connections/main"
    saved = (await scene.call("GET", "/v1/tenants/cardinal/connections/main")).body["plugins"]
    assert saved == [
        {"name": "leading_character_by", "config": {"by": "office", "characters": {"West": "W"}}, "hooks": {}}
    ]
    await browser.open(browser.link("leading_character_by"))
    assert "West = W" in browser.said
    await browser.press("Remove it")
    await browser.press("Remove the plugin")
    assert (await scene.call("GET", "/v1/tenants/cardinal/connections/main")).body["plugins"] == []
    assert (await browser.open(f"{HOME}/connections/main/plugins/none")).status == 404


async def test_plugins_change_places(scene: Scene) -> None:
    [row] = scene.transactions.rows.connections.values()
    async with scene.transactions.begin(row.connection.tenant_id) as t:
        await t.connections.change(row.connection.using((PluginUse("po_required"), PluginUse("item_filter"))), None)
    browser = await (await somebody(scene, Role.ADMINISTRATOR)).open(f"{HOME}/connections/main")
    await browser.press("Move up")
    saved = (await scene.call("GET", "/v1/tenants/cardinal/connections/main")).body["plugins"]
    assert [one["name"] for one in saved] == ["item_filter", "po_required"]


async def test_an_operator_sees_every_tenant(scene: Scene) -> None:
    browser = await somebody(scene, Role.OPERATOR, "ops@example.com")
    assert "Cardinal Fire Protection" in browser.said
    assert (await browser.open(HOME)).status == 200


CHANGES = [one for one in PAGES if one.method == "POST"]


async def test_nothing_changes_without_the_sessions_own_form(scene: Scene) -> None:
    """Every state-changing page: no token, a wrong one, another session's, from another site, without a session."""
    send_id = await scene.send(UNMAPPED)
    await scene.work()
    mine = await somebody(scene, Role.ADMINISTRATOR)
    other = await somebody(scene, Role.ADMINISTRATOR, "bob@example.com")
    token = mine.page.xpath(f"//input[@name='{FORM_TOKEN}']/@value")[0]
    theirs = other.page.xpath(f"//input[@name='{FORM_TOKEN}']/@value")[0]
    good = {"Cookie": f"{LOCAL_COOKIE}={mine.cookie}"}
    before = repr((scene.transactions.rows.sends, scene.transactions.rows.connections))
    for one in CHANGES:
        address = scene.url + one.path.format(
            tenant="cardinal",
            connection="main",
            plugin="po_required",
            job_id=JOB.id,
            send_id=send_id,
            line_id="lin_0",
            code="MAP_SITE_MISSING",
            alias_id="als_0",
            kind="customer",
            record="1",
            key="key_0",
            person="per_0",
            endpoint_id="whe_0",
            recipient="rcp_0",
            creation="cre_0",
            annotation_id="1",
            reconciliation="rec_0",
        )
        for form, headers in (
            ({}, good),
            ({FORM_TOKEN: ""}, good),
            ({FORM_TOKEN: "é"}, good),
            ({FORM_TOKEN: theirs}, good),
            ({FORM_TOKEN: token}, {}),
            ({FORM_TOKEN: token}, {**good, "Origin": "https://evil.example.com"}),
            ({FORM_TOKEN: token}, {**good, "Origin": "null"}),
            ({FORM_TOKEN: token}, {**good, "Sec-Fetch-Site": "cross-site"}),
            ({FORM_TOKEN: token}, {**good, "Sec-Fetch-Site": "same-site"}),
        ):
            data = {**form, "connection": "main", "reason": "r", "outcome": "posted"}
            async with scene.http.post(address, data=data, headers=headers, allow_redirects=False) as answer:
                assert answer.status == 403, (address, form, headers)
            assert repr((scene.transactions.rows.sends, scene.transactions.rows.connections)) == before, address
        async with scene.http.post(address, json={FORM_TOKEN: token}, headers=good) as answer:
            assert answer.status == 403, f"{address}: a form, and nothing else"
        own = one.path.startswith("/t/{tenant}/notifications/own")  # everybody chooses for themselves
        needs_role = one.access in (Access.SEND, Access.SETTLE, Access.MANAGE)
        assert needs_role or (own and one.access is Access.READ), one.path


async def test_every_page_has_a_strict_policy_and_no_secret(scene: Scene) -> None:
    send_id = await scene.send()
    await scene.work()
    browser = await somebody(scene, Role.ADMINISTRATOR)
    for address in (
        HOME,
        JOB_PAGE,
        f"{HOME}/sends",
        f"{HOME}/sends/{send_id}",
        f"{HOME}/jobs",
        f"{HOME}/connections",
        f"{HOME}/connections/main",
        f"{HOME}/audit",
        "/sign-in",
    ):
        await browser.open(address)
        policy = browser.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert browser.headers["X-Content-Type-Options"] == "nosniff"
        assert browser.headers["Cache-Control"] == "no-store"
        assert not any(secret in browser.text for secret in (*SECRETS, scene.key, PASSWORD, browser.cookie))


async def test_a_failure_of_ours_is_a_page_with_an_id(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = await somebody(scene)

    async def broken(self: object) -> None:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr(MemoryCounts, "jobs", broken)
    await browser.open(HOME)
    assert (browser.status, "Jobferry itself failed." in browser.said) == (500, True)
    assert re.search(r"this id: [0-9a-f]{16}", browser.said)
    assert "secret of ours" not in browser.text
    assert (await browser.open(f"{HOME}/nothing-here")).status == 404


async def test_an_unknown_job_or_send_is_said_in_words(scene: Scene) -> None:
    browser = await somebody(scene)
    await browser.open(HOME)
    await browser.press("Search", q="999")
    assert (browser.status, "Nothing found for 999" in browser.said) == (404, True)
    assert (await browser.open(f"{HOME}/sends/snd_none")).status == 404
    assert (await browser.open(f"{HOME}/jobs/2412087334699999")).status == 404
    assert "What to do" in browser.said


async def test_a_job_on_two_connections_shows_which_is_chosen(scene: Scene) -> None:
    west = {**CONNECTION, "slug": "west", "name": "Spectrum West", "external_system": "west"}
    await scene.call("POST", f"/v1{HOME.replace('/t/', '/tenants/')}/connections", west)
    await scene.call("POST", "/v1/tenants/cardinal/connections/west/pause")
    browser = await (await somebody(scene)).open(JOB_PAGE)
    assert "Spectrum is chosen for you: the customer has a Spectrum code for this connection." in browser.said
    assert "Not now: this connection is paused." in browser.said
    await browser.open(browser.link("Send Job to Spectrum"))
    assert "What would be sent" in browser.said
    assert "chosen for you" not in browser.said


async def test_a_send_with_many_attempts_shows_them_a_page_at_a_time(scene: Scene) -> None:
    send_id = await scene.send(UNMAPPED)
    await scene.work()
    tenant = await scene.use_cases.find_tenant("cardinal")
    async with scene.transactions.begin(tenant.id) as t:
        attempts = [
            Attempt(send_id=send_id, step=Step.HEADER, started_at=scene.clock.now(), detail=f"try {number}.")
            for number in range(MOST_ATTEMPTS + 10)
        ]
        await stored(t, await t.sends.get(send_id), attempts=attempts)
    browser = await (await somebody(scene)).open(f"{HOME}/sends/{send_id}")
    assert "try 59," in browser.said
    assert "try 9," not in browser.said
    await browser.open(browser.link("Earlier attempts"))
    assert "try 9," in browser.said
    assert "try 59," not in browser.said
    assert "Earlier attempts" not in browser.said
    await browser.open(browser.link("The newest attempts"))
    assert "try 59," in browser.said

"""A tenant's time zone: from ServiceTrade, from the browser, or set; and pages, filters and files that go by it."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from core.model.access.person import Role
from core.model.operations.audit import AuditEntry
from core.model.shared.errors import TimeMends
from tests.support.browser_scene import somebody
from tests.support.http_scene import TENANT, UNMAPPED, Scene, api

HOME = "/t/cardinal"
ZONE = "America/Chicago"
ASKED = "Which time zone is Cardinal Fire Protection in?"


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


async def set_zone(scene: Scene, zone: str | None) -> None:
    await scene.call("PATCH", "/v1/tenants/cardinal", {"time_zone": zone})


async def test_without_a_zone_times_are_in_utc_and_an_administrator_is_asked_once(scene: Scene) -> None:
    viewer = await (await somebody(scene, Role.VIEWER, "vi@example.com")).open(HOME)
    assert ASKED not in viewer.said
    assert "All times are UTC." in viewer.said
    admin = await (await somebody(scene, Role.ADMINISTRATOR)).open(HOME)
    await admin.press("Use this time zone", time_zone="Chicago")
    assert admin.status == 422
    assert "an IANA time zone such as America/Chicago" in admin.said
    assert admin.page.xpath("//input[@name='time_zone']/@value") == ["Chicago"], "what was typed is kept"
    await admin.press("Use this time zone", time_zone=ZONE)
    assert ASKED not in admin.said
    assert f"All times are in the time zone {ZONE}." in admin.said
    assert "All times are in the time zone" in (await viewer.open(HOME)).said
    audit = (await scene.call("GET", "/v1/tenants/cardinal/audit?action=tenant")).body["items"]
    assert [(one["actor"], one["detail"]["changed"]) for one in audit] == [("ann@example.com", "time_zone")]


async def test_a_page_from_before_does_not_replace_a_zone_that_somebody_set_meanwhile(scene: Scene) -> None:
    admin = await (await somebody(scene, Role.ADMINISTRATOR)).open(HOME)
    await set_zone(scene, "America/Denver")
    await admin.press("Use this time zone", time_zone=ZONE)
    assert admin.status == 409
    assert "set the time zone already: America/Denver" in admin.said
    assert (await scene.call("GET", "/v1/tenants/cardinal")).body["time_zone"] == "America/Denver"


async def test_a_new_tenant_has_the_zone_that_servicetrade_names_unless_one_is_given(scene: Scene) -> None:
    scene.service_trade.time_zone = "America/Denver"
    told = await scene.call("POST", "/v1/tenants", {**TENANT, "slug": "told"})
    given = await scene.call("POST", "/v1/tenants", {**TENANT, "slug": "given", "time_zone": "Asia/Kathmandu"})
    assert (told.body["time_zone"], given.body["time_zone"]) == ("America/Denver", "Asia/Kathmandu")
    scene.service_trade.time_zone = "Mars/Olympus"
    unknown = await scene.call("POST", "/v1/tenants", {**TENANT, "slug": "unknown"})
    assert unknown.body["time_zone"] is None
    refused = await scene.call("PATCH", "/v1/tenants/told", {"time_zone": "Mars/Olympus"})
    assert (refused.status, refused.body["errors"][0]["pointer"]) == (422, "/time_zone")
    assert (await scene.call("GET", "/v1/tenants/told")).body["time_zone"] == "America/Denver"


async def test_a_new_login_brings_a_zone_only_where_there_is_none(scene: Scene) -> None:
    scene.service_trade.time_zone = "America/Denver"
    login = {"servicetrade": {"username": "u", "password": "p"}}
    assert (await scene.call("PATCH", "/v1/tenants/cardinal", login)).body["time_zone"] == "America/Denver"
    scene.service_trade.time_zone = ZONE
    assert (await scene.call("PATCH", "/v1/tenants/cardinal", login)).body["time_zone"] == "America/Denver"


async def test_an_operator_may_choose_the_zone_of_a_new_tenant(scene: Scene) -> None:
    operator = await (await somebody(scene, Role.OPERATOR, "ops@example.com")).open("/operator/tenants")
    await operator.press(
        "Add the tenant",
        slug="harbor",
        name="Harbor",
        time_zone=ZONE,
        **{"servicetrade.username": "u", "servicetrade.password": "p"},
    )
    assert (await scene.call("GET", "/v1/tenants/harbor")).body["time_zone"] == ZONE
    assert "All times are UTC." in operator.said, "operators see many tenants"


async def test_pages_show_the_zones_times_with_utc_in_the_title_and_the_api_stays_utc(scene: Scene) -> None:
    await set_zone(scene, "Asia/Kathmandu")  # 09:00 UTC is 14:45
    await scene.add_job(UNMAPPED)
    send = await scene.send(UNMAPPED)
    await scene.work()
    browser = await somebody(scene)
    for page in (HOME, f"{HOME}/sends", f"{HOME}/sends/{send}", f"{HOME}/causes/MAP_SITE_MISSING"):
        await browser.open(page)
        shown = {(one.text, one.get("title"), one.get("datetime")) for one in browser.page.iter("time")}
        assert ("today 14:45", "2 Mar 2026, 09:00:00 UTC", "2026-03-02T09:00:00+00:00") in shown, page
        assert all("UTC" not in (words or "") for words, _, _ in shown), page
    told = (await scene.call("GET", f"/v1/tenants/cardinal/sends/{send}")).body
    assert told["requested_at"] == "2026-03-02T09:00:00Z"
    scene.clock.advance(24 * 3600)
    await browser.sign_in("ann@example.com")  # a session does not idle for a day
    await browser.open(f"{HOME}/sends")
    assert "yesterday 14:45" in browser.said


async def test_days_of_the_audit_are_those_of_the_zone_also_when_clocks_change(scene: Scene) -> None:
    await set_zone(scene, ZONE)
    tenant = await scene.use_cases.find_tenant("cardinal")
    begins, ends = datetime(2026, 3, 8, 6, tzinfo=UTC), datetime(2026, 3, 9, 5, tzinfo=UTC)  # a day of 23 hours
    second = timedelta(seconds=1)
    async with scene.transactions.begin(tenant.id) as t:
        for at, actor in ((begins - second, "before"), (begins, "first"), (ends - second, "last"), (ends, "after")):
            await t.audit.record(AuditEntry(at=at, actor=actor, action="key.created", subject="k"))
    browser = await (await somebody(scene, Role.VIEWER)).open(f"{HOME}/audit?from=2026-03-08&to=2026-03-08")
    assert [one.text for one in browser.page.xpath("//td[@data-label='Who']")] == ["last", "first"]
    await browser.open(browser.link("Download as CSV"))
    rows = list(csv.reader(io.StringIO(browser.text, newline="")))
    assert [row[0] for row in rows[1:]] == ["2026-03-08T23:59:59-05:00", "2026-03-08T00:00:00-06:00"]
    told = (await scene.call("GET", "/v1/tenants/cardinal/audit?actor=last")).body["items"]
    assert [one["at"] for one in told] == ["2026-03-09T04:59:59Z"]


async def test_what_comes_next_is_told_as_the_time_until_then(scene: Scene) -> None:
    await set_zone(scene, ZONE)
    await scene.add_job(UNMAPPED)
    browser = await somebody(scene)
    send = await scene.send(UNMAPPED)
    scene.service_trade.fail_next(TimeMends("ServiceTrade does not answer.", code="ST_UNREACHABLE"), call="read_job")
    await scene.work()
    await browser.open(f"{HOME}/sends/{send}")
    assert "Next try in 1 minute" in browser.said


async def test_every_page_is_open_to_every_zone(scene: Scene) -> None:
    browser = await somebody(scene, Role.ADMINISTRATOR)
    for zone in ("Pacific/Kiritimati", "Pacific/Niue", "Australia/Eucla", "America/St_Johns", "Etc/GMT+12"):
        await set_zone(scene, zone)
        for page in ("", "/sends", "/audit?from=0001-01-01&to=9999-12-31", "/audit?from=0002-01-01&to=9998-12-31"):
            assert (await browser.open(f"{HOME}{page}")).status == 200, (zone, page)

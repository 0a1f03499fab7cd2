"""Lists a page at a time: nothing twice, nothing left out, whatever is added or removed between two pages."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.inbound.api.routes import ROUTES
from adapters.inbound.schema.schema_base import Page
from core.model.sending.send import Attempt, DashboardWarning, Step
from core.model.shared.finding import Finding, Owner, Severity
from core.model.work_orders.cost_line import LineState
from core.services.sending.read_sends import MOST_ATTEMPTS
from tests.support.http_scene import CONNECTION, SENDS, TENANT, Answer, Scene, api, is_problem, pointers
from tests.support.storage_scene import NOW, a_line, a_send, stored

T = "/v1/tenants/cardinal"
WHOLE = {"show_send_menu", "find_job", "list_former_codes", "list_plugins"}
"""One entry a connection, the jobs with one number, the few former codes of one alias, and what is installed."""


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


async def ids(scene: Scene, path: str, limit: int, cursor: str | None = None) -> tuple[list[str], str | None]:
    answer = await scene.call("GET", f"{path}?limit={limit}" + (f"&cursor={cursor}" if cursor else ""))
    assert answer.status == 200, answer.text
    items = answer.body["items"]
    return [one.get("slug") or one.get("id") or one["line"]["id"] for one in items], answer.body["next"]


async def walk(scene: Scene, path: str, limit: int) -> list[str]:
    seen, cursor = await ids(scene, path, limit)
    while cursor:
        page, cursor = await ids(scene, path, limit, cursor)
        assert page, "a page that was promised holds something"
        seen += page
    return seen


def test_every_list_has_pages() -> None:
    lists = [route for route in ROUTES if route.method == "GET" and issubclass(route.gives, Page)]
    assert len(lists) > 8
    for route in lists:
        assert {"limit", "cursor"} <= route.takes.model_fields.keys() or route.name in WHOLE, route.name


async def furnish(scene: Scene) -> None:
    """Five of everything that is listed."""
    for number in range(4):
        await scene.call("POST", "/v1/tenants", {**TENANT, "slug": f"tenant-{number}"})
        more = {**CONNECTION, "slug": f"c{number}", "external_system": f"system_{number}"}
        assert (await scene.call("POST", f"{T}/connections", more)).status == 201
    for number in range(5):
        await scene.call("POST", f"{T}/keys", {"name": f"k{number}", "scopes": ["read"]})
        await scene.call("POST", f"{T}/webhook-endpoints", {"url": f"https://hooks.example.com/{number}"})
        await scene.call("POST", "/v1/keys", {"name": f"k{number}"})
    tenant, [connection_id, *_] = await scene.use_cases.find_tenant("cardinal"), scene.transactions.rows.connections
    async with scene.transactions.begin(tenant.id) as t:
        for number in range(5):
            send = replace(a_send(number + 1, tenant_id=tenant.id, connection_id=connection_id), due_at=None)
            await t.sends.add(send)
            finding = Finding(code="X", severity=Severity.BLOCKER, message="m", fix=("f",), owner=Owner.IT)
            await t.warnings.put(
                DashboardWarning(
                    id=f"wrn_{number}",
                    tenant_id=tenant.id,
                    connection_id=connection_id,
                    job_id=str(number),
                    job_number=None,
                    send_id=send.id,
                    raised_at=NOW + timedelta(minutes=number // 2),
                    finding=finding,
                )
            )
    for number in range(5):
        line = a_line(number + 1, tenant_id=tenant.id, connection_id=connection_id, send_id=f"snd_{number + 1}")
        scene.transactions.rows.ledger[line.id] = replace(
            line, state=LineState.IN_DOUBT, sent_at=NOW + timedelta(minutes=number // 2)
        )


LISTS = {
    "/v1/tenants": 5,
    "/v1/keys": 6,
    f"{T}/connections": 5,
    f"{T}/keys": 5,
    f"{T}/webhook-endpoints": 5,
    f"{T}/warnings": 5,
    f"{T}/doubts": 5,
    SENDS: 5,
}


async def test_pages_put_together_are_the_list(scene: Scene) -> None:
    await furnish(scene)
    for path, count in LISTS.items():
        whole, rest = await ids(scene, path, 100)
        assert (len(whole), len(set(whole)), rest) == (count, count, None), path
        for limit in (1, 2, count - 1, count, count + 1):
            assert await walk(scene, path, limit) == whole, f"{path} by {limit}"


async def test_what_goes_or_comes_between_two_pages_shifts_nothing(scene: Scene) -> None:
    await furnish(scene)
    for path in (f"{T}/connections", f"{T}/webhook-endpoints"):
        whole, _ = await ids(scene, path, 100)
        first, cursor = await ids(scene, path, 2)
        removed = await scene.call("DELETE", f"{path}/{first[-1]}", headers={"If-Match": "*"})
        assert removed.status == 204, removed.text
        rest, _ = await ids(scene, path, 100, cursor)
        assert first + rest == whole
    whole, _ = await ids(scene, f"{T}/warnings", 100)
    first, cursor = await ids(scene, f"{T}/warnings", 2)
    await scene.call("POST", f"{T}/warnings/{first[-1]}/dismiss")
    rest, _ = await ids(scene, f"{T}/warnings", 100, cursor)
    assert first + rest == whole


async def test_a_cursor_of_anything_else_is_refused(scene: Scene) -> None:
    await furnish(scene)
    cursors = {path: (await ids(scene, path, 1))[1] or "" for path in LISTS}
    by_number, by_time = cursors[SENDS], cursors[f"{T}/doubts"]
    crooked = [
        base64.urlsafe_b64encode(text).decode().rstrip("=")
        for text in (
            b"id:",
            b"id:con_1/../x",
            b"at:2026",
            b"at:2026-01-01T00:00:00/x",
            b"at:/wrn_1",
            b"before:-1",
            b"before:x",
            b"before:" + b"9" * 30,
            "before:٣".encode(),
            b"at:2026-01-01T00:00:00+00:00/wrn_1\n",
        )
    ]
    for path, own in cursors.items():
        for cursor in (*crooked, own + "A", "%00", "a" * 600, "'", by_number, by_time):
            kin = {by_number: {SENDS}, by_time: {f"{T}/doubts", f"{T}/warnings"}}.get(cursor, set())
            if path not in kin:
                answer: Answer = await scene.call("GET", f"{path}?cursor={cursor}")
                assert is_problem(answer, 422, "BAD_INPUT"), f"{path} {cursor}: {answer.text}"
                assert pointers(answer) == ["/cursor"]
    for limit in ("0", "501", "-1", "x", ""):
        assert is_problem(await scene.call("GET", f"{T}/connections?limit={limit}"), 422, "BAD_INPUT")


async def test_a_cursor_shows_nothing_of_another_tenant(scene: Scene) -> None:
    await furnish(scene)
    for kind in ("connections", "warnings", "doubts", "keys", "webhook-endpoints"):
        _, cursor = await ids(scene, f"{T}/{kind}", 1)
        assert await ids(scene, f"/v1/tenants/tenant-0/{kind}", 100, cursor) == ([], None)


async def add_attempts(scene: Scene, count: int) -> str:
    """A send with so many attempts, numbered; its address."""
    tenant = await scene.use_cases.find_tenant("cardinal")
    send_id = await scene.send()
    async with scene.transactions.begin(tenant.id) as t:
        attempts = [
            Attempt(send_id=send_id, step=Step.HEADER, started_at=NOW, detail=f"try {number}")
            for number in range(count)
        ]
        await stored(t, await t.sends.get(send_id), attempts=attempts)
    return f"{SENDS}/{send_id}"


async def test_the_attempts_of_a_send_come_a_page_at_a_time(scene: Scene) -> None:
    where = await add_attempts(scene, MOST_ATTEMPTS + 1)
    shown = (await scene.call("GET", where)).body
    newest_first = [f"try {number}" for number in reversed(range(MOST_ATTEMPTS + 1))]
    assert [one["detail"] for one in shown["attempts"]] == newest_first[:-1][::-1]
    assert shown["more_attempts"]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await scene.call("GET", f"{where}/attempts?limit=20{cursor and '&cursor=' + cursor}")).body
        seen += [one["detail"] for one in page["items"]]
        cursor = page["next"]
    assert seen == newest_first
    assert (await scene.call("GET", f"{SENDS}/snd_none/attempts")).status == 404


async def test_a_send_with_few_attempts_has_no_more(scene: Scene) -> None:
    shown = (await scene.call("GET", await add_attempts(scene, MOST_ATTEMPTS))).body
    assert (len(shown["attempts"]), shown["more_attempts"]) == (MOST_ATTEMPTS, False)

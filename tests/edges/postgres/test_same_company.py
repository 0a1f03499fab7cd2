"""Connections that lead to one Spectrum company: taken, and told wherever a connection is shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.model.access.person import Role
from tests.support.browser_scene import somebody
from tests.support.http_scene import CONNECTION, TENANT, Scene, api

CONNECTIONS = "/v1/tenants/cardinal/connections"
WEST = {**CONNECTION, "slug": "west", "name": "Spectrum West", "external_system": "west"}


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with api() as running:
        await running.furnish()
        yield running


def told(connection: Any) -> list[str]:
    return [found["message"] for found in connection["warnings"] if found["code"] == "SAME_COMPANY"]


async def audit(scene: Scene) -> Any:
    return (await scene.call("GET", "/v1/tenants/cardinal/audit?limit=1")).body["items"][0]


async def test_a_second_one_of_the_same_account_is_told_by_name_on_both(scene: Scene) -> None:
    assert (await scene.call("GET", f"{CONNECTIONS}/main")).body["warnings"] == []
    added = await scene.call("POST", CONNECTIONS, WEST)
    assert added.status == 201
    [message] = told(added.body)
    assert message == (
        "This account's connection Spectrum also sends to company 101 at https://spectrum.example.com:8482/ws."
    )
    assert (await audit(scene))["detail"]["warning"] == "SAME_COMPANY"
    assert [len(told(one)) for one in (await scene.call("GET", CONNECTIONS)).body["items"]] == [1, 1]
    first = (await scene.call("GET", f"{CONNECTIONS}?limit=1")).body
    second = (await scene.call("GET", f"{CONNECTIONS}?limit=1&cursor={first['next']}")).body
    assert [told(one) for page in (first, second) for one in page["items"]] == [
        [message.replace("connection Spectrum also", "connection Spectrum West also")],
        [message],
    ], "the other one is told although it is on another page"


async def test_another_company_or_another_port_is_nothing_to_tell(scene: Scene) -> None:
    other = await scene.call("POST", CONNECTIONS, {**WEST, "company_code": "102"})
    assert told(other.body) == []
    assert "warning" not in (await audit(scene))["detail"]
    patch = {"endpoint_url": "https://spectrum.example.com:9000/ws", "company_code": "101"}
    moved = await scene.call("PATCH", f"{CONNECTIONS}/west", patch, headers={"If-Match": "*"})
    assert told(moved.body) == []


async def test_one_that_is_moved_there_is_told_and_one_that_only_changes_its_name_is_not_noted(scene: Scene) -> None:
    await scene.call("POST", CONNECTIONS, {**WEST, "company_code": "102"})
    moved = await scene.call("PATCH", f"{CONNECTIONS}/west", {"company_code": "101"}, headers={"If-Match": "*"})
    assert len(told(moved.body)) == 1
    assert (await audit(scene))["detail"]["warning"] == "SAME_COMPANY"
    await scene.call("PATCH", f"{CONNECTIONS}/west", {"name": "Renamed"}, headers={"If-Match": "*"})
    assert "warning" not in (await audit(scene))["detail"]


async def test_of_another_account_nothing_is_told_but_that_there_is_one(scene: Scene) -> None:
    await scene.call("POST", "/v1/tenants", {**TENANT, "slug": "bluefin", "name": "Bluefin Sprinklers"})
    theirs = {**CONNECTION, "slug": "secret-name", "name": "Their Spectrum"}
    added = await scene.call("POST", "/v1/tenants/bluefin/connections", theirs)
    both = [added.body, (await scene.call("GET", f"{CONNECTIONS}/main")).body]
    for shown in both:
        [message] = told(shown)
        assert message.startswith("A connection of another account also sends to company ")
    assert not any(word in str(both[1]).lower() for word in ("bluefin", "secret-name", "their spectrum"))
    gone = await scene.call("DELETE", "/v1/tenants/bluefin/connections/secret-name", headers={"If-Match": "*"})
    assert gone.status == 204
    assert told((await scene.call("GET", f"{CONNECTIONS}/main")).body) == []


async def test_the_connections_page_says_it(scene: Scene) -> None:
    browser = await (await somebody(scene, Role.ADMINISTRATOR)).open("/t/cardinal/connections/main")
    assert "SAME_COMPANY" not in browser.said
    await scene.call("POST", CONNECTIONS, WEST)
    await browser.open("/t/cardinal/connections/main")
    assert "This account's connection Spectrum West also sends to company" in browser.said
    assert "both write the header of a job" in browser.said

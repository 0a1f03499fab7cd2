"""What one connection's plugins do is no matter to another's sends; the same job gets each connection's own rules."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.model.access.person import Role
from core.model.sending.send import SendState
from plugins.host import PluginHost
from plugins.plugin import ANSWER_SECONDS
from tests.edges.plugins.test_plugin_processes import ENDLESS, HOSTILE, RULE
from tests.support.browser_scene import somebody
from tests.support.http_scene import CONNECTION, JOB, TENANT, Scene, api
from tests.support.plugin_scene import plugins_in

BODIES = {name: RULE.format(body=body) for name, (body, _) in HOSTILE.items()}
BODIES |= {name: RULE.format(body=body) for name, body in ENDLESS.items()}


@asynccontextmanager
async def two_tenants(folder: Path, *, trusted: Collection[str] = (), **bodies: str) -> AsyncIterator[Scene]:
    """`cardinal` and `bluefin`, each with the connections `main` and `west`, and the same job on all of them."""
    async with plugins_in(folder, bodies, trusted=trusted) as catalog, api(rules=PluginHost(catalog=catalog)) as scene:
        for slug in ("cardinal", "bluefin"):
            made = await scene.call("POST", "/v1/tenants", {**TENANT, "slug": slug})
            assert made.status == 201, made.text
            for place, connection in enumerate(("main", "west")):
                body = {**CONNECTION, "slug": connection, "external_system": connection}
                company = {"company_code": f"{slug[0]}{place}"}
                answer = await scene.call("POST", f"/v1/tenants/{slug}/connections", {**body, **company})
                assert answer.status == 201, answer.text
            for system in ("main", "west"):
                scene.service_trade.add_job(made.body["id"], replace(JOB, office="West"), system)
        yield scene


async def use(scene: Scene, tenant: str, connection: str, *plugins: dict[str, Any]) -> None:
    path = f"/v1/tenants/{tenant}/connections/{connection}"
    answer = await scene.call("PATCH", path, {"plugins": list(plugins)}, headers={"If-Match": "*"})
    assert answer.status == 200, answer.text


async def request(scene: Scene, tenant: str, connection: str) -> tuple[str, str]:
    """The send's address, and the id of its connection."""
    answer = await scene.call("POST", f"/v1/tenants/{tenant}/sends", {"job_id": JOB.id, "connection": connection})
    assert answer.status == 202, answer.text
    owner = await scene.use_cases.find_tenant(tenant)
    found = await scene.use_cases.find_connection(owner.id, connection)
    return f"/v1/tenants/{tenant}/sends/{answer.body['id']}", found.id


async def state_of(scene: Scene, address: str) -> SendState:
    """Not by a call: the scene would hold against it what another's send asks ServiceTrade meanwhile."""
    _, tenant, _, send_id = address.removeprefix("/v1/").split("/")
    owner = await scene.use_cases.find_tenant(tenant)
    return (await scene.use_cases.show_send(owner.id, send_id)).send.state


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.long
async def test_a_hostile_plugin_fails_its_own_connection_and_nobody_elses(tmp_path: Path, name: str) -> None:
    clock = asyncio.get_running_loop().time
    async with two_tenants(tmp_path, **{name: BODIES[name]}) as scene:
        await use(scene, "cardinal", "main", {"name": name})
        theirs, hostile = await request(scene, "cardinal", "main")
        others = [await request(scene, *where) for where in (("cardinal", "west"), ("bluefin", "main"))]
        began = clock()
        failing = asyncio.create_task(scene.drain(hostile))
        for address, connection in others:
            await scene.drain(connection)
            assert await state_of(scene, address) is SendState.SENT
        if name in ENDLESS:
            assert not failing.done(), "the others did not wait for it"
        await failing
        assert clock() - began < ANSWER_SECONDS + 1
        shown = (await scene.call("GET", theirs)).body
        assert shown["state"] == "needs_attention"
        [found] = [one for one in shown["findings"] if one["severity"] == "blocker"]
        assert found["origin"] == name
        assert f"The plugin {name} 1.2" in found["message"]
        assert "work_order_number" in found["message"]
        written = {(call["Company_Code"], call["WO_Number"]) for call in scene.spectrum.calls}
        assert written == {("c1", "T104482"), ("b0", "T104482")}


HALVES = {
    "reason": """
    def work_order_number(draft):
        return NumberPatch("A1", "\\ud83d r")
    """,
    "value": """
    def map_work_order(draft):
        return HeaderPatch((FieldPatch("Taken_By", "\\ud83d x", "r"),))
    """,
    "words": """
    def should_send(draft):
        return DoNotSend("\\ud83d")
    """,
    "raised": """
    def work_order_number(draft):
        raise RuntimeError("\\ud83d")
    """,
}


@pytest.mark.parametrize("trusted", [False, True])
async def test_half_a_character_in_a_plugins_text_can_be_shown(tmp_path: Path, trusted: bool) -> None:
    """A program leaves it that cuts an emoji in two. Half of it fits into no answer and no page."""
    bodies = {what: "@hookimpl" + textwrap.dedent(body) for what, body in HALVES.items()}
    async with two_tenants(tmp_path, trusted=[f"{what}.py" for what in bodies if trusted], **bodies) as scene:
        browser = await somebody(scene, Role.VIEWER)
        for what in HALVES:
            await use(scene, "cardinal", "main", {"name": what})
            previewed = await scene.call("POST", f"/v1/tenants/cardinal/jobs/{JOB.id}/preview", {"connection": "main"})
            assert previewed.status == 200, f"{what}: {previewed.text}"
            assert "\N{REPLACEMENT CHARACTER}" in previewed.text, what
            address, connection = await request(scene, "cardinal", "main")
            await scene.drain(connection)
            assert (await scene.call("GET", address)).status == 200, what
            for page in (f"/t/cardinal/jobs/{JOB.id}?connection=main", address.replace("/v1/tenants/", "/t/")):
                assert (await browser.open(page)).status == 200, what


async def test_two_connections_of_two_tenants_get_four_different_right_plans(tmp_path: Path) -> None:
    suffix = """
    @hookimpl
    def map_work_order(draft):
        return HeaderPatch((FieldPatch("Taken_By", draft.connection.company_code, "who took it"),))
    """
    by_office = {"name": "leading_character_by", "config": {"by": "office", "characters": {"West": "W"}}}
    template = {"name": "description_template", "config": {"template": "{job_number} {office}"}}
    async with two_tenants(tmp_path, suffix=suffix) as scene:
        await use(scene, "cardinal", "west", by_office)
        await use(scene, "bluefin", "main", template, {"name": "suffix"})
        await use(
            scene,
            "bluefin",
            "west",
            {"name": "suffix"},
            {**by_office, "config": {"by": "office", "characters": {"East": "E"}, "otherwise": "Z"}},
        )
        places = [(tenant, slug) for tenant in ("cardinal", "bluefin") for slug in ("main", "west")]
        plans = {}
        for tenant, slug in places:
            path = f"/v1/tenants/{tenant}/jobs/{JOB.id}/preview"
            preview = (await scene.call("POST", path, {"connection": slug})).body
            assert preview["sendable"], preview["findings"]
            plans[tenant, slug] = {one["field"]: one["value"] for one in preview["header"]}
        sent = [await request(scene, *place) for place in places]
        await asyncio.gather(*(scene.drain(connection) for _, connection in sent))
        for (address, _), place in zip(sent, places, strict=True):
            assert (await scene.call("GET", address)).body["state"] == "sent"
            company = plans[place]["Company_Code"]
            stored = scene.spectrum.work_orders[company, plans[place]["WO_Number"]]
            assert {name: text for name, text in plans[place].items() if text} == stored
    short = {
        place: (plan["WO_Number"], plan["Summary_Description"][:11], plan.get("Taken_By", ""))
        for place, plan in plans.items()
    }
    assert short == {
        ("cardinal", "main"): ("T104482", "Replace lea", ""),
        ("cardinal", "west"): ("W104482", "Replace lea", ""),
        ("bluefin", "main"): ("T104482", "104482 West", "b0"),
        ("bluefin", "west"): ("Z104482", "Replace lea", "b1"),
    }

"""Rehearsal: what other rules would have made of the last jobs, with nothing sent and nothing saved."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID
from core.model.shared.errors import TenantMends, TimeMends
from core.model.work_orders.item import JobItem
from plugins.host import PluginHost
from tests.support.cli_scene import Shell
from tests.support.http_scene import JOB, UNMAPPED, Scene, api, is_problem, pointers
from tests.support.plugin_scene import plugins_in

T = "/v1/tenants/cardinal"
REHEARSALS = f"{T}/connections/main/rehearsals"
ENDLESS = """
@hookimpl
def validate_work_order(draft):
    while True: pass
"""
COLOURS = """
@hookimpl
def map_line(draft):
    return LinePatch(fields=(FieldPatch("Colour", "red", "r"),))
"""
PART = JobItem(id="71", name="Gauge", type="part", quantity=Decimal("2"), cost=Decimal("18.4"), code="GAUGE")
FEE = JobItem(id="72", name="Trip", type="fee", quantity=Decimal("1"), cost=Decimal("65"), code="TRIP")
WEST = {"name": "leading_character_by", "config": {"by": "office", "characters": {"West": "W"}}}
NO_FEES = {"name": "item_filter", "config": {"leave_out": {"types": ["fee"]}}}
PO = {"name": "po_required"}


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """Three jobs sent: one of the West office with items, one without a PO, one that failed."""
    async with (
        plugins_in(tmp_path, {"endless": ENDLESS, "colours": COLOURS}) as catalog,
        api(rules=PluginHost(catalog=catalog)) as running,
    ):
        await running.furnish()
        await running.add_job(replace(JOB, office="West"))
        await running.add_job(replace(JOB, id="2412087334600790", number="104490", customer_po=""))
        tenant = await running.use_cases.find_tenant("cardinal")
        for item in (PART, FEE):
            running.service_trade.add_item(tenant.id, JOB.id, item)
        for job_id in (JOB.id, "2412087334600790", UNMAPPED.id, JOB.id):
            await running.send(replace(JOB, id=job_id))
            await running.work()
        yield running


async def rehearse(scene: Scene, *plugins: dict[str, Any], **more: Any) -> Any:
    answer = await scene.call("POST", REHEARSALS, {"plugins": list(plugins), **more})
    assert answer.status == 200, answer.text
    return answer.body


async def test_the_last_jobs_are_planned_with_both_and_nothing_is_sent(scene: Scene) -> None:
    sends, calls = dict(scene.transactions.rows.sends), list(scene.spectrum.calls)
    found = await rehearse(scene, WEST, NO_FEES, PO)
    assert [job["job_id"] for job in found["jobs"]] == [JOB.id, UNMAPPED.id, "2412087334600790"], "each job once"
    west, unmapped, without_po = found["jobs"]
    assert (found["changed"], found["newly_failing"], found["stopped"]) == (3, 2, None)
    assert (west["work_order_number_before"], west["work_order_number_after"]) == ("T104482", "W104482")
    [number] = [one for one in west["fields"] if one["field"] == "WO_Number"]
    assert (number["before"], number["after"]) == ("T104482", "W104482")
    assert number["origin"]["rule"] == "leading_character_by"
    assert [one["code"] for one in west["blockers_new"]] == ["WO_NUMBER_CHANGED"]
    assert west["newly_failing"]
    [fee] = west["items"]
    assert fee["item_name"] == "Trip"
    changes = {one["field"]: (one["before"], one["after"]) for one in fee["changes"]}
    assert changes["kind"] == ("other_charge", "")
    assert changes["left_out"] == ("", "items with the type fee are left out on this connection")
    assert changes["Cost_Of_Sales_Amount"] == ("65", "")
    assert [one["code"] for one in without_po["blockers_new"]] == ["PO_REQUIRED"]
    assert without_po["newly_failing"]
    assert (unmapped["newly_failing"], unmapped["changed"]) == (False, True), "it failed before"
    assert scene.transactions.rows.sends == sends
    assert scene.spectrum.calls == calls
    shown = (await scene.call("GET", f"{T}/connections/main")).body
    assert shown["plugins"] == []


async def test_rules_that_change_nothing_change_nothing(scene: Scene) -> None:
    found = await rehearse(scene)
    assert (found["changed"], found["newly_failing"], len(found["jobs"])) == (0, 0, 3)
    for job in found["jobs"]:
        assert job["fields"] == job["items"] == job["blockers_new"] == job["blockers_gone"] == []


async def test_what_a_rule_no_longer_stops_is_told(scene: Scene) -> None:
    path = f"{T}/connections/main"
    saved = await scene.call("PATCH", path, {"plugins": [PO]}, headers={"If-Match": "*"})
    assert saved.status == 200
    found = await rehearse(scene)
    [passing] = [job for job in found["jobs"] if job["newly_passing"]]
    assert [one["code"] for one in passing["blockers_gone"]] == ["PO_REQUIRED"]
    assert not passing["newly_failing"]


async def test_how_many_jobs_and_which_can_be_chosen(scene: Scene) -> None:
    assert len((await rehearse(scene, last=2))["jobs"]) == 2
    named = await rehearse(scene, WEST, job_ids=[JOB.id, JOB.id, "2412087334600999"])
    assert [job["job_id"] for job in named["jobs"]] == [JOB.id, "2412087334600999"]
    assert named["jobs"][1]["problem"]["code"] == "JOB_NOT_FOUND"
    assert not named["jobs"][1]["changed"]
    assert (named["unreadable"], named["changed"], named["newly_failing"]) == (1, 1, 1)
    numbers = await rehearse(scene, WEST, job_ids=[JOB.number, "2026-9"])
    assert [(job["job_id"], job["job_number"]) for job in numbers["jobs"]] == [(JOB.id, JOB.number), ("2026-9", None)]
    assert numbers["unreadable"] == 1


async def test_a_job_number_as_long_as_an_id_is_found_too(scene: Scene) -> None:
    await scene.add_job(replace(JOB, id="2412087334600791", number="1234567890"))
    [job] = (await rehearse(scene, job_ids=["1234567890"]))["jobs"]
    assert (job["job_id"], job["problem"]) == ("2412087334600791", None)
    for body in ({"plugins": [], "last": 0}, {"plugins": [], "last": 101}, {}, {"plugins": [], "job_ids": ["1"] * 101}):
        assert is_problem(await scene.call("POST", REHEARSALS, body), 422, "BAD_INPUT")


async def test_the_tenants_defaults_hold_in_a_rehearsal_too(scene: Scene) -> None:
    assert (await scene.call("PATCH", T, {"plugin_defaults": {"po_required": {"warn_only": True}}})).status == 200
    assert (await rehearse(scene, PO))["newly_failing"] == 0
    assert (await rehearse(scene, {**PO, "config": {"warn_only": False}}))["newly_failing"] == 1


async def test_an_item_that_would_fail_is_told_though_it_was_posted_long_ago(scene: Scene) -> None:
    tenant = await scene.use_cases.find_tenant("cardinal")
    scene.service_trade.complete(tenant.id, JOB.id)
    await scene.send(items="new_only")
    await scene.work()
    assert len(scene.spectrum.lines) == 2
    job = (await rehearse(scene, {"name": "colours"}, job_ids=[JOB.id]))["jobs"][0]
    assert job["newly_failing"]
    assert {one["origin"] for one in job["blockers_new"]} == {"colours"}


async def test_plugins_that_could_not_be_saved_cannot_be_rehearsed(scene: Scene) -> None:
    wanted = [{"name": "none"}, {"name": "item_filter", "config": {"x": 1}}]
    answer = await scene.call("POST", REHEARSALS, {"plugins": wanted})
    assert is_problem(answer, 422, "PLUGINS_INVALID")
    assert pointers(answer) == ["/plugins/0/name", "/plugins/1/config/x"]


async def test_where_servicetrade_cannot_be_read_there_is_no_rehearsal(scene: Scene) -> None:
    for error in (TimeMends("ServiceTrade is away."), TenantMends("no", code="ST_LOGIN_REFUSED")):
        scene.service_trade.fail_next(error, call="read_job")
        answer = await scene.call("POST", REHEARSALS, {"plugins": []})
        assert answer.body["code"] == error.code, answer.text


@pytest.mark.long
async def test_an_endless_rule_does_not_make_an_endless_rehearsal(scene: Scene) -> None:
    for number in range(3):
        job = replace(JOB, id=f"24120873346009{number:02}", number=f"1200{number:02}")
        await scene.add_job(job)
        await scene.send(job)
        await scene.work()
    found = await rehearse(scene, {"name": "endless"})
    assert len(found["jobs"]) == 3, "of six"
    assert found["stopped"] == "A rule took too long in 3 jobs in a row."
    assert all(job["blockers_new"][0]["code"] == "PLUGIN_TIMEOUT" for job in found["jobs"])


@pytest.mark.long
def test_the_command_rehearses_saves_and_drops(shell: Shell) -> None:
    nobody = shell("plugins", "rehearse", "po_required")
    assert nobody.code == 0
    assert "No job was sent on this connection yet" in nobody.told
    assert shell("jobs", "send", FIRST_JOB_ID, "--wait").code == 0
    template = ("description_template", "--config", '{"template": "{job_number}: {description}"}')
    rehearsed = shell("plugins", "rehearse", *template)
    assert rehearsed.code == 0, rehearsed.told
    assert "104482: " in rehearsed.out
    assert "description_template" in "".join(rehearsed.out.split())
    assert "1 of 1 jobs would change, 0 would fail. Nothing was sent." in rehearsed.told
    by_number = shell("plugins", "rehearse", *template, "--job", "104482", "--job", "999999")
    assert by_number.code == 5, "the other job is not known to be fine"
    assert "Job 999999 could not be read" in by_number.out
    assert "1 of 2 jobs would change, 0 would fail, 1 could not be read. Nothing was sent." in by_number.told
    assert shell("plugins", "rehearse", *template, "--job", "999999", "--json").code == 1, "nothing is known"
    assert shell("connections", "show", "north", "--json").document()["plugins"] == []
    failing = shell("plugins", "rehearse", "leading_character_by", "--config", '{"by": "office", "characters": {}}')
    assert failing.code == 2
    assert "/plugins/0/config/characters" in failing.told
    other = '{"by": "office", "characters": {"none": "N"}, "otherwise": "Z"}'
    number = shell("plugins", "rehearse", "leading_character_by", "--config", other, "--json")
    assert number.code == 1, "a job would fail"
    assert number.document()["jobs"][0]["blockers_new"][0]["code"] == "WO_NUMBER_CHANGED"

    shown = shell("plugins", "show", "leading_character_by")
    assert shown.code == 0
    assert "work_order_number" in shown.told
    assert "otherwise" in shown.out
    assert "needed" in shown.out
    schema = shell("plugins", "show", "leading_character_by", "--json").document()["config_schema"]
    assert schema["required"] == ["by", "characters"]
    assert shell("plugins", "show", "none").code == 1
    assert shell("plugins", "use", *template).code == 0
    assert shell("plugins", "use", "po_required", "--first").code == 0
    used = shell("plugins", "use", "description_template", "--off", "map_work_order", "--json").document()["plugins"]
    assert [one["name"] for one in used] == ["po_required", "description_template"]
    assert used[1] == {
        "name": "description_template",
        "config": {"template": "{job_number}: {description}"},
        "hooks": {"map_work_order": False},
    }
    again = shell("plugins", "use", "po_required", "--config", '{"warn_only": true}', "--json").document()["plugins"]
    assert [one["name"] for one in again] == ["po_required", "description_template"], "it keeps its place"
    assert shell("plugins", "defaults", "po_required", "--config", '{"warn_only": true}').code == 0
    assert shell("tenants", "show", "cardinal", "--json").document()["plugin_defaults"] == {
        "po_required": {"warn_only": True}
    }
    assert shell("plugins", "defaults", "po_required", "--config", '{"warn": 1}').code == 2
    assert shell("plugins", "defaults", "po_required", "--json").document()["plugin_defaults"] == {}
    without = shell("plugins", "rehearse", "description_template", "--without", "--json")
    assert without.document()["changed"] == 0, "its only hook is switched off"
    assert shell("plugins", "drop", "description_template").code == 0
    gone = shell("plugins", "drop", "description_template")
    assert gone.code == 2
    assert "does not use the plugin description_template" in gone.told
    for text in ("nonsense", "[1]"):
        assert "not a JSON object" in shell("plugins", "use", "po_required", "--config", text).told

"""What plugins do to sends, from their hooks to the API: switched off, configured, kept back, told, and stopped."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from core.model.planning.fold import start_draft
from core.model.planning.job import JobSnapshot
from core.model.plugins.notification import ConnectionNotification, SendNotification
from core.model.sending.lifecycle.endings import MOST_FAILURES
from core.model.shared.finding import Finding
from plugins import examine
from plugins.hookspecs import API, PluginInfo, hookimpl
from plugins.host import PluginHost
from plugins.testkit import make_connection
from ports.rules import Rule
from tests.support.http_scene import CONNECTION, JOB, SENDS, Answer, Scene, api, is_problem, pointers
from tests.support.plugin_scene import plugins_in

T = "/v1/tenants/cardinal"
PRIORITY = """
from pydantic import BaseModel

class Settings(BaseModel):
    priority: str
    reason: str = "as agreed"

@hookimpl
def config_model():
    return Settings

@hookimpl
def map_work_order(draft):
    return HeaderPatch((FieldPatch("Priority_Code", draft.config.priority, draft.config.reason),))

@hookimpl
def work_order_number(draft):
    return NumberPatch("P" + draft.job.number, "always P")
"""
CRASHES = """
@hookimpl
def map_work_order(draft):
    raise RuntimeError("not today")
"""


@asynccontextmanager
async def scene_with(
    folder: Path, *, defaults: dict[str, dict[str, Any]] | None = None, more: tuple[object, ...] = (), **bodies: str
) -> AsyncIterator[Scene]:
    async with (
        plugins_in(folder, bodies) as catalog,
        api(rules=PluginHost(more, catalog=catalog, defaults=defaults)) as scene,
    ):
        await scene.furnish()
        yield scene


async def use(scene: Scene, *plugins: dict[str, Any], connection: str = "main") -> Answer:
    path = f"{T}/connections/{connection}"
    return await scene.call("PATCH", path, {"plugins": list(plugins)}, headers={"If-Match": "*"})


async def previewed(scene: Scene, connection: str = "main") -> Any:
    return (await scene.call("POST", f"{T}/jobs/{JOB.id}/preview", {"connection": connection})).body


def value(preview: Any, field: str) -> str | None:
    return next((one["value"] for one in preview["header"] if one["field"] == field), None)


async def sent(scene: Scene, send_id: str) -> Any:
    return (await scene.call("GET", f"{SENDS}/{send_id}")).body


def another(number: int) -> JobSnapshot:
    return replace(JOB, id=f"24120873346008{number:02}", number=f"1100{number:02}")


async def test_each_hook_can_be_switched_off_alone(tmp_path: Path) -> None:
    async with scene_with(tmp_path, priority=PRIORITY) as scene:
        plugin = {"name": "priority", "config": {"priority": "2"}}
        assert (await use(scene, plugin)).status == 200
        assert value(await previewed(scene), "WO_Number") == "P104482"
        hooks = {"work_order_number": False, "map_work_order": True}
        assert (await use(scene, plugin | {"hooks": hooks})).status == 200
        preview = await previewed(scene)
        assert (value(preview, "WO_Number"), value(preview, "Priority_Code")) == ("T104482", "2")
        [shown] = (await scene.call("GET", f"{T}/connections/main")).body["plugins"]
        assert shown["hooks"] == hooks
        for hook in ("include_item", "config_model", "map/work"):
            answer = await use(scene, plugin | {"hooks": {hook: False}})
            assert is_problem(answer, 422, "PLUGINS_INVALID")
            assert pointers(answer) == [f"/plugins/0/hooks/{hook.replace('/', '~1')}"]
            assert "it has work_order_number, map_work_order" in answer.body["detail"]


async def test_defaults_come_from_connection_tenant_and_instance_in_this_order(tmp_path: Path) -> None:
    instance = {"priority": {"priority": "3", "reason": "the house's rule"}}
    async with scene_with(tmp_path, defaults=instance, priority=PRIORITY) as scene:

        async def set_tenant(defaults: Any) -> Answer:
            return await scene.call("PATCH", T, {"plugin_defaults": defaults})

        async def shown() -> tuple[str | None, str]:
            [field] = [one for one in (await previewed(scene))["header"] if one["field"] == "Priority_Code"]
            return field["value"], field["origin"]["reason"]

        assert (await use(scene, {"name": "priority"})).status == 200
        assert await shown() == ("3", "the house's rule")
        changed = await set_tenant({"priority": {"priority": "2"}})
        assert changed.body["plugin_defaults"] == {"priority": {"priority": "2"}}
        assert await shown() == ("2", "the house's rule")
        assert (await use(scene, {"name": "priority", "config": {"priority": "1"}})).status == 200
        assert await shown() == ("1", "the house's rule")
        assert (await scene.call("PATCH", T, {"name": "Cardinal"})).body["plugin_defaults"], "what is not named stays"
        assert (await set_tenant({"priority": None})).body["plugin_defaults"] == {}


async def test_a_tenants_defaults_are_held_against_the_plugin_and_every_connection(tmp_path: Path) -> None:
    async with scene_with(tmp_path, priority=PRIORITY, crashes=CRASHES) as scene:

        async def refused(defaults: Any) -> Any:
            answer = await scene.call("PATCH", T, {"plugin_defaults": defaults})
            assert is_problem(answer, 422, "PLUGINS_INVALID"), answer.text
            return [(one["pointer"], one["detail"]) for one in answer.body["errors"]]

        assert [where for where, _ in await refused({"none": {}})] == ["/plugin_defaults/none"]
        assert [where for where, _ in await refused({"crashes": {}})] == ["/plugin_defaults/crashes"]
        [(where, _)] = await refused({"priority": {"reason": 1}})
        assert where == "/plugin_defaults/priority/reason"
        partly = await scene.call("PATCH", T, {"plugin_defaults": {"priority": {"reason": "ours"}}})
        assert partly.status == 200, "what is missing, a connection may say"
        assert pointers(await use(scene, {"name": "priority"})) == ["/plugins/0/config/priority"]
        assert (await use(scene, {"name": "priority", "config": {"priority": "1"}})).status == 200
        ours = await scene.call("PATCH", T, {"plugin_defaults": {"priority": {"priority": "2"}}})
        assert ours.status == 200
        assert (await use(scene, {"name": "priority"})).status == 200, "now the tenant says it"
        [(where, why)] = await refused({"priority": None} | {"priority": {"reason": "x"}})
        assert where == "/plugin_defaults/priority/priority"
        assert "on the connection main" in why


NOT_HERE = """
@hookimpl
def should_send(draft):
    return DoNotSend("warranty jobs stay in ServiceTrade") if draft.value("Customer_PO_Number") else None
"""


async def test_a_person_who_sends_what_a_rule_keeps_back_is_told_why(tmp_path: Path) -> None:
    async with scene_with(tmp_path, west=NOT_HERE) as scene:
        assert (await use(scene, {"name": "west"})).status == 200
        preview = await previewed(scene)
        assert not preview["sendable"]
        [found] = preview["findings"]
        assert (found["code"], found["origin"]) == ("NOT_SENT_HERE", "west")
        assert "The plugin west 1.2" in found["message"]
        assert "warranty jobs stay in ServiceTrade" in found["message"]
        send_id = await scene.send()
        await scene.work()
        assert (await sent(scene, send_id))["state"] == "needs_attention"
        [warning] = (await scene.call("GET", f"{T}/warnings")).body["items"]
        assert warning["finding"]["code"] == "NOT_SENT_HERE"
        assert scene.spectrum.calls == []


async def test_a_completion_that_a_rule_keeps_back_ends_quietly(tmp_path: Path) -> None:
    async with scene_with(tmp_path, west=NOT_HERE) as scene:
        assert (await use(scene, {"name": "west"})).status == 200
        tenant = await scene.use_cases.find_tenant("cardinal")
        connection = await scene.use_cases.find_connection(tenant.id, "main")
        send_id = await scene.send()
        rows = scene.transactions.rows
        rows.sends[send_id] = replace(rows.sends[send_id], requested_by="completion")
        await scene.work()
        shown = await sent(scene, send_id)
        assert (shown["state"], shown["findings"][0]["code"]) == ("cancelled", "NOT_SENT_HERE")
        assert scene.service_trade.comments_on(tenant.id, JOB.id) == []
        assert (await scene.call("GET", f"{T}/warnings")).body["items"] == []
        assert connection.plugins


class Listener:
    """A plugin of this process that keeps what it was told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, SendNotification | ConnectionNotification]] = []
        self.fails = False

    @hookimpl
    def plugin_info(self) -> PluginInfo:
        return PluginInfo("listener", "1", "Listens.")

    @hookimpl
    async def send_succeeded(self, news: SendNotification) -> None:
        self._hear("send_succeeded", news)

    @hookimpl
    async def send_failed(self, news: SendNotification) -> None:
        self._hear("send_failed", news)

    @hookimpl
    async def connection_broken(self, news: ConnectionNotification) -> None:
        self._hear("connection_broken", news)

    def _hear(self, event: str, news: SendNotification | ConnectionNotification) -> None:
        self.heard.append((event, news))
        if self.fails:
            raise RuntimeError("the pager is down")


async def test_plugins_hear_of_every_end_once_and_cannot_change_it(tmp_path: Path) -> None:
    listener = Listener()
    async with scene_with(tmp_path, more=(listener,), crashes=CRASHES) as scene:
        assert (await use(scene, {"name": "listener"})).status == 200
        listener.fails = True
        with capture_logs() as logs:
            good = await scene.send()
            await scene.work()
        [(event, news)] = listener.heard
        assert isinstance(news, SendNotification)
        assert (event, news.send_id, news.state, news.work_order_number) == ("send_succeeded", good, "sent", "T104482")
        assert (news.job_id, news.job_number, news.connection.slug) == (JOB.id, "104482", "main")
        assert (await sent(scene, good))["state"] == "sent", "what an event does is no matter"
        [failed] = [one for one in logs if one["event"] == "plugin.event_failed"]
        assert (failed["plugin"], failed["hook"]) == ("listener", "send_succeeded")
        assert "the pager is down" in failed["why"]
        listener.fails = False
        listener.heard.clear()
        assert (await use(scene, {"name": "listener"}, {"name": "crashes"})).status == 200
        for number in range(MOST_FAILURES):
            await scene.add_job(another(number))
            await scene.send(another(number))
            await scene.work()
        assert [event for event, _ in listener.heard] == [*["send_failed"] * MOST_FAILURES, "connection_broken"]
        broken = listener.heard[-1][1]
        assert isinstance(broken, ConnectionNotification)
        assert (broken.finding.code, broken.until) == ("PLUGINS_FAILING", None)
        listener.heard.clear()
        assert (await use(scene, {"name": "listener", "hooks": {"send_succeeded": False}})).status == 200
        await scene.work()
        await scene.send()
        await scene.work()
        assert listener.heard == [], "switched off"


@pytest.mark.long
async def test_an_event_may_take_its_time_and_no_rule_waits_for_it(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    os.mkfifo(begun)
    slow = f"""
import asyncio

@hookimpl
def work_order_number(draft):
    return NumberPatch("S1", "s")

@hookimpl
async def send_failed(news):
    open({str(begun)!r}, "w").close()
    await asyncio.sleep(600)
"""
    async with scene_with(tmp_path, slow=slow) as scene:
        assert (await use(scene, {"name": "slow"})).status == 200
        tenant = await scene.use_cases.find_tenant("cardinal")
        scene.service_trade.jobs[tenant.id, JOB.id].snapshot = replace(JOB, customer=None)
        send_id = await scene.send()
        with capture_logs() as logs:
            work = asyncio.create_task(scene.work())
            await asyncio.to_thread(begun.read_bytes)  # until the event is at it
            assert value(await previewed(scene), "WO_Number") == "S1"
            assert not work.done()
            await work
        assert [one["why"] for one in logs if one["event"] == "plugin.event_failed"] == [
            "The plugin slow 1.2 took too long in send_failed and was stopped."
        ]
        assert (await sent(scene, send_id))["state"] == "needs_attention"


async def test_failing_again_and_again_stops_that_connection_only_until_somebody_resumes_it(tmp_path: Path) -> None:
    async with scene_with(tmp_path, crashes=CRASHES) as scene:
        west = {**CONNECTION, "slug": "west", "external_system": "west", "company_code": "102"}
        assert (await scene.call("POST", f"{T}/connections", west)).status == 201
        assert (await use(scene, {"name": "crashes"})).status == 200
        for number in range(MOST_FAILURES + 1):
            await scene.add_job(another(number))
        tenant = await scene.use_cases.find_tenant("cardinal")
        for number in range(MOST_FAILURES):
            assert (await held(scene)) is None
            failed = await scene.send(another(number))
            await scene.work()
            assert (await sent(scene, failed))["state"] == "needs_attention"
        hold = await held(scene)
        assert hold["finding"]["code"] == "PLUGINS_FAILING"
        assert "crashes" in hold["finding"]["message"]
        assert "raised RuntimeError: not today" in hold["finding"]["message"]
        first = (await scene.call("GET", f"{T}/warnings")).body["items"][0]
        assert first["finding"]["code"] == "PLUGINS_FAILING"
        [comment] = scene.service_trade.comments_on(tenant.id, another(MOST_FAILURES - 1).id)
        assert "RuntimeError: not today" in comment
        waits = await scene.send(another(MOST_FAILURES))
        await scene.work()
        assert (await sent(scene, waits))["state"] == "queued"
        other = await scene.call("POST", SENDS, {"job_id": JOB.id, "connection": "west"})
        await scene.work()
        assert scene.spectrum.calls == []
        scene.service_trade.add_job(tenant.id, JOB, "west")
        retried = await scene.call("POST", f"{SENDS}/{other.body['id']}/retry")
        assert retried.status < 300, retried.text
        await scene.work()
        assert (await sent(scene, other.body["id"]))["state"] == "sent", "the other connection goes on"
        steps = (await scene.call("POST", f"{T}/connections/main/test")).body["steps"]
        assert [one["code"] for one in steps if one["state"] == "failed"] == ["PLUGINS_FAILING"]
        assert (await use(scene, {"name": "crashes", "hooks": {"map_work_order": False}})).status == 200
        assert await held(scene) is None, "other plugins, another try"
        await scene.work()
        assert (await sent(scene, waits))["state"] == "sent"
        checked = (await scene.call("POST", f"{T}/connections/main/test")).body["steps"][-1]
        assert (checked["name"], checked["state"]) == ("plugins", "ok")


async def test_other_failures_do_not_count_as_a_plugins(tmp_path: Path) -> None:
    assert MOST_FAILURES == 3, "docs/plugins.md says so"
    async with scene_with(tmp_path, crashes=CRASHES) as scene:
        assert (await use(scene, {"name": "crashes", "hooks": {"map_work_order": False}})).status == 200
        for number in range(MOST_FAILURES + 1):
            await scene.add_job(replace(another(number), customer=None))
            await scene.send(another(number))
            await scene.work()
        assert await held(scene) is None


async def test_what_a_trusted_plugin_changes_is_its_own_copy(tmp_path: Path) -> None:
    body = MUTATES.format(body="object.__setattr__(draft.job, 'number', '1')")
    async with plugins_in(tmp_path, {"mutates": body}, trusted=("mutates.py",)) as catalog:
        draft = start_draft(JOB, make_connection())
        answer = await PluginHost(catalog=catalog).ask("work_order_number", Rule("mutates", "1.2"), draft)
    assert isinstance(answer, Finding)
    assert draft.job.number == JOB.number == "104482"


def test_the_hash_of_a_configuration_does_not_hang_on_its_order() -> None:
    one, other = Rule("p", "1", {"a": 1, "b": {"c": 2, "d": 3}}), Rule("p", "1", {"b": {"d": 3, "c": 2}, "a": 1})
    assert one.used == other.used
    assert Rule("p", "1", {"a": 2}).used != one.used
    assert Rule("p", "1").used.config_hash == ""


async def held(scene: Scene) -> Any:
    return (await scene.call("GET", f"{T}/connections/main")).body["hold"]


async def test_a_success_in_between_starts_the_count_anew(tmp_path: Path) -> None:
    picky = """
    @hookimpl
    def map_work_order(draft):
        if draft.job.number != "104482":
            raise RuntimeError("not this one")
    """
    async with scene_with(tmp_path, picky=picky) as scene:
        assert (await use(scene, {"name": "picky"})).status == 200
        for number in range(2 * MOST_FAILURES):
            await scene.add_job(another(number))
            await scene.send(another(number))
            await scene.work()
            if number % 2:
                await scene.send()
                await scene.work()
        assert await held(scene) is None


MUTATES = """
@hookimpl
def work_order_number(draft):
    {body}
    return NumberPatch("X1", "r")
"""


MUTATING = {
    "job": "object.__setattr__(draft.job, 'number', '1')",
    "connection": "object.__setattr__(draft, 'connection', None)",
    "config": "draft.config['a'] = 1",
    "fields": "object.__setattr__(draft, 'fields', {'Priority_Code': None})",
}


@pytest.mark.parametrize("trusted", [False, True])
async def test_a_rule_that_changes_what_it_is_given_is_named(tmp_path: Path, trusted: bool) -> None:
    rules = {name: MUTATES.format(body=body) for name, body in MUTATING.items()}
    names = [f"{name}.py" for name in rules if trusted]
    async with (
        plugins_in(tmp_path, rules, trusted=names) as catalog,
        api(rules=PluginHost(catalog=catalog)) as scene,
    ):
        await scene.furnish()
        for name in rules:
            assert (await use(scene, {"name": name})).status == 200
            [found] = [one for one in (await previewed(scene))["findings"] if one["severity"] == "blocker"]
            assert (found["code"], found["origin"]) == ("PLUGIN_ERROR", name)
            assert "changed its arguments" in found["message"], name
            assert "work_order_number" in found["message"]


async def test_a_trusted_plugin_runs_in_our_process_and_the_others_do_not(tmp_path: Path) -> None:
    own = "import os\n@hookimpl\ndef work_order_number(draft):\n    return NumberPatch(str(os.getpid()), 'pid')\n"
    bodies = {"near": PRIORITY.replace('"P" + draft.job.number', "str(__import__('os').getpid())"), "far": own}
    async with (
        plugins_in(tmp_path, bodies, trusted=("near.py", "missing.py")) as catalog,
        api(rules=PluginHost(catalog=catalog)) as scene,
    ):
        await scene.furnish()
        listed = {one["name"]: one for one in (await scene.call("GET", "/v1/plugins")).body["items"]}
        assert listed["near"]["source"].endswith("(trusted: in Jobferry's own process)")
        assert pointers(await use(scene, {"name": "near"})) == ["/plugins/0/config/priority"]
        assert (await use(scene, {"name": "near", "config": {"priority": "1"}})).status == 200
        assert value(await previewed(scene), "WO_Number") == str(os.getpid())
        assert (await use(scene, {"name": "far"})).status == 200
        assert value(await previewed(scene), "WO_Number") != str(os.getpid())
        assert [(one.source, "missing" in one.message) for one in scene.use_cases.list_plugins.problems()] == [
            ("trusted_plugins", True)
        ]


async def test_what_a_trusted_plugin_does_is_a_finding_too(tmp_path: Path) -> None:
    async with (
        plugins_in(tmp_path, {"crashes": CRASHES}, trusted=("crashes.py",)) as catalog,
        api(rules=PluginHost(catalog=catalog)) as scene,
    ):
        await scene.furnish()
        assert (await use(scene, {"name": "crashes"})).status == 200
        [found] = (await previewed(scene))["findings"]
        assert "raised RuntimeError: not today" in found["message"]


async def test_a_plugin_of_another_version_of_the_hooks_is_refused_in_words(tmp_path: Path) -> None:
    body = f"""
@hookimpl
def plugin_info():
    return PluginInfo("newer", "1", "n", api={API + 1})
"""
    async with plugins_in(tmp_path, {"newer": body}) as catalog:
        [problem] = catalog.problems
    assert f"version {API + 1} of the hooks" in problem.message
    assert "Update Jobferry" in problem.fix


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("@hookimpl\nasync def map_work_order(draft):\n    return None\n", "map_work_order (line 8) is a rule"),
        ("@hookimpl\ndef send_failed(news):\n    return None\n", "send_failed (line 8) is an event"),
    ],
)
async def test_a_rule_is_sync_and_an_event_async(tmp_path: Path, body: str, said: str) -> None:
    async with plugins_in(tmp_path, {"mixed": body}) as catalog:
        [problem] = catalog.problems
    assert said in problem.message


async def test_a_hook_that_is_about_to_go_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = examine.Hooks.map_line.jobferry_spec  # type: ignore[attr-defined]
    monkeypatch.setitem(spec, "warn_on_impl", DeprecationWarning("map_line goes with version 2; use map_lines."))
    plugin = SimpleNamespace(plugin_info=_info, map_line=_map_line)
    told = examine.examined(plugin).described
    assert told.notes == ("map_line goes with version 2; use map_lines.",)


@hookimpl
def _info() -> PluginInfo:
    return PluginInfo("old", "1", "Uses what goes.")


@hookimpl
def _map_line(draft: Any) -> None:
    return None

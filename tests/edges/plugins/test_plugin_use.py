"""Plugins from an installation's point of view: listed, held against what a connection saves, used by a send, and gone
again without harm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from core.model.access.api_key import Scope
from core.model.access.caller import Caller
from core.services.access.api_keys import KeyRequest
from plugins.catalog import load_catalog
from plugins.discovery import Source, sources
from plugins.host import PluginHost
from tests.support.http_scene import CONNECTION, JOB, Scene, api, is_problem, pointers

JOBFERRY = (sys.executable, "-m", "adapters.bootstrap")
ROOT = Path(__file__).parents[3]
CONNECTIONS = "/v1/tenants/cardinal/connections"
RULE = """
from typing import Literal

from pydantic import BaseModel

from core.model.planning.draft import FieldPatch, HeaderPatch
from plugins.hookspecs import PluginInfo, hookimpl


class Settings(BaseModel):
    priority: Literal["1", "2"] = "1"


@hookimpl
def plugin_info():
    return PluginInfo("priority", "0.3", "Sets the priority.")


@hookimpl
def config_model():
    return Settings


@hookimpl
def map_work_order(draft):
    return HeaderPatch((FieldPatch("Priority_Code", draft.config.priority, "this customer's contract"),))
"""
BROKEN = "import no_such_module\n"


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    (tmp_path / "priority.py").write_text(RULE)
    (tmp_path / "broken.py").write_text(BROKEN)
    catalog = await load_catalog(sources(tmp_path))
    async with api(rules=PluginHost(catalog=catalog)) as running:
        await running.furnish()
        yield running
    await catalog.close()


async def save(scene: Scene, *plugins: dict[str, Any]) -> Any:
    return await scene.call("PATCH", f"{CONNECTIONS}/main", {"plugins": list(plugins)}, headers={"If-Match": "*"})


async def test_what_is_installed_is_listed_with_what_it_takes(scene: Scene) -> None:
    listed = (await scene.call("GET", "/v1/plugins")).body["items"]
    assert [one["name"] for one in listed if not one["built_in"]] == ["priority"]
    assert {one["name"] for one in listed if one["always_runs"]} == {
        "leading_character",
        "field_mapping",
        "item_kinds",
        "length_policy",
    }
    offered = {one["name"] for one in listed if one["built_in"] and not one["always_runs"]}
    assert "leading_character_by" in offered
    assert listed[-1]["source"].endswith("priority.py")
    assert listed[-1]["hooks"] == ["plugin_info", "config_model", "map_work_order"]
    schema = (await scene.call("GET", "/v1/plugins/priority/schema")).body
    assert schema["config_schema"]["properties"]["priority"]["enum"] == ["1", "2"]
    assert (await scene.call("GET", "/v1/plugins/leading_character/schema")).body["config_schema"] is None
    assert is_problem(await scene.call("GET", "/v1/plugins/none/schema"), 404, "PLUGIN_NOT_FOUND")
    tenant = await scene.use_cases.find_tenant("cardinal")
    request = KeyRequest(name="r", tenant_id=tenant.id, scopes=frozenset({Scope.READ}))
    key = (await scene.use_cases.api_keys.create(request, Caller())).text
    assert {one["source"] for one in (await scene.call("GET", "/v1/plugins", key=key)).body["items"]} == {None}


CANNOT_WORK: list[tuple[list[dict[str, Any]], str]] = [
    ([{"name": "none"}], "/plugins/0/name"),
    ([{"name": "leading_character"}], "/plugins/0/name"),
    ([{"name": "priority"}, {"name": "priority"}], "/plugins/1/name"),
    ([{"name": "priority", "config": {"priority": "3"}}], "/plugins/0/config/priority"),
    ([{"name": "broken"}], "/plugins/0/name"),
]


async def test_what_cannot_work_is_refused_on_saving_and_where_is_said(scene: Scene) -> None:
    for plugins, pointer in CANNOT_WORK:
        answer = await save(scene, *plugins)
        assert is_problem(answer, 422, "PLUGINS_INVALID"), answer.text
        assert pointers(answer) == [pointer]
        more = {**CONNECTION, "slug": "west", "external_system": "west", "plugins": plugins}
        assert is_problem(await scene.call("POST", CONNECTIONS, more), 422, "PLUGINS_INVALID"), pointer
        assert (await scene.call("GET", f"{CONNECTIONS}/main")).body["plugins"] == []


async def test_a_plan_names_the_plugin_its_version_and_its_reason(scene: Scene) -> None:
    assert (await save(scene, {"name": "priority", "config": {"priority": "2"}})).status == 200
    preview = await scene.call("POST", f"/v1/tenants/cardinal/jobs/{JOB.id}/preview", {"connection": "main"})
    [field] = [one for one in preview.body["header"] if one["field"] == "Priority_Code"]
    assert field["value"] == "2"
    assert (field["origin"]["rule"], field["origin"]["version"]) == ("priority", "0.3")
    assert field["origin"]["reason"] == "this customer's contract"
    send_id = await scene.send()
    await scene.work()
    shown = (await scene.call("GET", f"/v1/tenants/cardinal/sends/{send_id}")).body
    [used] = [one for one in shown["plan"]["rules"] if one["name"] == "priority"]
    assert used["version"] == "0.3"
    assert len(used["config_hash"]) == 16
    assert scene.spectrum.calls[-1]["Priority_Code"] == "2"


async def test_a_plugin_that_is_gone_stops_its_connection_and_says_so(scene: Scene, tmp_path: Path) -> None:
    assert (await save(scene, {"name": "priority"})).status == 200
    stored = scene.transactions.rows
    async with api() as without:
        await without.furnish()
        without.transactions.rows.connections.update(
            {key: row for key, row in stored.connections.items() if key in without.transactions.rows.connections}
        )
        preview = await without.call("POST", f"/v1/tenants/cardinal/jobs/{JOB.id}/preview", {"connection": "main"})
    assert not preview.body["sendable"]
    assert [one["code"] for one in preview.body["findings"] if one["severity"] == "blocker"] == ["PLUGIN_MISSING"]


def wheel(folder: Path) -> Path:
    """A distribution of somebody else's, made by hand: no tool is needed to install a wheel."""
    file = folder / "acme_rules-2.0-py3-none-any.whl"
    info = "acme_rules-2.0.dist-info"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("acme_rules.py", RULE.replace('"priority", "0.3"', '"acme-priority", "2.0"'))
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: acme-rules\nVersion: 2.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/entry_points.txt", "[jobferry]\npriority = acme_rules\n")
        archive.writestr(f"{info}/RECORD", "")
    return file


def listed(folder: Path, *options: str, **environment: str) -> tuple[list[dict[str, Any]], str]:
    """What `jobferry plugins list` says in that folder."""
    ended = subprocess.run(
        [*JOBFERRY, "--data-dir", str(folder / "data"), *options, "plugins", "list", "--json"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )
    assert ended.returncode == 0, ended.stderr
    found = [one for one in json.loads(ended.stdout)["items"] if not one["built_in"]]
    return found, ended.stderr


@pytest.mark.long
def test_a_distribution_and_a_file_are_found_and_removed_again_without_harm(tmp_path: Path) -> None:
    site = tmp_path / "site"
    installing = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site)]
    subprocess.run([*installing, str(wheel(tmp_path))], check=True, timeout=120)
    folder = tmp_path / "jobferry_plugins"
    folder.mkdir()
    (folder / "priority.py").write_text(RULE)
    (folder / "broken.py").write_text(BROKEN)
    subprocess.run(
        [*JOBFERRY, "--data-dir", str(tmp_path / "data"), "init"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    both = os.pathsep.join((str(site), str(ROOT)))
    found, told = listed(tmp_path, PYTHONPATH=both)
    assert [(one["name"], one["version"]) for one in found] == [("acme-priority", "2.0"), ("priority", "0.3")]
    assert found[0]["source"] == "acme-rules 2.0, entry point priority"
    assert "no_such_module" in told
    assert listed(tmp_path, "--no-plugins", PYTHONPATH=both)[0] == []
    assert [one["name"] for one in listed(tmp_path)[0]] == ["priority"], "the distribution is gone"


@pytest.mark.long
async def test_somebody_elses_folder_of_our_name_shadows_nothing(tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "__init__.py").write_text("raise RuntimeError('not this one')")
    (tmp_path / "priority.py").write_text(textwrap.dedent(RULE))
    found = await load_catalog([Source("x", f"file:{tmp_path / 'priority.py'}")])
    await found.close()
    assert [one.name for one in found.available] == ["priority"]

"""What a rule prints reaches its author in a preview, and nothing that a program reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.sandbox.servicetrade.seed import FIRST_JOB_ID
from plugins.host import PluginHost
from plugins.printing import LONGEST_PRINT
from plugins.testkit import make_job, preview
from tests.support.browser_scene import somebody
from tests.support.cli_scene import Shell
from tests.support.http_scene import JOB, api
from tests.support.plugin_scene import plugins_in, write_plugin

TALKS = """
import sys

@hookimpl
def map_work_order(draft):
    print("the office is", draft.job.office)
    print("<b>careful</b>\\x1b[31m", file=sys.stderr)

@hookimpl
def validate_work_order(draft):
    print("checked")
"""
MUCH = """
@hookimpl
def map_work_order(draft):
    print("x" * 1_000_000)
"""
PREVIEW = f"/v1/tenants/cardinal/jobs/{JOB.id}/preview"


@pytest.mark.parametrize("trusted", [(), ("talks.py", "much.py")])
async def test_a_preview_shows_what_rules_printed_and_the_api_and_a_send_do_not(
    tmp_path: Path, trusted: tuple[str, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    async with (
        plugins_in(tmp_path, {"talks": TALKS, "much": MUCH}, trusted=trusted) as catalog,
        api(rules=PluginHost(catalog=catalog)) as scene,
    ):
        await scene.furnish()
        used = {"plugins": [{"name": "talks"}, {"name": "much"}]}
        path = "/v1/tenants/cardinal/connections/main"
        assert (await scene.call("PATCH", path, used, headers={"If-Match": "*"})).status == 200
        tenant = await scene.use_cases.find_tenant("cardinal")
        seen = await scene.use_cases.preview_send(tenant.id, "main", JOB.id)
        printed = {one.rule: one.text for one in seen.printed}
        assert printed["talks"].startswith("the office is None\n")
        assert printed["talks"].endswith("checked\n"), "what both hooks print for a plan stands together"
        assert printed["much"] == "x" * LONGEST_PRINT
        answer = await scene.call("POST", PREVIEW, {"connection": "main"})
        assert answer.status == 200
        assert "the office is" not in answer.text
        page = await (await somebody(scene)).open(f"/t/cardinal/jobs/{JOB.id}?connection=main")
        assert "Printed by the plugin talks, for its author" in page.text
        assert "the office is None" in page.text
        assert "&lt;b&gt;careful" in page.text or trusted, "a trusted plugin's stderr is the service's own"
        send_id = await scene.send()
        await scene.work()
        shown = await scene.call("GET", f"/v1/tenants/cardinal/sends/{send_id}")
        assert (shown.body["state"], "the office is" in shown.text) == ("sent", False)
    assert "the office is" not in capfd.readouterr().out


@pytest.mark.long
def test_the_command_shows_it_beside_the_plan_and_never_in_json(shell: Shell, tmp_path: Path) -> None:
    write_plugin(tmp_path, "talks", TALKS)
    folder = ("--plugins-dir", str(tmp_path))
    assert shell(*folder, "plugins", "use", "talks").code == 0
    seen = shell(*folder, "jobs", "preview", FIRST_JOB_ID)
    assert "Printed by the plugin talks: the office is" in seen.told
    assert "the office is" not in seen.out
    assert "\x1b" not in seen.told
    as_json = shell(*folder, "jobs", "preview", FIRST_JOB_ID, "--json")
    assert json.loads(as_json.out)["sendable"]
    assert "the office is" not in as_json.out
    assert shell("plugins", "drop", "talks").code == 0


def test_a_test_of_the_kit_sees_what_its_rule_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_plugin(tmp_path, "talks", TALKS)
    preview(tmp_path / "talks.py", make_job(office="West"))
    assert "the office is West\n" in capsys.readouterr().out

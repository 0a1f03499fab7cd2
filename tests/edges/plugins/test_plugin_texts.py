"""Texts of plugins: kept with each send and shown, so they are cut with a mark, or refused where a part of them would
mean something else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plugins.answer_limits import LONGEST_NAME, LONGEST_TEXT, LONGEST_VALUE, MOST_TEXT
from plugins.catalog import load_catalog
from plugins.discovery import sources
from plugins.host import PluginHost
from tests.support.http_scene import JOB, Scene, api
from tests.support.plugin_scene import HEAD, plugins_in

HUGE = 900_000
SHOWN = {
    "the reason of a field": (
        "def map_work_order(draft):\n    return HeaderPatch((FieldPatch('Priority_Code', '1', HUGE),))"
    ),
    "the reason of a number": "def work_order_number(draft):\n    return NumberPatch(draft.job.number, HUGE)",
    "the reason to send nothing": "def should_send(draft):\n    return DoNotSend(HUGE)",
    "a message": (
        "def validate_work_order(draft):\n    return [Finding(code='A', severity=Severity.INFO, message=HUGE)]"
    ),
    "a step of a fix": (
        "def validate_work_order(draft):\n"
        "    return [Finding(code='A', severity=Severity.INFO, message='m', cause='c', fix=(HUGE, 'z'))]"
    ),
}
REFUSED = {
    "a value": "def map_work_order(draft):\n    return HeaderPatch((FieldPatch('Summary_Description', HUGE, 'r'),))",
    "the name of a field": "def map_work_order(draft):\n    return HeaderPatch((FieldPatch(HUGE, '1', 'r'),))",
    "a number": "def work_order_number(draft):\n    return NumberPatch(HUGE, 'r')",
    "a source": "def work_order_number(draft):\n    return NumberPatch(draft.job.number, 'r', HUGE)",
    "a code": "def validate_work_order(draft):\n    return [Finding(code=HUGE, severity=Severity.INFO, message='m')]",
    "many messages": (
        "def validate_work_order(draft):\n"
        "    return [Finding(code='A', severity=Severity.INFO, message=f'{n} ' + 'x' * 900) for n in range(900)]"
    ),
}


async def preview(scene: Scene, name: str) -> str:
    path = "/v1/tenants/cardinal/connections/main"
    connection = await scene.call("GET", path)
    using = {"plugins": [{"name": name}]}
    saved = await scene.call("PATCH", path, using, headers={"If-Match": connection.headers["ETag"]})
    assert saved.status == 200, saved.text
    return (await scene.call("POST", f"/v1/tenants/cardinal/jobs/{JOB.id}/preview", {"connection": "main"})).text


async def previewed(folder: Path, body: str, *, trusted: bool) -> str:
    bodies = {"wordy": f"HUGE = 'x' * {HUGE}\n@hookimpl\n{body}\n"}
    async with (
        plugins_in(folder, bodies, trusted=["wordy.py"] if trusted else ()) as catalog,
        api(rules=PluginHost(catalog=catalog)) as scene,
    ):
        await scene.furnish()
        return await preview(scene, "wordy")


@pytest.mark.long
@pytest.mark.parametrize("trusted", [False, True])
@pytest.mark.parametrize("what", SHOWN)
async def test_a_text_for_people_is_cut_and_says_how_long_it_was(tmp_path: Path, what: str, trusted: bool) -> None:
    text = await previewed(tmp_path, SHOWN[what], trusted=trusted)
    assert len(text) < 20_000
    assert "x" * LONGEST_TEXT + f"… (cut: it had {HUGE} characters)" in text
    assert "PLUGIN_ERROR" not in text


@pytest.mark.long
@pytest.mark.parametrize("trusted", [False, True])
@pytest.mark.parametrize("what", REFUSED)
async def test_a_longer_value_name_or_answer_stops_the_send_and_says_why(
    tmp_path: Path, what: str, trusted: bool
) -> None:
    text = await previewed(tmp_path, REFUSED[what], trusted=trusted)
    assert len(text) < 20_000
    plan = json.loads(text)
    [found] = [one for one in plan["findings"] if one["code"] == "PLUGIN_ERROR"]
    assert (plan["sendable"], found["origin"]) == (False, "wordy")
    assert "characters" in found["message"]
    assert any(str(most) in found["message"] for most in (LONGEST_NAME, LONGEST_VALUE, MOST_TEXT))


async def test_what_a_work_order_needs_is_neither_cut_nor_refused(tmp_path: Path) -> None:
    """A job's whole text goes to the length policy, which cuts it where the connection allows that."""
    body = (
        f"def map_work_order(draft):\n    text = 'w' * {LONGEST_VALUE}\n"
        f"    return HeaderPatch((FieldPatch('Summary_Description', text, 'r' * {LONGEST_TEXT}),))"
    )
    plan = json.loads(await previewed(tmp_path, body, trusted=False))
    codes = {one["code"] for one in plan["findings"]}
    assert "DESCRIPTION_TOO_LONG" in codes
    assert "PLUGIN_ERROR" not in codes
    assert "cut: it had" not in json.dumps(plan, ensure_ascii=False)


@pytest.mark.parametrize("info", ['"wordy", "1" * 61, "s"', '"wordy", "1", "s" * 900_000'])
async def test_a_version_that_would_be_stored_with_each_value_is_short(tmp_path: Path, info: str) -> None:
    head = HEAD.replace('{name!r}, "1.2", "For a test."', info)
    (tmp_path / "wordy.py").write_text(head)
    catalog = await load_catalog(sources(tmp_path))
    try:
        assert [("too long" in one.message, len(one.message) < 200) for one in catalog.problems] == [(True, True)]
    finally:
        await catalog.close()

"""A rule that answers differently each time, and a worker that dies at any moment: what stands in Spectrum is the plan
that was stored, header and lines, since nobody is asked again once a write has begun."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from secrets import token_hex

import pytest

from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.settings import PluginUse
from core.model.planning.draft import Draft, FieldPatch, HeaderPatch, LineDraft, LinePatch
from core.model.sending.send import Send, SendState
from core.model.work_orders.cost_line import CODES, ItemsMode
from plugins.hookspecs import PluginInfo, hookimpl
from tests.faults.support.worker_harness import WorkerHarness, open_harness

pytestmark = pytest.mark.long

EVERY = 1 if os.environ.get("FAULTS") == "full" else 2
"""Each moment, or each second one."""
MOST_MOMENTS = 120


class Moody:
    """Never the same twice, in no process."""

    @hookimpl
    def plugin_info(self) -> PluginInfo:
        return PluginInfo("moody", "1", "Changes its mind.")

    @hookimpl
    def map_work_order(self, draft: Draft) -> HeaderPatch:
        return HeaderPatch((FieldPatch("Taken_By", token_hex(1), "how it felt"),))

    @hookimpl
    def map_line(self, draft: LineDraft) -> LinePatch:
        return LinePatch(fields=(FieldPatch("Phase_Code", token_hex(8), "how it felt"),))


@pytest.fixture
async def moody_yard(database_url: str, tmp_path: Path) -> AsyncIterator[WorkerHarness]:
    async with open_harness(database_url, tmp_path, plugins=(Moody(),)) as harness:

        def use(before: Connection, secrets: ConnectionSecrets) -> tuple[Connection, ConnectionSecrets]:
            return before.using((PluginUse("moody"),)), secrets

        await harness.use_cases.change_connection(harness.tenant_id, "main", use, version=None, by="test")
        yield harness


def taken_by(harness: WorkerHarness) -> str | None:
    """What stands in Spectrum of the job that was added last, None for nothing."""
    found = harness.spectrum.state.companies["101"].work_orders.get(harness.number)
    return found.fields["Taken_By"] if found else None


def phases(harness: WorkerHarness) -> dict[str, str]:
    """The lines of the job that was added last, by their code."""
    kept = harness.spectrum.state.companies["101"]
    lines = [row.fields for row in (*kept.material, *kept.charges) if row.fields["WO_Number"] == harness.number]
    return {fields.get("Item_Code") or fields["Other_Cost_Item"]: fields["Phase_Code"] for fields in lines}


async def assert_sent_as_stored(harness: WorkerHarness, send: Send) -> None:
    details = await harness.use_cases.show_send(harness.tenant_id, send.id)
    assert details.send.state is SendState.SENT
    plan = details.send.plan
    assert plan is not None
    assert plan.values["Taken_By"] == taken_by(harness)
    planned = {line.code: {value.field: value.value for value in line.values}["Phase_Code"] for line in plan.lines}
    assert planned == {line.code: line.fields["Phase_Code"] for line in details.lines} == phases(harness)
    assert all(line.fields[CODES[line.kind]] == line.code for line in details.lines)
    [used] = [rule for rule in plan.rules if rule.name == "moody"]
    assert used.version == "1"


async def test_what_is_sent_equals_the_stored_plan_whenever_the_worker_dies(moody_yard: WorkerHarness) -> None:
    harness, written_before = moody_yard, 0
    for dies_at in range(1, MOST_MOMENTS, EVERY):
        send = await harness.request(harness.add_job_with_items(), items=ItemsMode.NEW_ONLY)
        killed = await harness.crash(dies_at)
        before, lines_before = taken_by(harness), phases(harness)
        await harness.settle_and_finish()
        await assert_sent_as_stored(harness, send)
        if before is not None and killed:
            written_before += 1
            assert taken_by(harness) == before, "the rule was not asked again"
            assert lines_before.items() <= phases(harness).items()
        if not killed:
            break
    else:
        pytest.fail("the send never came to its end")
    assert written_before >= 5, "workers died after a write, too"

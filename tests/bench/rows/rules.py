"""What rules cost: a preview with ten plugins, in processes of their own or trusted, beside one without plugins."""

from __future__ import annotations

import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

from adapters.bootstrap.runtime import Runtime
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.settings import PluginUse
from tests.bench.installation import Place, add_tenants, installation
from tests.bench.row import Row, Sides, added
from tests.bench.rows.preview import preview
from tests.bench.sandboxes import sandboxes

PREVIEWS = 100
RULES = 10
FIELDS = (
    "Zone",
    "Priority_Code",
    "WO_Case_Type",
    "Price_Type",
    "Sales_Person",
    "Taken_By",
    "Cost_Center",
    "Billto_Code",
    "GL_Department",
    "Bill_Contract",
)
RULE = """
from core.model.planning.draft import FieldPatch, HeaderPatch
from plugins.hookspecs import PluginInfo, hookimpl

@hookimpl
def plugin_info():
    return PluginInfo({name!r}, "1", "For the benchmark.")

@hookimpl
def map_work_order(draft):
    return HeaderPatch((FieldPatch({field!r}, (draft.job.number or "")[:1], "the first digit of the job"),))
"""
KINDS = {"in their own processes": "own", "trusted": "near"}


@asynccontextmanager
async def opened(_: int) -> AsyncIterator[dict[str, Sides]]:
    async with AsyncExitStack() as stack:
        bench = stack.enter_context(sandboxes(1))
        rules = write_rules(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        trusted = [f"near_{number}.py" for number in range(RULES)]
        runtime, _settings = await stack.enter_async_context(installation(plugins_dir=rules, trusted_plugins=trusted))
        plain, *others = await add_tenants(runtime, bench.systems, 1, 1 + len(KINDS))
        for place, prefix in zip(others, KINDS.values(), strict=True):
            await use(runtime, place, prefix)
        [job_id] = bench.job_ids
        floor = partial(milliseconds, runtime, plain, job_id)
        yield {
            kind: Sides(floor, partial(milliseconds, runtime, place, job_id))
            for kind, place in zip(KINDS, others, strict=True)
        }


def write_rules(folder: Path) -> Path:
    folder.chmod(0o755)
    for prefix in KINDS.values():
        for number in range(RULES):
            name = f"{prefix}_{number}"
            (folder / f"{name}.py").write_text(RULE.format(name=name, field=FIELDS[number]))
    return folder


async def use(runtime: Runtime, place: Place, prefix: str) -> None:
    uses = tuple(PluginUse(f"{prefix}_{number}") for number in range(RULES))

    def edit(before: Connection, secrets: ConnectionSecrets) -> tuple[Connection, ConnectionSecrets]:
        return before.using(uses), secrets

    await runtime.use_cases.change_connection(place.tenant_id, place.slug, edit, version=None, by="bench")


async def milliseconds(runtime: Runtime, place: Place, job_id: str) -> float:
    """A preview's time, of so many one after the other."""
    started = time.perf_counter()
    for _ in range(PREVIEWS):
        await preview(runtime, place, job_id)
    return (time.perf_counter() - started) / PREVIEWS * 1000


TEN_RULES = Row(
    name="rules",
    what="what ten plugins add to a preview",
    floor="the same preview without plugins",
    unit="ms",
    open=opened,
    compare=added,
    goal=20,
    at_most=True,
    shown="{:.1f} ms",
)
ROWS = (TEN_RULES,)

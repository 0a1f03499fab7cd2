"""What rules cost: the same preview without plugins, with ten in processes of their own, and with ten that are trusted.
All three in turn, in one run, on a real PostgreSQL and a ServiceTrade on a socket; the figures to keep are the ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from rich.console import Console
from rich.table import Table

from adapters.bootstrap.commands.init import initialise
from adapters.bootstrap.log import configure_log
from adapters.bootstrap.runtime import Runtime, open_runtime
from adapters.bootstrap.settings import load_settings
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.settings import PluginUse
from tests.bench.sandboxes import SYSTEMS, sandboxes
from tests.bench.send_bench import furnished

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
KINDS = {"no plugins": "", "ten in their own processes": "own", "ten trusted": "near"}


async def main(previews: int, rounds: int) -> None:
    configure_log("error")
    async with AsyncExitStack() as stack:
        bench = stack.enter_context(sandboxes(1))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        settings = load_settings(
            {
                "data_dir": folder / "data",
                "allowed_networks": ["127.0.0.0/8"],
                "plugins_dir": write_rules(folder),
                "trusted_plugins": [f"near_{number}" for number in range(RULES)],
            }
        )
        await initialise(settings)
        runtime = await stack.enter_async_context(open_runtime(settings))
        tenant_id = await stack.enter_async_context(furnished(runtime, bench.systems))
        slugs = dict(zip(KINDS, (system.replace("_", "-") for system in SYSTEMS), strict=False))
        for kind, prefix in KINDS.items():
            await use(runtime, tenant_id, slugs[kind], prefix)
        taken: dict[str, list[float]] = {kind: [] for kind in KINDS}
        for number in range(rounds + 1):
            for kind in KINDS:
                seconds = await time_previews(runtime, tenant_id, slugs[kind], bench.job_ids[0], previews)
                if number:  # the first is to warm up
                    taken[kind].append(seconds)
        report(previews, taken)


def write_rules(folder: Path) -> Path:
    rules = folder / "rules"
    rules.mkdir()
    for prefix in filter(None, KINDS.values()):
        for number in range(RULES):
            name = f"{prefix}_{number}"
            (rules / f"{name}.py").write_text(RULE.format(name=name, field=FIELDS[number]))
    return rules


async def use(runtime: Runtime, tenant_id: str, slug: str, prefix: str) -> None:
    uses = tuple(PluginUse(f"{prefix}_{number}") for number in range(RULES)) if prefix else ()

    def edit(before: Connection, secrets: ConnectionSecrets) -> tuple[Connection, ConnectionSecrets]:
        return before.using(uses), secrets

    await runtime.use_cases.change_connection(tenant_id, slug, edit, version=None, by="bench")


async def time_previews(runtime: Runtime, tenant_id: str, slug: str, job_id: str, previews: int) -> float:
    """Seconds for one, of so many one after the other."""
    started = time.perf_counter()
    for _ in range(previews):
        preview = await runtime.use_cases.preview_send(tenant_id, slug, job_id)
        if not preview.plan.sendable:
            raise RuntimeError(f"a preview of the benchmark is blocked: {preview.plan.blockers}")
    return (time.perf_counter() - started) / previews


def report(previews: int, taken: dict[str, list[float]]) -> None:
    rounds = len(taken["no plugins"])
    table = Table(title=f"{previews} previews one after the other, median of {rounds} rounds")
    for heading in ("a preview with", "milliseconds", "beside none", "a rule"):
        table.add_column(heading, justify="left" if heading == "a preview with" else "right")
    plain = taken["no plugins"]
    for kind, seconds in taken.items():
        ratio = statistics.median(mine / bare for mine, bare in zip(seconds, plain, strict=True))
        each = (statistics.median(seconds) - statistics.median(plain)) / RULES
        table.add_row(
            kind, f"{statistics.median(seconds) * 1000:.2f}", f"{ratio:.2f}", f"{each * 1000:.3f} ms" if each else ""
        )
    Console().print(table)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--previews", type=int, default=200, help="previews a round (default 200)")
    arguments.add_argument("--rounds", type=int, default=5, help="counted rounds (default 5)")
    given = arguments.parse_args()
    asyncio.run(main(given.previews, given.rounds))

"""Previews and sends for tests: the real planning and the real steps, with ServiceTrade and Spectrum in memory."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from core.model.connections.connection import Connection
from core.model.connections.settings import PluginUse
from core.model.planning.fold import view_of
from core.model.planning.job import JobSnapshot
from core.model.plugins.notification import WorkOrderQuery
from core.model.shared.finding import Finding
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.item import JobItem
from core.model.work_orders.stored_line import StoredLine
from plugins import discovery
from plugins.answer_limits import WrongAnswer
from plugins.catalog import Catalog
from plugins.examine import Unusable
from plugins.host import PluginHost
from plugins.in_process import InProcess
from plugins.plugin import Broke, Budget, Plugin, TookTooLong
from plugins.testkit.in_memory_app import InMemoryApp
from plugins.testkit.results import Preview, Sent
from plugins.testkit.samples import Sample, make_connection
from ports.rules import Rule

Rules = Path | str | ModuleType | object
"""One plugin: its file, the name of a built-in plugin, or the module or object itself."""


class RuleFailed(AssertionError):
    """The plugin failed in a way that would stop every send of its connection. The cause says how."""


def preview(
    plugin: Rules | Sequence[Rules],
    job: JobSnapshot | Sample,
    items: Sequence[JobItem] = (),
    *,
    config: Mapping[str, Any] | None = None,
    hooks: Mapping[str, bool] | None = None,
    connection: Connection | None = None,
) -> Preview:
    """Return what a send of this job would write, on a connection that uses the plugin with this configuration.

    With items, the job counts as completed and all items are chosen. Raises RuleFailed, with the rule's error as its
    cause, and ValueError for a configuration that a connection could not save.
    """
    return asyncio.run(_preview(plugin, job, items, config, hooks, connection))


def send(
    plugin: Rules | Sequence[Rules],
    job: JobSnapshot | Sample,
    items: Sequence[JobItem] = (),
    *,
    config: Mapping[str, Any] | None = None,
    hooks: Mapping[str, bool] | None = None,
    connection: Connection | None = None,
    refusal: str | None = None,
) -> Sent:
    """Run the whole send, with its events, into a Spectrum in memory. With `refusal`, Spectrum refuses the work order
    with this text. Raises the same errors as `preview`."""
    return asyncio.run(_send(plugin, job, items, config, hooks, connection, refusal))


def posted_lines(
    plugin: Rules, number: str, *, config: Mapping[str, Any] | None = None, connection: Connection | None = None
) -> Sequence[StoredLine] | None:
    """Return what the plugin's `posted_lines` answers for this work order number; None if it cannot tell. Raises the
    same errors as `preview`, also where a real doubt would count the failure as None."""
    return asyncio.run(_posted_lines(plugin, number, config, connection))


async def _posted_lines(plugin: Any, number: str, config: Any, connection: Any) -> Sequence[StoredLine] | None:
    host, used = await _host(plugin, config, None, connection)
    query = WorkOrderQuery(connection=view_of(used), work_order_number=number)
    *_, rule = host.chain(used, "posted_lines") or (None,)
    if rule is None or rule.name != used.plugins[-1].name:
        raise RuleFailed("The plugin has no posted_lines.")
    answer = await host.posted_lines(rule, query)
    if isinstance(answer, Finding):
        raise RuleFailed(answer.message)
    return answer


async def _preview(plugin: Any, job: Any, items: Any, config: Any, hooks: Any, connection: Any) -> Preview:
    bench = await _bench(plugin, config, hooks, connection)
    job, items = _parts(job, items)
    return Preview(await bench.plan(job, items, ItemsMode.NEW_ONLY if items else ItemsMode.NONE))


async def _send(plugin: Any, job: Any, items: Any, config: Any, hooks: Any, connection: Any, refusal: Any) -> Sent:
    bench = await _bench(plugin, config, hooks, connection)
    job, items = _parts(job, items)
    return await bench.send(job, items, ItemsMode.NEW_ONLY if items else ItemsMode.NONE, refusal)


def _parts(job: JobSnapshot | Sample, items: Sequence[JobItem]) -> tuple[JobSnapshot, Sequence[JobItem]]:
    return (job.job, items or job.items) if isinstance(job, Sample) else (job, items)


async def _bench(
    plugins: Any, config: Mapping[str, Any] | None, hooks: Mapping[str, bool] | None, connection: Connection | None
) -> InMemoryApp:
    return await InMemoryApp.set_up(*await _host(plugins, config, hooks, connection))


async def _host(
    plugins: Any, config: Mapping[str, Any] | None, hooks: Mapping[str, bool] | None, connection: Connection | None
) -> tuple[PluginHost, Connection]:
    """The host with these plugins, and a connection that uses them. `config` and `hooks` apply to the first plugin."""
    many = list(plugins) if isinstance(plugins, list | tuple) else [plugins]
    names, found = [], []
    for one in many:
        if isinstance(one, str):
            names.append(one)
        else:
            found.append(made := _loaded(one))
            names.append(made.name)
    uses = [PluginUse(name) for name in names]
    if uses:
        uses[0] = PluginUse(names[0], dict(config or {}), dict(hooks or {}))
    host = LoudHost(catalog=Catalog(tuple(found)))
    known = {card.name for card in host.installed()}
    for use in uses:
        if use.name not in known:
            raise ValueError(f"There is no plugin {use.name}; the built-in plugins are {', '.join(sorted(known))}.")
        if errors := await host.check_config(use.name, use.config):
            said = "; ".join(f"{error.pointer or '/'}: {error.detail}" for error in errors)
            raise ValueError(f"The configuration of {use.name} could not be saved: {said}")
    return host, (connection or make_connection()).using((*(connection.plugins if connection else ()), *uses))


def _loaded(plugin: Any) -> Plugin:
    try:
        if isinstance(plugin, Path):
            return InProcess(discovery.load(f"file:{plugin}"), str(plugin))
        return InProcess(plugin, "the test")
    except Unusable as error:
        raise RuleFailed(f"{error.message} {error.fix}") from error


class LoudHost(PluginHost):
    """Raises a rule's failure, so that a test sees its cause."""

    async def _asked(self, hook: str, rule: Rule, **arguments: object) -> Any:
        plugin = self._plugins.get(rule.name)
        if plugin is None:
            raise RuleFailed(f"There is no plugin {rule.name}.")
        budget = Budget()
        try:
            return await plugin.ask(hook, budget, **arguments)
        except TookTooLong as error:
            raise RuleFailed(f"{rule.name} took too long in {hook}.") from error
        except (Broke, WrongAnswer) as error:
            raise RuleFailed(f"{rule.name} failed in {hook}: it {error}.") from error
        finally:
            sys.stdout.write(budget.printed)  # so that pytest shows it

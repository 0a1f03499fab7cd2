"""The plugins of this installation: each is looked at once, in a process of its own. A broken one is told, and keeps
nobody from starting; of two with one name neither is used, since nobody could say which one a connection means."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import structlog

from core.model.plugin import PluginCard, PluginProblem
from plugins.child import ChildPlugin, Unusable
from plugins.discovery import Source
from plugins.examine import Described

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Available:
    """A plugin that a connection may opt into."""

    described: Described
    process: ChildPlugin

    @property
    def name(self) -> str:
        return self.described.info.name

    @property
    def card(self) -> PluginCard:
        told = self.described
        return PluginCard(
            self.name, told.info.version, told.info.summary, self.process.source.label, told.hooks, told.schema
        )


@dataclass(frozen=True, slots=True)
class Catalog:
    """By name."""

    available: Sequence[Available] = ()
    problems: Sequence[PluginProblem] = ()

    async def close(self) -> None:
        await asyncio.gather(*(one.process.close() for one in self.available))


async def look_around(sources: Iterable[Source], *, taken: Sequence[str] = ()) -> Catalog:
    """Load each source once. `taken` are names that are ours. Never raises for what a plugin does."""
    looked = await asyncio.gather(*(_look_at(source) for source in sources))
    found = [one for one in looked if isinstance(one, Available)]
    problems = [one for one in looked if isinstance(one, PluginProblem)]
    usable = []
    for one in sorted(found, key=lambda plugin: plugin.name):
        others = [other.process.source.label for other in found if other.name == one.name and other is not one]
        others += ["Jobferry itself"] if one.name in taken else []
        if others:
            message = f"It is called {one.name}, and so is what comes from {' and '.join(others)}."
            fix = "Give one of them another name in its plugin_info."
            problems.append(PluginProblem(one.process.source.label, message, fix))
            await one.process.close()
        else:
            usable.append(one)
    for problem in problems:
        _log.warning("plugin.not_usable", source=problem.source, reason=problem.message, fix=problem.fix)
    return Catalog(tuple(usable), tuple(problems))


async def _look_at(source: Source) -> Available | PluginProblem:
    process = ChildPlugin(source)
    try:
        return Available(await process.describe(), process)
    except Unusable as error:
        return PluginProblem(source.label, error.message, error.fix)

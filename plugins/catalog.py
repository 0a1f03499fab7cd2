"""The plugins of this installation: each is looked at once, in a process of its own. A broken one is told, and keeps
nobody from starting; of two with one name neither is used, since nobody could say which one a connection means."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import structlog

from core.model.plugins.plugin import PluginProblem
from plugins import discovery
from plugins.child import ChildPlugin
from plugins.discovery import Source
from plugins.in_process import InProcess
from plugins.plugin import Plugin, Unusable

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Catalog:
    """What a connection may opt into, by name, and what cannot be used."""

    available: Sequence[Plugin] = ()
    problems: Sequence[PluginProblem] = ()

    async def close(self) -> None:
        await asyncio.gather(*(one.close() for one in self.available))


async def load_catalog(
    sources: Iterable[Source], *, taken: Collection[str] = (), trusted: Collection[str] = ()
) -> Catalog:
    """Load each source once. `taken` are names that are ours; a plugin that is `trusted` by its name then runs in this
    process. Never raises for what a plugin does in a process of its own."""
    looked = await asyncio.gather(*(_look_at(source) for source in sources))
    found = [one for one in looked if isinstance(one, ChildPlugin)]
    problems = [one for one in looked if isinstance(one, PluginProblem)]
    usable: list[Plugin] = []
    for one in sorted(found, key=lambda plugin: plugin.name):
        others = [other.source for other in found if other.name == one.name and other is not one]
        others += ["Jobferry itself"] if one.name in taken else []
        if others:
            message = f"It is called {one.name}, and so is what comes from {' and '.join(others)}."
            problems.append(PluginProblem(one.source, message, "Give one of them another name in its plugin_info."))
            await one.close()
        elif one.name in trusted:
            await one.close()
            taken_in = _take_in(one.origin)
            if isinstance(taken_in, InProcess):
                usable.append(taken_in)
            else:
                problems.append(taken_in)
        else:
            usable.append(one)
    for missing in sorted(set(trusted) - {one.name for one in found}):
        fix = "Take the name out of trusted_plugins, or install the plugin."
        problems.append(PluginProblem("trusted_plugins", f"There is no plugin {missing} here.", fix))
    for problem in problems:
        _log.warning("plugin.not_usable", source=problem.source, reason=problem.message, fix=problem.fix)
    return Catalog(tuple(usable), tuple(problems))


async def _look_at(source: Source) -> ChildPlugin | PluginProblem:
    plugin = ChildPlugin(source)
    try:
        await plugin.describe()
    except Unusable as error:
        return PluginProblem(source.label, error.message, error.fix)
    return plugin


def _take_in(source: Source) -> InProcess | PluginProblem:
    """It loaded in a process of its own, so it may be loaded here."""
    try:
        return InProcess(discovery.load(source.load), f"{source.label} (trusted: in Jobferry's own process)")
    except Unusable as error:
        return PluginProblem(source.label, error.message, error.fix)
    except Exception as error:
        message = f"It cannot be loaded: {type(error).__name__}: {error}"
        return PluginProblem(source.label, message[:500], "Run it by itself in Python.")

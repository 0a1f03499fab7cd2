"""The plugins of this installation. Each is examined once, in its own process. A broken plugin is reported and does not
stop the start. If two plugins have the same name, neither is used: a connection could mean either."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from core.model.plugins.plugin import PluginProblem
from plugins import discovery
from plugins.answer_limits import LONGEST_ERROR, shortened
from plugins.child import ChildPlugin
from plugins.discovery import Source, trust_name
from plugins.examine import Unusable
from plugins.in_process import InProcess
from plugins.plugin import Plugin

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Catalog:
    """The plugins that a connection may use, and the problems of those that cannot be used."""

    available: Sequence[Plugin] = ()
    problems: Sequence[PluginProblem] = ()

    async def close(self) -> None:
        await asyncio.gather(*(one.close() for one in self.available))


async def load_catalog(
    sources: Iterable[Source],
    *,
    taken: Collection[str] = (),
    trusted: Collection[str] = (),
    hidden: Collection[Path] = (),
) -> Catalog:
    """Load each source once. `taken` are the names of Jobferry's own plugins. A plugin whose file or distribution is in
    `trusted` then runs in this process; the others cannot open the files and folders in `hidden`, where the system
    allows that. Never raises for the failure of a plugin in its own process."""
    sources, trusts = list(sources), {trust_name(one): one for one in trusted if one}
    looked = await asyncio.gather(*(_look_at(source, hidden) for source in sources))
    found = [one for one in looked if isinstance(one, ChildPlugin)]
    problems = [one for one in looked if isinstance(one, PluginProblem)]
    usable: list[Plugin] = []
    for one in sorted(found, key=lambda plugin: plugin.name):
        others = [other.source for other in found if other.name == one.name and other is not one]
        others += ["Jobferry itself"] if one.name in taken else []
        if others:
            message = f"Its name {one.name} is also the name of a plugin from {' and '.join(others)}."
            problems.append(PluginProblem(one.source, message, "Give one of them another name in its plugin_info."))
            await one.close()
        elif one.origin.known_as in trusts:
            await one.close()
            taken_in = _take_in(one.origin)
            if isinstance(taken_in, InProcess):
                usable.append(taken_in)
            else:
                problems.append(taken_in)
        else:
            usable.append(one)
    unknown = set(trusts) - {one.known_as for one in sources}
    problems += [_not_there(trusts[one], found) for one in sorted(unknown)]
    for problem in problems:
        _log.warning("plugin.not_usable", source=problem.source, reason=problem.message, fix=problem.fix)
    for missing in sorted({text for one in usable for text in one.described.missing}):
        _log.warning("plugin.not_shut_in", reason=missing)
    return Catalog(tuple(usable), tuple(problems))


async def _look_at(source: Source, hidden: Collection[Path]) -> ChildPlugin | PluginProblem:
    plugin = ChildPlugin(source, hidden)
    try:
        await plugin.describe()
    except Unusable as error:
        return PluginProblem(source.label, error.message, error.fix)
    return plugin


def _not_there(written: str, found: Sequence[ChildPlugin]) -> PluginProblem:
    message = f"There is no plugin file and no distribution {written} here, so nothing is trusted by this name."
    named = [one.origin for one in found if one.name == written and one.origin.known_as]
    fix = f"Write {named[0].known_as}, where the plugin {written} comes from." if named else "Correct or remove it."
    return PluginProblem("trusted_plugins", message, fix)


def _take_in(source: Source) -> InProcess | PluginProblem:
    """Load the plugin in this process. It has already loaded in its own process."""
    try:
        return InProcess(discovery.load(source.load), f"{source.label} (trusted: in Jobferry's own process)")
    except Unusable as error:
        return PluginProblem(source.label, error.message, error.fix)
    except Exception as error:
        message = f"It cannot be loaded: {type(error).__name__}: {error}"
        return PluginProblem(source.label, shortened(message, LONGEST_ERROR), "Run it by itself in Python.")

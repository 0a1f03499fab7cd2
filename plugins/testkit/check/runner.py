"""All checks of one plugin, in order: it loads, it stands on its own feet, its rules keep to what they may."""

from __future__ import annotations

import ast
import asyncio
import importlib.util
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.model.sending.answer import CheckState, CheckStep
from core.model.shared.errors import OperatorMends
from plugins.built_in import NAMES
from plugins.catalog import load_catalog
from plugins.child import environment
from plugins.discovery import Source
from plugins.plugin import ANSWER_SECONDS, Plugin
from plugins.testkit.check.source import private_imports, reaches_out, shadows

_PROBE_SECONDS = 60.0


async def check_plugin(source: Source, config: Mapping[str, Any]) -> list[CheckStep]:
    """What was found, one step a check, each fault with its fix. `config` is what a connection would save.

    Raises OperatorMends where the packages for authors are not installed.
    """
    if importlib.util.find_spec("hypothesis") is None:
        raise OperatorMends(
            "The checks need the packages for authors.",
            code="AUTHORS_EXTRA_MISSING",
            fix="Install them: pip install 'jobferry[authors]'.",
        )
    return [step async for step in _steps(source, config)]


async def _steps(source: Source, config: Mapping[str, Any]) -> AsyncIterator[CheckStep]:
    catalog = await load_catalog([source], taken=NAMES)
    try:
        for problem in catalog.problems:
            yield _failed("loads", problem.message, problem.fix)
        for plugin in catalog.available:
            told = plugin.described
            yield CheckStep("loads", CheckState.OK, f"{told.info.name} {told.info.version}: {', '.join(told.hooks)}")
            for note in told.notes:
                yield _failed("deprecation", note, "Bring it up to date before the next version of the hooks.")
        for step in _source_steps(source):
            yield step
        for plugin in catalog.available:
            async for step in _tried(plugin, source, config):
                yield step
    finally:
        await catalog.close()


async def _tried(plugin: Plugin, source: Source, config: Mapping[str, Any]) -> AsyncIterator[CheckStep]:
    errors = await plugin.check_config(config)
    if errors:
        said = "; ".join(f"{error.pointer or '/'}: {error.detail}" for error in errors)
        yield _failed("configuration", said, "Give one that fits, to try the rules with: --config JSON.")
        return
    yield CheckStep("configuration", CheckState.OK, "fits its model" if plugin.described.schema else "it takes none")
    async for step in _probed(source, config):
        yield step


def _source_steps(source: Source) -> Iterator[CheckStep]:
    file = _file_of(source)
    if file is None:
        return
    for path in shadows(file):
        message = f"{path} has the name of a package of Jobferry's and would be taken for it, or it for yours."
        yield _failed("names", message, "Give it another name.")
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, OSError):
        return  # said by loading it
    private = list(private_imports(tree))
    if private:
        fix = "Import from plugins.hookspecs and, in tests, from plugins.testkit: their names stay."
        yield _failed("imports", f"Not for plugins, and may change: {'; '.join(private)}.", fix)
    else:
        yield CheckStep("imports", CheckState.OK, "nothing of Jobferry's that is not for plugins")
    outside = list(dict.fromkeys(reaches_out(tree)))
    if outside:
        fix = "A rule decides by what it is given, so that a plan can be made twice. Put it into an event, or leave it."
        yield _failed("purity", f"Rules use what is not in their draft: {'; '.join(outside)}.", fix)
    else:
        yield CheckStep("purity", CheckState.OK, "no clock, chance, file or network in the rules, as read")


async def _probed(source: Source, config: Mapping[str, Any]) -> AsyncIterator[CheckStep]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "plugins.testkit.check.property_checks",
        source.load,
        json.dumps(dict(config)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment(),
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            out, _ = await process.communicate()
    except TimeoutError:
        most, one = f"{_PROBE_SECONDS:.0f} s", f"{ANSWER_SECONDS:.0f} s"
        message = f"The rules did not come back within {most}; each answer may take {one}."
        yield _failed("time", message, "Look for a loop that does not end, or for something that waits.")
        return
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    try:
        results = json.loads(out.splitlines()[-1])
    except (ValueError, IndexError):
        yield _failed("rules", "The process ended while its rules were tried.", "Run a rule by itself in Python.")
        return
    for name, ok, words in results:
        if ok:
            yield CheckStep(name, CheckState.OK, words)
        else:
            yield _failed(name, words, "Mend the rule; the case makes a good test.")


def _file_of(source: Source) -> Path | None:
    kind, _, what = source.load.partition(":")
    if kind == "file":
        return Path(what)
    with suppress(ImportError, ValueError):
        spec = importlib.util.find_spec(what.partition(":")[0])
        if spec and spec.origin and spec.origin.endswith(".py"):
            return Path(spec.origin)
    return None


def _failed(name: str, message: str, fix: str) -> CheckStep:
    return CheckStep(name, CheckState.FAILED, message, "PLUGIN_ERROR", (fix,))

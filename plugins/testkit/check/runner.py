"""All checks of one plugin, in order: loading, configuration, imports, and the behaviour of its rules."""

from __future__ import annotations

import ast
import asyncio
import importlib.util
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.machinery import PathFinder
from itertools import accumulate
from pathlib import Path
from typing import Any

from core.model.shared.check_step import CheckState, CheckStep
from core.model.shared.errors import OperatorMends
from plugins.built_in import NAMES
from plugins.catalog import load_catalog
from plugins.child import environment
from plugins.discovery import Source
from plugins.plugin import ANSWER_SECONDS, Plugin
from plugins.testkit.check.same_answers import differing
from plugins.testkit.check.source import private_imports, reaches_out, shadows, uses_float

_PROBE_SECONDS = 60.0
_LONGEST_LINE = 1_000_000
_DECIMAL = "Quantities and costs are Decimal. Compute with these alone: item.cost * Decimal('1.1')."


async def check_plugin(
    source: Source, config: Mapping[str, Any], samples: Sequence[Path] = (), *, hidden: Collection[Path] = ()
) -> list[CheckStep]:
    """Return one step for each check, with a fix for each fault. `config` is the configuration of a connection. The
    sample jobs are those beside the plugin and the files `samples`. The plugin runs in processes of its own, which
    cannot open what is in `hidden`, files or folders, where the system allows that.

    Raises OperatorMends if the packages for authors are not installed.
    """
    if importlib.util.find_spec("hypothesis") is None:
        raise OperatorMends(
            "The checks need the packages for authors.",
            code="AUTHORS_EXTRA_MISSING",
            fix="Install them: pip install 'jobferry[authors]'.",
        )
    return [step async for step in _steps(source, config, samples, hidden)]


async def _steps(
    source: Source, config: Mapping[str, Any], samples: Sequence[Path], hidden: Collection[Path]
) -> AsyncIterator[CheckStep]:
    catalog = await load_catalog([source], taken=NAMES, hidden=hidden)
    try:
        for problem in catalog.problems:
            yield _failed("loads", problem.message, problem.fix)
        for plugin in catalog.available:
            told = plugin.described
            yield CheckStep("loads", CheckState.OK, f"{told.info.name} {told.info.version}: {', '.join(told.hooks)}")
            for missing in told.missing:
                yield CheckStep("walls", CheckState.OK, missing)
            for note in told.notes:
                yield _failed("deprecation", note, "Update it before the next version of the hooks.")
        for step in _source_steps(source):
            yield step
        for plugin in catalog.available:
            async for step in _tried(plugin, source, config, samples, hidden):
                yield step
    finally:
        await catalog.close()


async def _tried(
    plugin: Plugin, source: Source, config: Mapping[str, Any], samples: Sequence[Path], hidden: Collection[Path]
) -> AsyncIterator[CheckStep]:
    errors = await plugin.check_config(config)
    if errors:
        said = "; ".join(f"{error.pointer or '/'}: {error.detail}" for error in errors)
        yield _failed("configuration", said, "Give a configuration that fits: --config JSON.")
        return
    yield CheckStep("configuration", CheckState.OK, "fits its model" if plugin.described.schema else "none needed")
    async for step in _probed(source, config, samples, hidden):
        yield step


def _source_steps(source: Source) -> Iterator[CheckStep]:
    file = _file_of(source)
    if file is None:
        return
    for path in shadows(file):
        message = f"{path} has the same name as a package of Jobferry, so Python may import the wrong one."
        yield _failed("names", message, "Give it another name.")
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, OSError):
        return  # the check "loads" reports it
    private = list(private_imports(tree))
    if private:
        fix = "Import from jobferry.plugins and, in tests, from jobferry.testkit. Their names stay."
        yield _failed("imports", f"Not for plugins, and may change: {'; '.join(private)}.", fix)
    else:
        yield CheckStep("imports", CheckState.OK, "no private modules of Jobferry")
    outside = list(dict.fromkeys(reaches_out(tree)))
    if outside:
        fix = (
            "A rule may use only its arguments, so that a plan can be repeated. Make it a setting (config_model), "
            "move it to an event, or remove it."
        )
        yield _failed("purity", f"Rules use what is not in their draft: {'; '.join(outside)}.", fix)
    else:
        yield CheckStep("purity", CheckState.OK, "no clock, chance, file or network in the source of the rules")
    if floats := list(dict.fromkeys(uses_float(tree))):
        message = f"float is not exact, so an amount could be wrong by a cent: {'; '.join(floats)}."
        yield _failed("figures", message, _DECIMAL)


async def _probed(
    source: Source, config: Mapping[str, Any], samples: Sequence[Path], hidden: Collection[Path]
) -> AsyncIterator[CheckStep]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "plugins.testkit.check.property_checks",
        source.load,
        str(_file_of(source) or ""),
        json.dumps(dict(config)),
        json.dumps([*map(str, hidden)]),
        *map(str, samples),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment(),
        start_new_session=True,
        limit=_LONGEST_LINE,
    )
    last: Any = None
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            while process.stdout and (line := await process.stdout.readline()):
                last = json.loads(line)
    except TimeoutError:
        within = f"{_in(last)} did not end within {_PROBE_SECONDS:.0f} s; each answer of a rule may take"
        message = f"{within} {ANSWER_SECONDS:.0f} s."
        yield _failed("time", message, "Look for an endless loop, a slow regular expression, or code that waits.")
        return
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    if not isinstance(last, list):
        message = f"The process ended during the check of {_in(last)}: it called exit, or crashed outside of Python."
        yield _failed("rules", message, "Run that rule by itself in Python.")
        return
    for name, state, words, fix in last:
        yield CheckStep(name, CheckState(state), words, fix=(fix,) if fix else ())
    if not any(state == CheckState.FAILED for _, state, *_ in last):
        for hook in await differing(source.load, config, samples, hidden):
            message = "it answers otherwise in another process; a set, for example, has another order there"
            yield _failed(f"{hook}: purity", message, "Give texts an order of your own: sorted(...).")


def _in(hook: object) -> str:
    return hook if isinstance(hook, str) else "the plugin"


def _file_of(source: Source) -> Path | None:
    kind, _, what = source.load.partition(":")
    if kind == "file":
        return Path(what)
    return _source_of(what.partition(":")[0])


def _source_of(module: str) -> Path | None:
    """The source file of an installed module, if it has one. Imports nothing: that would run the plugin's package in
    this process, outside its walls."""
    first, *below = module.split(".")
    with suppress(ImportError, ValueError):
        spec = importlib.util.find_spec(first)
        for name in accumulate([first, *below], "{}.{}".format):
            if spec and name != first:
                spec = PathFinder.find_spec(name, spec.submodule_search_locations or [])
        if spec and spec.origin and spec.origin.endswith(".py"):
            return Path(spec.origin)
    return None


def _failed(name: str, message: str, fix: str) -> CheckStep:
    return CheckStep(name, CheckState.FAILED, message, "PLUGIN_ERROR", (fix,))

"""A plugin in its own long-lived process. It gets one call at a time, and is killed after the time-out.

A thread cannot be killed: an endless rule in a thread would stop all sends.
"""

from __future__ import annotations

import asyncio
import os
import signal
import struct
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.model.shared.errors import FieldError
from plugins.answer_limits import WrongAnswer, shortened
from plugins.answer_reading import read
from plugins.discovery import Source
from plugins.examine import ASYNCHRONOUS, Described, Unusable, usable_info
from plugins.hookspecs import PluginInfo
from plugins.ipc import CHECK_CONFIG, LONGEST_ANSWER, read_answer, request
from plugins.plugin import ANSWER_SECONDS, EVENT_SECONDS, Broke, Budget, Plugin, TookTooLong
from plugins.printing import kept

START_SECONDS = 20.0
_MOST_SLOW = 1000
"""Limit for the list of connections with a slow rule."""
_SLOW_PART = 0.25
"""An answer that takes more than this part of its time-out is slow: others would wait for it at each item."""
_LENGTH = struct.Struct("!I")
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
"""The environment variables that a plugin gets. Others may hold the database's password or the encryption key."""


class PluginProcess:
    """The process of one plugin. It starts with the first call, and restarts after it was killed or ended."""

    def __init__(self, source: Source, hidden: Collection[Path] = ()) -> None:
        """The plugin cannot open what is in `hidden`, files or folders, where the system allows it."""
        self._source = source
        self._hidden = hidden
        self._process: asyncio.subprocess.Process | None = None
        self._one_at_a_time = asyncio.Lock()

    async def describe(self) -> Described:
        """Return the plugin's description of itself. Raises Unusable."""
        async with self._one_at_a_time:
            await self._end()
            return await self._start()

    async def ask(self, question: bytes, seconds: float, budget: Budget | None = None) -> dict[str, Any]:
        """Return plain data. Raises TookTooLong (the process is then killed), Broke, WrongAnswer or Unusable."""
        budget = budget or Budget()
        async with self._one_at_a_time:
            with budget.spent():
                if self._process is None or self._process.returncode is not None:
                    await self._start()
                told = await self._exchange(question, seconds)
        budget.printed = kept(budget.printed, str(told.get("printed", "")))
        if "failed" in told:
            raise Broke(shortened(str(told["failed"])))
        return told

    async def close(self) -> None:
        async with self._one_at_a_time:
            await self._end()

    async def _start(self) -> Described:
        try:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "plugins.child_main",
                self._source.load,
                *map(str, self._hidden),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=environment(),
                start_new_session=True,
            )
        except OSError as error:
            raise Unusable(f"The system cannot start a process for it: {error}", "Ask the operator.") from error
        try:
            async with asyncio.timeout(START_SECONDS):
                walls = await self._read(self._process)
                told = walls if "unusable" in walls else await self._read(self._process)
        except asyncio.CancelledError:
            await self._end()  # its description must not be read as the answer to the next call
            raise
        except (TimeoutError, WrongAnswer, Broke) as error:
            await self._end()
            raise Unusable(
                "It did not start." if not isinstance(error, TimeoutError) else "It takes too long to load.",
                "Run it by itself in Python; a plugin does nothing when it is imported.",
            ) from error
        if "unusable" in told:
            await self._end()
            raise Unusable(shortened(str(told["unusable"])), shortened(str(told.get("fix", ""))))
        return replace(_described(told), missing=tuple(str(one) for one in walls["missing"]))

    async def _exchange(self, question: bytes, seconds: float) -> dict[str, Any]:
        process = self._process
        if process is None or process.stdin is None:
            raise Broke("has no process")
        try:
            async with asyncio.timeout(seconds):
                process.stdin.write(_LENGTH.pack(len(question)) + question)
                await process.stdin.drain()
                return await self._read(process)
        except TimeoutError as error:
            await self._end()
            raise TookTooLong from error
        except (OSError, WrongAnswer) as error:
            await self._end()
            raise Broke("ended its process" if isinstance(error, OSError) else str(error)) from error
        except (Broke, asyncio.CancelledError):
            await self._end()  # a late answer must not be read as the answer to the next call
            raise

    async def _read(self, process: asyncio.subprocess.Process) -> dict[str, Any]:
        if process.stdout is None:
            raise Broke("has no process")
        try:
            (length,) = _LENGTH.unpack(await process.stdout.readexactly(_LENGTH.size))
            if length > LONGEST_ANSWER:
                raise WrongAnswer("wrote an invalid answer")
            return read_answer(await process.stdout.readexactly(length))
        except asyncio.IncompleteReadError as error:
            raise Broke("ended its process") from error

    async def _end(self) -> None:
        """Kill the process and all processes that the plugin started."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


class ChildPlugin(Plugin):
    """A plugin with up to three processes: one for its rules, one for its asynchronous hooks, and one for connections
    on which a rule was slow. So no rule waits for the network, and no other connection waits for a slow rule
    again."""

    def __init__(
        self, source: Source, hidden: Collection[Path] = (), *, answer_seconds: float = ANSWER_SECONDS
    ) -> None:
        self.origin = source
        self.source = source.label
        self._answer_seconds = answer_seconds
        self._rules, self._slow, self._waiting = (PluginProcess(source, hidden) for _ in range(3))
        self._were_slow: dict[str, None] = {}

    async def describe(self) -> Described:
        """Return the plugin's description of itself. Must be the first call. Raises Unusable."""
        self.described = await self._rules.describe()
        return self.described

    async def ask(self, hook: str, budget: Budget | None = None, /, **arguments: Any) -> Any:
        question = request(hook=hook, arguments=arguments)
        if hook in ASYNCHRONOUS:
            told = await self._waiting.ask(question, EVENT_SECONDS)
        else:
            told = await self._ask_rule(question, _asker(arguments), budget or Budget())
        return read(hook, told.get("answer"))

    async def _ask_rule(self, question: bytes, asker: str, budget: Budget) -> dict[str, Any]:
        process, before = self._slow if asker in self._were_slow else self._rules, budget.left
        try:
            told = await process.ask(question, self._answer_seconds, budget)
        except TookTooLong:
            self._was_slow(asker)
            raise
        if before - budget.left > self._answer_seconds * _SLOW_PART:
            self._was_slow(asker)
        else:
            self._were_slow.pop(asker, None)
        return told

    def _was_slow(self, asker: str) -> None:
        self._were_slow.setdefault(asker)
        if len(self._were_slow) > _MOST_SLOW:
            del self._were_slow[next(iter(self._were_slow))]

    async def check_config(self, config: Mapping[str, Any], *, partly: bool = False) -> Sequence[FieldError]:
        question = request(hook=CHECK_CONFIG, arguments={"config": dict(config), "partly": partly})
        told = await self._rules.ask(question, self._answer_seconds)
        try:
            return [FieldError(str(one["pointer"]), str(one["detail"])) for one in told["errors"]]
        except (KeyError, TypeError) as error:
            raise WrongAnswer("wrote an invalid answer") from error

    async def close(self) -> None:
        await asyncio.gather(*(process.close() for process in (self._rules, self._slow, self._waiting)))


def _asker(arguments: dict[str, Any]) -> str:
    """Return the connection that the call is about, from the draft."""
    draft = arguments.get("draft")
    return repr((draft.connection, draft.config)) if draft is not None else ""


def environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONSAFEPATH": "1"}


def _described(told: dict[str, Any]) -> Described:
    try:
        info = told["info"]
        found = usable_info(PluginInfo(str(info["name"]), str(info["version"]), str(info["summary"]), int(info["api"])))
        hooks, notes = (tuple(shortened(str(one)) for one in told[what]) for what in ("hooks", "notes"))
        return Described(found, hooks, told["schema"], notes)
    except (KeyError, TypeError, ValueError) as error:
        raise Unusable("Its description of itself is not valid.", "Compare it with plugins/hookspecs.py.") from error

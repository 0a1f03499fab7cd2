"""The calls of a check: measured, listened to, and compared with a second call."""

from __future__ import annotations

import copy
import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext, redirect_stderr, redirect_stdout, suppress
from dataclasses import replace
from typing import Any

from plugins.answer_limits import WrongAnswer
from plugins.answer_reading import read
from plugins.examine import Examined
from plugins.failure_words import place
from plugins.ipc import written
from plugins.plugin import ANSWER_SECONDS, Broke, answer_of
from plugins.printing import Kept
from plugins.testkit.check.faults import UNCHANGED, Fault, fault_of
from plugins.testkit.check.reach import Reach
from plugins.testkit.check.time_limit import Endless, limited

_SLOW_SECONDS = ANSWER_SECONDS / 2
"""An answer that takes longer here may take too long on a busy machine."""
_TRACED_SECONDS = 5.0
"""To note the lines makes a rule many times slower."""
_FORBIDDEN = ("open", "socket.", "subprocess.", "os.system", "os.exec", "os.fork", "urllib.", "sqlite3.", "shutil.")
"""Prefixes of Python's audit events; see the audit events table of its library reference."""
FASTER = "Make the rule faster: it is asked for each job, and for each item again."


class RuleCalls:
    """Calls the rules of one plugin. `spent` and `slowest` are in seconds; `fault` is the last one found."""

    def __init__(self, plugin: Examined, config: Mapping[str, Any], home: str, reach: Reach | None) -> None:
        self._plugin = plugin
        self._config = config
        self._home = home
        self._reach = reach
        self._listening = False
        self._heard: list[str] = []
        self.printed = Kept()
        self.spent = 0.0
        self.fault: Fault | None = None
        self.slowest, self.slowest_hook = 0.0, ""
        sys.addaudithook(self._audit)

    def begin(self) -> None:
        """The next calls are of another hook."""
        self.spent, self.fault = 0.0, None

    def ask(self, hook: str, about: str, **arguments: Any) -> Any:
        """The rule's answer. Raises Fault, also if a second answer is another one."""
        try:
            first = self._answer(hook, about, self._timed(about), **arguments)
            if self._answer(hook, about, self._noted(), **arguments) != first:
                raise Fault("purity", f"it returned two different answers for {about}")
        except Fault as fault:
            self.fault = fault
            raise
        return first

    def _answer(self, hook: str, about: str, call: Callable[..., Any], **arguments: Any) -> Any:
        if "draft" in arguments:
            arguments["draft"] = replace(arguments["draft"], config=copy.deepcopy(self._config))
        self._heard.clear()
        self._listening = True
        try:
            with redirect_stdout(self.printed), redirect_stderr(self.printed):
                answer = call(hook, **arguments)
        except Broke as error:
            raise Fault("mutation", f"it {error}, for {about}", UNCHANGED) from error
        except Fault:
            raise
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            raise fault_of(error, self._home, about) from error
        finally:
            self._listening = False
        if self._heard:
            raise Fault("purity", f"it used {', '.join(dict.fromkeys(self._heard))}; a rule may read only its draft")
        try:
            return read(hook, written(hook, answer))
        except WrongAnswer as error:
            raise Fault("answer", f"it {error}, for {about}") from error

    def _timed(self, about: str) -> Callable[..., Any]:
        """A call that measures, and asks a slow rule again: it may have waited for another program."""

        def call(hook: str, **arguments: Any) -> Any:
            for _ in range(3):
                began = time.perf_counter()
                try:
                    with limited(ANSWER_SECONDS):
                        answer = answer_of(self._plugin, hook, **arguments)
                except Endless as error:
                    words = f"it had no answer after {ANSWER_SECONDS:.0f} s{place(error, self._home)}, for {about}"
                    raise Fault("time", words, "Look for an endless loop, or for code that waits.") from error
                took = time.perf_counter() - began
                self.spent += took
                if took < _SLOW_SECONDS:
                    break
            else:
                words = f"it took {took:.1f} s for {about}; {ANSWER_SECONDS:.0f} s are allowed, and others wait for it"
                raise Fault("time", words, FASTER)
            if took > self.slowest:
                self.slowest, self.slowest_hook = took, hook
            return answer

        return call

    def _noted(self) -> Callable[..., Any]:
        """A call that notes which lines of the plugin were carried out."""

        def call(hook: str, **arguments: Any) -> Any:
            began = time.perf_counter()
            noting = self._reach.traced() if self._reach else nullcontext()
            try:
                with suppress(Endless), limited(_TRACED_SECONDS), noting:
                    return answer_of(self._plugin, hook, **arguments)
                return answer_of(self._plugin, hook, **arguments)
            finally:
                self.spent += time.perf_counter() - began

        return call

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._listening and event.startswith(_FORBIDDEN) and not _is_import(event, arguments):
            self._heard.append(event)


def _is_import(event: str, arguments: tuple[Any, ...]) -> bool:
    """Whether the event is the import of a module, not a file that the rule reads."""
    name = str(arguments[0]) if event == "open" and arguments else ""
    return name.endswith((".py", ".pyc", ".so")) or os.path.basename(os.path.dirname(name)) == "__pycache__"

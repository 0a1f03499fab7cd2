"""The process that runs a plugin on generated jobs: `python -m plugins.testkit.check.property_checks HOW CONFIG`.

Prints a JSON list of results, `[name, ok, words]`. The runner kills it if a rule does not return.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Set
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from core.model.planning.draft import HeaderPatch, LineDraft, LinePatch, NumberPatch
from core.model.planning.fold import start_draft, view_of
from core.model.planning.job import JobSnapshot
from core.model.plugins.notification import WorkOrderQuery
from core.model.sending.answer import AnswerRow
from core.model.work_orders.cost_line import LINE_LENGTHS
from core.model.work_orders.item import JobItem
from core.model.work_orders.work_order import LENGTHS, NUMBER_LENGTH
from plugins import discovery
from plugins.answer_limits import WrongAnswer
from plugins.examine import ABOUT_ITSELF, ASYNCHRONOUS, READERS, examined
from plugins.ipc import read, written
from plugins.plugin import ANSWER_SECONDS, EVENT_SECONDS, Broke, answer_of
from plugins.testkit.check.strategies import ITEMS, JOBS, in_words
from plugins.testkit.samples import make_connection, make_job

_EXAMPLES = 150
_OF_ITEMS = ("include_item", "map_line")
_WORK_ORDERS = ("T104482", "A-1/2.3_4")
"""A usual number, and one with all signs that a number may have."""
_FORBIDDEN = ("open", "socket.", "subprocess.", "os.system", "os.exec", "os.fork", "urllib.", "sqlite3.", "shutil.")
"""Prefixes of Python's audit events; see the audit events table of its library reference."""


class _Fault(Exception):
    """What a rule did wrong. `name` is the name of the check."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(words)
        self.name = name
        self.words = words


class Probe:
    """One plugin with one configuration. `slowest` is in seconds."""

    def __init__(self, how: str, config: dict[str, Any]) -> None:
        self._plugin = examined(discovery.load(how))
        self._config = config
        self._listening = False
        self._heard: list[str] = []
        self.slowest = 0.0
        hooks = self._plugin.described.hooks
        self.rules = [hook for hook in hooks if hook not in (*ABOUT_ITSELF, *ASYNCHRONOUS)]
        self.readers = [hook for hook in hooks if hook in READERS]
        sys.addaudithook(self._audit)

    def results(self) -> Iterator[tuple[str, bool, str]]:
        """Yield one result for each rule, one for the slowest answer, and one for each reader."""
        for hook in self.rules:
            try:
                self._try(hook)
            except _Fault as fault:
                yield f"{hook}: {fault.name}", False, fault.words
            else:
                yield hook, True, f"{_EXAMPLES} generated {'items' if hook in _OF_ITEMS else 'jobs'}: no fault"
        if self.rules:
            words = f"the slowest answer took {self.slowest * 1000:.1f} ms; {ANSWER_SECONDS:.0f} s are allowed"
            yield "time", self.slowest < ANSWER_SECONDS / 2, words

        for hook in self.readers:
            yield asyncio.run(self._read(hook))

    async def _read(self, hook: str) -> tuple[str, bool, str]:
        """Ask a reader for work orders that Spectrum need not have. It may use the network, so it may answer anything
        of the right type; but with this configuration it must answer in time."""
        told = []
        for number in _WORK_ORDERS:
            query = WorkOrderQuery(connection=view_of(make_connection()), work_order_number=number, config=self._config)
            try:
                async with asyncio.timeout(EVENT_SECONDS):
                    answer = answer_of(self._plugin, hook, query=query)
                    lines = written(hook, await answer if inspect.isawaitable(answer) else answer)
                    read(hook, lines)
            except TimeoutError:
                return f"{hook}: time", False, f"it took more than {EVENT_SECONDS:.0f} s for work order {number}"
            except WrongAnswer as error:
                return f"{hook}: answer", False, f"it {error}, for work order {number}"
            except Exception as error:
                return f"{hook}: failure", False, f"it raised {type(error).__name__}: {error} for work order {number}"
            told.append("cannot tell" if lines is None else f"{len(lines)} lines")
        return hook, True, f"asked for the work orders {' and '.join(_WORK_ORDERS)}: {' and '.join(told)}"

    def _try(self, hook: str) -> None:
        drawn: Any = ITEMS if hook in _OF_ITEMS else JOBS
        call: Callable[[Any], None] = self._one_item(hook) if hook in _OF_ITEMS else self._one_job(hook)
        if hook == "classify_error":
            self._ask(hook, "an answer of Spectrum", row=AnswerRow("E", "Customer is not valid.", "Bill_Customer_Code"))
            return
        thorough = settings(
            max_examples=_EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            print_blob=False,
        )
        tried: Callable[[], None] = thorough(given(drawn)(call))  # type: ignore[no-untyped-call]
        tried()

    def _one_job(self, hook: str) -> Callable[[JobSnapshot], None]:
        def call(job: JobSnapshot) -> None:
            draft = replace(start_draft(job, make_connection()), config=self._config)
            answer = self._ask(hook, in_words(job), draft=draft)
            if isinstance(answer, HeaderPatch):
                _known(answer, LENGTHS.keys())
            if isinstance(answer, NumberPatch) and job.number == "104482" and len(answer.number) > NUMBER_LENGTH:
                words = f"the number {answer.number!a} is longer than {NUMBER_LENGTH}, for a job number of six digits"
                raise _Fault("number", words)

        return call

    def _one_item(self, hook: str) -> Callable[[JobItem], None]:
        def call(item: JobItem) -> None:
            connection = make_connection()
            kind = view_of(connection).item_kinds.get(item.type)
            draft = LineDraft(make_job(), view_of(connection), item, kind, config=self._config)
            answer = self._ask(hook, in_words(item), draft=draft)
            if isinstance(answer, LinePatch) and (becomes := answer.kind or kind):
                _known(answer, LINE_LENGTHS.get(becomes, {}).keys())

        return call

    def _ask(self, hook: str, about: str, **arguments: Any) -> Any:
        first = self._answer(hook, about, **arguments)
        if self._answer(hook, about, **arguments) != first:
            raise _Fault("purity", f"it returned two different answers for {about}")
        return first

    def _answer(self, hook: str, about: str, **arguments: Any) -> Any:
        self._heard.clear()
        began = time.perf_counter()
        self._listening = True
        try:
            answer = answer_of(self._plugin, hook, **arguments)
        except Broke as error:
            raise _Fault("mutation", f"it {error}, for {about}") from error
        except Exception as error:
            raise _Fault("missing fields", f"it raised {type(error).__name__}: {error} for {about}") from error
        finally:
            self._listening = False
        self.slowest = max(self.slowest, time.perf_counter() - began)
        if self._heard:
            raise _Fault("purity", f"it used {', '.join(dict.fromkeys(self._heard))}; a rule may read only its draft")
        try:
            return read(hook, written(hook, answer))
        except WrongAnswer as error:
            raise _Fault("answer", f"it {error}, for {about}") from error

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._listening and event.startswith(_FORBIDDEN) and not _is_import(event, arguments):
            self._heard.append(event)


def _known(answer: HeaderPatch | LinePatch, fields: Set[str]) -> None:
    if unknown := sorted({patch.field for patch in answer.fields} - fields):
        raise _Fault("fields", f"it set {', '.join(map(ascii, unknown))}, which Spectrum does not have there")


def _is_import(event: str, arguments: tuple[Any, ...]) -> bool:
    """Whether the event is the import of a module, not a file that the rule reads."""
    name = str(arguments[0]) if event == "open" and arguments else ""
    return name.endswith((".py", ".pyc", ".so")) or os.path.basename(os.path.dirname(name)) == "__pycache__"


if __name__ == "__main__":
    print(json.dumps([*Probe(sys.argv[1], json.loads(sys.argv[2])).results()]))  # noqa: T201

"""The process that runs a plugin on generated jobs: `python -m plugins.testkit.check.property_checks HOW FILE CONFIG`.

FILE is the plugin's source, or ''. Prints a JSON list of results, `[name, state, words]`. The runner kills it if a rule
does not return.
"""

from __future__ import annotations

import asyncio
import inspect
import io
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Set
from contextlib import nullcontext, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from core.model.planning.draft import HeaderPatch, LineDraft, LinePatch, NumberPatch
from core.model.planning.fold import start_draft, view_of
from core.model.planning.job import JobSnapshot
from core.model.plugins.notification import WorkOrderQuery
from core.model.sending.answer import AnswerRow
from core.model.shared.check_step import CheckState
from core.model.work_orders.cost_line import LINE_LENGTHS
from core.model.work_orders.item import JobItem
from core.model.work_orders.work_order import LENGTHS, NUMBER_LENGTH
from plugins import discovery
from plugins.answer_limits import WrongAnswer
from plugins.examine import ABOUT_ITSELF, ASYNCHRONOUS, READERS, examined
from plugins.ipc import read, written
from plugins.plugin import ANSWER_SECONDS, EVENT_SECONDS, Broke, answer_of
from plugins.testkit.check.constants import Constants, constants_of
from plugins.testkit.check.reach import Reach, unreached
from plugins.testkit.check.strategies import in_words, items, jobs
from plugins.testkit.samples import Sample, load_job, make_connection, make_job

_EXAMPLES = 300
_SHOWN = 3
_OK, _FAILED, _UNKNOWN = CheckState.OK.value, CheckState.FAILED.value, CheckState.UNKNOWN.value
_Result = tuple[str, str, str]
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

    def __init__(self, how: str, file: str, config: dict[str, Any]) -> None:
        """`file` is the plugin's source, '' if it has none that can be read."""
        self._plugin = examined(discovery.load(how))
        self._config = config
        self._source = Path(file).read_text(encoding="utf-8") if file else ""
        self._reach = Reach(file)
        self._printed = io.StringIO()
        constants = constants_of(self._source, config) if file else Constants()
        self.samples, self.wrong_sample = _samples_beside(file)
        self._jobs, self._items = jobs(constants, self.samples), items(constants, self.samples)
        self._listening = False
        self._heard: list[str] = []
        self.slowest = 0.0
        hooks = self._plugin.described.hooks
        self.rules = [hook for hook in hooks if hook not in (*ABOUT_ITSELF, *ASYNCHRONOUS)]
        self.readers = [hook for hook in hooks if hook in READERS]
        sys.addaudithook(self._audit)

    def results(self) -> Iterator[_Result]:
        """Yield a result for each rule, for what was never reached or was printed, and for each reader."""
        if self.wrong_sample:
            yield "sample job", _FAILED, self.wrong_sample
        for hook in self.rules:
            try:
                self._try(hook)
            except _Fault as fault:
                yield f"{hook}: {fault.name}", _FAILED, fault.words
            else:
                yield hook, _OK, f"{_EXAMPLES} generated {'items' if hook in _OF_ITEMS else 'jobs'}: no fault"
        if self.rules:
            words = f"the slowest answer took {self.slowest * 1000:.1f} ms; {ANSWER_SECONDS:.0f} s are allowed"
            yield "time", _OK if self.slowest < ANSWER_SECONDS / 2 else _FAILED, words
        if self.rules and self._source:
            missed = list(unreached(self._source, self._reach.lines))
            words = f"no example led to {'; '.join(missed)}" if missed else "every statement of the rules was reached"
            yield "branches", _UNKNOWN if missed else _OK, words
        if printed := list(dict.fromkeys(self._printed.getvalue().splitlines())):
            more = f" and {len(printed) - _SHOWN} other lines" if len(printed) > _SHOWN else ""
            yield "print", _OK, f"the rules printed: {' | '.join(printed[:_SHOWN])}{more}. Nobody sees it in a send"

        for hook in self.readers:
            yield asyncio.run(self._read(hook))

    async def _read(self, hook: str) -> _Result:
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
                return f"{hook}: time", _FAILED, f"it took more than {EVENT_SECONDS:.0f} s for work order {number}"
            except WrongAnswer as error:
                return f"{hook}: answer", _FAILED, f"it {error}, for work order {number}"
            except Exception as error:
                return f"{hook}: failure", _FAILED, f"it raised {type(error).__name__}: {error} for work order {number}"
            told.append("cannot tell" if lines is None else f"{len(lines)} lines")
        return hook, _OK, f"asked for the work orders {' and '.join(_WORK_ORDERS)}: {' and '.join(told)}"

    def _try(self, hook: str) -> None:
        drawn: Any = self._items if hook in _OF_ITEMS else self._jobs
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
            with redirect_stdout(self._printed), self._reach.traced() if self._source else nullcontext():
                answer = answer_of(self._plugin, hook, **arguments)
        except Broke as error:
            raise _Fault("mutation", f"it {error}, for {about}") from error
        except Exception as error:
            words = f"it raised {type(error).__name__}: {error}{self._place(error)} for {about}"
            raise _Fault("missing fields", words) from error
        finally:
            self._listening = False
        self.slowest = max(self.slowest, time.perf_counter() - began)
        if self._heard:
            raise _Fault("purity", f"it used {', '.join(dict.fromkeys(self._heard))}; a rule may read only its draft")
        try:
            return read(hook, written(hook, answer))
        except WrongAnswer as error:
            raise _Fault("answer", f"it {error}, for {about}") from error

    def _place(self, error: Exception) -> str:
        """Where in the plugin it was raised."""
        lines = [one.lineno for one in traceback.extract_tb(error.__traceback__) if one.filename == self._reach.file]
        return f" (line {lines[-1]} of {os.path.basename(self._reach.file)})" if lines else ""

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._listening and event.startswith(_FORBIDDEN) and not _is_import(event, arguments):
            self._heard.append(event)


def _samples_beside(file: str) -> tuple[list[Sample], str]:
    """The sample jobs beside `west.py`, `west_job.json` or `west_job_2.json`, and what is wrong with one."""
    path, samples = Path(file), []
    for sample in sorted(path.parent.glob(f"{path.stem}_job*.json")) if file else ():
        try:
            samples.append(load_job(sample))
        except ValueError as error:
            return samples, str(error)
    return samples, ""


def _known(answer: HeaderPatch | LinePatch, fields: Set[str]) -> None:
    if unknown := sorted({patch.field for patch in answer.fields} - fields):
        raise _Fault("fields", f"it set {', '.join(map(ascii, unknown))}, which Spectrum does not have there")


def _is_import(event: str, arguments: tuple[Any, ...]) -> bool:
    """Whether the event is the import of a module, not a file that the rule reads."""
    name = str(arguments[0]) if event == "open" and arguments else ""
    return name.endswith((".py", ".pyc", ".so")) or os.path.basename(os.path.dirname(name)) == "__pycache__"


if __name__ == "__main__":
    print(json.dumps([*Probe(sys.argv[1], sys.argv[2], json.loads(sys.argv[3])).results()]))  # noqa: T201

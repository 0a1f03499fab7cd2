"""The process that runs a plugin on generated jobs: `python -m plugins.testkit.check.property_checks HOW FILE CONFIG
HIDDEN SAMPLE...`.

FILE is the plugin's source, or ''; HIDDEN is a JSON list of the paths that the plugin must not open. Prints a line of
JSON for each hook that it begins with, its name; the last line is the list of results, `[name, state, words, fix]`. The
runner kills it if a rule does not return at all.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterator, Sequence, Set
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TextIO

from hypothesis import HealthCheck, Phase, given, settings

from core.model.planning.draft import HeaderPatch, LineDraft, LinePatch, NumberPatch
from core.model.planning.fold import start_draft, view_of
from core.model.planning.job import JobSnapshot
from core.model.sending.answer import AnswerRow
from core.model.shared.check_step import CheckState
from core.model.work_orders.cost_line import LINE_LENGTHS
from core.model.work_orders.item import JobItem
from core.model.work_orders.work_order import LENGTHS, NUMBER_LENGTH
from plugins import discovery
from plugins.examine import ABOUT_ITSELF, ASYNCHRONOUS, READERS, examined
from plugins.failure_words import home_of
from plugins.plugin import ANSWER_SECONDS
from plugins.testkit.check.calls import FASTER, RuleCalls
from plugins.testkit.check.constants import Constants, constants_of
from plugins.testkit.check.faults import Fault
from plugins.testkit.check.figures import check_figures
from plugins.testkit.check.private_output import private_output
from plugins.testkit.check.reach import Reach, unreached
from plugins.testkit.check.reader_checks import ask_reader
from plugins.testkit.check.strategies import in_words, items, jobs
from plugins.testkit.samples import Sample, load_job, make_connection, make_job
from plugins.walls.shut_in import shut_in

_EXAMPLES = 300
_HOOK_SECONDS = 15.0
"""After so long no more examples are tried for a hook."""
_SHOWN = 3
_OK, _FAILED, _UNKNOWN = CheckState.OK.value, CheckState.FAILED.value, CheckState.UNKNOWN.value
_Result = tuple[str, str, str, str]
_OF_ITEMS = ("include_item", "map_line")
_LEAD_THERE = (
    "Put a job that leads there beside the plugin, as `NAME_job.json` or `NAME_job_2.json`, or name it with --sample, "
    "or give other settings with --config. What nothing leads to was not checked."
)


class Probe:
    """One plugin with one configuration."""

    def __init__(self, output: TextIO, how: str, file: str, config: dict[str, Any], more: Sequence[Path] = ()) -> None:
        """`output` is told each hook that it begins with. `file` is the plugin's source, '' if it has none that can be
        read. `more` are sample jobs elsewhere."""
        self._output = output
        found = discovery.load(how)
        self._home = home_of(found)
        self._plugin = examined(found)
        self._config = config
        self._source = Path(file).read_text(encoding="utf-8") if file else ""
        self._reach = Reach(file)
        constants = constants_of(self._source, config) if file else Constants()
        self.samples, self.wrong_sample = _samples(file, more)
        self._jobs, self._items = jobs(constants, self.samples), items(constants, self.samples)
        self._calls = RuleCalls(self._plugin, config, self._home, self._reach if file else None)
        self._tried = 0
        hooks = self._plugin.described.hooks
        self.rules = [hook for hook in hooks if hook not in (*ABOUT_ITSELF, *ASYNCHRONOUS)]
        self.readers = [hook for hook in hooks if hook in READERS]

    def results(self) -> Iterator[_Result]:
        """Yield a result for each rule, for what was never reached or was printed, and for each reader."""
        if self.wrong_sample:
            yield "sample job", _FAILED, self.wrong_sample, "Mend the file, or make it anew: jobferry plugins new."
        tried = [self._result(hook) for hook in self.rules]
        yield from tried
        if self._calls.slowest_hook:
            words = f"the slowest answer took {self._calls.slowest * 1000:.1f} ms ({self._calls.slowest_hook})"
            yield "time", _OK, f"{words}; {ANSWER_SECONDS:.0f} s are allowed", ""
        if tried and self._source and not any(state == _FAILED for _, state, *_ in tried):
            missed = list(unreached(self._source, self._reach.lines))
            words = f"no example led to {'; '.join(missed)}" if missed else "every statement of the rules was reached"
            yield "branches", _UNKNOWN if missed else _OK, words, _LEAD_THERE if missed else ""
        if printed := list(dict.fromkeys(self._calls.printed.text.splitlines())):
            more = f" and {len(printed) - _SHOWN} other lines" if len(printed) > _SHOWN else ""
            words = f"the rules printed: {' | '.join(printed[:_SHOWN])}{more}. A preview shows it, a send does not"
            yield "print", _OK, words, ""
        for hook in self.readers:
            self._begin(hook)
            try:
                yield hook, _OK, asyncio.run(ask_reader(self._plugin, hook, self._config, self._home)), ""
            except Fault as fault:
                yield f"{hook}: {fault.name}", _FAILED, fault.words, fault.fix

    def _begin(self, hook: str) -> None:
        self._output.write(json.dumps(hook) + "\n")
        self._output.flush()

    def _result(self, hook: str) -> _Result:
        self._begin(hook)
        self._calls.begin()
        self._tried = 0
        try:
            self._try(hook)
        except Fault as fault:
            return f"{hook}: {fault.name}", _FAILED, fault.words, fault.fix
        except Exception as error:  # hypothesis: it failed once, and then not again
            once = self._calls.fault or Fault("purity", f"it does not do the same each time: {error}")
            words = f"{once.words}; but not each time, though the job is the same"
            return f"{hook}: {once.name}", _FAILED, words, once.fix
        what = "items" if hook in _OF_ITEMS else "jobs"
        if self._calls.spent > _HOOK_SECONDS:
            words = (
                f"only {self._tried} generated {what} in {_HOOK_SECONDS:.0f} s: no fault, but the rest was not tried"
            )
            return hook, _UNKNOWN, words, FASTER
        if hook == "classify_error":
            return hook, _OK, "an answer of Spectrum: no fault", ""
        return hook, _OK, f"{_EXAMPLES} generated {what}: no fault", ""

    def _try(self, hook: str) -> None:
        if hook == "classify_error":
            self._calls.ask(
                hook, "an answer of Spectrum", row=AnswerRow("E", "Customer is not valid.", "Bill_Customer_Code")
            )
            return
        drawn: Any = self._items if hook in _OF_ITEMS else self._jobs
        one = self._one_item(hook) if hook in _OF_ITEMS else self._one_job(hook)

        def call(drawn: Any) -> None:
            if self._calls.fault and self._calls.fault.name == "time":
                raise self._calls.fault  # to try it again would only take as long again
            if self._calls.spent <= _HOOK_SECONDS:
                self._tried += 1
                one(drawn)

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
            answer = self._calls.ask(hook, in_words(job), draft=start_draft(job, make_connection()))
            if isinstance(answer, HeaderPatch):
                _known(answer, LENGTHS.keys(), in_words(job))
            if isinstance(answer, NumberPatch) and job.number == "104482" and len(answer.number) > NUMBER_LENGTH:
                words = f"the number {answer.number!a} is longer than {NUMBER_LENGTH}, for a job number of six digits"
                raise Fault("number", words)

        return call

    def _one_item(self, hook: str) -> Callable[[JobItem], None]:
        def call(item: JobItem) -> None:
            connection = make_connection()
            kind = view_of(connection).item_kinds.get(item.type)
            answer = self._calls.ask(hook, in_words(item), draft=LineDraft(make_job(), view_of(connection), item, kind))
            if isinstance(answer, LinePatch) and (becomes := answer.kind or kind):
                if becomes in LINE_LENGTHS:  # an item that is skipped gets no line, whatever a rule sets
                    _known(answer, LINE_LENGTHS[becomes].keys(), in_words(item))
                check_figures(answer, item, in_words(item))

        return call


def _samples(file: str, more: Sequence[Path]) -> tuple[list[Sample], str]:
    """The sample jobs beside `west.py`, `west_job.json` or `west_job_2.json`, and what is wrong with one."""
    path, samples = Path(file), []
    for sample in (*(sorted(path.parent.glob(f"{path.stem}_job*.json")) if file else ()), *more):
        try:
            samples.append(load_job(sample))
        except (ValueError, OSError) as error:
            return samples, str(error)
    return samples, ""


def _known(answer: HeaderPatch | LinePatch, fields: Set[str], about: str) -> None:
    if unknown := sorted({patch.field for patch in answer.fields} - fields):
        words = f"it set {', '.join(map(ascii, unknown))}, which Spectrum does not have there, for {about}"
        alike = [name for one in unknown for name in get_close_matches(one, fields, n=1)]
        meant = f"Perhaps {' and '.join(alike)} is meant. " if alike else ""
        raise Fault("fields", words, f"{meant}Compare the names with those of a preview; case matters.")


def main(how: str, file: str, config: str, hidden: str, *samples: str) -> None:
    shut_in(json.loads(hidden), needed=[*sys.path, how.removeprefix("file:"), *samples])
    with private_output() as output:
        results = [*Probe(output, how, file, json.loads(config), [*map(Path, samples)]).results()]
        output.write(json.dumps(results) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])

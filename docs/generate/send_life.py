"""Writes docs/send-life.md from what follows from every case: `python -m docs.generate.send_life`, from the root."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.model.sending.lifecycle.change import Change
from core.model.sending.lifecycle.decide import decide
from core.model.sending.lifecycle.event import (
    Cancelled,
    EvidenceFound,
    EvidenceWaits,
    GaveWay,
    HeaderAnswered,
    HeaderBegins,
    LineAnswered,
    LineBegins,
    MarkedDone,
    NotReported,
    NumberNotWritten,
    NumberWritten,
    Planned,
    Reported,
    Retried,
    ServiceTradeTrouble,
    Settled,
    SpectrumTrouble,
    StepFailed,
)
from core.model.sending.send import SendState, Step
from core.model.shared.errors import Conflict
from docs.generate.send_life_words import stored
from tests.units.sending.life_cases import CASES
from tests.units.sending.life_scene import POINTS, Case

PAGE = Path(__file__).parents[1] / "send-life.md"
_Point = tuple[SendState, Step]

_INTRO = """\
# How a send lives

A send carries one job to one connection. It is stored before anything else happens, and goes through five steps:

1. **plan**: the job is read and the plan is made and stored, with every line that it posts.
2. **header**: the work order is written to Spectrum under its number.
3. **write_back**: the number is written to the job in ServiceTrade.
4. **lines**: material and other charges are posted, one after the other.
5. **report**: ServiceTrade is told how it ended. Then the send is **done**.

In each step the worker talks to ServiceTrade or Spectrum and comes back with one outcome. What follows from an outcome
is decided in one function (`core/model/sending/lifecycle/decide.py`) and stored in one transaction
(`core/services/sending/lifecycle/commit_change.py`): all of it, or nothing. So a worker may be killed at any
moment: the next one finds the send at its step and takes the step up again. What people do to a send is decided in the
same place.

Four rules explain most of the tables below.

- **A line belongs to the send that planned it**, and to no other, ever.
- **A failed send keeps nobody waiting.** What it did not post is given back in the same transaction. A later send of
  the job plans these items anew, and so does a retry. A send with items waits for another one only while that one is
  under way or in doubt.
- **A line that may have been posted is never posted again by itself.** The send is in doubt until Spectrum's answer,
  evidence or a person says what became of the line.
- **Sent is proved.** A send is called sent only if each line of its plan is posted. The transaction that ends it looks,
  and a trigger in the database looks once more.

This page is generated from the code (`python -m docs.generate.send_life`), and a test compares the two. Why it is so:
[decision 31](decisions/0031-one-life-of-a-send.md).

## The states

| state | what it means | who does something next |
|---|---|---|
| `queued` | asked for, or asked for again (retry); perhaps it waits for another send | the worker |
| `sending` | under way | the worker |
| `retrying` | something is in the way that passes by itself | the worker, after a pause |
| `in_doubt` | nobody knows whether a line was posted | a person, or evidence |
| `needs_attention` | failed; somebody has to mend something | a person |
| `sent`, `sent_with_warnings` | all of it stands in Spectrum | nobody |
| `done_by_hand` | a person has entered it in Spectrum | nobody, once ServiceTrade is told |
| `superseded` | a later send of the job carried all that it was to carry | nobody |
| `cancelled` | taken back, or kept back by a rule, before anything was written | nobody |

## The picture

Every way from one state to another. The tables say the same in words.

"""

_TABLES = """\

## The tables

*from* is the state (and the step, where it matters), *then* the state and step that follow. *stored with it* is what is
written in the same transaction. Some words stand for several things:

- **fails**: the findings say why, all open lines are given back, the warning is raised, `send.failed` is told, and the
  comment on the job is due, which the step `report` writes.
- **a pause**: the send is due later. It uses up a try only where that is said; after the last try the send fails.
- **the gate**: until when a header may still leave. Another worker waits for that moment.
- **given back**: the line is kept to be looked at, and its place on the work order is free.
- **a hold**: all sends of the connection wait with what they want of Spectrum.

A case is listed only where it leads to something else than the first case of its kind. When a send comes to an end,
fails, or gives lines back, the sends that wait for it are called. An outcome of a step that the send is not in (any
more) changes nothing: it is refused, and the worker looks again.
"""


@dataclass(frozen=True)
class _Part:
    title: str
    words: str
    kinds: tuple[type[Any], ...]


_PARTS = (
    _Part("Planning", "Step `plan`. Nothing has been written yet.", (Planned, ServiceTradeTrouble)),
    _Part(
        "The header, before it leaves",
        "Step `header`, after a crash or an unclear outcome: the stored plan is written once more. Its explicit number "
        "makes that safe.",
        (HeaderBegins,),
    ),
    _Part(
        "The header's answer",
        "Step `header`. *No write came before* says that no earlier write of this send can have reached Spectrum.",
        (HeaderAnswered,),
    ),
    _Part("The number on the job", "Step `write_back`. The work order stands.", (NumberWritten, NumberNotWritten)),
    _Part("The next line", "Step `lines`, before each line, and after the last one.", (LineBegins, SpectrumTrouble)),
    _Part(
        "A line's answer",
        "It is stored whenever it comes, and wherever the send has got to since: it is true whoever has the connection "
        "now. *In time* says that the line is still called `sending`.",
        (LineAnswered,),
    ),
    _Part("Telling ServiceTrade", "Step `report`.", (Reported, NotReported)),
    _Part("Evidence", "Step `evidence`, where cost lines can be read back.", (EvidenceFound, EvidenceWaits)),
    _Part("When Jobferry itself fails", "In any step.", (StepFailed,)),
    _Part(
        "What people do",
        "Whatever is not listed is refused, with a code that says why.",
        (Cancelled, Retried, MarkedDone, Settled, GaveWay),
    ),
)
_DRAWN = {
    Planned: "planned",
    ServiceTradeTrouble: "ServiceTrade",
    HeaderBegins: "header",
    HeaderAnswered: "header",
    NumberWritten: "number",
    NumberNotWritten: "number",
    LineBegins: "lines",
    SpectrumTrouble: "lines",
    LineAnswered: "late answer",
    Reported: "told",
    NotReported: "ServiceTrade",
    EvidenceFound: "evidence",
    EvidenceWaits: "evidence",
    StepFailed: "crash",
    Cancelled: "cancel",
    Retried: "retry",
    MarkedDone: "mark as done",
    Settled: "settle",
    GaveWay: "newer send",
}


def send_life_page() -> str:
    """The whole page: words, picture and tables."""
    parts = [line for part in _PARTS for line in _part(part)]
    return "\n".join([_INTRO + _picture() + _TABLES, *parts])


_NODES: Mapping[SendState, str] = {
    SendState.SENDING: "under_way",
    SendState.RETRYING: "under_way",
    SendState.SENT: "sent",
    SendState.SENT_WITH_WARNINGS: "sent",
}
_NAMES = {"under_way": "sending, retrying", "sent": "sent, sent_with_warnings"}


def _picture() -> str:
    ways: dict[tuple[str, str], list[str]] = {}
    for case in CASES:
        for point in _points(case.kind):
            if (change := _change(case, point)) is None:
                continue
            drawn = [(point[0], change.send.state, _DRAWN[case.kind])]
            drawn += [(SendState.NEEDS_ATTENTION, old.state, "a later send") for old in change.superseded]
            for before, then, label in drawn:
                labels = ways.setdefault((_node(before), _node(then)), [])
                if label not in labels:
                    labels.append(label)
    order = list(dict.fromkeys(_node(state) for state in SendState))
    lines = [f'    state "{name}" as {node}' for node, name in _NAMES.items()]
    lines.append("    [*] --> queued")
    for (source, target), labels in sorted(ways.items(), key=lambda way: [order.index(node) for node in way[0]]):
        if source != target:
            lines.append(f"    {source} --> {target}: {', '.join(labels)}")
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```", ""])


def _node(state: SendState) -> str:
    return _NODES.get(state, state.value)


def _part(part: _Part) -> Iterator[str]:
    yield f"### {part.title}\n"
    yield f"{part.words}\n"
    yield "| what happens | from | then | stored with it |"
    yield "|---|---|---|---|"
    for case in (case for case in CASES if case.kind in part.kinds):
        for places, (then, with_it) in _grouped(case):
            yield f"| {case.says} | {places} | {then} | {with_it} |"
    yield ""


def _grouped(case: Case) -> Iterable[tuple[str, tuple[str, str]]]:
    """The same outcome from several places is one row, and what follows anyway (the first row of its kind) is none."""
    first = next(other for other in CASES if other.kind is case.kind)
    found = {point: row for point in _points(case.kind) if (row := _row(case, point))}
    new = {point: row for point, row in found.items() if case is first or row != _row(first, point)}
    moving = {row for point, row in found.items() if row[0] != point}
    rows: dict[tuple[str, str], list[_Point]] = {}
    for point, (after, with_it) in (new or found).items():
        stays = after == point and (after, with_it) not in moving
        then = "as before" if stays else after if isinstance(after, str) else f"`{after[0].value}` `{after[1].value}`"
        rows.setdefault((then, with_it), []).append(point)
    return [(_places(points, list(found)), row) for row, points in rows.items()]


def _points(kind: type[Any]) -> Sequence[_Point]:
    """Where this can happen in practice: a line has an answer only after it was planned, a send at its end is over."""
    if kind is LineAnswered:
        return [(state, step) for state, step in POINTS if (state, step) in _WITH_LINES]
    if kind is Settled:
        return [(SendState.IN_DOUBT, Step.DONE), (SendState.NEEDS_ATTENTION, Step.DONE)]
    return POINTS


_WITH_LINES = {
    (SendState.SENDING, Step.LINES),
    (SendState.RETRYING, Step.LINES),
    (SendState.IN_DOUBT, Step.DONE),
    (SendState.NEEDS_ATTENTION, Step.DONE),
    (SendState.SENT, Step.DONE),
}


def _row(case: Case, point: _Point) -> tuple[_Point | str, str] | None:
    """Where it leads, and what is stored with it. Acts are refused where somebody may try them; outcomes of another
    step are not worth a row."""
    send, event, facts = case.at(*point)
    try:
        change = decide(send, event, facts)
    except Conflict as refused:
        tried = case.says in _TRIED.get(point[0], ()) and point[1] is not Step.REPORT
        return ("refused", f"`{refused.code}`") if tried else None
    return (change.send.state, change.send.step), "; ".join(stored(send, facts, change)) or "nothing"


_TRIED: Mapping[SendState, tuple[str, ...]] = {
    SendState.SENDING: ("cancel", "retry", "mark as done"),
    SendState.IN_DOUBT: (
        "cancel",
        "retry",
        "mark as done",
        "settle: it is not there, too early",
        "settle a line that is not in doubt",
    ),
    SendState.NEEDS_ATTENTION: (
        "cancel",
        "mark as done, while another send posts",
        "mark as done, when another send posted its lines since",
        "mark as done, right after the database went back",
    ),
    SendState.SENT: ("cancel", "retry", "mark as done"),
}


def _change(case: Case, point: _Point) -> Change | None:
    try:
        return decide(*case.at(*point))
    except Conflict:
        return None


def _places(points: Sequence[_Point], all_points: Sequence[_Point]) -> str:
    """By state; the step is named where the same state leads elsewhere from another step."""
    by_state: dict[SendState, list[Step]] = {}
    for state, step in points:
        by_state.setdefault(state, []).append(step)
    words = []
    for state, steps in by_state.items():
        elsewhere = {step for other, step in all_points if other is state} - set(steps)
        named = f" ({', '.join(step.value for step in steps)})" if elsewhere else ""
        words.append(f"`{state.value}`{named}")
    return ", ".join(words)


if __name__ == "__main__":
    PAGE.write_text(send_life_page(), encoding="utf-8")
